"""The files below a folder, to choose one of; Enter chooses, the arrows open and close folders."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from rich.text import Text, TextType
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import DirectoryTree

from rag.documents.readers import READERS
from rag.text.sanitize import one_line


class FileTree(DirectoryTree):
    """Shows folders and the files that there is a reader for, without what is hidden."""

    ICON_NODE, ICON_NODE_EXPANDED, ICON_FILE = "▸ ", "▾ ", "  "

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right", "expand", "Open folder", show=False),
        Binding("left", "collapse", "Close folder", show=False),
        Binding("backspace", "above", "Folder above", id="folder-above"),
    ]

    @dataclass
    class Chosen(Message):
        """The person has chosen a file or a folder."""

        path: Path

    class Left(Message):
        """The person went up from the first line."""

    def on_mount(self) -> None:
        self.auto_expand = False  # Enter chooses a folder, too

    def filter_paths(self, paths: Iterable[Path]) -> Iterable[Path]:
        for path in paths:
            if path.name.startswith(".") or not path.name.isprintable():  # it could not be shown as it is
                continue
            if path.suffix.lower() in READERS or self._safe_is_dir(path):
                yield path

    def process_label(self, label: TextType) -> Text:
        return Text(one_line(str(label)) or "/")

    def action_select_cursor(self) -> None:
        if self.cursor_node is not None and self.cursor_node.data is not None:
            self.post_message(self.Chosen(self.cursor_node.data.path))

    def action_expand(self) -> None:
        if self.cursor_node is not None and self.cursor_node.allow_expand:
            self.cursor_node.expand()

    def action_collapse(self) -> None:
        node = self.cursor_node
        if node is None:
            return
        if node.is_expanded and node is not self.root:
            node.collapse()
        elif node.parent is not None:
            self.move_cursor(node.parent)
        else:
            self.action_above()

    def action_above(self) -> None:
        """Begin at the folder above."""
        self.path = Path(self.path).parent

    def action_cursor_up(self) -> None:
        if self.cursor_line <= 0:
            self.post_message(self.Left())
        else:
            super().action_cursor_up()
