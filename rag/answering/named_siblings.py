"""Of lines that look alike, the one answers whose label the question names.

A timetable has a row for a stop under "Saturday" and under "Sunday", a manual a row for each error, a list a line for
each person. Such lines are nearly one text to an embedder, and to a reader, which sees a few words of what stands
above. What they are told apart by is known: of rows of one table the cells of a column, of lines of a list the words
before the colon, of lines with the same label the headings over them. Where the question names one of these and not
the others, the others answer nothing.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rag.answering.candidate_sentences import Option
from rag.answering.features import holds_new
from rag.answering.labels import Asked, asked_of, named_of, score
from rag.answering.query import Query
from rag.documents.chunking import BETWEEN_HEADINGS, headings_over
from rag.text.language import words
from rag.text.markup import markup
from rag.text.normalization import BETWEEN_CELLS

_LABELLED = re.compile(r"([^:|]{1,60}):\s+(\S.*)", re.DOTALL)
_FIGURES = re.compile(r"([^\d:|]{2,60}?)\s+(\d(?:[\d\s.,:–-]*\d)?[^\d.!?]{0,6})")  # "Mill Corner 9.20 13.55"
_MOST = 6  # words of a label
_AS_GOOD = 2.5  # log odds that a line may lie below another one of its list, and still be the one that is asked for
_LESS = 4.0  # log odds that another line loses


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of a list or a row of a table: where it is in the pool, its list, what stands over it, and its cells.

    A cell has the head of its column, or its number, for a key.
    """

    at: int
    group: tuple[str, int, str]
    path: tuple[str, ...]
    cells: tuple[tuple[str, str], ...]
    language: str

    @property
    def label(self) -> str:
        return self.cells[0][1].casefold()


def prefer_named(query: Query, pool: Sequence[Option], supports: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the support of each sentence, less where it is a line of another label than the one that is named."""
    lines = [line for at, row in enumerate(pool) if (line := _line(at, row)) is not None]
    if len(lines) < 2:
        return supports
    asked = {language: asked_of(query, language) for language in {line.language for line in lines}}
    new = frozenset(line.at for line in lines if holds_new(query, pool[line.at]))
    found = supports
    for group in _alike(lines, lambda line: (*line.group, line.language)):
        found = _doubted(found, group, _named_by_cells(query, group, asked[group[0].language]), new, _AS_GOOD)
    for group in _alike(lines, lambda line: (line.group[0], line.label, line.language)):
        if len({line.path for line in group}) > 1:
            found = _doubted(found, group, _named_by_headings(group, asked[group[0].language]), new, math.inf)
    return found


def _line(at: int, row: Option) -> _Line | None:
    cells = _cells(row)
    if len(cells) < 2:
        return None
    document = row.passage.document
    path = tuple(headings_over(document, row.passage.chunk, row.start).split(BETWEEN_HEADINGS))
    table = markup(document.text).table(row.start)
    group = (document.id, table.start if table else -1, BETWEEN_HEADINGS.join(path))
    return _Line(at, group, path, cells, row.passage.chunk.language)


def _cells(row: Option) -> tuple[tuple[str, str], ...]:
    reading = row.reading
    if reading.cells:
        heads = dict(reading.added)
        return tuple(
            (reading.text[start : heads.get(start, start)], reading.text[heads.get(start, start) : end])
            for start, end in reading.cells
        )
    if BETWEEN_CELLS in reading.text:
        return tuple((str(number), cell) for number, cell in enumerate(reading.text.split(BETWEEN_CELLS)))
    found = _LABELLED.fullmatch(reading.text) or _FIGURES.fullmatch(reading.text)
    if found is None or len(found[1].split()) > _MOST:
        return ()
    return ("0", found[1]), ("1", found[2])


def _alike(lines: Iterable[_Line], by: Callable[[_Line], tuple[object, ...]]) -> list[list[_Line]]:
    groups: dict[tuple[object, ...], list[_Line]] = defaultdict(list)
    for line in lines:
        groups[by(line)].append(line)
    return [group for group in groups.values() if len(group) > 1]


def _named_by_cells(query: Query, group: Sequence[_Line], asked: Asked) -> frozenset[int]:
    """Return the places of the lines that hold what is asked for in most columns.

    A name does not tell who is asked for: "Who came after Alan Pryce?" wants another row than his.
    """
    known = frozenset(word.casefold() for word in query.words)
    hits = [0] * len(group)
    for key in {key for line in group for key, _ in line.cells}:
        cells = [dict(line.cells).get(key, "") for line in group]
        if query.answer_type == "person" and any(_is_said(cell, known) for cell in cells):
            continue
        for place in named_of([score(cell, asked) for cell in cells]):
            hits[place] += 1
    return named_of(hits)


def _is_said(cell: str, known: frozenset[str]) -> bool:
    """Return whether a cell is a name of several words that a question says."""
    found = [cell[start:end] for start, end in words(cell)]
    return len(found) > 1 and all(word[0].isupper() and word.casefold() in known for word in found)


def _named_by_headings(group: Sequence[_Line], asked: Asked) -> frozenset[int]:
    shared = 0
    while len({line.path[shared : shared + 1] for line in group}) == 1:
        shared += 1
    return named_of([score(" ".join(line.path[shared:]), asked) for line in group])


def _doubted(
    supports: NDArray[np.float64],
    group: Sequence[_Line],
    named: frozenset[int],
    new: frozenset[int],
    as_good: float,
) -> NDArray[np.float64]:
    """Return the supports, where the lines of a group that are not `named` lie below the best of those that are."""
    any_new = any(line.at in new for line in group)
    own = [group[place].at for place in named if group[place].at in new or not any_new]
    others = [line.at for place, line in enumerate(group) if place not in named]
    if not own or not others:
        return supports
    odds = np.log(np.maximum(supports, 1e-12) / np.maximum(1 - supports, 1e-12))
    leads = max(own, key=lambda at: (odds[at], -at))
    if odds[leads] < odds[others].max() - as_good:
        return supports
    odds[leads] = max(odds[leads], odds[others].max())
    odds[others] = np.minimum(odds[others], odds[leads]) - _LESS
    changed = [leads, *others]
    found = supports.copy()
    found[changed] = 1 / (1 + np.exp(-odds[changed]))
    return found
