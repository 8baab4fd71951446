"""Other programs change the library that a chat has open, or delete it: that is shown, told once, and not undone."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from chat_documents import add, chat, documents, listed
from fake_chat import STONE, TROOPS, ask, asked, flat, on_screen, running, told, until
from textual.message import Message
from textual.widgets import Input

from rag.conversations.store import FILE as CONVERSATIONS
from rag.errors import LibraryUnusable
from rag.index.library import FILE, Library
from rag.index.update import index
from rag.models.embedder import Embedder
from rag.settings import Settings
from tui import library_watch
from tui.library_watch import LibraryWatch
from tui.messages import CountedAnew, LibraryGone
from tui.screens.path import ConfirmScreen

GONE = "is gone: it was deleted or moved while it was open."


@pytest.fixture
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library_watch, "EVERY", 0.1)


@pytest.fixture
def never(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library_watch, "EVERY", 3600)


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*")) if folder.exists() else []


# --- changed by others ----------------------------------------------------------------------


async def test_what_another_chat_removes_or_adds_is_counted_here_within_seconds(
    of_notes: Settings, notes: Path, embedder: Embedder
) -> None:
    """Two chats on one library show the same counts, and so do their lists."""
    app, _ = chat(of_notes, embedder)
    other, _ = chat(of_notes, embedder)
    async with running(app, (120, 40)) as pilot, running(other, (120, 40)) as second:
        await documents(pilot, app)
        await documents(second, other)
        await second.press("ctrl+d")
        await until(second, lambda: isinstance(other.screen, ConfirmScreen))
        await second.press("y")
        await until(pilot, lambda: "Documents: 2" in on_screen(app), "the other's list", seconds=10)
        (notes / "new.txt").write_text("The ferry sank in 1921.", encoding="utf-8")
        await add(second, other, notes / "new.txt")
        await until(pilot, lambda: "new.txt" in [row[-1] for row in listed(app)], "the new one", seconds=10)
        await pilot.press("escape")
        await second.press("escape")
        await until(pilot, lambda: on_screen(app, "#status").startswith("3 documents, 3 chunks"))
        await until(second, lambda: on_screen(other, "#status").startswith("3 documents, 3 chunks"))


@pytest.mark.usefixtures("never")
async def test_before_each_question_the_library_is_looked_at(of_notes: Settings, embedder: Embedder) -> None:
    app, scripted = chat(of_notes, embedder)
    async with running(app, (120, 40)) as pilot:
        await until(pilot, lambda: "3 documents" in on_screen(app, "#status") and "scripted" in on_screen(app))
        with Library(of_notes.library) as library:
            library.remove(library.entries()[0].id)
        await asked(pilot, TROOPS)
        await until(pilot, lambda: on_screen(app, "#status").startswith("2 documents, 2 chunks"))
        assert scripted.events == ["opened", "asked"]  # nothing was loaded anew


@pytest.mark.usefixtures("often")
async def test_a_library_that_another_program_makes_is_opened(
    settings: Settings, notes: Path, embedder: Embedder, tmp_path: Path
) -> None:
    new = replace(settings, library=tmp_path / "new")
    app, _ = chat(new, embedder)
    async with running(app, (120, 40)) as pilot:
        await until(pilot, lambda: "The library is empty." in on_screen(app))
        with Library(new.library, create=True) as library:
            index([str(notes)], library, embedder)
        await until(pilot, lambda: on_screen(app, "#status").startswith("3 documents, 3 chunks · scripted-llm"))
        assert (await asked(pilot, TROOPS)).state == "answered"


@pytest.mark.usefixtures("often")
async def test_a_limit_follows_what_another_program_removes(of_notes: Settings, embedder: Embedder) -> None:
    app, _ = chat(of_notes, embedder)
    async with running(app, (120, 40), notes=True) as pilot:
        await documents(pilot, app)
        await pilot.press("space", "escape")
        await until(pilot, lambda: "only 1 of 3 documents" in on_screen(app, "#status"))
        with Library(of_notes.library) as library:
            library.remove(library.entries()[0].id)
        await until(pilot, lambda: "now all documents are asked" in told(app))
        await until(pilot, lambda: on_screen(app, "#status").startswith("2 documents"))


# --- deleted --------------------------------------------------------------------------------


@pytest.mark.usefixtures("often")
async def test_a_library_that_is_deleted_is_told_once_and_nothing_is_made_anew(
    of_notes: Settings, embedder: Embedder
) -> None:
    app, scripted = chat(of_notes, embedder)
    async with running(app, (140, 40), notes=True) as pilot:
        assert (await asked(pilot, TROOPS)).state == "answered"
        shutil.rmtree(of_notes.library)
        await until(pilot, lambda: "the library is gone" in on_screen(app, "#status"))
        await until(pilot, lambda: flat(told(app)).count(GONE) == 1 and "beleg restore FILE" in told(app))
        assert "3 documents" not in on_screen(app, "#status")
        for _ in range(10):
            await pilot.pause(0.1)
        assert flat(told(app)).count(GONE) == 1
        turn = await ask(pilot, STONE)
        await until(pilot, lambda: turn.state == "failed" and GONE in on_screen(app, turn))
        assert "or add documents (ctrl+l) for a new one." in on_screen(app, turn)
        await pilot.press("ctrl+r")  # loading again changes nothing
        await until(pilot, lambda: "the library is gone" in on_screen(app, "#status"))
        assert len(scripted.asked) == 1 and files(of_notes.library) == []


@pytest.mark.usefixtures("never")
async def test_a_question_that_is_asked_just_then_fails_with_what_to_do(of_notes: Settings, embedder: Embedder) -> None:
    app, scripted = chat(of_notes, embedder)
    async with running(app, (140, 40), notes=True) as pilot:
        await until(pilot, lambda: "scripted-llm" in on_screen(app, "#status"))
        (of_notes.library / FILE).unlink()
        turn = await ask(pilot, TROOPS)
        await until(pilot, lambda: turn.state == "failed" and GONE in on_screen(app, turn))
        await until(pilot, lambda: "the library is gone" in on_screen(app, "#status"))
        assert scripted.asked == []


@pytest.mark.usefixtures("often")
async def test_an_answer_that_was_under_way_is_shown_but_not_saved(of_notes: Settings, embedder: Embedder) -> None:
    app, scripted = chat(of_notes, embedder)
    scripted.gated = True
    async with running(app, (140, 40)) as pilot:
        turn = await ask(pilot, TROOPS)
        scripted.step(4)
        await until(pilot, lambda: "writing" in on_screen(app, turn))
        shutil.rmtree(of_notes.library)
        scripted.step(10)
        await until(pilot, lambda: turn.state == "answered" and "not saved: The library in" in on_screen(app, turn))
        await until(pilot, lambda: "the library is gone" in on_screen(app, "#status"))
        assert files(of_notes.library) == []


@pytest.mark.usefixtures("often")
async def test_after_that_u_makes_no_library_and_a_asks_first(
    of_notes: Settings, notes: Path, embedder: Embedder
) -> None:
    app, _ = chat(of_notes, embedder)
    async with running(app, (140, 40), notes=True) as pilot:
        await documents(pilot, app)
        shutil.rmtree(of_notes.library)
        await pilot.press("ctrl+u")
        await until(pilot, lambda: "There is nothing to bring up to date." in told(app))
        for key in ("n", "y"):
            await pilot.press("ctrl+a")
            await until(pilot, lambda: app.screen.query("PathInput"))
            app.screen.query_one(Input).value = str(notes / "mill.txt")
            await pilot.press("enter")
            await until(pilot, lambda: isinstance(app.screen, ConfirmScreen) and "Make a new one" in on_screen(app))
            assert files(of_notes.library) == []
            await pilot.press(key)
            await until(pilot, lambda: not isinstance(app.screen, ConfirmScreen))
        await until(pilot, lambda: [row[-1] for row in listed(app)] == ["mill.txt"])
        await pilot.press("escape")
        await until(pilot, lambda: on_screen(app, "#status").startswith("1 document, 1 chunk · scripted-llm"))
        assert (await asked(pilot, TROOPS)).state == "answered"
        assert CONVERSATIONS in files(of_notes.library)


@pytest.mark.usefixtures("often")
async def test_one_that_is_put_back_is_gone_on_with(of_notes: Settings, embedder: Embedder) -> None:
    app, _ = chat(of_notes, embedder)
    aside = of_notes.library.with_name("aside")
    async with running(app, (140, 40)) as pilot:
        await until(pilot, lambda: "scripted-llm" in on_screen(app, "#status"))
        of_notes.library.rename(aside)
        await until(pilot, lambda: "the library is gone" in on_screen(app, "#status"))
        aside.rename(of_notes.library)
        await until(pilot, lambda: on_screen(app, "#status").startswith("3 documents, 3 chunks · scripted-llm"))
        assert (await asked(pilot, TROOPS)).state == "answered"


@pytest.mark.usefixtures("often")
async def test_another_library_in_its_place_is_told_and_opened(
    of_notes: Settings, notes: Path, embedder: Embedder, tmp_path: Path
) -> None:
    app, scripted = chat(of_notes, embedder)
    with Library(tmp_path / "other", create=True) as library:
        index([str(notes / "mill.txt")], library, embedder)
    async with running(app, (140, 40), notes=True) as pilot:
        await until(pilot, lambda: "3 documents, 3 chunks · scripted-llm" in on_screen(app, "#status"))
        (tmp_path / "other" / FILE).replace(of_notes.library / FILE)
        await until(pilot, lambda: on_screen(app, "#status").startswith("1 document, 1 chunk · scripted-llm"))
        await until(pilot, lambda: "there is another one in its place" in flat(told(app)))
        assert scripted.events == ["opened", "closed", "opened"]
        assert (await asked(pilot, TROOPS)).state == "answered"


# --- the watch itself -----------------------------------------------------------------------


def test_what_is_told_is_told_once_and_our_own_changes_are_not(of_notes: Settings) -> None:
    watch, posted = LibraryWatch(of_notes.library), list[Message]()
    assert watch.count(posted.append)[:2] == (3, 3)
    with watch.changing(), Library(of_notes.library) as library:
        library.remove(library.entries()[0].id)
    watch.check(posted.append)
    assert posted == []
    with Library(of_notes.library) as library:
        library.remove(library.entries()[0].id)
    watch.check(posted.append)
    watch.check(posted.append)
    assert [type(each) for each in posted] == [CountedAnew]
    shutil.rmtree(of_notes.library)
    for _ in range(3):
        with pytest.raises(LibraryUnusable, match="is gone"):
            watch.check(posted.append)
    assert [type(each) for each in posted] == [CountedAnew, LibraryGone]
    assert watch.missing() and GONE in watch.lost()


def test_while_nothing_changes_the_library_is_not_opened(of_notes: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    watch, posted = LibraryWatch(of_notes.library), list[Message]()
    watch.count(posted.append)
    watch.check(posted.append)
    opened: list[object] = []
    monkeypatch.setattr(LibraryWatch, "_open", lambda *given: opened.append(given))
    for _ in range(100):
        watch.check(posted.append)
    assert opened == [] and posted == []
