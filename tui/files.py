"""Writes conversations and answers to files, asking for the place and before anything is overwritten."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from rag.errors import BelegError
from rag.plain import one_line
from tui.engine import told
from tui.screens.path import ConfirmScreen, PathScreen

if TYPE_CHECKING:
    from rag.answer import Answer
    from tui.app import BelegApp


def as_text(answer: Answer, with_sources: bool) -> str:
    """Return an answer as plain text."""
    from rag.plain import plain
    from rag.show import sources

    text = plain(answer.text)
    return f"{answer.question}\n\n{text}\n{sources(answer, False)}\n" if with_sources else text


def export(app: BelegApp) -> None:
    """Ask where the conversation is to be saved, and save it."""
    from rag.transcript import write

    if not any(turn.answer for turn in app.chat.turns):
        app.tell("There is no answer to save yet.", bad=True)
        return
    try:
        saved = app.engine.conversations().open(app.chat.conversation)
    except BelegError as error:
        app.tell(told(error), bad=True)
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
        path = Path(given).expanduser().absolute()
        if path.exists():
            app.push_screen(ConfirmScreen(f"Overwrite {path}?"), lambda yes: save(path, True) if yes else None)
        else:
            save(path, False)

    app.push_screen(PathScreen(title, hint, value), chosen)


def _name(title: str) -> str:
    words = re.findall(r"\w+", one_line(title, 60))
    return "-".join(words[:8]).lower() or "conversation"
