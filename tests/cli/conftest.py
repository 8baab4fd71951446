"""What tests of cli share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from batch_commands import Place
from fake_assistant import Told

from rag.answering import assistant as answer


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[Told]:
    """The assistants that the command opens."""
    opened: list[Told] = []

    def opening(settings: Any, library: Any) -> Told:
        opened.append(Told(settings, library))
        return opened[-1]

    monkeypatch.setattr(answer, "Assistant", opening)
    return opened


@pytest.fixture
def place(
    tmp_path: Path,
    small_library: Path,
    told: list[Told],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Place:
    assert not told
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BELEG_LIBRARY", str(small_library))
    made = Place(tmp_path, capsys)
    made.questions()
    return made
