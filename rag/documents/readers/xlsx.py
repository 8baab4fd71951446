"""Excel workbooks: what the cells show, sheet by sheet.

Read with lxml: openpyxl takes eight times as long, finds no sheets in strict files and says so nowhere; calamine is as
fast, but knows neither the formats of numbers nor what is hidden.
"""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from rag.documents.readers.blocks import Block, paragraph
from rag.documents.readers.extraction import LONGEST, Extract, Omission, Unreadable, clean, too_long
from rag.documents.readers.number_formats import BUILT_IN, GENERAL, Look, shown
from rag.documents.readers.ooxml import CHART, A, Package, R, Relation, S
from rag.documents.readers.sheets import MOST_CELLS, Row, pages_of, sheet_blocks
from rag.localization import gettext
from rag.text.wordlists import FUNCTION_WORDS

_UNNAMED = re.compile(r"(?:sheet|tabelle|table|blatt|feuil)[ _-]?\d*", re.IGNORECASE)
_PLACE = re.compile(r"([A-Z]{1,3})(\d{1,7})")
_CONTINENTAL = re.compile(r"d\.\\?\s*m|[0#][\\ _-]*\"?(?:€|EUR)", re.IGNORECASE)
_TELLING = 500  # texts that tell a workbook's language
_CELL, _VALUE = f"{S}c", f"{S}v"
_HIDDEN = "unhide them to have them read"
_ADVICE = {
    "hidden sheets": _HIDDEN,
    "hidden rows": _HIDDEN,
    "hidden columns": _HIDDEN,
    "formulas without a value": "save it anew with a spreadsheet program",
}


def read_xlsx(raw: bytes) -> Extract:
    """Excel: a sheet a page under its name, tables with their column heads, numbers and dates as they are shown."""
    package = Package(raw, gettext("Excel workbook"), ".xls")
    main = package.main()
    book = package.tree(main)
    if book.tag != f"{S}workbook":
        raise Unreadable(gettext("it is no Excel workbook, whatever its name says"))
    relations = package.relations(main)
    reader = _Reader(package, _texts(package, relations))
    reader.formats, reader.bold = _looks(package, relations)
    german = _is_german(reader.texts, reader.formats)
    date = book.find(f"{S}workbookPr")
    reader.look = Look(german, date is not None and date.get("date1904") in {"1", "true"})
    sheets: list[tuple[str, list[Block]]] = []
    listed = list(book.iterfind(f"{S}sheets/{S}sheet"))
    for id_, sheet in {sheet.get(f"{R}id", ""): sheet for sheet in listed}.items():
        relation = relations.get(id_)
        name = sheet.get("name", "")
        if sheet.get("state", "visible") != "visible":
            reader.left_out["hidden sheets"] += 1
        elif relation and relation.kind == "worksheet" and package.holds(relation.target):
            lonely = len(listed) == 1 and _UNNAMED.fullmatch(name)
            sheets.append(("" if lonely else name, list(reader.sheet(relation.target))))
        elif relation and relation.kind == "chartsheet":
            reader.left_out["charts"] += 1
        else:
            reader.left_out["damaged sheets"] += 1
    text, pages = pages_of(sheets)
    reader.left_out["damaged parts"] = len(package.damaged)
    left_out = tuple(
        Omission(what, count, None, _ADVICE.get(what, "")) for what, count in reader.left_out.items() if count
    )
    why = gettext("there is no text in its sheets")
    return Extract(clean(text), package.title, package.date or None, pages, why, left_out)


def _texts(package: Package, relations: dict[str, Relation]) -> list[str]:
    """Return the texts that cells share."""
    name = package.related(relations, "sharedStrings")
    tree = package.tree_if_sound(name) if name else None
    return [_text(each) for each in tree.iterfind(f"{S}si")] if tree is not None else []


def _text(element: Any) -> str:
    """Return a text in runs, without how it is pronounced."""
    parts = (each.text or "" for each in element.iter(f"{S}t") if each.getparent().tag != f"{S}rPh")
    return " ".join("".join(parts).split())


def _looks(package: Package, relations: dict[str, Relation]) -> tuple[list[str], list[bool]]:
    """Return the number format of each style of cells, and whether it is bold."""
    name = package.related(relations, "styles")
    tree = package.tree_if_sound(name) if name else None
    if tree is None:
        return [], []
    own = {each.get("numFmtId", ""): each.get("formatCode", GENERAL) for each in tree.iterfind(f"{S}numFmts/{S}numFmt")}
    fonts = [each.find(f"{S}b") is not None for each in tree.iterfind(f"{S}fonts/{S}font")]
    formats, bold = [], []
    for style in tree.iterfind(f"{S}cellXfs/{S}xf"):
        number, font = style.get("numFmtId", "0"), style.get("fontId", "0")
        formats.append(own.get(number) or (BUILT_IN.get(int(number), GENERAL) if number.isdecimal() else GENERAL))
        bold.append(font.isdecimal() and int(font) < len(fonts) and fonts[int(font)])
    return formats, bold


def _is_german(texts: list[str], formats: list[str]) -> bool:
    """Return whether a workbook is of those who write 1.240,00 €: by its words, and by how it writes dates and euros.

    The identifier of languages unpacks its model to a file, which is not allowed where documents are taken apart.
    """
    words = re.findall(r"[^\W\d_]+", " ".join(texts[:_TELLING])[:10_000].lower())
    counts = {language: sum(word in known for word in words) for language, known in FUNCTION_WORDS.items()}
    umlauts = sum(any(sign in "äöüß" for sign in word) for word in words)
    written = sum(_CONTINENTAL.search(code) is not None for code in set(formats))
    return counts["de"] + umlauts + 2 * written > counts["en"]


@dataclass(slots=True)
class _Reader:
    package: Package
    texts: list[str]
    formats: list[str] = field(default_factory=list)
    bold: list[bool] = field(default_factory=list)
    look: Look = field(default_factory=Look)
    left_out: Counter[str] = field(default_factory=Counter)
    cells: int = 0
    length: int = 0  # of their texts

    def sheet(self, name: str) -> Iterator[Block]:
        """Yield the blocks of a sheet: its rows, then the words in its drawings."""
        from lxml import etree

        rows: list[Row] = []
        heads: set[int] = set()
        try:
            raw = self.package.raw(name)
        except Unreadable:
            raw = b""
        try:
            self._read(raw, rows, heads, hidden=set())
        except etree.XMLSyntaxError:
            self.left_out["damaged sheets"] += 1
        relations = self.package.relations(name)
        heads |= self._tables(relations)
        yield from sheet_blocks(rows, heads)
        yield from self._hung(relations)

    def _read(self, xml: bytes, rows: list[Row], heads: set[int], hidden: set[int]) -> None:
        from lxml import etree

        wanted = (f"{S}row", f"{S}col", f"{S}pane", f"{S}autoFilter")
        raw = io.BytesIO(xml)
        number, bold = 0, []
        for _, element in etree.iterparse(raw, tag=wanted, resolve_entities=False, no_network=True, huge_tree=False):
            if element.tag == f"{S}row":
                number = int(element.get("r") or number + 1)
                cells, strong = self._row(element, hidden)
                element.clear()
                while element.getprevious() is not None:  # or the tree of a large sheet is kept whole
                    del element.getparent()[0]
                if cells:
                    rows.append(Row(number, cells))
                    bold.append(strong and len(cells) > 1)
            elif element.tag == f"{S}col":
                self._column(element, hidden)
            elif element.tag == f"{S}pane" and element.get("state") == "frozen" and element.get("ySplit") == "1":
                heads.add(1)
            elif element.tag == f"{S}autoFilter" and (match := _PLACE.match(element.get("ref", ""))):
                heads.add(int(match[2]))
        marked = [row.number for at, row in enumerate(rows[:-1]) if bold[at] and not bold[at + 1]]
        heads.update(row for row in marked if not heads or row > max(heads))

    def _column(self, element: Any, hidden: set[int]) -> None:
        first, last = (element.get(key, "") for key in ("min", "max"))
        if element.get("hidden") in {"1", "true"} and first.isdecimal() and last.isdecimal():
            columns = range(int(first), min(int(last), 16_384) + 1)
            hidden.update(columns)
            self.left_out["hidden columns"] += len(columns) if len(columns) < 100 else 0  # all that are unused

    def _row(self, element: Any, hidden: set[int]) -> tuple[dict[int, str], bool]:
        """Return the cells of a row that show something, by column, and whether all are bold."""
        cells: dict[int, str] = {}
        column, strong = 0, True
        if element.get("hidden") in {"1", "true"}:
            self.left_out["hidden rows"] += any(True for _ in element.iter(f"{S}v", f"{S}is"))
            return {}, False
        if self.cells >= MOST_CELLS:
            more = sum(1 for _ in element.iter(f"{S}v", f"{S}is"))
            self.left_out[f"cells after the first {MOST_CELLS:,}"] += more
            return {}, False
        for cell in element.iterchildren(_CELL):
            column = _column_number(cell.get("r", "").rstrip("0123456789")) or column + 1
            if column in hidden:
                continue
            if text := self._shown(cell):
                self.cells += 1
                self.length += len(text)
                if self.length > LONGEST:
                    raise too_long()
                cells[column] = text
                style = cell.get("s", "0")
                strong = strong and style.isdecimal() and int(style) < len(self.bold) and self.bold[int(style)]
        return cells, strong

    def _shown(self, cell: Any) -> str:
        kind, value = cell.get("t", "n"), cell.findtext(_VALUE)
        if kind == "inlineStr":
            inline = cell.find(f"{S}is")
            return _text(inline) if inline is not None else ""
        if value is None:
            self.left_out["formulas without a value"] += cell.find(f"{S}f") is not None
            return ""
        if kind == "s":
            if value.isdecimal() and int(value) < len(self.texts):
                return self.texts[int(value)]
            self.left_out["cells whose text is missing"] += 1
            return ""
        if kind == "b":
            return "TRUE" if value == "1" else "FALSE"
        if kind == "n":
            return self._number(str(value), cell.get("s", "0"))
        if kind == "d":
            return str(value).replace("T", " ").removesuffix(" 00:00:00")
        return " ".join(str(value).split())

    def _number(self, value: str, style: str) -> str:
        try:
            number = float(value)
        except ValueError:
            return value
        code = self.formats[int(style)] if style.isdecimal() and int(style) < len(self.formats) else GENERAL
        return shown(number, code, self.look)

    def _tables(self, relations: dict[str, Relation]) -> set[int]:
        """Return the rows of heads of the tables that are marked as such."""
        heads = set()
        for each in relations.values():
            tree = self.package.tree_if_sound(each.target) if each.kind == "table" else None
            if tree is not None and tree.get("headerRowCount", "1") != "0":
                heads |= {int(match[2]) for match in [_PLACE.match(tree.get("ref", ""))] if match}
        return heads

    def _hung(self, relations: dict[str, Relation]) -> Iterator[Block]:
        """Yield the words of text boxes; count the rest of what hangs on a sheet."""
        for each in relations.values():
            tree = self.package.tree_if_sound(each.target) if each.kind in {"drawing", "comments"} else None
            if tree is None:
                continue
            if each.kind == "comments":
                self.left_out["comments"] += sum(1 for _ in tree.iter(f"{S}comment"))
                continue
            self.left_out["images"] += sum(1 for _ in tree.iter("{*}pic"))
            self.left_out["charts"] += sum(1 for _ in tree.iter(CHART))
            for found in tree.iter(f"{A}p"):
                yield paragraph("".join(part.text or "" for part in found.iter(f"{A}t")))


@lru_cache(maxsize=20_000)
def _column_number(letters: str) -> int:
    """Return the number of a column from 1, 0 for what is none."""
    if not 0 < len(letters) <= 3 or not letters.isascii() or not letters.isupper():
        return 0
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number
