"""Texts that a model streams, taken whole."""

from __future__ import annotations

from rag.models.greedy_decoder import Pieces, Written


def ended(stream: Pieces) -> Written:
    """Return all of a text that is streamed, and why it ended."""
    found: list[str] = []
    while True:
        try:
            found.append(next(stream))
        except StopIteration as end:
            return Written(tuple(found), end.value)
