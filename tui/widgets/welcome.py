"""What stands where the conversation will be: how to begin."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from textual.content import Content
from textual.widgets import Static

from rag.text.sanitize import plain
from tui.engine import seeds

if TYPE_CHECKING:
    from rag.models.catalogue import CatalogueModel

_ASK = """Ask your documents. Every answer shows the exact words it rests on.

Enter asks · alt+1 opens the first source, Enter then the document there
ctrl+l documents · ctrl+o earlier conversations · f1 all keys"""

_EMPTY = """The library is empty.

ctrl+l adds files and folders (pdf docx odt xlsx eml html txt …),
or in a shell: beleg index FOLDER
{seeds}
The library is in {folder}"""

_SEEDS = "ctrl+t tries it with the articles that come with Beleg\n"
_WRITER = "\n\nctrl+g pulls an LLM that writes answers: {name}, {size}"


class Welcome(Static):
    """Shows how to ask, or with an empty library how to add documents."""

    def __init__(self) -> None:
        super().__init__(Content(_ASK), id="welcome")

    def show(self, folder: Path, *, empty: bool, writer: CatalogueModel | None, about: str = "") -> None:
        """Say how to ask; with an empty library, how to add documents, and offer those that come with Beleg.

        A `writer` is an LLM that is offered; `about` says which documents there are.
        """
        seeded = _SEEDS if seeds() is not None else ""
        text = _EMPTY.format(folder=plain(str(folder)), seeds=seeded) if empty else _ASK
        if about and not empty:
            text += f"\n\n{about}\n/docs lists them, or ask: What documents do I have?"
        if writer is not None:
            from rag.models.offer import size_of

            text += _WRITER.format(name=writer.name, size=size_of(writer))
        self.update(Content(text))
