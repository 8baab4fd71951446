"""Windows: which sentences of a passage are read at once, where not all fit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

_CONTEXT = 0.25  # the most of a window that the sentence before it may take


@dataclass(frozen=True, slots=True)
class Window:
    """Sentences from `start` to `end` are scored; those from `first` on are read, so that "it" has its noun."""

    first: int
    start: int
    end: int


def windows(lengths: Sequence[int], room: int) -> list[Window]:
    """Return the windows that hold sentences of these lengths, all of them once, in order.

    Each holds `room` tokens, or a single sentence that is longer. One that does not begin the
    passage is read with the sentence before it, if that is short.
    """
    found: list[Window] = []
    start = 0
    while start < len(lengths):
        first = start
        if start and lengths[start - 1] <= room * _CONTEXT and lengths[start - 1] + lengths[start] <= room:
            first = start - 1
        taken, end = sum(lengths[first : start + 1]), start + 1
        while end < len(lengths) and taken + lengths[end] <= room:
            taken += lengths[end]
            end += 1
        found.append(Window(first, start, end))
        start = end
    return found
