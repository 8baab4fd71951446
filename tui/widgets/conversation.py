"""The turns of a conversation, one below the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.widget import Widget

if TYPE_CHECKING:
    from tui.widgets.turn import Turn


class Conversation(VerticalScroll, can_focus=False):
    """Follows its end while the reader is there, and stays where the reader scrolled to otherwise."""

    def __init__(self, first: Widget) -> None:
        super().__init__(id="conversation")
        self._first = first

    def compose(self) -> ComposeResult:
        yield Vertical(self._first, id="turns")  # as high as the view at least, so that a short one stands at its top

    def on_mount(self) -> None:
        self.anchor()

    async def clear(self, first: Widget | None = None) -> None:
        """Take everything away, and put `first` there."""
        turns = self.query_one("#turns")
        await turns.remove_children()
        if first is not None:
            await turns.mount(first)

    async def add(self, turn: Turn) -> None:
        """Add a turn at the end, and go there: the person has just asked."""
        await self.query_one("#turns").mount(turn)
        self.anchor()
