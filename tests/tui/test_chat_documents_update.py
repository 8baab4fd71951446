"""Held: documents of the chat are brought up to date, removed, and chosen to be asked."""

from __future__ import annotations

from pathlib import Path

from chat_documents import add, chat, documents, entries, listed
from fake_chat import TROOPS, asked, on_screen, running, told, until

from rag.index.library import Library
from rag.models.embedder import Embedder
from rag.settings import Settings
from tui.screens.documents import DocumentsScreen
from tui.screens.path import ConfirmScreen

# --- up to date, and away ------------------------------------------------------------------


async def test_ctrl_u_indexes_what_changed_again(of_notes: Settings, notes: Path, embedder: Embedder) -> None:
    app, _ = chat(of_notes, embedder)
    (notes / "mill.txt").write_text("The mill burned down in 1908, as we know now.", encoding="utf-8")
    async with running(app) as pilot:
        await documents(pilot, app)
        await pilot.press("ctrl+u")
        await until(pilot, lambda: "1 changed, 2 unchanged" in on_screen(app, "#documents-note"))
        with Library(of_notes.library) as library:
            identity = next(entry.id for entry in library.entries() if entry.name == "mill.txt")
            assert "1908" in library.document(identity).text


async def test_ctrl_u_updates_the_others_where_a_file_is_gone(
    of_notes: Settings, notes: Path, embedder: Embedder
) -> None:
    app, _ = chat(of_notes, embedder)
    (notes / "mill.txt").unlink()
    (notes / "organ.txt").write_text("Die Orgel hat 901 Pfeifen.", encoding="utf-8")
    async with running(app) as pilot:
        await documents(pilot, app)
        await pilot.press("ctrl+u")
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
        await add(pilot, app, notes / "nothing.txt", refused=True)
        await until(pilot, lambda: "There is no file or folder" in on_screen(app, ".dialog-hint"))
        await pilot.press("escape")
        await until(pilot, lambda: [row[0] for row in listed(app)] == [" ", " ", " ", "✗"])


async def test_a_document_is_removed_after_a_yes_only_and_its_file_stays(
    of_notes: Settings, notes: Path, embedder: Embedder
) -> None:
    app, _ = chat(of_notes, embedder)
    async with running(app) as pilot:
        await documents(pilot, app)
        for key, left in (("n", 3), ("y", 2)):
            await pilot.press("ctrl+d")
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
            await pilot.press("ctrl+d", "y")
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
        await pilot.press("ctrl+x", "escape")
        await until(pilot, lambda: app.screen is app.chat and "only" not in on_screen(app, "#status"))
        await asked(pilot, TROOPS)
    assert [set(given) for _, given, _ in scripted.asked] == [{ids[1]}, {ids[1], ids[2]}, set()]


async def test_a_marked_document_that_is_removed_limits_nothing_any_more(
    of_notes: Settings, embedder: Embedder
) -> None:
    app, scripted = chat(of_notes, embedder)
    async with running(app) as pilot:
        await documents(pilot, app)
        await pilot.press("space", "ctrl+d")
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
        for entry, asked_now in zip(before, ("the other ones", "all documents"), strict=False):
            with Library(of_notes.library) as library:
                library.remove(entry.id)
            await asked(pilot, TROOPS)
            assert entry.id in scripted.asked[-1][1]  # which the assistant refuses: nothing more is asked unsaid
            await pilot.press("ctrl+l")
            await until(pilot, lambda now=asked_now: f"now {now} are asked" in told(app))
            await pilot.press("escape")
        await asked(pilot, TROOPS)
        assert scripted.asked[-1] == (TROOPS, (), 2)
