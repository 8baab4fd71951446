"""Tables of HTML as rows of Markdown, with the heads of their columns; those that only lay out a page as paragraphs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from rag.documents.readers.html_blocks import Block

Element = Any  # of lxml.html

_WIDEST = 200  # columns
_LONG = 600  # characters: what is longer is no cell
_MOST_BLOCKS = 6  # paragraphs of a cell


def table(element: Element, blocks: Callable[[Element], list[Block]]) -> Iterator[Block]:
    """Yield the caption and the rows of a table, then the tables within it; of one for layout, its paragraphs.

    `blocks` writes what a caption or a cell holds.
    """
    rows = [row for row in element.iter("tr") if next(row.iterancestors("table")) is element]
    cells = [[cell for cell in row if cell.tag in {"td", "th"}] for row in rows]
    inner = {cell: blocks(cell) for row in cells for cell in row}
    for caption in element.iterchildren("caption"):
        if words := _words(blocks(caption)):
            yield Block("paragraph", words)
    if _lays_out(element, cells, inner):
        yield from (block for row in cells for cell in row for block in inner[cell])
        return
    titles = next((number for number, row in enumerate(cells) if len(row) > 1), 0)  # one cell over all columns
    yield from (block for row in cells[:titles] for cell in row for block in inner[cell])
    last = max((number for number, row in enumerate(cells, 1) if len(row) > 1), default=0)
    lines = _lines(_grid(cells[titles:last], inner), _heads(rows[titles:last], cells[titles:last]))
    if lines:
        yield Block("table", "\n".join(lines))
    yield from (block for row in cells[last:] for cell in row for block in inner[cell])
    yield from (block for row in cells[titles:last] for cell in row for block in inner[cell] if block.kind == "table")


def _lines(grid: list[list[str]], heads: int) -> list[str]:
    """Return the rows of a grid, the first `heads` of which become one of heads."""
    lines = [_row(row) for row in grid[heads:] if any(row)]
    if not heads:
        return lines
    top = [" ".join(dict.fromkeys(filter(None, column))) for column in zip(*grid[:heads], strict=True)]
    return [_row(top), _row(["---"] * len(top)), *lines]


def _lays_out(element: Element, cells: list[list[Element]], inner: dict[Element, list[Block]]) -> bool:
    """Return whether a table has but one column, or cells that are parts of a page."""
    if element.get("role") in {"presentation", "none"} or max(map(len, cells), default=0) < 2:
        return True
    if element.find(".//th") is not None and element.find(".//table") is None:
        return False
    return any(
        len(blocks) > _MOST_BLOCKS
        or any(block.kind == "heading" for block in blocks)
        or sum(len(block.text) for block in blocks) > _LONG
        for blocks in inner.values()
    )


def _grid(cells: list[list[Element]], inner: dict[Element, list[Block]]) -> list[list[str]]:
    """Return the words of each cell in its column: one over several rows stands in each, over several columns once."""
    grid: list[list[str]] = []
    below: dict[int, tuple[int, str]] = {}  # column: for how many rows yet, and what
    for row in cells:
        line: list[str] = []
        for cell in (*row, None):
            while len(line) in below and len(line) < _WIDEST:
                left, words = below.pop(len(line))
                if left > 1:
                    below[len(line)] = (left - 1, words)
                line.append(words)
            if cell is None or len(line) >= _WIDEST:
                break
            words = _words(inner[cell])
            wide, high = (_span(cell, side) for side in ("colspan", "rowspan"))
            for column in range(min(wide, _WIDEST - len(line))):
                said = words if column == 0 or (cell.tag == "th" and high == 1 and wide > 1 and len(row) > 1) else ""
                if high > 1:
                    below[len(line)] = (high - 1, said)
                line.append(said)
        grid.append(line)
    wide = max(map(len, grid), default=0)
    return [line + [""] * (wide - len(line)) for line in grid]


def _span(cell: Element, side: str) -> int:
    value = cell.get(side) or ""
    return min(int(value), 1000) if value.isdecimal() and len(value) < 10 and int(value) else 1


def _words(blocks: list[Block]) -> str:
    """Return the blocks of a cell in one line; items of a list are parted, what is a table of its own is not here."""
    parts = []
    for block in blocks:
        lines = block.text.splitlines()
        if block.kind == "list":
            parts.append("; ".join(line.removeprefix("- ") for line in lines))
        elif block.kind != "table":
            parts.append(" ".join(line.lstrip("#").strip() for line in lines if not line.startswith("```")))
    return re.sub(r"[ \n]+", " ", " ".join(parts)).strip()


def _heads(rows: list[Element], cells: list[list[Element]]) -> int:
    """Return how many rows at the top hold the heads of columns."""
    heads = 0
    for row, those in zip(rows, cells, strict=True):
        filled = [cell for cell in those if " ".join(cell.itertext()).strip()]
        in_head = row.getparent().tag == "thead" and any(cell.tag == "th" for cell in those)
        if not filled or not (in_head or (len(those) > 1 and all(cell.tag == "th" for cell in filled))):
            break
        heads += 1
    return heads if heads < len(rows) else 0


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
