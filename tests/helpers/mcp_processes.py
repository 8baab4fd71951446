"""`beleg mcp` in a process of its own, and the SDK's own client to it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from mcp import Client
from mcp.client.stdio import StdioServerParameters
from project import ROOT

COMMAND = ["-m", "tui.entry", "mcp"]
Connect = Callable[[], Client]


def environment(library: Path, cache: Path, **more: str) -> dict[str, str]:
    """Return an environment that has a library; its state and logs lie beside it."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith("BELEG_")}
    ours = {
        "BELEG_LIBRARY": str(library),
        "BELEG_CACHE": str(cache),
        "BELEG_STATE": str(library.parent / "state"),
        "BELEG_LANG": "en",
        "BELEG_THREADS": "2",
        "PYTHONPATH": str(ROOT),
    }
    return clean | ours | more


def by_streams(env: dict[str, str], *arguments: str) -> Client:
    """Return a client that starts the command, and ends it."""
    return Client(StdioServerParameters(command=sys.executable, args=[*COMMAND, *arguments], env=env))


@contextmanager
def over_http(env: dict[str, str]) -> Iterator[str]:
    """Have the command listen; yield its address."""
    command = [sys.executable, *COMMAND, "--http", "--port", "0"]
    with subprocess.Popen(command, env=env, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            said = ""
            while not (found := re.search(r"http://127\.0\.0\.1:\d+/mcp", said)):
                line = process.stderr.readline()
                assert line, said
                said += line
            yield found.group()
        finally:
            process.terminate()
            process.communicate(timeout=30)
