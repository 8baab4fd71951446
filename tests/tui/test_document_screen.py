"""A document on the screen: what is selected there with the mouse, what is searched for, and which keys are shown."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from fake_chat import on_screen, seed, troops, until
from reading_documents import reading, segments, written
from textual.widgets import Input

from rag.settings import Settings
from tui.app import BelegApp
from tui.screens.document import DocumentScreen
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


# --- searching -------------------------------------------------------------------------------


KURSK = "kursk-lage.txt"
PLACES = [match.start() for match in re.finditer("selenskyj", seed(KURSK).text.lower())]


async def test_the_place_that_a_search_is_at_looks_unlike_the_others(settings: Settings, tmp_path: Path) -> None:
    document = written("One mill, two Mills,\nthree mills.", tmp_path)
    async with reading(settings, document) as (pilot, app, view):
        await pilot.press("slash", *"mill")
        await until(pilot, lambda: "1 of 3" in status(app))
        assert segments(app, view, "document--here") == "mill"
        assert segments(app, view, "document--found") == "Mill mill"
        await pilot.press("enter", "n")
        await until(pilot, lambda: segments(app, view, "document--here") == "Mill")
        assert segments(app, view, "document--found") == "mill mill"


async def test_enter_goes_from_the_search_into_the_document_and_the_keys_then_go_through_what_was_found(
    settings: Settings,
) -> None:
    async with reading(settings, seed(KURSK)) as (pilot, app, view):
        await pilot.press("slash", *"selenskyj")
        await until(pilot, lambda: f"1 of {len(PLACES)}" in status(app))
        assert "Enter goes there" in status(app)
        await pilot.press("enter")
        assert app.focused is view and f"1 of {len(PLACES)}" in status(app)
        assert on_screen(app, "#find") == "selenskyj"
        order = [*range(2, len(PLACES) + 1), 1, len(PLACES), len(PLACES) - 1, len(PLACES)]
        keys = ["n"] * len(PLACES) + ["N", "shift+n", "n"]
        for key, n in zip(keys, order, strict=True):
            await pilot.press(key)
            await until(pilot, lambda n=n: f"{n} of {len(PLACES)}" in status(app))
            await until(pilot, lambda: segments(app, view, "document--here") == "Selenskyj")
            assert view.scroll_y <= view.line_of(PLACES[n - 1]) < view.scroll_y + view.size.height


async def test_esc_ends_the_search_and_then_leaves_and_the_keys_go_through_the_quotes_again(
    settings: Settings,
) -> None:
    quotes = [citation.quote for citation in troops().citations]
    async with reading(settings, quotes[0].document, quotes) as (pilot, app, view):
        assert "quote 1 of 3" in status(app)
        await pilot.press("slash", *"soldaten", "enter", "n")
        await until(pilot, lambda: segments(app, view, "document--here").lower() == "soldaten")
        await pilot.press("escape")
        await until(pilot, lambda: "quote 1 of 3" in status(app))
        assert not app.screen.query_one("#find").display and app.focused is view
        assert segments(app, view, "document--here", "document--found") == ""
        await pilot.press("n")
        await until(pilot, lambda: "quote 2 of 3" in status(app))
        await pilot.press("shift+n")
        await until(pilot, lambda: "quote 1 of 3" in status(app))
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.chat)


async def test_another_search_begins_with_a_slash_from_what_is_in_view(settings: Settings, tmp_path: Path) -> None:
    lines = "\n".join(f"Line {n} is {'a mill' if n % 50 == 0 else 'a barn'}." for n in range(200))
    async with reading(settings, written(lines, tmp_path)) as (pilot, app, view):
        view.scroll_to(y=70, animate=False, immediate=True)
        await pilot.pause()
        await pilot.press("slash", *"mill")
        await until(pilot, lambda: "3 of 4 found" in status(app))
        await pilot.press("enter", "slash", *"barn")
        assert app.screen.query_one("#find", Input).value == "barn"
        await until(pilot, lambda: "of 196 found" in status(app))
        assert segments(app, view, "document--here") == "barn"


async def test_what_is_not_there_is_said_and_enter_leaves_the_search_open(settings: Settings, tmp_path: Path) -> None:
    async with reading(settings, written(TEXT, tmp_path)) as (pilot, app, view):
        await pilot.press("slash", *"nowhere", "enter")
        await until(pilot, lambda: status(app) == "not found")
        box = app.screen.query_one("#find", Input)
        assert app.focused is box
        box.value = ""
        await pilot.press("enter")
        await until(pilot, lambda: not box.display and app.focused is view)
        assert isinstance(app.screen, DocumentScreen)


async def test_letters_of_keys_are_typed_in_the_search(settings: Settings, tmp_path: Path) -> None:
    async with reading(settings, written(TEXT, tmp_path)) as (pilot, app, _):
        await pilot.press("slash", *"nNy/")
        assert app.screen.query_one("#find", Input).value == "nNy/" and app.clipboard == ""
        assert on_screen(app, "Footer") == "esc Back f1 Help"
