"""Tables that are set with spaces or tabs: "Rosa      1931    40", with their column heads.

Where white space stands below white space in every line of a run, columns are parted; prose that is justified
with wide spaces has no such rivers. The first line names the columns where it holds no figures and the
lines below it do, unless every line names its own value: "Tenant:    Ivo Lind" heads no column of names.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

Span = tuple[int, int]

_GAP = re.compile(r"(?<=\S)(?:[ ]{2,}|[ ]*\t[ \t]*)(?=\S)")
_FILLED = re.compile(r"[^ ]+")
_FEWEST = 3  # lines: heads and two rows
_MOST = 2000  # lines looked at together, so that a file of nothing else is not one table
_LONGEST = 400  # characters of a line of a table
_WIDEST = 2  # spaces: so wide is a river
_TAB = 8
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class _Line:
    start: int
    end: int
    words: str  # tabs as spaces
    at: Sequence[int]  # for each character of `words`, where it stands in the text


@dataclass(frozen=True, slots=True)
class Row:
    """A row of such a table: its cells as spans of the text, each with the head of its column, "" where it has none."""

    start: int
    end: int
    cells: tuple[tuple[str, int, int], ...]


def rows(text: str) -> Iterator[Row]:
    """Yield the rows, but not the heads, of all tables of a text that have column heads, in order."""
    for run in _runs(text):
        table = _tabbed(text, run) or _spaced(run)
        if len(table[0]) < 2 or not _has_heads(text, table):
            continue
        heads = [" ".join(text[start:end].split()) for start, end in table[0]]
        for line, cells in zip(run[1:], table[1:], strict=True):
            filled = [(head, start, end) for head, (start, end) in zip(heads, cells, strict=True) if start < end]
            yield Row(line.start, line.end, tuple(filled))


def _runs(text: str) -> Iterator[list[_Line]]:
    """Yield runs of lines, one below the other, each of which has a wide gap."""
    run: list[_Line] = []
    upto = -1
    for match in _GAP.finditer(text):
        if match.start() < upto:
            continue  # in a line that is seen already
        start = text.rfind("\n", 0, match.start()) + 1
        newline = text.find("\n", match.end())
        end = len(text) if newline < 0 else newline
        if run and (start != run[-1].end + 1 or len(run) == _MOST):
            yield from _long_enough(run)
            run = []
        upto = end
        if end - start <= _LONGEST and not text.startswith("|", start):
            run.append(_line(text, start, end))
    yield from _long_enough(run)


def _long_enough(run: list[_Line]) -> Iterator[list[_Line]]:
    if len(run) >= _FEWEST:
        yield run


def _line(text: str, start: int, end: int) -> _Line:
    if "\t" not in (whole := text[start:end]):
        return _Line(start, end, whole, range(start, end + 1))
    words, at = "", list[int]()
    for offset in range(start, end):
        sign = text[offset]
        width = _TAB - len(words) % _TAB if sign == "\t" else 1
        words += " " * width if sign.isspace() else sign
        at.extend([offset] * width)
    return _Line(start, end, words, (*at, end))


def _tabbed(text: str, run: Sequence[_Line]) -> list[list[Span]]:
    """Return the cells of lines that tabs part into equally many, however wide they are; none of others."""
    table: list[list[Span]] = []
    for line in run:
        cells, at = list[Span](), line.start
        for part in text[line.start : line.end].split("\t"):
            left = at + len(part) - len(part.lstrip())
            cells.append((left, max(left, at + len(part.rstrip()))))
            at += len(part) + 1
        table.append(cells)
    return table if len({len(cells) for cells in table}) == 1 and len(table[0]) > 1 else []


def _spaced(run: Sequence[_Line]) -> list[list[Span]]:
    """Return the cells of lines that stand below each other in columns; lines of one cell where there are none."""
    columns = _columns(run)
    return [[_cell(line, column) for column in columns] for line in run]


def _columns(run: Sequence[_Line]) -> list[Span]:
    """Return the columns, as spans of characters of a line, that rivers of white space part in all lines."""
    width = max(len(line.words.rstrip()) for line in run)
    taken = bytearray(b"0" * width)
    for line in run:
        for word in _FILLED.finditer(line.words):
            taken[word.start() : word.end()] = b"1" * (word.end() - word.start())
    found = [match.span() for match in re.finditer(r"1+(?:01+)*", taken.decode())]
    return found if all(_is_river(left, right) for left, right in pairwise(found)) else []


def _is_river(left: Span, right: Span) -> bool:
    return right[0] - left[1] >= _WIDEST


def _cell(line: _Line, column: Span) -> Span:
    """Return the span in the text of what a line has in a column; empty where there is nothing."""
    start, end = column[0], min(column[1], len(line.words))
    part = line.words[start:end]
    if not part.strip():
        return line.end, line.end
    left = start + len(part) - len(part.lstrip())
    return line.at[left], line.at[start + len(part.rstrip()) - 1] + 1


def _has_heads(text: str, table: Sequence[Sequence[Span]]) -> bool:
    """Return whether the first line names what stands below it."""
    if any(map(str.isdigit, "".join(text[start:end] for start, end in table[0]))):
        return False
    if sum(start < end for start, end in table[0]) < 2 or _names_values(text, table):
        return False
    for column in zip(*table[1:], strict=True):
        if 3 * sum(any(map(str.isdigit, text[start:end])) for start, end in column) >= 2 * len(column):
            return True
    return False


def _names_values(text: str, table: Sequence[Sequence[Span]]) -> bool:
    """Return whether each line is a name and its value, the first one too: as the colons say, or in two columns
    values that are not of one kind.
    """
    labels = [text[slice(*row[0])] for row in table]
    if labels[0].endswith(":") and 2 * sum(label.endswith(":") for label in labels) > len(labels):
        return True
    if len(table[0]) != 2:
        return False
    values = [text[slice(*row[1])] for row in table[1:] if row[1][0] < row[1][1]]
    kinds = Counter(_DIGITS.sub("0", value) for value in values)
    alike = kinds.most_common(1)[0][1] if kinds else 0
    return 2 * alike < len(values) and not all(value[0].isdigit() for value in values)
