"""HTML elements to text in Markdown: what web pages and the chapters of books share.

Paragraphs, headings, lists with their own numbers, tables, definitions, code, filled-in forms and notes come out in the
form that all readers write. What cannot (images, recordings, struck-out words) is counted.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from rag.documents.readers.extraction import RAISED, Omission
from rag.documents.readers.html_blocks import Block
from rag.documents.readers.html_edit_links import HEADINGS, drop_edit_links
from rag.documents.readers.html_forms import VALUED, filled_in, is_ticked
from rag.documents.readers.html_list_numbers import numbers
from rag.documents.readers.html_notes import Notes, find_notes
from rag.documents.readers.html_tables import table

Element = Any  # of lxml.html

_DEEPEST = 150  # levels of elements; what lies deeper is taken as plain text
_HEADINGS = set(HEADINGS)
_BLOCKS = _HEADINGS | set(
    "address article aside blockquote body caption center dd details dialog dir div dl dt fieldset figcaption figure "
    "footer form header hgroup hr html legend li listing main menu ol optgroup p plaintext pre section summary table "
    "tbody td tfoot th thead tr ul xmp".split()
)
_NO_TEXT = set(
    "area base canvas datalist embed frame frameset head iframe link map meta nav noframes noscript object "
    "param progress script source style svg template title track".split()
)
_LISTS = {"ul", "ol", "menu", "dir"}
_CODE = {"pre", "listing", "xmp", "plaintext"}
_RECORDINGS = {"audio", "video"}
_STRUCK = {"del", "s", "strike"}
_SPACE = re.compile(r"[ \t\n\r\f]+")
_INVISIBLE = re.compile("[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")  # joiners stay: scripts need them
_WRAPPED = {"q": ("“", "”"), "rt": ("(", ")")}
_FIGURE = re.compile(r"\s*[-−+]?\d+\s*")
_SIGNS = str.maketrans("+-−", "⁺⁻⁻")
_STYLED = re.compile(r"\s*\{\\displaystyle (.*?)\s*\}\s*")  # a formula
_BULLET = re.compile(r"^[·•‣◦▪■●○▸►][ \xa0]+", re.MULTILINE)


@dataclass(slots=True)
class Writer:
    """Writes the elements of one tree."""

    notes: Notes
    holders: set[Element]  # elements that are blocks or hold some
    controls: dict[str, Element] = field(default_factory=dict)  # of forms, by their ids
    labelled: set[str] = field(default_factory=set)  # ids of what has a label
    led: set[Element] = field(default_factory=set)  # notes that marks in the page lead to
    left_out: Counter[str] = field(default_factory=Counter)
    level: int = 1  # of the last heading

    def blocks(self, element: Element, depth: int = 0) -> Iterator[Block]:
        """Yield the blocks within an element."""
        words = [_text(element.text)]
        for child in element:
            if child in self.holders and depth < _DEEPEST and child not in self.notes.bodies:
                yield from _paragraphs("".join(words))
                words = []
                yield from self._block(child, depth + 1)
            elif child in self.notes.bodies:
                yield from _paragraphs("".join(words))
                words = []
                yield from self._note_of_other_page(child)
            else:
                words.append(self.inline(child, depth + 1))
            words.append(_text(child.tail))
        yield from _paragraphs("".join(words))

    def _block(self, element: Element, depth: int) -> Iterator[Block]:
        tag = element.tag
        if tag in _NO_TEXT or tag in _STRUCK or tag in _RECORDINGS:
            self._count(element)
        elif tag in _HEADINGS or tag == "summary" or element.get("role") == "heading" or _is_fold(element):
            yield from self._heading(element, depth)
        elif tag in _LISTS or tag == "li":
            items, marks = ([element], ["-"]) if tag == "li" else (list(element), numbers(element))
            yield from self._items(items, marks, depth)
        elif tag == "dl":
            yield from self._definitions(element, depth)
        elif tag == "table":
            yield from table(element, lambda part: list(self.blocks(part, depth + 1)))
        elif tag in _CODE:
            yield from self._code(element)
        elif tag == "figure" and element.find(".//table") is not None:
            captions = [child for child in element if child.tag == "figcaption"]
            for child in sorted(element, key=lambda child: child not in captions):  # before the table
                yield from self._block(child, depth + 1)
        else:
            yield from self.blocks(element, depth)

    def inline(self, element: Element, depth: int) -> str:
        """Return the words of an element in one string; a line break in it is one in the page."""
        tag = element.tag
        if not isinstance(tag, str) or element in self.notes.bodies or (tag == "button" and not _unfolds(element)):
            return ""
        if element in self.notes.marks:
            return f"[^{self.notes.marks[element]}]"
        if tag in _NO_TEXT or tag in _STRUCK or tag in _RECORDINGS or tag in {"img", "image"}:
            self._count(element)
            return ""
        if tag in {"br", "hr"}:
            return "\n"
        if tag in VALUED or tag == "label":
            return self._control(element) if tag in VALUED else self._label(element, depth)
        if tag == "math":
            return _STYLED.sub(r"\1", _text(element.get("alttext") or " ".join(element.itertext())))
        return self._within(element, depth)

    def _within(self, element: Element, depth: int) -> str:
        if depth > _DEEPEST:
            return _text(" ".join(map(str, element.itertext())))
        parts = [_text(element.text)]
        for child in element:
            parts += self.inline(child, depth + 1), _text(child.tail)
        words = "".join(parts)
        if element.tag == "sup" and _FIGURE.fullmatch(words):
            return words.translate(RAISED).translate(_SIGNS)
        before, after = _WRAPPED.get(element.tag, ("", ""))
        return "" if element.tag == "rp" else before + words + after

    def line(self, element: Element, depth: int) -> str:
        """Return the words of an element in one line."""
        return " ".join(block.text.lstrip("#").strip() for block in self.blocks(element, depth)).replace("\n", " ")

    def _note_of_other_page(self, body: Element) -> Iterator[Block]:
        """Yield a note in its place, where no mark in this page leads to it."""
        if body not in self.led and (note := self.note(body)):
            yield Block("paragraph", note)

    def note(self, body: Element) -> str:
        """Return a note in one line, "" where it says nothing."""
        within = Writer(Notes(self.notes.marks, {}, {}), _holders(body), left_out=self.left_out)
        words = within.line(body, 0).lstrip("^↑↩ ")  # led back
        return f"[^{self.notes.bodies[body]}]: {words}" if words else ""

    def _count(self, element: Element) -> None:
        tag = element.tag
        if tag in {"img", "image"} and element.get("alt") != "" and not _is_tiny(element):
            self.left_out["images"] += 1
        elif tag in _RECORDINGS:
            self.left_out["recordings"] += 1
        elif tag in _STRUCK and element.text_content().strip():
            self.left_out["struck-out passages"] += 1
        elif tag in {"svg", "object"}:
            self.left_out["images"] += sum(1 for _ in element.iter("image", "img"))

    def _heading(self, element: Element, depth: int) -> Iterator[Block]:
        if words := self.line(element, depth):
            folds = element.tag in {"summary", "button"}
            level = min(self.level + 1, 6) if folds else _level(element)
            self.level = self.level if folds else level  # folds are no parts of each other
            yield Block("heading", f"{'#' * level} {words}")

    def _items(self, items: list[Element], marks: list[str], depth: int) -> Iterator[Block]:
        """Yield items, those of a line each in one block; one of several paragraphs or with a table is blocks."""
        lines: list[str] = []
        for item, mark in zip(items, marks, strict=True):
            if not isinstance(item.tag, str) or item.tag in _NO_TEXT:
                continue
            if item in self.notes.bodies:
                yield from self._note_of_other_page(item)
                continue
            inner = list(self.blocks(item, depth + 1) if item.tag == "li" else self._block(item, depth + 1))
            own = [block for block in inner if block.kind in {"paragraph", "item"}]
            if all(block.kind in {"paragraph", "item", "list"} for block in inner) and len(own) <= 1:
                for block in inner:
                    one_line = block.text.replace("\n", " ")
                    lines.append(block.text if block.kind == "list" else f"{mark} {one_line}" if mark else one_line)
                continue
            if lines:
                yield Block("list", "\n".join(lines))
                lines = []
            if inner and inner[0].kind == "paragraph" and mark not in {"", "-"}:
                inner[0] = Block("paragraph", f"{mark} {inner[0].text}")
            yield from inner
        if lines:
            yield Block("list", "\n".join(lines))

    def _definitions(self, element: Element, depth: int) -> Iterator[Block]:
        """Yield terms with what is said of them, "Term: words"; what is longer than a paragraph follows its term."""
        parts = [each for each in element.iter("dt", "dd") if next(each.iterancestors("dl")) is element]
        known = set(parts)
        for part in reversed(parts):  # one that is not closed holds the next
            outer = next((each for each in part.iterancestors() if each is element or each in known), element)
            if outer is not element:
                outer.addnext(part)
        pairs: list[str] = []
        terms: list[str] = []
        for part in parts:
            inner = list(self.blocks(part, depth + 1))
            words = " ".join(block.text for block in inner).replace("\n", " ")
            if part.tag == "dt":
                terms.append(words)
            elif all(block.kind in {"paragraph", "item"} for block in inner) and len(inner) < 2:
                joint = "; " if pairs and not terms else ""
                term = ", ".join(filter(None, terms))
                joint = joint or ("" if not term else " " if term[-1] in ":?!." else ": ")
                pairs = (
                    [*pairs[:-1], pairs[-1] + joint + words] if pairs and not terms else [*pairs, term + joint + words]
                )
                terms = []
            else:
                yield from [Block("pairs", "\n".join([*pairs, *filter(None, terms)]))] if pairs or any(terms) else []
                yield from inner
                pairs, terms = [], []
        if pairs or any(terms):
            yield Block("pairs", "\n".join([*pairs, *filter(None, terms)]))

    def _code(self, element: Element) -> Iterator[Block]:
        for line_break in element.iter("br"):
            line_break.tail = "\n" + (line_break.tail or "")
        code = _INVISIBLE.sub("", str(element.text_content())).replace("\r\n", "\n").strip("\n").rstrip()
        if code.strip():
            fence = "`" * max(3, 1 + max(map(len, re.findall(r"`+", code)), default=0))
            yield Block("code", f"{fence}\n{code}\n{fence}")

    def _control(self, element: Element) -> str:
        """Return what is filled in; the label of a box to tick says so itself."""
        said = is_ticked(element) and element.get("id", "") in self.labelled
        return "" if said else f"{filled_in(element)}\r"

    def _label(self, element: Element, depth: int) -> str:
        """Return a label where what it names is filled in, or is not here."""
        named = element.get("for")
        inside = next((each for each in element.iter(*VALUED)), None)
        if inside is not None:
            value, name = filled_in(inside), " ".join(_text(inside.tail).split())
            name = " ".join(_text(element.text).split()) or name
            return f"\r{name.rstrip(':')}: {value}\r" if value and name else ""
        words = "".join(
            [_text(element.text), *(self.inline(child, depth + 1) + _text(child.tail) for child in element)]
        )
        if not named:
            return words
        control = self.controls.get(named)
        if control is None:
            return words
        end = "✓\r" if is_ticked(control) else ""
        return f"\r{words.strip().rstrip(':')}: {end}" if filled_in(control) else ""


def write(root: Element, notes: Notes | None = None) -> tuple[str, tuple[Omission, ...]]:
    """Return the text of a tree in the form that readers write, and what is left out of it.

    `notes` are those of the page that `root` is a part of: the ones it marks come last.
    """
    notes = notes or find_notes(root)
    drop_edit_links(root, notes.marks)
    controls = {each.get("id"): each for each in root.iter(*VALUED) if each.get("id")}
    labelled = {each.get("for") for each in root.iter("label") if each.get("for")}
    writer = Writer(notes, _holders(root), controls, labelled, set(notes.led.values()))
    found: list[str] = []
    for kind, run in groupby(writer.blocks(root), key=lambda block: block.kind):
        texts = [block.text for block in run]
        found += ["\n".join(texts)] if kind == "item" else texts
    marked = {id(notes.led[each]): notes.led[each] for each in root.iter() if each in notes.led}
    for body in marked.values():
        found += filter(None, [writer.note(body)])
    omissions = tuple(Omission(what, count) for what, count in writer.left_out.items() if count)
    return "\n\n".join(found), omissions


def _holders(root: Element) -> set[Element]:
    """Return the elements that are blocks or hold one: text before and after these is a paragraph of its own."""
    found: set[Element] = set()
    for element in root.iter():
        if (
            element.tag in _BLOCKS
            or _is_fold(element)
            or (isinstance(element.tag, str) and element.get("role") == "heading")
        ):
            while element is not None and element not in found:
                found.add(element)
                element = element.getparent()
    return found


def _text(text: str | None) -> str:
    return _SPACE.sub(" ", _INVISIBLE.sub("", text)) if text else ""


def _paragraphs(words: str) -> Iterator[Block]:
    words = re.sub(r"\s*\r\s*", "\n", words)  # between the parts of a form
    words = re.sub(r"\s*\n\s*\n\s*", "\n\n", re.sub(r"[ \xa0]*(?: |\n)[ \xa0]*", _one_space, words))
    for part in words.split("\n\n"):
        part = _BULLET.sub("- ", part.strip())
        if part:
            yield Block("item" if part.startswith("- ") else "paragraph", part)


def _one_space(match: re.Match[str]) -> str:
    return "\n" if "\n" in match[0] else " "


def _level(heading: Element) -> int:
    if heading.tag in _HEADINGS:
        return int(heading.tag[1])
    level = heading.get("aria-level") or ""
    return min(int(level), 6) if level in set("123456789") else 2


def _is_fold(element: Element) -> bool:
    return element.tag == "button" and "aria-expanded" in element.attrib


def _unfolds(button: Element) -> bool:
    """Return whether a button is the heading of what it shows."""
    return "aria-expanded" in button.attrib or next(button.iterancestors(*_HEADINGS, "summary"), None) is not None


def _is_tiny(image: Element) -> bool:
    """Return whether an image only counts visitors or makes room."""
    return any((image.get(side) or "").removesuffix("px") in {"0", "1", "2"} for side in ("width", "height"))
