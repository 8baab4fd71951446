"""What all dialogs share: the help opens over them, too."""

from __future__ import annotations

from typing import ClassVar, TypeVar

from textual.binding import Binding, BindingType
from textual.screen import ModalScreen

Result = TypeVar("Result")


class Dialog(ModalScreen[Result]):
    """A screen over another. Keys of the application do nothing there, as Textual has it; the help's does."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("f1", "app.help", "Help", id="help", show=False)]
