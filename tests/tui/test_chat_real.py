"""The main road of the chat with the real models on the seed articles."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fake_chat import TROOPS, ask, flat, on_screen, until

from rag.conversations.store import Conversations
from rag.settings import Settings
from tui.app import BelegApp
from tui.messages import Asked
from tui.screens.document import DocumentScreen
from tui.widgets.card import Card
from tui.widgets.document_view import DocumentView
from tui.widgets.source import Sources
from tui.widgets.status import StatusLine
from tui.widgets.turn import Turn


async def test_ask_open_the_source_follow_up_stop_and_go_on_another_day(settings: Settings) -> None:
    app = BelegApp(settings)
    async with app.run_test(size=(140, 40)) as pilot:
        turn = await ask(pilot, TROOPS)  # typed before the models are loaded
        await until(pilot, lambda: turn.state == "answered", seconds=120)
        assert app.chat.query_one(StatusLine).model == "beleg-reader"
        assert "11.000 nordkoreanische Soldaten. [1]" in flat(on_screen(app, "#conversation"))
        assert "The sources give different figures" in on_screen(app, "#conversation")
        assert turn.answer is not None and turn.answer.status == "answered"

        await pilot.press("alt+1")
        await until(pilot, lambda: app.chat.query_one(Sources).query(Card).first().has_class("open"))
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, DocumentScreen))
        await pilot.pause()
        first = turn.answer.citations[0].quote
        view = app.screen.query_one(DocumentView)
        assert view.top <= first.start
        assert "11.000 nordkoreanische Soldaten" in flat(on_screen(app, view))
        await pilot.press("escape", "escape")

        following = await ask(pilot, "And how many does Blinken speak of?")
        await until(pilot, lambda: following.state in ("answered", "not-found"), seconds=120)
        assert "asked as: And how many does Blinken speak of? (" in flat(on_screen(app, "#conversation"))
        assert following.answer is not None
        assert "8,000" in following.answer.text or "8.000" in following.answer.text

        # A pilot waits until the process is idle, which the model's work delays: so there is more of it.
        for number in range(12):
            app.chat.post_message(Asked(f"Who could act as go-between number {number}?"))
        await until(pilot, lambda: len(app.chat.turns) == 14)
        stopped: list[Turn] = []
        while not stopped and any(turn.answer is None for turn in app.chat.turns):
            await pilot.press("escape")  # again where the answer was just then whole
            await pilot.pause(0.1)
            stopped = [turn for turn in app.chat.turns if turn.state == "stopped"]
        assert stopped and all(turn.answer is None for turn in stopped)
        await pilot.press("ctrl+q")

    saved = Conversations(settings.library)
    kept = saved.headings()[0].turns
    assert 2 <= kept < 14

    app = BelegApp(settings, go_on=True)
    async with app.run_test(size=(140, 40)) as pilot:
        await until(pilot, lambda: len(app.chat.turns) == kept and app.chat.turns[-1].answer is not None)
        assert [turn.state for turn in app.chat.turns[:2]] == ["answered", "answered"]
        assert len(app.chat.query_one(Sources).quotes) > 0
        again = await ask(pilot, "Was verlangt der UN-Generalsekretär?")
        await until(pilot, lambda: again.state == "answered", seconds=120)
        assert again.answer is not None
        last = again.answer.statements[-1].text
        await until(pilot, lambda: last in flat(on_screen(app, "#conversation")))
    assert [heading.turns for heading in saved.headings()] == [kept + 1]


@pytest.mark.stress  # what writes is asked in the suite by the command, and the screen shows it from a told assistant
async def test_the_model_may_write_the_answer_itself(settings: Settings) -> None:
    app = BelegApp(replace(settings, mode="compose"))
    async with app.run_test(size=(80, 24)) as pilot:
        turn = await ask(pilot, TROOPS)
        await until(pilot, lambda: turn.state == "answered", seconds=120)
        assert turn.answer is not None and turn.answer.mode == "compose"
        assert all(statement.supported and statement.citations for statement in turn.answer.statements)
        assert any("Use only what the quote says" in prompt for prompt in turn.answer.prompts)
