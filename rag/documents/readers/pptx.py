"""PowerPoint presentations: the words of the slides, in the order in which they are read.

Read with lxml: python-pptx refuses strict files and templates, brings two writers along (Pillow, XlsxWriter), and
leaves the order, bullets and numbers to its caller.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from rag.documents.readers.blocks import Block, heading, joined, paragraph, table
from rag.documents.readers.drawn_text import paragraphs
from rag.documents.readers.extraction import Extract, Omission, Unreadable, clean, within
from rag.documents.readers.ooxml import CHART, DIAGRAM, MC, A, P, Package, R, Relation, shown_alternative
from rag.documents.readers.reading_order import Box, reading_order
from rag.localization import gettext

_TITLES = {"title", "ctrTitle"}
_LISTS = {"", "body", "obj"}  # placeholders whose paragraphs have bullets unless it is said that they have none
_FAR = 1e12  # where what has no place is put


def read_pptx(raw: bytes) -> Extract:
    """PowerPoint: a slide a page, its title a heading; then boxes, tables and diagrams by their places, then notes."""
    package = Package(raw, gettext("PowerPoint presentation"), ".ppt")
    main = package.main()
    relations = package.relations(main)
    left_out: Counter[str] = Counter()
    texts: list[str] = []
    titles: list[str] = []
    footers: dict[str, None] = {}
    presentation = package.tree(main)
    if presentation.tag != f"{P}presentation":
        raise Unreadable(gettext("it is no PowerPoint presentation, whatever its name says"))
    ids = (listed.get(f"{R}id", "") for listed in presentation.iterfind(f"{P}sldIdLst/{P}sldId"))
    for relation in map(relations.get, dict.fromkeys(ids)):
        slide = package.tree_if_sound(relation.target) if relation else None
        if relation is None or slide is None:
            left_out["damaged slides"] += 1
        elif slide.get("show") in {"0", "false"}:
            left_out["hidden slides"] += 1
        else:
            reader = _Slide(package, relation.target, left_out, footers)
            texts.append(joined(reader.blocks(slide)))
            titles.append(reader.title)
    text, pages = _pages(list(within(texts)))
    left_out["damaged parts"] = len(package.damaged) - left_out["damaged slides"]
    left = tuple(Omission(what, count) for what, count in left_out.items() if count > 0)
    title = package.title or next(filter(None, titles), "")
    return Extract(clean(text), title, package.date or None, pages, gettext("there is no text on its slides"), left)


def _pages(texts: list[str]) -> tuple[str, tuple[int, ...]]:
    """Return slides as one text, and where each begins; one without words begins where the next does."""
    text = "\n\n".join(filter(None, texts))
    pages, at = [], 0
    for each in texts:
        pages.append(min(at, len(text)))
        at += len(each) + 2 if each else 0
    return text, tuple(pages) or (0,)


@dataclass(slots=True)
class _Slide:
    package: Package
    name: str
    left_out: Counter[str]
    footers: dict[str, None]
    title: str = ""
    relations: dict[str, Relation] = field(default_factory=dict)
    looks: list[Any] = field(default_factory=list)  # its layout and its master

    def blocks(self, slide: Any) -> Iterator[Block]:
        """Yield a slide's title, what else is on it, and its notes."""
        self.relations = self.package.relations(self.name)
        layout = self.package.related(self.relations, "slideLayout")
        master = self.package.related(self.package.relations(layout), "slideMaster") if layout else ""
        self.looks = [
            tree for part in (layout, master) if part and (tree := self.package.tree_if_sound(part)) is not None
        ]
        shapes = list(_shapes(slide.find(f"{P}cSld/{P}spTree")))
        for shape in shapes:
            if _placeholder(shape)[0] in _TITLES:
                words = " ".join(block.text for block in self._words(shape))
                self.title = self.title or " ".join(words.split())
                yield heading(1, words)
        others = [shape for shape in shapes if _placeholder(shape)[0] not in _TITLES]
        for place in reading_order([self._box(shape) for shape in others]):
            yield from self._shape(others[place])
        yield from self._notes()
        self._count_comments()

    def _shape(self, shape: Any) -> Iterator[Block]:
        kind = _placeholder(shape)[0]
        if shape.tag == f"{P}grpSp":
            inner = list(_shapes(shape))
            for place in reading_order([self._box(each) for each in inner]):
                yield from self._shape(inner[place])
        elif shape.tag == f"{P}graphicFrame":
            yield from self._frame(shape)
        elif shape.tag == f"{P}pic":
            self.left_out["images"] += 1
        elif kind == "ftr":
            words = joined(self._words(shape))
            if words not in self.footers:
                self.footers[words] = None
                yield Block(words)
        elif kind not in {"sldNum", "dt", "hdr"}:
            yield from self._words(shape)

    def _words(self, shape: Any) -> list[Block]:
        body = shape.find(f"{P}txBody")
        if body is None:
            return []
        kind, index = _placeholder(shape)
        styles = [body.find(f"{A}lstStyle")]
        if index is not None:
            alike = (_alike(look, kind, index) for look in self.looks)
            styles += [found.find(f"{P}txBody/{A}lstStyle") for found in alike if found is not None]
            if kind in _LISTS and len(self.looks) == 2:
                styles.append(self.looks[1].find(f"{P}txStyles/{P}bodyStyle"))
        return list(paragraphs(body, [style for style in styles if style is not None]))

    def _frame(self, frame: Any) -> Iterator[Block]:
        """Yield the words of a table or a diagram; count a chart and whatever else is in a frame."""
        if (found := frame.find(f".//{A}tbl")) is not None:
            yield from _table(found)
        elif (found := frame.find(f".//{DIAGRAM}relIds")) is not None:
            relation = self.relations.get(found.get(f"{R}dm", ""))
            data = self.package.tree_if_sound(relation.target) if relation else None
            self.left_out["diagrams"] += data is None
            for point in data.iter(f"{DIAGRAM}t") if data is not None else ():
                yield from paragraphs(point, [])
        else:
            chart = frame.find(f".//{CHART}") is not None
            self.left_out["charts" if chart else "embedded objects"] += 1

    def _box(self, shape: Any) -> Box:
        """Return where a shape stands; a placeholder without a place of its own is where its layout puts it."""
        kind, index = _placeholder(shape)
        others = [_alike(look, kind, index) for look in self.looks] if index is not None else []
        for each in (shape, *(other for other in others if other is not None)):
            for place in each.iter(f"{A}xfrm", f"{P}xfrm"):
                offset, extent = place.find(f"{A}off"), place.find(f"{A}ext")
                if offset is not None and extent is not None:
                    left, top = _number(offset.get("x")), _number(offset.get("y"))
                    return left, top, left + _number(extent.get("cx")), top + _number(extent.get("cy"))
                break
        return 0.0, _FAR, 1.0, _FAR

    def _notes(self) -> Iterator[Block]:
        part = self.package.related(self.relations, "notesSlide")
        notes = self.package.tree_if_sound(part) if part else None
        if notes is None:
            return
        for shape in _shapes(notes.find(f"{P}cSld/{P}spTree")):
            body = shape.find(f"{P}txBody")
            if _placeholder(shape)[0] == "body" and body is not None:
                blocks = list(paragraphs(body, []))
                yield from ([paragraph(f"Notes: {blocks[0].text}"), *blocks[1:]] if blocks else [])

    def _count_comments(self) -> None:
        for each in self.relations.values():
            tree = self.package.tree_if_sound(each.target) if each.kind == "comments" else None
            if tree is not None:
                self.left_out["comments"] += sum(1 for _ in tree.iter("{*}cm"))


def _shapes(tree: Any | None) -> Iterator[Any]:
    for each in tree if tree is not None else ():
        if each.tag == f"{MC}AlternateContent":
            yield from _shapes(shown_alternative(each))
        elif each.tag in {f"{P}sp", f"{P}grpSp", f"{P}graphicFrame", f"{P}pic"}:
            yield each


def _placeholder(shape: Any) -> tuple[str, str | None]:
    """Return the kind and the number of the placeholder that a shape fills; number None: it fills none."""
    found = shape.find(f"*/{P}nvPr/{P}ph")
    return ("", None) if found is None else (found.get("type", ""), found.get("idx", ""))


def _alike(look: Any, kind: str, index: str) -> Any | None:
    """Return the placeholder of a layout or master that one on a slide is after: of its number, or else its kind."""
    shapes = [(each, *_placeholder(each)) for each in look.iter(f"{P}sp")]
    by_number = next((each for each, _, number in shapes if index and number == index), None)
    if by_number is not None:
        return by_number
    kinds = {kind} if kind not in _LISTS else _LISTS
    return next((each for each, other, number in shapes if number is not None and other in kinds), None)


def _table(element: Any) -> list[Block]:
    """Return the rows of a table, a merged cell once."""
    rows = []
    for row in element.iterfind(f"{A}tr"):
        cells = []
        for cell in row.iterfind(f"{A}tc"):
            body = cell.find(f"{A}txBody")
            merged = cell.get("hMerge") in {"1", "true"} or cell.get("vMerge") in {"1", "true"}
            words = "" if merged or body is None else " ".join(block.text for block in paragraphs(body, []))
            cells.append(words)
        rows.append(cells)
    properties = element.find(f"{A}tblPr")
    said = properties is not None and properties.get("firstRow") in {"1", "true"}
    return table(rows, True if said else None)


def _number(text: str | None) -> float:
    try:
        return float(int(text or "0"))
    except ValueError:
        return 0.0
