"""What ends an answer early: Esc, an error, another model, quitting; and how it is asked again."""

from __future__ import annotations

import threading
import time

import pytest
from fake_chat import ENDED, STONE, TROOPS, Scripted, ask, asked, on_screen, running, told, until

from rag.answering.assistant import Assistant
from rag.conversations.store import Conversations
from rag.errors import BelegError, ModelUnavailable
from rag.settings import Settings
from rag.system import logs
from tui.app import BelegApp

FIRST, SECOND = "stehen nach den Worten", "On 31 October Mr Blinken"

# --- Esc -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("steps", "phase", "kept"),
    [
        (0, "searching", 0),
        (1, "searching", 0),
        (2, "reading 3 passages", 0),
        (3, "50 of 100 tokens", 0),
        (5, "writing", 2),
    ],
)
async def test_esc_stops_at_once_and_keeps_what_was_written(
    settings: Settings, steps: int, phase: str, kept: int
) -> None:
    scripted = Scripted(gated=True)
    app = BelegApp(settings, open_=scripted.open)
    async with running(app, (100, 50)) as pilot:
        turn = await ask(pilot, TROOPS)
        for _ in range(steps):
            scripted.step()
        await until(pilot, lambda: phase in on_screen(app, "#status"))
        await until(
            pilot, lambda: scripted.asked and [s in on_screen(app, turn) for s in (FIRST, SECOND)].count(True) == kept
        )
        await pilot.press("escape")
        await until(pilot, lambda: turn.state == "stopped" and "ready" in on_screen(app, "#status"))
        assert "stopped — ctrl+r asks again" in on_screen(app, turn)
        assert [s in on_screen(app, turn) for s in (FIRST, SECOND)] == [kept > 0, kept > 1]
        assert Conversations(settings.library).headings() == []
        scripted.gated = False
        following = await asked(pilot, STONE)
        assert following.state == "answered"
        assert [heading.title for heading in Conversations(settings.library).headings()] == [STONE]


async def test_esc_before_the_answer_has_begun_stops_it_as_well(settings: Settings) -> None:
    scripted = Scripted(gated=True)
    app = BelegApp(settings, open_=scripted.open)
    async with running(app) as pilot:
        await until(pilot, lambda: "scripted-llm" in on_screen(app, "#status"))
        await app.chat.ask(TROOPS)
        app.chat.action_stop()  # nothing was awaited in between: its thread has not begun
        scripted.step()
        await until(pilot, lambda: app.chat.turns[0].state == "stopped", "the stop")


async def test_esc_stops_only_the_question_that_is_being_answered(settings: Settings) -> None:
    scripted = Scripted(gated=True)
    app = BelegApp(settings, open_=scripted.open)
    async with running(app) as pilot:
        first, second = await ask(pilot, TROOPS), await ask(pilot, STONE)
        await until(pilot, lambda: scripted.asked)
        await pilot.press("escape")
        await until(pilot, lambda: first.state == "stopped" and len(scripted.asked) == 2)
        scripted.step(10)
        await until(pilot, lambda: second.state == "answered")
        assert scripted.asked[1] == (STONE, (), 0)


# --- asking again ------------------------------------------------------------------------


async def test_ctrl_r_asks_a_stopped_question_again_in_its_place(settings: Settings) -> None:
    scripted = Scripted(gated=True)
    app = BelegApp(settings, open_=scripted.open)
    async with running(app) as pilot:
        turn = await ask(pilot, TROOPS)
        await until(pilot, lambda: scripted.asked)
        await pilot.press("escape")
        await until(pilot, lambda: turn.state == "stopped")
        scripted.gated = False
        await pilot.press("ctrl+r")
        await until(pilot, lambda: len(app.chat.turns) == 1 and app.chat.turns[0].state == "answered")
        assert "stopped" not in on_screen(app) and on_screen(app, "#conversation").count(TROOPS) == 1


async def test_ctrl_r_asks_an_answered_question_anew_and_keeps_both(settings: Settings) -> None:
    scripted = Scripted()
    app = BelegApp(settings, open_=scripted.open)
    async with running(app, (100, 60)) as pilot:
        await asked(pilot, TROOPS)
        await pilot.press("ctrl+r")
        await until(pilot, lambda: [turn.state for turn in app.chat.turns] == ["answered", "answered"])
        assert [question for question, *_ in scripted.asked] == [TROOPS, TROOPS]


async def test_ctrl_r_does_nothing_to_a_question_that_is_being_answered(settings: Settings) -> None:
    scripted = Scripted(gated=True)
    app = BelegApp(settings, open_=scripted.open)
    async with running(app) as pilot:
        turn = await ask(pilot, TROOPS)
        await until(pilot, lambda: scripted.asked)
        await pilot.press("ctrl+r")
        scripted.step(10)
        await until(pilot, lambda: turn.state == "answered")
        await pilot.pause()
        assert app.chat.turns == [turn] and len(scripted.asked) == 1


# --- failures ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (BelegError("The model broke [1].", "Choose another."), "✗ The model broke [1]. Choose another."),
        (RuntimeError("[bold]no[/bold]"), "✗ RuntimeError: [bold]no[/bold]. Please report this."),
        (MemoryError(), "✗ MemoryError"),
    ],
)
async def test_a_failed_turn_is_shown_with_its_reason_not_saved_and_asked_again(
    settings: Settings, error: Exception, said: str
) -> None:
    scripted = Scripted({TROOPS: error, STONE: Scripted().answers[STONE]})
    app = BelegApp(settings, open_=scripted.open)
    async with running(app) as pilot:
        turn = await asked(pilot, TROOPS)
        assert turn.state == "failed" and said in on_screen(app, turn)
        assert Conversations(settings.library).headings() == []
        scripted.answers[TROOPS] = Scripted().answers[TROOPS]
        await pilot.press("ctrl+r")
        await until(pilot, lambda: [turn.state for turn in app.chat.turns] == ["answered"])
        assert (await asked(pilot, STONE)).state == "answered"


async def test_a_load_that_fails_is_shown_and_ctrl_r_tries_again(settings: Settings) -> None:
    scripted = Scripted()
    attempts: list[Settings] = []

    def failing(settings: Settings) -> Assistant:
        attempts.append(settings)
        if len(attempts) == 1:
            raise ModelUnavailable("There is no model [x].", "Install it.")
        return scripted.open(settings)

    app = BelegApp(settings, open_=failing)
    async with running(app, notes=True) as pilot:
        await until(pilot, lambda: "There is no model [x]. Install it." in told(app))
        turn = await ask(pilot, TROOPS)
        await until(pilot, lambda: turn.state == "failed")
        await until(pilot, lambda: "✗ There is no model [x]. Install it." in on_screen(app, turn))
        await pilot.press("ctrl+r")
        await until(pilot, lambda: [turn.state for turn in app.chat.turns] == ["answered"])
        assert len(attempts) == 2


async def test_what_loading_waits_for_is_shown_in_the_status_line(settings: Settings) -> None:
    scripted = Scripted()
    go_on = threading.Event()

    def waiting(settings: Settings) -> Assistant:
        logs.notice("another program is preparing [it]: waiting for it")
        go_on.wait()
        return scripted.open(settings)

    app = BelegApp(settings, open_=waiting)
    async with running(app, (140, 40)) as pilot:
        await until(pilot, lambda: "another program is preparing [it]: waiting for it" in on_screen(app))
        go_on.set()
        await until(pilot, lambda: "another program" not in on_screen(app))


async def test_a_load_that_fails_with_nothing_asked_is_tried_again_too(settings: Settings) -> None:
    scripted = Scripted()
    attempts: list[Settings] = []

    def failing(settings: Settings) -> Assistant:
        attempts.append(settings)
        if len(attempts) == 1:
            raise OSError("gone")
        return scripted.open(settings)

    app = BelegApp(settings, open_=failing)
    async with running(app, notes=True) as pilot:
        await until(pilot, lambda: "OSError: gone" in told(app))
        await pilot.press("ctrl+r")
        await until(pilot, lambda: "scripted-llm" in on_screen(app, "#status"), "the second attempt")


async def test_questions_that_waited_for_models_that_fail_are_failed(settings: Settings) -> None:
    ready = threading.Event()

    def failing(_: Settings) -> Assistant:
        ready.wait(60)
        raise ModelUnavailable("There is no model.", "Install it.")

    app = BelegApp(settings, open_=failing)
    async with running(app) as pilot:
        turns = [await ask(pilot, TROOPS), await ask(pilot, STONE)]
        ready.set()
        await until(pilot, lambda: [turn.state for turn in turns] == ["failed", "failed"])
        assert on_screen(app, "#conversation").count("✗ There is no model. Install it.") == 2


# --- another model -------------------------------------------------------------------------


async def test_another_mode_stops_the_answer_first_and_then_loads(settings: Settings) -> None:
    scripted = Scripted(gated=True)
    app = BelegApp(settings, open_=scripted.open)
    async with running(app) as pilot:
        turn = await ask(pilot, TROOPS)
        await until(pilot, lambda: scripted.asked)
        app.use(mode="compose")
        await until(pilot, lambda: turn.state == "stopped" and len(scripted.opened) == 2)
        assert scripted.events == ["opened", "asked", "stopped", "closed", "opened"]
        assert [opened.mode for opened in scripted.opened] == ["quote", "compose"]
        await until(pilot, lambda: "scripted-llm · compose" in on_screen(app, "#status"))
        scripted.gated = False
        assert (await asked(pilot, STONE)).state == "answered"


async def test_another_mode_while_the_models_load_is_loaded_after_them(settings: Settings) -> None:
    scripted, ready = Scripted(), threading.Event()

    def slow(settings: Settings) -> Assistant:
        ready.wait(60)
        return scripted.open(settings)

    app = BelegApp(settings, open_=slow)
    async with running(app) as pilot:
        turn = await ask(pilot, TROOPS)
        app.use(mode="compose")
        ready.set()
        await until(pilot, lambda: turn.state == "answered")
        assert [opened.mode for opened in scripted.opened] == ["quote", "compose"]
        assert scripted.events == ["opened", "closed", "opened", "asked"]


async def test_a_question_that_waited_is_answered_by_the_model_chosen_after_one_that_fails(settings: Settings) -> None:
    scripted, ready = Scripted(), threading.Event()

    def failing_first(settings: Settings) -> Assistant:
        if settings.mode == "quote":
            ready.wait(60)
            raise ModelUnavailable("There is no model.")
        return scripted.open(settings)

    app = BelegApp(settings, open_=failing_first)
    async with running(app) as pilot:
        turn = await ask(pilot, TROOPS)
        app.use(mode="compose")
        ready.set()
        await until(pilot, lambda: turn.state in ENDED)
        assert turn.state == "answered"


async def test_a_model_that_cannot_be_used_leaves_the_one_that_works_in_place(settings: Settings) -> None:
    scripted = Scripted()

    def open_(wanted: Settings) -> Assistant:
        if wanted.llm == "broken.gguf":
            raise ModelUnavailable("broken.gguf is no model.", "Choose another.")
        return scripted.open(wanted)

    app = BelegApp(settings, open_=open_)
    async with running(app, (120, 30), notes=True) as pilot:
        assert (await asked(pilot, TROOPS)).state == "answered"
        app.use(llm="broken.gguf", mode="compose")
        await until(pilot, lambda: "Everything is as it was" in told(app) and "broken.gguf is no model" in told(app))
        await until(pilot, lambda: "scripted-llm · quote" in on_screen(app, "#status"))
        assert (await asked(pilot, STONE)).state == "answered"
        assert app.settings.llm is None and app.settings.mode == app.chat.settings.mode == "quote"


# --- quitting ------------------------------------------------------------------------------


async def test_quitting_while_it_answers_ends_within_a_second(settings: Settings) -> None:
    scripted = Scripted(gated=True)
    app = BelegApp(settings, open_=scripted.open)
    async with running(app) as pilot:
        turn = await ask(pilot, TROOPS)
        scripted.step(4)
        await until(pilot, lambda: FIRST in on_screen(app, turn))
        began = time.monotonic()
        await pilot.press("ctrl+q")
    assert time.monotonic() - began < 1
    assert not app.is_running and scripted.events[-1] == "stopped"
    assert Conversations(settings.library).headings() == []


async def test_quitting_while_the_models_load_ends_within_a_second(settings: Settings) -> None:
    ready = threading.Event()

    def slow(_: Settings) -> Assistant:
        ready.wait(60)
        raise ModelUnavailable("too late")

    app = BelegApp(settings, open_=slow)
    async with running(app) as pilot:
        await until(pilot, lambda: "loading the models" in on_screen(app, "#status"))
        began = time.monotonic()
        await pilot.press("ctrl+q")
    took = time.monotonic() - began
    ready.set()
    assert took < 1 and not app.is_running
