"""Asks which files and folders are to be added: typed, dropped on the terminal, or chosen in a tree."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from rag.documents.shell_words import written
from rag.errors import BelegError
from rag.localization import gettext
from rag.text.sanitize import one_line
from tui.screens.dialog import Dialog
from tui.widgets.file_tree import FileTree
from tui.widgets.path_input import PathInput
from tui.widgets.screen_footer import KeyFooter


@dataclass
class _Looked(Message):
    """What a line names, or why that cannot be added."""

    line: str
    paths: list[str]
    error: str = ""


class AddDocumentsScreen(Dialog[list[str] | None]):
    """Gives back the paths that are to be indexed, or None after Esc.

    `look` is called in a thread and returns the paths that a line names, or raises BelegError where one is
    wrong; the screen says so, and what was typed stays.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "tree", "Choose a file", id="choose-file", priority=True),
        Binding("escape", "dismiss", "Cancel", id="back"),
    ]

    def __init__(self, look: Callable[[str], list[str]], folder: Path | None = None) -> None:
        super().__init__()
        self._look = look
        self._folder = folder or Path.cwd()

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog tall"):
            yield Static(gettext("Add documents"), classes="dialog-title")
            yield PathInput(placeholder=gettext("path — Tab completes"), several=True)
            yield Static(_hint(), classes="dialog-hint")
            yield FileTree(self._folder)
        yield KeyFooter()

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        if event.value.strip():
            self._add(event.value)

    def _add(self, line: str) -> None:
        """See in a thread what a line names: a drive that is not there may not answer for long."""
        self.say(gettext("looking …"))

        def look() -> None:
            try:
                self.post_message(_Looked(line, self._look(line)))
            except BelegError as error:
                self.post_message(_Looked(line, [], str(error)))

        self.run_worker(look, thread=True, exclusive=True, exit_on_error=False)

    @on(_Looked)
    def _looked(self, event: _Looked) -> None:
        if not self.is_current or self.query_one(PathInput).value != event.line:
            return  # the person has gone, or has typed on
        if event.error:
            self.say(event.error, wrong=True)
            self.query_one(PathInput).focus()
        else:
            self.dismiss(event.paths)

    @on(Input.Changed)
    def _typed(self) -> None:
        self.say(_hint())

    def say(self, text: str, *, wrong: bool = False) -> None:
        """Show what is to be known, below what is typed."""
        hint = self.query_one(".dialog-hint", Static)
        hint.update(Content(one_line(text)))
        hint.set_class(wrong, "wrong")

    # --- the tree --------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        return action != "tree" or not isinstance(self.focused, FileTree)

    def action_tree(self) -> None:
        self.query_one(FileTree).focus()

    @on(FileTree.Left)
    def _typing(self) -> None:
        self.query_one(PathInput).focus()

    @on(FileTree.Chosen)
    def _chosen(self, event: FileTree.Chosen) -> None:
        path = str(event.path)
        with self.prevent(Input.Changed):
            self.query_one(PathInput).value = line = path if path == path.strip() else written(path)
        self._add(line)

    def on_key(self, event: events.Key) -> None:
        if event.is_printable and event.character and event.character != " " and self._to_box():
            self.query_one(PathInput).insert_text_at_cursor(event.character)
            event.stop()

    def on_paste(self, event: events.Paste) -> None:
        if self._to_box():
            self.query_one(PathInput).post_message(events.Paste(event.text))

    def _to_box(self) -> bool:
        """Give the focus to what is typed; return False where it has it."""
        box = self.query_one(PathInput)
        elsewhere = self.focused is not box
        box.focus()
        box.cursor_position = len(box.value) if elsewhere else box.cursor_position
        return elsewhere

    async def action_dismiss(self, result: list[str] | None = None) -> None:
        self.dismiss(result)


def _hint() -> str:
    return gettext(
        "Files, folders, or a pattern such as notes/**/*.md; drop them here, or choose below: ↓, then Enter adds"
    )
