"""What leads out of the chat: the clipboard, files that are written, models that are chosen.

Places are asked for, and nothing is overwritten without a yes.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from rag.documents.paths import absolute
from rag.errors import BelegError
from rag.text.sanitize import one_line
from tui import clipboard
from tui.engine import told
from tui.screens.path import ConfirmScreen, PathScreen

if TYPE_CHECKING:
    from rag.answering.assistant import Answer
    from tui.app import BelegApp


def as_text(answer: Answer, with_sources: bool) -> str:
    """Return an answer as plain text."""
    from rag.output.terminal import sources
    from rag.text.sanitize import plain

    text = plain(answer.text)
    return f"{answer.question}\n\n{text}\n{sources(answer, False)}\n" if with_sources else text


def copy(app: BelegApp, with_sources: bool) -> None:
    """Copy the selected answer, say how, and offer a file where no clipboard works."""
    if app.chat.answer is None:
        return
    text = as_text(app.chat.answer, with_sources)
    worked, said = clipboard.copy(app, text, "The answer with its sources" if with_sources else "The answer")
    app.tell(said, bad=not worked)
    if not worked:
        offer(app, text)


def export(app: BelegApp) -> None:
    """Ask where the conversation is to be saved, and save it."""
    from rag.output.transcript import write

    saved = app.chat.said()  # what is on the screen, whether or not it could be saved
    if not saved.turns:
        app.tell("There is no answer to save yet.", bad=True)
        return
    hint = "The ending chooses: .md, .html or .json"
    _ask(
        app,
        "Save the conversation",
        hint,
        f"{_name(saved.title)}.md",
        lambda path, over: write(saved, path, overwrite=over),
    )


def offer(app: BelegApp, text: str) -> None:
    """Where no clipboard works, offer to write the text to a file."""

    def write(path: Path, over: bool) -> None:
        try:
            with path.open("w" if over else "x", encoding="utf-8") as stream:
                stream.write(text)
        except OSError as error:
            raise BelegError(f"{path} cannot be written: {error.strerror}.", "Name another file.") from error

    _ask(app, "No clipboard works here: save to a file instead", "Esc leaves it", "answer.txt", write)


def _ask(app: BelegApp, title: str, hint: str, value: str, write: Callable[[Path, bool], None]) -> None:
    def save(path: Path, over: bool) -> None:
        try:
            write(path, over)
            app.tell(f"Saved in {path}")
        except BelegError as error:
            app.tell(told(error), bad=True)

    def chosen(given: str | None) -> None:
        if not given:
            return
        try:
            path = absolute(given)
            exists = path.exists()
        except (BelegError, OSError, ValueError) as error:
            app.tell(told(error), bad=True)
            return
        if exists:
            app.push_screen(ConfirmScreen(f"Overwrite {path}?"), lambda yes: save(path, True) if yes else None)
        else:
            save(path, False)

    app.push_screen(PathScreen(title, hint, value), chosen)


def _name(title: str) -> str:
    words = re.findall(r"\w+", one_line(title, 60))
    return "-".join(words[:8]).lower() or "conversation"


def choose_model(app: BelegApp) -> None:
    """Ask for another LLM; a running answer is stopped before it is loaded."""

    def chosen(path: str | None) -> None:
        if path:
            try:
                app.use(llm=absolute(path))
            except BelegError as error:
                app.tell(told(error), bad=True)

    hint = "A .gguf file. The palette goes back to the embedded model."
    app.push_screen(PathScreen("Choose the LLM", hint, endings=(".gguf",)), chosen)
