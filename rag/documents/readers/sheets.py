"""Sheets: cells in a grid as titles, tables with their column heads, and remarks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from rag.documents.readers.blocks import Block, has_heads, has_names, heading, joined, table
from rag.documents.readers.extraction import within

MOST_CELLS = 1_000_000  # of a document
_MOST_IN_GRID = 4_000_000  # of a table with its empty cells


@dataclass(frozen=True, slots=True)
class Row:
    """A row's number and its cells that hold something, by column."""

    number: int
    cells: Mapping[int, str]


def sheet_blocks(rows: Sequence[Row], heads: Collection[int] = ()) -> list[Block]:
    """Return a sheet's rows as blocks; `heads` are the numbers of rows that are known to hold column heads.

    Tables stand apart by rows that are empty. Where one goes on after such a row, without heads of its own, it is
    one table.
    """
    blocks: list[Block] = []
    above: list[Row] = []
    for region in _regions(rows):
        if above and _goes_on(above, region, heads):
            above += region
            continue
        blocks += _region(above, heads)
        above = list(region)
    return [*blocks, *_region(above, heads)]


def text_rows(lines: Sequence[Sequence[str]]) -> list[Row]:
    """Return rows of cells as Rows, numbered from 1."""
    return [
        Row(number, {at: cell for at, text in enumerate(line) if (cell := " ".join(text.split()))})
        for number, line in enumerate(lines, 1)
    ]


def pages_of(sheets: Sequence[tuple[str, list[Block]]]) -> tuple[str, tuple[int, ...]]:
    """Return the text of sheets, each under its name if it has one, and the offset where each begins."""
    texts, pages, at = [], [], 0
    for name, blocks in sheets:
        if words := joined(blocks):
            texts.append(joined([heading(1, name), Block(words)]))
            pages.append(at)
            at += len(texts[-1]) + 2
    return "\n\n".join(within(texts)), tuple(pages) or (0,)


def _regions(rows: Sequence[Row]) -> list[list[Row]]:
    regions: list[list[Row]] = []
    before = -1
    for row in rows:
        if row.cells:
            if before != row.number - 1 or not regions:
                regions.append([])
            regions[-1].append(row)
            before = row.number
    return regions


def _goes_on(above: Sequence[Row], below: Sequence[Row], heads: Collection[int]) -> bool:
    """Return whether a table goes on after an empty row: in the same columns, without other heads."""
    last = max(above, key=lambda row: len(row.cells)).cells
    first = below[0].cells
    same = len(last) > 2 and set(first) <= set(last) and len(first) > len(last) / 2
    return same and below[0].number not in heads and not _begins_with_heads(_grid(below))


def _region(rows: Sequence[Row], heads: Collection[int]) -> list[Block]:
    """Return rows that stand together: what is said above a table, the table, remarks below it."""
    if not rows:
        return []
    at = _start(rows, heads)
    end = len(rows)
    while end > at + 2 and len(rows[end - 1].cells) == 1 and min(rows[end - 1].cells) == min(rows[at].cells):
        end -= 1
    proper = _grid(rows[at:end])
    known = rows[at].number in heads or _begins_with_heads(proper)
    above = table(_grid(rows[:at]), heads=False) if at else []
    below = table(_grid(rows[end:]), heads=False) if end < len(rows) else []
    return [*above, *table(proper, known), *below]


def _start(rows: Sequence[Row], heads: Collection[int]) -> int:
    """Return where the table begins: at its heads, or where rows are about as wide as most are."""
    for at, row in enumerate(rows):
        if row.number in heads:
            return at
    widths = Counter(len(row.cells) for row in rows)
    usual = max(widths, key=lambda width: (widths[width], width))
    if usual < 3:
        return 0
    return next(at for at, row in enumerate(rows) if len(row.cells) >= 0.7 * usual)


def _begins_with_heads(grid: Sequence[Sequence[str]]) -> bool:
    return len(grid) > 1 and len(grid[0]) > 1 and (has_heads(grid) or has_names(grid))


def _grid(rows: Sequence[Row]) -> list[list[str]]:
    """Return rows with their empty cells, in the columns that any of them has."""
    columns = sorted({column for row in rows for column in row.cells})
    if len(columns) * len(rows) > _MOST_IN_GRID:
        return [list(row.cells.values()) for row in rows]
    return [[row.cells.get(column, "") for column in columns] for row in rows]
