"""The pages of a PDF as one text: what goes on over a page's end joined, footnotes after the text they belong to."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from rag.documents.readers.extraction import RAISED
from rag.documents.readers.line_joining import LineJoiner, told_language
from rag.documents.readers.pdf_lines import Column, Table
from rag.documents.readers.pdf_paragraphs import (
    BULLET,
    ENDED,
    NOTE,
    SHORT,
    Block,
    blocks,
    body_size,
    name_headings,
    take_notes,
)
from rag.documents.readers.pdf_tables import joined, usual_pitch

_MARK = re.compile(r"(\w{0,40})([^\w\s]?)(\s?)\x01([^\x02]*)\x02")
_UNIT = 2  # letters: a raised figure after no more is an exponent
_SET_IN = 0.5  # of the size: so far from its column's edge is a line set in
_WHITE = 2.5  # times the size: further below does no paragraph go on
_CONSECUTIVE = {"item", "pair"}


@dataclass(slots=True)
class Page:
    """A page's columns and tables in the order of reading; `plain` is the text of one that was not laid out."""

    parts: list[Column | Table]
    aside: list[Column | Table]
    height: float
    plain: str = ""
    blocks: list[Block] = field(default_factory=list)
    notes: list[Block] = field(default_factory=list)


def write(pages: Sequence[Page]) -> tuple[str, tuple[int, ...]]:
    """Return the text, and where each page begins in it."""
    columns = [part for page in pages for part in page.parts if isinstance(part, Column)]
    body = body_size(part for page in pages for part in page.parts)
    pitch = usual_pitch([line for column in columns for line in column.lines if abs(line.size - body) < 0.6])
    for number, page in enumerate(pages):
        page.blocks = _blocks(page.parts, number, pitch)
        page.notes = take_notes(page.blocks, body, page.height)
        page.notes += _blocks(page.aside, number, pitch)
    name_headings([block for page in pages for block in page.blocks if block.kind != "table"], body)
    joiner = LineJoiner(line.text for page in pages for block in (*page.blocks, *page.notes) for line in block.lines)
    return _Writer(joiner, _known_notes(pages), _language(pages)).write(_in_order(pages), pages)


def _blocks(parts: Sequence[Column | Table], number: int, pitch: float) -> list[Block]:
    found: list[Block] = []
    for part in parts:
        if isinstance(part, Table):
            found.append(Block("table", table=part, page=number))
            continue
        new = blocks(part, number, pitch)
        if found and new and not _far_below(found[-1], new[0]) and _goes_on(found[-1], new[0]):
            found[-1].parts[0][1].extend(new.pop(0).lines)
        found += new
    return found


def _far_below(one: Block, other: Block) -> bool:
    """Return whether there is white between a paragraph and one further down the page, which is then another."""
    return bool(one.parts and other.parts) and other.lines[0].base - one.lines[-1].base > _WHITE * other.size


def _goes_on(one: Block, other: Block) -> bool:
    """Return whether a paragraph goes on in another, at the top of the next column or page."""
    if one.kind not in {"text", "item"} or other.kind != "text" or abs(one.size - other.size) > 0.08 * one.size:
        return False
    last, first = one.lines[-1], other.lines[0]
    text, following = last.text, first.text
    if one.bold != other.bold or ENDED.search(text):
        return False
    if following[:1].islower() or text.endswith("-"):
        return True
    if one.kind == "item" and _hangs(one) and first.x0 - other.left < _SET_IN * first.size:
        return False
    full = last.x1 > one.wraps - max(4 * last.size, SHORT * (one.wraps - last.x0))
    indented = len(other.lines) > 1 and first.x0 > other.lines[1].x0 + 0.5 * first.size
    return full and not indented


def _hangs(block: Block) -> bool:
    """Return whether the lines below the first of an item are set in: all begin where its words do, after the mark."""
    first, last = block.lines[0], block.lines[-1]
    begins = last.x0 if last is not first else first.words[min(1, len(first.words) - 1)].x0
    return begins - block.left >= _SET_IN * first.size


def _in_order(pages: Sequence[Page]) -> list[Block]:
    """Return all blocks; the notes of a page stand before a paragraph that the page's end breaks."""
    found: list[Block] = []
    for number, page in enumerate(pages):
        fresh = list(page.blocks)
        last = next((block for block in reversed(found) if block.kind != "note"), None)
        if fresh and last is not None and last is found[-1] and last.last_page == number - 1:
            first = fresh[0]
            if last.table and first.table and (before := len(last.table.rows)) and joined(last.table, first.table):
                last.rows.append((number, before))
                fresh.pop(0)
            elif first.parts and last.parts and _goes_on(last, first):
                last.parts += first.parts
                last.wraps = first.wraps
                fresh.pop(0)
        found += fresh
        if page.notes:
            breaks = bool(found) and found[-1].kind in {"text", "item"} and not ENDED.search(found[-1].lines[-1].text)
            at = len(found) - 1 if breaks else len(found)
            found[at:at] = page.notes
    return found


def _known_notes(pages: Sequence[Page]) -> set[str]:
    """Return the marks of the footnotes, and of notes at a document's end: paragraphs that begin with a number."""
    return {block.mark for page in pages for block in page.notes if block.kind == "note"}


def _language(pages: Sequence[Page]) -> str:
    text = " ".join(line.text for page in pages for block in page.blocks for line in block.lines)[:10_000]
    return told_language(text, "")


class _Writer:
    def __init__(self, joiner: LineJoiner, notes: set[str], language: str) -> None:
        self._joiner, self._notes, self._language = joiner, notes, language
        self._texts: list[str] = []
        self._length = 0
        self._starts: dict[int, int] = {}

    def write(self, found: Sequence[Block], pages: Sequence[Page]) -> tuple[str, tuple[int, ...]]:
        plain = {number: page.plain for number, page in enumerate(pages) if page.plain}
        before: Block | None = None
        for block in found:
            for number in sorted(number for number in plain if number < block.page):
                self._begin(None, Block("plain"))
                self._put(plain.pop(number).strip(), number)
                before = Block("plain")
            self._begin(before, block)
            self._block(block)
            before = block
        for number in sorted(plain):
            self._begin(before, Block("plain"))
            self._put(plain[number].strip(), number)
            before = Block("plain")
        text = "".join(self._texts).rstrip() + "\n"
        starts, at = [], len(text)
        for number in reversed(range(len(pages))):
            at = min(at, self._starts.get(number, at))
            starts.append(at)
        return text, (0, *starts[::-1][1:])

    def _begin(self, before: Block | None, block: Block) -> None:
        if self._length == 0:
            return
        together = (
            before is not None
            and before.kind == block.kind
            and block.kind in _CONSECUTIVE
            and before.mark[:1].isalnum() == block.mark[:1].isalnum()
        )
        self._put("\n" if together else "\n\n")

    def _put(self, text: str, page: int | None = None) -> None:
        if page is not None:
            self._starts.setdefault(page, self._length + text.startswith(" "))
        self._texts.append(text)
        self._length += len(text)

    def _block(self, block: Block) -> None:
        if block.table is not None:
            self._rows(block, block.table)
            return
        lines = [(page, line.text) for page, lines in block.parts for line in lines]
        language = told_language(" ".join(text for _, text in lines), self._language)
        prefix, first = self._prefix(block, lines[0][1].strip())
        added = self._joiner.pieces([first, *(text for _, text in lines[1:])], language)
        for (page, _), text in zip(lines, [prefix + added[0], *added[1:]], strict=True):
            self._put(self._marks(text), page)

    def _prefix(self, block: Block, text: str) -> tuple[str, str]:
        """Return what stands before a block's words, and these."""
        if block.kind == "heading":
            return "#" * block.level + " ", text
        if block.kind == "note":
            return f"[^{block.mark}]: ", text[match.end() :] if (match := NOTE.match(text)) else text
        if block.kind == "item" and (bullet := BULLET.match(text)):
            return "- ", text[bullet.end() :]
        return "", text

    def _marks(self, text: str) -> str:
        return _MARK.sub(self._mark, text)

    def _mark(self, match: re.Match[str]) -> str:
        word, sign, space, mark = match.groups()
        figure = mark.isdigit()
        exponent = figure and not sign and (word == "10" or (word.isalpha() and len(word) <= _UNIT))
        note = mark in self._notes and not exponent
        if not note and figure:
            note = bool(sign) or (word.isalpha() and len(word) > _UNIT)
        if note:
            return f"{word}{sign}[^{mark}]"
        return f"{word}{sign}{space}{mark.translate(RAISED)}"

    def _rows(self, block: Block, table: Table) -> None:
        """Write the rows of a table, a line each: pairs of a label and a value as such."""
        cells = [[self._cell(cell) for cell in row] for row in table.rows]
        filled = [row for row in cells if any(row)]
        pairs = [row for row in filled if len(row) == 2 and row[0].endswith(":") and row[1]]
        paired = not table.heads and bool(filled) and len(pairs) == len(filled)
        begins = {before: page for page, before in [(block.page, 0), *block.rows]}
        page, end, heads = block.page, "", table.heads
        for number, row in enumerate(cells):
            page = begins.get(number, page)
            if any(row):
                self._put(end)
                self._put(" ".join(row) if paired else f"| {' | '.join(row)} |", page)
                if heads:
                    self._put("\n|" + " --- |" * len(row))
                end, heads = "\n", False

    def _cell(self, cell: str) -> str:
        lines = cell.split("\n")
        return self._marks(self._joiner.join(lines, self._language)).replace("|", "\\|")
