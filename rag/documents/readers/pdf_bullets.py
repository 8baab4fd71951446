"""Bullets that are drawn and not written, as browsers do: small discs, rings and squares before an item."""

from __future__ import annotations

from rag.documents.readers.pdf_objects import Box
from rag.documents.readers.pdf_words import Word

_LEAST, _MOST = 0.15, 0.6  # of the size: a smaller dot is none, a larger one a box to tick, or a picture
_REACH = 2.5  # times the size: an item's words begin no further right
_MOST_DOTS = 300  # of a page: more are a drawing's


def with_bullets(words: list[Word], dots: list[Box]) -> list[Word]:
    """Return the words of a page, and a bullet as a word for each dot that stands before the first word of a line."""
    found = [_bullet(words, dot) for dot in dots] if len(dots) <= _MOST_DOTS else []
    return [*words, *(bullet for bullet in found if bullet is not None)]


def _bullet(words: list[Word], dot: Box) -> Word | None:
    left, top, right, bottom = dot
    middle = (top + bottom) / 2
    row = [word for word in words if word.top - 0.1 * word.size < middle < word.base and word.block is None]
    after = min((word for word in row if word.x0 >= right), key=lambda word: word.x0, default=None)
    if after is None or after.x0 - right > _REACH * after.size:
        return None
    if not _LEAST * after.size <= max(right - left, bottom - top) <= _MOST * after.size:
        return None
    if any(word.x0 < right and word.x1 > left - _REACH * after.size for word in row):
        return None  # a sign within a line
    return Word("•", left, right, after.base, after.size, after.bold)
