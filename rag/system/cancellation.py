"""Cancellation, telling work to stop: a token that the work asks, and what it raises then.

Every piece of work has a token of its own, and whoever may stop it holds that or one above
it. So a stop is never forgotten, and never meant for the work that comes next.

A signal stops the main thread wherever it is (see `signals`), but for some places. Where
something is written that must be whole, or native code calls back, through which no exception
passes, it is `deferred`; an event loop, which must not be left in the midst, is told `instead`.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_POLL = 0.01  # seconds


class Stopped(BaseException):
    """The person has stopped it; what was done so far stands.

    No Exception: what takes any of those for a failure, of a document say, must not take a stop for one.
    """


class CancelToken:
    """Says whether work is to stop: once it is cancelled, or any of its parents is. For use by any thread."""

    def __init__(self, *parents: CancelToken | None) -> None:
        self._own = threading.Event()
        above = (event for parent in parents if parent is not None for event in parent._events)
        self._events: tuple[threading.Event, ...] = (
            self._own,
            *above,
        )  # flat: llama.cpp asks hundreds of times a token

    def cancel(self) -> None:
        """Let whoever asks stop; for good."""
        self._own.set()

    @property
    def cancelled(self) -> bool:
        return any(event.is_set() for event in self._events)

    def wait(self, seconds: float) -> bool:
        """Wait so long, or until it is cancelled; return whether it is."""
        ends = time.monotonic() + seconds
        while not self.cancelled and (left := ends - time.monotonic()) > 0:
            self._own.wait(min(left, _POLL if len(self._events) > 1 else left))
        return self.cancelled

    def check(self) -> None:
        """Raise Stopped once it is cancelled."""
        if self.cancelled:
            raise Stopped


class _Here(threading.local):
    """What a thread defers: how many blocks deep it is, whether a stop waits for their end; what else may stop it."""

    depth = 0
    waiting = False
    token: CancelToken | None = None


_here = _Here()
_act: Callable[[], None] | None = None  # instead of raising, in the main thread


@contextmanager
def stopped_by(cancel: CancelToken | None) -> Iterator[None]:
    """Let what this thread does in the block be stopped by a token, for whoever is not handed it and may wait long."""
    before, _here.token = _here.token, cancel
    try:
        yield
    finally:
        _here.token = before


def current() -> CancelToken:
    """Return what may stop what this thread does."""
    return _here.token or CancelToken()


@contextmanager
def deferred() -> Iterator[None]:
    """Keep a signal's Stopped back until the end of this block, which raises it then.

    Where the block fails, it is raised from that error: whoever stops it need not hear of both.
    """
    _here.depth += 1
    try:
        yield
    except BaseException as error:
        if _waited():
            if _act is None:
                raise Stopped from error
            _act()
        raise
    if _waited():
        interrupt()


def _waited() -> bool:
    """Leave a deferred block; return whether a stop has waited for it, which is forgotten."""
    _here.depth -= 1
    waited = _here.waiting and not _here.depth
    _here.waiting = _here.waiting and not waited
    return waited


@contextmanager
def instead(act: Callable[[], None]) -> Iterator[None]:
    """Have a signal call `act`, in the midst of whatever the main thread does, where it would raise Stopped."""
    global _act
    _act = act
    try:
        yield
    finally:
        _act = None


def acts() -> bool:
    """Whether something is done instead of raising Stopped."""
    return _act is not None


def interrupt() -> None:
    """Raise Stopped here, or at the end of what is deferred. Called by signal handlers."""
    if _here.depth:
        _here.waiting = True
    elif _act is not None:
        _act()
    else:
        raise Stopped
