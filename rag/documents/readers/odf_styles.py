"""OpenDocument's styles and lists: what is hidden or raised, and which number stands before an item."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from rag.documents.readers.numerals import numeral

_SPACE = "{urn:oasis:names:tc:opendocument:xmlns:%s:1.0}"
TEXT, TABLE, STYLE, DRAW, OFFICE = (_SPACE % name for name in ("text", "table", "style", "drawing", "office"))
FO = _SPACE % "xsl-fo-compatible"
_FORMS = {"1": "decimal", "a": "lowerLetter", "A": "upperLetter", "i": "lowerRoman", "I": "upperRoman"}
_DEEPEST = 50  # styles a style may have above it


@dataclass(slots=True)
class Styles:
    """The styles of a document's parts, by name."""

    parts: list[Any]
    _named: dict[str, Any] = field(default_factory=dict)
    _lists: dict[str, Any] = field(default_factory=dict)
    _outline: Any | None = None

    def __post_init__(self) -> None:
        for part in self.parts:
            for each in part.iter(f"{STYLE}style", f"{TEXT}list-style", f"{TEXT}outline-style"):
                name = each.get(STYLE + "name", "")
                if each.tag == f"{STYLE}style":
                    self._named[name] = each
                elif each.tag == f"{TEXT}list-style":
                    self._lists[name] = each
                else:
                    self._outline = each

    def chain(self, name: str | None) -> Iterator[Any]:
        """Yield a style and those above it; a circle ends."""
        for _ in range(_DEEPEST):
            found = self._named.get(name or "")
            if found is None:
                return
            yield found
            name = found.get(STYLE + "parent-style-name")

    def text_property(self, name: str | None, key: str) -> str:
        """Return a property of a style's text, "" where nothing is said."""
        for each in self.chain(name):
            properties = each.find(f"{STYLE}text-properties")
            if properties is not None and (said := properties.get(key)):
                return str(said)
        return ""

    def is_hidden(self, name: str | None) -> bool:
        return self.text_property(name, TEXT + "display") == "none"

    def is_named(self, name: str | None, *wanted: str) -> bool:
        """Return whether a style or one above it has one of these names."""
        return bool({name, *(each.get(STYLE + "name") for each in self.chain(name))} & set(wanted))

    def outline_level(self, name: str | None) -> int:
        """Return the level of the heading that a style makes of a paragraph, 0 where of none."""
        if self.is_named(name, "Title"):
            return 1
        levels = (each.get(STYLE + "default-outline-level", "") for each in self.chain(name))
        return next((int(level) for level in levels if level.isdecimal()), 0)

    def list_levels(self, name: str | None) -> list[Any]:
        found = self._lists.get(name or "")
        return list(found) if found is not None else []

    def outline_levels(self) -> list[Any]:
        return list(self._outline) if self._outline is not None else []


@dataclass(slots=True)
class Counter:
    """How far a list is counted, by level from 0."""

    counts: dict[int, int] = field(default_factory=dict)

    def mark(self, levels: list[Any], level: int, start: str | None = None) -> str:
        """Count an item and return its mark: "-" for a bullet, "2.", "b)"; "" where it has none."""
        found = _level(levels, level)
        if found is None:
            return "-"
        if found.tag in {f"{TEXT}list-level-style-bullet", f"{TEXT}list-level-style-image"}:
            return "-"
        first = int(start) if start and start.isdecimal() else None
        begins = found.get(TEXT + "start-value", "1")
        again = self.counts.get(level, (int(begins) if begins.isdecimal() else 1) - 1) + 1
        self.counts = {at: count for at, count in self.counts.items() if at < level}
        self.counts[level] = again if first is None else first
        return self._shown(levels, level, found)

    def _shown(self, levels: list[Any], level: int, found: Any) -> str:
        if not found.get(STYLE + "num-format"):
            return ""
        displayed = found.get(TEXT + "display-levels", "1")
        above = min(int(displayed) if displayed.isdecimal() else 1, level + 1)
        figures = []
        for at in range(level - above + 1, level + 1):
            own = _level(levels, at)
            form = own.get(STYLE + "num-format", "") if own is not None else ""
            if form:
                figures.append(numeral(self.counts.get(at, 1), _FORMS.get(form, "decimal")))
        return f"{found.get(STYLE + 'num-prefix', '')}{'.'.join(figures)}{found.get(STYLE + 'num-suffix', '')}".strip()


def _level(levels: list[Any], level: int) -> Any | None:
    return next((each for each in levels if each.get(TEXT + "level") == str(level + 1)), None)
