"""Word's styles and lists: what a paragraph's style makes of it, and which number Word shows before an item."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from rag.documents.readers.numerals import numeral
from rag.documents.readers.ooxml import W

_HEADING = re.compile(r"(?:heading|.?berschrift) ?([1-9])", re.IGNORECASE)
_CONTENTS = re.compile(r"toc ?\d|table of figures|index \d", re.IGNORECASE)
_OFF = {"0", "false", "off", "none"}
_DEEPEST = 50  # styles a style may be based on, one after the other


def value(element: Any | None, name: str) -> str | None:
    """Return the value of a property of `element`, None where it has none."""
    found = element.find(W + name) if element is not None else None
    return None if found is None else found.get(W + "val")


def is_on(element: Any | None, name: str) -> bool | None:
    """Return whether a property that is on or off is on; None where nothing is said."""
    found = element.find(W + name) if element is not None else None
    return None if found is None else found.get(W + "val", "1") not in _OFF


class Styles:
    """The styles of a document, by id."""

    def __init__(self, tree: Any | None) -> None:
        found = tree.iterfind(f"{W}style") if tree is not None else ()
        self._styles = {style.get(W + "styleId", ""): style for style in found}
        self._default = next(
            (
                id_
                for id_, each in self._styles.items()
                if each.get(W + "default") and each.get(W + "type") == "paragraph"
            ),
            "",
        )

    def chain(self, style: str | None) -> Iterator[Any]:
        """Yield a style and those it is based on; a circle ends."""
        id_ = self._default if style is None else style
        for _ in range(_DEEPEST):
            found = self._styles.get(id_)
            if found is None:
                return
            yield found
            id_ = value(found, "basedOn") or ""

    def name(self, style: str | None) -> str:
        """Return the name of a style; built-in ones have their English name in any language's Word."""
        found = self._styles.get(style or "")
        return (value(found, "name") if found is not None else style) or ""

    def heading_level(self, properties: Any | None) -> int:
        """Return the level from 1 of the heading that a paragraph is, 0 where it is none."""
        style = value(properties, "pStyle")
        if (level := value(properties, "outlineLvl")) is None:
            if self.name(style).lower() == "title":
                return 1
            for each in (style or "", *(value(found, "name") or "" for found in self.chain(style))):
                if match := _HEADING.fullmatch(each):
                    return int(match[1])
            levels = (value(found.find(f"{W}pPr"), "outlineLvl") for found in self.chain(style))
            level = next((each for each in levels if each is not None), None)
        return int(level) + 1 if level is not None and level.isdecimal() and int(level) < 9 else 0

    def is_contents(self, properties: Any | None) -> bool:
        """Return whether a paragraph is an entry in a table of contents, which stands in the text once more."""
        return _CONTENTS.fullmatch(self.name(value(properties, "pStyle"))) is not None

    def list_of(self, properties: Any | None) -> tuple[str | None, int | None, str | None]:
        """Return the list that a paragraph is in, by number, and its level; and the style that says so."""
        style = value(properties, "pStyle")
        own = properties.find(f"{W}numPr") if properties is not None else None
        sources = [
            (own, None),
            *((each.find(f"{W}pPr/{W}numPr"), each.get(W + "styleId")) for each in self.chain(style)),
        ]
        level = None
        for found, said_by in sources:
            level = level or value(found, "ilvl")
            if number := value(found, "numId"):
                return number, int(level) if level and level.isdecimal() else None, said_by
        return None, None, None

    def list_style(self, style: str) -> str | None:
        """Return the number of the list that a style of lists stands for."""
        return value(self._styles[style].find(f"{W}pPr/{W}numPr"), "numId") if style in self._styles else None

    def run_property(self, run: Any | None, paragraph: str | None, name: str) -> Any | None:
        """Return the element of a run's property, its own or that of its style, or of its paragraph's style."""
        if run is not None and (found := run.find(W + name)) is not None:
            return found
        styles = [style for style in (value(run, "rStyle"), paragraph) if style is not None]
        for style in styles:
            for each in self.chain(style):
                if (found := each.find(f"{W}rPr/{W}{name}")) is not None:
                    return found
        return None

    def first_row_stands_out(self, style: str | None) -> bool:
        """Return whether a table's style shows the first row otherwise than the others."""
        rows = (part for each in self.chain(style or "") for part in each.iterfind(f"{W}tblStylePr"))
        return any(part.get(W + "type") == "firstRow" and len(part) > 0 for part in rows)


@dataclass(slots=True)
class _Level:
    kind: str
    text: str
    start: int
    restart: int | None
    legal: bool
    style: str | None


@dataclass(slots=True)
class Numbering:
    """The lists of a document, and how far each is counted: to be asked for the items in their order."""

    tree: Any | None
    styles: Styles
    _lists: dict[str, tuple[str, list[_Level]]] = field(default_factory=dict)
    _counts: dict[str, dict[int, int]] = field(default_factory=dict)
    _begun: set[tuple[str, int]] = field(default_factory=set)

    def mark(self, properties: Any | None) -> str:
        """Return what Word shows before a paragraph: "-" for any bullet, "3.", "b)"; "" where it is no item."""
        number, at, style = self.styles.list_of(properties)
        if number is None or number == "0":
            return ""
        abstract, levels = self._levels(number)
        own = next((place for place, each in enumerate(levels) if style and each.style == style), None)
        level = at if at is not None else own or 0
        if level >= len(levels):
            return "-" if not levels else ""
        if levels[level].kind in {"bullet", ""}:
            return "-"
        self._count(number, abstract, levels, level)
        return self._shown(abstract, levels, level)

    def _count(self, number: str, abstract: str, levels: list[_Level], level: int) -> None:
        counts = self._counts.setdefault(abstract, {})
        if (number, level) not in self._begun:
            self._begun.add((number, level))
            if self._starts_anew(number, level):
                counts.pop(level, None)
        counts[level] = counts[level] + 1 if level in counts else levels[level].start
        for deeper in [each for each in counts if each > level]:
            restart = levels[deeper].restart if deeper < len(levels) else None
            if restart is None or (restart != 0 and level < restart):
                del counts[deeper]
        for above in range(level):
            counts.setdefault(above, levels[above].start)

    def _shown(self, abstract: str, levels: list[_Level], level: int) -> str:
        counts = self._counts[abstract]

        def figure(match: re.Match[str]) -> str:
            at = int(match[1]) - 1
            if at not in counts or at >= len(levels):
                return ""
            kind = "decimal" if levels[level].legal else levels[at].kind
            return "" if kind == "none" else numeral(counts[at], kind)

        return " ".join(re.sub(r"%([1-9])", figure, levels[level].text).split())

    def _levels(self, number: str) -> tuple[str, list[_Level]]:
        """Return the id of a list's definition, and its levels."""
        if number not in self._lists:
            self._lists[number] = self._defined(number, 0)
        return self._lists[number]

    def _defined(self, number: str, depth: int) -> tuple[str, list[_Level]]:
        num = self._find("num", "numId", number)
        id_ = value(num, "abstractNumId") or ""
        abstract = self._find("abstractNum", "abstractNumId", id_)
        link = value(abstract, "numStyleLink")
        if link and depth < 5 and (other := self.styles.list_style(link)):
            return self._defined(other, depth + 1)
        levels = [_level(each) for each in abstract.iterfind(f"{W}lvl")] if abstract is not None else []
        for override in num.iterfind(f"{W}lvlOverride") if num is not None else ():
            at = override.get(W + "ilvl", "")
            if at.isdecimal() and int(at) < len(levels):
                if (whole := override.find(f"{W}lvl")) is not None:
                    levels[int(at)] = _level(whole)
                if (start := value(override, "startOverride")) and start.isdecimal():
                    levels[int(at)].start = int(start)
        return id_, levels

    def _starts_anew(self, number: str, level: int) -> bool:
        num = self._find("num", "numId", number)
        overrides = num.iterfind(f"{W}lvlOverride") if num is not None else ()
        return any(
            each.get(W + "ilvl") == str(level) and each.find(f"{W}startOverride") is not None for each in overrides
        )

    def _find(self, name: str, key: str, id_: str) -> Any | None:
        found = self.tree.iterfind(W + name) if self.tree is not None else ()
        return next((each for each in found if each.get(W + key) == id_), None)


def _level(element: Any) -> _Level:
    start, restart = value(element, "start") or "", value(element, "lvlRestart") or ""
    return _Level(
        value(element, "numFmt") or "decimal",
        value(element, "lvlText") or "",
        int(start) if start.isdecimal() else 1,
        int(restart) if restart.isdecimal() else None,
        bool(is_on(element, "isLgl")),
        value(element, "pStyle"),
    )
