"""Hostile text on every screen: it is shown, never obeyed, and the chat goes on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from fake_chat import asked, on_screen, rows, until
from hostile_text import HUGE, LINE, SHOWN, SIZE, hostile, hostile_answer, shows
from textual import events
from textual.widgets import Input

from rag.errors import BelegError
from rag.settings import Settings
from tui.app import BelegApp
from tui.screens.context import ContextScreen
from tui.screens.document import DocumentScreen
from tui.screens.path import ConfirmScreen, PathScreen
from tui.widgets.card import Card
from tui.widgets.composer import Composer
from tui.widgets.status import StatusLine


@pytest.fixture
def app(settings: Settings) -> BelegApp:
    """The chat with an assistant that answers LINE with hostile texts."""
    return BelegApp(settings, open_=hostile(hostile_answer()).open)


async def asked_hostile(pilot: Any) -> None:
    turn = await asked(pilot, LINE)
    assert turn.state == "answered"


async def test_question_answer_sources_and_status_are_shown_as_they_are(app: BelegApp) -> None:
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await asked_hostile(pilot)
        app.chat.query_one("#conversation").scroll_home(animate=False)
        await pilot.pause()
        shows(app, *SHOWN, f"asked as: And {' '.join(SHOWN)}", f"1  {' '.join(SHOWN)}"[:40])
        assert "[/INST]" in str(app.chat.query_one(StatusLine).render())
        card = app.chat.query(Card).first()
        assert all(text in card.render().plain for text in SHOWN)  # type: ignore[union-attr]


async def test_an_open_card_shows_its_quote_and_gloss_as_they_are(app: BelegApp) -> None:
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await asked_hostile(pilot)
        await pilot.press("alt+1")
        await until(pilot, lambda: app.chat.query(Card).first().has_class("open"))
        await pilot.pause()
        shows(app)
        card = on_screen(app, app.chat.query(Card).first()).replace(" ", "")
        assert "".join(SHOWN) in card and f"wordbyword:{''.join(SHOWN)}" in card


async def test_clicking_on_hostile_text_runs_nothing(app: BelegApp) -> None:
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await asked_hostile(pilot)
        lines = rows(app)
        places = [(line.index("[@click"), y) for y, line in enumerate(lines) if "[@click" in line]
        assert places
        for x, y in places:
            await pilot.click(offset=(x + len("[@click=app.quit]"), y))
            await pilot.pause()
        assert app.is_running and app.return_code is None


async def test_the_document_is_shown_as_it_is(app: BelegApp) -> None:
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await asked_hostile(pilot)
        await pilot.press("alt+1", "enter")
        await until(pilot, lambda: isinstance(app.screen, DocumentScreen))
        await pilot.pause()
        shows(app, " ".join(SHOWN), "2024-10-31 · English · [/INST] [red]red[/red]")
        await pilot.press("n", "G")
        await pilot.pause()
        shows(app)
        await pilot.press("slash", *"[/INST]", "enter")
        await until(pilot, lambda: "1 of 1" in "".join(rows(app)))
        shows(app, "1 of 1", "[/INST]")


async def test_what_the_model_was_given_is_shown_as_it_is(app: BelegApp) -> None:
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await asked_hostile(pilot)
        await pilot.press("f9")
        await until(pilot, lambda: isinstance(app.screen, ContextScreen))
        await pilot.pause()
        shows(app, f"Question (English): And {' '.join(SHOWN)}", f"embedder {' '.join(SHOWN)}")
        context = app.screen.query_one("#context")
        for y in range(0, int(context.max_scroll_y) + 1, 40):
            context.scroll_to(y=y, animate=False, immediate=True)
            await pilot.pause()
            shows(app)


@pytest.mark.parametrize("error", [BelegError(HUGE, LINE), RuntimeError(LINE)], ids=["foreseen", "unforeseen"])
async def test_an_error_is_shown_as_it_is(settings: Settings, error: Exception) -> None:
    app = BelegApp(settings, open_=hostile(error).open)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        turn = await asked(pilot, LINE)
        assert turn.state == "failed"
        app.chat.query_one("#conversation").scroll_home(animate=False)
        await pilot.pause()
        shows(app, " ".join(SHOWN))


@pytest.mark.parametrize("error", [BelegError(LINE, LINE), RuntimeError(LINE)], ids=["foreseen", "unforeseen"])
async def test_the_reason_why_nothing_can_be_loaded_is_shown_as_it_is(settings: Settings, error: Exception) -> None:
    def fail(_: Settings) -> Any:
        raise error

    app = BelegApp(settings, open_=fail)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await until(pilot, lambda: "Cannot answer yet" in "".join(rows(app)))
        await until(pilot, lambda: SHOWN[0] in "".join(rows(app)))  # the note has its height a frame later
        shows(app, " ".join(SHOWN)[:30], *SHOWN)


async def test_a_note_is_shown_as_it_is(app: BelegApp) -> None:
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        app.tell(LINE)
        app.tell(f"{LINE} again", bad=True)
        await until(pilot, lambda: len(app.screen.query("Toast")) == 2)
        await pilot.pause()
        shows(app, *SHOWN)


async def test_a_question_that_is_confirmed_is_shown_as_it_is(app: BelegApp) -> None:
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await app.push_screen(ConfirmScreen(f"Overwrite {LINE}?"))
        await pilot.pause()
        shows(app, *SHOWN)


async def test_a_dialog_s_title_hint_and_value_are_shown_as_they_are(app: BelegApp) -> None:
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await app.push_screen(PathScreen(" ".join(SHOWN), " ".join(SHOWN), " ".join(SHOWN)))
        await pilot.pause()
        shows(app, *SHOWN)
        assert "".join(rows(app)[5:-5]).count("[/INST]") == 3


async def test_the_export_s_file_name_is_made_of_words_only(app: BelegApp) -> None:
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await asked_hostile(pilot)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: isinstance(app.screen, PathScreen))
        shows(app, "Save the conversation")
        assert Path(app.screen.query_one(Input).value).name == "inst-red-red-red-link-x-y-link.md"


async def pasted(pilot: Any, text: str) -> None:
    pilot.app.post_message(events.Paste(text))
    await pilot.pause()


async def test_what_is_pasted_as_a_question_is_shown_as_it_is(app: BelegApp) -> None:
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        app.chat.query_one(Composer).focus()
        await pasted(pilot, LINE)
        shows(app, " ".join(SHOWN))
        await pilot.press("enter")
        await until(pilot, lambda: app.chat.turns and app.chat.turns[0].state == "answered")
        await pilot.press("up")
        await pilot.pause()
        shows(app, " ".join(SHOWN))


@pytest.mark.parametrize(
    "keys", [("ctrl+o",), ("ctrl+l", "ctrl+a"), ("ctrl+p",), ("alt+1", "enter", "slash")], ids=" ".join
)
async def test_what_is_pasted_into_an_input_is_shown_as_it_is(app: BelegApp, keys: tuple[str, ...]) -> None:
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await asked_hostile(pilot)
        for key in keys:
            await pilot.press(key)
            await pilot.pause()
        await until(pilot, lambda: isinstance(app.focused, Input))
        await pasted(pilot, LINE[-60:])
        shows(app)
