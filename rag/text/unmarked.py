"""A part of a document as lines without the signs of its markup: no "#" before a heading, no rules, no bars of tables.

What is left are spans of the document, so whoever shows them knows where each character stands in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rag.text.headings import heading
from rag.text.markup import cell_spans, markup
from rag.text.paragraphs import paragraphs

Span = tuple[int, int]
Line = tuple[Span, ...]  # the cells of a row of a table, or all of another line

BETWEEN = " · "  # cells
_LINE = re.compile(r"[^\n]+")
_HEADING = re.compile(r"[ ]{0,3}#{1,6}[^\S\n]+(?=\S)")
_CLOSING = re.compile(r"[^\S\n]+#+\s*$")
_RULE = re.compile(r"\s*(?:\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)+\|?|\|\s*:?-+:?\s*\|?|={2,}|-{2,}|\*{3,}|_{3,})\s*")
_FENCE = re.compile(r"\s*(?:`{3,}|~{3,})[^`]*")
_OWN = re.compile(r"[\s>*+-]|\d{1,3}[.)]\s")  # what begins a line that goes on with none before: an item, a quotation


def unmarked_lines(text: str, start: int, end: int) -> list[Line]:
    """Return the lines of `text[start:end]` that a person reads: lines that only wrap are one, none is empty."""
    return [line for paragraph in paragraphs(text, start, end) for line in _lines(text, *paragraph)]


def unmarked(text: str, start: int, end: int) -> list[str]:
    """Return these lines as text."""
    return [BETWEEN.join(text[left:right] for left, right in line) for line in unmarked_lines(text, start, end)]


def _lines(text: str, start: int, end: int) -> Iterator[Line]:
    running: Span | None = None  # lines that are read as one
    for match in _LINE.finditer(text, start, end):
        left, right = _stripped(text, *match.span())
        if left == right:
            continue
        alone = _alone(text, left, right, begins=match.start() == 0 or text[match.start() - 1] == "\n")
        if alone is None and running is not None and not _OWN.match(text, match.start(), right):
            running = running[0], right
            continue
        if running is not None:
            yield (running,)
        running = None if alone is not None else (left, right)
        if alone:
            yield alone
        elif running is not None and heading(text, left, right) is not None:
            yield (running,)
            running = None
    if running is not None:
        yield (running,)


def _alone(text: str, start: int, end: int, *, begins: bool) -> Line | None:
    """Return a line that runs on into no other, without its signs; () where it is nothing but signs, None for prose."""
    line = text[start:end]
    if markup(text).fence(start):
        return () if _FENCE.fullmatch(line) else ((start, end),)
    if not begins:
        return None
    if _RULE.fullmatch(line):
        return ()
    if line.startswith("|"):
        return tuple((start + left, start + right) for left, right in cell_spans(line) if left < right)
    if marks := _HEADING.match(line):
        closing = _CLOSING.search(line, marks.end())
        return ((start + marks.end(), start + closing.start() if closing else end),)
    return None


def _stripped(text: str, start: int, end: int) -> Span:
    part = text[start:end]
    return start + len(part) - len(part.lstrip()), max(start, start + len(part.rstrip()))
