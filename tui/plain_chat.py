"""The same conversation line by line: for screen readers, pipes, and terminals that can do no more.

A line of standard input is a question, or /help or /quit. Answers and sources are standard output, in the language of
the question; what is being done is standard error, in the interface's. What is typed is saved as in the chat. What a
script pipes in is not, for the next `--continue` would go on with it; with `--continue` it is part of what is gone on
with, and saved.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rag.errors import BelegError, LibraryUnusable, UsageError
from rag.index.metadata_filter import ALL, Filter, chosen
from rag.localization import gettext, ngettext, words
from rag.system.cancellation import CancelToken
from rag.system.sqlite_files import there
from rag.text.sanitize import one_line, plain
from tui.typed_lines import edited, lines

if TYPE_CHECKING:
    from rag.answering.assistant import Answer, Assistant
    from rag.conversations.store import Conversations
    from rag.index.library import Library
    from rag.settings import Settings

_BROUGHT_BACK = 500  # questions
_SLASHED = re.compile(r"/[^\W\d_]*(\s.*)?|/\S*", re.S)  # a command, or a path: no question either way


def converse(settings: Settings, go_on: bool, cancel: CancelToken, limit: Filter = ALL) -> int:
    """Answer each line of standard input; return the exit code: 0, or 3 where the last answer was not found.

    Only documents that `limit` lets through are asked. Raises UsageError where that is none,
    LibraryUnusable where the library is deleted meanwhile, and Stopped once `cancel` is cancelled:
    that ends the chat, not one answer.
    """
    from rag.answering.assistant import Assistant
    from rag.cli.options import limited, open_in_step
    from rag.conversations.store import Conversations, new_id
    from rag.output.terminal import sources

    saved = Conversations(settings.library)
    going_on = saved.latest() if go_on else None
    identity = going_on or new_id()
    kept = go_on or sys.stdin.isatty()
    with open_in_step(settings, cancel) as library, Assistant(settings, library) as assistant:
        limited(library, limit)
        earlier = [turn.answer for turn in saved.open(identity).turns] if going_on else []
        for answer in earlier:
            print(f"> {plain(answer.question)}\n{plain(answer.text)}\n")
        _say(_help() if kept else _help() + " " + gettext("Piped questions are saved with --continue only."))
        code = 0
        for question in _questions(_asked(saved)):
            if _SLASHED.fullmatch(question):
                if question == "/quit":
                    break
                _say(_help() if question == "/help" else _no_command(question))
                continue
            _still_there(library)
            try:
                documents = chosen(library.entries(), limit).ids if limit else ()
                answer = _answer(assistant, question, documents, earlier, cancel)
            except UsageError as error:
                _say(f"beleg: {error}")
                code = error.exit_code
                continue
            print(sources(answer, False) + "\n", flush=True)
            earlier.append(answer)
            code = 3 if answer.status == "not_found" else 0
            try:
                _still_there(library)
                if kept:
                    saved.save(identity, answer)
            except BelegError as error:
                _say("beleg: " + gettext("not saved: {reason}").format(reason=error))
    return code


def _help() -> str:
    said = gettext("A line is a question. An empty line does nothing; ctrl+d ends.")
    return said + " " + gettext("↑ brings earlier questions back.") if edited() else said


def _no_command(line: str) -> str:
    name = one_line(line.split()[0].removeprefix("/"))
    return gettext("There is no /{name}. There are: {all}").format(name=name, all="/help · /quit")


def _questions(earlier: Sequence[str]) -> Iterator[str]:
    """Yield the lines that hold anything, questions or commands; where nobody sees them typed, they are shown."""
    for line in lines(earlier):
        if question := line.strip():
            if not sys.stdin.isatty():
                print(f"> {plain(question)}", flush=True)
            yield question


def _asked(saved: Conversations) -> list[str]:
    """Return the questions to be brought back: those that are kept anyway, so what is deleted there is gone here."""
    if not edited():
        return []
    try:
        return saved.questions(_BROUGHT_BACK)
    except BelegError as error:
        _say("beleg: " + gettext("earlier questions cannot be brought back: {reason}").format(reason=error))
        return []


def _still_there(library: Library) -> None:
    """Raise LibraryUnusable where it was deleted: SQLite would go on reading, and a save would make its folder anew."""
    if not there(library.file):
        raise LibraryUnusable(
            gettext("The library in {folder} is gone: it was deleted or moved while it was open.").format(
                folder=library.folder
            ),
            gettext("Put it back, or bring back a backup (beleg restore FILE), and start again."),
        )


def _answer(
    assistant: Assistant, question: str, documents: Sequence[str], earlier: Sequence[Answer], cancel: CancelToken
) -> Answer:
    from rag.answering.assistant import Answered, Retrieved, Searching, Writing
    from rag.index.hybrid_search import language_of

    asked = question
    for event in assistant.ask(question, documents, earlier, cancel=cancel):
        if isinstance(event, Searching):
            if event.question != asked:
                head = words(language_of(question, assistant.library)).gettext("asked as:")
                print(head + " " + one_line(event.question), flush=True)
            asked = event.question
        elif isinstance(event, Retrieved):
            n = len(event.passages)
            _say(ngettext("reading {n} passage …", "reading {n} passages …", n).format(n=n))
        elif isinstance(event, Writing):
            print(plain(event.delta), end="", flush=True)
        elif isinstance(event, Answered):
            print()
            return event.answer
    raise BelegError(gettext("The question was not answered."), gettext("Ask again."))


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
