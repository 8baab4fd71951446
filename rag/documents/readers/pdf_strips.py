"""White strips between the words of a page, which part its columns and the cells of its tables.

A strip runs down several rows with text on both sides. After Breuel, "Two Geometric Algorithms for
Layout Analysis", 2002.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from statistics import median

from rag.documents.readers.pdf_lines import Line
from rag.documents.readers.pdf_words import Word

STRIP = 0.75  # of the size: a strip of white is wider than spaces between words
_LOOSE_STRIP = 1.5  # of the size: one of two rows only
_MOST_STRIPS = 60  # that are followed at once
_NEAR = 1.25  # times the usual pitch: further is off
_APART = 2.2  # times the usual pitch: paragraphs of a column stand no further apart
_FULL = 3.0  # times the size: a line that fills its column misses no more of it
_FAR = 1e9
_MOST_BETWEEN = 30  # rows of other columns that are looked past

_ENUMERATOR = re.compile(
    r"[•◦▪■□●○‣∙·–—*\-\uf000-\uf0ff]|\(?(?:\d{1,3}|[a-zA-Z]|[ivx]{1,5})[.)]|\d{1,3}(?:\.\d{1,3})+\.?|\[(?:x| |\d+)\]"
)


@dataclass(slots=True)
class Strip:
    """White from x0 to x1 through rows[start:end]; `left` and `right` are how many have text there, `both` both."""

    x0: float
    x1: float
    start: int
    end: int = 0
    left: int = 0
    right: int = 0
    both: int = 0


def strips(rows: list[Line], x0: float, x1: float, size: float, tall: list[Word]) -> list[Strip]:
    """Return the white strips in rows that have text on both sides."""
    active: list[Strip] = []
    found: list[Strip] = []
    for number, row in enumerate([*rows, None]):
        free = _free(row, x0, x1, size, tall) if row else []
        going: dict[tuple[float, float], Strip] = {}
        for strip in active:
            whole = False
            for a, b in free:
                left, right = max(a, strip.x0), min(b, strip.x1)
                if right - left < STRIP * size:
                    continue
                whole = whole or (left, right) == (strip.x0, strip.x1)
                known = going.get((left, right))
                if known is None or known.start > strip.start:
                    going[left, right] = Strip(left, right, strip.start)
            if not whole:
                strip.end = number
                found.append(strip)
        for a, b in free:
            going.setdefault((a, b), Strip(a, b, number))
        active = sorted(going.values(), key=lambda strip: strip.start)[:_MOST_STRIPS]
    return [counted for strip in found if (counted := _counted(strip, rows)).both]


def _counted(strip: Strip, rows: list[Line]) -> Strip:
    """Return a strip with the rows counted that have text left and right of it, or stand next to one that does."""
    middle = (strip.x0 + strip.x1) / 2
    sides = [sides_of(row, middle) for row in rows[strip.start : strip.end]]
    for number, (left, right) in enumerate(sides, strip.start):
        strip.left, strip.right = strip.left + left, strip.right + right
        if (
            not (left and right)
            and number + 1 < strip.end
            and rows[number + 1].base - rows[number].base < rows[number].size
        ):
            other = sides[number + 1 - strip.start]  # columns whose lines stand at different heights
            left, right = left or other[0], right or other[1]
        strip.both += left and right
    return strip


def sides_of(row: Line, middle: float) -> tuple[bool, bool]:
    return row.words[0].x0 < middle, row.words[-1].x0 >= middle


def _free(row: Line, x0: float, x1: float, size: float, tall: list[Word]) -> list[tuple[float, float]]:
    """Return where a row has no text, in pieces as wide as a strip."""
    middle = row.base - 0.3 * row.size
    taken = [(word.x0, word.x1) for word in row.words]
    taken += [(word.x0, word.x1) for word in tall if word.base <= middle <= word.bottom]
    free, at = [], x0 - size
    least = STRIP * max(size, row.size)  # the spaces of a larger heading are no strip
    for left, right in sorted(taken):
        if left - at >= least:
            free.append((at, left))
        at = max(at, right)
    if x1 + size - at >= STRIP * size:
        free.append((at, x1 + size))
    return free


def best_strip(found: list[Strip], rows: list[Line], size: float) -> Strip | None:
    """Return the strip that parts most; None where none does more than a chance gap would."""
    likely = [
        strip
        for strip in found
        if (strip.both >= 3 or (strip.both >= 2 and strip.x1 - strip.x0 >= _LOOSE_STRIP * size))
        and not _enumerates(strip, rows)
    ]
    return max(
        likely,
        key=lambda strip: (min(strip.left, strip.right), strip.left + strip.right, strip.x1 - strip.x0),
        default=None,
    )


def _enumerates(strip: Strip, rows: list[Line]) -> bool:
    """Return whether left of a strip there is nothing but bullets and numbers of items."""
    middle = (strip.x0 + strip.x1) / 2
    left = [[word.text for word in row.words if word.x0 < middle] for row in rows[strip.start : strip.end]]
    left = [words for words in left if words]
    marks = sum(len(words) <= 2 and _ENUMERATOR.fullmatch("".join(words)) is not None for words in left)
    return marks >= 0.8 * len(left)


def trimmed(strip: Strip, rows: list[Line]) -> tuple[int, int]:
    """Return the rows of a strip, without those at its ends that have text on one side only and stand off."""
    middle = (strip.x0 + strip.x1) / 2
    sides = {number: sides_of(rows[number], middle) for number in range(strip.start, strip.end)}
    both = [number for number, (left, right) in sides.items() if left and right]
    first = both[0] if both else max(next(n for n, side in sides.items() if side[k]) for k in (0, 1))
    last = both[-1] if both else min(next(n for n in reversed(sides) if sides[n][k]) for k in (0, 1))
    pitches = [
        pitch
        for number in sides
        for side in (0, 1)
        if (pitch := _away(rows, number, range(number + 1, strip.end), middle, side)) < _FAR
    ]
    usual = median(pitches) if pitches else 1.3 * rows[first].size
    start, end = min(first, last), max(first, last) + 1
    while start > strip.start and _near(rows, start - 1, range(start, end), middle) <= _NEAR * usual:
        start -= 1
    return start, max(_end(strip, rows, end, usual, side) for side in (0, 1))


def _end(strip: Strip, rows: list[Line], end: int, usual: float, side: int) -> int:
    """Return where one side's text ends in rows of a strip, both sides of which have text before `end`.

    A paragraph that stands a little off is the column's where one of its lines, or of those below, fills that.
    """
    middle = (strip.x0 + strip.x1) / 2
    edge = max((row.x1 for row in rows[strip.start : end]), default=0.0) if side else strip.x0
    near = True
    for number in range(end, strip.end):
        if not sides_of(rows[number], middle)[side]:
            continue
        away = _away(rows, number, range(number - 1, strip.start - 1, -1), middle, side)
        if away > _APART * usual:
            break
        near = near and away <= _NEAR * usual
        if near or rows[number].x1 > edge - _FULL * rows[number].size:
            end, near = number + 1, True
    return end


def _near(rows: list[Line], number: int, others: range, middle: float) -> float:
    """Return how far a row is from the next of `others`, on the side where that is nearer."""
    return min(_away(rows, number, others, middle, side) for side in (0, 1))


def _away(rows: list[Line], number: int, others: range, middle: float, side: int) -> float:
    """Return how far a row's words on a side are from the next of `others` above or below: there may be columns
    beside each other on a side, whose lines stand at different heights, though near enough to share a row."""
    mine = _on_side(rows[number], middle, side)
    for other in others[:_MOST_BETWEEN] if mine else ():
        bases = [
            word.base for word in _on_side(rows[other], middle, side) if word.x0 < mine[-1].x1 and word.x1 > mine[0].x0
        ]
        if bases:
            return min(abs(base - word.base) for base in bases for word in (mine[0], mine[-1]))
    return _FAR


def _on_side(row: Line, middle: float, side: int) -> list[Word]:
    return [word for word in row.words if (word.x0 >= middle) == bool(side)]
