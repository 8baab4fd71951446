"""Documents are added by what is typed, dropped on the terminal, or chosen in a tree; what is wrong can be mended."""

from __future__ import annotations

import os
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from chat_documents import add, chat, listed
from fake_chat import on_screen, running, until
from textual import events
from textual.pilot import Pilot
from textual.widgets import Input

from rag.models.embedder import Embedder
from rag.settings import Settings
from tui.app import BelegApp
from tui.screens.add_documents import AddDocumentsScreen
from tui.screens.documents import DocumentsScreen
from tui.widgets.file_tree import FileTree
from tui.widgets.path_input import PathInput


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of documents, which is where the process is and whose home it is."""
    top = tmp_path / "papers"
    (top / "more/deep").mkdir(parents=True)
    (top / ".hidden").mkdir()
    for name in ("two words.txt", "it's.txt", "plain.md", "more/deep/inner.md", ".secret.md", "photo.jpg"):
        (top / name).write_text(f"The mill of {name} burned down in 1907.", encoding="utf-8")
    Path(os.fsdecode(os.fsencode(top) + b"/bad\x1b[31m.md")).write_text("x", encoding="utf-8")
    (top / "[red]x.md").write_text("The bridge is red.", encoding="utf-8")
    monkeypatch.chdir(top)
    monkeypatch.setenv("HOME", str(top))
    return top


@pytest.fixture
def empty(settings: Settings, tmp_path: Path) -> Settings:
    return replace(settings, library=tmp_path / "own")


async def dialog(pilot: Pilot[None], app: BelegApp) -> AddDocumentsScreen:
    """Open the list, and the dialog in it, and wait for the tree; return the dialog."""
    await pilot.press("ctrl+l")
    await until(pilot, lambda: isinstance(app.screen, DocumentsScreen))
    await pilot.press("ctrl+a")
    await until(pilot, lambda: isinstance(app.screen, AddDocumentsScreen) and "plain.md" in on_screen(app))
    assert isinstance(app.screen, AddDocumentsScreen)
    return app.screen


def names(app: BelegApp) -> set[str]:
    return {row[-1] for row in listed(app)}


@pytest.mark.parametrize(
    ("typed", "added"),
    [
        ("'{0}/two words.txt'", {"two words.txt"}),
        ('"~/two words.txt"', {"two words.txt"}),
        (r"{0}/two\ words.txt", {"two words.txt"}),
        ("{0}/two words.txt", {"two words.txt"}),
        ("file://{0}/two%20words.txt", {"two words.txt"}),
        (r"'{0}/it'\''s.txt' {0}/two\ words.txt ", {"it's.txt", "two words.txt"}),
        ("it's.txt plain.md", {"it's.txt", "plain.md"}),
        ("*.txt", {"it's.txt", "two words.txt"}),
        ("more plain.md", {"plain.md", "deep/inner.md"}),
    ],
)
async def test_paths_are_added_however_they_are_written(
    empty: Settings, folder: Path, embedder: Embedder, typed: str, added: set[str]
) -> None:
    app, _ = chat(empty, embedder)
    async with running(app, (100, 40)) as pilot:
        await dialog(pilot, app)
        app.screen.query_one(Input).value = typed.format(folder)
        await pilot.press("enter")
        await until(pilot, lambda: names(app) == added)


@pytest.mark.parametrize("between", ["\n", "\r\n", " "])
async def test_files_that_are_dropped_one_after_the_other_are_all_added(
    empty: Settings, folder: Path, embedder: Embedder, between: str
) -> None:
    app, _ = chat(empty, embedder)
    async with running(app, (100, 40)) as pilot:
        screen = await dialog(pilot, app)
        await pilot.press("down")
        await until(pilot, lambda: isinstance(app.focused, FileTree))
        app.post_message(events.Paste(between.join((f"'{folder}/two words.txt'", f"{folder}/plain.md"))))
        await until(pilot, lambda: "plain.md" in screen.query_one(PathInput).value)
        app.post_message(events.Paste(f"file://{folder}/it's.txt"))
        await until(pilot, lambda: "it's" in screen.query_one(PathInput).value)
        await pilot.press("enter")
        await until(pilot, lambda: names(app) == {"two words.txt", "plain.md", "it's.txt"})


async def test_bare_paths_on_lines_of_their_own_are_a_path_each(
    empty: Settings, folder: Path, embedder: Embedder
) -> None:
    app, _ = chat(empty, embedder)
    async with running(app, (100, 40)) as pilot:
        await dialog(pilot, app)
        app.post_message(events.Paste(f"{folder}/two words.txt\n{folder}/plain.md\n"))
        await until(pilot, lambda: "plain.md" in app.screen.query_one(PathInput).value)
        await pilot.press("enter")
        await until(pilot, lambda: names(app) == {"two words.txt", "plain.md"})


@pytest.mark.usefixtures("folder")
async def test_what_was_typed_stays_when_it_is_wrong_and_can_be_mended(empty: Settings, embedder: Embedder) -> None:
    app, _ = chat(empty, embedder)
    async with running(app, (100, 40)) as pilot:
        await dialog(pilot, app)
        await pilot.press(*"plain.m", "enter")
        await until(pilot, lambda: "There is no file or folder plain.m. Check the path." in on_screen(app))
        assert app.screen.query_one(Input).value == "plain.m"
        assert not (empty.library / "library.sqlite").exists()
        await pilot.press("d")
        await until(pilot, lambda: "There is no file" not in on_screen(app))
        await pilot.press("enter")
        await until(pilot, lambda: names(app) == {"plain.md"})


@pytest.mark.usefixtures("folder")
async def test_of_several_the_one_that_is_wrong_is_told_and_none_is_added(empty: Settings, embedder: Embedder) -> None:
    app, _ = chat(empty, embedder)
    async with running(app, (100, 40)) as pilot:
        await dialog(pilot, app)
        await pilot.press("escape")
        await add(pilot, app, "plain.md /gone/x.md", refused=True)
        assert "There is no file or folder /gone/x.md." in on_screen(app, ".dialog-hint")
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, DocumentsScreen))
        assert listed(app) == []


async def test_esc_adds_nothing_though_what_was_typed_is_still_looked_at(
    empty: Settings, folder: Path, embedder: Embedder
) -> None:
    app, _ = chat(empty, embedder)
    let, looked = threading.Event(), threading.Event()

    def slow(line: str) -> list[str]:
        let.wait(30)
        looked.set()
        return [line]

    app.engine.look = slow  # type: ignore[method-assign]
    async with running(app, (100, 40)) as pilot:
        await dialog(pilot, app)
        app.screen.query_one(Input).value = str(folder)
        await pilot.press("enter")
        await until(pilot, lambda: "looking …" in on_screen(app))
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, DocumentsScreen))
        let.set()
        await until(pilot, looked.is_set)
        await pilot.pause(0.1)
        assert app._progress is None and listed(app) == []


# --- the tree --------------------------------------------------------------------------------


@pytest.mark.usefixtures("folder")
async def test_the_tree_shows_what_can_be_read_and_nothing_hidden(empty: Settings) -> None:
    app, _ = chat(empty, None)
    async with running(app, (80, 24)) as pilot:
        await dialog(pilot, app)
        assert "↓ Choose a file" in on_screen(app, "Footer")
        shown = on_screen(app, "FileTree")
        assert "▸ more" in shown and "two words.txt" in shown and "it's.txt" in shown and "[red]x.md" in shown
        assert not any(name in shown for name in ("secret", "hidden", "photo", "bad"))


@pytest.mark.usefixtures("folder")
async def test_enter_in_the_tree_adds_the_file_that_is_chosen(empty: Settings, embedder: Embedder) -> None:
    app, _ = chat(empty, embedder)
    async with running(app, (80, 24)) as pilot:
        await dialog(pilot, app)
        await pilot.press("down", "down", "right")
        await until(pilot, lambda: "▸ deep" in on_screen(app))
        await pilot.press("down", "right")
        await until(pilot, lambda: "inner.md" in on_screen(app))
        await pilot.press("down", "enter")
        await until(pilot, lambda: names(app) == {"inner.md"})


@pytest.mark.usefixtures("folder")
async def test_enter_in_the_tree_adds_a_whole_folder(empty: Settings, embedder: Embedder) -> None:
    app, _ = chat(empty, embedder)
    async with running(app, (80, 24)) as pilot:
        await dialog(pilot, app)
        await pilot.press("down", "down", "enter")
        await until(pilot, lambda: names(app) == {"deep/inner.md"})


async def test_backspace_in_the_tree_goes_to_the_folder_above_and_letters_are_typed(
    empty: Settings, folder: Path
) -> None:
    app, _ = chat(empty, None)
    async with running(app, (80, 24)) as pilot:
        screen = await dialog(pilot, app)
        await pilot.press("down", "backspace")
        await until(pilot, lambda: screen.query_one(FileTree).path == folder.parent)
        await until(pilot, lambda: "▸ papers" in on_screen(app))
        await pilot.press("x", "y")
        assert screen.query_one(Input).value == "xy" and isinstance(app.focused, PathInput)
        await pilot.press("down", "up")
        await until(pilot, lambda: isinstance(app.focused, PathInput))


async def test_the_root_has_no_folder_above(empty: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("/")
    app, _ = chat(empty, None)
    async with running(app, (80, 24)) as pilot:
        await pilot.press("ctrl+l")
        await until(pilot, lambda: isinstance(app.screen, DocumentsScreen))
        await pilot.press("ctrl+a")
        await until(pilot, lambda: isinstance(app.screen, AddDocumentsScreen))
        await pilot.press("down", "backspace", "left")
        await until(pilot, lambda: app.screen.query_one(FileTree).path == Path("/") and "▸ etc" in on_screen(app))
