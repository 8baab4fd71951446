"""What keys do, by place: for the help, and by name for the settings, as in `keys.documents = "f2"`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from textual.app import App
from textual.binding import Binding
from textual.dom import DOMNode

from rag.errors import UsageError
from rag.localization import gettext
from tui.screens.help import Place


def places(app: type[App[None]], here: Sequence[DOMNode] = ()) -> list[Place]:
    """Return where keys do something: first those of `here`, the innermost before, and the application's last."""
    from tui.screens.add_documents import AddDocumentsScreen
    from tui.screens.chat import ChatScreen
    from tui.screens.conversations import ConversationsScreen
    from tui.screens.document import DocumentScreen
    from tui.screens.documents import DocumentsScreen
    from tui.screens.path import ConfirmScreen
    from tui.widgets.card import Card
    from tui.widgets.composer import Composer
    from tui.widgets.file_tree import FileTree
    from tui.widgets.path_input import PathInput

    nodes: list[tuple[str, Sequence[type[DOMNode]]]] = [
        (gettext("While you type a question"), [Composer]),
        (gettext("In the chat"), [ChatScreen]),
        (gettext("On a source"), [Card]),
        (gettext("In a document"), [DocumentScreen]),
        (gettext("In the list of documents"), [DocumentsScreen]),
        (gettext("While you add documents"), [AddDocumentsScreen, PathInput, FileTree]),
        (gettext("In the list of conversations"), [ConversationsScreen]),
        (gettext("Where a yes is asked for"), [ConfirmScreen]),
        (gettext("Anywhere"), [app]),
    ]
    nodes.sort(
        key=lambda each: next((at for at, node in enumerate(here) if isinstance(node, tuple(each[1]))), len(here))
    )
    return [Place(title, tuple(each for node in of for each in _of(node))) for title, of in nodes]


def _of(node: type[DOMNode]) -> Iterator[Binding]:
    for binding in node.BINDINGS:
        if isinstance(binding, Binding) and binding.id:
            yield binding


def names(app: type[App[None]]) -> list[str]:
    """Return every name that a key can be given to."""
    return sorted({binding.id for place in places(app) for binding in place.bindings if binding.id})


def check(keys: Mapping[str, str], app: type[App[None]]) -> None:
    """Raise UsageError where the settings name something that no key does, or no key."""
    known = names(app) if keys else []
    for name, value in keys.items():
        if name not in known:
            reason = gettext("The setting keys.{name} names nothing that a key does.").format(name=name)
            raise UsageError(reason, gettext("Known are {names}.").format(names=", ".join(known)))
        if not all(part.strip() for part in value.split(",")):
            reason = gettext("The setting keys.{name} names no key.").format(name=name)
            raise UsageError(reason, gettext('Write keys as in keys.documents = "f2,ctrl+d".'))
