"""Picks an earlier conversation, names it, deletes it and takes that back."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from rag.errors import BelegError
from rag.localization import gettext, ngettext
from rag.text.moments import local
from rag.text.sanitize import one_line
from tui.screens.dialog import Dialog
from tui.screens.path import ConfirmScreen
from tui.widgets.screen_footer import KeyFooter

if TYPE_CHECKING:
    from rag.conversations.deleting import Deleted
    from rag.conversations.store import Conversations, Heading

_WIDTH = 70  # of a title or a line that was found


class ConversationsScreen(Dialog[str | None]):
    """Gives back the id of the conversation that is chosen, or None after Esc.

    What is typed is looked for in the names, the questions, the answers and the names of the
    sources. What is deleted is added to `deleted`, and taken back from its end; `gone` and `back` are called with
    the id of each.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "move('down')", "Down", show=False, priority=True),
        Binding("up", "move('up')", "Up", show=False, priority=True),
        Binding("enter", "choose", "Open", priority=True),
        Binding("f2", "rename", "Rename", id="rename-conversation", priority=True),
        Binding("ctrl+d", "delete", "Delete", id="delete-conversation", priority=True),
        Binding("ctrl+z", "take_back", "Take back", id="take-back", priority=True),
        Binding("escape", "dismiss", "Cancel", id="back"),
    ]

    def __init__(
        self, saved: Conversations, deleted: list[Deleted], gone: Callable[[str], None], back: Callable[[str], None]
    ) -> None:
        super().__init__()
        self._saved, self._deleted = saved, deleted
        self._gone, self._back = gone, back
        self._headings: list[Heading] = []

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog tall"):
            yield Static(gettext("Conversations"), classes="dialog-title")
            yield Input(placeholder=gettext("Search names, questions, answers and sources …"), compact=True)
            yield OptionList()
            yield Static(classes="dialog-hint")
        yield KeyFooter()

    def on_mount(self) -> None:
        self._list()

    @on(Input.Changed)
    def _typed(self) -> None:
        self._list()

    def _list(self, at: str = "", note: str = "") -> None:
        """List what is found, with the conversation `at` chosen, and say a note beside how much that is."""
        search = self.query_one(Input).value
        options = self.query_one(OptionList)
        options.clear_options()
        try:
            self._headings = self._saved.headings(search)
        except BelegError as error:
            self._headings = []
            self._say(str(error))
            return
        for heading in self._headings:
            options.add_option(Option(_told(heading, search), id=heading.id))
        ids = [heading.id for heading in self._headings]
        options.highlighted = (ids.index(at) if at in ids else 0) if ids else None
        found = gettext("{n} found").format(n=len(ids)) if ids else gettext("none found")
        self._say(f"{found} · {note}" if note else found)
        self.refresh_bindings()

    def _say(self, text: str) -> None:
        self.query_one(".dialog-hint", Static).update(Content(one_line(text)))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        if action == "take_back":
            return bool(self._deleted)
        return bool(self._headings) if action in ("choose", "rename", "delete") else True

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

    def action_rename(self) -> None:
        heading = self._chosen()
        if heading is None:
            return

        def named(name: str | None) -> None:
            if name is None:
                return
            try:
                self._saved.rename(heading.id, name)
            except BelegError as error:
                self._say(str(error))
                return
            self._list(heading.id)

        self.app.push_screen(NameScreen(heading.title), named)

    def action_delete(self) -> None:
        heading = self._chosen()
        if heading is None:
            return
        title = one_line(heading.title, 50)

        def delete(yes: bool | None) -> None:
            if not yes:
                return
            try:
                deleted = self._saved.delete(heading.id)
            except BelegError as error:
                self._say(str(error))
                return
            self._gone(heading.id)
            if deleted is None:
                self._list(note=gettext("deleted for good: it could not be kept"))
                return
            self._deleted.append(deleted)
            note = gettext("deleted “{title}”: ctrl+z takes it back, until Beleg ends")
            self._list(note=note.format(title=title))

        question = gettext("Delete “{title}”? ctrl+z in the list takes it back, until Beleg ends.")
        self.app.push_screen(ConfirmScreen(question.format(title=title)), delete)

    def action_take_back(self) -> None:
        try:
            self._saved.restore(self._deleted[-1])
        except BelegError as error:
            self._say(str(error))
            return
        identity = self._deleted.pop().id
        self._back(identity)
        self._list(identity, gettext("taken back"))

    async def action_dismiss(self, result: str | None = None) -> None:
        self.dismiss(result)


class NameScreen(Dialog[str | None]):
    """Gives back the name that is typed, "" for none, or None after Esc or where it stays as it is."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss", "Cancel", id="back")]

    def __init__(self, name: str) -> None:
        super().__init__()
        self._before = one_line(name)

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(gettext("Name of the conversation"), classes="dialog-title")
            yield Input(self._before, compact=True)
            hint = gettext("Enter keeps it. Left empty, the first question stands for it.")
            yield Static(hint, classes="dialog-hint")
        yield KeyFooter()

    @on(Input.Submitted)
    def _done(self, event: Input.Submitted) -> None:
        self.dismiss(None if event.value == self._before else event.value)

    async def action_dismiss(self, result: str | None = None) -> None:
        self.dismiss(result)


def _told(heading: Heading, search: str) -> Content:
    """Return what the list shows of a conversation: its title, when, and the line that was found."""
    asked = ngettext("{n} question", "{n} questions", heading.turns).format(n=heading.turns)
    about = f"{local(heading.updated)} · {asked}"
    told = Content.assemble(one_line(heading.title, _WIDTH), "\n", Content(f"  {about}").stylize("$text-muted"))
    return Content.assemble(told, "\n  ", _marked(one_line(heading.hit, _WIDTH), search)) if heading.hit else told


def _marked(line: str, search: str) -> Content:
    """Return a line with the words in bold that hold one of those that were looked for."""
    from rag.conversations.searching import folded, held

    wanted = folded(search).split()
    words = [(word, "bold") if held(folded(word), wanted) else word for word in line.split(" ")]
    return Content(" ").join(Content.assemble(word) for word in words)
