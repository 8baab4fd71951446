"""The ask road: one question to one answer with its evidence.

`Assistant.ask` is a generator of events, so that any front end can show how far it is
and stop at any moment. There is no other way to an answer: the command line, batches and
the chat differ only in how they show these events.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Generator as Generator_
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from functools import partial

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
)
from rag.answering.answer_events import Made, events
from rag.answering.composing import Composer, Drafts, drafts
from rag.answering.drafts import Draft, Drafted, write
from rag.answering.faithfulness import Checker
from rag.answering.followup_features import may_stand_alone
from rag.answering.followups import FollowUp, understood, ways_to_ask
from rag.answering.grounded_generation import Composed, growing
from rag.answering.library_facts import library_facts, standing_verbatim
from rag.answering.overview import Overview, overview
from rag.answering.query import forms
from rag.answering.request import Asked, Found, Retrieval, clean
from rag.answering.results import returned, tried
from rag.answering.sentence_selection import Selection, one_quote
from rag.answering.writing_model import WritingModel
from rag.errors import BelegError, LibraryUnusable
from rag.index import hybrid_search
from rag.index.hybrid_search import Passage
from rag.index.library import Library
from rag.index.store import Store
from rag.index.stores import Sharing, open_store
from rag.localization import gettext
from rag.models.bundled import BegunReader, begin_reader, load_embedder, load_reader
from rag.models.embedder import Embedder
from rag.models.reader.reader import Reader
from rag.models.reading_progress import Progress
from rag.models.writer import Writer
from rag.settings import Settings
from rag.system.cancellation import CancelToken, Stopped, stopped_by

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

_TO_LEAVE = 0.2  # seconds


class Assistant:
    """A library with the models that answer from it. Use as a context manager.

    Quotes are chosen without an LLM. Where one is to write, it loads in a thread of its own while the question is
    searched for.
    """

    def __init__(self, settings: Settings, library: Library, begun_reader: BegunReader | None = None) -> None:
        """`begun_reader` is what `begin_reader` returned, for whoever had something to do meanwhile.

        Raises ModelUnavailable or LibraryUnusable; the LLM's failure shows when it is asked.
        """
        self.settings = settings
        self.library = library
        if not library.count()[0]:
            raise LibraryUnusable(
                gettext("The library in {folder} is empty.").format(folder=library.folder),
                gettext("Add documents: beleg index FOLDER"),
            )
        self._closed = CancelToken()
        self._held = ExitStack()
        self._llm = WritingModel(settings)
        if settings.mode == "compose":
            self._llm.begin()
        try:
            begun_reader = begun_reader or begin_reader(settings)
            self.embedder: Embedder = load_embedder(settings)
            library.claim(self.embedder)
            self._store: Store = self._held.enter_context(closing(open_store(library, settings, self._closed.check)))
            self._sharing = self._held.enter_context(closing(Sharing(settings)))
            self.reader: Reader = load_reader(settings, self.embedder, begun_reader)
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
        if self._llm.busy:
            closing.join(_TO_LEAVE)

    def close(self) -> None:
        """Stop what is running and free the models; a model that loads is waited for."""
        self._closed.cancel()
        self._llm.close()
        self._held.close()

    @property
    def generator(self) -> Writer | None:
        """The LLM that writes, None where none does, once loaded. Raises ModelUnavailable, or Stopped once closed."""
        return self._writer(self._closed)

    @property
    def model(self) -> str:
        """The name of the model that answers: the LLM where one writes, else the reader. Raises as `generator`."""
        writer = self.generator
        return writer.name if writer is not None else self.reader.name

    def _writer(self, cancel: CancelToken) -> Writer | None:
        return self._llm.loaded(cancel) if self.settings.mode == "compose" else None

    def retrieve(
        self,
        question: str,
        documents: Sequence[str] = (),
        put: str = "",
        cancel: CancelToken | None = None,
        asked: FollowUp | None = None,
    ) -> Retrieval:
        """Return what is found for a question, all of it read from one state of the library.

        `put` is the question before it was completed, if it was, and `asked` what it means after others.
        Raises LibraryUnusable if the library is another embedder's by now, or one of `documents` (ids) is not in it,
        and Stopped soon after `cancel` is cancelled.
        """
        started = time.perf_counter()
        with self._sharing.snapshot(self.library, (cancel or self._closed).check), stopped_by(cancel):
            self.library.confirm(self.embedder)
            self._store = self._store.followed()
            searched = hybrid_search.prepare(question, self.library, self.embedder)
            queries = forms(searched, put, self.library, self.embedder)
            first = queries[0].search
            limited = (len(set(documents)), self.library.count()[0]) if documents else None
            whole = library_facts(first.text, first.language, self.library, documents)
            whole = whole or overview(first, question, self.library, self._store, self.embedder, documents, cancel)
            if whole is not None:
                return Retrieval(queries[-1], (), (), time.perf_counter() - started, whole, limited)
            count = self.settings.passages
            among = documents if asked is None or self.library.missing(asked.among) else asked.among or documents
            passages = tuple(hybrid_search.find(searched, self.library, self._store, count, among))
            ways = ways_to_ask(queries, put, asked, self.library, self.embedder)
            weighed = tuple(sentence_selection.weigh(query, passages, self.library, scope) for query, scope in ways)
        return Retrieval(queries[-1], passages, weighed, time.perf_counter() - started, limited=limited)

    def find(self, question: str, count: int, documents: Sequence[str] = ()) -> tuple[Passage, ...]:
        """Return `count` passages for a question, of `documents` (ids) if there are any. Raises as `retrieve`."""
        with self._sharing.snapshot(self.library, self._closed.check):
            self.library.confirm(self.embedder)
            self._store = self._store.followed()
            return hybrid_search.retrieve(question, self.library, self._store, self.embedder, count, documents)[1]

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

        Searching and Retrieved may come twice: the last of each is what the answer is made from.

        With `documents`, only those (by id) are searched. `earlier` are the answers of the
        conversation so far, oldest first, from which a follow-up question is completed.
        `reading` is called with the tokens read and to be read whenever an LLM reads on to write.

        Raises UsageError for a question without words or over LONGEST_QUESTION characters,
        ModelUnavailable, LibraryUnusable, or Stopped soon after `cancel` is cancelled, also
        while the reader reads, or the LLM loads or reads.
        """
        running = CancelToken(self._closed, cancel)
        found = yield from self._found(question, documents, earlier, running)
        yield from self._answered(found, self._composed(found, running, reading), running)

    def look_up(self, question: str, documents: Sequence[str] = (), *, cancel: CancelToken | None = None) -> Retrieval:
        """Retrieve for a question that is to be asked with `together`. Raises Stopped once `cancel` is cancelled."""
        running = CancelToken(self._closed, cancel)
        running.check()
        return self.retrieve(clean(question), documents, cancel=running)

    def together(self, asked: Sequence[Asked], *, cancel: CancelToken | None = None) -> Iterator[Answer | BelegError]:
        """Yield the answer to each question in order, or the error that kept it from one.

        The same answers as `ask` gives, faster where the model writes: it writes all of
        them side by side. Raises Stopped soon after `cancel` is cancelled.
        """
        running = CancelToken(self._closed, cancel)
        if self.settings.mode == "compose":
            grounds = [tried(partial(self._search, each, running)) for each in asked]
            yield from self._side_by_side(grounds, running)
        else:
            for each in asked:
                yield tried(partial(self._one, each, running))

    def _one(self, asked: Asked, cancel: CancelToken) -> Answer:
        return self._whole(self._search(asked, cancel), cancel)

    def _search(self, asked: Asked, cancel: CancelToken) -> Found:
        cancel.check()
        return returned(self._found(asked.question, asked.documents, asked.earlier, cancel, asked.retrieval))

    def _side_by_side(
        self, grounds: Sequence[Found | BelegError], cancel: CancelToken
    ) -> Iterator[Answer | BelegError]:
        """Let the model write to all questions at once; yield what each answer becomes."""
        first = [found.drafts.first if isinstance(found, Found) else () for found in grounds]
        places = [(at, n) for at, drafts in enumerate(first) for n in range(len(drafts))]
        asked = [draft for drafts in first for draft in drafts]
        written: dict[int, dict[int, Drafted]] = {}
        if asked:
            together = tried(partial(self._write_together, asked, cancel))
            if not isinstance(together, BelegError):  # else each is tried alone: one of them need not be all
                for (at, n), drafted in zip(places, together, strict=True):
                    written.setdefault(at, {})[n] = drafted
        for at, found in enumerate(grounds):
            if isinstance(found, BelegError):
                yield found
            else:
                yield tried(partial(self._whole, found, cancel, written.get(at)))

    def _write_together(self, asked: Sequence[Draft], cancel: CancelToken) -> list[Drafted]:
        writer = self._writer(cancel)
        assert writer is not None  # there are drafts where one writes
        made = dict(write(asked, writer, None, cancel))
        return [made[at] for at in range(len(asked))]

    def _whole(self, found: Found, cancel: CancelToken, written: Mapping[int, Drafted] | None = None) -> Answer:
        cancel.check()
        *_, last = self._answered(found, self._composed(found, cancel, written=written), cancel)
        assert isinstance(last, Answered)
        return last.answer

    def _found(
        self,
        question: str,
        documents: Sequence[str],
        earlier: Sequence[Answer],
        cancel: CancelToken,
        found: Retrieval | None = None,
    ) -> Generator_[Event, None, Found]:
        """Search, and choose the sentences that answer; yield the events of that.

        What a question was completed with can draw all passages to another subject: where nothing is found by it,
        and the question may have needed it not, what was put is searched for alone.
        """
        started = time.perf_counter() - (found.seconds if found else 0.0)
        question = clean(question)
        asked = understood(question, earlier, self.library, documents)
        yield Searching(whole := asked.whole)
        as_put = found if found is not None and found.query.text == question else None
        if found is None or found.query.text != whole:
            found = self.retrieve(whole, documents, question, cancel, asked)
        searched = time.perf_counter()
        cancel.check()
        yield Retrieved(found.passages)
        if found.overview:
            nothing = (Selection(), Drafts())
            return Found(question, found.query, (), *nothing, started, searched, found.overview, found.limited)
        selection = self._select(found, cancel)
        tied = asked.ground.here and not asked.ground.elsewhere  # to the document quoted last
        if (not selection.quotes or not tied) and whole != question and may_stand_alone(question):
            alone = as_put or self.retrieve(question, documents, cancel=cancel)
            second = self._select(alone, cancel)
            if second.quotes and (second.support >= selection.support or one_quote(second, selection)):
                found, selection = alone, second
                yield Searching(question)
                yield Retrieved(found.passages)
        cancel.check()
        if not selection.quotes and (stands := self._standing(question, found, documents)):
            nothing = (Selection(), Drafts())
            return Found(question, found.query, (), *nothing, started, searched, stands, found.limited)
        to_write = Drafts()
        if (writer := self._writer(cancel)) is not None and self._llm.writes_in(found.query.language, writer):
            to_write = drafts(found.query, selection, self._llm.judge(writer))
        chosen = (found.passages, selection, to_write)
        return Found(question, found.query, *chosen, started, searched, limited=found.limited)

    def _standing(self, question: str, found: Retrieval, documents: Sequence[str]) -> Overview | None:
        with self.library.snapshot():
            return standing_verbatim(question, found.query.language, self.library, documents)

    def _select(self, found: Retrieval, cancel: CancelToken) -> Selection:
        return sentence_selection.select_first(found.weighed, self.reader, self.settings.care, cancel)

    def _composed(
        self,
        found: Found,
        cancel: CancelToken,
        reading: Progress | None = None,
        written: Mapping[int, Drafted] | None = None,
    ) -> Iterator[Composed]:
        """Yield the answer's statements and quotes as they come; the last is the answer.

        `written` is what the model has written for the drafts, by place, if it has already.
        """
        quotes = found.selection.quotes
        if found.overview:
            yield Composed(list(found.overview.statements), list(found.overview.quotes))
            return
        if found.drafts.singles and (writer := self._writer(cancel)) is not None:
            checker = Checker()
            composer = Composer(writer, checker, self._llm.judge(writer))
            yield from composer.compose(found.drafts, written or {}, reading, cancel)
            return
        yield from growing(quotes)

    def _answered(self, found: Found, composing: Iterator[Composed], cancel: CancelToken) -> Iterator[Event]:
        """Yield the answer as it grows, and then whole."""
        settings = self.settings
        writer = None if found.overview else self._writer(cancel)  # an overview is not written, so waits for no LLM
        model = writer.name if writer is not None else self.reader.name
        prompts = tuple(writer.prompt(each.messages) for each in found.drafts.first) if writer is not None else ()
        yield from events(found, composing, Made(model, self.embedder.name, settings.mode, settings.care, prompts))
