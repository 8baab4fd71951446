"""A document that was removed can be taken back for as long as the chat runs, though its file be gone."""

from __future__ import annotations

from pathlib import Path

from chat_documents import chat, documents, entries, listed
from fake_chat import on_screen, running, told, until

from rag.index.library import Library
from rag.models.embedder import Embedder
from rag.settings import Settings


async def test_ctrl_z_takes_removed_documents_back_one_after_the_other_though_their_files_are_gone(
    of_notes: Settings, notes: Path, embedder: Embedder
) -> None:
    with Library(of_notes.library) as library:
        library.tag([library.entries()[0].id], ["work"])
    before = entries(of_notes)
    app, _ = chat(of_notes, embedder)
    async with running(app) as pilot:
        await documents(pilot, app)
        assert "Undo" not in on_screen(app, "Footer")
        for left in (2, 1):
            await pilot.press("ctrl+d", "y")
            await until(pilot, lambda left=left: len(listed(app)) == left)
        await until(pilot, lambda: "Removed “The mill" in on_screen(app) and "ctrl+z takes it back." in on_screen(app))
        (notes / "bridge.md").unlink()
        (notes / "mill.txt").unlink()
        for now in (2, 3):
            await pilot.press("ctrl+z")
            await until(pilot, lambda now=now: len(listed(app)) == now)
        await until(pilot, lambda: "“The bridge” is in the library again." in on_screen(app, "#documents-note"))
        await until(pilot, lambda: "Undo" not in on_screen(app, "Footer"))
        await pilot.press("escape")
        await until(pilot, lambda: on_screen(app, "#status").startswith("3 documents, 3 chunks"))
    after = entries(of_notes)
    assert [(e.id, e.name, e.tags, e.chunks, e.content) for e in after] == [
        (e.id, e.name, e.tags, e.chunks, e.content) for e in before
    ]
    with Library(of_notes.library) as library:
        assert "1907" in library.document(next(e.id for e in after if e.name == "mill.txt")).text


async def test_it_can_be_taken_back_after_the_list_was_closed(of_notes: Settings, embedder: Embedder) -> None:
    app, _ = chat(of_notes, embedder)
    async with running(app) as pilot:
        await documents(pilot, app)
        await pilot.press("ctrl+d", "y")
        await until(pilot, lambda: len(listed(app)) == 2)
        await pilot.press("escape", "ctrl+l")
        await until(pilot, lambda: len(listed(app)) == 2)
        await pilot.press("ctrl+z")
        await until(pilot, lambda: len(listed(app)) == 3)


async def test_what_was_added_anew_meanwhile_is_not_replaced(
    of_notes: Settings, notes: Path, embedder: Embedder
) -> None:
    app, _ = chat(of_notes, embedder)
    async with running(app) as pilot:
        await documents(pilot, app)
        await pilot.press("ctrl+d", "y")
        await until(pilot, lambda: len(listed(app)) == 2)
        (notes / "bridge.md").write_text("# The bridge\n\nIt was repaired in 1950.", encoding="utf-8")
        app.index([str(notes)])
        await until(pilot, lambda: len(listed(app)) == 3)
        await pilot.press("ctrl+z")
        await until(pilot, lambda: "is in the library already" in on_screen(app, "#documents-note"))
        with Library(of_notes.library) as library:
            assert "1950" in library.document(library.entries()[0].id).text


async def test_where_it_cannot_be_put_back_that_is_told_and_it_can_be_tried_again(
    of_notes: Settings, embedder: Embedder
) -> None:
    app, scripted = chat(of_notes, embedder)
    async with running(app, notes=True) as pilot:
        await documents(pilot, app)
        await pilot.press("ctrl+d", "y")
        await until(pilot, lambda: len(listed(app)) == 2)
        scripted.embedder = None  # nothing can be embedded with
        await pilot.press("ctrl+z")
        await until(pilot, lambda: "AttributeError" in told(app))
        scripted.embedder = embedder
        await pilot.press("ctrl+z")
        await until(pilot, lambda: len(listed(app)) == 3)
