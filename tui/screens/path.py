"""Asks for a path, or for a yes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, Input, Static

from rag.localization import gettext
from rag.text.sanitize import plain
from tui.screens.dialog import Dialog
from tui.widgets.path_input import PathInput
from tui.widgets.screen_footer import KeyFooter


class PathScreen(Dialog[str | None]):
    """Gives back the path that is typed, or None after Esc. `wrong` says why the one before could not be used."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss", "Cancel", id="back")]

    def __init__(self, title: str, hint: str, value: str = "", endings: Sequence[str] = (), wrong: str = "") -> None:
        super().__init__()
        self._asked = (title, hint, value, tuple(endings), wrong)

    def compose(self) -> ComposeResult:
        title, hint, value, endings, wrong = self._asked
        with Vertical(classes="dialog"):
            yield Static(Content(plain(title)), classes="dialog-title")
            yield PathInput(value, placeholder=gettext("path — Tab completes"), endings=endings)
            if wrong:
                yield Static(Content(plain(wrong)), classes="dialog-hint wrong")
            yield Static(Content(hint), classes="dialog-hint")
        yield KeyFooter()

    @on(Input.Submitted)
    def _done(self, event: Input.Submitted) -> None:
        if event.value.strip():
            self.dismiss(event.value.strip())

    async def action_dismiss(self, result: str | None = None) -> None:
        self.dismiss(result)


class ConfirmScreen(Dialog[bool]):
    """Gives back whether the person said yes: by y, or by going to the button. Enter alone means no."""

    AUTO_FOCUS = "#no"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer(True)", "Yes", id="yes"),
        Binding("n,escape", "answer(False)", "No", id="no"),
        Binding("left,up", "app.focus_previous", show=False),
        Binding("right,down", "app.focus_next", show=False),
    ]

    def __init__(self, question: str, *, yes: str = "", no: str = "") -> None:
        super().__init__()
        self._question, self._answers = question, (no or gettext("No"), yes or gettext("Yes"))

    def compose(self) -> ComposeResult:
        no, yes = self._answers
        with Vertical(classes="dialog"):
            yield Static(Content(plain(self._question)), classes="dialog-title")
            with Horizontal(classes="dialog-buttons"):
                yield Button(no, id="no", compact=True, action="screen.answer(False)")
                yield Button(yes, id="yes", compact=True, action="screen.answer(True)")
        yield KeyFooter()

    def action_answer(self, yes: bool) -> None:
        self.dismiss(yes)
