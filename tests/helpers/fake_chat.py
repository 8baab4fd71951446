"""An assistant that answers as it was told, and what tests of the screen do and see.

Documents and quotes are real ones, of the seeds; only what would take a model's time is
told beforehand. A gate holds the assistant between its steps, so that a test sees each of them.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

from project import SEEDS
from textual import events
from textual.geometry import Region
from textual.pilot import Pilot
from textual.widget import Widget

from rag.answering.assistant import Answer, Answered, Assistant, Citation, Event, Retrieved, Searching, Timings, Writing
from rag.answering.attribution import Statement
from rag.answering.sentence_selection import Quote
from rag.documents.chunking import split
from rag.documents.document import Document, read
from rag.index.hybrid_search import Passage
from rag.models.embedder import Embedder, Kind, Vectors
from rag.settings import Settings
from rag.system.cancellation import CancelToken, Stopped
from tui.app import BelegApp
from tui.widgets.composer import Composer
from tui.widgets.turn import Turn

_PATIENCE = float(os.environ.get("BELEG_TEST_PATIENCE", "30"))
TROOPS = "How many North Korean troops are in Kursk?"
STONE = "When was the Rosetta Stone found?"
ENDED = ("answered", "not-found", "failed", "stopped")
SENTENCES = (
    ("kursk-lage.txt", "In Kursk stehen nach den Worten", "Soldaten.", "11.000"),
    ("kursk-background.md", "On 31 October Mr Blinken spoke", "as a whole.", "8,000"),
    ("kursk-lage.txt", "US-Außenminister Antony Blinken hatte", "angegeben.", "rund 8.000"),
)


def seed(name: str) -> Document:
    """Return a seed article."""
    return read(SEEDS / name, name)


def quote(document: Document, start: str, end: str, mark: str, gloss: str = "") -> Quote:
    """Return the quote from the first `start` to the next `end`, with `mark` marked in it."""
    left = document.text.index(start)
    right = document.text.index(end, left) + len(end)
    at = document.text.index(mark, left)
    return Quote(document, left, right, document.text[left:right], 0.9, ((at, at + len(mark)),), gloss)


def passages(document: Document, most: int = 3) -> tuple[Passage, ...]:
    """Return the first chunks of a document as passages."""
    chunks = split(document)[:most]
    return tuple(Passage(chunk, document, 0.9 / n, n, ("dense", "lexical"), ()) for n, chunk in enumerate(chunks, 1))


def answer(question: str, *quotes: Quote, figures: bool = False, found: Sequence[Passage] = ()) -> Answer:
    """Return an answer made of these quotes; of none, it is that the documents do not say."""
    statements = tuple(Statement(" ".join(q.text.split()), (n,), True) for n, q in enumerate(quotes, 1))
    text = " ".join(f"{s.text} [{n}]" for n, s in enumerate(statements, 1)) or "I found no sentence that answers this."
    differing = tuple((n, q.document.text[slice(*q.marks[0])]) for n, q in enumerate(quotes, 1)) if figures else ()
    return Answer(
        question=question,
        standalone=question,
        language="en",
        status="answered" if quotes else "not_found",
        text=text,
        statements=statements,
        citations=tuple(Citation(n, q, q.document.page(q.start)) for n, q in enumerate(quotes, 1)),
        passages=tuple(found) or (passages(quotes[0].document) if quotes else passages(seed("rosetta-stone.md"))),
        figures=differing,
        model="scripted",
        embedder="scripted",
        mode="quote",
        timings=Timings(0.25, 1.5, 1.5),
        prompts=("Passage: It burned in 1907.\nQuestion: When did it burn?",),
        considered=tuple(replace(quote, marks=(), gloss="") for quote in quotes),
    )


def troops(question: str = TROOPS) -> Answer:
    """Return the answer with three quotes that give different figures."""
    documents = {name: seed(name) for name, *_ in SENTENCES}
    gloss = "In Kursk stand after the words of Ukrainian president Wolodymyr Selenskyj now 11,000 soldiers."
    quotes = [quote(documents[name], *rest) for name, *rest in SENTENCES]
    quotes[0] = quote(documents["kursk-lage.txt"], *SENTENCES[0][1:], gloss)
    return answer(question, *quotes, figures=True)


def stone(question: str = STONE) -> Answer:
    """Return an answer with one quote, of the seed about the Rosetta Stone."""
    document = seed("rosetta-stone.md")
    return answer(question, quote(document, "French soldiers came across", "Egypt.", "July 1799"))


class Scripted:
    """Answers questions from a table: with an answer, or by raising an error. Others are not found.

    With `gated`, every step waits until the gate is opened (`step`), or it is stopped.
    `events` says what became of it: opened, asked, stopped, closed.
    """

    def __init__(self, answers: dict[str, Answer | Exception] | None = None, *, gated: bool = False) -> None:
        self.answers = {TROOPS: troops(), STONE: stone()} if answers is None else answers
        self.gated = gated
        self.events: list[str] = []
        self.opened: list[Settings] = []
        self.asked: list[tuple[str, tuple[str, ...], int]] = []  # question, documents, how many earlier answers
        self.model = "scripted-llm"
        self.embedder: Any = None
        self.library = SimpleNamespace(close=lambda: None, folder=None)
        self._steps = threading.Semaphore(0)
        self._closed = CancelToken()

    def open(self, settings: Settings) -> Assistant:
        """What the engine opens."""
        self._closed = CancelToken()
        self.library.folder = settings.library
        self.events.append("opened")
        self.opened.append(settings)
        return cast(Assistant, self)

    def step(self, count: int = 1) -> None:
        """Let it go on by so many steps."""
        self._steps.release(count)

    def close(self) -> None:
        self._closed.cancel()
        self.events.append("closed")

    def _wait(self, cancel: CancelToken) -> None:
        while self.gated and not cancel.cancelled and not self._steps.acquire(timeout=0.01):
            pass
        if cancel.cancelled:
            self.events.append("stopped")
            raise Stopped

    def look_up(self, question: str, *, cancel: CancelToken | None = None) -> Any:  # noqa: ARG002
        """What is tried for the start screen finds nothing."""
        return SimpleNamespace(weighed=())

    def ask(
        self,
        question: str,
        documents: Sequence[str] = (),
        earlier: Sequence[Answer] = (),
        reading: Callable[[int, int], None] | None = None,
        *,
        cancel: CancelToken | None = None,
    ) -> Iterator[Event]:
        """Search, find, read half, write each statement, and answer: a step each."""
        running = CancelToken(self._closed, cancel)
        self.events.append("asked")
        self.asked.append((question, tuple(documents), len(earlier)))
        told = self.answers.get(question, answer(question))
        if isinstance(told, Exception):
            raise told
        self._wait(running)
        yield Searching(told.standalone)
        self._wait(running)
        yield Retrieved(told.passages)
        self._wait(running)
        if reading:
            reading(50, 100)
        said: tuple[Statement, ...] = ()
        for statement in told.statements or (Statement(told.text, (), False),):
            self._wait(running)
            said = (*said, statement)
            yield Writing(" ".join(s.text for s in said), statement.text, said)
        self._wait(running)
        yield Answered(told)


class Held:
    """An embedder that waits, before each document that it embeds, until `release` lets it."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._documents = threading.Semaphore(0)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._embedder, name)

    def release(self, count: int = 1) -> None:
        """Let it go on by so many documents."""
        self._documents.release(count)

    def encode(self, texts: Sequence[str], kind: Kind) -> Vectors:
        if kind == "document":
            self._documents.acquire(timeout=60)
        return self._embedder.encode(texts, kind)


# --- what a person does -----------------------------------------------------------------


@asynccontextmanager
async def running(
    app: BelegApp, size: tuple[int, int] = (100, 40), *, notes: bool = False, held: Held | None = None
) -> AsyncIterator[Pilot[None]]:
    """Run the app; however the test ends, nothing that it held back stays behind in a thread."""
    async with app.run_test(size=size, notifications=notes) as pilot:
        try:
            yield pilot
        finally:
            app.engine.quit()
            if held is not None:
                held.release(1000)


async def until(
    pilot: Pilot[None], condition: Callable[[], object], what: str = "", *, seconds: float = _PATIENCE
) -> None:
    """Let the app go on until the condition holds; fail after so many seconds, showing the screen."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        if condition():
            return
        await pilot.pause(0.01)
    raise AssertionError(f"never came about: {what or condition}\n{chr(10).join(rows(cast(BelegApp, pilot.app)))}")


async def ask(pilot: Pilot[None], question: str) -> Turn:
    """Send a question; return its turn."""
    chat = cast(BelegApp, pilot.app).chat
    before = len(chat.turns)
    chat.query_one(Composer).focus()
    chat.query_one(Composer).text = question
    await pilot.press("enter")
    await until(pilot, lambda: len(chat.turns) > before)
    return chat.turns[-1]


async def asked(pilot: Pilot[None], question: str = TROOPS) -> Turn:
    """Send a question and wait until it has ended, with its sources beside it; return its turn."""
    turn = await ask(pilot, question)
    await until(pilot, lambda: turn.state in ENDED and turn.has_class("selected"), f"the end of {question}")
    await pilot.pause()
    return turn


async def have_asked(settings: Settings, *conversations: list[str]) -> None:
    """Save conversations with these questions, oldest first."""
    app = BelegApp(settings, open_=Scripted().open)
    async with running(app) as pilot:
        for questions in conversations:
            await pilot.press("ctrl+n")
            await until(pilot, lambda: not app.chat.turns)
            for question in questions:
                await asked(pilot, question)


def burst(app: BelegApp, text: str) -> None:
    """Press keys as a terminal hands them on when they arrive together: none waits for what the last one did."""
    for character in text:
        key = {"\r": "enter", "\x1b": "escape", " ": "space"}.get(character, character)
        app.post_message(events.Key(key, character))


def wheel(app: BelegApp, widget: Widget, kind: type[events.MouseScrollUp | events.MouseScrollDown]) -> None:
    """Turn the mouse's wheel over the middle of a widget."""
    x, y = widget.region.center
    app.post_message(kind(None, int(x), int(y), 0, 0, 0, False, False, False, int(x), int(y)))


# --- what a person sees -----------------------------------------------------------------


def rows(app: BelegApp) -> list[str]:
    """Return the rows of the screen."""
    return [strip.text for strip in app.screen._compositor.render_strips()]


def visible(app: BelegApp, widget: Widget) -> Region:
    """Return the part of a widget's inside that is on the screen."""
    if (found := app.screen._compositor.visible_widgets.get(widget)) is None:
        return Region()
    region, clip = found
    return region.shrink(widget.styles.gutter).intersection(clip)


def on_screen(app: BelegApp, widget: Widget | str | None = None) -> str:
    """Return the text that is on the screen now, of all of it or of a widget's part, runs of white space as one."""
    shown = rows(app)
    if widget is not None:
        part = visible(app, app.screen.query_one(widget) if isinstance(widget, str) else widget)
        cells = [strip.crop(part.x, part.right) for strip in app.screen._compositor.render_strips()]
        shown = [strip.text for strip in cells[part.y : part.bottom]]
    return " ".join(" ".join(shown).translate(dict.fromkeys(map(ord, "▁▂▃▄▅▆▇█▎▌▐"), " ")).split())


def told(app: BelegApp) -> str:
    """Return the notes that are on the screen."""
    return " | ".join(on_screen(app, toast) for toast in app.screen.query("Toast"))


def flat(text: str) -> str:
    """Return text with its runs of white space as one space."""
    return " ".join(text.split())
