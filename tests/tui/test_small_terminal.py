"""Held: where a terminal has but eight lines, notes take one, dialogs fit with their answers, the composer stays."""

from __future__ import annotations

from fake_chat import Scripted, on_screen, rows, running, told, until

from rag.settings import Settings
from tui.app import BelegApp
from tui.screens.path import ConfirmScreen

LONG = "The answer with its sources was sent to the terminal’s clipboard, which may or may not have taken it."


async def test_a_note_takes_one_line_and_a_dialog_shows_its_answers(settings: Settings) -> None:
    app = BelegApp(settings, open_=Scripted().open)
    async with running(app, (30, 8), notes=True) as pilot:
        await until(pilot, lambda: "Ask your documents" in on_screen(app))
        app.tell(LONG)
        await until(pilot, lambda: "The answer with" in told(app))
        await pilot.pause()
        assert "…" in rows(app)[-2] and "clipboard" not in on_screen(app)
        assert "Ask your documents" in on_screen(app)
        await app.push_screen(ConfirmScreen(f"{LONG} Delete it? " * 3))
        await until(pilot, lambda: any("No" in row and "Yes" in row for row in rows(app)[:-1]))
        dialog = app.screen.query_one(".dialog")
        assert dialog.max_scroll_y > 0 and dialog.region.bottom <= 8


async def test_two_notes_leave_the_composer_in_view(settings: Settings) -> None:
    app = BelegApp(settings, open_=Scripted().open)
    async with running(app, (30, 8), notes=True) as pilot:
        app.tell(LONG)
        app.tell(f"Another: {LONG}", bad=True)
        await until(pilot, lambda: len(app.screen.query("Toast")) == 2)
        await until(pilot, lambda: "Ask your documents" in on_screen(app))


async def test_the_palette_shows_what_it_finds(settings: Settings) -> None:
    app = BelegApp(settings, open_=Scripted().open)
    async with running(app, (30, 8)) as pilot:
        await until(pilot, lambda: "Ask your documents" in on_screen(app))
        await pilot.press("ctrl+p")
        await until(pilot, lambda: "New conversation" in on_screen(app))
        await pilot.press(*"tag")
        await until(pilot, lambda: "Ask only by tag, date" in on_screen(app))
        assert "tag" in rows(app)[0]
