"""Where a folder may not be looked into, a sentence names what cannot be read and which right is wanting."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from library_fixtures import fill
from permissions import bound_by_modes
from running_beleg import about, broken, doctor

from rag.index.library import FILE, Library
from rag.maintenance.backup import backup
from rag.models.embedder import Embedder

pytestmark = pytest.mark.skipif(os.name != "posix", reason="modes are of POSIX")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[Path]:
    """A folder with a document, a library and a backup of it, and all of them in `locked`, which may not be entered."""
    place = tmp_path_factory.mktemp("rights")
    for folder in (place, place / "locked"):
        (folder / "docs").mkdir(parents=True)
        with Library(folder / "library", create=True) as library:
            fill(library, folder / "docs", {"mill.txt": "The mill burned down in 1907."}, embedder)
        backup(folder / "library", folder / "kept.zip", "0.1.0")
    (place / "locked" / "model.gguf").write_bytes(b"GGUF")
    (place / "locked" / "embedder").mkdir()
    (place / "locked" / "embedder" / "config.json").write_text("{}", encoding="utf-8")
    (place / "hidden").mkdir()
    (place / "hidden" / "config.json").write_text("{}", encoding="utf-8")
    (place / "hidden" / "config.json").chmod(0)
    (place / "locked").chmod(0)
    yield place
    (place / "locked").chmod(0o700)


def beleg(place: Path, cache: Path, *arguments: str, **more: str) -> tuple[int, str]:
    """Run the command as somebody whom modes bind; return its exit code and narration."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("BELEG_")}
    named = {"BELEG_CACHE": str(cache), "BELEG_LIBRARY": str(place / "library")}
    done = subprocess.run(
        [sys.executable, "-m", "rag", *arguments],
        cwd=place, env=clean | named | more, capture_output=True, text=True, timeout=120, preexec_fn=bound_by_modes(),
    )  # fmt: skip
    assert "Traceback" not in done.stderr
    return done.returncode, done.stderr


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ("--library locked/library index docs", "locked/library"),
        ("--library locked/library check", f"locked/library/{FILE}"),
        ("--library locked/library documents", f"locked/library/{FILE}"),
        ("--library locked/library restore kept.zip", f"locked/library/{FILE}"),
        ("--library new restore locked/kept.zip", "locked/kept.zip"),
        ("backup locked/new.zip", "locked/new.zip"),
        ("--mode compose --llm locked/model.gguf ask mill?", "locked/model.gguf"),
        ("--embedder locked/embedder search mill", "locked/embedder"),
        ("--embedder hidden search mill", "hidden"),
    ],
)
def test_a_command_names_the_path_and_the_right(arguments: str, named: str, place: Path, cache: Path) -> None:
    code, said = beleg(place, cache, *arguments.split())
    assert code == 4 and named in said and "that you have the right to" in said, said
    assert "unexpectedly" not in said and said.count("\n") == 1


def test_check_says_that_a_folder_may_not_be_listed(place: Path, cache: Path, tmp_path: Path) -> None:
    shutil.copytree(place / "library", tmp_path / "unlisted")
    (tmp_path / "unlisted").chmod(0o300)
    code, said = beleg(place, cache, "check", BELEG_LIBRARY=str(tmp_path / "unlisted"))
    (tmp_path / "unlisted").chmod(0o700)
    assert code == 4 and f"{tmp_path / 'unlisted'} cannot be used" in said and "the right to read" in said, said


def test_a_cache_of_llms_that_may_not_be_entered_is_done_without(place: Path, cache: Path, tmp_path: Path) -> None:
    (tmp_path / "embedders").symlink_to(cache / "embedders")
    (tmp_path / "llms").mkdir(mode=0)
    code, said = beleg(place, tmp_path, "ask", "When did the mill burn down?")
    assert code == 0, said


def test_doctor_looks_at_the_rest_and_says_what_may_not_be_looked_at(place: Path, cache: Path) -> None:
    locked = place / "locked"
    code, findings, _ = doctor(
        BELEG_LIBRARY=str(locked / "library"), BELEG_CACHE=str(cache), BELEG_LLM=str(locked / "model.gguf"),
        BELEG_LOGS=str(locked / "logs"),
    )  # fmt: skip
    told = broken(findings)
    assert code == 4 and not [each for each in told if "PermissionError" in each]
    for topic in ("models", "library", "conversations", "log"):
        assert [each for each in told if each.startswith(f"{topic}: may not be looked at: {locked}")], topic
    assert [each["name"] for each in about(findings, "folders")] == ["library", "cache", "models", "state", "logs"]
    assert f"folders: library: {locked / 'library'}, which may not be looked at" in told
