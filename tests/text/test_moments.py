"""Held: people read a moment as their clock shows it."""

from __future__ import annotations

import time

import pytest

from rag.text.moments import local


def test_a_moment_is_told_as_the_clock_here_shows_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Etc/GMT-2")
    time.tzset()
    try:
        assert local("2026-01-31T23:30:00+00:00") == "2026-02-01 01:30"
    finally:
        monkeypatch.undo()
        time.tzset()


def test_what_is_no_moment_is_told_as_it_is_and_obeyed_by_nobody() -> None:
    assert local("last\nweek\x1b[2J") == "last week\ufffd[2J"
