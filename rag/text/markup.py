"""Markup: what a text says of its own structure by signs, as Markdown has them: fences, comments, tables.

Readers of other formats write their tables and headings with the same signs, so that one look finds them all.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from rag.text.columns import Row, rows

Span = tuple[int, int]

# A fence opens and closes a block of code; one that is not closed goes on to the end, as in CommonMark.
_FENCE = re.compile(r"^[ ]{0,3}(`{3,}(?=[^`\n]*$)|~{3,})[^\n]*$", re.MULTILINE)
_COMMENT = re.compile(r"^[ \t]*<!--.*?(?:-->|\Z)", re.DOTALL | re.MULTILINE)
_HEADS = re.compile(r"^[ ]{0,3}(\|[^\n]*)\r?\n[ ]{0,3}\|?[ ]*:?-+:?[ ]*(?:\|[ ]*:?-+:?[ ]*)*\|?[ \t]*$", re.MULTILINE)
_ROW = re.compile(r"\r?\n[ ]{0,3}\|[^\n]*")
_HEADING = re.compile(r"^#{1,6}[^\S\n]+\S", re.MULTILINE)
_PIPE = re.compile(r"[ \t]*\|")
_CELL_ENDS = re.compile(r"(?<!\\)\|")


@dataclass(frozen=True, slots=True)
class Table:
    """A table that has column heads: `start` is where they begin, `rows` where its first row may, `end` its end."""

    start: int
    rows: int
    end: int
    heads: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Markup:
    """The blocks of a text that have a meaning of their own, in order.

    `fences` are the spans of blocks of code, with the lines that open and close them; `comments` those that
    begin a line; `rows` are of tables that are set with spaces or tabs; `headed` is whether
    any heading is marked.
    """

    fences: tuple[Span, ...]
    comments: tuple[Span, ...]
    tables: tuple[Table, ...]
    rows: tuple[Row, ...]
    headed: bool

    def fence(self, offset: int) -> Span | None:
        """Return the block of code that holds an offset."""
        return _holding(self.fences, offset)

    def comment(self, offset: int) -> Span | None:
        """Return the comment that holds an offset."""
        return _holding(self.comments, offset)

    def table(self, offset: int) -> Table | None:
        """Return the table with column heads that holds an offset."""
        index = bisect_right(self.tables, offset, key=lambda table: table.start) - 1
        return self.tables[index] if index >= 0 and offset < self.tables[index].end else None

    def row(self, offset: int) -> Row | None:
        """Return the row of a table set with spaces or tabs whose line holds an offset."""
        index = bisect_right(self.rows, offset, key=lambda row: row.start) - 1
        return self.rows[index] if index >= 0 and offset < self.rows[index].end else None


def _holding(spans: tuple[Span, ...], offset: int) -> Span | None:
    index = bisect_right(spans, offset, key=lambda span: span[0]) - 1
    return spans[index] if index >= 0 and offset < spans[index][1] else None


@lru_cache(maxsize=8)
def markup(text: str) -> Markup:
    """Return the markup of a text; looked for once, for it is asked of every sentence of a document."""
    fences = _fences(text) if "```" in text or "~~~" in text else ()
    comments = _COMMENT.finditer(text) if "<!--" in text else ()
    blocks = tuple(match.span() for match in comments if not _holding(fences, match.start()))
    tables = tuple(table for table in _tables(text) if not _holding(fences, table.start)) if "|" in text else ()
    headed = any(not _holding(fences, match.start()) for match in _HEADING.finditer(text))
    return Markup(fences, blocks, tables, tuple(row for row in rows(text) if not _holding(fences, row.start)), headed)


def is_row(text: str, offset: int) -> bool:
    """Return whether a row of a table begins at an offset, its line's first but for white space."""
    return _PIPE.match(text, offset) is not None or markup(text).row(offset) is not None


def _fences(text: str) -> tuple[Span, ...]:
    found: list[Span] = []
    opened: re.Match[str] | None = None
    for match in _FENCE.finditer(text):
        sign = match[1]
        if opened is None:
            opened = match
        elif sign[0] == opened[1][0] and len(sign) >= len(opened[1]) and not match.group().strip(" \t\r`~"):
            found.append((opened.start(), match.end()))
            opened = None
    if opened is not None:
        found.append((opened.start(), len(text)))
    return tuple(found)


def _tables(text: str) -> list[Table]:
    found: list[Table] = []
    for match in _HEADS.finditer(text):
        end = match.end()
        while row := _ROW.match(text, end):
            end = row.end()
        found.append(Table(match.start(1), match.end(), end, _heads(cells(match[1].rstrip()))))
    return found


def _heads(first: list[str]) -> tuple[str, ...]:
    """Return the column heads of a table; none where its first row is a name and its value: "| Tenant: | Ivo Lind |".

    Markdown has no table without heads, so a form's first line stands in their place.
    """
    form = len(first) == 2 and first[0].endswith(":") and not first[1].endswith(":")
    return ("", "") if form else tuple(first)


def cells(row: str) -> list[str]:
    """Return the words of the cells of a table row "| a | b |"; `\\|` is a sign of a cell's."""
    return [row[start:end].replace("\\|", "|") for start, end in cell_spans(row)]


def cell_spans(row: str) -> list[Span]:
    """Return the spans of the cells of a table row, without the white space around their words."""
    ends = [match.start() for match in _CELL_ENDS.finditer(row)]
    if not ends:
        return []
    if row[ends[-1] + 1 :].strip():
        ends.append(len(row))
    found = []
    for left, right in pairwise(ends):
        cell = row[left + 1 : right]
        start = left + 1 + len(cell) - len(cell.lstrip())
        found.append((start, max(start, left + 1 + len(cell.rstrip()))))
    return found
