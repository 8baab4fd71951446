"""Copying, and what a person has set: the theme, colours, movement and keys."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from fake_chat import TROOPS, Scripted, asked, on_screen, running, told, troops, until
from textual.pilot import Pilot
from textual.widgets import Input

from rag.models.pulled import FileFacts, Pulled, write_record
from rag.settings import Settings
from tui.app import BelegApp
from tui.commands import ChatCommands
from tui.screens.documents import DocumentsScreen
from tui.screens.path import PathScreen
from tui.widgets.composer import Composer


def chat(settings: Settings) -> BelegApp:
    return BelegApp(settings, open_=Scripted().open)


# --- the clipboard ---------------------------------------------------------------------------


@pytest.fixture
def tools(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An empty folder in which alone tools are looked for, in an environment without a screen."""
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "TERM_PROGRAM"):
        monkeypatch.delenv(name, raising=False)
    folder = tmp_path / "tools"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


def a_tool(file: Path, copied: Path, code: int = 0) -> None:
    file.write_text(f"#!/bin/sh\n/bin/cat > '{copied}'\nexit {code}\n", encoding="utf-8")
    file.chmod(0o755)


async def test_y_copies_the_answer_and_capital_y_its_sources_too(
    settings: Settings, tools: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied = tmp_path / "copied"
    monkeypatch.setenv("DISPLAY", ":7")
    monkeypatch.setenv("TERM", "xterm-256color")
    a_tool(tools / "xclip", copied)
    app = chat(settings)
    async with running(app, (140, 40), notes=True) as pilot:
        await asked(pilot, TROOPS)
        await pilot.press("ctrl+y")
        both = "sent to the terminal’s clipboard (OSC 52) and copied with xclip"
        await until(pilot, lambda: f"The answer: {both}" in told(app))
        assert copied.read_text(encoding="utf-8") == app.clipboard == troops().text
        await pilot.press("alt+y")
        await until(pilot, lambda: f"The answer with its sources: {both}" in told(app))
        text = copied.read_text(encoding="utf-8")
        assert text == app.clipboard and text.startswith(f"{TROOPS}\n\n{troops().text}\n")
        assert "**11.000**" in text and "kursk-lage.txt" in text


async def test_only_what_worked_is_told(
    settings: Settings, tools: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISPLAY", ":7")
    monkeypatch.setenv("TERM", "linux")
    a_tool(tools / "xclip", tmp_path / "failed", code=1)
    a_tool(tools / "xsel", tmp_path / "copied")
    app = chat(settings)
    async with running(app, (140, 40), notes=True) as pilot:
        await asked(pilot, TROOPS)
        await pilot.press("ctrl+y")
        await until(pilot, lambda: told(app) == "The answer: copied with xsel")
        assert (tmp_path / "copied").read_text(encoding="utf-8") == troops().text and app.clipboard == ""


@pytest.mark.usefixtures("tools")
async def test_where_no_clipboard_works_a_file_is_offered(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "linux")
    app = chat(settings)
    async with running(app, (140, 40), notes=True) as pilot:
        await asked(pilot, TROOPS)
        await pilot.press("ctrl+y")
        await until(pilot, lambda: isinstance(app.screen, PathScreen))
        await until(pilot, lambda: "No clipboard works here: save to a file instead" in on_screen(app))
        app.screen.query_one(Input).value = str(tmp_path / "kept.txt")
        await pilot.press("enter")
        await until(pilot, lambda: "Saved in" in told(app))
    assert (tmp_path / "kept.txt").read_text(encoding="utf-8") == troops().text


async def test_y_is_a_letter_in_the_composer(settings: Settings) -> None:
    app = chat(settings)
    async with running(app) as pilot:
        await asked(pilot, TROOPS)
        await pilot.press("y", "Y", "c")
        await until(pilot, lambda: "yYc" in on_screen(app, "#composer"))


# --- looks and keys -----------------------------------------------------------------------------


async def test_the_theme_that_was_chosen_is_used_by_the_next_run(settings: Settings) -> None:
    app = chat(settings)
    async with running(app) as pilot:
        assert app.theme != "nord"
        app.theme = "nord"
        await until(pilot, lambda: list(settings.state.glob("*")))
    assert chat(settings).theme == "nord"


async def test_a_theme_that_is_unknown_or_damaged_leaves_the_default(settings: Settings) -> None:
    default = chat(settings).theme
    settings.state.mkdir()
    for kept in ('{"theme": "none such"}', '{"theme": 7}', "[]", "\x00"):
        (settings.state / "chat.json").write_text(kept, encoding="utf-8")
        app = chat(settings)
        async with running(app):
            assert app.theme == default


def colourful(app: BelegApp) -> bool:
    """Whether anything on the screen is of a colour that is not a grey."""
    for strip in app.screen._compositor.render_strips():
        for _, style, _ in strip:
            for colour in (style.color, style.bgcolor) if style else ():
                if colour is not None and len(set(colour.get_truecolor())) > 1:
                    return True
    return False


@pytest.mark.parametrize("set_", [True, False])
async def test_no_color_takes_all_colour_away(settings: Settings, monkeypatch: pytest.MonkeyPatch, set_: bool) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    if set_:
        monkeypatch.setenv("NO_COLOR", "1")
    app = chat(settings)
    async with running(app, (140, 40)) as pilot:
        await asked(pilot, TROOPS)
        assert colourful(app) is not set_
        await pilot.press("alt+1")
        await until(pilot, lambda: app.chat.query(".card.open"))
        await pilot.pause()
        assert colourful(app) is not set_


async def test_without_animation_nothing_moves(settings: Settings) -> None:
    assert chat(replace(settings, animation=False)).animation_level == "none"
    assert chat(settings).animation_level != "none"


async def test_a_key_of_ones_own_takes_the_place_of_the_usual_one(settings: Settings) -> None:
    app = chat(replace(settings, keys={"documents": "f2"}))
    async with running(app) as pilot:
        await until(pilot, lambda: "f2 Documents" in on_screen(app, "Footer"))
        await pilot.press("ctrl+l")
        await pilot.pause()
        assert app.screen is app.chat
        await pilot.press("f2")
        await until(pilot, lambda: isinstance(app.screen, DocumentsScreen))


async def test_keys_of_the_composer_can_be_changed_too(settings: Settings) -> None:
    app = chat(replace(settings, keys={"ask": "ctrl+g", "new-line": "enter"}))
    async with running(app) as pilot:
        await pilot.press("a", "enter", "b")
        await pilot.pause()
        assert not app.chat.turns
        await pilot.press("ctrl+g")
        await until(pilot, lambda: [turn.question for turn in app.chat.turns] == ["a\nb"])


# --- models ----------------------------------------------------------------------------------


async def test_the_palette_offers_the_llms_that_were_pulled_and_uses_them_by_name(
    settings: Settings, tmp_path: Path
) -> None:
    settings = replace(settings, models=tmp_path / "models")
    for name, role in (("small-writer", "llm"), ("small-embedder", "embedder")):
        (tmp_path / "models" / name).mkdir(parents=True)
        facts = {f"{name}.gguf": FileFacts(1, "a" * 64)}
        write_record(settings.models, Pulled(name, role, "hub:a/b", "main", True, "", facts))  # type: ignore[arg-type]
    scripted = Scripted()
    app = BelegApp(settings, open_=scripted.open)
    async with running(app) as pilot:
        await until(pilot, lambda: scripted.opened)

        def offered() -> dict[str, object]:
            return {name: act for name, _, act in ChatCommands(app.screen).found(app) if name.startswith("Model: ")}

        assert [name for name in offered() if "small" in name] == ["Model: small-writer"]
        offered()["Model: small-writer"]()  # type: ignore[operator]
        await until(pilot, lambda: scripted.opened[-1].llm == "small-writer")
        assert not [name for name in offered() if "small" in name] and "Model: the embedded one" in offered()


# --- /model -------------------------------------------------------------------------------------


async def command(pilot: Pilot[None], app: BelegApp, line: str) -> None:
    await until(pilot, lambda: "scripted-llm" in on_screen(app, "#status"))
    app.chat.query_one(Composer).text = line
    await pilot.press("enter")


async def test_a_model_that_is_given_to_the_command_is_used_by_its_path(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "my model.gguf").write_bytes(b"GGUF")
    app = chat(settings)
    async with running(app) as pilot:
        await command(pilot, app, f"/model '{tmp_path / 'my model.gguf'}'")
        await until(pilot, lambda: app.settings.llm == str(tmp_path / "my model.gguf"))
        assert app.screen is app.chat


async def test_a_model_that_is_given_to_the_command_is_used_by_the_name_it_was_pulled_by(
    settings: Settings, tmp_path: Path
) -> None:
    settings = replace(settings, models=tmp_path / "models")
    (settings.models / "small").mkdir(parents=True)
    facts = {"small.gguf": FileFacts(4, "0" * 64)}
    write_record(settings.models, Pulled("small", "llm", "hub:owner/small", "main", False, "2026-01-01", facts))
    app = chat(settings)
    async with running(app) as pilot:
        await command(pilot, app, "/model small")
        await until(pilot, lambda: app.settings.llm == "small")


async def test_what_is_no_model_is_asked_for_again_and_no_flag_is_spoken_of(settings: Settings) -> None:
    app = chat(settings)
    async with running(app) as pilot:
        await command(pilot, app, "/model nowhere.gguf")
        await until(pilot, lambda: isinstance(app.screen, PathScreen))
        await until(pilot, lambda: "There is no model file" in on_screen(app))
        assert "Choose a .gguf file." in on_screen(app) and "--llm" not in on_screen(app)
        assert app.screen.query_one(Input).value == "nowhere.gguf" and app.settings.llm is None
