"""Work that is not Python's, such as opening a model, beside which Python's goes on."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

T = TypeVar("T")


def begun(work: Callable[[], T]) -> Callable[[], T]:
    """Begin work in a thread of its own; return what waits for it, and then returns or raises what the work did.

    Nothing stops it, so it is for what takes less than a second. A process that ends waits for it: native code that
    is cut off may crash.
    """
    done: Future[T] = Future()

    def run() -> None:
        try:
            done.set_result(work())
        except BaseException as error:
            done.set_exception(error)

    threading.Thread(target=run, name="beleg-beside").start()
    return done.result
