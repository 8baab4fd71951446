"""Held: what is told stays no longer than what it is about, and is whole at 80 columns."""

from __future__ import annotations

import pytest
from fake_chat import TROOPS, Scripted, asked, on_screen, running, told, until

from rag.settings import Settings
from tui.app import BelegApp
from tui.screens.help import HelpScreen


def chat(settings: Settings) -> BelegApp:
    return BelegApp(settings, open_=Scripted().open)


async def test_that_a_question_is_too_long_is_told_until_it_is_shorter(settings: Settings) -> None:
    app = chat(settings)
    async with running(app, (80, 24), notes=True) as pilot:
        await until(pilot, lambda: "scripted-llm" in on_screen(app, "#status"))
        app.chat.query_one("#composer").insert("word " * 620)
        await until(pilot, lambda: "3,099 of 2,000 characters: shorten it to ask" in on_screen(app, "#status"))
        await pilot.press("enter")
        await until(pilot, lambda: "The question has 3,099 characters" in told(app))
        await pilot.press("escape")
        await until(pilot, lambda: not told(app))
        assert "shorten" not in on_screen(app)


async def test_that_there_is_no_such_command_is_told_until_a_dialog_opens(settings: Settings) -> None:
    app = chat(settings)
    async with running(app, (80, 24), notes=True) as pilot:
        await until(pilot, lambda: "scripted-llm" in on_screen(app, "#status"))
        await pilot.press(*"/foo", "enter")
        await until(pilot, lambda: "There is no /foo" in told(app))
        await pilot.press("f1")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen))
        await until(pilot, lambda: not told(app))


@pytest.mark.usefixtures("language")
async def test_an_empty_chat_offers_nothing_that_needs_an_answer(settings: Settings) -> None:
    app = chat(settings)
    async with running(app, (80, 24)) as pilot:
        await asked(pilot, TROOPS)
        await until(pilot, lambda: "F9" in on_screen(app, "Footer").upper())
        await pilot.press("ctrl+n")
        await until(pilot, lambda: bool(app.chat.query("#welcome")))
        await until(pilot, lambda: "F9" not in on_screen(app, "Footer").upper())
        assert "^r" not in on_screen(app, "Footer")
