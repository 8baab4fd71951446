"""Held: before very many files are read the person is asked, with how many they are, and Enter alone reads none."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from chat_documents import chat
from fake_chat import on_screen, running, until

from rag.documents import counting
from rag.models.embedder import Embedder
from rag.settings import Settings
from tui.app import BelegApp
from tui.screens.path import ConfirmScreen
from tui.widgets.status import StatusLine


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three files are many."""
    monkeypatch.setattr(counting, "MANY", 3)


def indexing(app: BelegApp) -> str:
    return app.chat.query_one(StatusLine).indexing


@pytest.mark.usefixtures("few")
async def test_many_files_are_read_after_a_yes_only(
    settings: Settings, notes: Path, embedder: Embedder, tmp_path: Path
) -> None:
    app, _ = chat(replace(settings, library=tmp_path / "new"), embedder)
    async with running(app, (120, 30)) as pilot:
        await until(pilot, lambda: app.chat.query(StatusLine))
        app.index([str(notes)])
        await until(pilot, lambda: isinstance(app.screen, ConfirmScreen) and "3 files in" in on_screen(app))
        assert not indexing(app)
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is app.chat)
        assert not app.engine.entries() and not indexing(app)
        app.index([str(notes)])
        await until(pilot, lambda: isinstance(app.screen, ConfirmScreen))
        await pilot.press("y")
        await until(pilot, lambda: len(app.engine.entries()) == 3 and not indexing(app))


async def test_few_files_are_read_unasked(settings: Settings, notes: Path, embedder: Embedder, tmp_path: Path) -> None:
    app, _ = chat(replace(settings, library=tmp_path / "new"), embedder)
    async with running(app) as pilot:
        await until(pilot, lambda: app.chat.query(StatusLine))
        app.index([str(notes)])
        await until(pilot, lambda: len(app.engine.entries()) == 3 and not indexing(app))
