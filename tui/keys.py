"""The names of what keys do, for the settings: `keys.documents = "f2"`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from textual.binding import Binding
from textual.dom import DOMNode

from rag.errors import UsageError


def names() -> list[str]:
    """Return every name that a key can be given to."""
    from tui.app import BelegApp
    from tui.screens.add_documents import AddDocumentsScreen
    from tui.screens.chat import ChatScreen
    from tui.screens.conversations import ConversationsScreen
    from tui.screens.document import DocumentScreen
    from tui.screens.documents import DocumentsScreen
    from tui.widgets.composer import Composer
    from tui.widgets.file_tree import FileTree
    from tui.widgets.path_input import PathInput
    from tui.widgets.source import Card

    nodes: list[type[DOMNode]] = [BelegApp, ChatScreen, DocumentScreen, DocumentsScreen, ConversationsScreen]
    nodes += [Composer, Card, PathInput, AddDocumentsScreen, FileTree]
    return sorted({name for node in nodes for name in _of(node)})


def _of(node: type[DOMNode]) -> Iterator[str]:
    for binding in node.BINDINGS:
        if isinstance(binding, Binding) and binding.id:
            yield binding.id


def check(keys: Mapping[str, str]) -> None:
    """Raise UsageError where the settings name something that no key does, or no key."""
    known = names() if keys else []
    for name, value in keys.items():
        if name not in known:
            raise UsageError(
                f"The setting keys.{name} names nothing that a key does.", f"Known are {', '.join(known)}."
            )
        if not all(part.strip() for part in value.split(",")):
            raise UsageError(f"The setting keys.{name} names no key.", 'Write keys as in keys.documents = "f2,ctrl+d".')
