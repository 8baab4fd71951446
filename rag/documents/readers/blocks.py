"""Blocks: how readers write paragraphs, headings, list items and tables, one form for all formats.

What is read further on knows of a document's structure only what stands in the text, so the marks are few:
"# " to "###### " before a heading, "- " or the item's own number before an item, "| a | b |" for a row.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_BULLET = re.compile(r"[•‣⁃◦▪▫■□●○➢➤❖·\uf0b7\uf0a7]\s+")
_LONGEST_HEADING = 250  # characters: a paragraph with the style of a heading is none


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, or a whole table. An item stands in the line after the item before it.

    `single` is whether it is one paragraph of running text, which may share a table's cell with others.
    """

    text: str
    item: bool = False
    single: bool = True


def joined(blocks: Iterable[Block]) -> str:
    """Return blocks as one text, an empty line between them, none between items."""
    parts: list[str] = []
    before = False
    for block in blocks:
        if block.text:
            parts += ["\n" if before and block.item else "\n\n" if parts else "", block.text]
            before = block.item
    return "".join(parts)


def paragraph(text: str) -> Block:
    """Return a paragraph: spaces made one, line breaks kept. A bullet that was typed is an item's."""
    lines = (" ".join(line.split()) for line in re.split(r"[\n\v\f\r\u2028\u2029\x85]", text))
    words = "\n".join(filter(None, lines))
    if bullet := _BULLET.match(words):
        return item("-", words[bullet.end() :])
    return Block(words)


def heading(level: int, words: str) -> Block:
    """Return a heading of a level from 1; no words give none."""
    line = " ".join(words.split())
    if not line or len(line) > _LONGEST_HEADING:
        return Block(line)
    return Block(f"{'#' * min(max(level, 1), 6)} {line}", single=False)


def item(mark: str, words: str) -> Block:
    """Return an item of a list behind its mark: "-", "3.", "b)"."""
    line = " ".join(words.split())
    return Block(f"{mark} {line}" if line else "", item=True, single=False)


def table(rows: Sequence[Sequence[str]], heads: bool | None = None) -> list[Block]:
    """Return a table as the blocks of its rows; `heads` is whether the first holds the column heads, None: see there.

    Rows and columns of nothing are left out. A first row of one cell is what the table is called. What is left
    with one column is no table, but paragraphs.
    """
    kept = [row for row in _rectangle(rows) if any(row)]
    above: list[Block] = []
    while len(kept) > 1 and len(kept[0]) > 1 and _is_caption(kept):
        above.append(paragraph(kept[0][0]))
        kept, heads = kept[1:], None if heads is False else heads
    kept = _without_empty_columns(kept)
    if not kept:
        return above
    if len(kept[0]) == 1:
        return [*above, *(paragraph(row[0]) for row in kept)]
    heads = len(kept) > 1 and has_heads(kept) if heads is None else heads and len(kept) > 1
    lines = [_row(row) for row in kept]
    if heads:
        lines.insert(1, _row(["---"] * len(kept[0])))
    return [*above, Block("\n".join(lines), single=False)]


def has_heads(rows: Sequence[Sequence[str]]) -> bool:
    """Return whether the first of some rows is unlike those below as column heads are: words over figures.

    A head says what is below it, so none is empty, holds a figure or stands again in its column. That alone
    tells little (the first of pairs of keys and values is such a row, too), so there must be a column of
    figures that are of one kind, and where there are but two columns, a longer one.
    """
    first, below = rows[0], rows[1:]
    filled = [column for column in range(len(first)) if any(row[column] for row in below)]
    if len(below) < 2 or len(filled) < 2 or not all(_is_head(first[column]) for column in filled):
        return False
    if len({first[column].casefold() for column in filled}) < len(filled):
        return False
    if any(row[column] == first[column] for row in below for column in filled):
        return False
    columns = [[row[column] for row in below] for column in filled]
    return (
        all(_is_series(column, 2) for column in columns)
        or (len(columns) > 2 and any(_is_series(column, 2) for column in columns))
        or any(_is_series(column, 3) for column in columns)
    )


def has_names(rows: Sequence[Sequence[str]]) -> bool:
    """Return whether three or more columns begin with short, different words that do not come again in them.

    That is how heads look over words, and how any other row may: for tables of which most have heads.
    """
    first, below = rows[0], rows[1:]
    if len(first) < 3 or not below or not all(_is_head(cell) and len(cell) <= 40 for cell in first):
        return False
    distinct = len(set(map(str.casefold, first))) == len(first)
    return distinct and not any(row[column] == cell for row in below for column, cell in enumerate(first))


def _is_head(cell: str) -> bool:
    return 0 < len(cell) <= 60 and not re.search(r"\d", cell) and cell[-1] not in ".:!?;"


def _is_series(cells: Sequence[str], least: int) -> bool:
    """Return whether most of a column's cells are figures that differ by no more than their digits and signs."""
    kinds = [re.sub(r"[\W\d_]+", " ", cell).strip() for cell in cells if re.search(r"\d", cell)]
    return len(kinds) >= max(least, 0.8 * sum(map(bool, cells))) and max(map(kinds.count, kinds)) >= 0.8 * len(kinds)


def _is_caption(rows: Sequence[Sequence[str]]) -> bool:
    """Return whether the first row is one cell, and the others are of more."""
    return bool(rows[0][0]) and not any(rows[0][1:]) and any(sum(map(bool, row)) > 1 for row in rows[1:])


def _rectangle(rows: Sequence[Sequence[str]]) -> list[list[str]]:
    width = max(map(len, rows), default=0)
    return [[*(" ".join(cell.split()) for cell in row), *[""] * (width - len(row))] for row in rows]


def _without_empty_columns(rows: list[list[str]]) -> list[list[str]]:
    used = [column for column in range(len(rows[0]) if rows else 0) if any(row[column] for row in rows)]
    return [[row[column] for column in used] for row in rows]


def _row(cells: Sequence[str]) -> str:
    return "".join(f"| {cell.replace('|', chr(92) + '|')} " for cell in cells) + "|"
