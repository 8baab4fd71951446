"""A document's text, however long, with spans of it highlighted.

Only the lines in view are drawn. A line of the screen is a span of the text, so an offset
finds its line by bisection, and what is shown is the text itself, character for character.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from rag.text.sanitize import plain

Span = tuple[int, int]
LONGEST_LINE = 100  # cells; the eye loses its way back from the end of longer ones


@dataclass(frozen=True, slots=True)
class Highlight:
    """A span of the text and the component class that says how it looks; later ones lie on top."""

    start: int
    end: int
    name: str


def wrap(text: str, width: int) -> list[Span]:
    """Return the spans of the lines that `text` takes at so many cells, each within one line of the text.

    Lines break after white space, or where a word alone is longer than the width.
    """
    width = max(1, width)
    pattern = re.compile(rf"[^\n]{{1,{width}}}(?:(?<=\s)| |(?=\n|\Z))|[^\n]{{1,{width}}}|(?=\n)|\Z")
    lines: list[Span] = []
    at = 0
    while at <= len(text):
        if at == len(text):
            if not text or text[-1] == "\n":
                lines.append((at, at))
            break
        match = pattern.match(text, at)
        end = match.end() if match else at
        part = text[at:end]
        if not part.isascii() and cell_len(part.rstrip()) > width:
            end = at + _fitting(part, width)
        lines.append((at, end))
        if end < len(text) and text[end] == "\n":
            end += 1
            if end == len(text):
                lines.append((end, end))
                break
        at = end if end > at else at + 1
    return lines


def _fitting(part: str, width: int) -> int:
    """Return how many characters of `part`, at least one, fit into so many cells, to the last space if there is one."""
    for index in range(1, len(part)):
        if cell_len(part[: index + 1]) > width:
            space = part.rfind(" ", 1, index)
            return space + 1 if space > 0 else max(1, index)
    return len(part)


class DocumentView(ScrollView, can_focus=True):
    """Shows a text in lines; `go` brings a span into view."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "document--quote",
        "document--current",
        "document--mark",
        "document--found",
        "document--here",
    }

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "scroll_down", "Down", show=False),
        Binding("k", "scroll_up", "Up", show=False),
        Binding("space", "page_down", "Page down", show=False),
        Binding("g", "scroll_home", "Beginning", show=False),
        Binding("G", "scroll_end", "End", show=False),
    ]

    def __init__(self) -> None:
        super().__init__(id="document")
        self._text = ""
        self._lines: list[Span] = [(0, 0)]
        self._starts: list[int] = [0]
        self._highlights: Sequence[Highlight] = ()
        self._wanted: Span | None = None
        self._width = 0

    def show(self, text: str) -> None:
        """Show another text, from its beginning."""
        self._text = plain(text).replace("\t", " ")
        self._highlights, self._wanted, self._width = (), None, 0
        self._lines, self._starts = [(0, 0)], [0]
        self._wrap()

    def highlight(self, highlights: Sequence[Highlight]) -> None:
        """Highlight these spans instead of those before."""
        self._highlights = sorted(highlights, key=lambda highlight: highlight.start)
        self.refresh()

    def go(self, start: int, end: int) -> None:
        """Bring a span into view, a third from the top."""
        self._wanted = (start, end)
        self._scroll_to_span(start, end)

    def _scroll_to_span(self, start: int, end: int) -> None:
        if self._width:
            first = self.line_of(start)
            room = max(0, (self.scrollable_content_region.height - (self.line_of(max(start, end - 1)) - first)) // 3)
            self.scroll_to(y=max(0, first - room), animate=False, immediate=True)

    def line_of(self, offset: int) -> int:
        """Return the number, from 0, of the line that an offset is on."""
        return max(0, bisect_right(self._starts, offset) - 1)

    @property
    def top(self) -> int:
        """The offset of the first character in view."""
        return self._starts[min(int(self.scroll_y), len(self._starts) - 1)]

    def on_resize(self) -> None:
        self._wrap()

    def _wrap(self) -> None:
        width = min(LONGEST_LINE, self.scrollable_content_region.width)
        if width <= 0 or width == self._width:
            return
        top = self.top
        if self._width and self._wanted is not None and not self._in_view(self._wanted[0]):
            self._wanted = None  # the reader has scrolled away from it
        self._width = width
        self._lines = wrap(self._text, width)
        self._starts = [start for start, _ in self._lines]
        self.virtual_size = Size(width, len(self._lines))
        self.refresh()
        self.call_after_refresh(self._settle, top)

    def _in_view(self, offset: int) -> bool:
        y = int(self.scroll_y)
        return y <= self.line_of(offset) < y + max(1, self.scrollable_content_region.height)

    def _settle(self, top: int) -> None:
        """After a change of width, come back to what was gone to, or to what was at the top."""
        if self._wanted is not None:
            self._scroll_to_span(*self._wanted)
        else:
            self.scroll_to(y=self.line_of(top), animate=False, immediate=True)

    def render_line(self, y: int) -> Strip:
        number = y + int(self.scroll_y)
        if number >= len(self._lines):
            return Strip.blank(self.size.width, self.rich_style)
        start, end = self._lines[number]
        text = self._text[start:end]
        names = [""] * len(text)
        for highlight in self._highlights:
            if highlight.start >= end:
                break
            left, right = max(start, highlight.start), min(end, highlight.end)
            if left < right:
                names[left - start : right - start] = [highlight.name] * (right - left)
        strip = Strip(_segments(text, names, {name: self._style(name) for name in set(names)}))
        return strip.adjust_cell_length(self.size.width, self.rich_style)

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(name) if name else self.rich_style


def _segments(text: str, names: Sequence[str], styles: dict[str, Style]) -> list[Segment]:
    """Return the text as runs of one style each."""
    found, at = [], 0
    for index in range(1, len(text) + 1):
        if index == len(text) or names[index] != names[at]:
            found.append(Segment(text[at:index], styles[names[at]]))
            at = index
    return found
