"""Held: nothing is lost that is on the screen, or was; what is not evidence never looks like it."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest
from fake_chat import TROOPS, Scripted, answer, ask, asked, burst, flat, on_screen, running, told, troops, until
from textual.pilot import Pilot

from rag.conversations.store import FILE, Conversations, new_id
from rag.settings import Settings
from tui.app import BelegApp
from tui.messages import Asked
from tui.screens.context import ContextScreen
from tui.screens.conversations import ConversationsScreen
from tui.screens.document import DocumentScreen
from tui.widgets.composer import Composer
from tui.widgets.conversation import MOST_SHOWN, Conversation
from tui.widgets.document_view import DocumentView
from tui.widgets.path_input import PathInput
from tui.widgets.source import Sources


def chat(settings: Settings, scripted: Scripted | None = None, *, go_on: bool = False) -> BelegApp:
    return BelegApp(settings, open_=(scripted or Scripted()).open, go_on=go_on)


async def export(app: BelegApp, pilot: Pilot[None], path: Path) -> list[str]:
    """Save the conversation as JSON through the dialog; return its questions."""
    await pilot.press("ctrl+s")
    await until(pilot, lambda: app.screen.query(PathInput))
    app.screen.query_one(PathInput).value = str(path)
    await pilot.press("enter")
    await until(pilot, path.exists)
    return [turn["question"] for turn in json.loads(path.read_text(encoding="utf-8"))["turns"]]


async def test_of_a_long_conversation_the_end_is_shown_and_all_of_it_is_kept(
    settings: Settings, tmp_path: Path
) -> None:
    saved, identity = Conversations(settings.library), new_id()
    whole = troops()
    for number in range(MOST_SHOWN + 5):
        saved.save(identity, replace(whole, question=f"Question {number}?"))
    scripted = Scripted()
    app = chat(settings, scripted, go_on=True)
    async with running(app) as pilot:
        await until(pilot, lambda: len(app.chat.turns) == MOST_SHOWN and app.chat.turns[-1].answer is not None)
        assert app.chat.turns[-1].question == f"Question {MOST_SHOWN + 4}?"
        await until(pilot, lambda: app.chat.query_one("#before").display)
        await asked(pilot)
        assert scripted.asked[-1][2] == MOST_SHOWN  # answers that a follow-up may refer to
        questions = await export(app, pilot, tmp_path / "all.json")
    assert questions == [*(f"Question {number}?" for number in range(MOST_SHOWN + 5)), TROOPS]


async def test_old_turns_leave_the_screen_before_it_grows_slow_and_are_kept(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.widgets.conversation.MOST_SHOWN", 2)
    app = chat(settings)
    async with running(app) as pilot:
        for number in range(1, 8):
            app.chat.post_message(Asked(TROOPS))
            await until(pilot, lambda n=number: [(t.number, t.state) for t in app.chat.turns[-1:]] == [(n, "answered")])
        assert [turn.number for turn in app.chat.turns] == [4, 5, 6, 7]
        assert len(app.chat.query_one(Conversation).said("").turns) == 7
        assert app.chat.query_one("#before").display


async def test_what_could_not_be_saved_can_be_exported(settings: Settings, tmp_path: Path) -> None:
    (settings.library / FILE).mkdir()
    app = chat(settings)
    async with running(app, (120, 40)) as pilot:
        await asked(pilot)
        assert "not saved" in on_screen(app, "#conversation")
        assert await export(app, pilot, tmp_path / "kept.json") == [TROOPS]


async def test_after_the_open_conversation_is_deleted_only_what_is_asked_then_is_kept(
    settings: Settings,
) -> None:
    app = chat(settings)
    async with running(app) as pilot:
        await asked(pilot)
        await pilot.press("ctrl+o", "ctrl+d", "y")
        await until(pilot, lambda: Conversations(settings.library).headings() == [])
        await pilot.press("escape")
        await asked(pilot)
        await until(pilot, lambda: len(Conversations(settings.library).headings()) == 1)
        assert Conversations(settings.library).headings()[0].turns == 1


async def test_a_conversation_that_cannot_be_deleted_stays_and_says_why(settings: Settings) -> None:
    app = chat(settings)
    async with running(app) as pilot:
        await asked(pilot)
        await pilot.press("ctrl+o")
        await until(pilot, lambda: isinstance(app.screen, ConversationsScreen))
        (settings.library / FILE).write_bytes(b"no database " * 100)
        for beside in settings.library.glob(f"{FILE}-*"):
            beside.unlink()
        await pilot.press("ctrl+d", "y")
        await until(pilot, lambda: "cannot be used" in on_screen(app))
        assert app.is_running


async def test_the_list_of_conversations_waits_for_no_writer(settings: Settings) -> None:
    app = chat(settings)
    async with running(app) as pilot:
        await asked(pilot)
        with sqlite3.connect(settings.library / FILE, isolation_level=None) as other:
            other.execute("BEGIN IMMEDIATE")
            await pilot.press("ctrl+o")
            await until(pilot, lambda: "1 found" in on_screen(app), seconds=3)
            other.execute("ROLLBACK")
        other.close()


# --- what is not evidence ----------------------------------------------------------------


async def test_a_nearest_passage_is_not_highlighted_in_its_document(settings: Settings) -> None:
    app = chat(settings, Scripted({}))
    async with running(app, (120, 40)) as pilot:
        turn = await ask(pilot, "Who carved it?")
        await until(pilot, lambda: turn.state == "not-found" and app.chat.query_one(Sources).quotes)
        await pilot.press("alt+1", "enter")
        await until(pilot, lambda: isinstance(app.screen, DocumentScreen))
        await until(pilot, lambda: "nearest passage 1 of 3, not evidence" in on_screen(app, "#document-status"))
        assert not app.screen.query_one(DocumentView)._highlights


async def test_a_failed_turn_that_is_selected_has_no_context_and_nothing_to_copy(settings: Settings) -> None:
    app = chat(settings, Scripted({TROOPS: troops(), "Why?": RuntimeError("broken")}))
    async with running(app) as pilot:
        await asked(pilot)
        failed = await ask(pilot, "Why?")
        await until(pilot, lambda: failed.state == "failed" and "selected" in failed.classes)
        await pilot.press("escape")
        await until(pilot, lambda: app.focused is failed)
        await pilot.press("f9", "ctrl+y")
        await pilot.pause()
        assert not isinstance(app.screen, ContextScreen) and app.clipboard == "" and not told(app)


# --- digits ------------------------------------------------------------------------------


async def test_a_question_may_begin_with_a_digit_that_is_also_a_source(settings: Settings) -> None:
    app = chat(settings, Scripted({TROOPS: troops(), "2024 – what?": answer("2024 – what?")}))
    async with running(app) as pilot:
        await asked(pilot)
        burst(app, "2024 – what?")
        await until(pilot, lambda: app.chat.query_one(Composer).text == "2024 – what?")


async def test_after_a_look_at_a_source_the_next_letter_begins_a_question(settings: Settings) -> None:
    app = chat(settings)
    async with running(app) as pilot:
        await asked(pilot)
        await pilot.press("alt+2", *"Who")
        await until(pilot, lambda: app.chat.query_one(Composer).text == "Who")


# --- find --------------------------------------------------------------------------------


async def test_find_begins_anew_when_it_is_opened_again(settings: Settings) -> None:
    app = chat(settings)
    async with running(app, (120, 40)) as pilot:
        await asked(pilot)
        await pilot.press("alt+1", "enter")
        await until(pilot, lambda: isinstance(app.screen, DocumentScreen))
        await pilot.press("slash", *"Kursk")
        await until(pilot, lambda: "Enter goes there" in on_screen(app, "#document-status"))
        await pilot.press("escape")
        await until(pilot, lambda: "quote 1 of 3" in on_screen(app, "#document-status"))
        await pilot.press("slash", *"Kiew")
        await until(pilot, lambda: "Enter goes there" in on_screen(app, "#document-status"))
        assert "Kiew" in flat(on_screen(app))
