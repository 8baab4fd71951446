"""What an RTF document, a note or a box of it tells: its paragraphs and tables, as they are ended."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from rag.documents.readers.blocks import Block, has_heads, heading, in_a_line, is_layout, item, paragraph, table


@dataclass(slots=True)
class _Rows:
    """A table's rows so far, and whether the first is said to be of heads, or all bold where another is not."""

    cells: list[list[Block]] = field(default_factory=list)
    rows: list[list[list[Block]]] = field(default_factory=list)
    heads: list[bool] = field(default_factory=list)
    bold: list[bool] = field(default_factory=list)

    def blocks(self) -> list[Block]:
        if is_layout(self.rows):
            return [block for row in self.rows for cell in row for block in cell]
        words = [[in_a_line(cell) for cell in row] for row in self.rows]
        filled = [at for at, row in enumerate(words) if sum(map(bool, row)) > 1]
        known = len(filled) > 1 and (
            self.heads[filled[0]]
            or (self.bold[filled[0]] and not any(self.bold[at] for at in filled[1:]))
            or has_heads(_even([words[at] for at in filled]))
        )
        return table(words, known)


@dataclass(slots=True)
class Story:
    """Text put together word by word. `anchor` is the story that a box hangs in; `hung`, the blocks of its boxes."""

    anchor: Story | None = None
    blocks: list[Block] = field(default_factory=list)
    hung: list[Block] = field(default_factory=list)
    mark: str = ""
    dropped: str = ""  # what was left out last, so that it is counted once
    _parts: list[str] = field(default_factory=list)
    _bold: bool = True
    _item: str = ""
    _level: int = 0
    _in_table: bool = False
    _head: bool = False
    _open: list[Block] = field(default_factory=list)  # paragraphs of a cell that has not ended
    _inner: list[Block] = field(default_factory=list)
    _tables: list[_Rows] = field(default_factory=lambda: [_Rows(), _Rows()])
    _nested: list[Block] = field(default_factory=list)
    _cell_bold: list[bool] = field(default_factory=list)
    _depth: int = 1

    def put(self, text: str, bold: bool = False) -> None:
        """Add text to the paragraph."""
        self._parts.append(text)
        self._bold = self._bold and (bold or not text.strip())
        self.dropped = ""

    def take_mark(self) -> None:
        """Take what stands before an item as its mark."""
        mark = self.mark.strip()
        self._item, self.mark = (mark if any(map(str.isalnum, mark)) else "-") if mark else "", ""

    def word(self, word: str, number: int | None, levels: Mapping[int, int]) -> None:
        """Follow a control word about paragraphs and tables; `levels` are those of headings, by style."""
        if word in {"par", "sect", "page"}:
            self._end_paragraph()
        elif word == "pard":
            self._level, self._in_table, self._depth = 0, False, 1
        elif word == "outlinelevel":
            self._level = (number or 0) + 1 if (number or 0) < 9 else 0
        elif word == "s":
            self._level = levels.get(number or 0, 0)
        elif word == "intbl":
            self._in_table = True
        elif word == "itap":
            self._depth = number or 0
            self._in_table = self._depth > 0
        elif word in {"trowd", "trhdr"}:
            self._head = word == "trhdr"
        elif word in _ENDS:
            _ENDS[word](self)

    def end(self) -> None:
        """End what is open."""
        self._end_paragraph()
        if self._tables[0].cells:
            self.end_row(0)
        self._end_table()

    def _end_paragraph(self) -> None:
        words, self._parts = "".join(self._parts), []
        mark, self._item = self._item, ""
        if words.strip():
            if self._level:
                numbered = mark not in {"", "-"}
                block = heading(self._level, f"{mark} {words}" if numbered else words)
            else:
                block = item(mark, words) if mark else paragraph(words)
            self._add(block)
        if self.hung:
            hung, self.hung = self.hung, []
            for each in hung:
                self._add(each)

    def _add(self, block: Block) -> None:
        if self._in_table:
            (self._inner if self._depth > 1 else self._open).append(block)
            self._cell_bold.append(self._bold)
        else:
            self._end_table()
            self.blocks.append(block)
        self._bold = True

    def end_cell(self, depth: int) -> None:
        """End a cell of a table, or of one in it."""
        self._in_table, self._depth = True, depth + 1
        self._end_paragraph()
        if depth:
            self._tables[1].cells.append(self._inner)
            self._inner = []
        else:
            self._end_nested()
            self._tables[0].cells.append(self._open)
            self._open = []

    def end_row(self, depth: int) -> None:
        """End a row of a table, or of one in it."""
        rows = self._tables[depth]
        rows.rows.append(rows.cells)
        rows.heads.append(self._head)
        rows.bold.append(bool(self._cell_bold) and all(self._cell_bold))
        rows.cells, self._cell_bold, self._head = [], [], False

    def _end_nested(self) -> None:
        if self._tables[1].rows:
            self._nested += self._tables[1].blocks()
            self._tables[1] = _Rows()

    def _end_table(self) -> None:
        if self._open:  # paragraphs of a row that never ended
            self.blocks += self._open
            self._open = []
        if self._tables[0].rows:
            self.blocks += self._tables[0].blocks()
            self._tables[0] = _Rows()
        self.blocks += self._nested
        self._nested = []


_ENDS: dict[str, Callable[[Story], None]] = {
    "cell": lambda story: story.end_cell(0),
    "nestcell": lambda story: story.end_cell(1),
    "row": lambda story: story.end_row(0),
    "nestrow": lambda story: story.end_row(1),
}


def _even(rows: list[list[str]]) -> list[list[str]]:
    width = max(map(len, rows))
    return [[*row, *[""] * (width - len(row))] for row in rows]
