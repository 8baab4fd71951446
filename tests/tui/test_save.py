"""Held: a path that cannot be used leaves the dialog there, with what was typed and the reason."""

from __future__ import annotations

from pathlib import Path

from fake_chat import Scripted, asked, on_screen, running, until
from textual.pilot import Pilot

from rag.settings import Settings
from tui.app import BelegApp
from tui.screens.path import PathScreen
from tui.widgets.path_input import PathInput


def chat(settings: Settings) -> BelegApp:
    return BelegApp(settings, open_=Scripted().open)


async def given(app: BelegApp, pilot: Pilot[None], path: Path | str) -> None:
    """Wait for the dialog and give it a path."""
    await until(pilot, lambda: isinstance(app.screen, PathScreen) and app.screen.query(PathInput))
    app.screen.query_one(PathInput).value = str(path)
    await pilot.press("enter")


async def dialog_says(app: BelegApp, pilot: Pilot[None], path: Path | str, *reasons: str) -> None:
    """Wait until the dialog is there with a path, ready to be mended, and every reason."""
    await until(pilot, lambda: isinstance(app.screen, PathScreen) and all(r in on_screen(app) for r in reasons))
    box = app.screen.query_one(PathInput)
    assert box.value == str(path) and app.focused is box


async def test_a_conversation_that_cannot_be_saved_there_is_asked_for_again_with_the_path_and_the_reason(
    settings: Settings, tmp_path: Path
) -> None:
    app = chat(settings)
    async with running(app) as pilot:
        await asked(pilot)
        await pilot.press("ctrl+s")
        await given(app, pilot, tmp_path / "no" / "talk.md")
        await dialog_says(app, pilot, tmp_path / "no" / "talk.md", "cannot be written: No such file or directory")
        await given(app, pilot, tmp_path / "talk.pdf")
        await dialog_says(app, pilot, tmp_path / "talk.pdf", "no ending that says how to write it", ".html or .json")
        await given(app, pilot, "\0")
        await until(pilot, lambda: isinstance(app.screen, PathScreen))
        await given(app, pilot, tmp_path / "talk.md")
        await until(pilot, lambda: (tmp_path / "talk.md").exists() and app.screen is app.chat)
        assert "cannot be written" not in on_screen(app)


async def test_a_file_that_is_no_model_is_asked_for_again(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "model.gguf").write_text("none", encoding="utf-8")
    app = chat(settings)
    async with running(app) as pilot:
        app.action_model()
        await given(app, pilot, tmp_path / "model.gguf")
        await dialog_says(app, pilot, tmp_path / "model.gguf", "not a GGUF model")
