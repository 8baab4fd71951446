"""Hostile titles, names and questions from the library's and the conversations' files: shown, never obeyed."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from fake_chat import rows, until
from hostile_text import HUGE, LINE, LONG, PILED, SHOWN, SIZE, hostile, hostile_answer, shows
from textual.command import CommandPalette
from textual.widgets import DataTable, OptionList

from rag.conversations.store import Conversations
from rag.documents.document import read
from rag.index.library import FILE, Library
from rag.index.update import index
from rag.models.embedder import Embedder
from rag.settings import Settings
from tui.app import BelegApp
from tui.screens.conversations import ConversationsScreen
from tui.screens.document import DocumentScreen
from tui.screens.documents import DocumentsScreen
from tui.screens.path import ConfirmScreen


@pytest.fixture
def hostile_library(settings: Settings, tmp_path: Path, embedder: Embedder) -> Settings:
    """The settings of a library with a document whose file's name, title and text are hostile."""
    folder = tmp_path / "files"
    folder.mkdir()
    file = folder / "[@click=app.quit]z[red]red.txt"
    file.write_text(f"{' '.join(SHOWN)}\n\n{LINE} is what it says.\n\n{LONG} {PILED}", encoding="utf-8")
    assert read(file).title.startswith("[/INST]")
    with Library(settings.library) as library:
        index([str(folder)], library, embedder)
    with sqlite3.connect(settings.library / FILE) as db:
        db.execute("UPDATE documents SET title = ? WHERE name LIKE '[@click%'", (LINE,))
    return settings


async def test_the_list_of_documents_shows_titles_and_names_as_they_are(hostile_library: Settings) -> None:
    app = BelegApp(hostile_library, open_=hostile(hostile_answer()).open)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await pilot.press("ctrl+l")
        await until(
            pilot, lambda: isinstance(app.screen, DocumentsScreen) and app.screen.query_one(DataTable).row_count
        )
        await pilot.pause()
        shows(app, "[/INST] [red]red[/red] [link=x]y[/link]", "[@click=app.quit]z[red]red.txt")
        await pilot.press("ctrl+d")
        await until(pilot, lambda: isinstance(app.screen, ConfirmScreen))
        shows(app, "Remove “[/INST] [red]red[/red]")
        await pilot.press("n", "enter")
        await until(pilot, lambda: isinstance(app.screen, DocumentScreen))
        await pilot.pause()
        shows(app, " ".join(SHOWN), "[@click=app.quit]z[red]red.txt")


async def test_a_hostile_document_s_name_is_shown_while_it_is_indexed_and_if_it_cannot_be(
    settings: Settings, tmp_path: Path, embedder: Embedder
) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "[@click=app.quit]z[red]\x1b[31m\u202e.txt").write_bytes(b"")
    assistant = hostile(hostile_answer())
    assistant.embedder = embedder
    app = BelegApp(settings, open_=assistant.open)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await until(pilot, lambda: "opened" in assistant.events)
        await pilot.press("ctrl+l")
        app.index([str(folder)])
        await until(pilot, lambda: "unreadable" in "".join(rows(app)))
        await pilot.pause()
        shows(app, "1 unreadable", "[@click=app.quit]z[red]")


async def test_the_picker_shows_questions_as_they_are(settings: Settings) -> None:
    saved = Conversations(settings.library)
    saved.save("one", hostile_answer(HUGE[:2000]))
    saved.save("two", hostile_answer(LINE))
    app = BelegApp(settings, open_=hostile(hostile_answer()).open)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await pilot.press("ctrl+o")
        await until(pilot, lambda: isinstance(app.screen, ConversationsScreen) and "2 found" in "".join(rows(app)))
        shows(app, " ".join(SHOWN))
        await pilot.press(*"[/inst]")
        await pilot.pause()
        shows(app, " ".join(SHOWN), "2 found")
        await pilot.press("ctrl+d")
        await until(pilot, lambda: isinstance(app.screen, ConfirmScreen))
        shows(app, "Delete “[/INST] [red]red[/red]")
        await pilot.press("n", "enter")
        await until(pilot, lambda: bool(app.chat.turns) and app.chat.turns[0].state == "answered")
        await pilot.pause()
        shows(app, *SHOWN)


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("inst", "Open document: [/INST] [red]red[/red]"),
        ("only inst", "Ask only: [/INST] [red]red[/red]"),
        ("inst", "[@click=app.quit]z[red]red.txt"),
        ("conv inst", "Conversation: [/INST] [red]red[/red]"),
    ],
)
async def test_the_palette_shows_titles_names_and_questions_as_they_are(
    hostile_library: Settings, typed: str, shown: str
) -> None:
    Conversations(hostile_library.library).save("one", hostile_answer(LINE))
    app = BelegApp(hostile_library, open_=hostile(hostile_answer()).open)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await pilot.press("ctrl+p")
        await until(pilot, lambda: isinstance(app.screen, CommandPalette))
        await pilot.press(*(character if character != " " else "space" for character in typed))
        await until(pilot, settled(app), "the palette's end of searching")
        shows(app, shown)


def options(app: BelegApp) -> int:
    return app.screen.query_one(OptionList).option_count


def settled(app: BelegApp) -> Callable[[], bool]:
    """Return a condition: the number of commands found has not changed for a while."""
    counts: list[int] = []

    def condition() -> bool:
        counts.append(options(app))
        return len(counts) > 40 and len(set(counts[-40:])) == 1 and counts[-1] > 0

    return condition
