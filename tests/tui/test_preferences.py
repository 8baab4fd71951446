"""What is kept between runs: a file that may be missing, damaged or not writable."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from fake_chat import Scripted

from rag.settings import Settings
from tui import preferences
from tui.app import BelegApp


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
