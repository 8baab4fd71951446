"""The chat's screen with a scripted assistant: what is asked, shown, stopped, queued and selected."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from scripted import TROOPS, Scripted
from textual.pilot import Pilot

from rag.settings import Settings
from tui.app import BelegApp


async def until(pilot: Pilot[None], condition: Callable[[], object], what: str = "") -> None:
    """Let the app go on until the condition holds; fail after 20 seconds."""
    for _ in range(2000):
        if condition():
            return
        await pilot.pause(0.01)
    raise AssertionError(f"never came about: {what or condition}")


@pytest.fixture
def settings(tmp_path: Path, seed_library: Path, cache: Path) -> Settings:
    shutil.copytree(seed_library, tmp_path / "library")
    return Settings(library=tmp_path / "library", cache=cache, state=tmp_path / "state", threads=2)


async def test_an_answer_is_shown_with_its_sources(settings: Settings) -> None:
    app = BelegApp(settings, open_=Scripted().open)
    async with app.run_test(size=(140, 40)) as pilot:
        await pilot.press(*TROOPS, "enter")
        await until(pilot, lambda: app.chat.turns and app.chat.turns[0].state == "answered")
        await pilot.pause()
        app.save_screenshot("/tmp/exp/shot.svg")
