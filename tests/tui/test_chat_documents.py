"""The documents behind the chat: listed, added, brought up to date, removed, opened, and chosen to be asked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fake_chat import STONE, TROOPS, Held, Scripted, asked, flat, on_screen, running, seed, told, until
from textual.pilot import Pilot
from textual.widgets import DataTable, Input

from rag.index.library import Entry, Library
from rag.index.update import index
from rag.models.embedder import Embedder
from rag.settings import Settings
from tui.app import BelegApp
from tui.screens.document import DocumentScreen
from tui.screens.documents import DocumentsScreen
from tui.screens.path import ConfirmScreen, PathScreen
from tui.widgets.document_view import DocumentView

TEXTS = {
    "bridge.md": "# The bridge\n\nThe bridge was repaired in 1911.",
    "mill.txt": "The mill burned down in 1907. Nobody was hurt.",
    "organ.txt": "Die Orgel hat 900 Pfeifen. Die meisten davon sind aus Zinn.",
}


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    """A folder of three small documents that are in no library."""
    folder = tmp_path / "notes"
    folder.mkdir()
    for name, text in TEXTS.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def held(embedder: Embedder) -> Iterator[Held]:
    """An embedder that waits before each document."""
    waiting = Held(embedder)
    yield waiting
    waiting.release(1000)


@pytest.fixture
def of_notes(settings: Settings, notes: Path, embedder: Embedder, tmp_path: Path) -> Settings:
    """Settings of a chat over a library of those three documents."""
    with Library(tmp_path / "own", create=True) as library:
        index([str(notes)], library, embedder)
    return settings.model_copy(update={"library": tmp_path / "own"})


def chat(settings: Settings, embedder: object) -> tuple[BelegApp, Scripted]:
    scripted = Scripted()
    scripted.embedder = embedder
    return BelegApp(settings, open_=scripted.open), scripted


def entries(settings: Settings) -> list[Entry]:
    with Library(settings.library) as library:
        return library.entries()


def listed(app: BelegApp) -> list[list[str]]:
    """Return the rows of the list of documents, as far as it is open."""
    if not isinstance(app.screen, DocumentsScreen):
        return []
    table = app.screen.query_one(DataTable)
    return [[str(cell) for cell in table.get_row_at(row)] for row in range(table.row_count)]


async def documents(pilot: Pilot[None], app: BelegApp) -> None:
    """Open the list of documents once the models are loaded."""
    await until(pilot, lambda: "scripted-llm" in on_screen(app, "#status"))
    await pilot.press("ctrl+l")
    await until(pilot, lambda: isinstance(app.screen, DocumentsScreen))
    await until(pilot, lambda: f"Documents: {len(listed(app))}" in on_screen(app))


async def add(pilot: Pilot[None], app: BelegApp, path: Path | str) -> None:
    await pilot.press("a")
    await until(pilot, lambda: isinstance(app.screen, PathScreen))
    app.screen.query_one(Input).value = str(path)
    await pilot.press("enter")
    await until(pilot, lambda: isinstance(app.screen, DocumentsScreen))


# --- the list ------------------------------------------------------------------------------


async def test_the_list_shows_title_date_language_and_chunks(settings: Settings, embedder: Embedder) -> None:
    app, _ = chat(settings, embedder)
    async with running(app, (140, 40)) as pilot:
        await documents(pilot, app)
        assert len(listed(app)) == 6
        entry = next(entry for entry in entries(settings) if entry.name == "kursk-background.md")
        line = f"{entry.title[:40]} … 2024-11-07 en {entry.chunks}".split(" … ")
        shown = on_screen(app)
        assert line[0] in shown and line[1] in shown and entry.indexed[:10] in shown
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.chat)


async def test_enter_opens_a_document_from_its_beginning(settings: Settings, embedder: Embedder) -> None:
    app, _ = chat(settings, embedder)
    async with running(app) as pilot:
        await documents(pilot, app)
        names = [row[-1] for row in listed(app)]
        await pilot.press(*["down"] * names.index("rosetta-stone.md"), "enter")
        await until(pilot, lambda: isinstance(app.screen, DocumentScreen))
        view = app.screen.query_one(DocumentView)
        beginning = flat(seed("rosetta-stone.md").text[:300])
        await until(pilot, lambda: on_screen(app, view).startswith(beginning))
        await pilot.press("G")
        await until(pilot, lambda: not on_screen(app, view).startswith(beginning))
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, DocumentsScreen))


async def test_a_document_that_has_just_left_is_told(of_notes: Settings, embedder: Embedder) -> None:
    app, _ = chat(of_notes, embedder)
    async with running(app, notes=True) as pilot:
        await documents(pilot, app)
        with Library(of_notes.library) as library:
            library.remove(entries(of_notes)[0].id)
        await pilot.press("enter")
        await until(pilot, lambda: "has just left the library" in told(app))
        assert isinstance(app.screen, DocumentsScreen)


# --- adding --------------------------------------------------------------------------------


async def test_a_folder_is_added_by_a_path_that_tab_completes(settings: Settings, notes: Path, held: Held) -> None:
    app, _ = chat(settings, held)
    async with running(app, (120, 40), notes=True, held=held) as pilot:
        await documents(pilot, app)
        await pilot.press("a")
        await until(pilot, lambda: isinstance(app.screen, PathScreen))
        app.screen.query_one(Input).value = str(notes.parent / "not")
        await pilot.press("tab")
        assert app.screen.query_one(Input).value == f"{notes}/"
        await pilot.press("enter")
        await until(pilot, lambda: "indexing 0 of 3: bridge.md" in on_screen(app))
        held.release()
        await until(pilot, lambda: "indexing 1 of 3: mill.txt" in on_screen(app) and "33%" in on_screen(app))
        held.release(2)
        await until(pilot, lambda: "3 new" in on_screen(app, "#documents-note"))
        assert {"bridge.md", "mill.txt", "organ.txt"} < {row[-1] for row in listed(app)}
        assert len(listed(app)) == 9 and "The bridge" in on_screen(app)
        await until(pilot, lambda: "3 new" in told(app))
        await pilot.press("escape")
        await until(pilot, lambda: on_screen(app, "#status").startswith("9 documents, "))
        assert "indexing" not in on_screen(app, "#status")


async def test_documents_that_are_added_to_a_library_that_is_gone_make_a_new_one(
    settings: Settings, notes: Path, tmp_path: Path
) -> None:
    app, scripted = chat(settings.model_copy(update={"library": tmp_path / "new"}), None)
    async with running(app) as pilot:
        await until(pilot, lambda: "The library is empty." in on_screen(app))
        await pilot.press("ctrl+l")
        await until(pilot, lambda: "No documents yet" in on_screen(app))
        await add(pilot, app, notes / "mill.txt")
        await until(pilot, lambda: [row[-1] for row in listed(app)] == ["mill.txt"])
        await pilot.press("escape")
        await until(pilot, lambda: "1 document, 1 chunks · scripted-llm" in on_screen(app, "#status"))
        assert len(scripted.opened) == 1


async def test_a_file_that_cannot_be_read_is_told_and_the_others_are_added(
    settings: Settings, notes: Path, embedder: Embedder
) -> None:
    (notes / "broken.pdf").write_bytes(b"no pdf")
    app, _ = chat(settings, embedder)
    async with running(app, (120, 40)) as pilot:
        await documents(pilot, app)
        await add(pilot, app, notes)
        await until(pilot, lambda: "3 new, unreadable: broken.pdf (" in on_screen(app, "#documents-note"))


async def test_a_path_that_stands_for_nothing_is_told(settings: Settings, embedder: Embedder, tmp_path: Path) -> None:
    app, _ = chat(settings, embedder)
    async with running(app, (120, 40)) as pilot:
        await documents(pilot, app)
        await add(pilot, app, tmp_path / "nothing[0]")
        await until(pilot, lambda: "nothing[0]." in on_screen(app, "#documents-note"))
        await add(pilot, app, tmp_path / "nowhere")
        await until(pilot, lambda: "There is no file or folder" in on_screen(app, "#documents-note"))
        assert len(listed(app)) == 6


async def test_s_stops_between_documents_and_what_was_done_stays(settings: Settings, notes: Path, held: Held) -> None:
    app, _ = chat(settings, held)
    async with running(app, (120, 40), held=held) as pilot:
        await documents(pilot, app)
        await add(pilot, app, notes)
        held.release()
        await until(pilot, lambda: "indexing 1 of 3: mill.txt" in on_screen(app))
        await pilot.press("s")
        await until(pilot, lambda: "stopping …" in on_screen(app))
        held.release()
        await until(pilot, lambda: "Stopped; the documents that were done" in on_screen(app, "#documents-note"))
        assert {row[-1] for row in listed(app)} >= {"bridge.md", "mill.txt"} and len(listed(app)) == 8
        await pilot.press("escape")
        await until(pilot, lambda: on_screen(app, "#status").startswith("8 documents, "))


async def test_asking_works_while_documents_are_added(settings: Settings, notes: Path, held: Held) -> None:
    app, _ = chat(settings, held)
    async with running(app, held=held) as pilot:
        await documents(pilot, app)
        await add(pilot, app, notes)
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.chat and "indexing 0/3" in on_screen(app, "#status"))
        assert (await asked(pilot, TROOPS)).state == "answered"
        assert "indexing 0/3" in on_screen(app, "#status")
        held.release(3)
        await until(pilot, lambda: on_screen(app, "#status").startswith("9 documents, "))
        assert (await asked(pilot, STONE)).state == "answered"


async def test_a_second_run_beside_the_first_is_refused(settings: Settings, notes: Path, held: Held) -> None:
    app, _ = chat(settings, held)
    async with running(app, notes=True, held=held) as pilot:
        await documents(pilot, app)
        await add(pilot, app, notes)
        await until(pilot, lambda: "indexing 0 of 3" in on_screen(app))
        await add(pilot, app, notes / "mill.txt")
        await until(pilot, lambda: "Indexing is running already." in told(app))
        held.release(3)
        await until(pilot, lambda: "3 new" in on_screen(app, "#documents-note"))


async def test_a_list_that_is_opened_while_documents_are_added_shows_how_far_it_is(
    settings: Settings, notes: Path, held: Held
) -> None:
    app, _ = chat(settings, held)
    async with running(app, (120, 40), held=held) as pilot:
        await documents(pilot, app)
        await add(pilot, app, notes)
        held.release()
        await until(pilot, lambda: "indexing 1 of 3: mill.txt" in on_screen(app))
        await pilot.press("escape", "ctrl+l")
        await until(pilot, lambda: isinstance(app.screen, DocumentsScreen))
        await until(pilot, lambda: "indexing 1 of 3: mill.txt" in on_screen(app), "progress in the list opened anew")
        await pilot.press("s")
        await until(pilot, lambda: "stopping …" in on_screen(app))


# --- up to date, and away ------------------------------------------------------------------


async def test_u_indexes_what_changed_again(of_notes: Settings, notes: Path, embedder: Embedder) -> None:
    app, _ = chat(of_notes, embedder)
    (notes / "mill.txt").write_text("The mill burned down in 1908, as we know now.", encoding="utf-8")
    async with running(app) as pilot:
        await documents(pilot, app)
        await pilot.press("u")
        await until(pilot, lambda: "1 changed, 2 unchanged" in on_screen(app, "#documents-note"))
        with Library(of_notes.library) as library:
            identity = next(entry.id for entry in library.entries() if entry.name == "mill.txt")
            assert "1908" in library.document(identity).text


async def test_u_updates_the_others_where_a_file_is_gone(of_notes: Settings, notes: Path, embedder: Embedder) -> None:
    app, _ = chat(of_notes, embedder)
    (notes / "mill.txt").unlink()
    (notes / "organ.txt").write_text("Die Orgel hat 901 Pfeifen.", encoding="utf-8")
    async with running(app) as pilot:
        await documents(pilot, app)
        await pilot.press("u")
        await until(pilot, lambda: "1 changed" in on_screen(app, "#documents-note"), "the update of the others")


async def test_a_folder_that_most_files_are_gone_from_keeps_their_documents(
    of_notes: Settings, notes: Path, embedder: Embedder
) -> None:
    app, _ = chat(of_notes, embedder)
    (notes / "mill.txt").unlink()
    (notes / "organ.txt").unlink()
    async with running(app) as pilot:
        await documents(pilot, app)
        await add(pilot, app, notes)
        await until(pilot, lambda: "1 unchanged, 2 gone from the disk but kept" in on_screen(app, "#documents-note"))
        assert len(listed(app)) == 3


async def test_a_folder_that_is_gone_keeps_its_documents_and_stands_in_the_way_of_nothing(
    of_notes: Settings, notes: Path, embedder: Embedder
) -> None:
    app, _ = chat(of_notes, embedder)
    notes.rename(notes.with_name("drawer"))
    async with running(app, (120, 40)) as pilot:
        await documents(pilot, app)
        await add(pilot, app, notes)
        await until(pilot, lambda: "it is gone, or not mounted; its 3 documents stay" in on_screen(app))
        await add(pilot, app, notes / "nothing.txt")
        await until(pilot, lambda: "There is no file or folder" in on_screen(app, "#documents-note"))
        assert len(listed(app)) == 3


async def test_a_document_is_removed_after_a_yes_only_and_its_file_stays(
    of_notes: Settings, notes: Path, embedder: Embedder
) -> None:
    app, _ = chat(of_notes, embedder)
    async with running(app) as pilot:
        await documents(pilot, app)
        for key, left in (("n", 3), ("y", 2)):
            await pilot.press("d")
            await until(pilot, lambda: isinstance(app.screen, ConfirmScreen))
            assert "Remove “The bridge” from the library? The file itself stays." in on_screen(app)
            await pilot.press(key)
            await until(pilot, lambda left=left: len(listed(app)) == left)
        await until(pilot, lambda: "Documents: 2" in on_screen(app))
        await pilot.press("escape")
        await until(pilot, lambda: on_screen(app, "#status").startswith("2 documents, 2 chunks"))
    assert (notes / "bridge.md").exists() and len(entries(of_notes)) == 2


async def test_removing_the_last_document_leaves_an_empty_library(of_notes: Settings, embedder: Embedder) -> None:
    app, _ = chat(of_notes, embedder)
    async with running(app) as pilot:
        await documents(pilot, app)
        for left in (2, 1, 0):
            await pilot.press("d", "y")
            await until(pilot, lambda left=left: isinstance(app.screen, DocumentsScreen) and len(listed(app)) == left)
        await until(pilot, lambda: "No documents yet" in on_screen(app))
        await pilot.press("escape")
        await until(pilot, lambda: "The library is empty." in on_screen(app))
        await until(pilot, lambda: "0 documents" in on_screen(app, "#status"))


# --- which are asked -----------------------------------------------------------------------


async def test_marked_documents_alone_are_asked_until_the_marks_are_taken_away(
    settings: Settings, embedder: Embedder
) -> None:
    app, scripted = chat(settings, embedder)
    ids = [entry.id for entry in entries(settings)]
    async with running(app, (120, 40)) as pilot:
        await documents(pilot, app)
        await pilot.press("down", "space")
        await until(pilot, lambda: "questions ask only 1 of them" in on_screen(app))
        assert [row[0] for row in listed(app)].index("●") == 1
        await pilot.press("escape")
        await until(pilot, lambda: "only 1 of 6 documents" in on_screen(app, "#status"))
        await asked(pilot, TROOPS)
        await pilot.press("ctrl+l")
        await until(pilot, lambda: "●" in on_screen(app))
        await pilot.press("down", "down", "space", "escape")
        await until(pilot, lambda: "only 2 of 6 documents" in on_screen(app, "#status"))
        await asked(pilot, TROOPS)
        await pilot.press("ctrl+l")
        await until(pilot, lambda: "●" in on_screen(app))
        await pilot.press("x", "escape")
        await until(pilot, lambda: app.screen is app.chat and "only" not in on_screen(app, "#status"))
        await asked(pilot, TROOPS)
    assert [set(given) for _, given, _ in scripted.asked] == [{ids[1]}, {ids[1], ids[2]}, set()]


async def test_a_marked_document_that_is_removed_limits_nothing_any_more(
    of_notes: Settings, embedder: Embedder
) -> None:
    app, scripted = chat(of_notes, embedder)
    async with running(app) as pilot:
        await documents(pilot, app)
        await pilot.press("space", "d")
        await until(pilot, lambda: isinstance(app.screen, ConfirmScreen))
        await pilot.press("y")
        await until(pilot, lambda: len(listed(app)) == 2)
        await pilot.press("escape")
        await until(pilot, lambda: on_screen(app, "#status").startswith("2 documents"))
        await asked(pilot, TROOPS)
        assert scripted.asked == [(TROOPS, (), 0)]


async def test_a_marked_document_whose_file_is_gone_limits_nothing_after_an_update(
    of_notes: Settings, notes: Path, embedder: Embedder
) -> None:
    app, scripted = chat(of_notes, embedder)
    async with running(app) as pilot:
        await documents(pilot, app)
        await pilot.press("space")
        (notes / "bridge.md").unlink()
        await add(pilot, app, notes)
        await until(pilot, lambda: "2 unchanged, 1 removed" in on_screen(app, "#documents-note"))
        await pilot.press("escape")
        await until(pilot, lambda: "2 documents" in on_screen(app, "#status"))
        await asked(pilot, TROOPS)
        assert scripted.asked == [(TROOPS, (), 0)] and "only" not in on_screen(app, "#status")


async def test_a_marked_document_that_moves_is_still_the_one_that_is_asked(
    of_notes: Settings, notes: Path, embedder: Embedder
) -> None:
    app, scripted = chat(of_notes, embedder)
    async with running(app, (120, 40)) as pilot:
        await documents(pilot, app)
        await pilot.press("space")
        await until(pilot, lambda: "questions ask only 1 of them" in on_screen(app))
        notes.rename(notes.with_name("renamed"))
        await add(pilot, app, notes.with_name("renamed"))
        await until(pilot, lambda: "3 moved" in on_screen(app, "#documents-note"))
        assert [row[0] for row in listed(app)] == ["●", " ", " "]
        await pilot.press("escape")
        await until(pilot, lambda: "only 1 of 3 documents" in on_screen(app, "#status"))
        await asked(pilot, TROOPS)
        assert scripted.asked == [(TROOPS, (entries(of_notes)[0].id,), 0)]


async def test_it_is_told_where_a_marked_document_has_left_while_nobody_looked(
    of_notes: Settings, embedder: Embedder
) -> None:
    app, scripted = chat(of_notes, embedder)
    before = entries(of_notes)
    async with running(app, (120, 40), notes=True) as pilot:
        await documents(pilot, app)
        await pilot.press("space", "down", "space", "escape")
        await until(pilot, lambda: "only 2 of 3 documents" in on_screen(app, "#status"))
        for entry, asked_now in zip(before, ("the others that were chosen", "all documents"), strict=False):
            with Library(of_notes.library) as library:
                library.remove(entry.id)
            await asked(pilot, TROOPS)
            assert entry.id in scripted.asked[-1][1]  # which the assistant refuses: nothing more is asked unsaid
            await pilot.press("ctrl+l")
            await until(pilot, lambda now=asked_now: f"now {now} are asked" in told(app))
            await pilot.press("escape")
        await asked(pilot, TROOPS)
        assert scripted.asked[-1] == (TROOPS, (), 2)
