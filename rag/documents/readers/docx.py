"""Word documents: the text that Word would print, and a count of what is not in it.

Read with lxml: python-docx leaves out what stands in insertions, content controls, fields and text boxes, and
refuses files that Word opens; mammoth, the nearest other, gives HTML without the numbers of lists, without headers
and with the text that is hidden.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from rag.documents.readers import drawn_text
from rag.documents.readers.blocks import Block, heading, in_a_line, item, joined, paragraph, without_page_numbers
from rag.documents.readers.extraction import Extract, Omission, Unreadable, clean
from rag.documents.readers.ooxml import DIAGRAM, MC, A, Package, R, Relation, W, shown_alternative
from rag.documents.readers.word_runs import Runs, diagram_data, is_placeholder
from rag.documents.readers.word_styles import Numbering, Styles, is_on
from rag.documents.readers.word_tables import table_blocks
from rag.localization import gettext

_CONTAINERS = {W + name for name in ("sdtContent", "customXml", "ins", "moveTo", "smartTag")}


def read_docx(raw: bytes) -> Extract:
    """Word: paragraphs, headings, lists, tables and boxes in their order; headers first, footers and notes last.

    Of tracked changes the new text is read, of fields and content controls what they show.
    """
    package = Package(raw, gettext("Word document"), ".doc")
    main = package.main()
    body = package.tree(main).find(f"{W}body")
    if body is None:
        raise Unreadable(gettext("the Word document is damaged, or is none (it has no body)"))
    relations = package.relations(main)
    parts = {name: _part(package, relations, name) for name in ("styles", "numbering", "settings", "comments")}
    styles = Styles(parts["styles"])
    reader = _Reader(package, styles, Runs(styles), Numbering(parts["numbering"], styles), relations)
    text = list(reader.blocks(body))
    headers, footers = reader.edges(body, parts["settings"])
    whole = [*headers, *text, *footers, *reader.notes()]
    return Extract(clean(joined(whole)), package.title or _first_heading(text), package.date or None,
                   omissions=reader.omissions(parts["comments"]))  # fmt: skip


def _part(package: Package, relations: dict[str, Relation], kind: str) -> Any | None:
    name = package.related(relations, kind)
    return package.tree_if_sound(name) if name else None


def _first_heading(blocks: list[Block]) -> str:
    return next((block.text[2:] for block in blocks if block.text.startswith("# ")), "")


@dataclass(slots=True)
class _Reader:
    package: Package
    styles: Styles
    runs: Runs
    numbering: Numbering
    relations: dict[str, Relation]
    carried: str = ""  # the text of a paragraph whose end was deleted

    def blocks(self, container: Any) -> Iterator[Block]:
        """Yield the paragraphs and tables in a part, a cell or a box, in their order."""
        for each in container:
            if each.tag == f"{W}p":
                yield from self._paragraph(each)
            elif each.tag == f"{W}tbl":
                yield from self._table(each)
            elif each.tag == f"{W}sdt":
                if not is_placeholder(each):
                    yield from self.blocks(each)
            elif each.tag in _CONTAINERS:
                yield from self.blocks(each)
            elif each.tag == f"{MC}AlternateContent":
                chosen = shown_alternative(each)
                if chosen is not None:
                    yield from self.blocks(chosen)
            elif each.tag == f"{W}altChunk":
                self.runs.left_out["embedded documents"] += 1

    def _paragraph(self, element: Any) -> Iterator[Block]:
        properties = element.find(f"{W}pPr")
        text = self.carried + self.runs.text(element)
        boxes, self.runs.boxes = self.runs.boxes, []
        self.carried = ""
        mark = properties.find(f"{W}rPr") if properties is not None else None
        if mark is not None and (mark.find(f"{W}del") is not None or mark.find(f"{W}moveFrom") is not None):
            self.carried = text
        elif self.styles.is_contents(properties):
            self.runs.left_out["entries of a table of contents"] += bool(text.strip())
        elif text.strip():
            yield self._written(text, properties)
        for box in boxes:
            yield from self._box(box)

    def _written(self, text: str, properties: Any | None) -> Block:
        number = self.numbering.mark(properties)
        level = self.styles.heading_level(properties)
        if level:
            return heading(level, text if number in {"", "-"} else f"{number} {text}")
        return item(number, text) if number else paragraph(text)

    def _box(self, box: Any) -> Iterator[Block]:
        if box.tag == f"{W}txbxContent":
            yield from self.blocks(box)
        elif box.tag == f"{A}txBody":
            yield from drawn_text.paragraphs(box, [])
        else:
            relation = self.relations.get(diagram_data(box))
            data = self.package.tree_if_sound(relation.target) if relation else None
            if data is None:
                self.runs.left_out["diagrams"] += 1
            for point in data.iter(f"{DIAGRAM}t") if data is not None else ():
                yield from drawn_text.paragraphs(point, [])

    def _table(self, element: Any) -> list[Block]:
        nested: list[Block] = []

        def read(cell: Any) -> list[Block]:
            own: list[Block] = []
            for each in _unwrapped(cell):
                if each.tag == f"{W}tbl":
                    nested.extend(self._table(each))
                else:
                    own += self.blocks([each])
            own += self._rest()
            return own

        return table_blocks(element, self.styles, read, nested)

    def _rest(self) -> list[Block]:
        """Return what was carried from a last paragraph, whose end was deleted and which none follows."""
        text, self.carried = self.carried, ""
        return [paragraph(text)] if text.strip() else []

    # --- what stands outside the text ------------------------------------------------------

    def edges(self, body: Any, settings: Any | None) -> tuple[list[Block], list[Block]]:
        """Return the headers and the footers of all sections, each text once, without page numbers."""
        found: dict[str, dict[str, None]] = {"header": {}, "footer": {}}
        two_sided = is_on(settings, "evenAndOddHeaders")
        for section in body.iter(f"{W}sectPr"):
            shown = {"default", *(["first"] if is_on(section, "titlePg") else []), *(["even"] if two_sided else [])}
            for kind, texts in found.items():
                for reference in section.iterfind(f"{W}{kind}Reference"):
                    if reference.get(W + "type", "default") in shown:
                        texts.update(dict.fromkeys(self._edge(reference.get(f"{R}id", ""))))
        headers, footers = ([Block(text) for text in texts] for texts in found.values())
        return headers, footers

    def _edge(self, id_: str) -> Iterator[str]:
        relation = self.relations.get(id_)
        tree = self.package.tree_if_sound(relation.target) if relation else None
        for block in self.blocks(tree if tree is not None else ()):
            if text := without_page_numbers(block.text):
                yield text

    def notes(self) -> list[Block]:
        """Return the rest of the text, then the notes in the order of their marks, of which notes hold some, too."""
        blocks = self._rest()
        found = {}
        for kind in ("footnote", "endnote"):
            tree = _part(self.package, self.relations, f"{kind}s")
            for each in tree.iterfind(f"{W}{kind}") if tree is not None else ():
                found[kind, each.get(W + "id")] = each
        done = 0
        while done < len(self.runs.notes):
            for key in list(self.runs.notes)[done:]:
                done += 1
                if words := in_a_line(self.blocks(found.get(key, ()))):
                    blocks.append(Block(f"[^{done}]: {words}"))
        return blocks

    def omissions(self, comments: Any | None) -> tuple[Omission, ...]:
        """Return what was left out."""
        count = sum(1 for _ in comments.iterfind(f"{W}comment")) if comments is not None else 0
        counted = {"comments": count, **self.runs.left_out, "damaged parts": len(self.package.damaged)}
        return tuple(Omission(what, number) for what, number in counted.items() if number)


def _unwrapped(cell: Any) -> Iterator[Any]:
    """Yield what is in a cell, taken out of content controls."""
    for each in cell:
        if (each.tag == f"{W}sdt" and not is_placeholder(each)) or each.tag in _CONTAINERS:
            yield from _unwrapped(each)
        elif each.tag != f"{W}sdt":
            yield each
