"""Words of a PDF's page to lines, and what lines make: columns of running text, and tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from rag.documents.readers.pdf_words import Word

_SPACE = 0.13  # of the size: so much apart is apart
_LEVEL = 0.08  # of the size: baselines nearer are the same
_ONE_ROW = 0.5  # of the size: baselines nearer are of a row


@dataclass(slots=True)
class Line:
    """Words on one baseline, from left to right."""

    words: list[Word]
    base: float
    size: float

    @property
    def x0(self) -> float:
        return self.words[0].x0

    @property
    def x1(self) -> float:
        return max(word.x1 for word in self.words)

    @property
    def bold(self) -> bool:
        """Whether all letters and figures are."""
        return all(word.bold for word in self.words if any(map(str.isalnum, word.text)))

    @property
    def text(self) -> str:
        return spell(self.words)


@dataclass(slots=True)
class Table:
    """Rows of cells; `heads` where the first names the columns. `xs` are the left edges of the columns."""

    rows: list[list[str]]
    heads: bool
    xs: list[float]
    x1: float
    top: float
    bottom: float
    size: float = 10.0


@dataclass(slots=True)
class Column:
    """Lines of running text that stand below each other, between two edges.

    `pictures` (left, top, right, bottom) are what lines may be shorter for.
    """

    lines: list[Line]
    x0: float
    x1: float
    pictures: Sequence[tuple[float, float, float, float]] = ()


def spell(words: Sequence[Word]) -> str:
    """Return the text of words in a row."""
    text = words[0].text if words else ""
    for before, word in pairwise(words):
        gap, size = word.x0 - before.x1, max(word.size, before.size)
        # Where a figure is raised or lowered pdfium says that there is a space, and may be wrong.
        spaced = word.spaced and abs(word.base - before.base) < _LEVEL * size
        apart = gap > -0.5 * size if spaced else gap > _SPACE * size
        text += f" {word.text}" if apart else word.text
    return text


def rows_of(words: list[Word]) -> list[Line]:
    """Return words as rows, from the top; raised and lowered ones in the row they belong to."""
    rows: list[list[Word]] = []
    bases: list[tuple[float, float]] = []  # of the largest word of a row: baseline, size
    for word in sorted(words, key=lambda word: (word.base, word.x0)):
        last = bases[-1] if bases else None
        if last and word.base - last[0] < _ONE_ROW * max(min(word.size, last[1] * 1.6), last[1]):
            rows[-1].append(word)
            if word.size * len(word.text) > last[1] * 3 and word.size > 1.1 * last[1]:
                bases[-1] = (word.base, word.size)
        else:
            rows.append([word])
            bases.append((word.base, word.size))
    return [_line(row) for row in rows]


def _line(words: list[Word]) -> Line:
    words = sorted(words, key=lambda word: word.x0)
    main = max(words, key=lambda word: (word.size, len(word.text)))
    weights: dict[float, int] = {}
    for word in words:
        weights[word.size] = weights.get(word.size, 0) + len(word.text)
    size = max(weights, key=lambda each: (weights[each], each))
    base = next((word.base for word in words if word.size == size), main.base)
    return Line(words, base, size)
