"""Where the question is typed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.timer import Timer
from textual.widgets import TextArea

from rag.answering.limits import LONGEST_QUESTION
from rag.errors import BelegError
from rag.localization import gettext, number
from tui import slash
from tui.engine import told
from tui.messages import AnswerWanted, Asked, SourceOpened
from tui.terminal import TerminalApp

TOO_LONG = "too long"  # what a note is about
_BURST = 0.004  # seconds between two keys that no person pressed one after the other
_FOLLOWS = 0.03  # seconds in which the rest of a burst is here


class Composer(TextArea):
    """Enter sends, ctrl+j and shift+enter begin a new line, up and down walk through earlier questions.

    A terminal that does not mark pastes hands them on like keys, its line ends as Enter. So an Enter in the midst
    of keys that came all at once is a line end.
    """

    class Typed(Message):
        """What is typed is other now: so many characters, of which only so many can be asked."""

        def __init__(self, characters: int, most: int) -> None:
            super().__init__()
            self.characters, self.most = characters, most

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "send", "Ask", id="ask", show=False),
        Binding("ctrl+j,shift+enter", "new_line", "New line", id="new-line", show=False),
        Binding("up", "earlier", "Earlier question", id="earlier-question", show=False),
        Binding("down", "later", "Later question", id="later-question", show=False),
        Binding("pageup", "screen.page(-1)", "Back in the conversation", id="page-up", show=False),
        Binding("pagedown", "screen.page(1)", "On in the conversation", id="page-down", show=False),
        Binding("ctrl+e", "edit", "Your own editor", id="editor", show=False),
        Binding("tab", "complete", "Complete a /command; else to the answers", id="complete-command", show=False),
        Binding("alt+z,ctrl+underscore", "undo", "Take back what was typed or cleared", id="undo", show=False),
        Binding("alt+shift+z,alt+Z", "redo", "Do it after all", id="redo", show=False),
        Binding("ctrl+y", "app.copy(False)", show=False),  # and not TextArea's own
        Binding("ctrl+z", "app.suspend_process", show=False),
    ]

    def __init__(self) -> None:
        super().__init__(
            id="composer",
            placeholder=gettext("Ask your documents …"),
            compact=True,
            highlight_cursor_line=False,
            theme="css",
        )
        self._history: list[str] = []
        self._at = 0  # the place in the history; its length is what is being typed
        self._typed = ""
        self._pressed = 0.0  # when the last key came
        self._sending: Timer | None = None  # an Enter that may be a line end

    def remember(self, questions: Sequence[str]) -> None:
        """Walk through these questions, oldest first, from now on."""
        self._history = list(dict.fromkeys(reversed(questions)))[::-1]
        self._at = len(self._history)

    def on_text_area_changed(self) -> None:
        if self._at < len(self._history) and self.text != self._history[self._at]:  # it is a question of its own now
            self._at = len(self._history)
        self.post_message(self.Typed(len(self.text.strip()), LONGEST_QUESTION))

    def update_suggestion(self) -> None:
        self.suggestion = slash.completion(self.text)

    def action_complete(self) -> None:
        if self.suggestion:
            self.insert(self.suggestion)
        elif self.text == "/":
            self._tell(slash.told())
        else:
            self.post_message(AnswerWanted())

    def action_send(self) -> None:
        question = self.text.strip()
        if len(question) > LONGEST_QUESTION:  # what was typed stays
            said = gettext("The question has {n} characters; {most} can be asked.")
            self._tell(said.format(n=number(len(question)), most=number(LONGEST_QUESTION)), bad=True, about=TOO_LONG)
        elif question:
            self.clear()
            self._typed = ""
            self.post_message(Asked(question))
        else:
            self.post_message(SourceOpened())

    def action_new_line(self) -> None:
        self.insert("\n")

    def action_edit(self) -> None:
        from tui.editor import edited

        try:
            self._put(edited(self.app, self.text))
        except BelegError as error:
            self._tell(told(error), bad=True)

    def _tell(self, text: str, *, bad: bool = False, about: str = "") -> None:
        assert isinstance(self.app, TerminalApp)
        self.app.tell(text, bad=bad, about=about)

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
        self._put(self._typed if at == len(self._history) else self._history[at])

    def _put(self, text: str) -> None:
        """Let another text stand here, in such a way that it can be undone."""
        self.replace(text, self.document.start, self.document.end)
        self.move_cursor(self.document.end)

    async def _on_key(self, event: events.Key) -> None:
        at_once, self._pressed = event.time - self._pressed < _BURST, event.time
        if self._sending is not None:  # more came after the Enter
            self._sending.stop()
            self._sending = None
            self.insert("\n")
        if event.key.startswith("alt+"):  # a text area would take its character for typed
            event.prevent_default()
            return
        # A text area takes Enter for itself before any binding. (A binding with priority would
        # run at once, before the letters that were typed ahead of it have arrived here.)
        if not (bound := self.screen.active_bindings.get(event.key)) or bound.binding.action != "send":
            await super()._on_key(event)
            return
        event.prevent_default()
        event.stop()
        if at_once:
            self._sending = self.set_timer(_FOLLOWS, self._send)
        else:
            self.action_send()

    def _send(self) -> None:
        self._sending = None
        self.action_send()
