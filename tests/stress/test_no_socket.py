"""Held: no code in the process, native code included, makes a socket or looks up a name, however long it lives."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import corpus
import pytest
from running import Place, number
from shelf import References

pytestmark = [pytest.mark.stress, pytest.mark.timeout(0)]

# Stands before the C library: whoever asks for a network is told to standard error, and gets none.
_SHIM = r"""
#define _GNU_SOURCE
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <sys/socket.h>
static void tell(const char *what) { fprintf(stderr, "NETWORK: %s\n", what); }
int socket(int domain, int type, int protocol) {
    if (domain != AF_INET && domain != AF_INET6) { errno = EAFNOSUPPORT; return -1; }
    tell("socket"); errno = EACCES; return -1;
}
int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **found) {
    tell(node ? node : "?"); return EAI_FAIL;
}
"""


@pytest.fixture
def shim(tmp_path: Path) -> Path:
    """A library to be loaded before all others."""
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("needs a C compiler")
    (tmp_path / "shim.c").write_text(_SHIM)
    subprocess.run([compiler, "-shared", "-fPIC", "-o", "shim.so", "shim.c"], cwd=tmp_path, check=True)
    return tmp_path / "shim.so"


def lived(code: str, shim: Path, place: Place, *arguments: str) -> str:
    """Return what a process said that lives for a minute (BELEG_STRESS_LIVES) after this code."""
    code = f"{code}\nimport time\ntime.sleep({number('LIVES', 60)})"
    environment = place.environment({"LD_PRELOAD": str(shim)})
    environment.pop("ORT_DISABLE_TELEMETRY", None)
    done = subprocess.run(
        [sys.executable, "-P", "-c", code, *arguments],
        env=environment,
        cwd=place.folder,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stderr


def test_the_shim_sees_native_code(shim: Path, tmp_path: Path) -> None:
    """It is the bare library that is seen to ask for a network: a test of the test."""
    place = Place(tmp_path, tmp_path)
    model = next(Path(os.environ.get("BELEG_TEST_CACHE", "/nowhere")).glob("embedders/*/model.onnx"), None)
    told = lived("import socket\ntry: socket.getaddrinfo('example.org', 80)\nexcept OSError: pass", shim, place)
    assert "NETWORK: example.org" in told
    if model:
        bare = f"import onnxruntime; onnxruntime.InferenceSession({str(model)!r})"
        print("\nonnxruntime by itself:", sorted(set(lived(bare, shim, place).splitlines())))


def test_a_process_that_answers_and_lives_on_makes_no_socket(
    shim: Path, tmp_path: Path, many_references: References
) -> None:
    place = Place(tmp_path, many_references.cache)
    shutil.copytree(many_references.whole().library, place.library)
    code = "import sys\nfrom rag.cli.main import main\nassert main(['ask', sys.argv[1]]) == 0"
    told = lived(code, shim, place, corpus.questions(1)[0])
    assert "NETWORK" not in told, told
