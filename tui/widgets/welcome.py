"""What stands where the conversation will be: how to begin."""

from __future__ import annotations

from pathlib import Path

from textual.content import Content
from textual.widgets import Static

from rag.text.sanitize import plain
from tui.engine import seeds

_ASK = """Ask your documents. Every answer shows the exact words it rests on.

1–9 opens a source · Enter on it opens the document there
ctrl+l documents · ctrl+o earlier conversations · f1 all keys"""

_EMPTY = """The library is empty.

ctrl+l adds files and folders (pdf docx odt xlsx eml html txt …),
or in a shell: beleg index FOLDER
{seeds}
The library is in {folder}"""

_SEEDS = "ctrl+t tries it with the articles that come with Beleg\n"


class Welcome(Static):
    """Shows how to ask, or with an empty library how to add documents."""

    def __init__(self) -> None:
        super().__init__(Content(_ASK), id="welcome")

    def show(self, folder: Path, *, empty: bool) -> None:
        """Say how to ask; with an empty library, how to add documents, and offer those that come with Beleg."""
        seeded = _SEEDS if seeds() is not None else ""
        self.update(Content(_EMPTY.format(folder=plain(str(folder)), seeds=seeded) if empty else _ASK))
