"""Held: narration is a courtesy, and no work depends on it."""

from __future__ import annotations

import io
import sys

import pytest

from rag.cli.options import say


class Gone(io.StringIO):
    """Standard error whose reader has closed the pipe."""

    def write(self, _text: str) -> int:
        raise BrokenPipeError(32, "Broken pipe")


def test_that_nobody_reads_what_is_told_ends_no_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", Gone())
    say("3 answers are there already")


def test_that_standard_error_is_closed_ends_no_run(monkeypatch: pytest.MonkeyPatch) -> None:
    closed = io.StringIO()
    closed.close()
    monkeypatch.setattr(sys, "stderr", closed)
    say("3 answers are there already")


def test_what_is_told_goes_to_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    say("3 answers are there already")
    assert capsys.readouterr() == ("", "3 answers are there already\n")
