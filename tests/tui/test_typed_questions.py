"""What is sent where questions are: files that were dropped there, and several questions at once."""

from __future__ import annotations

from pathlib import Path

import pytest
from chat_documents import chat, entries
from fake_chat import STONE, TROOPS, Scripted, on_screen, running, told, until
from textual.pilot import Pilot

from rag.models.embedder import Embedder
from rag.settings import Settings
from tui.app import BelegApp
from tui.screens.path import ConfirmScreen
from tui.several_questions import questions
from tui.widgets.composer import Composer


async def send(app: BelegApp, pilot: Pilot[None], text: str) -> None:
    await until(pilot, lambda: "scripted-llm" in on_screen(app, "#status"))
    app.chat.query_one(Composer).text = text
    await pilot.press("enter")


@pytest.mark.parametrize("form", ["'{}'", '"{}"', "file", "backslashes", "{}", "{} {}"])
async def test_files_that_are_dropped_on_the_question_are_added_after_a_yes(
    of_notes: Settings, embedder: Embedder, tmp_path: Path, form: str
) -> None:
    (file := tmp_path / "the ferry.txt").write_text("The ferry runs twice a day.", encoding="utf-8")
    app, scripted = chat(of_notes, embedder)
    async with running(app, (120, 40), notes=True) as pilot:
        words = {"file": file.as_uri(), "backslashes": str(file).replace(" ", "\\ ")}
        await send(app, pilot, words.get(form, form.replace("{}", str(file))))
        await until(
            pilot, lambda: isinstance(app.screen, ConfirmScreen) and "ferry.txt" in on_screen(app)
        )  # the path is wrapped
        assert len(entries(of_notes)) == 3
        await pilot.press("y")
        await until(pilot, lambda: "1 new" in told(app))
        assert len(entries(of_notes)) == 4 and not scripted.asked


async def test_who_does_not_want_a_dropped_file_added_has_the_line_again(
    of_notes: Settings, embedder: Embedder, tmp_path: Path
) -> None:
    app, scripted = chat(of_notes, embedder)
    async with running(app) as pilot:
        await send(app, pilot, str(tmp_path))
        await until(pilot, lambda: isinstance(app.screen, ConfirmScreen))
        await pilot.press("enter")
        await until(pilot, lambda: app.chat.query_one(Composer).text == str(tmp_path))
        assert len(entries(of_notes)) == 3 and not scripted.asked


@pytest.mark.parametrize("line", ["{} says what?", "/no/such/file", "'Who' said \"what\"?", "notes"])
async def test_a_line_that_names_more_than_files_is_a_question(
    of_notes: Settings, embedder: Embedder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    monkeypatch.chdir(tmp_path)  # where there is a folder "notes"
    line = line.replace("{}", str(tmp_path))
    app, scripted = chat(of_notes, embedder)
    async with running(app) as pilot:
        await send(app, pilot, line)
        await until(pilot, lambda: scripted.asked)
        assert scripted.asked[0][0] == line


async def test_questions_on_lines_are_asked_one_after_the_other(settings: Settings) -> None:
    scripted = Scripted()
    app = BelegApp(settings, open_=scripted.open)
    async with running(app) as pilot:
        await send(app, pilot, f"1. {TROOPS}\n\n2) {STONE}\n")
        await until(pilot, lambda: len(app.chat.turns) == 2 and all(turn.answer for turn in app.chat.turns))
        assert [question for question, *_ in scripted.asked] == [TROOPS, STONE]


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("Who?\nWhen?", ["Who?", "When?"]),
        ("- „Wer?“\n- Wann?", ["„Wer?“", "Wann?"]),
        ("Who built\nthe mill?", ["Who built\nthe mill?"]),
        ("It burned in 1907.\nWho was hurt?", ["It burned in 1907.\nWho was hurt?"]),
        ("Who was hurt? Think of\n1907.", ["Who was hurt? Think of\n1907."]),
        ("1907?", ["1907?"]),
    ],
)
def test_only_a_text_whose_every_line_asks_is_several_questions(text: str, asked: list[str]) -> None:
    assert questions(text) == asked
