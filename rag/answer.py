"""The ask road: one question to one answer with its evidence.

`Assistant.ask` is a generator of events, so that any front end can show how far it is
and stop at any moment. There is no other way to an answer: the command line, batches and
the chat differ only in how they show these events.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Literal

from rag import evidence, search
from rag.compose import Composed, compose, quoted
from rag.embedder import Embedder
from rag.errors import LibraryUnusable, UsageError
from rag.evidence import Quote
from rag.followup import standalone
from rag.generator import Generator, Stopped
from rag.library import Library
from rag.models import load_embedder, load_generator
from rag.search import Passage
from rag.settings import Mode, Settings
from rag.spans import asked_for
from rag.vectors import VectorIndex, open_index
from rag.verify import Statement, numbers

Status = Literal["answered", "not_found"]
LONGEST_QUESTION = 2000  # characters


@dataclass(frozen=True, slots=True)
class Citation:
    """A numbered quote in an answer. `page` counts from 1."""

    n: int
    quote: Quote
    page: int


@dataclass(frozen=True, slots=True)
class Timings:
    """Seconds since the question was asked."""

    search_s: float
    first_token_s: float
    total_s: float


@dataclass(frozen=True, slots=True)
class Answer:
    """What the person gets. `text` holds [n] markers; `figures` lists what sources differ in.

    `standalone` is what was searched for: the question, completed from the turns before it.
    `prompts` are the texts the LLM was given, to the letter.
    """

    question: str
    standalone: str
    language: str
    status: Status
    text: str
    statements: tuple[Statement, ...]
    citations: tuple[Citation, ...]
    passages: tuple[Passage, ...]
    figures: tuple[tuple[int, str], ...]
    model: str
    embedder: str
    mode: Mode
    timings: Timings
    prompts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Searching:
    question: str


@dataclass(frozen=True, slots=True)
class Retrieved:
    passages: tuple[Passage, ...]


@dataclass(frozen=True, slots=True)
class Writing:
    """The answer so far, what was added to it just now, and the statements it is made of."""

    text: str
    delta: str
    statements: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Answered:
    answer: Answer


Event = Searching | Retrieved | Writing | Answered

_SAYS_NOTHING = {"de": "Die Dokumente sagen dazu nichts.", "en": "The documents do not say."}


class Assistant:
    """A library with the models that answer from it. Use as a context manager.

    The LLM loads in a thread of its own while the question is searched for.
    """

    def __init__(self, settings: Settings, library: Library) -> None:
        """Raises ModelUnavailable or LibraryUnusable; the LLM's failure shows when it is asked."""
        self.settings = settings
        self.library = library
        if not library.count()[0]:
            raise LibraryUnusable(f"The library in {library.folder} is empty.", "Add documents: beleg index FOLDER")
        self._stop = threading.Event()
        self._threads = ThreadPoolExecutor(max_workers=1, thread_name_prefix="beleg-llm")
        self._loading: Future[Generator] = self._threads.submit(load_generator, settings)
        try:
            self.embedder: Embedder = load_embedder(settings)
            library.claim(self.embedder)
            self._index: VectorIndex = open_index(library)
            self._index_stamp = library.stamp
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Assistant:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop what is running and free the models."""
        self.stop()
        self._threads.shutdown(wait=True)
        if self._loading.exception() is None:
            self._loading.result().close()

    @property
    def generator(self) -> Generator:
        """The LLM; waits until it is loaded. Raises ModelUnavailable, or Stopped after `stop`."""
        while not self._loading.done():
            self._stop.wait(0.02)
            self._unless_stopped()
        generator = self._loading.result()
        generator.stop = self._stop
        return generator

    def stop(self) -> None:
        """Make a running `ask` raise Stopped soon, also while it waits or a prompt is being read."""
        self._stop.set()

    def _unless_stopped(self) -> None:
        if self._stop.is_set():
            raise Stopped

    def retrieve(self, question: str, documents: Sequence[str] = ()) -> tuple[search.Query, list[Passage]]:
        """Return the prepared question and its passages, best first."""
        query = search.prepare(question, self.library, self.embedder)
        if self.library.stamp != self._index_stamp:
            self._index, self._index_stamp = open_index(self.library), self.library.stamp
        return query, search.find(query, self.library, self._index, self.settings.passages, documents)

    def ask(
        self,
        question: str,
        documents: Sequence[str] = (),
        earlier: Sequence[Answer] = (),
        reading: Callable[[int, int], None] | None = None,
    ) -> Iterator[Event]:
        """Yield the events of answering `question`; the last is Answered.

        With `documents`, only those (by id) are searched. `earlier` are the answers of the
        conversation so far, oldest first, from which a follow-up question is completed.
        `reading` is called with the tokens read and to be read whenever the LLM reads on.

        Raises UsageError for a question without words or over LONGEST_QUESTION characters,
        ModelUnavailable, LibraryUnusable, or Stopped after `stop`.
        """
        started = time.perf_counter()
        self._stop.clear()
        question = question.encode("utf-8", "replace").decode().strip()  # halves of characters are no text
        if not any(map(str.isalnum, question)):
            raise UsageError("The question is empty.", "Ask something.")
        if len(question) > LONGEST_QUESTION:
            raise UsageError(f"The question has {len(question)} characters, more than {LONGEST_QUESTION}.")
        whole = standalone(question, [(answer.standalone, _answering_words(answer)) for answer in earlier])
        yield Searching(whole)
        query, passages = self.retrieve(whole, documents)
        if whole != question:  # what completes it may be in another language
            query = replace(query, language=search.language_of(question, self.library))
        searched = time.perf_counter()
        self._unless_stopped()
        yield Retrieved(tuple(passages))
        generator = self.generator
        generator.progress = reading
        generator.given.clear()
        quotes = self._quotes(question, query, passages, generator)
        first, text, composed = 0.0, "", Composed([], [])
        for composed in self._composed(query, passages, quotes, generator):
            said = composed.statements or [Statement(_says_nothing(query.language), (), False)]
            whole_text = " ".join(map(_with_markers, said))
            text, delta = whole_text, whole_text[len(text) :]
            first = first or time.perf_counter()
            yield Writing(text, delta, tuple(said))
        ended = time.perf_counter()
        citations = tuple(
            Citation(n, quote, quote.document.page(quote.start)) for n, quote in enumerate(composed.quotes, 1)
        )
        yield Answered(
            Answer(
                question=question,
                standalone=whole,
                language=query.language,
                status="answered" if composed.statements else "not_found",
                text=text,
                statements=tuple(composed.statements),
                citations=citations,
                passages=tuple(passages),
                figures=_figures(whole, citations),
                model=generator.name,
                embedder=self.embedder.name,
                mode=self.settings.mode,
                timings=Timings(searched - started, first - started, ended - started),
                prompts=tuple(generator.given),
            )
        )

    def _quotes(
        self, question: str, query: search.Query, passages: Sequence[Passage], generator: Generator
    ) -> list[Quote]:
        """Weigh the sentences by the question as it was put, and as it was completed where that finds nothing.

        The words that complete a question find its passages, but then favour the sentence that
        holds them over the one that answers (of 24 follow-ups 13 instead of 4 are cited first).
        """
        if query.text != question:
            put = search.prepare(question, self.library, self.embedder)
            if quotes := evidence.select(put, passages, self.library, generator):
                return quotes
        return evidence.select(query, passages, self.library, generator)

    def _composed(
        self, query: search.Query, passages: Sequence[Passage], quotes: Sequence[Quote], generator: Generator
    ) -> Iterator[Composed]:
        """Yield the answer's statements and quotes as they come; the last is the answer."""
        if self.settings.mode == "compose":
            yield from compose(query, passages, quotes, generator, self.embedder)
            return
        made = quoted(quotes)
        for count in range(1, len(quotes) + 1):
            yield Composed(made.statements[:count], made.quotes)
        if not quotes:
            yield made


def _answering_words(answer: Answer) -> str:
    """Return the marked words of an answer's first quote, or "" where nothing is marked."""
    quotes = [citation.quote for citation in answer.citations[:1] if citation.quote.marks]
    return " ".join(quote.document.text[slice(*quote.marks[0])] for quote in quotes)


def _with_markers(statement: Statement) -> str:
    return statement.text + "".join(f" [{n}]" for n in statement.citations)


def _says_nothing(language: str) -> str:
    return _SAYS_NOTHING.get(language, _SAYS_NOTHING["en"])


def _figures(question: str, citations: Sequence[Citation]) -> tuple[tuple[int, str], ...]:
    """Return the marked figures, (citation, words), where a figure is asked for and sources give more than one."""
    if asked_for(question) != "number":
        return ()
    found = []
    for citation in citations:
        for start, end in citation.quote.marks:
            words = citation.quote.document.text[start:end]
            if numbers(words):
                found.append((citation.n, " ".join(words.split())))
    different = {frozenset(numbers(words)) for _, words in found}
    return tuple(found) if len(different) > 1 else ()
