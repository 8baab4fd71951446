"""Picks an earlier conversation."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Footer, Input, OptionList, Static
from textual.widgets.option_list import Option

from rag.errors import BelegError
from rag.text.sanitize import one_line
from tui.screens.path import ConfirmScreen
from tui.text import local

if TYPE_CHECKING:
    from rag.conversations.store import Conversations, Heading


class ConversationsScreen(ModalScreen[str | None]):
    """Gives back the id of the conversation that is chosen, or None after Esc.

    What is typed is looked for in the questions, the answers and the names of the sources.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "move('down')", "Down", show=False, priority=True),
        Binding("up", "move('up')", "Up", show=False, priority=True),
        Binding("enter", "choose", "Open", priority=True),
        Binding("ctrl+d", "delete", "Delete", id="delete-conversation", priority=True),
        Binding("escape", "dismiss", "Cancel", id="back"),
    ]

    def __init__(self, saved: Conversations, deleted: Callable[[str], None]) -> None:
        super().__init__()
        self._deleted = deleted
        self._saved = saved
        self._headings: list[Heading] = []

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog tall"):
            yield Static("Conversations", classes="dialog-title")
            yield Input(placeholder="Search questions, answers and sources …", compact=True)
            yield OptionList()
            yield Static(classes="dialog-hint")
        yield Footer()

    def on_mount(self) -> None:
        self._list("")

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        self._list(event.value)

    def _list(self, search: str) -> None:
        options = self.query_one(OptionList)
        options.clear_options()
        try:
            self._headings = self._saved.headings(search)
        except BelegError as error:
            self._headings = []
            self._say(str(error))
            return
        for heading in self._headings:
            about = f"{local(heading.updated)} · {heading.turns} question{'s' * (heading.turns != 1)}"
            line = Content.assemble(one_line(heading.title, 70), "\n", Content(f"  {about}").stylize("$text-muted"))
            options.add_option(Option(line, id=heading.id))
        options.highlighted = 0 if self._headings else None
        self._say(f"{len(self._headings)} found" if self._headings else "none found")

    def _say(self, text: str) -> None:
        self.query_one(".dialog-hint", Static).update(Content(one_line(text)))

    def action_move(self, way: str) -> None:
        options = self.query_one(OptionList)
        if way == "down":
            options.action_cursor_down()
        else:
            options.action_cursor_up()

    def _chosen(self) -> Heading | None:
        at = self.query_one(OptionList).highlighted
        return self._headings[at] if at is not None and at < len(self._headings) else None

    def action_choose(self) -> None:
        if heading := self._chosen():
            self.dismiss(heading.id)

    @on(OptionList.OptionSelected)
    def _clicked(self) -> None:
        self.action_choose()

    def action_delete(self) -> None:
        heading = self._chosen()
        if heading is None:
            return

        def deleted(yes: bool | None) -> None:
            if not yes:
                return
            try:
                self._saved.delete(heading.id)
            except BelegError as error:
                self._say(str(error))
                return
            self._deleted(heading.id)
            self._list(self.query_one(Input).value)

        self.app.push_screen(ConfirmScreen(f"Delete “{one_line(heading.title, 50)}” for good?"), deleted)

    async def action_dismiss(self, result: str | None = None) -> None:
        self.dismiss(result)
