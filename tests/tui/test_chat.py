"""Asking in the chat: what is typed, what is shown while it is answered, what waits, and what follows."""

from __future__ import annotations

import re
import threading
from dataclasses import replace

import pytest
from fake_chat import (
    ENDED,
    STONE,
    TROOPS,
    Scripted,
    answer,
    ask,
    asked,
    burst,
    on_screen,
    running,
    told,
    until,
)
from library_fixtures import as_format
from textual.content import Content

from rag.answering.assistant import Assistant
from rag.answering.attribution import Statement
from rag.conversations.store import Conversations
from rag.index.library import FILE, Library
from rag.settings import Settings
from tui import messages
from tui.app import BelegApp
from tui.widgets.composer import Composer
from tui.widgets.status import StatusLine

# --- the composer ----------------------------------------------------------------------


async def test_enter_sends_the_question_and_empties_the_composer(settings: Settings) -> None:
    scripted = Scripted()
    app = BelegApp(settings, open_=scripted.open)
    async with running(app) as pilot:
        await pilot.press(*"Who?", "enter")
        await until(pilot, lambda: app.chat.turns and app.chat.turns[0].state in ENDED)
        assert app.chat.query_one(Composer).text == ""
        assert scripted.asked == [("Who?", (), 0)]
        assert "Who?" in on_screen(app, "#conversation") and "I found no sentence that answers this." in on_screen(app)


async def test_letters_that_arrive_in_one_burst_with_enter_are_all_sent(settings: Settings) -> None:
    scripted = Scripted()
    app = BelegApp(settings, open_=scripted.open)
    async with running(app) as pilot:
        for question in (TROOPS, STONE):
            burst(app, f"{question}\r")
            await until(pilot, lambda asked=question: scripted.asked and scripted.asked[-1][0] == asked)
        assert [question for question, *_ in scripted.asked] == [TROOPS, STONE]


async def test_an_empty_question_is_not_sent(settings: Settings) -> None:
    scripted = Scripted()
    app = BelegApp(settings, open_=scripted.open)
    async with running(app) as pilot:
        await pilot.press("enter", "space", "enter", *"Who?", "enter")
        await until(pilot, lambda: scripted.asked)
        assert [turn.question for turn in app.chat.turns] == ["Who?"]


async def test_ctrl_j_and_shift_enter_begin_a_new_line(settings: Settings) -> None:
    scripted = Scripted()
    app = BelegApp(settings, open_=scripted.open)
    async with running(app) as pilot:
        await pilot.press("a", "ctrl+j", "b", "shift+enter", "c")
        assert app.chat.query_one(Composer).text == "a\nb\nc" and not app.chat.turns
        await pilot.press("enter")
        await until(pilot, lambda: scripted.asked)
        assert scripted.asked[0][0] == "a\nb\nc"


async def test_up_and_down_walk_through_earlier_questions_and_back_to_what_was_typed(settings: Settings) -> None:
    app = BelegApp(settings, open_=Scripted().open)
    async with running(app) as pilot:
        for question in ("first?", "second?", "first?"):
            await asked(pilot, question)
        await pilot.press(*"new")
        seen = []
        for key in ("up", "up", "up", "down", "down", "down"):
            await pilot.press(key)
            seen.append(app.chat.query_one(Composer).text)
        assert seen == ["first?", "second?", "second?", "first?", "new", "new"]


async def test_up_and_down_move_within_a_question_of_more_lines_first(settings: Settings) -> None:
    app = BelegApp(settings, open_=Scripted().open)
    async with running(app) as pilot:
        await asked(pilot, "first?")
        await pilot.press("a", "ctrl+j", "b", "up", "x")
        assert app.chat.query_one(Composer).text == "ax\nb"
        await pilot.press("up")
        assert app.chat.query_one(Composer).text == "first?"
        await pilot.press("down")
        assert app.chat.query_one(Composer).text == "ax\nb"


# --- what is shown meanwhile --------------------------------------------------------------


async def test_the_phases_are_shown_in_order_and_statements_appear_one_by_one(settings: Settings) -> None:
    scripted = Scripted(gated=True)
    app = BelegApp(settings, open_=scripted.open)
    first, second, third = ("stehen nach den Worten", "On 31 October Mr Blinken", "Blinken hatte die Zahl")

    async def phase(said: str) -> str:
        scripted.step()
        await until(pilot, lambda: said in on_screen(app, turn) and said in on_screen(app, "#status"), said)
        return on_screen(app, turn)

    async with running(app, (140, 50)) as pilot:
        turn = await ask(pilot, TROOPS)
        await until(pilot, lambda: "searching" in on_screen(app, "#status"))
        await phase("searching")
        assert "%" not in await phase("reading 3 passages")
        assert first not in await phase("reading 3 passages · 50 of 100 tokens")
        assert first in await phase("writing") and second not in on_screen(app, turn)
        scripted.step()
        await until(pilot, lambda: second in on_screen(app, turn))
        assert first in on_screen(app, turn) and third not in on_screen(app, turn)
        assert not app.chat.query_one("#sources").display
        scripted.step()
        await until(pilot, lambda: third in on_screen(app, turn))
        assert turn.state == "working"
        scripted.step()
        await until(pilot, lambda: turn.state == "answered" and "ready" in on_screen(app, "#status"))
        assert on_screen(app, turn).count(first) == 1
        await until(pilot, lambda: "The sources give different figures" in on_screen(app, turn))


async def test_the_status_line_counts_the_seconds(settings: Settings) -> None:
    scripted = Scripted(gated=True)
    app = BelegApp(settings, open_=scripted.open)
    async with running(app, (100, 30)) as pilot:
        await ask(pilot, TROOPS)

        def seconds() -> float:
            found = re.search(r"searching (\d+\.\d) s", on_screen(app, "#status"))
            return float(found[1]) if found else 0.0

        await until(pilot, lambda: seconds() > 0)  # which of them is seen a busy machine decides
        first = seconds()
        await until(pilot, lambda: seconds() > first)


async def test_the_status_line_says_what_there_is(settings: Settings) -> None:
    app = BelegApp(settings, open_=Scripted().open)
    async with running(app, (100, 30)) as pilot:
        await until(pilot, lambda: "scripted-llm · quote" in on_screen(app, "#status"))
        assert on_screen(app, "#status").startswith("6 documents, ") and on_screen(app, "#status").endswith("ready")


# --- what waits --------------------------------------------------------------------------


async def test_a_question_waits_while_the_models_load_and_is_then_answered(settings: Settings) -> None:
    scripted, ready = Scripted(), threading.Event()

    def slow(settings: Settings) -> Assistant:
        ready.wait(60)
        return scripted.open(settings)

    app = BelegApp(settings, open_=slow)
    async with running(app, (100, 30)) as pilot:
        await until(pilot, lambda: "loading the models" in on_screen(app, "#status"))
        turn = await ask(pilot, TROOPS)
        await until(pilot, lambda: "waiting" in on_screen(app, turn))
        assert turn.state == "waiting" and not scripted.asked
        ready.set()
        await until(pilot, lambda: turn.state == "answered")


async def test_questions_asked_in_a_row_are_answered_in_order(settings: Settings) -> None:
    scripted = Scripted(gated=True)
    app = BelegApp(settings, open_=scripted.open)
    async with running(app, (100, 50)) as pilot:
        first, second = await ask(pilot, STONE), await ask(pilot, TROOPS)
        scripted.step(4)
        await until(pilot, lambda: "writing" in on_screen(app, first))
        assert second.state == "waiting" and len(scripted.asked) == 1
        scripted.step(10)
        await until(pilot, lambda: second.state == "answered")
        assert first.state == "answered"
        assert [(question, before) for question, _, before in scripted.asked] == [(STONE, 0), (TROOPS, 1)]


# --- what follows ------------------------------------------------------------------------


async def test_a_follow_up_gets_the_earlier_answers_and_says_as_what_it_was_asked(settings: Settings) -> None:
    completed = replace(answer("And there?"), standalone="How many troops are in Seoul?")
    scripted = Scripted({"And there?": completed})
    app = BelegApp(settings, open_=scripted.open)
    async with running(app) as pilot:
        first = await asked(pilot, "Where?")
        second = await asked(pilot, "And there?")
        assert scripted.asked == [("Where?", (), 0), ("And there?", (), 1)]
        assert "asked as: How many troops are in Seoul?" in on_screen(app, second)
        assert "asked as" not in on_screen(app, first)


async def test_what_was_completed_and_then_asked_as_it_was_put_says_nothing_of_the_completion(
    settings: Settings,
) -> None:
    scripted = Scripted(
        {"And there?": replace(answer("And there?"), standalone="How many are there? (Seoul)")}, gated=True
    )
    app = BelegApp(settings, open_=scripted.open)
    async with running(app) as pilot:
        turn = await ask(pilot, "And there?")
        scripted.step()
        await until(pilot, lambda: "asked as: How many are there? (Seoul)" in on_screen(app, turn))
        app.chat.post_message(messages.Searched(turn.number, "And there?"))
        await until(pilot, lambda: "asked as" not in on_screen(app, turn))


async def test_a_stopped_or_failed_turn_is_no_earlier_answer(settings: Settings) -> None:
    scripted = Scripted({"Fails?": RuntimeError("no")})
    app = BelegApp(settings, open_=scripted.open)
    async with running(app) as pilot:
        await asked(pilot, "Fails?")
        await asked(pilot, "Next?")
        assert scripted.asked[1] == ("Next?", (), 0)


async def test_what_cannot_be_saved_is_shown_and_says_so(settings: Settings) -> None:
    Conversations(settings.library).file.write_text("no database", encoding="utf-8")
    app = BelegApp(settings, open_=Scripted().open)
    async with running(app, (100, 50)) as pilot:
        turn = await asked(pilot)
        assert turn.state == "answered"
        assert "not saved: The conversations in" in on_screen(app, turn)


async def test_text_that_looks_like_markup_is_shown_and_not_obeyed(settings: Settings) -> None:
    odd = "[red]x[/red] **bold** <b>b</b> `c` [link](http://example.org) # \x1b[31m &amp;"
    told_so = replace(answer("Odd?"), text=odd, statements=(Statement(odd, (), False),), status="answered")
    app = BelegApp(settings, open_=Scripted({odd: replace(told_so, question=odd)}).open)
    async with running(app, (120, 30)) as pilot:
        turn = await asked(pilot, odd)
        assert on_screen(app, turn).count("[red]x[/red] **bold** <b>b</b> `c` [link](http://example.org) #") == 2
        assert on_screen(app, turn).count("[31m &amp;") == 2 and "\x1b" not in on_screen(app)


async def test_a_library_that_was_brought_up_to_date_is_told_of_with_the_copy_that_was_made(
    settings: Settings,
) -> None:
    old = settings.library.parent / "old"
    old.mkdir()
    as_format(1, settings.library / FILE, old / FILE)
    app = BelegApp(replace(settings, library=old), open_=Scripted().open)
    async with running(app, (140, 40), notes=True) as pilot:
        await until(pilot, lambda: "library.format-1." in told(app))


# --- an empty library --------------------------------------------------------------------


def chunks(settings: Settings) -> int:
    """Return how many chunks the library has."""
    with Library(settings.library) as library:
        return library.count()[1]


async def test_an_empty_library_says_how_to_add_documents_and_the_seeds_are_tried_with_a_key(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[str] = []  # all that the status line ever was: indexing may be over before the screen is looked at
    render = StatusLine.render

    def seen(line: StatusLine) -> Content:
        content = render(line)
        shown.append(content.plain)
        return content

    monkeypatch.setattr(StatusLine, "render", seen)
    scripted = Scripted()
    empty = replace(settings, library=settings.library.parent / "none")
    app = BelegApp(empty, open_=scripted.open)
    async with running(app, (100, 40), notes=True) as pilot:
        await until(pilot, lambda: "The library is empty." in on_screen(app, "#conversation"))
        for said in ("ctrl+l adds files and folders", "beleg index FOLDER", "ctrl+t tries it"):
            assert said in on_screen(app, "#conversation"), said
        assert str(empty.library) in on_screen(app, "#conversation").replace(" ", "")
        assert "0 documents" in on_screen(app, "#status") and not scripted.opened
        turn = await ask(pilot, TROOPS)
        await until(pilot, lambda: "waiting for documents" in on_screen(app, turn))
        await pilot.press("ctrl+t")
        await until(pilot, lambda: turn.state == "answered")
        await until(pilot, lambda: "6 new" in told(app))
        assert any("indexing" in line for line in shown)
        assert app.chat.query_one(StatusLine).documents == (6, chunks(empty))
