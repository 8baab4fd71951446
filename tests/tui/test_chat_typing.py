"""What is typed goes to the question: wherever the focus is, in bursts, pastes, an editor, and as commands."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path

import pytest
from fake_chat import TROOPS, Scripted, asked, burst, on_screen, running, told, until
from textual import events

from rag.settings import Settings
from tui.app import BelegApp
from tui.screens.documents import DocumentsScreen
from tui.screens.help import HelpScreen
from tui.widgets.card import Card
from tui.widgets.composer import Composer


async def test_an_enter_in_the_midst_of_a_burst_is_a_line_end_as_in_a_paste_that_no_terminal_marked(
    settings: Settings,
) -> None:
    scripted = Scripted()
    app = BelegApp(settings, open_=scripted.open)
    async with running(app) as pilot:
        burst(app, "first line\rsecond\r\rlast")
        await until(pilot, lambda: app.chat.query_one(Composer).text == "first line\nsecond\n\nlast")
        assert not app.chat.turns
        await pilot.press("enter")
        await until(pilot, lambda: scripted.asked == [("first line\nsecond\n\nlast", (), 0)])


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
async def test_a_paste_keeps_its_lines_and_goes_to_the_question_wherever_the_focus_is(
    settings: Settings, ends: str
) -> None:
    app = BelegApp(settings, open_=Scripted().open)
    async with running(app) as pilot:
        turn = await asked(pilot)
        await pilot.press("escape")
        await until(pilot, lambda: app.focused is turn)
        app.post_message(events.Paste(f"one{ends}two"))
        await until(pilot, lambda: app.chat.query_one(Composer).text == "one\ntwo")
        assert isinstance(app.focused, Composer)


async def test_letters_and_digits_go_to_the_question_wherever_the_focus_is(settings: Settings) -> None:
    app = BelegApp(settings, open_=Scripted().open)
    async with running(app) as pilot:
        turn = await asked(pilot)
        for place in (turn, app.chat.query(Card).first()):
            app.chat.query_one(Composer).text = ""
            place.focus()
            await until(pilot, lambda focused=place: app.focused is focused)
            burst(app, "can 9 jackals yawn?")
            await until(pilot, lambda: app.chat.query_one(Composer).text == "can 9 jackals yawn?")
        assert app.screen is app.chat and len(app.chat.turns) == 1


async def test_escape_clears_what_is_typed_and_undo_brings_it_back(settings: Settings) -> None:
    app = BelegApp(settings, open_=Scripted().open)
    async with running(app) as pilot:
        turn = await asked(pilot)
        composer = app.chat.query_one(Composer)
        await pilot.press(*"Who?", "escape")
        await until(pilot, lambda: composer.text == "" and app.focused is composer)
        await pilot.press("alt+z")
        await until(pilot, lambda: composer.text == "Who?")
        await pilot.press("escape", "escape")
        await until(pilot, lambda: app.focused is turn)


async def test_a_question_that_is_too_long_is_told_while_it_is_typed_and_stays(settings: Settings) -> None:
    scripted = Scripted()
    app = BelegApp(settings, open_=scripted.open)
    async with running(app, notes=True) as pilot:
        composer = app.chat.query_one(Composer)
        app.post_message(events.Paste("a" * 2100))
        await until(pilot, lambda: "2,100 of 2,000 characters: shorten it to ask" in on_screen(app, "#status"))
        await pilot.press("enter")
        await until(pilot, lambda: "2,000 can be asked" in told(app))
        assert composer.text == "a" * 2100 and not app.chat.turns
        composer.text = "Who?"
        await until(pilot, lambda: "characters" not in on_screen(app, "#status"))


async def test_pages_of_the_conversation_are_turned_from_the_question(settings: Settings) -> None:
    app = BelegApp(settings, open_=Scripted().open)
    async with running(app, (80, 24)) as pilot:
        for _ in range(3):
            await asked(pilot)
        conversation = app.chat.query_one("#conversation")
        end = conversation.scroll_y
        await pilot.press("pageup")
        await until(pilot, lambda: conversation.scroll_y < end)
        assert isinstance(app.focused, Composer)
        await pilot.press("pagedown")
        await until(pilot, lambda: conversation.scroll_y == end)


async def test_the_question_can_be_written_in_the_persons_own_editor(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = tmp_path / "editor"
    script.write_text('#!/bin/sh\nprintf \'and more\\n\' >> "$1"\nls -l "$1" > ' + str(tmp_path / "seen") + "\n")
    script.chmod(0o700)
    monkeypatch.setenv("VISUAL", str(script))
    monkeypatch.setattr(BelegApp, "suspend", lambda _: nullcontext())  # no terminal is there
    app = BelegApp(settings, open_=Scripted().open)
    async with running(app, notes=True) as pilot:
        composer = app.chat.query_one(Composer)
        await pilot.press(*"Who?", "ctrl+j", "ctrl+e")
        await until(pilot, lambda: composer.text == "Who?\nand more")
        name = (tmp_path / "seen").read_text().split()[-1]
        assert not Path(name).exists()
        monkeypatch.setenv("VISUAL", "false")
        await pilot.press("ctrl+e")
        await until(pilot, lambda: "false ended with 1; the question is as it was" in told(app))
        assert composer.text == "Who?\nand more"


async def test_commands_after_a_slash_are_completed_and_run_and_unknown_ones_are_told(settings: Settings) -> None:
    app = BelegApp(settings, open_=Scripted().open)
    async with running(app, notes=True) as pilot:
        await pilot.press(*"/do", "tab")
        await until(pilot, lambda: app.chat.query_one(Composer).text == "/docs")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, DocumentsScreen))
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.chat)
        await pilot.press(*"/fly", "enter")
        await until(pilot, lambda: "There is no /fly. There are: /add add files and folders" in told(app))
        assert not app.chat.turns
        await pilot.press(*"/help", "enter")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen))


async def test_digits_that_are_typed_on_beside_an_answer_begin_the_question(settings: Settings) -> None:
    app = BelegApp(settings, open_=Scripted().open)
    async with running(app) as pilot:
        turn = await asked(pilot)
        for question in ("2004 what?", "1 2 3 go", "32 men?"):
            turn.focus()
            await until(pilot, lambda: app.focused is turn)
            burst(app, question)
            await until(pilot, lambda typed=question: app.chat.query_one(Composer).text == typed)
            await pilot.pause()  # the answer has a queue of its own: its digit may come after all that was typed
            assert isinstance(app.focused, Composer)
            app.chat.query_one(Composer).clear()


async def test_a_question_that_is_typed_after_a_walk_through_the_history_is_not_overwritten(settings: Settings) -> None:
    app = BelegApp(settings, open_=Scripted().open)
    async with running(app) as pilot:
        for question in ("first?", "second?"):
            await asked(pilot, question)
        await pilot.press("up", "up", "escape", *"draft", "down")
        await pilot.pause()
        assert app.chat.query_one(Composer).text == "draft"
        await pilot.press("up", "down")
        await until(pilot, lambda: app.chat.query_one(Composer).text == "draft")


async def test_tab_goes_to_the_answer_that_is_selected(settings: Settings) -> None:
    app = BelegApp(settings, open_=Scripted().open)
    async with running(app, notes=True) as pilot:
        await asked(pilot)
        last = await asked(pilot)
        await pilot.press("slash", "tab")
        await until(pilot, lambda: "/docs the documents" in told(app))
        await pilot.press("escape", "tab")
        await until(pilot, lambda: app.focused is last)


# --- ctrl+c ------------------------------------------------------------------------------


async def test_ctrl_c_copies_what_is_selected_stops_what_runs_and_pressed_twice_quits(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    scripted = Scripted(gated=True)
    app = BelegApp(settings, open_=scripted.open)
    async with running(app, notes=True) as pilot:
        composer = app.chat.query_one(Composer)
        await pilot.press(*"some words", "shift+home", "ctrl+c")
        await until(pilot, lambda: app.clipboard == "some words" and "The selection" in told(app))
        composer.text = TROOPS
        await pilot.press("enter")
        await until(pilot, lambda: "asked" in scripted.events)
        await pilot.press("ctrl+c")
        await until(pilot, lambda: "stopped" in scripted.events and app.chat.turns[0].state == "stopped")
        assert app.is_running
        monkeypatch.setattr("tui.terminal._AGAIN", 60.0)
        await pilot.press("ctrl+c")
        await until(pilot, lambda: not app.is_running)


async def test_ctrl_c_with_nothing_to_stop_says_how_to_quit(settings: Settings) -> None:
    app = BelegApp(settings, open_=Scripted().open)
    async with running(app, notes=True) as pilot:
        await asked(pilot)
        await pilot.press("ctrl+c")
        await until(pilot, lambda: "ctrl+c again quits" in told(app))
        assert app.is_running
