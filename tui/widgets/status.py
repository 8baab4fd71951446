"""The line that says what there is, and what is going on and for how long."""

from __future__ import annotations

import time

from textual.content import Content
from textual.reactive import reactive
from textual.widgets import Static

from rag.plain import one_line


class StatusLine(Static):
    """Library, model, mode; at the right what is being done. `doing` is empty when nothing is."""

    documents: reactive[tuple[int, int] | None] = reactive(None, layout=False)
    limited: reactive[int] = reactive(0)
    model: reactive[str] = reactive("")
    mode: reactive[str] = reactive("quote")
    doing: reactive[str] = reactive("")
    indexing: reactive[str] = reactive("")
    failure: reactive[str] = reactive("")  # why it cannot answer

    def __init__(self) -> None:
        super().__init__(id="status")
        self._since = time.monotonic()

    def on_mount(self) -> None:
        self.set_interval(0.1, self._tick)

    def _tick(self) -> None:
        if self.doing or self.indexing:
            self.refresh()

    def watch_doing(self, before: str, now: str) -> None:
        if not before or not now:
            self._since = time.monotonic()

    @property
    def seconds(self) -> float:
        """How long it has been doing what it does, or nothing."""
        return time.monotonic() - self._since

    def render(self) -> Content:
        doing = " · ".join(filter(None, (self.doing, self.indexing))) or self.failure or "ready"
        if self.doing:
            doing += f" {self.seconds:.1f} s"
        width = max(10, self.size.width)
        right = Content(f" {one_line(doing, width // 2)} ").stylize(
            "$text-accent" if doing != "ready" else "$text-muted"
        )
        left = self._about(width - right.cell_length - 1)
        gap = " " * max(1, width - left.cell_length - right.cell_length)
        return Content.assemble(left, gap, right)

    def _about(self, room: int) -> Content:
        """Return what there is, leaving out from the end what there is no room for."""
        parts = []
        if self.documents is not None:
            documents, chunks = self.documents
            parts.append(
                f"{documents} documents, {chunks} chunks" if documents != 1 else f"1 document, {chunks} chunks"
            )
        if self.limited:
            parts[-1:] = [f"only {self.limited} of {parts[-1]}"] if parts else [f"only {self.limited}"]
        if self.model:
            parts.append(one_line(self.model, 28))
        parts.append(self.mode)
        shown = Content("")
        for part in parts:
            longer = Content.assemble(shown, " · " if shown else " ", part)
            if longer.cell_length > room:
                break
            shown = longer
        return shown
