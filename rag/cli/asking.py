"""`beleg ask`: what it is asked, where that does not stand on the line, and the forms in which it answers."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from io import TextIOWrapper
from typing import TYPE_CHECKING, Any, Literal

import click

from rag.cli.help import Command
from rag.cli.options import (
    ANSWERED,
    NOT_FOUND,
    limit_from,
    limited,
    limits,
    open_in_step,
    options,
    say,
    settings_to_answer,
)
from rag.errors import BelegError, UsageError
from rag.localization import gettext, ngettext

if TYPE_CHECKING:
    from rag.answering.assistant import Answer, Assistant
    from rag.system.cancellation import CancelToken

Form = Literal["text", "json", "markdown", "html"]
FORMS = ("text", "json", "markdown", "html")
_STDIN = "-"  # in place of a question
_MOST_READ = 1_000_000  # characters of what is piped in


@click.command(cls=Command)
@click.argument("words", nargs=-1, metavar="[QUESTION]")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a question: the record that scripts read.")
@click.option(
    "--format", "form", type=click.Choice(FORMS), help="How to print the answer: text, unless said; json is --json."
)
@limits
@options
@click.pass_context
def ask(context: click.Context, /, words: tuple[str, ...], as_json: bool, form: Form | None, **flags: Any) -> int:
    """Answer a question from the documents, with the exact quotes that say so.

    Several words are one question; quotation marks keep signs such as ? and * from the shell.

    "What is in here?", "Which documents mention the ferry?", "Summarise the report" are answered too:
    by titles, by the sentences that mention it, by how a document begins. Without a question, or with "-",
    questions are read from standard input, one a line, each by itself; `beleg chat --plain` takes follow-ups,
    `beleg batch -` goes on where it was stopped.
    """
    from rag.answering.assistant import Assistant

    if as_json and form not in (None, "json"):
        raise UsageError(
            gettext("--json and --format {form} contradict each other.").format(form=form),
            gettext("Give one of them."),
        )
    form = "json" if as_json else form or "text"
    questions = _asked(" ".join(words) if words else None)
    limit = limit_from(flags)
    settings = settings_to_answer(context, flags)
    with open_in_step(settings, context.obj) as library, Assistant(settings, library) as assistant:
        documents = limited(library, limit)
        answers = [_answered(assistant, questions, n, documents, form, context.obj) for n in range(len(questions))]
    if form in ("markdown", "html"):
        click.echo(_page(answers, form))
    return NOT_FOUND if any(answer.status == "not_found" for answer in answers) else ANSWERED


def _asked(given: str | None) -> list[str]:
    """Return the question of the line, or those of standard input where that is "-", or None and no terminal.

    Raises UsageError where nobody asks anything, and for a line that is no question.
    """
    if given is not None and given != _STDIN:
        return [given]
    piped = given == _STDIN or (sys.stdin is not None and not sys.stdin.isatty())
    lines = _piped().split("\n") if piped and sys.stdin is not None else []
    questions = [(n, line) for n, line in enumerate(lines, 1) if line.strip()]
    if not questions:
        raise UsageError(gettext("There is no question."), gettext("Ask one: beleg ask QUESTION, or pipe it in."))
    if len(questions) > 1:
        _look_at(questions)
    return [line for _, line in questions]


def _piped() -> str:
    if isinstance(sys.stdin, TextIOWrapper):
        sys.stdin.reconfigure(encoding="utf-8-sig", errors="replace")
    read = sys.stdin.read(_MOST_READ + 1)
    if len(read) > _MOST_READ:
        raise UsageError(
            gettext("More than {n} characters are piped in.").format(n=_MOST_READ),
            gettext("For many questions: beleg batch -"),
        )
    return read


def _look_at(questions: Sequence[tuple[int, str]]) -> None:
    """Have a line that is no question told before any is answered."""
    from rag.answering.request import clean

    for n, line in questions:
        try:
            clean(line)
        except UsageError as error:
            said = gettext("line {n}: {reason}").format(n=n, reason=error.reason)
            raise UsageError(said, error.remedy) from error


def _answered(
    assistant: Assistant, questions: Sequence[str], n: int, documents: Sequence[str], form: Form, cancel: CancelToken
) -> Answer:
    """Answer one of the questions, and print that, but for what becomes a page with the others."""
    from rag.answering.assistant import Answered, Retrieved, Writing
    from rag.output.json_record import record
    from rag.output.terminal import has_colour, sources
    from rag.text.sanitize import plain

    as_text = form == "text"
    if as_text and len(questions) > 1:  # nobody sees what was piped in
        click.echo(("\n" if n else "") + f"> {plain(questions[n].strip())}")
    with assistant.library.snapshot():
        for event in assistant.ask(questions[n], documents, cancel=cancel):
            if isinstance(event, Retrieved) and sys.stderr.isatty() and as_text:
                found = len(event.passages)
                say(ngettext("reading {n} passage …", "reading {n} passages …", found).format(n=found))
            elif isinstance(event, Writing) and as_text:
                click.echo(plain(event.delta), nl=False)
                sys.stdout.flush()
            elif isinstance(event, Answered):
                if as_text:
                    click.echo("\n" + sources(event.answer, has_colour()))
                elif form == "json":
                    click.echo(json.dumps(record(str(n + 1), event.answer), ensure_ascii=False))
                return event.answer
    raise BelegError(gettext("The question was not answered."), gettext("Ask again."))


def _page(answers: Sequence[Answer], form: Form) -> str:
    """Return answers as a page, in a form that is for a file."""
    from datetime import UTC, datetime

    from rag.conversations.store import Conversation, Turn, new_id
    from rag.output.transcript import html, markdown

    when = datetime.now(UTC).isoformat(timespec="seconds")
    n = len(answers)
    name = ngettext("{n} question", "{n} questions", n).format(n=n) if n > 1 else ""
    made = Conversation(new_id(), tuple(Turn(answer, when) for answer in answers), name)
    page = html(made) if form == "html" else markdown(made)
    return page.encode("utf-8", "backslashreplace").decode().rstrip("\n")  # halves of characters, as in a saved file
