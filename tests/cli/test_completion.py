"""Completion in a real bash, which types and presses Tab; what the other shells are given."""

from __future__ import annotations

import os
import pty
import re
import select
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from project import ROOT

from rag.index.library import Library

_HOSTILE = "$(touch taken).txt"
_SHOW = 'bind -x \'"\\C-g": printf "\\nLINE<%s>\\n" "$READLINE_LINE"\''


class Bash:
    """An interactive bash that has read what `beleg completion bash` prints."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self._process, self._terminal = _started(folder, environment)
        for line in ("bind 'set enable-bracketed-paste off'", _SHOW, "source script.bash; echo rea''dy"):
            self._type(line + "\n")
        self._until("ready")

    def completed(self, line: str) -> str:
        """Type a line and Tab; return the line as it is then."""
        self._type(f"\x15{line}\t\x07")  # an empty line before, and what shows it after
        return re.findall(r"LINE<(.*)>", self._until(r"LINE<.*>"))[-1]

    def _type(self, text: str) -> None:
        os.write(self._terminal, text.encode())

    def _until(self, pattern: str, seconds: float = 60) -> str:
        said, ends = "", time.monotonic() + seconds
        while not re.search(pattern, said):
            assert time.monotonic() < ends, said
            if select.select([self._terminal], [], [], 0.2)[0]:
                said += os.read(self._terminal, 65536).decode(errors="replace").replace("\r", "")
        return said

    def close(self) -> None:
        os.close(self._terminal)
        self._process.kill()
        self._process.wait()


def _started(folder: Path, environment: dict[str, str]) -> tuple[subprocess.Popen[bytes], int]:
    ours, its = pty.openpty()
    command = ["bash", "--norc", "--noprofile", "-i"]
    process = subprocess.Popen(
        command, cwd=folder, env=environment, stdin=its, stdout=its, stderr=its, start_new_session=True
    )
    os.close(its)
    return process, ours


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


@pytest.fixture(scope="module")
def bash(place: Path, environment: dict[str, str]) -> Iterator[Bash]:
    command = ["beleg", "completion", "bash"]
    script = subprocess.run(command, cwd=place, env=environment, capture_output=True, check=True, timeout=60)
    (place / "script.bash").write_bytes(script.stdout)
    opened = Bash(place, environment)
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
def test_tab_completes_commands_options_files_documents_and_tags(bash: Bash, typed: str, completed: str) -> None:
    assert bash.completed(typed) == completed


def test_a_document_whose_name_is_a_command_is_completed_as_text_and_not_run(bash: Bash, place: Path) -> None:
    assert bash.completed("beleg show \\$") == r"beleg show \$\(touch\ taken\).txt "
    assert not (place / "taken").exists()


def test_the_documents_of_another_library_that_stands_on_the_line_are_completed(bash: Bash, place: Path) -> None:
    shutil.copytree(place / "library", place / "other")
    with closing(sqlite3.connect(place / "other" / "library.sqlite")) as db, db:
        db.execute("UPDATE documents SET name = 'elsewhere.pdf' WHERE name = 'mill.txt'")
    assert bash.completed("beleg forget else") == "beleg forget else"
    assert bash.completed("beleg --library other forget else") == "beleg --library other forget elsewhere.pdf "


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_zsh_and_fish_get_scripts_that_ask_the_command(shell: str, environment: dict[str, str]) -> None:
    command = ["beleg", "completion", shell]
    script = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=60).stdout
    assert f"_BELEG_COMPLETE={shell}_complete" in script
    asked = environment | {"_BELEG_COMPLETE": f"{shell}_complete", "COMP_WORDS": "beleg show ", "COMP_CWORD": "2"}
    if shell == "fish":
        asked["COMP_CWORD"] = ""
    found = subprocess.run(["beleg"], env=asked, capture_output=True, text=True, check=True, timeout=60).stdout
    assert "mill.txt" in found and _HOSTILE in found
