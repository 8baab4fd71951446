"""A document on the screen: what is selected there with the mouse, what is searched for, and which keys are shown."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from fake_chat import Scripted, flat, on_screen, running, seed, troops, until, visible
from reading_documents import clicked, drag, place, reading, segments, written
from textual.widgets import Input
from textual.widgets._footer import FooterKey

from rag.documents.document import read
from rag.settings import Settings
from tui.app import BelegApp
from tui.screens.document import DocumentScreen
from tui.screens.documents import DocumentsScreen
from tui.widgets.document_view import LONGEST_LINE

LONG = " ".join(f"word{n}" for n in range(60))
TEXT = "\n".join(["The first line.", "", LONG, "字字 and 東京 are wide.", "The \x1b[31m end."])


@pytest.fixture(autouse=True)
def only_the_terminal_copies(monkeypatch: pytest.MonkeyPatch) -> None:
    """What this machine's clipboard holds is none of a test's business."""
    monkeypatch.setenv("TERM", "xterm")
    for name in ("TERM_PROGRAM", "TMUX"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("tui.clipboard.with_tool", lambda *_: "")


def status(app: BelegApp) -> str:
    return on_screen(app, "#document-status")


# --- selecting and copying -------------------------------------------------------------------


@pytest.mark.parametrize("key", ["y", "ctrl+c"])
async def test_what_the_mouse_selects_is_shown_copied_by_either_key_and_told(
    settings: Settings, tmp_path: Path, key: str
) -> None:
    async with reading(settings, written(TEXT, tmp_path)) as (pilot, app, view):
        x, y = place(app, "first line")
        await drag(pilot, (x, y), (x + 3, y), (x + len("first") - 1, y))
        assert segments(app, view, "document--selected") == "first"
        await pilot.press(key)
        assert app.clipboard == "first"
        assert "The selection: sent to the terminal’s clipboard" in status(app)


async def test_a_line_that_only_the_screen_broke_is_copied_whole_and_one_of_the_text_is_not(
    settings: Settings, tmp_path: Path
) -> None:
    async with reading(settings, written(TEXT, tmp_path)) as (pilot, app, _):
        await drag(pilot, place(app, "word3 "), (place(app, "字字")[0] + 1, place(app, "字字")[1]))
        await pilot.press("y")
        assert app.clipboard == LONG[LONG.index("word3 ") :] + "\n字"


@pytest.mark.parametrize("upwards", [False, True], ids=["downwards", "upwards"])
async def test_the_margins_of_a_line_are_its_beginning_and_its_end(
    settings: Settings, tmp_path: Path, upwards: bool
) -> None:
    async with reading(settings, written(TEXT, tmp_path)) as (pilot, app, view):
        (_, first), (_, last) = place(app, "The first"), place(app, "word0 ")
        area = view.content_region
        corners = [(area.x, first), (area.right - 2, last)]
        await drag(pilot, *(reversed(corners) if upwards else corners))
        await pilot.press("y")
        line = flat(str(view.render_line(last - area.y).text))
        assert app.clipboard == f"The first line.\n\n{line} "
        assert segments(app, view, "document--selected") == f"The first line. {line}"


async def test_wide_characters_are_selected_where_they_stand(settings: Settings, tmp_path: Path) -> None:
    async with reading(settings, written(TEXT, tmp_path)) as (pilot, app, view):
        _, y = place(app, "字字")
        x = view.content_region.x + len("字字 and ") + 2  # the first cell of 東
        await drag(pilot, (x, y), (x + 3, y))
        await pilot.press("y")
        assert app.clipboard == "東京"


async def test_what_is_copied_is_what_is_shown_and_no_command_for_a_terminal(
    settings: Settings, tmp_path: Path
) -> None:
    async with reading(settings, written(TEXT, tmp_path)) as (pilot, app, _):
        x, y = place(app, "[31m end")
        await drag(pilot, (1, y), (x + 20, y))
        await pilot.press("y")
        assert app.clipboard == "The �[31m end."


async def test_text_is_selected_where_the_document_was_scrolled_to(settings: Settings, tmp_path: Path) -> None:
    lines = "\n".join(f"Line {n} of many." for n in range(300))
    async with reading(settings, written(lines, tmp_path)) as (pilot, app, view):
        view.scroll_to(y=150, animate=False, immediate=True)
        await pilot.pause()
        x, y = place(app, "Line 155 ")
        await drag(pilot, (x - 1, y), (x - 1, y + 1), (x + 7, y + 1))
        await pilot.press("y")
        assert app.clipboard == "Line 155 of many.\nLine 156"


@pytest.mark.parametrize(
    ("to", "copied"),
    [((40, 0), "Line 150 of many.\nLine 151 of"), ((40, 23), " many.\nLine 152 of many.\n")],
    ids=["over the title", "over the keys"],
)
async def test_a_mouse_drawn_out_of_the_document_selects_no_more_than_is_in_view(
    settings: Settings, tmp_path: Path, to: tuple[int, int], copied: str
) -> None:
    lines = "\n".join(f"Line {n} of many." for n in range(300))
    async with reading(settings, written(lines, tmp_path)) as (pilot, app, view):
        view.scroll_to(y=150, animate=False, immediate=True)
        await pilot.pause()
        x, y = place(app, "of many.")
        edge = x + 1 if to[1] == 0 else x + 2
        await drag(pilot, (edge, y + 1), (edge, y + 2), (1 if to[1] == 0 else 40, to[1]))
        await pilot.press("y")
        assert copied in f"{app.clipboard}\n" and len(app.clipboard) < 500
        assert (app.clipboard + "\n").startswith(copied) if to[1] else app.clipboard == copied
        await pilot.click(offset=(3, 0))
        assert app.screen.get_selected_text() is None, "the mouse was let go of"


async def test_two_clicks_select_a_word_three_its_line_of_the_text_and_one_nothing(
    settings: Settings, tmp_path: Path
) -> None:
    async with reading(settings, written(TEXT, tmp_path)) as (pilot, app, view):
        x, y = place(app, "word2 ")
        await clicked(pilot, view, (x + 2, y), 2)
        assert app.screen.get_selected_text() == "word2"
        assert segments(app, view, "document--selected") == "word2"
        await clicked(pilot, view, (x + 2, y), 3)
        assert app.screen.get_selected_text() == LONG
        await clicked(pilot, view, (x + 2, y))
        assert not app.screen.get_selected_text() and segments(app, view, "document--selected") == ""


async def test_without_a_selection_y_says_how_to_make_one_and_ctrl_c_copies_nothing(
    settings: Settings, tmp_path: Path
) -> None:
    async with reading(settings, written(TEXT, tmp_path)) as (pilot, app, _):
        await pilot.press("ctrl+c")
        assert status(app) == ""
        await pilot.press("y")
        assert "Nothing is selected: draw the mouse over the text" in status(app)
        assert app.clipboard == ""


async def test_where_no_clipboard_works_another_way_is_named(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "linux")
    async with reading(settings, written(TEXT, tmp_path), size=(140, 24)) as (pilot, app, view):
        await clicked(pilot, view, place(app, "first line"), 2)
        await pilot.press("y")
        assert "No clipboard works here." in status(app) and "hold Shift with the mouse" in status(app)


async def test_lines_that_are_broken_anew_are_selected_no_more(settings: Settings, tmp_path: Path) -> None:
    async with reading(settings, written(TEXT, tmp_path)) as (pilot, app, view):
        await clicked(pilot, view, place(app, "word2 "), 2)
        await pilot.resize_terminal(60, 24)
        await until(pilot, lambda: view.virtual_size.width == 57)
        assert not app.screen.get_selected_text() and segments(app, view, "document--selected") == ""


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


async def test_a_search_that_finds_nothing_leaves_the_view_where_it_was(settings: Settings, tmp_path: Path) -> None:
    text = "\n".join([*(f"line {n}" for n in range(200)), "zebra"])
    async with reading(settings, written(text, tmp_path)) as (pilot, app, view):
        view.scroll_to(y=70, animate=False, immediate=True)
        await pilot.pause()
        await pilot.press("slash", "z")
        await until(pilot, lambda: view.scroll_y > 100)
        await pilot.press("q")
        await until(pilot, lambda: status(app) == "not found" and view.scroll_y == 70)
        await pilot.press("escape")
        await pilot.pause()
        assert view.scroll_y == 70


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


# --- the keys that are shown -----------------------------------------------------------------


def shown(app: BelegApp) -> list[str]:
    """Return the keys and names in the footer; each must be there whole."""
    footer = app.screen.query_one("Footer")
    for key in footer.query(FooterKey):
        assert visible(app, key).width == key.region.width == len(key.render().plain), key.description
    return [f"{key.key_display} {key.description}" for key in footer.query(FooterKey)]


async def test_the_keys_of_a_document_are_shown_whole_at_80_columns(settings: Settings) -> None:
    quotes = [citation.quote for citation in troops().citations]
    async with reading(settings, quotes[0].document, quotes) as (_, app, _):
        assert shown(app) == ["esc Back", "n Next", "N Previous", "/ Find", "y Copy", "f1 Help"]


async def test_where_there_is_no_quote_to_go_to_no_key_for_it_is_shown(settings: Settings, tmp_path: Path) -> None:
    async with reading(settings, written(TEXT, tmp_path)) as (_, app, _):
        assert shown(app) == ["esc Back", "/ Find", "y Copy", "f1 Help"]


async def test_keys_that_were_given_to_the_applications_doings_are_not_shown_either(settings: Settings) -> None:
    changed = replace(settings, keys={"documents": "f2", "find": "ctrl+f"})
    async with reading(changed, seed(KURSK)) as (pilot, app, _):
        assert [each for each in shown(app) if "Find" in each or "Documents" in each] == ["^f Find"]
        await pilot.press("f2")
        await until(pilot, lambda: isinstance(app.screen, DocumentsScreen))


async def test_the_title_leaves_room_for_the_date_the_language_and_the_file(settings: Settings, tmp_path: Path) -> None:
    title = "A title that goes on for longer than the screen is wide, " * 3
    (tmp_path / "a-name-of-some-length.md").write_text(f"# {title}\n\nThe mill burned.", encoding="utf-8")
    document = read(tmp_path / "a-name-of-some-length.md", "a-name-of-some-length.md")
    app = BelegApp(settings, open_=Scripted().open)
    async with running(app, (80, 24)) as pilot:
        app.push_screen(DocumentScreen(document))
        await until(pilot, lambda: "no date" in on_screen(app))
        shown = on_screen(app, "#document-title")
        assert re.fullmatch(r"A title that .*… no date · English · a-name-of-some-length\.md", shown)
        await pilot.resize_terminal(120, 24)
        await until(pilot, lambda: len(on_screen(app, "#document-title")) > 100)
