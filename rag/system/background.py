"""Work that is not Python's, such as opening a model, beside which Python's goes on."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import TypeVar

from rag.system.cores import usable_cores

T = TypeVar("T")
R = TypeVar("R")


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


def together(first: Callable[[], T], others: Sequence[Callable[[], R]]) -> tuple[T, list[R]]:
    """Return what the first work returns, and what each of the others does, done by as many threads as cores are free.

    The first is done by this thread, which then helps with the others: these are begun in their order.
    """
    left, results = deque(enumerate(others)), dict[int, R]()

    def take() -> None:
        while True:
            try:
                at, work = left.popleft()
            except IndexError:
                return
            results[at] = work()

    waits = [begun(take) for _ in range(min(len(others), threads_beside()))]
    found = first()
    take()
    for wait in waits:
        wait()
    return found, [results[at] for at in range(len(others))]


def threads_beside() -> int:
    """Return by how many threads work is done beside this one: half of the cores are for them."""
    return usable_cores() // 2
