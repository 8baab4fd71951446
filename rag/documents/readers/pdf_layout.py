"""The layout of a page: words to columns, tables and lines, in the order in which they are read.

Columns hold lines of several words that fill them, the cells of a table do not. What spans a strip of
white between them (a title, a picture's caption) stands above or below it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import groupby
from statistics import median

from rag.documents.readers.pdf_lines import Column, Line, Table, rows_of
from rag.documents.readers.pdf_strips import STRIP, best_strip, sides_of, strips, trimmed
from rag.documents.readers.pdf_words import Word

_APART, _APART_ALONE = 2.2, 1.35  # times their usual pitch: rows so far apart are of two tables
_LOOSEST = 2.5  # times the size: two rows that stand further apart tell nothing of how far others do
_DEEPEST = 12  # columns in columns


@dataclass(slots=True)
class Band:
    """Rows that a strip runs through: columns of running text, or the cells of a table."""

    rows: list[Line]
    edges: list[tuple[float, float]] = field(default_factory=list)  # of the columns


def regions(
    words: list[Word], depth: int = 0, within: tuple[float, float] = (1e9, -1e9)
) -> list[Column | Band | Table]:
    """Return the columns, the tables and the bands that may be tables, in the order of reading.

    `within` are the edges of the column that the words are a part of.
    """
    rows = rows_of(words)
    if not rows:
        return []
    x0, x1 = min(within[0], *(row.x0 for row in rows)), max(within[1], *(row.x1 for row in rows))
    size = median(row.size for row in rows)
    tall = [word for word in words if word.block is not None]
    best = best_strip(strips(rows, x0, x1, size, tall), rows, size) if depth < _DEEPEST else None
    if best is None:
        return _plain(rows, x0, x1)
    start, end = trimmed(best, rows)
    middle = (best.x0 + best.x1) / 2
    left, right = _halves(rows[start:end], middle)
    found: list[Column | Band | Table]
    if _columns(rows_of(left), rows_of(right)):
        found = [*regions(left, depth + 1), *regions(right, depth + 1)]
    else:
        start, end = _together(rows, start, end, middle)
        found = [_band(rows[start:end], size)]
    before = [word for row in rows[:start] for word in row.words]
    after = [word for row in rows[end:] for word in row.words]
    return [*regions(before, depth + 1, (x0, x1)), *found, *regions(after, depth + 1, (x0, x1))]


def _halves(rows: list[Line], middle: float) -> tuple[list[Word], list[Word]]:
    words = [word for row in rows for word in row.words]
    return [word for word in words if word.x0 < middle], [word for word in words if word.x0 >= middle]


def _together(rows: list[Line], start: int, end: int, middle: float) -> tuple[int, int]:
    """Return those of rows[start:end] that are one table: no white parts them, and no line of text between tables."""
    both = [all(sides_of(rows[number], middle)) for number in range(start, end)]
    pitches = [rows[number + 1].base - rows[number].base for number in range(start, end - 1)]
    usual = median([pitch for pitch, one, other in zip(pitches, both, both[1:], strict=False) if one and other] or [0])
    usual = min(usual, _LOOSEST * median(row.size for row in rows[start:end]))
    runs, at = [], start
    for number in range(start + 1, end):
        pitch = pitches[number - 1 - start]
        alone = not (both[number - start] and both[number - 1 - start])
        if usual and pitch > (_APART_ALONE if alone else _APART) * usual:
            runs.append((at, number))
            at = number
    runs.append((at, end))
    first, last = max(runs, key=lambda run: sum(both[run[0] - start : run[1] - start]))
    while last - first > 2 and not both[first - start]:
        first += 1
    return first, last


def _columns(left: list[Line], right: list[Line]) -> bool:
    """Return whether two sides of a strip are columns of running text, and not cells of a table."""
    one, other = _running(left), _running(right)
    if one and other:
        return True
    bases = [row.base for row in left]
    aligned = sum(any(abs(row.base - base) < 0.12 * row.size for base in bases) for row in right)
    return (one or other) and aligned < 0.5 * min(len(left), len(right))


def _running(lines: list[Line]) -> bool:
    """Return whether lines are running text: of several words, and most of them as long as the longest."""
    texts = [line for line in lines if line.words and line.words[0].block is None]
    if len(texts) < 3:
        return False
    words = sum(len(line.words) for line in texts) / len(texts)
    letters = sum(sum(map(str.isalpha, line.text)) for line in texts) / max(1, sum(len(line.text) for line in texts))
    x0, x1 = min(line.x0 for line in texts), max(line.x1 for line in texts)
    full = sum(line.x1 - line.x0 >= 0.72 * (x1 - x0) for line in texts)
    return words >= 2.6 and letters >= 0.6 and full >= 0.5 * len(texts)


def _band(rows: list[Line], size: float) -> Band:
    """Return rows with the columns that the white through all of them leaves."""
    taken = sorted((word.x0, word.x1) for row in rows for word in row.words)
    edges: list[tuple[float, float]] = []
    for left, right in taken:
        if edges and left - edges[-1][1] < STRIP * size:
            edges[-1] = (edges[-1][0], max(edges[-1][1], right))
        else:
            edges.append((left, right))
    return Band(rows, edges)


def _plain(rows: list[Line], x0: float, x1: float) -> list[Column | Band | Table]:
    """Return rows without strips: running text, and the tables that stand between."""
    found: list[Column | Band | Table] = []
    for row in rows:
        tables = [block for word in row.words if word.block is not None for block in word.block]
        words = [word for word in row.words if word.block is None]
        for line in _own_lines(words, row):
            if found and isinstance(last := found[-1], Column):
                last.lines.append(line)
            else:
                found.append(Column([line], x0, x1))
        found.extend(tables)
    return found


def _own_lines(words: list[Word], row: Line) -> list[Line]:
    """Return the words of a row as a line, but for those that are lines by themselves."""
    groups = [list(group) for _, group in groupby(words, key=lambda word: id(word) if word.own else 0)]
    return [Line(group, row.base, row.size) for group in groups]
