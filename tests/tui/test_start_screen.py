"""The start screen: questions that the library can answer, each asked by a key or a click."""

from __future__ import annotations

import json
import re
import threading
from pathlib import Path
from typing import Any

import pytest
from fake_chat import Scripted, ask, on_screen, rows, running, until

from rag.answering.assistant import Assistant
from rag.index.library import Library
from rag.index.update import index
from rag.models.embedder import Embedder
from rag.settings import Settings
from rag.system import long_work
from rag.system.cancellation import CancelToken, Stopped
from tui.app import BelegApp

MILL = "When did the mill burn down?"
ORGAN = "Wie viele Pfeifen hat die Orgel?"


def key_of(app: BelegApp, question: str) -> str:
    """Return the key that asks a question, as the screen says; "" while it does not."""
    found = re.search(rf"(alt\+\d) {re.escape(question)}", on_screen(app, "#welcome"))
    return found[1] if found else ""


def kept(settings: Settings) -> list[Path]:
    return sorted((settings.state / "suggested").glob("*"))


def keep(settings: Settings, *questions: str) -> None:
    """Put other questions where those of the library are kept."""
    (file,) = kept(settings)
    found = json.loads(file.read_text(encoding="utf-8"))
    file.write_text(json.dumps({**found, "questions": questions}), encoding="utf-8")


@pytest.fixture
async def tried(of_notes: Settings) -> Settings:
    """Settings of a chat whose library was tried already."""
    app = BelegApp(of_notes)
    async with running(app) as pilot:
        await until(pilot, lambda: kept(of_notes), seconds=120)
    return of_notes


class Held(Scripted):
    """An assistant that opens only when it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.let = threading.Event()

    def open(self, settings: Settings) -> Assistant:
        self.let.wait(60)
        return super().open(settings)


class Pondering(Scripted):
    """An assistant for which to try a question takes until it is stopped."""

    def look_up(self, question: str, *, cancel: CancelToken | None = None) -> Any:
        assert cancel is not None
        self.events.append(f"tries {question}")
        if cancel.wait(60):
            raise Stopped
        return super().look_up(question)


async def test_questions_that_the_documents_answer_are_found_shown_and_asked_by_a_key(of_notes: Settings) -> None:
    app = BelegApp(of_notes)
    async with running(app, (140, 40)) as pilot:
        await until(pilot, lambda: key_of(app, MILL), seconds=120)
        assert {key_of(app, MILL), key_of(app, ORGAN)} < {"alt+1", "alt+2", "alt+3"}
        await pilot.press(key_of(app, ORGAN))
        await until(pilot, lambda: app.chat.turns and app.chat.turns[-1].state == "answered", seconds=60)
        assert app.chat.turns[-1].question == ORGAN and "Die Orgel hat 900 Pfeifen." in on_screen(app)
        assert not app.chat.query("#welcome")
    (file,) = kept(of_notes)
    assert file.stat().st_mode & 0o777 == 0o600 and file.parent.stat().st_mode & 0o777 == 0o700


async def test_the_next_start_shows_them_at_once_and_tries_nothing(tried: Settings) -> None:
    held = Held()
    app = BelegApp(tried, open_=held.open)
    async with running(app) as pilot:
        await until(pilot, lambda: key_of(app, MILL))
        assert "loading" in on_screen(app, "#status")
        keep(tried, "Is this one kept?")
        held.let.set()
        await until(pilot, lambda: "alt+1 Is this one kept?" in on_screen(app, "#welcome"))


async def test_none_is_offered_while_only_some_documents_are_asked(tried: Settings) -> None:
    app = BelegApp(tried, open_=Scripted().open)
    async with running(app) as pilot:
        await until(pilot, lambda: key_of(app, MILL))
        key = key_of(app, MILL)
        app.limit({entry.id for entry in app.engine.entries() if entry.name == "bridge.md"})
        await until(pilot, lambda: "alt+1 " not in on_screen(app, "#welcome").partition("f1")[2])
        await pilot.press(key)
        await pilot.pause()
        assert app.chat.query("#welcome") and not app.chat.turns
        app.limit(set())
        await until(pilot, lambda: key_of(app, MILL) == key)


async def test_a_click_asks_too(tried: Settings) -> None:
    app = BelegApp(tried, open_=Scripted().open)
    async with running(app) as pilot:
        await until(pilot, lambda: key_of(app, ORGAN))
        row = next(y for y, text in enumerate(rows(app)) if ORGAN in text)
        await pilot.click(offset=(rows(app)[row].index("Pfeifen"), row))
        await until(pilot, lambda: [turn.question for turn in app.chat.turns] == [ORGAN])


async def test_a_library_that_has_changed_gets_new_ones(tried: Settings, embedder: Embedder, tmp_path: Path) -> None:
    keep(tried, "Is this one kept?")
    (tmp_path / "tower.txt").write_text("The tower is 46 metres high. It is old.", encoding="utf-8")
    with Library(tried.library) as library:
        index([str(tmp_path / "tower.txt")], library, embedder)
    app = BelegApp(tried)
    async with running(app) as pilot:
        await until(pilot, lambda: "How high is the tower?" in on_screen(app, "#welcome"), seconds=120)
        assert "Is this one kept?" not in on_screen(app)


async def test_a_question_that_is_asked_goes_first(of_notes: Settings) -> None:
    pondering = Pondering()
    app = BelegApp(of_notes, open_=pondering.open)
    async with running(app) as pilot:
        await until(pilot, lambda: any(event.startswith("tries") for event in pondering.events))
        turn = await ask(pilot, "Who?")
        await until(pilot, lambda: turn.state == "not-found", seconds=20)
    assert kept(of_notes) == []


async def test_the_chat_quits_while_a_question_is_tried(of_notes: Settings) -> None:
    pondering = Pondering()
    app = BelegApp(of_notes, open_=pondering.open)
    async with running(app) as pilot:
        await until(pilot, lambda: any(event.startswith("tries") for event in pondering.events))
        await pilot.press("ctrl+q")
    assert app.engine.idle(10)


async def test_where_none_is_found_none_is_shown_and_the_keys_ask_nothing(of_notes: Settings) -> None:
    app = BelegApp(of_notes, open_=Scripted().open)
    async with running(app) as pilot:
        await until(pilot, lambda: kept(of_notes))
        await pilot.pause(0.2)
        assert "alt+1 opens the first source" in on_screen(app, "#welcome")
        assert "for example" not in on_screen(app)
        await pilot.press("alt+1")
        await pilot.pause()
        assert app.chat.turns == []


@pytest.mark.parametrize(
    "damaged", [b"", b"{", b"[]", b'{"stamp": "", "questions": ["x"]}', b"\xff\xfe", b"[" * 100_000]
)
async def test_a_damaged_file_counts_as_none_and_is_written_anew(tried: Settings, damaged: bytes) -> None:
    (file,) = kept(tried)
    file.write_bytes(damaged)
    app = BelegApp(tried, open_=Scripted().open)
    async with running(app) as pilot:
        await until(pilot, lambda: file.read_bytes() != damaged)


async def test_what_is_kept_is_shown_as_a_line_and_never_obeyed(tried: Settings) -> None:
    keep(tried, "[red]What\x1b[2J\nis\u202e this?[/red]", *["more?"] * 9)
    app = BelegApp(tried, open_=Scripted().open)
    async with running(app) as pilot:
        await until(pilot, lambda: "alt+1 [red]What\ufffd[2J is\ufffd this?[/red]" in on_screen(app, "#welcome"))
        assert "alt+3 more?" in on_screen(app, "#welcome") and "alt+4" not in on_screen(app, "#welcome")


# --- preparing the models, once ------------------------------------------------------------------------------


class Preparing(Scripted):
    """An assistant whose models are prepared first, as far as it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.let = threading.Semaphore(0)

    def open(self, settings: Settings) -> Assistant:
        with long_work.planned():
            long_work.begin((("load", 10.0), ("graft", 30.0)))
            self.let.acquire(timeout=60)
            long_work.step("graft")
            long_work.within(0.5)
            self.let.acquire(timeout=60)
        return super().open(settings)


async def test_a_bar_says_how_far_the_models_are_and_a_question_that_waits_how_long_it_will_take(
    of_notes: Settings,
) -> None:
    preparing = Preparing()
    app = BelegApp(of_notes, open_=preparing.open)
    async with running(app, (140, 40)) as pilot:
        await until(pilot, lambda: re.search(r"preparing the models, once .* 40 s left", on_screen(app, "#status")))
        turn = await ask(pilot, "Who?")
        wait = r"waiting: preparing the models, once, about \d+ s left"
        await until(pilot, lambda: re.search(wait, on_screen(app, turn)))
        preparing.let.release()
        await until(pilot, lambda: "━━━━━━──── 62% · about" in on_screen(app, "#status"))
        preparing.let.release()
        await until(pilot, lambda: turn.state == "not-found")
        assert "preparing" not in on_screen(app)


async def test_a_narrow_screen_has_the_share_and_the_time_without_a_bar(of_notes: Settings) -> None:
    preparing = Preparing()
    app = BelegApp(of_notes, open_=preparing.open)
    async with running(app, (110, 30)) as pilot:
        await until(pilot, lambda: re.search(r"once \d% · about 40 s left", on_screen(app, "#status")))
        assert "━" not in on_screen(app, "#status")
        preparing.let.release(2)
        await until(pilot, lambda: "scripted-llm" in on_screen(app, "#status"))


async def test_a_question_of_several_lines_begins_each_below_its_first_word(tried: Settings) -> None:
    long = "Which of the many mills along the river was it that burned down in the winter of that year, and why?"
    keep(tried, long)
    app = BelegApp(tried)
    async with running(app, (60, 40)) as pilot:
        await until(pilot, lambda: long in on_screen(app, "#welcome"))
        lines = rows(app)
        (first,) = [n for n, line in enumerate(lines) if "alt+1  Which" in line]
        at = lines[first].index("Which")
        assert lines[first + 1][:at].strip() == "" and lines[first + 1][at] != " "
