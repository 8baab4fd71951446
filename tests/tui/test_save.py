"""Held: a path that cannot be used leaves the dialog there, with what was typed and the reason."""

from __future__ import annotations

from pathlib import Path

import pytest
from fake_chat import Scripted, asked, burst, on_screen, running, told, until
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


@pytest.mark.parametrize("quote", ["", "'"])
async def test_a_path_after_the_command_is_where_the_conversation_is_to_be_saved(
    settings: Settings, tmp_path: Path, quote: str
) -> None:
    app = chat(settings)
    async with running(app, (160, 30)) as pilot:
        await asked(pilot)
        burst(app, f"/export {quote}{tmp_path / 'talk.html'}{quote}\r")
        await dialog_says(app, pilot, tmp_path / "talk.html", "Save the conversation")
        await pilot.press("enter")
        await until(pilot, lambda: (tmp_path / "talk.html").exists() and app.screen is app.chat)


async def test_a_file_that_is_no_model_is_asked_for_again(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "model.gguf").write_text("none", encoding="utf-8")
    app = chat(settings)
    async with running(app) as pilot:
        app.action_model()
        await given(app, pilot, tmp_path / "model.gguf")
        await dialog_says(app, pilot, tmp_path / "model.gguf", "not a GGUF model")


@pytest.mark.parametrize("folder", ["Documents", "Dokumente", ""])
async def test_a_conversation_is_saved_among_the_documents_of_a_person_and_the_dialog_says_where(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / folder).mkdir(exist_ok=True)
    app = chat(settings)
    async with running(app, (160, 30)) as pilot:
        await asked(pilot)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: isinstance(app.screen, PathScreen) and app.screen.query(PathInput))
        path = Path(app.screen.query_one(PathInput).value)
        assert path.parent == tmp_path / folder and path.suffix == ".md"


async def test_of_a_model_that_is_chosen_in_quote_mode_it_is_told_when_it_writes(
    settings: Settings, tmp_path: Path
) -> None:
    (tmp_path / "model.gguf").write_bytes(b"GGUF and nothing")
    app = chat(settings)
    async with running(app, notes=True) as pilot:
        app.action_model()
        await given(app, pilot, tmp_path / "model.gguf")
        await until(pilot, lambda: "model.gguf is tried and writes once answers are composed" in told(app))
