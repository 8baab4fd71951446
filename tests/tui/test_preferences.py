"""What is kept between runs: a file that may be missing, damaged or not writable."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from fake_chat import Scripted

from rag.settings import Settings
from tui import preferences
from tui.app import BelegApp
from tui.widgets.composer import Composer


def test_a_theme_is_kept(tmp_path: Path) -> None:
    folder = tmp_path / "not" / "yet" / "there"
    assert preferences.theme(folder) == ""
    preferences.keep_theme(folder, "nord")
    assert preferences.theme(folder) == "nord"
    preferences.keep_theme(folder, "gruvbox")
    assert preferences.theme(folder) == "gruvbox"
    assert [file.name for file in folder.iterdir()] == ["chat.json"]


DAMAGED = [b"", b"{", b"nord", b"[]", b'"nord"', b"null", b"1", b"{}", b'{"theme": 1}', b'{"theme": null}']
DAMAGED += [b'{"theme": ["nord"]}', b"\xff\xfe", b"\x00", b"[" * 100_000]


@pytest.mark.parametrize(
    "kept",
    DAMAGED,
    ids=lambda kept: repr(kept[:20]),
)
def test_a_damaged_file_counts_as_none_and_is_written_anew(tmp_path: Path, kept: bytes) -> None:
    (tmp_path / "chat.json").write_bytes(kept)
    assert preferences.theme(tmp_path) == ""
    preferences.keep_theme(tmp_path, "nord")
    assert preferences.theme(tmp_path) == "nord"


def test_what_is_no_folder_keeps_nothing_and_raises_nothing(tmp_path: Path) -> None:
    file = tmp_path / "state"
    file.write_text("a file", encoding="utf-8")
    preferences.keep_theme(file, "nord")
    assert preferences.theme(file) == ""
    assert file.read_text(encoding="utf-8") == "a file"


def test_a_folder_that_cannot_be_written_keeps_what_it_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    preferences.keep_theme(tmp_path, "nord")

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("os.open", refuse)
    preferences.keep_theme(tmp_path, "gruvbox")
    assert preferences.theme(tmp_path) == "nord"


def test_a_folder_in_the_file_s_place_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "chat.json").mkdir()
    preferences.keep_theme(tmp_path, "nord")
    assert preferences.theme(tmp_path) == ""
    assert [file.name for file in tmp_path.iterdir()] == ["chat.json"]


async def test_the_chat_opens_with_the_theme_that_was_chosen_last(settings: Settings) -> None:
    app = BelegApp(settings, open_=Scripted().open)
    async with app.run_test() as pilot:
        assert app.theme != "nord"
        app.theme = "nord"
        await pilot.pause()
    assert json.loads((settings.state / "chat.json").read_text(encoding="utf-8")) == {"theme": "nord"}
    assert BelegApp(settings, open_=Scripted().open).theme == "nord"


@pytest.mark.parametrize("name", ["no such theme", "", "[red]x[/red]"])
def test_a_theme_that_is_not_known_here_is_passed_over(settings: Settings, name: str) -> None:
    usual = BelegApp(settings, open_=Scripted().open).theme
    preferences.keep_theme(settings.state, name)
    assert BelegApp(settings, open_=Scripted().open).theme == usual


def test_what_is_kept_is_its_owners_alone(tmp_path: Path) -> None:
    preferences.keep_theme(tmp_path / "state", "nord")
    assert (tmp_path / "state").stat().st_mode & 0o777 == 0o700
    assert [path.stat().st_mode & 0o777 for path in (tmp_path / "state").iterdir()] == [0o600]


# --- a question that was typed but not asked ------------------------------------------------------


async def left_with(settings: Settings, typed: str, *keys: str) -> None:
    """Type in the chat, and leave it by these keys."""
    app = BelegApp(settings, open_=Scripted().open)
    async with app.run_test() as pilot:
        app.chat.query_one(Composer).insert(typed)
        await pilot.press(*keys)


async def found_typed(settings: Settings) -> str:
    """Return what stands where questions are typed when the chat is opened."""
    app = BelegApp(settings, open_=Scripted().open)
    async with app.run_test() as pilot:
        await pilot.pause()
        return app.chat.query_one(Composer).text


@pytest.mark.parametrize("keys", [("ctrl+c", "ctrl+c"), ("ctrl+q",)])
async def test_what_was_typed_and_not_asked_is_there_again(settings: Settings, keys: tuple[str, ...]) -> None:
    preferences.keep_theme(settings.state, "nord")
    await left_with(settings, "What did the\nboard decide on", *keys)
    assert await found_typed(settings) == "What did the\nboard decide on"
    assert await found_typed(settings) == "What did the\nboard decide on"
    assert preferences.theme(settings.state) == "nord"
    await left_with(settings, "", "escape", *keys)  # cleared
    assert await found_typed(settings) == ""


async def test_what_was_asked_or_typed_for_another_library_is_not_there_again(settings: Settings) -> None:
    await left_with(settings, "Who?", "enter", "ctrl+q")
    assert await found_typed(settings) == ""
    await left_with(settings, "Who?", "ctrl+q")
    assert await found_typed(replace(settings, library=settings.library.with_name("other"))) == ""


@pytest.mark.parametrize(
    "kept", ['{"draft": 1}', '{"draft": {"library": 2}}', '{"draft": {"library": "L", "text": 3}}']
)
def test_a_damaged_draft_is_none(tmp_path: Path, kept: str) -> None:
    (tmp_path / "chat.json").write_text(kept.replace("L", str(tmp_path)), encoding="utf-8")
    assert preferences.draft(tmp_path, tmp_path) == ""


def test_a_draft_steers_no_terminal(tmp_path: Path) -> None:
    preferences.keep_draft(tmp_path, tmp_path, "Who\x1b[2J?")
    assert "\x1b" not in preferences.draft(tmp_path, tmp_path)
