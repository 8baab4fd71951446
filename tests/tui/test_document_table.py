"""The table of documents: filtered by what is typed, sorted by a column, and never wider than the screen."""

from __future__ import annotations

from pathlib import Path

import pytest
from chat_documents import chat, documents, listed
from fake_chat import on_screen, running, until
from textual import events
from textual.pilot import Pilot
from textual.widgets import Footer, Input
from textual.widgets._footer import FooterKey

from rag.index.library import Library
from rag.index.update import index
from rag.localization import gettext
from rag.models.embedder import Embedder
from rag.settings import Settings
from tui.app import BelegApp
from tui.screens.document import DocumentScreen
from tui.screens.documents import DocumentsScreen
from tui.widgets.document_table import DocumentTable


def files(app: BelegApp) -> list[str]:
    return [row[-1] for row in listed(app)]


def chosen(app: BelegApp) -> str:
    return listed(app)[app.screen.query_one(DocumentTable).cursor_row][-1]


async def filtered(pilot: Pilot[None], app: BelegApp, *names: str) -> None:
    await until(pilot, lambda: set(files(app)) == set(names), f"{names}")


# --- filtering -------------------------------------------------------------------------------


async def test_what_is_typed_in_the_list_filters_it_and_esc_shows_all_again(
    of_notes: Settings, embedder: Embedder
) -> None:
    with Library(of_notes.library) as library:
        library.tag([entry.id for entry in library.entries() if entry.name == "organ.txt"], ["church music"])
    app, _ = chat(of_notes, embedder)
    async with running(app) as pilot:
        await documents(pilot, app)
        await pilot.press(*"MILL")
        await filtered(pilot, app, "mill.txt")
        assert app.screen.query_one(Input).value == "MILL" and "Documents: 1 of 3" in on_screen(app)
        await pilot.press("escape")
        await filtered(pilot, app, "bridge.md", "mill.txt", "organ.txt")
        assert "Documents: 3" in on_screen(app, "#documents-title")
        await pilot.press(*"#", *"church", "space", *"pfeif")
        await filtered(pilot, app, "organ.txt")
        await pilot.press("x")
        await until(pilot, lambda: "No document has all these words. Esc shows all." in on_screen(app))
        await pilot.press("escape", "escape")
        await until(pilot, lambda: app.screen is app.chat)


async def test_words_typed_all_at_once_keep_their_spaces(of_notes: Settings, embedder: Embedder) -> None:
    app, _ = chat(of_notes, embedder)
    async with running(app) as pilot:
        await documents(pilot, app)
        for letter in "the mill 1907":
            app.post_message(events.Key("space" if letter == " " else letter, letter))
        await until(pilot, lambda: app.screen.query_one(Input).value == "the mill 1907")
        assert "questions ask only" not in on_screen(app, "#documents-title")  # no space marked a row


async def test_titles_that_begin_alike_are_cut_so_that_they_differ(of_notes: Settings, embedder: Embedder) -> None:
    with Library(of_notes.library) as library:
        folder = library.folder.parent / "prices"
        folder.mkdir()
        for year in (2024, 2025):
            (folder / f"{year}.md").write_text(f"# Otley swimming pool, price list {year}\n\nAn adult pays {year}.\n")
        index([folder], library, embedder)
    app, _ = chat(of_notes, embedder)
    async with running(app, (60, 20)) as pilot:
        await documents(pilot, app)
        titles = [row[1] for row in listed(app) if row[1].startswith("Otley")]
        assert len({*titles}) == 2 and [title[-4:] for title in titles] == ["2024", "2025"]
        assert all("…" in title for title in titles)
        assert "The bridge" in on_screen(app)


@pytest.mark.parametrize("width", [50, 60, 70])
async def test_a_footer_ends_with_a_whole_key(of_notes: Settings, embedder: Embedder, width: int) -> None:
    app, _ = chat(of_notes, embedder)
    async with running(app, (width, 20)) as pilot:
        await documents(pilot, app)
        await pilot.pause()
        keys = app.screen.query_one(Footer).query(FooterKey)
        seen = [key for key in keys if key.display]
        assert seen and all(key.region.width > 0 and key.region.right <= width for key in seen)
        assert on_screen(app, "Footer").endswith(seen[-1].description)
        await pilot.resize_terminal(100, 20)
        await until(pilot, lambda: all(key.display for key in keys))


async def test_letters_that_are_commands_elsewhere_filter_too(of_notes: Settings, embedder: Embedder) -> None:
    app, _ = chat(of_notes, embedder)
    async with running(app) as pilot:
        await documents(pilot, app)
        for letter in "aufxdsyYc1":
            await pilot.press(letter)
        assert app.screen.query_one(Input).value == "aufxdsyYc1" and isinstance(app.screen, DocumentsScreen)


async def test_enter_while_typing_opens_the_first_that_was_found(of_notes: Settings, embedder: Embedder) -> None:
    app, _ = chat(of_notes, embedder)
    async with running(app) as pilot:
        await documents(pilot, app)
        await pilot.press(*"orgel", "enter")
        await until(pilot, lambda: isinstance(app.screen, DocumentScreen) and "900 Pfeifen" in on_screen(app))


async def test_down_goes_from_the_words_to_the_list_where_space_marks_and_up_goes_back(
    of_notes: Settings, embedder: Embedder
) -> None:
    app, _ = chat(of_notes, embedder)
    async with running(app) as pilot:
        await documents(pilot, app)
        await pilot.press(*"i")
        await filtered(pilot, app, "bridge.md", "mill.txt", "organ.txt")
        await pilot.press("down", "down", "space")
        await until(pilot, lambda: [row[0] for row in listed(app)] == [" ", "●", " "])
        await pilot.press("up", "up")
        await until(pilot, lambda: app.focused is app.screen.query_one(Input))


async def test_the_chosen_document_stays_chosen_when_the_list_is_filtered_or_sorted(
    of_notes: Settings, embedder: Embedder
) -> None:
    app, _ = chat(of_notes, embedder)
    async with running(app) as pilot:
        await documents(pilot, app)
        await pilot.press("down")
        assert chosen(app) == "mill.txt"
        await pilot.press("i", "f6")
        await until(pilot, lambda: "Title ▲" in on_screen(app))
        assert chosen(app) == "mill.txt"


# --- sorting ---------------------------------------------------------------------------------


async def test_f6_sorts_by_one_column_after_the_other(settings: Settings, embedder: Embedder) -> None:
    app, _ = chat(settings, embedder)
    async with running(app, (80, 24)) as pilot:
        await documents(pilot, app)
        first = files(app)
        assert "File ▲" in on_screen(app) and first == sorted(first)
        for heading, column, falling in (("Title ▲", 1, False), ("Date ▼", 2, True), ("Lang ▲", 3, False)):
            await pilot.press("f6")
            await until(pilot, lambda heading=heading: heading in on_screen(app))
            cells = [row[column].casefold().strip("–") for row in listed(app)]
            if heading != "Title ▲":  # a title's cut end may be of other letters
                assert cells == sorted(cells, reverse=falling)
        await pilot.press("f6")
        await until(pilot, lambda: files(app) == first)


async def test_a_click_on_a_heading_sorts_by_it_and_another_the_other_way_round(
    settings: Settings, embedder: Embedder
) -> None:
    app, _ = chat(settings, embedder)
    async with running(app, (140, 40)) as pilot:
        await documents(pilot, app)
        counts = sorted((int(row[4]) for row in listed(app)), reverse=True)
        for heading, order in (("Chunks ▼", counts), ("Chunks ▲", counts[::-1])):
            row = next(strip.text for strip in app.screen._compositor.render_strips() if "Chunks" in strip.text)
            y = [strip.text for strip in app.screen._compositor.render_strips()].index(row)
            await pilot.click(offset=(row.index("Chunks") + 1, y))
            await until(pilot, lambda heading=heading: heading in on_screen(app))
            assert [int(row[4]) for row in listed(app)] == order
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, DocumentScreen))  # the row that is seen, not another


# --- room ------------------------------------------------------------------------------------


@pytest.mark.usefixtures("language")
@pytest.mark.parametrize("width", [40, 80, 99, 100, 140, 200])
async def test_the_table_is_never_wider_than_the_screen(
    of_notes: Settings, notes: Path, embedder: Embedder, width: int
) -> None:
    for name in (f"{'long ' * 30}.txt", f"{'漢字' * 30}.txt", *(f"{count}.txt" for count in range(40))):
        (notes / name).write_text(f"{'漢字の題名' * 30} {'a long title ' * 20}", encoding="utf-8")
    with Library(of_notes.library) as library:
        index([str(notes)], library, embedder)
    app, _ = chat(of_notes, embedder)
    async with running(app, (width, 24)) as pilot:
        await pilot.press("ctrl+l")
        await until(pilot, lambda: isinstance(app.screen, DocumentsScreen))
        table = app.screen.query_one(DocumentTable)
        await until(pilot, lambda: table.row_count == 45)
        for size in (width, 80):
            await pilot.resize_terminal(size, 24)
            await until(pilot, lambda size=size: table.size.width in (size, size - 1))
            await pilot.pause()
            assert table.virtual_size.width <= table.size.width and not table.show_horizontal_scrollbar
            assert (gettext("Chunks") in on_screen(app)) is (size >= 100)
            assert gettext("File") in on_screen(app) or size < 80


@pytest.mark.usefixtures("language")
@pytest.mark.parametrize("state", ["plain", "marked", "removed", "indexing"])
async def test_the_footer_s_keys_are_whole_at_80_columns(of_notes: Settings, embedder: Embedder, state: str) -> None:
    app, _ = chat(of_notes, embedder)
    async with running(app, (80, 24)) as pilot:
        await documents(pilot, app)
        if state == "marked":
            await pilot.press("space")
        elif state == "removed":
            await pilot.press("ctrl+d", "y")
            await until(pilot, lambda: gettext("Undo") in on_screen(app, "Footer"))
            await pilot.press("ctrl+u")
            unchanged = gettext("{n} unchanged").format(n=2)
            await until(pilot, lambda: unchanged in on_screen(app, "#documents-note"))
        elif state == "indexing":
            from tui.messages import IndexedOn

            assert isinstance(app.screen, DocumentsScreen)
            app.screen.show_progress(IndexedOn(1, 2, "x"))
            await until(pilot, lambda: gettext("Stop") in on_screen(app, "Footer"))
        await pilot.pause()
        keys = app.screen.query_one(Footer).query(FooterKey)
        assert all(key.region.right <= 80 and key.region.width for key in keys), [str(key.region) for key in keys]
        shown = on_screen(app, "Footer")
        assert all(gettext(name) in shown for name in ("Ask only", "Add", "Remove", "Back"))
