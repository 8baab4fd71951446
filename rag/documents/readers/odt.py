"""OpenDocument texts (LibreOffice Writer), by lxml.

odfdo takes .08 s to import and gives elements, not text in a reading order; odfpy has had no release since 2020.
"""

from __future__ import annotations

import re
import zipfile
from collections import Counter as Tally
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from rag.documents.readers.blocks import (
    PAGE_NUMBER,
    Block,
    has_heads,
    heading,
    in_a_line,
    is_layout,
    item,
    joined,
    paragraph,
    table,
    without_page_numbers,
)
from rag.documents.readers.extraction import DAMAGED_ZIP, RAISED, Extract, Omission, Unreadable, clean, open_zip
from rag.documents.readers.odf_styles import DRAW, OFFICE, STYLE, TABLE, TEXT, Counter, Styles
from rag.localization import gettext

_MOST_REPEATED = 100  # columns that are said to be like the one before
_INDEXES = {f"{TEXT}{kind}" for kind in (
    "table-of-content", "alphabetical-index", "illustration-index", "table-index", "object-index", "user-index",
)}  # fmt: skip
_NOTHING = {f"{TEXT}{kind}" for kind in ("placeholder", "label", "note-citation", "ruby-text", "tracked-changes")}
_CONTAINERS = {f"{TEXT}section", f"{TEXT}numbered-paragraph", f"{DRAW}text-box"}
_SIGNS = {f"{TEXT}s": " ", f"{TEXT}tab": "\t", f"{TEXT}line-break": "\n"}
_LEFT_OUT = {
    f"{OFFICE}annotation": "comments",
    f"{TEXT}hidden-text": "hidden passages",
    f"{TEXT}hidden-paragraph": "hidden passages",
}
_PAGES = {f"{TEXT}page-number", f"{TEXT}page-count"}
_GROUPS = {f"{TABLE}{kind}" for kind in ("table-rows", "table-row-group", "table-header-rows")}


def read_odt(raw: bytes) -> Extract:
    """OpenDocument text: headings, paragraphs, lists and tables in their order; headers first, footers, notes last."""
    archive = open_zip(raw, gettext("OpenDocument text"))
    if b"encryption-data" in _raw(archive, "META-INF/manifest.xml"):
        raise Unreadable(gettext("it needs a password; save it without one"))
    content = _tree(archive, "content.xml")
    body = content.find(f"{OFFICE}body/{OFFICE}text") if content is not None else None
    if content is None or body is None:
        raise Unreadable(gettext("the OpenDocument text is damaged, or is none (it has no body)"))
    looks = _tree(archive, "styles.xml")
    reader = _Reader(Styles([part for part in (looks, content) if part is not None]))
    reader.left_out["damaged parts"] = looks is None and "styles.xml" in archive.namelist()
    text = list(reader.blocks(body))
    headers, footers = reader.edges(looks)
    title, date = _about(_tree(archive, "meta.xml"))
    whole = [*headers, *text, *footers, *reader.note_blocks()]
    first = next((block.text[2:] for block in text if block.text.startswith("# ")), "")
    left_out = tuple(Omission(what, count) for what, count in reader.left_out.items() if count)
    return Extract(clean(joined(whole)), title or first, date, omissions=left_out)


def _raw(archive: zipfile.ZipFile, name: str) -> bytes:
    try:
        return archive.read(name)
    except DAMAGED_ZIP:
        return b""


def _tree(archive: zipfile.ZipFile, name: str) -> Any | None:
    """Return a part's root; None where it is not there, or not sound."""
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(_raw(archive, name), parser)
    except etree.XMLSyntaxError:
        return None
    return None if root.getroottree().docinfo.doctype else root


def _about(meta: Any | None) -> tuple[str, str | None]:
    """Return the title and the day of the last change."""
    if meta is None:
        return "", None
    day = re.match(r"\d{4}-\d{2}-\d{2}", next((each.text or "" for each in meta.iter("{*}date")), ""))
    return next((each.text or "" for each in meta.iter("{*}title")), "").strip(), day[0] if day else None


@dataclass(slots=True)
class _Reader:
    styles: Styles
    left_out: Tally[str] = field(default_factory=Tally)
    notes: list[Any] = field(default_factory=list)
    boxes: list[Any] = field(default_factory=list)
    lists: dict[str, Counter] = field(default_factory=dict)
    outline: Counter = field(default_factory=Counter)

    def blocks(self, container: Any) -> Iterator[Block]:
        """Yield the paragraphs, lists and tables in a part, a cell or a box, in their order."""
        for each in container:
            if each.tag == f"{TEXT}h":
                yield from self._with_boxes(self._heading(each))
            elif each.tag == f"{TEXT}p":
                yield from self._with_boxes(self._paragraph(each))
            elif each.tag == f"{TEXT}list":
                yield from self._list(each, each.get(TEXT + "style-name"), 0, None)
            elif each.tag == f"{TABLE}table":
                yield from self._table(each)
            elif each.tag in _CONTAINERS and each.get(TEXT + "display", "true") == "true":
                yield from self.blocks(each)
            elif isinstance(each.tag, str) and each.tag.startswith(DRAW):
                self._drawing(each)
                yield from self._hung()
            else:
                self._leave_out(each)

    def _leave_out(self, element: Any) -> None:
        if element.tag in _INDEXES:
            self.left_out["entries of a table of contents"] += sum(1 for _ in element.iter(f"{TEXT}p"))
        elif element.tag == f"{TEXT}tracked-changes":
            self.left_out["deleted passages"] += sum(1 for _ in element.iter(f"{TEXT}deletion"))
        elif element.tag in _CONTAINERS:
            self.left_out["hidden passages"] += 1

    def _with_boxes(self, block: Block) -> Iterator[Block]:
        yield block
        yield from self._hung()

    def _hung(self) -> Iterator[Block]:
        boxes, self.boxes = self.boxes, []
        for box in boxes:
            yield from self.blocks(box)

    def _heading(self, element: Any) -> Block:
        said = element.get(TEXT + "outline-level", "1")
        level = int(said) if said.isdecimal() else 1
        words = self.text(element)
        if not words.strip() or element.get(TEXT + "is-list-header") == "true":
            return heading(level, words)
        number = self.outline.mark(self.styles.outline_levels(), level - 1)
        return heading(level, words if number in {"", "-"} else f"{number} {words}")

    def _paragraph(self, element: Any) -> Block:
        words = self.text(element)
        level = self.styles.outline_level(element.get(TEXT + "style-name"))
        return heading(level, words) if level and words.strip() else paragraph(words)

    # --- lists ---------------------------------------------------------------------------

    def _list(self, element: Any, style: str | None, level: int, counter: Counter | None) -> Iterator[Block]:
        """Yield the items of a list, of those in them the outer first."""
        if counter is None:
            goes_on = element.get(TEXT + "continue-numbering") == "true" or element.get(TEXT + "continue-list")
            counter = self.lists.get(style or "") if goes_on else None
            counter = self.lists[style or ""] = counter or Counter()
        levels = self.styles.list_levels(style)
        for each in element:
            marked = each.tag == f"{TEXT}list-item"
            for part in each if isinstance(each.tag, str) else ():
                if part.tag == f"{TEXT}list":
                    yield from self._list(part, part.get(TEXT + "style-name") or style, level + 1, counter)
                elif part.tag == f"{TEXT}p" and marked:
                    words = self.text(part)
                    mark = counter.mark(levels, level, each.get(TEXT + "start-value")) if words.strip() else ""
                    yield from self._with_boxes(item(mark, words) if mark else paragraph(words))
                    marked = False
                else:
                    yield from self.blocks([part])

    # --- tables --------------------------------------------------------------------------

    def _table(self, element: Any) -> Iterator[Block]:
        nested: list[Block] = []
        rows = list(self._rows(element))
        contents = [[self._cell(cell, nested) for cell in _cells(row)] for row, _ in rows]
        if is_layout(contents):
            yield from (block for row in contents for cell in row for block in cell)
        else:
            words = [[in_a_line(cell) for cell in row] for row in contents]
            filled = [at for at, row in enumerate(words) if sum(map(bool, row)) > 1]
            said = bool(filled) and (rows[filled[0]][1] or self._is_head_row(rows[filled[0]][0]))
            known = said or (bool(filled) and has_heads([words[at] for at in filled]))
            yield from table(words, known)
        yield from nested

    def _rows(self, element: Any, head: bool = False) -> Iterator[tuple[Any, bool]]:
        """Yield the rows, each with whether it is said to be one of heads."""
        for each in element:
            if each.tag == f"{TABLE}table-row":
                if each.get(TABLE + "visibility", "visible") == "visible":
                    yield each, head
                else:
                    self.left_out["hidden rows"] += 1
            elif each.tag in _GROUPS:
                yield from self._rows(each, head or each.tag == f"{TABLE}table-header-rows")

    def _cell(self, cell: Any, nested: list[Block]) -> list[Block]:
        own: list[Block] = []
        for each in cell:
            if each.tag == f"{TABLE}table":
                nested.extend(self._table(each))
            else:
                own += self.blocks([each])
        return [block for block in own if block.text]

    def _is_head_row(self, row: Any) -> bool:
        """Return whether all paragraphs of a row have the style of heads."""
        styles = [each.get(TEXT + "style-name") for each in row.iter(f"{TEXT}p") if "".join(each.itertext()).strip()]
        return bool(styles) and all(self.styles.is_named(style, "Table_20_Heading") for style in styles)

    # --- running text --------------------------------------------------------------------

    def text(self, element: Any) -> str:
        """Return the text of a paragraph. What hangs on it is added to `boxes`, notes to `notes`."""
        if self.styles.is_hidden(element.get(TEXT + "style-name")):
            self.left_out["hidden passages"] += bool("".join(element.itertext()).strip())
            return ""
        parts = [_letters(element.text)]
        for each in element:
            parts += [self._inline(each), _letters(each.tail)]
        return "".join(parts)

    def _inline(self, element: Any) -> str:
        tag = element.tag
        if not isinstance(tag, str) or tag in _NOTHING:
            return ""
        if tag in _SIGNS:
            return _SIGNS[tag]
        if tag in _PAGES:
            return PAGE_NUMBER
        if tag == f"{TEXT}note":
            self.notes.append(element)
            return f"[^{len(self.notes)}]"
        if tag in _LEFT_OUT:
            self.left_out[_LEFT_OUT[tag]] += 1
            return ""
        if tag.startswith(DRAW) and tag != f"{DRAW}a":
            self._drawing(element)
            return ""
        words = self.text(element)
        if tag == f"{TEXT}ruby":
            above = element.findtext(f"{TEXT}ruby-text")
            return f"{words} ({above})" if above else words
        place = self.styles.text_property(element.get(TEXT + "style-name"), STYLE + "text-position")
        raised = place.startswith("super") or re.match(r"[1-9]\d*%", place)
        return words.translate(RAISED) if raised and re.fullmatch(r"\s*\d+\s*", words) else words

    def _drawing(self, element: Any) -> None:
        """Keep the boxes of a drawing for after the paragraph, and count what is no text."""
        if element.tag in {f"{DRAW}text-box"}:
            self.boxes.append(element)
        elif element.tag == f"{DRAW}image":
            self.left_out["images"] += 1
        elif element.tag in {f"{DRAW}object", f"{DRAW}object-ole"}:
            self.left_out["embedded objects"] += 1
        elif element.tag == f"{DRAW}frame":
            first = next(iter(element), None)  # the others are the same in other forms
            if first is not None:
                self._drawing(first)
        elif any(each.tag in {f"{TEXT}p", f"{TEXT}list"} for each in element):
            self.boxes.append(element)
        else:
            for each in element:
                self._drawing(each)

    # --- what stands outside the text ------------------------------------------------------

    def edges(self, looks: Any | None) -> tuple[list[Block], list[Block]]:
        """Return the headers and the footers, each text once, without page numbers."""
        found: dict[str, dict[str, None]] = {"header": {}, "footer": {}}
        for kind, texts in found.items():
            names = [f"{STYLE}{kind}{more}" for more in ("", "-left", "-first")]
            for each in looks.iter(*names) if looks is not None else ():
                if each.get(STYLE + "display", "true") == "true":
                    lines = (without_page_numbers(block.text) for block in self.blocks(each))
                    texts.update(dict.fromkeys(filter(None, lines)))
        headers, footers = ([Block(text) for text in texts] for texts in found.values())
        return headers, footers

    def note_blocks(self) -> list[Block]:
        """Return the texts of the notes in their order."""
        blocks = []
        for number, note in enumerate(self.notes, 1):
            body = note.find(f"{TEXT}note-body")
            if body is not None and (words := in_a_line(self.blocks(body))):
                blocks.append(Block(f"[^{number}]: {words}"))
        return blocks


def _letters(text: str | None) -> str:
    return re.sub(r"\s+", " ", text) if text else ""


def _cells(row: Any) -> Iterator[Any]:
    """Yield the cells of a row; what others cover is there and empty."""
    for each in row:
        if each.tag in {f"{TABLE}table-cell", f"{TABLE}covered-table-cell"}:
            repeated = each.get(TABLE + "number-columns-repeated", "1")
            yield from [each] * min(int(repeated) if repeated.isdecimal() else 1, _MOST_REPEATED)
