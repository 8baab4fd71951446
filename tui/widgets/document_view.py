"""A document's text, however long, with spans of it highlighted.

Only the lines in view are drawn. A line of the screen is a span of the text, so an offset
finds its line by bisection, and what is shown is the text itself, character for character.
What the mouse selects is therefore a span of the text too: where a line was broken only
because it was full, none is broken in what is copied.
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
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Offset, Size
from textual.scroll_view import ScrollView
from textual.selection import Selection
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
        "document--selected",
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
        self.pressed = False  # whether the mouse's button went down here, and is held

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

    def stay(self, line: float) -> None:
        """Go to where the reader was."""
        self._wanted = None
        self.scroll_to(y=line, animate=False, immediate=True)

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
        if self.text_selection is not None:  # it is counted in lines, which are others from now on
            self.screen.clear_selection()
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
        names = self._names(number, start, end)
        strip = Strip(_segments(text, names, {name: self._style(name) for name in set(names)}))
        return strip.adjust_cell_length(self.size.width, self.rich_style)

    def _names(self, number: int, start: int, end: int) -> list[str]:
        """Return for each character of a line the component class that it looks like, or "" for plain text."""
        names = [""] * (end - start)
        for highlight in self._highlights:
            if highlight.start >= end:
                break
            left, right = max(start, highlight.start), min(end, highlight.end)
            if left < right:
                names[left - start : right - start] = [highlight.name] * (right - left)
        if (selection := self.text_selection) is not None and (span := selection.get_span(number)) is not None:
            left, right = span[0], len(names) if span[1] < 0 else min(span[1], len(names))
            names[left:right] = ["document--selected"] * (right - left)
        return names

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(name) if name else self.rich_style

    # --- selecting with the mouse -------------------------------------------------------

    def get_selection(self, selection: Selection) -> tuple[str, str]:
        start = 0 if selection.start is None else self._at(selection.start)
        end = len(self._text) if selection.end is None else self._at(selection.end)
        return self._text[start:end], "\n"

    def place_at(self, x: int, y: int) -> Offset:
        """Return the place, a character and a line, that is nearest to a point of the screen.

        Textual finds places in styles; but not in padding, nor where the second half of a wide character is.
        """
        area = self.content_region
        number = min(max(0, y - area.y), max(0, area.height - 1)) + int(self.scroll_y)
        if number >= len(self._lines):
            return Offset(0, len(self._lines))
        start, end = self._lines[number]
        cells = area.x
        for index, character in enumerate(self._text[start:end]):
            cells += cell_len(character)
            if cells > x:
                return Offset(index, number)
        return Offset(end - start, number)

    def _at(self, place: Offset) -> int:
        """Return the offset in the text of a place; the end of its line, or of the text, where it is beyond."""
        if place.y >= len(self._lines):
            return len(self._text)
        start, end = self._lines[place.y]
        return min(start + place.x, end)

    def _place(self, offset: int) -> Offset:
        line = self.line_of(offset)
        return Offset(offset - self._starts[line], line)

    def on_mouse_down(self) -> None:
        self.pressed = True

    def on_click(self, event: events.Click) -> None:
        """Select a word with two clicks, its line of the text with three; Textual would select the whole text."""
        event.prevent_default()
        if event.chain > 1:
            at = self._at(self.place_at(int(event.screen_x), int(event.screen_y)))
            start, end = self._word(at) if event.chain == 2 else self._paragraph(at)
            self.screen.selections = {self: Selection(self._place(start), self._place(end))}

    def _word(self, at: int) -> Span:
        start, end = at, at
        while start > 0 and self._text[start - 1].isalnum():
            start -= 1
        while end < len(self._text) and self._text[end].isalnum():
            end += 1
        return start, end

    def _paragraph(self, at: int) -> Span:
        end = self._text.find("\n", at)
        return self._text.rfind("\n", 0, at) + 1, len(self._text) if end < 0 else end


def _segments(text: str, names: Sequence[str], styles: dict[str, Style]) -> list[Segment]:
    """Return the text as runs of one style each."""
    found, at = [], 0
    for index in range(1, len(text) + 1):
        if index == len(text) or names[index] != names[at]:
            found.append(Segment(text[at:index], styles[names[at]]))
            at = index
    return found
