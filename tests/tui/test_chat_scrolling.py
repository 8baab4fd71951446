"""What of the conversation is in view: its end, the question that is answered, or where the reader has gone."""

from __future__ import annotations

import pytest
from fake_chat import STONE, TROOPS, Scripted, ask, asked, on_screen, rows, running, told, until, wheel
from textual import events
from textual.pilot import Pilot

from rag.settings import Settings
from tui.app import BelegApp
from tui.widgets.conversation import Conversation


def _end(app: BelegApp) -> bool:
    conversation = app.chat.query_one(Conversation)
    return conversation.max_scroll_y > 0 and conversation.scroll_y == conversation.max_scroll_y


async def _being_written(pilot: Pilot[None], app: BelegApp, scripted: Scripted) -> None:
    """Ask until there is more than fits, and have one answer half written."""
    for question in (TROOPS, STONE, TROOPS):
        await asked(pilot, question)
    scripted.gated = True
    turn = await ask(pilot, TROOPS)
    scripted.step(4)
    await until(pilot, lambda: "stehen nach den Worten" in on_screen(app, turn))


async def test_the_conversation_follows_its_end(settings: Settings) -> None:
    scripted = Scripted()
    app = BelegApp(settings, open_=scripted.open)
    async with running(app, (80, 34)) as pilot:
        await _being_written(pilot, app, scripted)
        before = app.chat.query_one(Conversation).max_scroll_y
        await until(pilot, lambda: _end(app))
        scripted.step(10)
        await until(pilot, lambda: app.chat.turns[-1].state == "answered" and _end(app))
        assert app.chat.query_one(Conversation).max_scroll_y > before


async def test_of_an_answer_that_is_higher_than_the_view_the_question_and_the_first_quote_stay(
    settings: Settings,
) -> None:
    scripted = Scripted()
    app = BelegApp(settings, open_=scripted.open)
    async with running(app, (80, 24)) as pilot:
        await _being_written(pilot, app, scripted)
        scripted.step(10)
        turn = app.chat.turns[-1]
        await until(pilot, lambda: turn.state == "answered" and app.chat.query_one("#sources").display)
        await until(pilot, lambda: turn.region.height > app.chat.query_one(Conversation).size.height)
        await until(pilot, lambda: TROOPS in rows(app)[0] and "[1]" in on_screen(app, "#conversation"), seconds=3)


async def test_who_has_scrolled_to_the_end_of_a_long_answer_stays_there_when_the_view_changes(
    settings: Settings,
) -> None:
    app = BelegApp(settings, open_=Scripted().open)
    async with running(app, (80, 24)) as pilot:
        await asked(pilot, TROOPS)
        conversation = app.chat.query_one(Conversation)
        conversation.scroll_y = 0
        await pilot.press("pagedown", "pagedown")
        await until(pilot, lambda: _end(app))
        await pilot.resize_terminal(80, 22)
        await pilot.pause()
        await until(pilot, lambda: _end(app), "the end")


async def test_of_questions_that_wait_for_one_another_the_first_stays_in_view(settings: Settings) -> None:
    scripted = Scripted(gated=True)
    app = BelegApp(settings, open_=scripted.open)
    async with running(app, (80, 24)) as pilot:
        first, *_ = [await ask(pilot, question) for question in (TROOPS, STONE, TROOPS)]
        scripted.step(30)
        await until(pilot, lambda: all(turn.state == "answered" for turn in app.chat.turns))
        await until(pilot, lambda: app.chat.query_one("#sources").display)
        await pilot.pause()
        assert TROOPS in rows(app)[0] and first.region.y == 0


async def test_the_conversation_stays_where_the_reader_scrolled_to(settings: Settings) -> None:
    scripted = Scripted()
    app = BelegApp(settings, open_=scripted.open)
    async with running(app, (80, 24)) as pilot:
        await _being_written(pilot, app, scripted)
        conversation = app.chat.query_one(Conversation)
        wheel(app, conversation, events.MouseScrollUp)
        wheel(app, conversation, events.MouseScrollUp)
        await until(pilot, lambda: conversation.scroll_y == conversation.scroll_target_y < conversation.max_scroll_y)
        at, end = conversation.scroll_y, conversation.max_scroll_y
        scripted.step(10)
        await until(pilot, lambda: app.chat.turns[-1].state == "answered" and conversation.max_scroll_y > end)
        await pilot.pause()
        assert conversation.scroll_y == at
        scripted.gated = False
        await asked(pilot, STONE)
        await until(pilot, lambda: _end(app), "the end, after another question")


@pytest.mark.parametrize("questions", [(STONE,), (TROOPS, STONE, TROOPS), (TROOPS, STONE)])
async def test_a_note_moves_no_line_of_the_conversation(settings: Settings, questions: tuple[str, ...]) -> None:
    app = BelegApp(settings, open_=Scripted().open)
    async with running(app, (80, 24), notes=True) as pilot:
        for question in questions:
            await asked(pilot, question)
        before, height = rows(app), app.chat.query_one(Conversation).size.height
        app.tell("Something that is to be known for a while.")
        await until(pilot, lambda: "Something that is to be known" in told(app))
        await pilot.pause()
        assert rows(app)[: height - 2] == before[: height - 2]
        assert any("Ask your documents" in row for row in rows(app))
        app.clear_notifications()
        await until(pilot, lambda: not told(app))
        await until(pilot, lambda: rows(app) == before)
