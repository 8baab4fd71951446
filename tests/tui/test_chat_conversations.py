"""What outlives an answer: saved conversations, files, the clipboard, the palette, and what a person has set."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from fake_chat import (
    SEEDS,
    STONE,
    TROOPS,
    Scripted,
    answer,
    ask,
    asked,
    flat,
    have_asked,
    on_screen,
    quote,
    running,
    told,
    until,
)
from textual.pilot import Pilot
from textual.widgets import Input

from rag.conversations.store import Conversations
from rag.documents.document import read
from rag.index.library import Library
from rag.settings import Settings
from tui.app import BelegApp
from tui.screens.conversations import ConversationsScreen
from tui.screens.document import DocumentScreen
from tui.screens.documents import DocumentsScreen
from tui.screens.path import ConfirmScreen, PathScreen
from tui.widgets.card import Card
from tui.widgets.document_view import DocumentView


def chat(settings: Settings, *, go_on: bool = False) -> BelegApp:
    return BelegApp(settings, open_=Scripted().open, go_on=go_on)


# --- saved and gone on with ----------------------------------------------------------------


async def test_finished_turns_are_saved_one_by_one(settings: Settings) -> None:
    scripted, saved = Scripted(), Conversations(settings.library)
    app = BelegApp(settings, open_=scripted.open)
    async with running(app) as pilot:
        await asked(pilot, TROOPS)
        assert [(heading.title, heading.turns) for heading in saved.headings()] == [(TROOPS, 1)]
        scripted.gated = True
        turn = await ask(pilot, STONE)
        scripted.step(4)
        await until(pilot, lambda: "writing" in on_screen(app, turn))
        assert saved.headings()[0].turns == 1
        scripted.step(10)
        await until(pilot, lambda: turn.state == "answered")
        assert [(heading.title, heading.turns) for heading in saved.headings()] == [(TROOPS, 2)]
        assert [kept.answer.question for kept in saved.open(app.chat.conversation).turns] == [TROOPS, STONE]


async def test_the_last_conversation_is_gone_on_with_and_follow_ups_get_its_answers(settings: Settings) -> None:
    await have_asked(settings, ["Old?"], [STONE, TROOPS])
    scripted = Scripted()
    app = BelegApp(settings, open_=scripted.open, go_on=True)
    async with running(app, (140, 60)) as pilot:
        await until(pilot, lambda: [turn.state for turn in app.chat.turns] == ["answered", "answered"])
        await until(pilot, lambda: "In Kursk stehen" in on_screen(app, "#conversation"))
        assert "French soldiers came across" in on_screen(app, "#conversation")
        await until(pilot, lambda: len(app.chat.query(Card)) == 3)
        await asked(pilot, "And now?")
        assert scripted.asked == [("And now?", (), 2)]
    headings = Conversations(settings.library).headings()
    assert [(heading.title, heading.turns) for heading in headings] == [(STONE, 3), ("Old?", 1)]


async def test_going_on_with_nothing_says_so(settings: Settings) -> None:
    app = chat(settings, go_on=True)
    async with running(app, notes=True) as pilot:
        await until(pilot, lambda: "There is no earlier conversation to go on with." in told(app))
        assert (await asked(pilot)).state == "answered"


async def test_earlier_questions_of_an_opened_conversation_are_walked_through(settings: Settings) -> None:
    await have_asked(settings, [STONE, TROOPS])
    app = chat(settings, go_on=True)
    async with running(app) as pilot:
        await until(pilot, lambda: len(app.chat.turns) == 2 and app.focused is app.chat.query_one("#composer"))
        await pilot.press("up", "up")
        await until(pilot, lambda: STONE in on_screen(app, "#composer"))


async def test_a_new_conversation_begins_under_another_id(settings: Settings) -> None:
    scripted = Scripted()
    app = BelegApp(settings, open_=scripted.open)
    async with running(app) as pilot:
        await asked(pilot, TROOPS)
        first = app.chat.conversation
        await pilot.press("ctrl+n")
        await until(pilot, lambda: not app.chat.turns and "Ask your documents." in on_screen(app, "#conversation"))
        assert not app.chat.query_one("#sources").display
        await asked(pilot, STONE)
        assert app.chat.conversation != first and scripted.asked[-1] == (STONE, (), 0)
    assert [heading.title for heading in Conversations(settings.library).headings()] == [STONE, TROOPS]


async def test_a_new_conversation_stops_what_is_being_answered(settings: Settings) -> None:
    scripted = Scripted(gated=True)
    app = BelegApp(settings, open_=scripted.open)
    async with running(app) as pilot:
        await ask(pilot, TROOPS)
        scripted.step(4)
        await until(pilot, lambda: "writing" in on_screen(app, "#status"))
        await pilot.press("ctrl+n")
        await until(pilot, lambda: scripted.events[-1] == "stopped" and "ready" in on_screen(app, "#status"))
        scripted.gated = False
        await asked(pilot, STONE)
        assert [turn.question for turn in app.chat.turns] == [STONE]
    assert [heading.title for heading in Conversations(settings.library).headings()] == [STONE]


async def test_a_conversation_opens_when_its_document_and_the_file_are_gone(settings: Settings, tmp_path: Path) -> None:
    file = Path(shutil.copy(SEEDS / "kursk-lage.txt", tmp_path / "lage.txt"))
    cited = quote(read(file, "lage.txt"), "In Kursk stehen nach den Worten", "Soldaten.", "11.000")
    app = BelegApp(settings, open_=Scripted({"Who?": answer("Who?", cited)}).open)
    async with running(app) as pilot:
        await asked(pilot, "Who?")
    file.unlink()
    with Library(settings.library) as library:
        for entry in library.entries():
            library.remove(entry.id)
    app = chat(settings, go_on=True)
    async with running(app, (140, 40)) as pilot:
        await until(pilot, lambda: len(app.chat.query(Card)) == 1)
        await until(pilot, lambda: "0 documents" in on_screen(app, "#status"))
        await pilot.press("alt+1")
        await until(pilot, lambda: app.chat.query(".card.open"))
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, DocumentScreen))
        await until(pilot, lambda: flat(cited.text) in on_screen(app, app.screen.query_one(DocumentView)))


# --- the list ------------------------------------------------------------------------------


async def test_the_list_is_searched_by_typing_and_enter_opens(settings: Settings) -> None:
    await have_asked(settings, [TROOPS], [STONE])
    app = chat(settings)
    async with running(app) as pilot:
        await pilot.press("ctrl+o")
        await until(pilot, lambda: "2 found" in on_screen(app))
        assert on_screen(app).index(STONE) < on_screen(app).index(TROOPS) and "1 question" in on_screen(app)
        await pilot.press(*"selenskyj")
        await until(pilot, lambda: "1 found" in on_screen(app) and STONE not in on_screen(app))
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is app.chat and [t.question for t in app.chat.turns] == [TROOPS])


async def test_the_arrows_choose_in_the_list_and_esc_leaves_it(settings: Settings) -> None:
    await have_asked(settings, [TROOPS], [STONE])
    app = chat(settings)
    async with running(app) as pilot:
        await pilot.press("ctrl+o")
        await until(pilot, lambda: "2 found" in on_screen(app))
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.chat)
        assert not app.chat.turns
        await pilot.press("ctrl+o")
        await until(pilot, lambda: "2 found" in on_screen(app))
        await pilot.press("down", "enter")
        await until(pilot, lambda: app.screen is app.chat and [t.question for t in app.chat.turns] == [TROOPS])


async def test_a_conversation_that_is_chosen_while_documents_are_listed_is_shown(settings: Settings) -> None:
    await have_asked(settings, [TROOPS])
    app = chat(settings)
    async with running(app) as pilot:
        await pilot.press("ctrl+l")
        await until(pilot, lambda: isinstance(app.screen, DocumentsScreen))
        await pilot.press("ctrl+o")
        await until(pilot, lambda: "1 found" in on_screen(app))
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is app.chat and TROOPS in on_screen(app), "the conversation")


async def test_a_new_conversation_that_is_begun_while_documents_are_listed_is_shown(settings: Settings) -> None:
    app = chat(settings)
    async with running(app) as pilot:
        await asked(pilot, TROOPS)
        await pilot.press("ctrl+l")
        await until(pilot, lambda: isinstance(app.screen, DocumentsScreen))
        await pilot.press("ctrl+n")
        await until(pilot, lambda: app.screen is app.chat and not app.chat.turns, "the new conversation")


async def test_a_conversation_is_deleted_after_a_yes_only(settings: Settings) -> None:
    await have_asked(settings, [TROOPS], [STONE])
    app = chat(settings)
    async with running(app) as pilot:
        await pilot.press("ctrl+o")
        await until(pilot, lambda: "2 found" in on_screen(app))
        for key, left in (("n", "2 found"), ("y", "1 found")):
            await pilot.press("ctrl+d")
            await until(pilot, lambda: isinstance(app.screen, ConfirmScreen) and f"Delete “{STONE}”" in on_screen(app))
            await pilot.press(key)
            await until(pilot, lambda: isinstance(app.screen, ConversationsScreen))
            await until(pilot, lambda left=left: left in on_screen(app))
    assert [heading.title for heading in Conversations(settings.library).headings()] == [TROOPS]


# --- files -----------------------------------------------------------------------------------


async def save_as(pilot: Pilot[None], app: BelegApp, path: Path) -> None:
    await pilot.press("ctrl+s")
    await until(pilot, lambda: isinstance(app.screen, PathScreen))
    app.screen.query_one(Input).value = str(path)
    await pilot.press("enter")


@pytest.mark.parametrize("ending", [".md", ".html", ".json"])
async def test_a_conversation_is_saved_to_a_file(settings: Settings, tmp_path: Path, ending: str) -> None:
    app, file = chat(settings), tmp_path / f"kept{ending}"
    async with running(app, notes=True) as pilot:
        await asked(pilot, TROOPS)
        await save_as(pilot, app, file)
        await until(pilot, lambda: "Saved in" in told(app))
    text = file.read_text(encoding="utf-8")
    assert TROOPS in text and "nordkoreanische Soldaten" in text.replace("\n", " ")
    if ending == ".json":
        assert json.loads(text)["title"] == TROOPS


async def test_a_file_is_overwritten_after_a_yes_only_and_another_ending_is_refused(
    settings: Settings, tmp_path: Path
) -> None:
    app, file = chat(settings), tmp_path / "kept.md"
    file.write_text("mine", encoding="utf-8")
    async with running(app, (120, 40), notes=True) as pilot:
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "There is no answer to save yet." in told(app))
        await asked(pilot, TROOPS)
        await save_as(pilot, app, tmp_path / "kept.txt")
        await until(pilot, lambda: "no ending" in on_screen(app))
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.chat)
        assert not (tmp_path / "kept.txt").exists()
        await save_as(pilot, app, file)
        await until(pilot, lambda: isinstance(app.screen, ConfirmScreen) and "Overwrite" in on_screen(app))
        await pilot.press("n")
        await until(pilot, lambda: app.screen is app.chat)
        assert file.read_text(encoding="utf-8") == "mine"
        await save_as(pilot, app, file)
        await until(pilot, lambda: isinstance(app.screen, ConfirmScreen))
        await pilot.press("y")
        await until(pilot, lambda: "Saved in" in told(app))
        assert TROOPS in file.read_text(encoding="utf-8")


async def test_the_path_that_is_offered_is_named_for_the_question_and_esc_saves_nothing(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    app = chat(settings)
    async with running(app) as pilot:
        await asked(pilot, TROOPS)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "how-many-north-korean-troops-are-in-kursk.md" in on_screen(app))
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.chat)
    assert not list(tmp_path.glob("*.md"))
