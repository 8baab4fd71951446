"""The ask road: one question to one answer with its evidence.

`Assistant.ask` is a generator of events, so that any front end can show how far it is
and stop at any moment. There is no other way to an answer: the command line, batches and
the chat differ only in how they show these events.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Generator as Generator_
from functools import partial
from typing import TypeVar

from rag.answering import sentence_selection
from rag.answering.answer import (
    Answer,
    Answered,
    Citation,
    Event,
    Retrieved,
    Searching,
    Status,
    Timings,
    Writing,
    says_nothing,
)
from rag.answering.attribution import Statement
from rag.answering.figure_disagreement import differing_figures
from rag.answering.grounded_generation import Composed, compose, prompt, quoted, write, write_together
from rag.answering.query import forms
from rag.answering.query_rewriting import standalone
from rag.answering.request import Asked, Found, Reader, Retrieval, clean
from rag.answering.sentence_selection import Selection
from rag.errors import BelegError, LibraryUnusable
from rag.index import hybrid_search
from rag.index.library import Library
from rag.index.vector_index import VectorIndex, open_index
from rag.models.bundled import Loading, load_embedder
from rag.models.embedder import Embedder
from rag.models.generator import Generator
from rag.models.greedy_decoder import Written
from rag.models.reading_progress import Progress
from rag.settings import Settings
from rag.system import logs
from rag.system.cancellation import CancelToken, Stopped
from rag.text.normalization import as_read

__all__ = [
    "Answer",
    "Answered",
    "Asked",
    "Assistant",
    "Citation",
    "Event",
    "Retrieval",
    "Retrieved",
    "Searching",
    "Status",
    "Timings",
    "Writing",
]

_T = TypeVar("_T")
_TO_LEAVE = 0.2  # seconds


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
        self._closed = CancelToken()
        self._llm = Loading(settings)
        try:
            self.embedder: Embedder = load_embedder(settings)
            library.claim(self.embedder)
            self._index: VectorIndex = open_index(library)
        except BaseException as error:
            self._leave(error)
            raise

    def __enter__(self) -> Assistant:
        return self

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        self._leave(error)

    def _leave(self, error: BaseException | None) -> None:
        if not isinstance(error, Stopped):
            self.close()
            return
        # Whoever stops does not wait until memory is freed, and not for long until what was half made is removed.
        closing = threading.Thread(target=self.close, name="beleg-close", daemon=True)
        closing.start()
        if not self._llm.ready:
            closing.join(_TO_LEAVE)

    def close(self) -> None:
        """Stop what is running and free the models; a model that loads is waited for."""
        self._closed.cancel()
        self._llm.close()

    @property
    def generator(self) -> Generator:
        """The LLM; waits until it is loaded. Raises ModelUnavailable, or Stopped after `close`."""
        return self._llm.loaded(self._closed)

    def retrieve(self, question: str, documents: Sequence[str] = (), put: str = "") -> Retrieval:
        """Return what is found for a question, all of it read from one state of the library.

        `put` is the question before it was completed, if it was. Raises LibraryUnusable if the
        library belongs to another embedder by now, or one of `documents` (ids) is not in it.
        """
        started = time.perf_counter()
        with self.library.snapshot():
            self.library.confirm(self.embedder)
            self._index = open_index(self.library, self._index)
            searched, passages = hybrid_search.retrieve(
                question, self.library, self._index, self.embedder, self.settings.passages, documents
            )
            queries = forms(searched, put, self.library, self.embedder)
            weighed = tuple(sentence_selection.weigh(query, passages, self.library) for query in queries)
        return Retrieval(queries[-1], passages, weighed, time.perf_counter() - started)

    def ask(
        self,
        question: str,
        documents: Sequence[str] = (),
        earlier: Sequence[Answer] = (),
        reading: Progress | None = None,
        *,
        cancel: CancelToken | None = None,
    ) -> Iterator[Event]:
        """Yield the events of answering `question`; the last is Answered.

        With `documents`, only those (by id) are searched. `earlier` are the answers of the
        conversation so far, oldest first, from which a follow-up question is completed.
        `reading` is called with the tokens read and to be read whenever the LLM reads on.

        Raises UsageError for a question without words or over LONGEST_QUESTION characters,
        ModelUnavailable, LibraryUnusable, or Stopped soon after `cancel` is cancelled, also
        while the LLM loads or reads.
        """
        running = CancelToken(self._closed, cancel)
        found = yield from self._found(question, documents, earlier, running, reading)
        yield from self._answered(found, self._composed(found, running, reading))

    def look_up(self, question: str, documents: Sequence[str] = (), *, cancel: CancelToken | None = None) -> Retrieval:
        """Retrieve for a question that is to be asked with `together`. Raises Stopped once `cancel` is cancelled."""
        CancelToken(self._closed, cancel).check()
        return self.retrieve(clean(question), documents)

    def together(self, asked: Sequence[Asked], *, cancel: CancelToken | None = None) -> Iterator[Answer | BelegError]:
        """Yield the answer to each question in order, or the error that kept it from one.

        The same answers as `ask` gives, faster where the model writes: it writes all of
        them side by side. Raises Stopped soon after `cancel` is cancelled.
        """
        running = CancelToken(self._closed, cancel)
        if self.settings.mode == "compose":
            grounds = [_tried(partial(self._search, each, running)) for each in asked]
            yield from self._side_by_side(grounds, running)
        else:
            for each in asked:
                yield _tried(partial(self._one, each, running))

    def _one(self, asked: Asked, cancel: CancelToken) -> Answer:
        return self._whole(self._search(asked, cancel), cancel)

    def _search(self, asked: Asked, cancel: CancelToken) -> Found:
        cancel.check()
        return _returned(self._found(asked.question, asked.documents, asked.earlier, cancel, found=asked.retrieval))

    def _side_by_side(
        self, grounds: Sequence[Found | BelegError], cancel: CancelToken
    ) -> Iterator[Answer | BelegError]:
        """Let the model write to all questions at once; yield what each answer becomes."""
        asked = {
            index: found.prompt for index, found in enumerate(grounds) if isinstance(found, Found) and found.prompt
        }
        written: dict[int, Written] = {}
        if asked:
            together = _tried(partial(write_together, list(asked.values()), self._llm.loaded(cancel), cancel))
            if not isinstance(together, BelegError):  # else each is tried alone: one of them need not be all
                written = dict(zip(asked, together, strict=True))
        for index, found in enumerate(grounds):
            if isinstance(found, BelegError):
                yield found
            else:
                yield _tried(partial(self._whole, found, cancel, written.get(index)))

    def _whole(self, found: Found, cancel: CancelToken, written: Written | None = None) -> Answer:
        cancel.check()
        *_, last = self._answered(found, self._composed(found, cancel, written=written))
        assert isinstance(last, Answered)
        return last.answer

    def _found(
        self,
        question: str,
        documents: Sequence[str],
        earlier: Sequence[Answer],
        cancel: CancelToken,
        reading: Progress | None = None,
        found: Retrieval | None = None,
    ) -> Generator_[Event, None, Found]:
        """Search, and choose the sentences that answer; yield the events of that."""
        started = time.perf_counter() - (found.seconds if found else 0.0)
        question = clean(question)
        whole = standalone(question, [(answer.standalone, _answering_words(answer)) for answer in earlier])
        yield Searching(whole)
        if found is None or found.query.text != whole:
            found = self.retrieve(whole, documents, question)
        searched = time.perf_counter()
        cancel.check()
        yield Retrieved(found.passages)
        reader = Reader(self._llm.loaded(cancel), cancel, reading)
        selection = self._select(found, reader)
        writing = self.settings.mode == "compose"
        asked = prompt(found.query, found.passages, selection, reader.generator) if writing else None
        given = tuple(reader.given)
        return Found(question, found.query, found.passages, selection, asked, given, started, searched)

    def _select(self, found: Retrieval, reader: Reader) -> Selection:
        """Choose by the question as it was put, and as it was completed where that finds nothing.

        The words that complete a question find its passages, but then favour the sentence that
        holds them over the one that answers (of 24 follow-ups 13 instead of 4 are cited first).
        """
        for weighed in found.weighed:
            selection = sentence_selection.select(weighed, reader)
            if selection.quotes:
                break
        return selection

    def _composed(
        self, found: Found, cancel: CancelToken, reading: Progress | None = None, written: Written | None = None
    ) -> Iterator[Composed]:
        """Yield the answer's statements and quotes as they come; the last is the answer.

        `written` is what the model has written to the prompt, if it has already.
        """
        quotes = found.selection.quotes
        if asked := found.prompt:
            pieces = written.again() if written else write(asked, self._llm.loaded(cancel), reading, cancel)
            yield from compose(pieces, asked.language, asked.passages, quotes, self.embedder)
            return
        made = quoted(quotes)
        for count in range(1, len(quotes) + 1):
            yield Composed(made.statements[:count], made.quotes)
        if not quotes:
            yield made

    def _prompts(self, found: Found) -> tuple[str, ...]:
        """Return all that the LLM was given, to the letter."""
        return (*found.given, self.generator.text(found.prompt.tokens)) if found.prompt else found.given

    def _answered(self, found: Found, composing: Iterator[Composed]) -> Iterator[Event]:
        """Yield the answer as it grows, and then whole; it enters the log."""
        for event in self._growing(found, composing):
            if isinstance(event, Answered):
                _logged(event.answer)
            yield event

    def _growing(self, found: Found, composing: Iterator[Composed]) -> Iterator[Event]:
        first, text, composed = 0.0, "", Composed([], [])
        for composed in composing:
            said = composed.statements or [Statement(says_nothing(found.query.language), (), False)]
            whole_text = " ".join(map(_with_markers, said))
            text, delta = whole_text, whole_text[len(text) :]
            first = first or time.perf_counter()
            yield Writing(text, delta, tuple(said))
        ended = time.perf_counter()
        copies = {passage.document.id: passage.also_in for passage in found.passages}
        citations = tuple(
            Citation(n, quote, quote.document.page(quote.start), copies.get(quote.document.id, ()))
            for n, quote in enumerate(composed.quotes, 1)
        )
        yield Answered(
            Answer(
                question=found.question,
                standalone=found.query.text,
                language=found.query.language,
                status="answered" if composed.statements else "not_found",
                text=text,
                statements=tuple(composed.statements),
                citations=citations,
                passages=found.passages,
                figures=differing_figures(found.query.answer_type, citations),
                model=self.generator.name,
                embedder=self.embedder.name,
                mode=self.settings.mode,
                timings=Timings(found.searched - found.started, first - found.started, ended - found.started),
                prompts=self._prompts(found),
                support=found.selection.support,
                declined=found.selection.declined,
            )
        )


def _logged(answer: Answer) -> None:
    cited = sorted({citation.quote.document.name for citation in answer.citations})
    logs.logger("answer").info(
        "%s from %d passages, %d quotes; question in %s; search %.2f s, whole %.2f s; question %s, documents %s",
        *(answer.status, len(answer.passages), len(answer.citations), answer.language),
        *(answer.timings.search_s, answer.timings.total_s, logs.Words(answer.question), logs.Words(", ".join(cited))),
    )


def _returned(steps: Generator_[Event, None, Found]) -> Found:
    """Run a generator to its end; return what it returns."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            found: Found = end.value
            return found


def _tried(step: Callable[[], _T]) -> _T | BelegError:
    """Return what the step returns, or the error it met: in a batch, one question's failure is its own."""
    try:
        return step()
    except BelegError as error:
        logs.logger("answer").warning("%s: %s", type(error).__name__, logs.Words(error), exc_info=error)
        return error
    except Exception as error:  # whatever one document does to it, the rest of the night is not lost
        return BelegError(f"It failed unexpectedly: {type(error).__name__}: {error}.", logs.report(error))


def _answering_words(answer: Answer) -> str:
    """Return the marked words of an answer's first quote, or "" where nothing is marked."""
    quotes = [citation.quote for citation in answer.citations[:1] if citation.quote.marks]
    return " ".join(as_read(quote.document.text[slice(*quote.marks[0])]) for quote in quotes)


def _with_markers(statement: Statement) -> str:
    return statement.text + "".join(f" [{n}]" for n in statement.citations)
