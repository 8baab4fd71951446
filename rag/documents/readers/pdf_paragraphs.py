"""Lines to paragraphs, headings, items of lists and footnotes, by how they stand and how large they are."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from itertools import pairwise

from rag.documents.readers.pdf_lines import Column, Line, Table

_SAME_SIZE = 0.08  # share by which letters of one paragraph differ, at most
_INDENT = 0.7  # of the size: a first line so far in begins a paragraph
_PARAGRAPH = 1.25  # times the usual pitch: further apart are paragraphs
_LARGE = 1.13  # times the size of running text: headings are larger
_SMALL = 0.93  # times the size of running text: footnotes are smaller
_LONGEST_HEADING = 200  # characters
_LONGEST_BOLD = 110  # characters of a heading that is only bold
SHORT = 0.25  # share of a column that a line in the middle of a sentence misses, at most
_FEW_WORDS = 2.6  # a line: running text has more
_MOST_ANEW = 4  # lines of running text that all happen to begin with a capital are fewer
_ROW_GAP = 2.5  # of the size: words of a heading stand nearer
_BESIDE = 4.0  # of the size: words of a sentence stand nearer, however it is justified
_WINDOW = 4  # lines around one tell where its column wraps
_RAISED, _LOWER = 0.8, 0.15  # of a line's size: a raised figure is smaller, and so far above the baseline

ENDED = re.compile(r"[.!?:…][)\]\"'”“»«’]*(?:\x01[^\x02]*\x02)*$")
BULLET = re.compile(r"([•◦▪■□●○‣∙·►▶➢✓✔–—*\-]|[\uf000-\uf0ff])\s+(?=\S)")
NUMBER = re.compile(r"(\(?(?:(\d{1,3})|([a-z])|([A-Z])|([ivx]{2,5}))[.)])\s+(?=\S)")
NOTE = re.compile(r"\x01(\d{1,3}|[*†‡§]+)\x02\s*|(\d{1,3}|[*†‡]+)[.)]?\s+(?=\S)")
_SENTENCE = re.compile(r"[.!?…,;:-]$|[.!?…;] ")
_PAIR = re.compile(r"[^\W\d_][^:.!?]{0,50}:\s*[^\W_]")
_TICK = re.compile(r"\[[x ]\] ")


@dataclass(slots=True)
class Block:
    """A paragraph ("text"), "heading", "item", "pair", "note" or "table", with its lines by page.

    `rows` are how many rows of a table stand before each page that it goes on over: (page, rows).
    `wraps` is where its column wraps, `left` where that begins; `edge` where its lines begin.
    """

    kind: str
    parts: list[tuple[int, list[Line]]] = field(default_factory=list)
    table: Table | None = None
    rows: list[tuple[int, int]] = field(default_factory=list)
    wraps: float = 0.0
    left: float = 0.0
    edge: float = 0.0
    mark: str = ""
    level: int = 0
    page: int = 0

    @property
    def last_page(self) -> int:
        if self.parts:
            return self.parts[-1][0]
        return self.rows[-1][0] if self.rows else self.page

    @property
    def lines(self) -> list[Line]:
        return [line for _, lines in self.parts for line in lines]

    @property
    def size(self) -> float:
        return self.lines[0].size if self.parts else 0.0

    @property
    def bold(self) -> bool:
        return all(line.bold for line in self.lines)


def mark_raised(line: Line) -> None:
    """Enclose raised figures and signs in \\x01 and \\x02, which no text of a PDF holds."""
    for number, word in enumerate(line.words):
        sign = word.text.strip(",")
        small = word.size <= _RAISED * line.size or word.base < line.base - 0.25 * line.size
        if small and word.base < line.base - _LOWER * line.size and re.fullmatch(r"\d{1,3}|[*†‡§]{1,3}", sign):
            word.text = f"\x01{sign}\x02"
            if number and word.x0 - line.words[number - 1].x1 < 0.3 * line.size:
                word.spaced = False
        elif number == 0 and sign in {"*", "†", "‡"} and word.base < line.base - 0.1 * line.size:
            word.text = f"\x01{sign}\x02"


def body_size(parts: Iterable[Column | Table]) -> float:
    """Return the size that most letters have."""
    sizes = Counter[float]()
    for column in parts:
        if isinstance(column, Table):
            sizes[round(column.size * 2) / 2] += sum(len(cell) for row in column.rows for cell in row)
            continue
        for line in column.lines:
            sizes[round(line.size * 2) / 2] += sum(len(word.text) for word in line.words)
    return sizes.most_common(1)[0][0] if sizes else 10.0


def blocks(column: Column, page: int, pitch: float) -> list[Block]:
    """Return the paragraphs of a column; `pitch` is how many times their size lines stand apart in the document."""
    lines = [line for line in column.lines if line.words]
    for line in lines:
        mark_raised(line)
    found: list[Block] = []
    numbers = _numbers(lines)
    # Lines of an address, of a label: they all reach their column's edge, and none runs on.
    short = sum(len(line.words) for line in lines) < _FEW_WORDS * len(lines)
    for index, line in enumerate(lines):
        before = lines[index - 1] if index else None
        kind, mark = _kind(lines, index, numbers)
        last = found[-1] if found else None
        if last and before and kind in {"text", "pair"} and not line.words[0].own and not before.words[0].own:
            wraps = 1e9 if short else _wraps(lines, index - 1, column)
            if not _begins(last, before, line, lines[index + 1 : index + 2], wraps, pitch):
                last.parts[0][1].append(line)
                continue
        wraps = _wraps(lines, index, column) if len(lines) > 2 and not short else 1e9
        parts = [(page, [line])]
        found.append(Block(kind, parts, wraps=wraps, left=column.x0, edge=line.x0, mark=mark, page=page))
    for block in found:
        if block.kind == "pair" and not block.lines[0].words[0].own and len(block.lines) > 1:
            block.kind = "text"
    return [part for block in found for part in _entries(block)]


def _entries(block: Block) -> list[Block]:
    """Return a paragraph, or its lines where they are entries of a list: each begins anew, and none is a sentence."""
    texts = [line.text for line in block.lines]
    anew = all(text[:1].isupper() or text[:1].isdigit() for text in texts)
    if block.kind != "text" or len(texts) < _MOST_ANEW or not anew or any(_SENTENCE.search(text) for text in texts):
        return [block]
    return [replace(block, parts=[(page, [line])], wraps=1e9) for page, lines in block.parts for line in lines]


def _kind(lines: list[Line], index: int, numbers: set[int]) -> tuple[str, str]:
    """Return what kind of block a line would begin, and the mark of an item."""
    line = lines[index]
    text = line.text
    if line.words[0].own or _TICK.match(text):
        return "pair", ""
    if bullet := BULLET.match(text):
        sure = bullet[1] not in "–—-*"
        if sure or index == 0 or _ended(lines[index - 1]) or _another(lines, index, bullet[1]):
            return "item", bullet[0]
    if (number := NUMBER.match(text)) and index in numbers:
        return "item", number[0]
    return ("pair", "") if _PAIR.match(text) and len(text) < 80 else ("text", "")


def _ended(line: Line) -> bool:
    return ENDED.search(line.text) is not None


def _another(lines: list[Line], index: int, mark: str) -> bool:
    """Return whether a line near begins with the same mark at the same place."""
    near = [*lines[max(0, index - _WINDOW) : index], *lines[index + 1 : index + 1 + _WINDOW]]
    return any(abs(line.x0 - lines[index].x0) < 2 and line.words[0].text == mark for line in near)


def _numbers(lines: list[Line]) -> set[int]:
    """Return which lines begin with the number of an item: one that another counts on from, at the same place."""
    marked: list[tuple[int, int, int, float]] = []
    for index, line in enumerate(lines):
        if match := NUMBER.match(line.text):
            style = next(number for number in (2, 3, 4, 5) if match[number])
            value = int(match[2]) if style == 2 else ord(match[style][0]) if style < 5 else 0
            marked.append((index, style, value, line.x0))
    found = set()
    for one, other in pairwise(marked):
        if one[1] == other[1] and other[2] - one[2] in {0, 1} and abs(one[3] - other[3]) < 12:
            found |= {one[0], other[0]}
    return found


def _wraps(lines: list[Line], index: int, column: Column) -> float:
    """Return where lines near a line wrap: the column's edge, or nearer where text runs around a picture."""
    line = lines[index]
    beside = [
        left - line.size
        for left, top, _, bottom in column.pictures
        if left > line.x1 - line.size and top - 2 * line.size < line.base < bottom + 2 * line.size
    ]
    if beside:
        return min(*beside, column.x1)
    near = lines[max(0, index - _WINDOW) : index + _WINDOW + 1]
    near = [other for other in near if abs(other.size - line.size) < 1]
    edge = max(other.x1 for other in near)
    close = sum(edge - other.x1 < 1.5 * other.size for other in near)
    return edge if close >= 4 or edge > column.x1 - 3 * line.size else column.x1


def _begins(block: Block, before: Line, line: Line, after: list[Line], wraps: float, pitch: float) -> bool:
    """Return whether a line begins a paragraph, and does not go on in the one before."""
    size = max(before.size, line.size)
    if abs(before.size - line.size) > _SAME_SIZE * size or line.base - before.base > _PARAGRAPH * pitch * size + 0.5:
        return True
    if line.base <= before.base or _is_row(before) or _is_row(line):  # another column, or something beside it
        return True
    text, mine = before.text, line.text
    lower = mine[:1].islower()
    if text.endswith(("-", "\u00ad")):
        return False
    ended = ENDED.search(text) is not None
    if block.bold != line.bold and not lower and (block.bold or len(mine) < _LONGEST_BOLD) and before.bold != line.bold:
        return block.bold and not _fills(before, line, wraps, ended)
    if not _fills(before, line, wraps, ended):
        return ended or not lower
    if block.kind == "item":
        return _ends_item(block, before, line, ended)
    if line.x0 > before.x0 + _INDENT * line.size:
        returns = not after or after[0].x0 < line.x0 - 0.5 * _INDENT * line.size
        return returns and (ended or not lower) and len(block.lines) + 1 > 1 and before.x0 <= block.edge + 1
    return False


def _is_row(line: Line) -> bool:
    """Return whether a line is two things beside each other: an address and, at the right, the day of a letter."""
    return any(word.x0 - before.x1 > _BESIDE * line.size for before, word in pairwise(line.words))


def _ends_item(block: Block, before: Line, line: Line, ended: bool) -> bool:
    """Return whether a line after a full one is no more of an item, of which all lines or only the first are set in."""
    if len(block.lines) == 1 and not ended:
        return False
    if len(block.lines) > 1 and (margin := block.lines[1].x0) < block.edge - 1:
        return line.x0 > margin + _INDENT * line.size
    return line.x0 < block.edge - 1 or (line.x0 < block.edge + 1 and before.x0 > block.edge + 2)


def _fills(before: Line, line: Line, wraps: float, ended: bool) -> bool:
    """Return whether a line is as long as its column lets it be: the next one's first word would not have fitted.

    Lines that were wrapped by the number of their letters are shorter than that, so one in which no
    sentence ends must miss a good part of the column.
    """
    first = line.words[0]
    missing = wraps - before.x1
    fits = 0.2 * before.size + (first.x1 - first.x0) + (0.3 if ended else 1.0) * before.size
    return missing < fits or (not ended and missing < SHORT * (wraps - before.x0))


def name_headings(found: list[Block], body: float) -> None:
    """Make headings of the paragraphs that are larger than running text, or bold and short above it."""
    sizes = sorted({_step(block.size) for block in found if _is_large(block, body)}, reverse=True)
    levels = {size: min(level, 5) for level, size in enumerate(sizes, 1)}
    for block, after in zip(found, [*found[1:], None], strict=False):
        if _is_large(block, body):
            block.kind, block.level = "heading", levels[_step(block.size)]
        elif after is not None and _is_bold_heading(block, after, body):
            block.kind, block.level = "heading", min(len(sizes) + 1, 6)


def _step(size: float) -> float:
    return round(size)


def _text(block: Block) -> str:
    return " ".join(line.text for line in block.lines)


def _is_large(block: Block, body: float) -> bool:
    if block.kind not in {"text", "item", "pair"} or block.size < _LARGE * body or block.lines[0].words[0].own:
        return False
    text = _text(block)
    if _says_something(block, text):
        return False
    return len(text) <= _LONGEST_HEADING and not text.endswith((".", ",", ";")) and any(map(str.isalpha, text))


def _says_something(block: Block, text: str) -> bool:
    """Return whether a line is a row ("Total    65.70") or a fact ("Opening: 5 May"), and no name of what follows."""
    rows = any(
        word.x0 - before.x1 > _ROW_GAP * word.size for line in block.lines for before, word in pairwise(line.words)
    )
    return rows or (block.kind == "pair" and any(map(str.isdigit, text)))


def _is_bold_heading(block: Block, after: Block, body: float) -> bool:
    if block.kind not in {"text", "item"} or not block.bold or block.size < _SMALL * body or len(block.lines) > 2:
        return False
    text = _text(block)
    if (
        _says_something(block, text)
        or len(text) > _LONGEST_BOLD
        or text.endswith((".", ",", ";", ":"))
        or not any(map(str.isalpha, text))
    ):
        return False
    return after.kind in {"table", "heading"} or not after.bold or _is_large(after, body)


def take_notes(found: list[Block], body: float, height: float) -> list[Block]:
    """Take the footnotes out of the blocks of a page, which is so many points high, and return them.

    They stand at the end of a column, are smaller than running text, and begin with their mark.
    """
    notes: list[Block] = []
    for block in found:
        small = block.kind in {"text", "item", "pair"} and block.size <= _SMALL * body
        low = small and block.lines[0].base > 0.4 * height
        match = NOTE.match(block.lines[0].text) if low else None
        if match and (match[1] or block.size <= 0.9 * body):
            block.kind, block.mark = "note", match[1] or match[2]
            notes.append(block)
        elif (
            low
            and notes
            and notes[-1].lines[-1].base < block.lines[0].base
            and abs(notes[-1].size - block.size) < 0.6
            and not ENDED.search(notes[-1].lines[-1].text)
        ):
            notes[-1].parts[0][1].extend(block.lines)
            block.kind = "gone"
    found[:] = [block for block in found if block.kind not in {"note", "gone"}]
    return notes
