"""The line that says what there is, and what is going on and for how long."""

from __future__ import annotations

import time

from textual import on
from textual.content import Content
from textual.reactive import reactive
from textual.widgets import Static

from rag.localization import gettext, ngettext, number
from rag.system.long_work import Pace, Step
from rag.text.sanitize import one_line
from tui import messages

_CELLS = 10  # of the bar


class StatusLine(Static):
    """Library, model, mode; at the right what is being done. `doing` is empty when nothing is."""

    documents: reactive[tuple[int, int] | None] = reactive(None, layout=False)
    limited: reactive[int] = reactive(0)
    limited_by: reactive[str] = reactive("")  # the tags and dates that do it
    model: reactive[str] = reactive("")
    mode: reactive[str] = reactive("quote")  # and the care, if it is not the usual one
    doing: reactive[str] = reactive("")
    indexing: reactive[str] = reactive("")
    pulling: reactive[str] = reactive("")  # a model, and how far it is
    too_long: reactive[str] = reactive("")  # of what is typed
    failure: reactive[str] = reactive("")  # why it cannot answer

    def __init__(self) -> None:
        super().__init__(id="status")
        self._pace: Pace | None = None  # of preparing the models, while that goes on
        self._since = self._indexing_since = self._pulling_since = time.monotonic()

    def on_mount(self) -> None:
        self.set_interval(0.1, self._tick)

    def _tick(self) -> None:
        if self.doing or self.indexing or self.pulling:
            self.refresh()

    def watch_doing(self, before: str, now: str) -> None:
        if not before or not now:
            self._since = time.monotonic()

    def watch_indexing(self, before: str, now: str) -> None:
        if not before or not now:
            self._indexing_since = time.monotonic()

    def prepare(self, text: str, *, loading: bool) -> None:
        """Say what is prepared: for the models that are `loading`, else for the one that is pulled, if one is."""
        if self.pulling and not loading:
            self.pulling = text
        else:
            self.doing = text

    def prepared_on(self, step: Step | None) -> None:
        """Say how far the models are prepared, until `step` is None."""
        now = time.monotonic()
        if step is None:
            self._pace = None
        else:
            self._pace = self._pace or Pace(now)
            self._pace.told(step, now)
        self.refresh()

    def told_doing(self) -> str:
        """Return what is being done, with the time that is left where that is known."""
        if self._pace is None or not self.doing:
            return self.doing
        return f"{_preparing()}, {_left(self._pace.left(time.monotonic()))}"

    @on(messages.PulledOn)
    def _pulled_on(self, event: messages.PulledOn) -> None:
        if self.pulling:  # the last may come after the end
            self.pulling = event.told

    @on(messages.PullEnded)
    def _pull_ended(self) -> None:
        self.pulling = ""

    def watch_pulling(self, before: str, now: str) -> None:
        if not before or not now:
            self._pulling_since = time.monotonic()

    def render(self) -> Content:
        now = time.monotonic()
        doing = [f"{self.doing} {number(now - self._since, 1)} s"] if self.doing else []
        doing += [f"{self.indexing} {now - self._indexing_since:.0f} s"] if self.indexing else []
        if doing and self._pace is not None:
            doing = [self._prepared(self._pace, now)]
        doing += [f"{self.pulling} {now - self._pulling_since:.0f} s"] if self.pulling else []
        told = self.too_long or " · ".join(doing) or self.failure or gettext("ready")
        width = max(10, self.size.width)
        look = "bold" if told in (self.too_long, self.failure) else ""
        # What has to be done is told whole; what there is may go for it.
        right = Content(f" {one_line(told, width - 2 if look else width // 2)} ").stylize(look)
        left = self._about(width - right.cell_length - 1)
        gap = " " * max(1, width - left.cell_length - right.cell_length)
        return Content.assemble(left, gap, right)

    def _prepared(self, pace: Pace, now: float) -> str:
        """Return how far the models are prepared: as a bar, where there is room for one."""
        share, left = pace.share(now), _left(pace.left(now))
        full = int(share * _CELLS)
        far = f"{share:.0%} · {left}"
        ways = (
            f"{_preparing()} {'━' * full}{'─' * (_CELLS - full)} {far}",
            f"{_preparing()} {far}",
            gettext("preparing: {far}").format(far=far),
        )
        return next((way for way in ways if len(way) <= self.size.width // 2), ways[-1])

    def _about(self, room: int) -> Content:
        """Return what there is, leaving out from the end what there is no room for."""
        parts = []
        if self.documents is not None:
            documents, chunks = self.documents
            there = ngettext("{n} document", "{n} documents", documents).format(n=documents)
            if self.limited:
                of = ngettext("only {n} of {total} document", "only {n} of {total} documents", documents)
                there = of.format(n=self.limited, total=documents)
            of_them = ngettext("{n} chunk", "{n} chunks", chunks).format(n=chunks)
            parts.append(f"{there}, {of_them}")
        elif self.limited:
            parts.append(gettext("only {n}").format(n=self.limited))
        if self.limited and self.limited_by:
            parts.append(one_line(self.limited_by, 40))
        if self.model:
            parts.append(one_line(self.model, 28))
        parts.append(self.mode)
        shown = Content("")
        for part in parts:
            longer = Content.assemble(shown, " · " if shown else " ", part)
            if longer.cell_length <= room:
                shown = longer
        return shown


def _preparing() -> str:
    return gettext("preparing the models, once")


def _left(seconds: float) -> str:
    """Return about how long it will still take: in steps of five seconds, since it is an estimate."""
    if seconds >= 90:
        return gettext("about {n} min left").format(n=round(seconds / 60))
    return gettext("about {n} s left").format(n=max(5, 5 * round(seconds / 5)))
