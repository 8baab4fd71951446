"""Work that nothing interrupts, and that nobody waits for once the person quits."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TypeVar

from rag.system.cancellation import CancelToken, Stopped

T = TypeVar("T")


class Quit(Exception):
    """The person has quit: nothing is told any more."""


class Work:
    """What runs in threads of its own until it ends, or until `quitting` is cancelled."""

    def __init__(self, quitting: CancelToken) -> None:
        self._quitting = quitting
        self._threads: list[threading.Thread] = []

    def until_quit(self, work: Callable[[], T], stop: CancelToken | None = None) -> T:
        """Return what `work` returns; raise Quit when the person quits before, and leave it to the process's end.

        Nothing interrupts a model that loads or a document that is embedded, and the
        application would wait for its workers. Of a `stop` the same: the work is left to itself, and Stopped raised.
        """
        stop = stop or self._quitting
        if self._quitting.cancelled:
            raise Quit
        returned: list[T] = []
        failed: list[BaseException] = []

        def run() -> None:
            try:
                returned.append(work())
            except BaseException as error:
                failed.append(error)

        thread = threading.Thread(target=run, name="beleg-work", daemon=True)
        self._threads = [*(other for other in self._threads if other.is_alive()), thread]
        thread.start()
        while thread.is_alive() and not stop.cancelled:
            thread.join(0.05)
        if failed:
            raise failed[0]
        if not returned:
            raise Quit if self._quitting.cancelled else Stopped
        return returned[0]

    def idle(self, seconds: float) -> bool:
        """Whether all work has ended, after waiting for it so long."""
        ends = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(0.0, ends - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)
