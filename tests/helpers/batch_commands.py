"""The command batch, run in this process."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fake_assistant import ROWS, Told, records, write_rows

from rag.cli.main import main

WHOLE = [row["id"] for row in ROWS]


class Place:
    """A folder to run the command in, and what it says."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self._capsys = folder, capsys
        self.out = self.err = ""

    def questions(self, rows: list[dict[str, Any]] | str = ROWS, name: str = "questions.jsonl") -> None:
        if isinstance(rows, str):
            (self.folder / name).write_text(rows, encoding="utf-8")
        else:
            write_rows(self.folder / name, rows)

    def batch(self, *arguments: str, name: str = "questions.jsonl") -> int:
        code = main(["batch", name, *arguments])
        self.out, self.err = self._capsys.readouterr()
        assert "Traceback" not in self.err
        return code

    def answers(self, name: str = "answers.jsonl") -> list[str]:
        return [row["id"] for row in records(self.folder / name)]


def meanwhile(monkeypatch: pytest.MonkeyPatch, act: Callable[[Told, str], None]) -> None:
    """Have something happen while the assistant is asked."""
    made = Told.__init__

    def making(self: Told, *given: Any) -> None:
        made(self, *given)
        self.meanwhile = act

    monkeypatch.setattr(Told, "__init__", making)
