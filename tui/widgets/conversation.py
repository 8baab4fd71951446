"""The turns of a conversation, one below the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.widget import Widget
from textual.widgets import Static

from rag.localization import ngettext

if TYPE_CHECKING:
    from rag.conversations.store import Conversation as Saved
    from rag.conversations.store import Turn as SavedTurn
    from tui.widgets.turn import Turn

MOST_SHOWN = 20  # turns of a saved conversation that are shown; a screen of hundreds is slow


class Conversation(VerticalScroll, can_focus=False):
    """Follows its end while the reader is there, but not past the question that is being answered.

    Where the reader scrolled elsewhere it stays there. A note that takes lines from its view moves nothing.
    `turns` are those on the screen, oldest first; `before` are the answers that came before them.
    """

    def __init__(self, first: Widget) -> None:
        super().__init__(id="conversation")
        self.turns: list[Turn] = []
        self.before: tuple[SavedTurn, ...] = ()
        self._first = first
        self._numbers = 0
        self._follows = True  # its end, as far as `_top` stays in view
        self._top: Turn | None = None  # None where the reader has gone to the end
        self._notes = 0  # lines that notes take

    def compose(self) -> ComposeResult:
        yield Static(id="before")
        yield Vertical(self._first, id="turns")  # as high as the view at least, so that a short one stands at its top

    def on_mount(self) -> None:
        self._tell_before()
        self.watch(self, "virtual_size", self._follow, init=False)

    def on_resize(self) -> None:
        notes = sum(rack.outer_size.height for rack in self.screen.query("ToastRack") if rack.display)
        if notes == self._notes:
            self._follow()
        self._notes = notes

    def _follow(self) -> None:
        """Go to the end, or so far that the question stays at the top."""
        if not self._follows:
            return
        top, end = self._top, self.max_scroll_y
        if top is not None and top.is_attached:
            end = min(end, top.virtual_region_with_margin.y + self.query_one("#turns").virtual_region.y)
        self.scroll_y = self.scroll_target_y = end  # not by `scroll_to`, which the reader does

    def release_anchor(self) -> None:
        """The reader scrolls: every way to scroll comes by here."""
        self._follows, self._top = False, None
        self.call_next(self._see_end)  # it may be there already

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        self._see_end()

    def _see_end(self) -> None:
        self._follows = self._follows or self.scroll_y >= self.max_scroll_y

    def turn(self, number: int) -> Turn | None:
        """Return a turn by its number; None when it is gone."""
        return next((turn for turn in self.turns if turn.number == number), None)

    async def clear(self, first: Widget | None = None, before: tuple[SavedTurn, ...] = ()) -> None:
        """Take everything away, and put `first` there."""
        self.turns, self.before = [], before
        self._tell_before()
        turns = self.query_one("#turns")
        await turns.remove_children()
        if first is not None:
            await turns.mount(first)

    async def add(self, question: str) -> Turn:
        """Add a turn at the end, and go there: the person has just asked."""
        from tui.widgets.turn import Turn

        self._numbers += 1
        turn = Turn(self._numbers, question)
        if self._top not in self.turns or self._top.ended:
            self._top = turn
        self.turns.append(turn)
        while len(self.turns) > 2 * MOST_SHOWN:
            await self._put_away(self.turns[0])
        self._follows = True
        await self.query_one("#turns").mount(turn)
        return turn

    async def drop(self, turn: Turn) -> None:
        """Take a turn away."""
        self.turns.remove(turn)
        await turn.remove()

    async def _put_away(self, turn: Turn) -> None:
        if turn.answer is not None:
            self.before = (*self.before, turn.saved())
        await self.drop(turn)
        self._tell_before()

    def _tell_before(self) -> None:
        count = len(self.before)
        told = ngettext(
            "… {n} earlier question; ctrl+s saves it too", "… {n} earlier questions; ctrl+s saves them too", count
        )
        self.query_one("#before", Static).update(told.format(n=count))
        self.query_one("#before").display = count > 0

    def said(self, identity: str) -> Saved:
        """Return the conversation, under this id, with every answer in it, on the screen or not, saved or not."""
        from rag.conversations.store import Conversation as Saved

        return Saved(identity, self.answered())

    def answered(self, until: Turn | None = None) -> tuple[SavedTurn, ...]:
        """Return every turn that was answered, on the screen or not; with `until`, those before it."""
        shown = self.turns if until is None else self.turns[: self.turns.index(until)]
        return (*self.before, *(turn.saved() for turn in shown if turn.answer is not None))
