"""The input for a path: what it may go on as, and how far Tab takes it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from fake_chat import Scripted, asked, on_screen, told, until
from textual.app import App, ComposeResult
from textual.widgets import Input

from rag.settings import Settings
from tui.app import BelegApp
from tui.screens.add_documents import AddDocumentsScreen
from tui.screens.path import PathScreen
from tui.widgets.path_input import PathInput, completions


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of files and folders, which is where the process is and whose home it is."""
    for name in ("articles/2024", "Archive", ".hidden", "[red]x[/red]"):
        (tmp_path / name).mkdir(parents=True)
    for name in ("article.txt", "articles/a.md", "model.gguf", "model.GGUF", "model.txt", ".secret", "ärger.txt"):
        (tmp_path / name).write_text("x", encoding="utf-8")
    (tmp_path / "articles/[link=x]y[link].md").write_text("x", encoding="utf-8")
    for name in (b"bad\x1b[31m.txt", b"bad\xff.txt", b"bad\n.txt", "bad\u202e.txt".encode()):
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name)).write_text("x", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("art", ["article.txt", "articles/"]),
        ("articles", ["articles/"]),
        ("articles/", ["articles/2024/", "articles/[link=x]y[link].md", "articles/a.md"]),
        ("./art", ["./article.txt", "./articles/"]),
        ("~/art", ["~/article.txt", "~/articles/"]),
        ("articles/../mod", ["articles/../model.GGUF", "articles/../model.gguf", "articles/../model.txt"]),
        ("Ar", ["Archive/"]),
        ("ä", ["ärger.txt"]),
        ("articles/[", ["articles/[link=x]y[link].md"]),
        (".", [".hidden/", ".secret"]),
        (".s", [".secret"]),
        ("bad", []),
        ("nothing", []),
        ("no/such/folder/", []),
        ("article.txt/", []),
        ("~nobody-of-that-name/", []),
        ("nul\0l/", []),
    ],
)
@pytest.mark.usefixtures("folder")
def test_a_path_goes_on_as_what_is_there(typed: str, found: list[str]) -> None:
    assert sorted(completions(typed)) == sorted(found)


def test_an_absolute_path_stays_absolute(folder: Path) -> None:
    assert completions(f"{folder}/art") == [f"{folder}/article.txt", f"{folder}/articles/"]


@pytest.mark.usefixtures("folder")
def test_hidden_files_are_offered_only_once_a_dot_is_typed() -> None:
    assert not any(Path(path).name.startswith(".") for path in completions(""))
    assert completions("~/.h") == ["~/.hidden/"]


def test_names_that_could_not_be_typed_or_shown_are_left_out(folder: Path) -> None:
    assert len([file for file in folder.iterdir() if file.name.startswith("bad")]) == 4
    assert completions("bad") == []


@pytest.mark.usefixtures("folder")
def test_only_files_with_the_wanted_ending_and_folders_are_offered() -> None:
    assert set(completions("mod", [".gguf"])) == {"model.GGUF", "model.gguf"}
    assert completions("art", [".gguf"]) == ["articles/"]


@pytest.mark.usefixtures("folder")
def test_a_folder_that_cannot_be_read_has_nothing_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "scandir", refuse)
    assert completions("articles/") == []


def test_a_link_that_leads_nowhere_is_offered_and_one_in_a_circle_is_not(folder: Path) -> None:
    (folder / "circle").symlink_to("circle")
    (folder / "circus").symlink_to("nowhere")
    assert completions("circ") == ["circus"]


class Tiny(App[None]):
    def __init__(self, *endings: str) -> None:
        super().__init__()
        self.endings = endings
        self.submitted: list[str] = []

    def compose(self) -> ComposeResult:
        yield PathInput(endings=self.endings)
        yield Input(id="next")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        self.submitted.append(event.value)


@pytest.mark.parametrize(
    ("typed", "taken"),
    [
        ("art", "article"),
        ("articles", "articles/"),
        ("articles/2", "articles/2024/"),
        ("Ar", "Archive/"),
        ("~/mod", "~/model."),
        ("articles/[", "articles/[link=x]y[link].md"),
        ("articles/a", "articles/a.md"),
        ("nothing", "nothing"),
        ("", ""),
    ],
)
@pytest.mark.usefixtures("folder")
async def test_tab_takes_what_all_that_begin_so_have_in_common(typed: str, taken: str) -> None:
    app = Tiny()
    async with app.run_test() as pilot:
        box = app.query_one(PathInput)
        box.value = typed
        await pilot.press("tab")
        assert (box.value, box.cursor_position, app.focused) == (taken, len(taken), box)


@pytest.mark.usefixtures("folder")
async def test_tab_again_tells_how_it_may_go_on() -> None:
    app = Tiny()
    async with app.run_test(notifications=True) as pilot:
        app.query_one(PathInput).value = "article"
        await pilot.press("tab")
        await until(pilot, lambda: len(app._notifications) == 1)
        note = next(iter(app._notifications))
        assert (note.message, note.markup) == ("article.txt   articles", False)


async def test_tab_offers_only_wanted_endings(folder: Path) -> None:
    (folder / "model.GGUF").unlink()
    app = Tiny(".gguf")
    async with app.run_test() as pilot:
        app.query_one(PathInput).value = "m"
        await pilot.press("tab")
        assert app.query_one(PathInput).value == "model.gguf"


@pytest.mark.usefixtures("folder")
async def test_what_is_typed_is_continued_in_grey_and_taken_with_right() -> None:
    app = Tiny()
    async with app.run_test() as pilot:
        box = app.query_one(PathInput)
        await pilot.press(*"Arc")
        await until(pilot, lambda: box._suggestion == "Archive/")
        await pilot.press("right")
        assert box.value == "Archive/"


@pytest.mark.usefixtures("folder")
async def test_an_empty_path_is_continued_as_nothing() -> None:
    app = Tiny()
    async with app.run_test() as pilot:
        box = app.query_one(PathInput)
        await pilot.press("a")
        await until(pilot, lambda: box._suggestion != "")
        await pilot.press("backspace")
        await until(pilot, lambda: box._suggestion == "")
        assert box.value == ""


@pytest.mark.parametrize("ask", ["ctrl+s", "model", "ctrl+l ctrl+a"])
async def test_a_path_in_the_home_of_nobody_is_told_as_such_and_the_chat_goes_on(settings: Settings, ask: str) -> None:
    app = BelegApp(settings, open_=Scripted().open)
    async with app.run_test(size=(140, 40), notifications=True) as pilot:
        await asked(pilot)
        if ask == "model":
            app.action_model()
        else:
            await pilot.press(*ask.split())
        await until(pilot, lambda: isinstance(app.screen, PathScreen | AddDocumentsScreen) and app.focused is not None)
        box = app.screen.query_one(PathInput)
        box.value = ""
        await pilot.press(*"~no-such-person/x.gguf", "tab", "enter")
        await until(
            pilot,
            lambda: "There is no home folder for ~no-such-person" in f"{on_screen(app)} {told(app)}" or app._exception,
        )
        assert app._exception is None and app.is_running
