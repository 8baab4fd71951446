"""How well the chat can be read, in each theme: question, answer, sources, what is said below, and what is going on."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fake_chat import TROOPS, Scripted, answer, ask, asked, running, stone, troops, until
from reading_documents import inside
from screen_contrast import themed, unreadable

from rag.settings import Settings
from tui.app import BelegApp
from tui.screens.help import HelpScreen
from tui.widgets.composer import Composer
from tui.widgets.status import StatusLine

SIZE = (120, 60)


def chat(settings: Settings) -> BelegApp:
    known = {TROOPS: troops(), "Who carved it?": answer("Who carved it?"), "Why?": RuntimeError("the model broke")}
    return BelegApp(settings, open_=Scripted(known).open)


def unread(app: BelegApp, *names: str) -> list[str]:
    return [each for name in names for each in unreadable(inside(app, app.screen.query_one(name)))]


async def test_an_answer_and_its_sources_can_be_read_in_every_theme(settings: Settings) -> None:
    app = chat(settings)
    async with running(app, SIZE) as pilot:
        await asked(pilot)
        app.chat.query_one(Composer).text = "Who?"  # its cursor is a block of its own
        app.chat.query_one(".card").add_class("open")
        async for theme in themed(pilot, app):
            assert unread(app, "#conversation", "#sources", "#status") == [], theme


async def test_what_is_nearest_can_be_read_in_every_theme(settings: Settings) -> None:
    nearest = replace(stone().citations[0].quote, marks=())  # of a passage that was found
    refused = replace(answer("Who carved it?"), declined=nearest)
    app = BelegApp(settings, open_=Scripted({"Who carved it?": refused}).open)
    async with running(app, SIZE) as pilot:
        await asked(pilot, "Who carved it?")
        app.chat.query_one(Composer).text = "Who?"  # its cursor is a block of its own
        async for theme in themed(pilot, app):
            assert unread(app, "#conversation", "#sources") == [], theme


@pytest.mark.parametrize("status", ["doing", "failure", "too_long"])
async def test_what_went_wrong_can_be_read_in_every_theme(settings: Settings, status: str) -> None:
    app = chat(settings)
    async with running(app, SIZE) as pilot:
        await asked(pilot, "Who carved it?")
        failed = await ask(pilot, "Why?")
        await until(pilot, lambda: failed.state == "failed")
        failed.focus()  # the cursor would stand on what is to be typed
        setattr(app.chat.query_one(StatusLine), status, "something is to be known")
        async for theme in themed(pilot, app):
            assert unread(app, "#conversation", "#sources", "#composer", "#status") == [], theme


async def test_the_welcome_and_the_help_can_be_read_in_every_theme(settings: Settings) -> None:
    app = chat(settings)
    async with running(app, SIZE) as pilot:
        await until(pilot, lambda: app.chat.query_one(StatusLine).model)
        async for theme in themed(pilot, app):
            assert unread(app, "#conversation") == [], theme
        await pilot.press("f1")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen))
        async for theme in themed(pilot, app):
            assert unread(app, "#help") == [], theme
