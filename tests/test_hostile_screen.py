"""Hostile text on every screen: it is shown, never obeyed, and the chat goes on."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from scripted import Scripted, answer, asked, rows, until
from textual import events
from textual.command import CommandPalette
from textual.widgets import DataTable, Input, OptionList

from rag.answer import Answer
from rag.conversation import Conversations
from rag.documents import Document, read
from rag.embedder import Embedder
from rag.errors import BelegError
from rag.evidence import Quote
from rag.indexing import index
from rag.library import FILE, Library
from rag.settings import Settings
from tui.app import BelegApp
from tui.screens.context import ContextScreen
from tui.screens.conversations import ConversationsScreen
from tui.screens.document import DocumentScreen
from tui.screens.documents import DocumentsScreen
from tui.screens.path import ConfirmScreen, PathScreen
from tui.widgets.composer import Composer
from tui.widgets.source import Card
from tui.widgets.status import StatusLine

SHOWN = ("[/INST]", "[red]red[/red]", "[link=x]y[/link]", "[@click=app.quit]z[/]")  # each of them markup
UNSHOWN = "\x1b[31mred \x1b]52;c;aGk=\x07 \x01\x02\x08\x0b\x0c\x7f\x9b31m \u202etxet \u2066x\u2069"
LINE = " ".join([*SHOWN, UNSHOWN])
LONG = "w" * 10_000
PILED = "a" + "\N{COMBINING ACUTE ACCENT}" * 2_000
HUGE = f"{LINE} {LONG} {PILED}"
TURNING = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
SIZE = (180, 50)


def dangerous(text: str) -> set[str]:
    """Return the characters that a terminal would obey."""
    return {each for each in text if ord(each) < 0x20 or 0x7F <= ord(each) < 0xA0 or each in TURNING + "\u2028\u2029"}


def shows(app: BelegApp, *wanted: str) -> None:
    """Check that the screen holds these texts as they are and nothing that is obeyed, and that the app is alive.

    White space does not matter: lines are wrapped.
    """
    app.screen._compositor.reflow(app.screen, app.size)
    lines = rows(app)
    together = "".join("".join(lines).split())
    assert dangerous("".join(lines)) == set()
    for text in wanted:
        assert text.replace(" ", "") in together, "\n".join(lines)
    assert app._exception is None and app.is_running


def hostile_document(text: str = f"{LINE} it says. The end of it is here. {LONG} {PILED}") -> Document:
    return Document("h", f"/{LINE}.txt", f"{LINE}.txt", LINE, "2024-10-31", "en", text, 0, (0,), "0")


def hostile_answer(question: str = LINE) -> Answer:
    """Return an answer whose every text is hostile."""
    document = hostile_document()
    start = document.text.index("The end")
    whole = Quote(document, 0, start - 1, document.text[: start - 1], 0.9, ((0, 7),), LINE)
    huge = Quote(document, start, len(document.text), document.text[start:], 0.9, ((start, start + 7),), HUGE)
    made = answer(question, whole, huge)
    figures = ((1, LINE), (2, LINE))
    return replace(made, standalone=f"And {LINE}", model=LINE, embedder=LINE, prompts=(LINE, HUGE), figures=figures)


def hostile(**answers: Answer | Exception) -> Scripted:
    """Return an assistant whose answers and model are hostile."""
    assistant = Scripted({one.question if isinstance(one, Answer) else LINE: one for one in answers.values()})
    assistant.generator.name = LINE
    return assistant


@pytest.fixture
def app(settings: Settings) -> BelegApp:
    """The chat with an assistant that answers LINE with hostile texts."""
    return BelegApp(settings, open_=hostile(answer=replace(hostile_answer(), question=LINE)).open)


async def asked_hostile(pilot: Any) -> None:
    turn = await asked(pilot, LINE)
    assert turn.state == "answered"


async def test_question_answer_sources_and_status_are_shown_as_they_are(app: BelegApp) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await asked_hostile(pilot)
        app.chat.query_one("#conversation").scroll_home(animate=False)
        await pilot.pause()
        shows(app, *SHOWN, f"asked as: And {' '.join(SHOWN)}", f"1  {' '.join(SHOWN)}"[:40])
        assert "[/INST]" in str(app.chat.query_one(StatusLine).render())
        card = app.chat.query(Card).first()
        assert all(text in card.render().plain for text in SHOWN)  # type: ignore[union-attr]


async def test_an_open_card_shows_its_quote_and_gloss_as_they_are(app: BelegApp) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await asked_hostile(pilot)
        await pilot.press("1")
        await until(pilot, lambda: app.chat.query(Card).first().has_class("open"))
        await pilot.pause()
        shows(app, " ".join(SHOWN), f"word by word: {' '.join(SHOWN)}")


async def test_clicking_on_hostile_text_runs_nothing(app: BelegApp) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await asked_hostile(pilot)
        lines = rows(app)
        places = [(line.index("[@click"), y) for y, line in enumerate(lines) if "[@click" in line]
        assert places
        for x, y in places:
            await pilot.click(offset=(x + len("[@click=app.quit]"), y))
            await pilot.pause()
        assert app.is_running and app.return_code is None


async def test_the_document_is_shown_as_it_is(app: BelegApp) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await asked_hostile(pilot)
        await pilot.press("1", "1")
        await until(pilot, lambda: isinstance(app.screen, DocumentScreen))
        await pilot.pause()
        shows(app, " ".join(SHOWN), f"2024-10-31 · en · {' '.join(SHOWN)}")
        await pilot.press("n", "G")
        await pilot.pause()
        shows(app)
        await pilot.press("slash", *"[/INST]", "enter")
        await until(pilot, lambda: "1 of 1" in "".join(rows(app)))
        shows(app, "1 of 1", "[/INST]")


async def test_what_the_model_was_given_is_shown_as_it_is(app: BelegApp) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await asked_hostile(pilot)
        await pilot.press("escape", "c")
        await until(pilot, lambda: isinstance(app.screen, ContextScreen))
        await pilot.pause()
        shows(app, f"Question (en): And {' '.join(SHOWN)}", f"embedder {' '.join(SHOWN)}")
        context = app.screen.query_one("#context")
        for y in range(0, int(context.max_scroll_y) + 1, 40):
            context.scroll_to(y=y, animate=False, immediate=True)
            await pilot.pause()
            shows(app)


@pytest.mark.parametrize("error", [BelegError(HUGE, LINE), RuntimeError(LINE)], ids=["foreseen", "unforeseen"])
async def test_an_error_is_shown_as_it_is(settings: Settings, error: Exception) -> None:
    app = BelegApp(settings, open_=hostile(error=error).open)
    async with app.run_test(size=SIZE) as pilot:
        turn = await asked(pilot, LINE)
        assert turn.state == "failed"
        app.chat.query_one("#conversation").scroll_home(animate=False)
        await pilot.pause()
        shows(app, " ".join(SHOWN))


@pytest.mark.parametrize("error", [BelegError(LINE, LINE), RuntimeError(LINE)], ids=["foreseen", "unforeseen"])
async def test_the_reason_why_nothing_can_be_loaded_is_shown_as_it_is(settings: Settings, error: Exception) -> None:
    def fail(_: Settings) -> Any:
        raise error

    app = BelegApp(settings, open_=fail)
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: "Cannot answer yet" in "".join(rows(app)))
        shows(app, " ".join(SHOWN)[:30], *SHOWN)


async def test_a_note_is_shown_as_it_is(app: BelegApp) -> None:
    async with app.run_test(size=SIZE) as pilot:
        app.tell(LINE)
        app.tell(f"{LINE} again", bad=True)
        await until(pilot, lambda: len(app.screen.query("Toast")) == 2)
        await pilot.pause()
        shows(app, *SHOWN)


async def test_a_question_that_is_confirmed_is_shown_as_it_is(app: BelegApp) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await app.push_screen(ConfirmScreen(f"Overwrite {LINE}?"))
        await pilot.pause()
        shows(app, *SHOWN)


async def test_a_dialog_s_title_hint_and_value_are_shown_as_they_are(app: BelegApp) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await app.push_screen(PathScreen(" ".join(SHOWN), " ".join(SHOWN), " ".join(SHOWN)))
        await pilot.pause()
        shows(app, *SHOWN)
        assert "".join(rows(app)).count("[/INST]") == 3


async def test_the_export_s_file_name_is_made_of_words_only(app: BelegApp) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await asked_hostile(pilot)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: isinstance(app.screen, PathScreen))
        shows(app, "Save the conversation")
        assert app.screen.query_one(Input).value == "inst-red-red-red-link-x-y-link.md"


async def pasted(pilot: Any, text: str) -> None:
    pilot.app.screen.focused.post_message(events.Paste(text))
    await pilot.pause()


async def test_what_is_pasted_as_a_question_is_shown_as_it_is(app: BelegApp) -> None:
    async with app.run_test(size=SIZE) as pilot:
        app.chat.query_one(Composer).focus()
        await pasted(pilot, LINE)
        shows(app, " ".join(SHOWN))
        await pilot.press("enter")
        await until(pilot, lambda: app.chat.turns and app.chat.turns[0].state == "answered")
        await pilot.press("up")
        await pilot.pause()
        shows(app, " ".join(SHOWN))


@pytest.mark.parametrize("keys", [("ctrl+o",), ("ctrl+l", "a"), ("ctrl+p",), ("1", "1", "slash")], ids=" ".join)
async def test_what_is_pasted_into_an_input_is_shown_as_it_is(app: BelegApp, keys: tuple[str, ...]) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await asked_hostile(pilot)
        for key in keys:
            await pilot.press(key)
            await pilot.pause()
        await until(pilot, lambda: isinstance(app.focused, Input))
        await pasted(pilot, LINE[-60:])
        shows(app)


# --- what lies in files ------------------------------------------------------------------


@pytest.fixture
def hostile_library(settings: Settings, tmp_path: Path, embedder: Embedder) -> Settings:
    """The settings of a library with a document whose file's name, title and text are hostile."""
    folder = tmp_path / "files"
    folder.mkdir()
    file = folder / "[@click=app.quit]z[red]red.txt"
    file.write_text(f"{' '.join(SHOWN)}\n\n{LINE} is what it says.\n\n{LONG} {PILED}", encoding="utf-8")
    assert read(file).title.startswith("[/INST]")
    with Library(settings.library) as library:
        index([str(folder)], library, embedder)
    with sqlite3.connect(settings.library / FILE) as db:
        db.execute("UPDATE documents SET title = ? WHERE name LIKE '[@click%'", (LINE,))
    return settings


async def test_the_list_of_documents_shows_titles_and_names_as_they_are(hostile_library: Settings) -> None:
    app = BelegApp(hostile_library, open_=hostile(answer=hostile_answer()).open)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("ctrl+l")
        await until(
            pilot, lambda: isinstance(app.screen, DocumentsScreen) and app.screen.query_one(DataTable).row_count
        )
        await pilot.pause()
        shows(app, "[/INST] [red]red[/red] [link=x]y[/link]", "[@click=app.quit]z[red]red.txt")
        await pilot.press("d")
        await until(pilot, lambda: isinstance(app.screen, ConfirmScreen))
        shows(app, "Remove “[/INST] [red]red[/red]")
        await pilot.press("n", "enter")
        await until(pilot, lambda: isinstance(app.screen, DocumentScreen))
        await pilot.pause()
        shows(app, " ".join(SHOWN), "[@click=app.quit]z[red]red.txt")


async def test_a_hostile_document_s_name_is_shown_while_it_is_indexed_and_if_it_cannot_be(
    settings: Settings, tmp_path: Path, embedder: Embedder
) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "[@click=app.quit]z[red]\x1b[31m\u202e.txt").write_bytes(b"")
    assistant = hostile(answer=hostile_answer())
    assistant.embedder = embedder
    app = BelegApp(settings, open_=assistant.open)
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: "opened" in assistant.events)
        await pilot.press("ctrl+l")
        app.index([str(folder)])
        await until(pilot, lambda: "unreadable" in "".join(rows(app)))
        await pilot.pause()
        shows(app, "unreadable: [@click=app.quit]z[red]")


async def test_the_picker_shows_questions_as_they_are(settings: Settings) -> None:
    saved = Conversations(settings.library)
    saved.save("one", hostile_answer(HUGE[:2000]))
    saved.save("two", hostile_answer(LINE))
    app = BelegApp(settings, open_=hostile(answer=hostile_answer()).open)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("ctrl+o")
        await until(pilot, lambda: isinstance(app.screen, ConversationsScreen) and "2 found" in "".join(rows(app)))
        shows(app, " ".join(SHOWN))
        await pilot.press(*"[/inst]")
        await pilot.pause()
        shows(app, " ".join(SHOWN), "2 found")
        await pilot.press("ctrl+d")
        await until(pilot, lambda: isinstance(app.screen, ConfirmScreen))
        shows(app, "Delete “[/INST] [red]red[/red]")
        await pilot.press("n", "enter")
        await until(pilot, lambda: bool(app.chat.turns) and app.chat.turns[0].state == "answered")
        await pilot.pause()
        shows(app, *SHOWN)


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("inst", "Open document: [/INST] [red]red[/red]"),
        ("only inst", "Ask only: [/INST] [red]red[/red]"),
        ("inst", "[@click=app.quit]z[red]red.txt"),
        ("conv inst", "Conversation: [/INST] [red]red[/red]"),
    ],
)
async def test_the_palette_shows_titles_names_and_questions_as_they_are(
    hostile_library: Settings, typed: str, shown: str
) -> None:
    Conversations(hostile_library.library).save("one", hostile_answer(LINE))
    app = BelegApp(hostile_library, open_=hostile(answer=hostile_answer()).open)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("ctrl+p")
        await until(pilot, lambda: isinstance(app.screen, CommandPalette))
        await pilot.press(*(character if character != " " else "space" for character in typed))
        await until(pilot, lambda: "2024" in "".join(rows(app)) or bool(options(app)))
        await until(pilot, settled(app), "the palette's end of searching")
        shows(app, shown)


def options(app: BelegApp) -> int:
    return app.screen.query_one(OptionList).option_count


def settled(app: BelegApp) -> Callable[[], bool]:
    """Return a condition: the number of commands found has not changed for a while."""
    counts: list[int] = []

    def condition() -> bool:
        counts.append(options(app))
        return len(counts) > 40 and len(set(counts[-40:])) == 1 and counts[-1] > 0

    return condition
