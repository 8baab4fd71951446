"""Blocks: how readers write paragraphs, headings, list items and tables, one form for all formats.

What is read further on knows of a document's structure only what stands in the text, so the marks are few:
"# " to "###### " before a heading, "- " or the item's own number before an item, "| a | b |" for a row.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

PAGE_NUMBER = "\x00"  # where a field shows the number of a page: for who reads headers

_BULLET = re.compile(r"[•‣⁃◦▪▫■□●○➢➤❖·\uf0b7\uf0a7]\s+")
_NUMBER = re.compile(r"\s*(\(?(?:\d{1,3}|[A-Za-z]|[ivx]{1,5}|[IVX]{1,5})[.)])[ ]*\t(?=\s*\S)")
_YEAR = re.compile(r"(?:1[89]|20)\d\d")
_TELLING = 200  # rows that tell whether the first is of heads
_MANY = 6  # paragraphs in a cell that say that the table only places them on the page
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
    """Return a paragraph: spaces made one, line breaks kept. A bullet or "3." and a tab make an item."""
    if PAGE_NUMBER in text:
        text = text.replace("\t", " | ")  # a header's left, middle and right
    if number := _NUMBER.match(text):
        return item(number[1], text[number.end() :])
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


def in_a_line(blocks: Iterable[Block]) -> str:
    """Return blocks as the one line of a cell or a note."""
    return " ".join(joined(blocks).split())


def is_layout(contents: Sequence[Sequence[Sequence[Block]]]) -> bool:
    """Return whether a table only places paragraphs on the page: they belong to each other more than to a row."""
    cells = [cell for row in contents for cell in row if cell]
    many = max(map(len, cells), default=0)
    return many >= _MANY or (many > 1 and len(contents) == 1) or any(_is_titled(cell) for cell in cells)


def _is_titled(cell: Sequence[Block]) -> bool:
    """Return whether a cell has headings and text below them."""
    return len(cell) > 1 and any(block.text.startswith("#") for block in cell)


def without_page_numbers(text: str) -> str:
    """Return a line of a header without the numbers of pages, and without what stands with them: "Page 3 of 7"."""
    if PAGE_NUMBER not in text:
        return text
    parts = re.split(r"\s*[|\n]\s*|\s+[–—·•/-]\s+|,\s", text)
    return " – ".join(filter(None, (_without_page_number(part) for part in parts)))


def _without_page_number(part: str) -> str:
    """Return a part of a header: nothing of "Page 3 of 7", of more words all but those around the numbers."""
    if PAGE_NUMBER not in part:
        return part.strip()
    if len(re.findall(r"\w+", part)) < 4:
        return ""
    return re.sub(rf"(?:[^\W\d]+\.?\s*)?{PAGE_NUMBER}(?:\s*\S{{0,6}}\s*{PAGE_NUMBER})?", "", part).strip()


def has_heads(rows: Sequence[Sequence[str]]) -> bool:
    """Return whether the first of some rows is unlike those below as column heads are: words over figures.

    A head says what is below it, so none is empty, is a figure of the kind below or stands again in its column.
    That alone tells little (the first of pairs of keys and values is such a row, too), so there must be a column
    of figures that are of one kind, and where there are but two columns, a longer one.
    """
    rows = rows[:_TELLING]
    filled = [column for column in range(len(rows[0])) if any(row[column] for row in rows[1:])]
    if len(rows) < 3 or len(filled) < 2 or not _are_heads(rows, filled):
        return False
    columns = [[row[column] for row in rows[1:]] for column in filled]
    return (
        all(_is_series(column, 2) for column in columns)
        or (len(columns) > 2 and any(_is_series(column, 2) for column in columns))
        or any(_is_series(column, 3) for column in columns)
    )


def has_names(rows: Sequence[Sequence[str]]) -> bool:
    """Return whether three or more columns begin with short, different words that do not come again in them.

    That is how heads look over words, and how any other row may: for tables of which most have heads.
    """
    columns = range(len(rows[0]))
    return len(rows) > 1 and len(columns) > 2 and _are_heads(rows[:_TELLING], columns)


def _are_heads(rows: Sequence[Sequence[str]], columns: Sequence[int]) -> bool:
    first = rows[0]
    distinct = len({first[column].casefold() for column in columns}) == len(columns)
    return distinct and all(_is_head(first[column], [row[column] for row in rows[1:]]) for column in columns)


def _is_head(cell: str, below: Sequence[str]) -> bool:
    """Return whether a cell can be what those below are called."""
    if not 0 < len(cell) <= 60 or cell[-1] in ".:!?;" or cell in below:
        return False
    figures = [each for each in below if re.search(r"\d", each)]
    if not re.search(r"\d", cell):
        return True
    if _YEAR.fullmatch(cell):
        return not any(_YEAR.fullmatch(each) for each in figures)
    return any(map(str.isalpha, cell)) and _kind(cell) not in map(_kind, figures)


def _is_series(cells: Sequence[str], least: int) -> bool:
    """Return whether most of a column's cells are figures that differ by no more than their digits and signs."""
    kinds = Counter(_kind(cell) for cell in cells if re.search(r"\d", cell))
    count = kinds.total()
    return count >= max(least, 0.8 * sum(map(bool, cells))) and max(kinds.values()) >= 0.8 * count


def _kind(cell: str) -> str:
    """Return the words of a figure: "Euro" of "1.240 Euro"."""
    return " ".join(re.sub(r"[\W\d_]+", " ", cell).split())


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
    return "".join(f"| {cell.replace('|', chr(92) + '|')} " if cell else "| " for cell in cells) + "|"
