"""A library and its models for many clients at once.

The models answer one question at a time, in a thread of their own, and clients take turns before it (`fair_queue`).
What only reads the library is done beside that, in the thread that asks, by a connection of its own.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Generic, Self, TypeVar

from rag.answering.assistant import Event
from rag.answering.request import clean
from rag.errors import BelegError, Busy
from rag.index.library import Library
from rag.localization import gettext
from rag.serving.fair_queue import FairQueue
from rag.serving.opened import Opened
from rag.serving.requests import Limited, Question, Search, Work, answering, finding, listed, text_range
from rag.settings import Settings
from rag.system import logs
from rag.system.cancellation import CancelToken, Stopped

T = TypeVar("T")

SECONDS_TO_CLOSE = 5.0
_TO_FINISH = 0.6  # of these, for what runs; then it is stopped
_POLL = 0.05  # seconds
_TO_SAY = 0.5  # seconds that work which is stopped has to say why


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is taken on at once, and how long an answer may take once it is begun."""

    waiting: int = 256  # questions and searches of all clients
    waiting_each: int = 128  # of one
    readers: int = 8
    seconds: float = 300.0


@dataclass(frozen=True, slots=True)
class Came(Generic[T]):
    """Something that work has yielded."""

    value: T


@dataclass(frozen=True, slots=True)
class Ended:
    """Work has ended: all has come, or it failed, or was stopped (Stopped)."""

    error: BelegError | Stopped | None = None


Tell = Callable[[Came[T] | Ended], None]


class Results(Iterator[T]):
    """What work yields, as it comes, for a thread that waits for it. Closed, or forgotten, it stops the work."""

    def __init__(self, came: queue.SimpleQueue[Came[T] | Ended], running: CancelToken) -> None:
        self._came = came
        self._running = running

    def __next__(self) -> T:
        while True:
            each = self._next(_POLL)
            if each is None and self._running.cancelled:
                each = self._next(_TO_SAY)
                if each is None:
                    raise Stopped
            if each is None:
                continue
            if isinstance(each, Came):
                return each.value
            if each.error is not None:
                raise each.error
            raise StopIteration

    def _next(self, seconds: float) -> Came[T] | Ended | None:
        with suppress(queue.Empty):
            return self._came.get(timeout=seconds)
        return None

    def close(self) -> None:
        """Stop the work, if it goes on."""
        self._running.cancel()

    __del__ = close


@dataclass(frozen=True, slots=True)
class _Job:
    work: Work[Any]
    tell: Tell[Any]
    cancel: CancelToken


class Service:
    """One library with its models. Use as a context manager; every method is for any thread."""

    def __init__(self, settings: Settings, limits: Limits | None = None, *, wait: bool = True) -> None:
        """Open the library and load the models. Raises LibraryUnusable or ModelUnavailable.

        Without `wait` it is there at once, and stays where that cannot be: all that is asked is told so, until it can.
        """
        self.settings = settings
        self.model = ""
        self._limits = limits or Limits()
        self._stop = CancelToken()
        self._queue: FairQueue[_Job] = FairQueue(
            self._limits.waiting, self._limits.waiting_each, lambda job: job.cancel.cancelled
        )
        self._readers = threading.BoundedSemaphore(self._limits.readers)
        ready: queue.SimpleQueue[BaseException | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, args=(ready, wait), name="beleg-models", daemon=True)
        self._thread.start()
        if wait and (failed := ready.get()) is not None:
            raise failed

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # --- what takes the models -------------------------------------------------------------

    def ask(self, question: Question, client: str = "", cancel: CancelToken | None = None) -> Results[Event]:
        """Return the events of answering a question, as they come; a question without words is refused at once.

        Raises Busy where too much waits, and as its iteration goes on what `Assistant.ask` does, and NoSuchDocument.
        """
        return self.run(answering(asked(question)), client, cancel)

    def search(self, search: Search, client: str = "", cancel: CancelToken | None = None) -> list[dict[str, Any]]:
        """Return records of the passages that are found, the best first. Raises as `ask`."""
        return list(self.run(finding(sought(search)), client, cancel))

    def run(self, work: Work[T], client: str = "", cancel: CancelToken | None = None) -> Results[T]:
        """Return what work yields, as it comes. Raises Busy at once, and Stopped once `cancel` is cancelled.

        Nobody need take all of it: whoever closes the results, or forgets them, stops the work.
        """
        came: queue.SimpleQueue[Came[T] | Ended] = queue.SimpleQueue()
        running = self.begin(work, came.put, client, cancel)
        return Results(came, running)

    def begin(self, work: Work[T], tell: Tell[T], client: str = "", cancel: CancelToken | None = None) -> CancelToken:
        """Have work done when it is the client's turn; return the token that stops it. Raises Busy.

        `tell` is called in the thread of the models with all that comes, and at last with Ended; it must not wait.
        """
        token = CancelToken(self._stop, cancel)
        self._queue.put(client, _Job(work, tell, token))
        return token

    # --- what reads ------------------------------------------------------------------------

    def documents(self, limited: Limited | None = None) -> list[dict[str, Any]]:
        """Return records of the documents, by name. Raises LibraryUnusable, Busy, or as `Limited.ids`."""
        return self.read(listed(limited or Limited()))

    def text(self, identity: str, start: int = 0, end: int | None = None) -> dict[str, Any]:
        """Return a part of a document's text, by its id. Raises NoSuchDocument, or UsageError for no such part."""
        return self.read(text_range(identity, start, end))

    def read(self, reading: Callable[[Library], T]) -> T:
        """Return what is read of one state of the library, by a connection of this thread's own. Raises Busy."""
        if not self._readers.acquire(timeout=SECONDS_TO_CLOSE):
            raise Busy(gettext("Too many read the library at once."), gettext("Ask again in a moment."))
        try:
            with Library(self.settings.library) as library, library.snapshot():
                return reading(library)
        finally:
            self._readers.release()

    @property
    def waiting(self) -> int:
        """How many questions and searches wait."""
        return len(self._queue)

    @property
    def alive(self) -> bool:
        """Whether there is a thread that answers."""
        return self._thread.is_alive() and not self._stop.cancelled

    # --- the end ---------------------------------------------------------------------------

    def close(self, seconds: float = SECONDS_TO_CLOSE) -> bool:
        """Take nothing more on, let what runs finish or stop it, and free the models; return whether all has ended.

        What waits ends at once: there is no time for it.
        """
        ends = time.monotonic() + seconds
        for job in self._queue.close():
            job.tell(Ended(_stopping()))
        self._thread.join(seconds * _TO_FINISH)
        self._stop.cancel()
        self._thread.join(max(0.0, ends - time.monotonic()))
        return not self._thread.is_alive()

    # --- the thread of the models ----------------------------------------------------------

    def _run(self, ready: queue.SimpleQueue[BaseException | None], needed: bool) -> None:
        opened = Opened(self.settings)
        try:
            self.model = opened.assistant.model
        except BaseException as error:  # told where it was begun
            ready.put(error)
            if needed or not isinstance(error, BelegError):
                return
            logs.notice(str(error))
        ready.put(None)
        try:
            while (job := self._queue.take()) is not None:
                job.tell(self._done(job, opened))
        finally:
            opened.close()

    def _done(self, job: _Job, opened: Opened) -> Ended:
        """Do the work, and return how it ended."""
        late = threading.Event()
        timer = threading.Timer(self._limits.seconds, _overdue, (late, job.cancel))
        timer.daemon = True
        timer.start()
        try:
            job.cancel.check()
            for value in job.work(opened, job.cancel):
                job.tell(Came(value))
        except Stopped as stopped:
            if late.is_set():
                return Ended(_too_long(self._limits.seconds))
            return Ended(_stopping() if self._stop.cancelled else stopped)
        except BelegError as error:
            return Ended(error)
        except Exception as error:  # whatever a model brings about is told, and the next question is answered
            return Ended(BelegError(logs.unexpected(error)))
        finally:
            timer.cancel()
        return Ended()


def asked(question: Question) -> Question:
    """Return a question as it is asked. Raises UsageError for one without words, or too long."""
    return Question(clean(question.text), tuple(map(clean, question.earlier)), question.limited)


def sought(search: Search) -> Search:
    """Return a search as it is made. Raises UsageError for one without words, or too long."""
    return Search(clean(search.query), search.top_k, search.limited)


def _overdue(late: threading.Event, cancel: CancelToken) -> None:
    late.set()
    cancel.cancel()


def _too_long(seconds: float) -> BelegError:
    return Busy(
        gettext("The answer took longer than {n} seconds.").format(n=round(seconds)),
        gettext("Ask for less at once, or for quotes (mode quote)."),
    )


def _stopping() -> BelegError:
    return Busy(gettext("Beleg is stopping."), gettext("Start it again, then ask again."))
