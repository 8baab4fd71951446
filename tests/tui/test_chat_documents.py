"""The documents behind the chat: listed, added, brought up to date, removed, opened, and chosen to be asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from chat_documents import add, chat, documents, entries, listed
from fake_chat import STONE, TROOPS, Held, asked, flat, on_screen, running, seed, told, until
from textual.widgets import Input

from rag.index.library import Library
from rag.models.embedder import Embedder
from rag.settings import Settings
from tui.screens.add_documents import AddDocumentsScreen
from tui.screens.document import DocumentScreen
from tui.screens.documents import DocumentsScreen
from tui.widgets.document_view import DocumentView
from tui.widgets.status import StatusLine


@pytest.fixture
def held(embedder: Embedder) -> Iterator[Held]:
    """An embedder that waits before each document."""
    waiting = Held(embedder)
    yield waiting
    waiting.release(1000)


# --- the list ------------------------------------------------------------------------------


async def test_the_list_shows_title_date_language_and_chunks(settings: Settings, embedder: Embedder) -> None:
    app, _ = chat(settings, embedder)
    async with running(app, (140, 40)) as pilot:
        await documents(pilot, app)
        assert len(listed(app)) == 6
        entry = next(entry for entry in entries(settings) if entry.name == "kursk-background.md")
        line = f"{entry.title[:30]} … 2024-11-07 English {entry.chunks}".split(" … ")
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
        await pilot.press("ctrl+a")
        await until(pilot, lambda: isinstance(app.screen, AddDocumentsScreen))
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
    app, scripted = chat(replace(settings, library=tmp_path / "new"), None)
    async with running(app) as pilot:
        await until(pilot, lambda: "The library is empty." in on_screen(app))
        await pilot.press("ctrl+l")
        await until(pilot, lambda: "No documents yet" in on_screen(app))
        await add(pilot, app, notes / "mill.txt")
        await until(pilot, lambda: [row[-1] for row in listed(app)] == ["mill.txt"])
        await pilot.press("escape")
        await until(pilot, lambda: "1 document, 1 chunk · scripted-llm" in on_screen(app, "#status"))
        assert len(scripted.opened) == 1


async def test_a_file_that_cannot_be_read_is_told_and_the_others_are_added(
    settings: Settings, notes: Path, embedder: Embedder
) -> None:
    (notes / "broken.pdf").write_bytes(b"no pdf")
    app, _ = chat(settings, embedder)
    async with running(app, (120, 40)) as pilot:
        await documents(pilot, app)
        await add(pilot, app, notes)
        await until(pilot, lambda: "1 unreadable, 3 new" in on_screen(app, "#documents-note"))
        await until(pilot, lambda: "Unreadable broken.pdf: " in on_screen(app, "#documents-report"))


async def test_a_path_that_stands_for_nothing_is_told(settings: Settings, embedder: Embedder, tmp_path: Path) -> None:
    app, _ = chat(settings, embedder)
    async with running(app, (120, 40)) as pilot:
        await documents(pilot, app)
        await add(pilot, app, tmp_path / "nothing[0]", refused=True)
        await until(pilot, lambda: "nothing[0]." in on_screen(app, ".dialog-hint").replace(" ", ""))
        await pilot.press("escape")
        await add(pilot, app, tmp_path / "nowhere", refused=True)
        await until(pilot, lambda: "There is no file or folder" in on_screen(app, ".dialog-hint"))
        assert app.screen.query_one(Input).value == str(tmp_path / "nowhere")
        await pilot.press("escape")
        await until(pilot, lambda: len(listed(app)) == 6)


async def test_ctrl_s_stops_between_documents_and_what_was_done_stays(
    settings: Settings, notes: Path, held: Held
) -> None:
    app, _ = chat(settings, held)
    async with running(app, (120, 40), held=held) as pilot:
        await documents(pilot, app)
        await add(pilot, app, notes)
        held.release()
        await until(pilot, lambda: "indexing 1 of 3: mill.txt" in on_screen(app))
        await pilot.press("ctrl+s")
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
        await add(pilot, app, notes / "mill.txt", refused=True)
        await until(pilot, lambda: "Indexing is running already." in on_screen(app, ".dialog-hint"))
        assert app.screen.query_one(Input).value == str(notes / "mill.txt")
        await pilot.press("escape")
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
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "stopping …" in on_screen(app))


async def test_of_the_document_that_is_chosen_it_is_told_what_was_left_out_and_how_it_was_read(
    of_notes: Settings, embedder: Embedder
) -> None:
    with Library(of_notes.library) as library:
        first, second, *_ = library.entries()
        library.tag([second.id], ["sea[red]", "work"])
        about = '{"omissions": [["images", 12, null, ""]], "encoding": "windows-1252", "doubts": "it may be another"}'
        library._db.execute("UPDATE documents SET about = ? WHERE id = ?", (about, second.id))
    app, _ = chat(of_notes, embedder)
    async with running(app, notes=True) as pilot:
        await documents(pilot, app)
        assert not app.screen.query_one("#documents-details").display and first.tags == ()
        await pilot.press("down")
        told = "tags: sea[red], work · read as windows-1252; it may be another · left out: images: 12"
        await until(pilot, lambda: told in flat(on_screen(app)))
        await pilot.press("up")
        await until(pilot, lambda: "left out" not in on_screen(app))


async def test_the_start_says_which_documents_there_are(of_notes: Settings, embedder: Embedder) -> None:
    app = chat(of_notes, embedder)[0]
    async with running(app, (100, 30)) as pilot:
        await until(pilot, lambda: "2 English · 1 German · newest: " in on_screen(app, "#welcome"))
        assert "What documents do I have?" in on_screen(app, "#welcome")


async def test_a_new_conversation_says_which_documents_there_are_after_some_were_added_and_removed(
    of_notes: Settings, embedder: Embedder, tmp_path: Path
) -> None:
    (more := tmp_path / "ferry.txt").write_text("The ferry to the island runs twice a day.", encoding="utf-8")
    app = chat(of_notes, embedder)[0]
    async with running(app, (100, 30)) as pilot:
        await until(pilot, lambda: "2 English · 1 German" in on_screen(app, "#welcome"))
        await asked(pilot, TROOPS)
        app.index([str(more)])
        await until(pilot, lambda: len(entries(of_notes)) == 4 and not app.chat.query_one(StatusLine).indexing)
        await pilot.press("ctrl+n")
        await until(pilot, lambda: "3 English · 1 German" in on_screen(app, "#welcome"))
        app._remove([entry.id for entry in entries(of_notes) if entry.language == "de"])
        await until(pilot, lambda: "3 English · newest" in on_screen(app, "#welcome"))
