"""How the main screens look, at 80×24 and 140×40. After a wanted change: pytest --snapshot-update, and look at them."""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from fake_chat import TROOPS, Scripted, answer, until
from textual.pilot import Pilot
from textual.widgets import Input

from rag.index.library import Library
from rag.settings import Settings
from tui.app import BelegApp
from tui.screens.limit import LimitScreen
from tui.widgets.composer import Composer
from tui.widgets.status import StatusLine

SIZES = pytest.mark.parametrize("size", [(80, 24), (140, 40)], ids=["80x24", "140x40"])
Steps = Callable[[Pilot[None]], Awaitable[None]]


@pytest.fixture
def app(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> BelegApp:
    monkeypatch.setenv("TZ", "UTC")
    with sqlite3.connect(settings.library / "library.sqlite") as database:
        database.execute("UPDATE documents SET indexed = '2026-01-02T03:04:05+00:00'")
    database.close()
    scripted = Scripted()
    scripted.answers |= {"Who carved it?": answer("Who carved it?"), "Why?": RuntimeError("[red]the model broke[/red]")}
    return BelegApp(settings, open_=scripted.open)


async def ask(pilot: Pilot[None], question: str, state: str) -> None:
    app = pilot.app
    assert isinstance(app, BelegApp)
    composer = app.chat.query_one(Composer)
    composer.cursor_blink = False
    composer.text = question
    await pilot.press("enter")
    await until(pilot, lambda: app.chat.turns and app.chat.turns[-1].state == state)
    await pilot.pause()


async def start(pilot: Pilot[None]) -> None:
    app = pilot.app
    assert isinstance(app, BelegApp)
    app.chat.query_one(Composer).cursor_blink = False
    await until(pilot, lambda: app.chat.query_one(StatusLine).model)
    await pilot.pause()


async def answered(pilot: Pilot[None]) -> None:
    await ask(pilot, TROOPS, "answered")


async def card(pilot: Pilot[None]) -> None:
    await answered(pilot)
    await pilot.press("alt+2")
    await pilot.pause()


async def document(pilot: Pilot[None]) -> None:
    await card(pilot)
    await pilot.press("enter")
    await pilot.pause()


async def context(pilot: Pilot[None]) -> None:
    await answered(pilot)
    await pilot.press("f9")
    await pilot.pause()


async def not_found_and_failed(pilot: Pilot[None]) -> None:
    await ask(pilot, "Who carved it?", "not-found")
    await ask(pilot, "Why?", "failed")


async def documents(pilot: Pilot[None]) -> None:
    await start(pilot)
    await pilot.press("ctrl+l")
    await pilot.pause()
    await pilot.press("down", "space")
    await pilot.pause()


async def limit(pilot: Pilot[None]) -> None:
    app = pilot.app
    assert isinstance(app, BelegApp)
    await start(pilot)
    with Library(app.settings.library) as library:
        library.tag([entry.id for entry in library.entries()][:2], ["news", "machine learning"])
    await pilot.press("ctrl+l", "ctrl+f")
    await until(pilot, lambda: isinstance(app.screen, LimitScreen))
    app.screen.query_one(Input).cursor_blink = False
    app.screen.query_one(Input).value = "#news since:2024"
    await pilot.pause()


async def limited(pilot: Pilot[None]) -> None:
    await limit(pilot)
    await pilot.press("enter")
    await pilot.pause()


async def help_(pilot: Pilot[None]) -> None:
    await start(pilot)
    await pilot.press("f1")
    await pilot.pause()


async def note(pilot: Pilot[None]) -> None:
    await answered(pilot)
    app = pilot.app
    assert isinstance(app, BelegApp)
    app.tell("The answer: sent to the terminal’s clipboard (OSC 52)")
    await until(pilot, lambda: app.screen.query("Toast"))
    await pilot.pause()


_ALL = (start, answered, card, document, context, not_found_and_failed, documents, limit, limited, help_, note)


@SIZES
@pytest.mark.parametrize("steps", _ALL, ids=lambda steps: steps.__name__.strip("_"))
def test_the_screen_looks_as_it_did(snap_compare: Any, app: BelegApp, steps: Steps, size: tuple[int, int]) -> None:
    assert snap_compare(app, terminal_size=size, run_before=steps)


@SIZES
@pytest.mark.parametrize("steps", (answered, card, document, documents, help_), ids=lambda steps: steps.__name__)
def test_the_screen_looks_as_it_did_in_a_light_theme(
    snap_compare: Any, app: BelegApp, steps: Steps, size: tuple[int, int]
) -> None:
    app.theme = "textual-light"
    assert snap_compare(app, terminal_size=size, run_before=steps)


@SIZES
def test_an_empty_library_looks_as_it_did(
    snap_compare: Any, tmp_path: Path, cache: Path, size: tuple[int, int]
) -> None:
    settings = Settings(library=Path("/home/you/documents/library"), cache=cache, state=tmp_path)

    async def counted(pilot: Pilot[None]) -> None:
        app = pilot.app
        assert isinstance(app, BelegApp)
        app.chat.query_one(Composer).cursor_blink = False
        await until(pilot, lambda: app.chat.query_one(StatusLine).documents == (0, 0))
        await pilot.pause()

    assert snap_compare(BelegApp(settings, open_=Scripted().open), terminal_size=size, run_before=counted)
