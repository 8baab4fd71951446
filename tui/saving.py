"""What leaves the chat: copies of an answer, and files that the person names."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from textual.app import App

from rag.documents.paths import absolute
from rag.errors import BelegError
from rag.localization import gettext
from rag.text.sanitize import one_line
from tui import clipboard
from tui.engine import told
from tui.screens.chat import ChatScreen
from tui.terminal import TerminalApp
from tui.widgets.conversation import Conversation

if TYPE_CHECKING:
    from rag.answering.assistant import Answer


class Tell(Protocol):
    """Shows a note for a while."""

    def __call__(self, text: str, *, bad: bool = False, about: str = "") -> None: ...


def as_text(answer: Answer, with_sources: bool) -> str:
    """Return an answer as plain text."""
    from rag.output.terminal import sources
    from rag.text.sanitize import plain

    text = plain(answer.text)
    return f"{answer.question}\n\n{text}\n{sources(answer, False)}\n" if with_sources else text


def copy(app: TerminalApp, tell: Tell, answer: Answer, with_sources: bool) -> None:
    """Copy an answer, say how, and offer a file where no clipboard works."""
    text = as_text(answer, with_sources)
    what = gettext("The answer with its sources") if with_sources else gettext("The answer")
    worked, said = clipboard.copy(app.send_to_clipboard, text, what)
    tell(said, bad=not worked)
    if not worked:
        offer(app, tell, text)


def export(app: App[Any], tell: Tell, chat: ChatScreen, path: str = "") -> None:
    """Ask where a conversation is to be saved, and save what is on the screen, whether or not it is kept elsewhere.

    A path that is given is offered.
    """
    from rag.output.transcript import write

    saved = chat.query_one(Conversation).said(chat.conversation)
    with suppress(BelegError):  # a name is no reason not to write what is on the screen
        saved = replace(saved, name=chat.engine.conversations().name(saved.id))
    if not saved.turns:
        tell(gettext("There is no answer to save yet."), bad=True)
        return
    title, hint = gettext("Save the conversation"), gettext("The ending chooses: .md, .html or .json")
    name = path or str(_folder() / f"{_name(saved.title)}.md")
    _ask(app, tell, title, hint, name, lambda path, over: write(saved, path, overwrite=over))


def offer(app: App[Any], tell: Tell, text: str) -> None:
    """Where no clipboard works, offer to write the text to a file."""

    def write(path: Path, over: bool) -> None:
        try:
            with path.open("w" if over else "x", encoding="utf-8") as stream:
                stream.write(text)
        except OSError as error:
            reason = gettext("{path} cannot be written: {why}.").format(path=path, why=error.strerror)
            raise BelegError(reason, gettext("Name another file.")) from error

    title, name = gettext("No clipboard works here: save to a file instead"), str(_folder() / gettext("answer.txt"))
    _ask(app, tell, title, gettext("Esc leaves it"), name, write)


def _ask(
    app: App[Any],
    tell: Tell,
    title: str,
    hint: str,
    value: str,
    write: Callable[[Path, bool], None],
    wrong: str = "",
) -> None:
    """Ask for a path and `write` there; where that cannot be done, ask again, with the path and the reason."""
    from tui.screens.path import ConfirmScreen, PathScreen

    def again(given: str, error: Exception) -> None:
        _ask(app, tell, title, hint, given, write, told(error))

    def save(given: str, path: Path, over: bool) -> None:
        try:
            write(path, over)
        except BelegError as error:
            again(given, error)
        else:
            tell(gettext("Saved in {path}").format(path=path))

    def chosen(given: str | None) -> None:
        if not given:
            return
        try:
            path = absolute(given)
            exists = path.exists()
        except (BelegError, OSError, ValueError) as error:
            again(given, error)
            return
        if exists:
            question = gettext("Overwrite {path}?").format(path=path)
            asked = ConfirmScreen(question, yes=gettext("Overwrite"), no=gettext("Keep it"))
            app.push_screen(asked, lambda yes: save(given, path, True) if yes else None)
        else:
            save(given, path, False)

    app.push_screen(PathScreen(title, hint, value, wrong=wrong), chosen)


def _folder() -> Path:
    """Return where a person's files are kept: not where the chat was started, which may be a folder that is indexed."""
    home = Path.home()
    return next((home / name for name in ("Documents", "Dokumente") if (home / name).is_dir()), home)


def _name(title: str) -> str:
    words = re.findall(r"\w+", one_line(title, 60))
    return "-".join(words[:8]).lower() or gettext("conversation")
