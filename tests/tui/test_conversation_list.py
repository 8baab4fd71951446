"""The list of conversations: named by a person, found with their line, deleted and taken back."""

from __future__ import annotations

from pathlib import Path

import pytest
from fake_chat import STONE, TROOPS, Scripted, asked, on_screen, running, until
from saved_conversations import as_format_1
from textual.pilot import Pilot
from textual.widgets import Input

from rag.conversations.store import Conversations
from rag.settings import Settings
from tui.app import BelegApp
from tui.screens.conversations import ConversationsScreen, NameScreen
from tui.screens.path import ConfirmScreen, PathScreen


def chat(settings: Settings) -> BelegApp:
    return BelegApp(settings, open_=Scripted().open)


@pytest.fixture
async def two(settings: Settings) -> Conversations:
    """Two saved conversations, of which the last is about the stone."""
    app = chat(settings)
    async with running(app) as pilot:
        await asked(pilot, TROOPS)
        await pilot.press("ctrl+n")
        await until(pilot, lambda: not app.chat.turns)
        await asked(pilot, STONE)
    return Conversations(settings.library)


async def listed(pilot: Pilot[None], app: BelegApp, found: str = "2 found") -> None:
    await pilot.press("ctrl+o")
    await until(pilot, lambda: found in on_screen(app))


async def confirm(pilot: Pilot[None], app: BelegApp, key: str = "y") -> None:
    """Delete the conversation that is chosen."""
    await pilot.press("ctrl+d")
    await until(pilot, lambda: isinstance(app.screen, ConfirmScreen))
    await pilot.press(key)
    await until(pilot, lambda: isinstance(app.screen, ConversationsScreen))


# --- names ---------------------------------------------------------------------------------


async def rename(pilot: Pilot[None], app: BelegApp, name: str) -> None:
    """Rename the conversation that is chosen."""
    await pilot.press("f2")
    await until(pilot, lambda: isinstance(app.screen, NameScreen))
    app.screen.query_one(Input).value = name
    await pilot.press("enter")
    await until(pilot, lambda: isinstance(app.screen, ConversationsScreen))


@pytest.mark.parametrize("older", [False, True], ids=["this format", "before names"])
async def test_a_conversation_is_renamed_and_the_name_is_kept(
    settings: Settings, two: Conversations, older: bool
) -> None:
    if older:
        as_format_1(settings.library)
    app = chat(settings)
    async with running(app, (120, 40)) as pilot:
        await listed(pilot, app)
        await pilot.press("down")
        await rename(pilot, app, "Soldiers [in] Kursk")
        await until(pilot, lambda: "Soldiers [in] Kursk" in on_screen(app) and TROOPS not in on_screen(app))
        await pilot.press("enter")  # it is still the one that is chosen
        await until(pilot, lambda: app.screen is app.chat and [t.question for t in app.chat.turns] == [TROOPS])
        await asked(pilot, "And now?")
    app = chat(settings)
    async with running(app, (120, 40)) as pilot:
        await listed(pilot, app)
        assert "Soldiers [in] Kursk" in on_screen(app) and "2 questions" in on_screen(app)
    assert [heading.title for heading in two.headings()] == ["Soldiers [in] Kursk", STONE]


async def test_a_name_is_the_title_of_what_is_saved_to_a_file(
    settings: Settings, two: Conversations, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    two.rename(two.headings()[0].id, "The stone")
    app = chat(settings)
    async with running(app, (120, 40)) as pilot:
        await listed(pilot, app)
        await pilot.press("enter")
        await until(pilot, lambda: [turn.question for turn in app.chat.turns] == [STONE])
        await pilot.press("ctrl+s")
        await until(pilot, lambda: isinstance(app.screen, PathScreen) and "the-stone.md" in on_screen(app))
        await pilot.press("enter")
        await until(pilot, lambda: (tmp_path / "the-stone.md").exists())
    assert (tmp_path / "the-stone.md").read_text(encoding="utf-8").startswith("# The stone\n")


async def test_a_name_is_changed_from_what_it_was_and_taken_away_by_none(
    settings: Settings, two: Conversations
) -> None:
    app = chat(settings)
    async with running(app, (120, 40)) as pilot:
        await listed(pilot, app)
        await pilot.press("f2")
        await until(pilot, lambda: isinstance(app.screen, NameScreen) and STONE in on_screen(app))
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, ConversationsScreen))
        await rename(pilot, app, STONE)
        assert two.name(two.headings()[0].id) == ""  # as it was: no name
        await rename(pilot, app, "A name")
        await until(pilot, lambda: "A name" in on_screen(app))
        await rename(pilot, app, "")
        await until(pilot, lambda: STONE in on_screen(app) and "A name" not in on_screen(app))


async def test_one_that_another_program_has_deleted_cannot_be_renamed_and_that_is_told(
    settings: Settings, two: Conversations
) -> None:
    app = chat(settings)
    async with running(app, (120, 40)) as pilot:
        await listed(pilot, app)
        two.delete(two.headings()[0].id)
        await rename(pilot, app, "A name")
        await until(pilot, lambda: "This conversation is not saved, or no longer." in on_screen(app))


# --- the line that was found -----------------------------------------------------------------


@pytest.mark.usefixtures("two")
async def test_what_is_found_is_shown_with_the_line_that_holds_it(settings: Settings) -> None:
    app = chat(settings)
    async with running(app, (120, 40)) as pilot:
        await listed(pilot, app)
        assert "Selenskyj" not in on_screen(app)
        await pilot.press(*"selenskyj")
        await until(pilot, lambda: "1 found" in on_screen(app))
        shown = on_screen(app)
        assert shown.index("1 question") < shown.index("Wolodymyr Selenskyj")
        strips = app.screen._compositor.render_strips()
        bold = [part.text for strip in strips for part in strip if part.style and part.style.bold and part.text.strip()]
        assert "Selenskyj" in " ".join(bold) and "Wolodymyr" not in " ".join(bold)


@pytest.mark.usefixtures("two")
async def test_a_question_that_is_the_title_is_not_shown_twice(settings: Settings) -> None:
    app = chat(settings)
    async with running(app, (120, 40)) as pilot:
        await listed(pilot, app)
        await pilot.press(*"rosetta")
        await until(pilot, lambda: "1 found" in on_screen(app))
        assert on_screen(app).count("Rosetta Stone") == 1


# --- deleted, and taken back -----------------------------------------------------------------


async def test_what_was_deleted_is_taken_back_as_it_was_the_last_first(settings: Settings, two: Conversations) -> None:
    before = [(heading, two.open(heading.id)) for heading in two.headings()]
    app = chat(settings)
    async with running(app, (120, 40)) as pilot:
        await listed(pilot, app)
        assert "Take back" not in on_screen(app)
        await confirm(pilot, app)
        await until(pilot, lambda: "1 found" in on_screen(app) and "ctrl+z takes it back" in on_screen(app))
        await confirm(pilot, app)
        await until(pilot, lambda: "none found" in on_screen(app))
        assert two.headings() == []
        await pilot.press("escape")  # another list of the same session
        await until(pilot, lambda: app.screen is app.chat)
        await listed(pilot, app, "none found")
        await pilot.press("ctrl+z")
        await until(pilot, lambda: "1 found · taken back" in on_screen(app) and TROOPS in on_screen(app))
        await pilot.press("ctrl+z")
        await until(pilot, lambda: "2 found · taken back" in on_screen(app) and STONE in on_screen(app))
        await until(pilot, lambda: "Take back" not in on_screen(app))
        await pilot.press("ctrl+z", "enter")  # nothing is left to take back; the last one is chosen
        await until(pilot, lambda: [turn.question for turn in app.chat.turns] == [STONE])
    assert [(heading, two.open(heading.id)) for heading in two.headings()] == before


async def test_of_another_session_nothing_is_taken_back(settings: Settings, two: Conversations) -> None:
    app = chat(settings)
    async with running(app, (120, 40)) as pilot:
        await listed(pilot, app)
        await confirm(pilot, app)
        await until(pilot, lambda: "1 found" in on_screen(app))
    app = chat(settings)
    async with running(app, (120, 40)) as pilot:
        await listed(pilot, app, "1 found")
        await pilot.press("ctrl+z")
        await pilot.pause()
        assert "1 found" in on_screen(app) and len(two.headings()) == 1


async def test_deleted_while_it_is_open_it_leaves_the_screen_and_taken_back_it_is_there_again(
    settings: Settings,
) -> None:
    app, saved = chat(settings), Conversations(settings.library)
    async with running(app, (120, 40)) as pilot:
        await asked(pilot, TROOPS)
        await listed(pilot, app, "1 found")
        await confirm(pilot, app)
        await until(pilot, lambda: "none found" in on_screen(app) and not app.chat.turns)
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.chat and TROOPS not in on_screen(app))
        await listed(pilot, app, "none found")
        await pilot.press("ctrl+z")
        await until(pilot, lambda: "taken back" in on_screen(app))
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.chat and TROOPS in on_screen(app, "#conversation"))
        await asked(pilot, STONE)
        await until(pilot, lambda: saved.headings()[0].turns == 2)
    (heading,) = saved.headings()
    assert [turn.answer.question for turn in saved.open(heading.id).turns] == [TROOPS, STONE]


async def test_taken_back_after_another_was_begun_it_leaves_that_one_on_the_screen(settings: Settings) -> None:
    app, saved = chat(settings), Conversations(settings.library)
    async with running(app, (120, 40)) as pilot:
        await asked(pilot, TROOPS)
        await listed(pilot, app, "1 found")
        await confirm(pilot, app)
        await until(pilot, lambda: not app.chat.turns)
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.chat)
        await asked(pilot, STONE)
        await listed(pilot, app, "1 found")
        await pilot.press("ctrl+z")
        await until(pilot, lambda: "2 found" in on_screen(app))
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.chat)
        assert [turn.question for turn in app.chat.turns] == [STONE]
    assert sorted(row.turns for row in saved.headings()) == [1, 1]


async def test_another_one_is_deleted_beside_the_one_that_is_open(settings: Settings, two: Conversations) -> None:
    app = chat(settings)
    async with running(app, (120, 40)) as pilot:
        await asked(pilot, "Open?")
        await listed(pilot, app, "3 found")
        await pilot.press("down")
        await confirm(pilot, app)
        await until(pilot, lambda: "2 found" in on_screen(app))
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.chat)
        assert [turn.question for turn in app.chat.turns] == ["Open?"]
    assert {row.title for row in two.headings()} == {"Open?", TROOPS}
