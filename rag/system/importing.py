"""Imports, and other beginnings, without looking for garbage."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def many_imports() -> Iterator[None]:
    """Collect no garbage while modules are imported, and leave out what they have made afterwards.

    What a module makes stays, but Python looks through all of it again and again while more is made: an eighth of
    the time that the chat takes to its first paint.
    """
    collect_again = collecting_nothing()
    try:
        yield
    finally:
        collect_again()


def collecting_nothing() -> Callable[[], None]:
    """Collect no garbage until what is returned is called, and leave out what was made by then."""
    collects = gc.isenabled()
    gc.disable()

    def collect_again() -> None:
        gc.freeze()
        if collects:
            gc.enable()

    return collect_again
