"""Where paragraphs end: at an empty line, or at the end of a page."""

from __future__ import annotations

import re
from collections.abc import Iterator

_BREAK = re.compile(r"\n[ \t\r\f\v]*\n\s*|\f\s*")


def paragraphs(text: str, start: int = 0, end: int | None = None) -> Iterator[tuple[int, int]]:
    """Yield the spans (code points) of the paragraphs in `text[start:end]`, without what parts them; some are empty."""
    at, last = start, len(text) if end is None else end
    for match in _BREAK.finditer(text, start, last):
        yield at, match.start()
        at = match.end()
    yield at, last


def apart(text: str, start: int, end: int) -> bool:
    """Return whether a paragraph ends in `text[start:end]`."""
    return _BREAK.search(text, start, end) is not None


def surrounding(text: str, start: int, end: int, most: int) -> tuple[int, int]:
    """Return the span of the paragraph that holds `text[start:end]`, cut to `most` characters on either side of it.

    White space at its ends is left out, unless it is the given span's.
    """
    left, right = max(0, start - most), min(len(text), end + most)
    for match in _BREAK.finditer(text, left, start):
        left = match.end()
    if following := _BREAK.search(text, end, right):
        right = following.start()
    before, after = text[left:start], text[end:right]
    return left + len(before) - len(before.lstrip()), right - len(after) + len(after.rstrip())
