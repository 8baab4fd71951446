"""What `beleg ask` is asked, where that does not stand on the line, and the forms in which it answers."""

from __future__ import annotations

import sys
from io import TextIOWrapper
from typing import TYPE_CHECKING, Literal

from rag.errors import UsageError
from rag.localization import gettext

if TYPE_CHECKING:
    from rag.answering.assistant import Answer

Form = Literal["text", "json", "markdown", "html"]
FORMS = ("text", "json", "markdown", "html")
STDIN = "-"  # in place of a question
_MOST_READ = 1_000_000  # characters of what is piped in


def asked(given: str | None) -> str:
    """Return the question of the line, or what standard input holds where that is "-", or None and no terminal.

    Raises UsageError where nobody asks anything.
    """
    if given is not None and given != STDIN:
        return given
    piped = given == STDIN or (sys.stdin is not None and not sys.stdin.isatty())
    question = _piped() if piped and sys.stdin is not None else ""
    if not question.strip():
        raise UsageError(gettext("There is no question."), gettext("Ask one: beleg ask QUESTION, or pipe it in."))
    return question


def _piped() -> str:
    if isinstance(sys.stdin, TextIOWrapper):
        sys.stdin.reconfigure(encoding="utf-8", errors="replace")
    return sys.stdin.read(_MOST_READ)


def shown(answer: Answer, form: Form) -> str:
    """Return an answer as a whole in a form that is for a file or another program."""
    import json
    from datetime import UTC, datetime

    from rag.conversations.store import Conversation, Turn, new_id
    from rag.output.json_record import record
    from rag.output.transcript import html, markdown

    if form == "json":
        return json.dumps(record("1", answer), ensure_ascii=False)
    turn = Turn(answer, datetime.now(UTC).isoformat(timespec="seconds"))
    made = (html if form == "html" else markdown)(Conversation(new_id(), (turn,)))
    return made.encode("utf-8", "backslashreplace").decode().rstrip("\n")  # halves of characters, as in a saved file
