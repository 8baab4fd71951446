"""The screen of documents, and what it lists."""

from __future__ import annotations

from pathlib import Path

from fake_chat import Scripted, on_screen, until
from textual.pilot import Pilot
from textual.widgets import DataTable, Input

from rag.index.library import Entry, Library
from rag.localization import gettext
from rag.settings import Settings
from tui.app import BelegApp
from tui.screens.add_documents import AddDocumentsScreen
from tui.screens.documents import DocumentsScreen

TEXTS = {
    "bridge.md": "# The bridge\n\nThe bridge was repaired in 1911.",
    "mill.txt": "The mill burned down in 1907. Nobody was hurt.",
    "organ.txt": "Die Orgel hat 900 Pfeifen. Die meisten davon sind aus Zinn.",
}


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
    await until(pilot, lambda: gettext("Documents: {n}").format(n=len(listed(app))) in on_screen(app))


async def add(pilot: Pilot[None], app: BelegApp, path: Path | str, *, refused: bool = False) -> None:
    """Add what is typed; where it is `refused` the dialog stays."""
    await pilot.press("ctrl+a")
    await until(pilot, lambda: isinstance(app.screen, AddDocumentsScreen))
    app.screen.query_one(Input).value = str(path)
    await pilot.press("enter")
    if refused:
        await until(pilot, lambda: bool(app.screen.query(".dialog-hint.wrong")))
    else:
        await until(pilot, lambda: isinstance(app.screen, DocumentsScreen))
