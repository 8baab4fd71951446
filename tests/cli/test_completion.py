"""Completion in real shells, which type and press Tab: bash, and zsh and fish where they are installed."""

from __future__ import annotations

import os
import shlex
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from completing_shell import Shell
from project import ROOT

from rag.index.library import Library

_HOSTILE = "$(touch taken).txt"
_COMMA = "plan, second: draft.txt"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, small_library: Path) -> Path:
    """A folder with files, a library in which one document has a hostile name, and the command `beleg`."""
    folder = tmp_path_factory.mktemp("place")
    shutil.copytree(small_library, folder / "library")
    with Library(folder / "library") as library:
        for entry in library.entries():
            library.tag([entry.id], ["work in progress"])
    with closing(sqlite3.connect(folder / "library" / "library.sqlite")) as db, db:
        db.execute("UPDATE documents SET name = ? WHERE name = 'bridge.txt'", (_HOSTILE,))
    (folder / "articles").mkdir()
    (folder / "articles" / "notes.md").write_text("Notes.", encoding="utf-8")
    (folder / "bin").mkdir()
    command = folder / "bin" / "beleg"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m tui.entry "$@"\n', encoding="utf-8")
    command.chmod(0o755)
    return folder


@pytest.fixture(scope="module")
def environment(place: Path) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("BELEG_")}
    path = f"{place / 'bin'}:{os.environ['PATH']}"
    more = {"BELEG_LIBRARY": str(place / "library"), "PYTHONPATH": str(ROOT), "TERM": "dumb", "INPUTRC": "/dev/null"}
    return kept | more | {"PATH": path, "PS1": "> ", "LC_ALL": "C.UTF-8"}


@pytest.fixture(scope="module", params=["bash", "zsh", "fish"])
def shell(request: pytest.FixtureRequest, place: Path, environment: dict[str, str]) -> Iterator[Shell]:
    name: str = request.param
    if shutil.which(name) is None:
        pytest.skip(f"{name} is not installed")
    command = ["beleg", "completion", name]
    script = subprocess.run(command, cwd=place, env=environment, capture_output=True, check=True, timeout=60)
    (place / "script").write_bytes(script.stdout)
    opened = Shell(name, place, environment)
    yield opened
    opened.close()


@pytest.mark.parametrize(
    ("typed", "completed"),
    [
        ("beleg sea", "beleg search "),
        ("beleg models pu", "beleg models pull "),
        ("beleg ask --sin", "beleg ask --since "),
        ("beleg ask --mode comp", "beleg ask --mode compose "),
        ("beleg ask --mode=comp", "beleg ask --mode=compose "),
        ("beleg index artic", "beleg index articles/"),
        ("beleg --library libr", "beleg --library library/"),
        ("beleg show mil", "beleg show mill.txt "),
        ("beleg ask --tag wor", r"beleg ask --tag work\ in\ progress "),
        (r"beleg ask --tag work\ in", r"beleg ask --tag work\ in\ progress "),
        ("beleg models pull qwen3-1", "beleg models pull qwen3-1.7b "),
        ("beleg --library nowhere show mil", "beleg --library nowhere show mil"),
    ],
)
def test_tab_completes_commands_options_files_documents_and_tags(shell: Shell, typed: str, completed: str) -> None:
    assert shell.completed(typed) == completed


def test_names_with_any_signs_are_completed_as_text_and_not_run(shell: Shell, place: Path) -> None:
    assert shell.completed("beleg show \\$") == r"beleg show \$\(touch\ taken\).txt "
    assert not (place / "taken").exists()
    shutil.copytree(place / "library", place / "third", dirs_exist_ok=True)
    with closing(sqlite3.connect(place / "third" / "library.sqlite")) as db, db:
        db.execute("UPDATE documents SET name = ? WHERE name = 'mill.txt'", (_COMMA,))
    assert shlex.split(shell.completed("beleg --library third show plan"))[-1] == _COMMA


def test_the_documents_of_another_library_that_stands_on_the_line_are_completed(shell: Shell, place: Path) -> None:
    shutil.copytree(place / "library", place / "other", dirs_exist_ok=True)
    with closing(sqlite3.connect(place / "other" / "library.sqlite")) as db, db:
        db.execute("UPDATE documents SET name = 'elsewhere.pdf' WHERE name = 'mill.txt'")
    assert shell.completed("beleg forget else") == "beleg forget else"
    assert shell.completed("beleg --library other forget else") == "beleg --library other forget elsewhere.pdf "
    assert shell.completed("beleg --library=other forget else") == "beleg --library=other forget elsewhere.pdf "


@pytest.mark.parametrize("name", ["zsh", "fish"])
def test_zsh_and_fish_get_scripts_that_ask_the_command(name: str, environment: dict[str, str]) -> None:
    command = ["beleg", "completion", name]
    script = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=60).stdout
    assert f"_BELEG_COMPLETE={name}_complete" in script
    asked = environment | {"_BELEG_COMPLETE": f"{name}_complete", "COMP_WORDS": "beleg show ", "COMP_CWORD": "2"}
    if name == "fish":
        asked["COMP_CWORD"] = ""
    found = subprocess.run(["beleg"], env=asked, capture_output=True, text=True, check=True, timeout=60).stdout
    assert "mill.txt" in found and _HOSTILE in found
