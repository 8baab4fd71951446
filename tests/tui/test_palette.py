"""What the command palette opens and changes."""

from __future__ import annotations

from fake_chat import (
    TROOPS,
    Scripted,
    asked,
    have_asked,
    on_screen,
    running,
    until,
)
from textual.command import CommandPalette
from textual.pilot import Pilot
from textual.widgets import Input

from rag.index.library import Library
from rag.settings import Settings
from tui.app import BelegApp
from tui.screens.document import DocumentScreen
from tui.widgets.document_view import DocumentView


def chat(settings: Settings) -> BelegApp:
    return BelegApp(settings, open_=Scripted().open)


async def choose(pilot: Pilot[None], app: BelegApp, wanted: str) -> None:
    """Open the palette, type, and choose what it finds first."""
    await pilot.press("ctrl+p")
    await until(pilot, lambda: isinstance(app.screen, CommandPalette))
    app.screen.query_one(Input).value = wanted
    await until(pilot, lambda: wanted in on_screen(app).split("Search for commands")[-1].replace(wanted, "", 1))
    await pilot.press("enter")
    await until(pilot, lambda: not isinstance(app.screen, CommandPalette))


async def test_the_palette_opens_a_document(settings: Settings) -> None:
    app = chat(settings)
    async with running(app) as pilot:
        await choose(pilot, app, "Open document: Counting soldiers")
        await until(pilot, lambda: isinstance(app.screen, DocumentScreen))
        await until(pilot, lambda: "Counting soldiers" in on_screen(app, "#document-title"))
        assert "For three weeks" in on_screen(app, app.screen.query_one(DocumentView))


async def test_the_palette_limits_questions_to_a_document_and_back(settings: Settings) -> None:
    scripted = Scripted()
    app = BelegApp(settings, open_=scripted.open)
    async with running(app) as pilot:
        with Library(settings.library) as library:
            wanted = next(entry.id for entry in library.entries() if entry.name == "kursk-background.md")
        await choose(pilot, app, "Ask only: Counting soldiers")
        await until(pilot, lambda: "only 1 of 6 documents" in on_screen(app, "#status"))
        await asked(pilot, TROOPS)
        await choose(pilot, app, "Ask all documents")
        await until(pilot, lambda: "only" not in on_screen(app, "#status"))
        await asked(pilot, TROOPS)
        assert [documents for _, documents, _ in scripted.asked] == [(wanted,), ()]


async def test_the_palette_opens_a_conversation_and_begins_a_new_one(settings: Settings) -> None:
    await have_asked(settings, [TROOPS])
    app = chat(settings)
    async with running(app) as pilot:
        await choose(pilot, app, "Conversation: How many")
        await until(pilot, lambda: [turn.question for turn in app.chat.turns] == [TROOPS])
        await choose(pilot, app, "New conversation")
        await until(pilot, lambda: not app.chat.turns)


async def test_the_palette_changes_the_mode(settings: Settings) -> None:
    app = chat(settings)
    async with running(app) as pilot:
        await until(pilot, lambda: "scripted-llm · quote" in on_screen(app, "#status"))
        await choose(pilot, app, "Mode: compose")
        await until(pilot, lambda: "scripted-llm · compose" in on_screen(app, "#status"))


async def test_the_palette_changes_how_careful_answers_are_and_the_status_tells(settings: Settings) -> None:
    app = chat(settings)
    async with running(app) as pilot:
        await until(pilot, lambda: "scripted-llm · quote" in on_screen(app, "#status"))
        await choose(pilot, app, "Care: careful")
        await until(pilot, lambda: "scripted-llm · quote, careful" in on_screen(app, "#status"))
        await choose(pilot, app, "Care: balanced")
        await until(pilot, lambda: "careful" not in on_screen(app, "#status"))
        assert app.settings.care == "balanced"
