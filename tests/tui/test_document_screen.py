"""A document on the screen: what is selected there with the mouse, what is searched for, and which keys are shown."""

from __future__ import annotations

from pathlib import Path

import pytest
from fake_chat import on_screen
from reading_documents import reading, written

from rag.settings import Settings
from tui.app import BelegApp
from tui.widgets.document_view import LONGEST_LINE

LONG = " ".join(f"word{n}" for n in range(60))
TEXT = "\n".join(["The first line.", "", LONG, "字字 and 東京 are wide.", "The \x1b[31m end."])


@pytest.fixture(autouse=True)
def only_the_terminal_copies(monkeypatch: pytest.MonkeyPatch) -> None:
    """What this machine's clipboard holds is none of a test's business."""
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("TERM_PROGRAM", raising=False)
    monkeypatch.setattr("tui.clipboard.with_tool", lambda *_: "")


def status(app: BelegApp) -> str:
    return on_screen(app, "#document-status")


# --- lines -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("width", "widest"), [(80, 77), (103, 100), (140, LONGEST_LINE), (200, LONGEST_LINE)])
async def test_lines_are_at_most_a_hundred_columns_wide(
    settings: Settings, tmp_path: Path, width: int, widest: int
) -> None:
    async with reading(settings, written("x" * 5000, tmp_path), size=(width, 24)) as (_, _, view):
        lines = [view.render_line(y).text for y in range(10)]
        assert {line.rstrip() for line in lines} == {"x" * widest}
