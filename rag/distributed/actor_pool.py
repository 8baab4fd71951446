"""A pool of Ray actors: what is given to them comes back in order, from the one that has least to do.

An actor is a process that keeps its models between calls. One that dies is begun anew. What it was at, or was to do
next, is then tried again by one that has nothing else to do, so that what kills workers is told from what only stood
beside it. (Ray Data would spread the same work, but wants all input beforehand, and begins its
actors anew for each run over it. Here files are read as they are needed, by the one process that may write the
library.)
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any, TypeVar

from rag.distributed.workers import Connected, imported
from rag.errors import BelegError, WorkersUnavailable
from rag.localization import gettext

_AHEAD = 3  # calls for each actor, beside the one that it is at
_TRIES = 3  # in all
_LOOK = 0.2  # seconds between looks whether to stop

T = TypeVar("T")


class WorkerDied(Exception):
    """A worker died of one piece of work each time that it was tried."""


class ActorPool:
    """An actor of a class on each worker, made with `arguments`; what they do is its method `do`.

    The class loads what it needs when it is first asked, not when it is made: only then is what it raises told as such.

    Use as a context manager. `look` is called while one waits, and may raise to stop that.
    """

    def __init__(self, kind: type, arguments: tuple[Any, ...], workers: Connected, look: Callable[[], object]) -> None:
        self._ray = imported()
        self._look = look
        made = self._ray.remote(kind).options(num_cpus=workers.processors, max_restarts=-1, max_task_retries=0)
        self._actors = [made.remote(*arguments) for _ in range(workers.count)]
        self._at: list[deque[Any]] = [deque() for _ in self._actors]  # what each is given, and has not done

    def __enter__(self) -> ActorPool:
        return self

    def __exit__(self, *_: object) -> None:
        for actor in self._actors:
            self._ray.kill(actor)

    def ask_each(self) -> list[Any]:
        """Return what the actors' method `about` returns, once all of them are ready."""
        return [self._result(actor.about.remote()) for actor in self._actors]

    def spread(self, items: Iterable[T]) -> Iterator[tuple[T, Callable[[], Any]]]:
        """Yield items in order, each with what returns what was done with it, or raises WorkerDied."""
        waiting: deque[tuple[T, Any]] = deque()
        for item in items:
            waiting.append((item, self._given(item)))
            if len(waiting) > len(self._actors) * (1 + _AHEAD):
                yield self._next(waiting)
        while waiting:
            yield self._next(waiting)

    def spread_unordered(self, items: Iterable[T]) -> Iterator[tuple[T, Callable[[], Any]]]:
        """Yield items, each with what returns what was done with it, or raises WorkerDied, as it is done."""
        waiting: dict[Any, T] = {}
        for item in items:
            waiting[self._given(item)] = item
            if len(waiting) >= len(self._actors):  # never behind one that is busy while another is free
                yield from self._done(waiting)
        while waiting:
            yield from self._done(waiting)

    def _given(self, item: Any) -> Any:
        """Hand something to the actor that has least to do; return what its result is fetched by."""
        for at in self._at:
            undone = set(self._ray.wait(list(at), num_returns=len(at), timeout=0)[1]) if at else set()
            for ref in [ref for ref in at if ref not in undone]:
                at.remove(ref)
        free = min(range(len(self._actors)), key=lambda number: len(self._at[number]))
        ref = self._actors[free].do.remote(item)
        self._at[free].append(ref)
        return ref

    def _next(self, waiting: deque[tuple[T, Any]]) -> tuple[T, Callable[[], Any]]:
        item, ref = waiting.popleft()
        self._wait([ref])
        return item, partial(self._tried, item, ref)

    def _done(self, waiting: dict[Any, T]) -> Iterator[tuple[T, Callable[[], Any]]]:
        for ref in self._wait(list(waiting)):
            item = waiting.pop(ref)
            yield item, partial(self._tried, item, ref)

    def _tried(self, item: Any, ref: Any) -> Any:
        """Return what was done with something, after more tries where workers died. Raises WorkerDied."""
        for _ in range(_TRIES - 1):
            try:
                return self._result(ref)
            except WorkerDied:
                busy = [other for at in self._at for other in at]
                while busy:  # alone from here on
                    done = self._wait(busy)
                    busy = [other for other in busy if other not in done]
                ref = self._given(item)
        return self._result(ref)

    def _wait(self, refs: list[Any]) -> list[Any]:
        while not (done := self._ray.wait(refs, num_returns=1, timeout=_LOOK)[0]):
            self._look()
        return list(done)

    def _result(self, ref: Any) -> Any:
        errors = self._ray.exceptions
        self._wait([ref])
        try:
            return self._ray.get(ref)
        except errors.ActorDiedError as error:
            raise self._gone(error) from error
        except (errors.ActorUnavailableError, errors.WorkerCrashedError) as error:
            raise WorkerDied(gettext("the workers that it was given to died")) from error
        except (errors.RayError, ConnectionError) as error:
            if not isinstance(error, errors.RayTaskError):
                raise self._gone(error) from error
            if isinstance(error.cause, BelegError):
                raise error.cause from error
            raise

    def _gone(self, error: Exception) -> WorkersUnavailable:
        return WorkersUnavailable(
            gettext("The workers have gone ({error}).").format(error=type(error).__name__),
            gettext("What was done is kept; the same command goes on."),
        )
