"""Tables of Word documents: rows of cells as Word draws them, a merged cell once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import takewhile
from typing import Any

from rag.documents.readers.blocks import Block, has_heads, has_names, in_a_line, is_layout, table
from rag.documents.readers.ooxml import W
from rag.documents.readers.word_styles import Styles, is_on, value

_MOST_COLUMNS = 100  # Word has no more than 63

Row = tuple[Any, list[tuple[Any, int]]]


def table_blocks(element: Any, styles: Styles, read: Callable[[Any], list[Block]], nested: list[Block]) -> list[Block]:
    """Return a table as blocks. `read` gives the blocks of a cell; `nested`, those of tables in it, come after it."""
    rows = [(row, list(_cells(row))) for row in _rows(element)]
    contents = [[read(cell) if _is_own(cell) else [] for cell, _ in cells] for _, cells in rows]
    if is_layout(contents):
        return [*(block for row in contents for cell in row for block in cell), *nested]
    width = min(max((sum(span for _, span in cells) for _, cells in rows), default=0), _MOST_COLUMNS)
    words: list[list[str]] = []
    for (row, cells), texts in zip(rows, contents, strict=True):
        line = [""] * _number(row.find(f"{W}trPr"), "gridBefore", 0)
        for (_, span), blocks in zip(cells, texts, strict=True):
            line += [in_a_line(blocks), *[""] * (span - 1)]
        words.append(line[:width])
    return [*table(words, _heads(element, rows, words, styles)), *nested]


def _rows(element: Any) -> Iterator[Any]:
    """Yield the rows that are there: a row in a content control is, one that was deleted is not."""
    for each in element:
        if each.tag == f"{W}tr":
            if each.find(f"{W}trPr/{W}del") is None:
                yield each
        elif each.tag in {f"{W}sdt", f"{W}sdtContent", f"{W}customXml", f"{W}ins", f"{W}moveTo"}:
            yield from _rows(each)


def _cells(row: Any) -> Iterator[tuple[Any, int]]:
    """Yield the cells of a row, and how many columns each takes."""
    for each in row:
        if each.tag == f"{W}tc":
            properties = each.find(f"{W}tcPr")
            if properties is None or properties.find(f"{W}cellDel") is None:
                yield each, max(1, _number(properties, "gridSpan", 1))
        elif each.tag in {f"{W}sdt", f"{W}sdtContent", f"{W}customXml"}:
            yield from _cells(each)


def _is_own(cell: Any) -> bool:
    """Return whether a cell is not the rest of the one above it."""
    properties = cell.find(f"{W}tcPr")
    merged = properties.find(f"{W}vMerge") if properties is not None else None
    return merged is None or merged.get(W + "val") == "restart"


def _number(properties: Any | None, name: str, otherwise: int) -> int:
    shown = value(properties, name) or ""
    return min(int(shown), _MOST_COLUMNS) if shown.isdecimal() else otherwise


def _heads(element: Any, rows: Sequence[Row], words: Sequence[Sequence[str]], styles: Styles) -> bool:
    """Return whether the first row that is no caption holds heads: by what is said of it, or by its looks."""
    filled = [(row, cells, line) for (row, cells), line in zip(rows, words, strict=True) if any(line)]
    captions = len(list(takewhile(lambda each: len(list(filter(None, each[2]))) == 1, filled)))
    filled = filled[captions:]
    if len(filled) < 2:
        return False
    first, below = filled[0], filled[1:]
    if is_on(first[0].find(f"{W}trPr"), "tblHeader"):
        return True
    if all(map(_stands_out, _full(first[1]))) and not any(all(map(_stands_out, _full(cells))) for _, cells, _ in below):
        return len(_full(first[1])) > 1
    look = element.find(f"{W}tblPr/{W}tblLook")
    if look is not None and _first_row(look):
        if styles.first_row_stands_out(value(element.find(f"{W}tblPr"), "tblStyle")):
            return True
        if len(below) > 1 and has_names([line for _, _, line in filled]):
            return True
    lines = [line for _, _, line in filled]
    return len(below) > 1 and has_heads(lines)


def _first_row(look: Any) -> bool:
    if (said := look.get(W + "firstRow")) is not None:
        return bool(said in {"1", "true", "on"})
    shown = look.get(W + "val", "")
    return all(sign in "0123456789abcdefABCDEF" for sign in shown) and bool(int(shown or "0", 16) & 0x20)


def _full(cells: Sequence[tuple[Any, int]]) -> list[Any]:
    return [cell for cell, _ in cells if any((each.text or "").strip() for each in cell.iter(f"{W}t"))]


def _stands_out(cell: Any) -> bool:
    """Return whether a cell is shaded, or all its words are bold."""
    shade = cell.find(f"{W}tcPr/{W}shd")
    if shade is not None and shade.get(W + "fill", "auto").lower() not in {"auto", "ffffff"}:
        return True
    runs = [run for run in cell.iter(f"{W}r") if any((each.text or "").strip() for each in run.iterfind(f"{W}t"))]
    return bool(runs) and all(is_on(run.find(f"{W}rPr"), "b") for run in runs)
