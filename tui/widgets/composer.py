"""Where the question is typed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.widgets import TextArea

from tui.messages import Asked, SourceOpened, SourceWanted

_TYPING = 0.4  # seconds between two keys of one question; who looks at a source takes longer


class Composer(TextArea):
    """Enter sends, ctrl+j and shift+enter begin a new line, up and down walk through earlier questions.

    While nothing is typed, a digit opens the source of that number, and Enter that source's
    document. A digit that is followed at once by another key was the beginning of a question.
    """

    HELP = "# The question\nEnter sends it. While it is empty, 1–9 open the sources, Enter then the document."

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "send", "Ask", id="ask"),
        Binding("ctrl+j,shift+enter", "new_line", "New line", id="new-line", show=False),
        Binding("up", "earlier", "Earlier question", id="earlier-question", show=False),
        Binding("down", "later", "Later question", id="later-question", show=False),
    ]

    def __init__(self) -> None:
        super().__init__(
            id="composer", placeholder="Ask your documents …", compact=True, highlight_cursor_line=False, theme="css"
        )
        self.sources = 0  # how many the selected answer has
        self._history: list[str] = []
        self._at = 0  # the place in the history; its length is what is being typed
        self._typed = ""
        self._digit = ("", 0.0)  # what opened a source, and when

    def remember(self, questions: Sequence[str]) -> None:
        """Walk through these questions, oldest first, from now on."""
        self._history = list(dict.fromkeys(reversed(questions)))[::-1]
        self._at = len(self._history)

    def action_send(self) -> None:
        question = self.text.strip()
        if question:
            self.clear()
            self._typed = ""
            self.post_message(Asked(question))
        else:
            self.post_message(SourceOpened())

    def action_new_line(self) -> None:
        self.insert("\n")

    def action_earlier(self) -> None:
        row, _ = self.cursor_location
        if row > 0 or self.wrapped_document.location_to_offset(self.cursor_location).y > 0:
            self.action_cursor_up()
        else:
            self._walk(-1)

    def action_later(self) -> None:
        last = self.wrapped_document.location_to_offset(self.document.end).y
        if self.wrapped_document.location_to_offset(self.cursor_location).y < last:
            self.action_cursor_down()
        else:
            self._walk(1)

    def _walk(self, by: int) -> None:
        at = min(max(self._at + by, 0), len(self._history))
        if at == self._at:
            return
        if self._at == len(self._history):
            self._typed = self.text
        self._at = at
        self.text = self._typed if at == len(self._history) else self._history[at]
        self.move_cursor(self.document.end)

    async def _on_key(self, event: events.Key) -> None:
        digit, at = self._digit
        self._digit = ("", 0.0)
        if digit and event.is_printable and event.time - at < _TYPING:
            self.insert(digit)
        # A text area takes Enter for itself before any binding. (A binding with priority would
        # run at once, before the letters that were typed ahead of it have arrived here.)
        if not self.text and event.character and event.character in "123456789"[: self.sources]:
            event.prevent_default()
            event.stop()
            self._digit = (event.character, event.time)
            self.post_message(SourceWanted(int(event.character), typing=True))
        elif (bound := self.screen.active_bindings.get(event.key)) and bound.binding.action == "send":
            event.prevent_default()
            event.stop()
            self.action_send()
        else:
            await super()._on_key(event)
