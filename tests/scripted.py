"""An assistant that answers as it was told, for tests of the screen.

Documents and quotes are real ones, of the seeds; only what would take a model's time is
told beforehand. `gate` holds it between its steps, so that a test sees each of them.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from rag.answer import Answer, Answered, Assistant, Citation, Event, Retrieved, Searching, Timings, Writing
from rag.chunks import split
from rag.documents import Document, read
from rag.evidence import Quote
from rag.generator import Stopped
from rag.search import Passage
from rag.settings import Settings
from rag.verify import Statement

SEEDS = Path(__file__).parent.parent / "seeds"
TROOPS = "How many North Korean troops are in Kursk?"
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
    text = " ".join(f"{s.text} [{n}]" for n, s in enumerate(statements, 1)) or "The documents do not say."
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
    )


def troops(question: str = TROOPS) -> Answer:
    """Return the answer with three quotes that give different figures."""
    documents = {name: seed(name) for name, *_ in SENTENCES}
    gloss = "In Kursk stand after the words of Ukrainian president Wolodymyr Selenskyj now 11,000 soldiers."
    quotes = [quote(documents[name], *rest) for name, *rest in SENTENCES]
    quotes[0] = quote(documents["kursk-lage.txt"], *SENTENCES[0][1:], gloss)
    return answer(question, *quotes, figures=True)


class Scripted:
    """Answers questions from a table: with an answer, or by raising an error. Others are not found.

    With `gate`, every step waits until the gate is opened (`step`), or it is stopped.
    """

    def __init__(self, answers: dict[str, Answer | Exception] | None = None, *, gated: bool = False) -> None:
        self.answers = {TROOPS: troops()} if answers is None else answers
        self.gated = gated
        self.asked: list[tuple[str, tuple[str, ...], int]] = []  # question, documents, how many earlier answers
        self.closed = False
        self.generator = SimpleNamespace(name="scripted-llm")
        self.embedder: Any = None
        self.library = SimpleNamespace(close=lambda: None)
        self._steps = threading.Semaphore(0)
        self._stop = threading.Event()

    def open(self, settings: Settings) -> Assistant:
        """What the engine opens."""
        self.closed = False
        return cast(Assistant, self)

    def step(self, count: int = 1) -> None:
        """Let it go on by so many steps."""
        self._steps.release(count)

    def stop(self) -> None:
        self._stop.set()

    def close(self) -> None:
        self.stop()
        self.closed = True

    def _wait(self) -> None:
        while self.gated and not self._steps.acquire(timeout=0.01):
            if self._stop.is_set():
                break
        if self._stop.is_set():
            raise Stopped

    def ask(
        self,
        question: str,
        documents: Sequence[str] = (),
        earlier: Sequence[Answer] = (),
        reading: Callable[[int, int], None] | None = None,
    ) -> Iterator[Event]:
        """Search, find, read half, write each statement, and answer: a step each."""
        self._stop.clear()
        self.asked.append((question, tuple(documents), len(earlier)))
        told = self.answers.get(question, answer(question))
        if isinstance(told, Exception):
            raise told
        self._wait()
        yield Searching(told.standalone)
        self._wait()
        yield Retrieved(told.passages)
        self._wait()
        if reading:
            reading(50, 100)
        said: tuple[Statement, ...] = ()
        for statement in told.statements or (Statement(told.text, (), False),):
            self._wait()
            said = (*said, statement)
            yield Writing(" ".join(s.text for s in said), statement.text, said)
        self._wait()
        yield Answered(told)
