"""`beleg batch`: a file of questions in, a file of answers out, for a night's run.

A run can end at any moment: by a signal, --stop-after, a crash. What was counted is on disk
then (see `journal`), and --resume goes on from there.
"""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rag.cli.batch_records import records_of
from rag.cli.help import Command
from rag.cli.options import (
    ANSWERED,
    FAILED,
    NOT_FOUND,
    limit_from,
    limited,
    limits,
    open_in_step,
    options,
    say,
    settings_to_answer,
    workers,
)
from rag.errors import UsageError
from rag.localization import gettext, ngettext
from rag.system.cancellation import CancelToken, Stopped, deferred
from rag.system.signals import STOPPED

if TYPE_CHECKING:
    from rag.answering.assistant import Assistant
    from rag.batch.journal import Form, Ledger
    from rag.batch.progress import Progress
    from rag.batch.question_file import Question, QuestionFile
    from rag.cli.batch_records import Records
    from rag.index.metadata_filter import Filter

_UNITS = {"s": 1, "m": 60, "h": 3600}


class _Batch(Command):
    """Knows `--resume=anyway`: click's own options with a value that may be left out would take what follows for it."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        known = {f"--{name}=anyway": [f"--{name}", "--anyway"] for name in ("resume", "only-failed")}
        end = args.index("--") if "--" in args else len(args)
        options = [each for arg in args[:end] for each in known.get(arg, [arg])]
        return super().parse_args(ctx, options + args[end:])


@click.command(cls=_Batch)
@click.argument("questions", type=click.Path(path_type=Path), metavar="QUESTIONS")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="ANSWERS",
    help="A .jsonl, .csv, .md or .html file; without it, JSON lines on standard output.",
)
@click.option(
    "--resume",
    is_flag=True,
    help="Go on with a run that was stopped: what is answered is not asked again. Refused where the model, the "
    "library, a setting or Beleg is not what it was, unless written --resume=anyway.",
)
@click.option("--only-failed", is_flag=True, help="Like --resume, but ask again what failed. Also =anyway.")
@click.option("--anyway", is_flag=True, hidden=True)
@click.option("--limit", type=click.IntRange(1), metavar="N", help="Only the first N questions of the file.")
@click.option("--stop-after", metavar="N|TIME", help="Stop after N answers, or after a time: 90s, 30m, 8h.")
@click.option("--strict", is_flag=True, help="Stop at the first row that is no question, before anything is asked.")
@click.option("-q", "--quiet", is_flag=True, help="Say nothing but errors.")
@workers
@limits
@options
@click.pass_context
def batch(
    context: click.Context,
    /,
    questions: Path,
    output: Path | None,
    resume: bool,
    only_failed: bool,
    anyway: bool,
    limit: int | None,
    stop_after: str | None,
    strict: bool,
    quiet: bool,
    **flags: Any,
) -> int:
    """Answer a file of questions: .txt, .csv or .jsonl, or - for standard input.

    A .txt file holds a question a line; a .csv file has a column `question`, a .jsonl file
    objects with it. `id` names a question, `documents` limits it to some, `tags`, `since` and
    `until` to those with these tags and dates (beside the options, which are for all of them),
    questions of one `conversation` follow each other, and `follows` names the one that a question
    follows.
    """
    from rag.answering.assistant import Assistant
    from rag.batch.question_file import read

    enough, wanted = _enough(stop_after), limit_from(flags)
    form = _form(output)
    if (resume or only_failed) and output is None:
        raise UsageError(
            gettext("There is nothing to go on with on standard output."), gettext("Name the file of the run with -o.")
        )
    if output is not None and same_file(output, questions):
        raise UsageError(gettext("The answers would overwrite the questions."), gettext("Name another file with -o."))
    file = read(questions, strict=strict)
    if not quiet:
        tell_bad(file)
    settings = settings_to_answer(context, flags)
    cancel: CancelToken = context.obj
    with open_in_step(settings, cancel) as library, Assistant(settings, library) as assistant:
        limited(library, wanted)  # that it lets nothing through is said before anything is asked
        chosen = [replace(question, wanted=wanted & question.wanted) for question in file.questions[:limit]]
        ledger = _ledger(output, file, form, assistant, wanted)
        if ledger is not None:
            with ledger:
                with deferred():
                    if resume or only_failed:
                        ledger.resume(("error",) if only_failed else (), anyway=anyway)
                    else:
                        ledger.begin()
                if not quiet:
                    _tell_begin(ledger)
                with records_of(assistant, cancel) as records:
                    stopped = _run(chosen, records, ledger, enough, quiet)
                with deferred():
                    ledger.finish(not stopped)
                counts = _counts(ledger)
        else:
            with records_of(assistant, cancel) as records:
                stopped, counts = _to_stdout(chosen, records, enough, quiet)
        if not quiet:
            _tell_end(counts, stopped, output)
        if stopped:
            cancel.check()
            return STOPPED
    if counts["error"] or file.bad:
        return FAILED
    return NOT_FOUND if counts["not_found"] else ANSWERED


def same_file(one: Path, other: Path) -> bool:
    """Whether two paths lead to one file that is there."""
    try:
        return one.samefile(other)
    except OSError:  # one of them is not there
        return False


def tell_bad(file: QuestionFile) -> None:
    """Say which rows are no questions."""
    from rag.text.sanitize import plain

    for row in file.bad:
        said = gettext("skipped: {file}, line {line}: {reason}")
        say(said.format(file=plain(file.name), line=row.line, reason=plain(row.reason)))


def _enough(given: str | None) -> Callable[[int], bool]:
    """Return what says, by the number of answers made, that a run is to stop."""
    if given is None:
        return lambda _: False
    match = re.fullmatch(r"(\d{1,9})([smh]?)", given.strip())
    if match is None or int(match[1]) == 0:
        raise UsageError(
            gettext("--stop-after {given} is neither a number nor a time.").format(given=given),
            gettext("Write 100, 90s, 30m or 8h."),
        )
    if not match[2]:
        most = int(match[1])
        return lambda made: made >= most
    end = time.monotonic() + int(match[1]) * _UNITS[match[2]]
    return lambda _: time.monotonic() >= end


def _form(output: Path | None) -> Form | None:
    """Return what makes a file's text of the records; None for JSON lines. Raises UsageError for other endings."""
    from rag.batch.journal import LINES

    if output is None or output.suffix.lower() in LINES:
        return None
    title = gettext("Answers: {name}").format(name=output.stem)
    match output.suffix.lower():
        case ".csv":
            from rag.output.csv_sheet import as_csv

            return as_csv
        case ".md" | ".markdown":
            from rag.output.markdown_sheet import as_markdown

            return partial(as_markdown, title=title)
        case ".html" | ".htm":
            from rag.output.report.page import page

            return partial(page, title=title)
    raise UsageError(
        gettext("{path} has no ending that says how to write it.").format(path=output),
        gettext("Name a .jsonl, .csv, .md or .html file."),
    )


def _ledger(
    output: Path | None, file: QuestionFile, form: Form | None, assistant: Assistant, wanted: Filter
) -> Ledger | None:
    from rag.batch.journal import Ledger
    from rag.batch.run_conditions import conditions

    if output is None:
        return None
    return Ledger(output, file.questions, conditions(assistant, file.questions, wanted), form)


def _tell_begin(ledger: Ledger) -> None:
    if ledger.kept is not None:
        say(gettext("the answers that were there are now {file}").format(file=ledger.kept))
    if count := len(ledger.records):
        there = ngettext("{n} answer is there already", "{n} answers are there already", count)
        say(there.format(n=count))
    if ledger.differences:
        say(gettext("going on all the same: {why}").format(why="; ".join(ledger.differences)))
    if ledger.records and ledger.unknown:
        say(gettext("not known of the answers that are there: {what}").format(what=", ".join(ledger.unknown)))


def _counts(ledger: Ledger) -> dict[str, int]:
    counts = {"answered": 0, "not_found": 0, "about": 0, "error": 0}
    for record in ledger.records.values():
        counts[record["status"]] += 1
    return counts


def _tell_end(counts: dict[str, int], stopped: bool, output: Path | None) -> None:
    from rag.output.terminal import counted

    say(", ".join(counted(counts)))
    if stopped:
        said = gettext("stopped before the end; --resume goes on") if output else gettext("stopped before the end")
        say(said)


def _run(
    questions: Sequence[Question], records: Records, ledger: Ledger, enough: Callable[[int], bool], quiet: bool
) -> bool:
    """Ask what is not answered yet; return whether the run was stopped before the end, by a signal too."""
    done = set(ledger.records)
    already = _counts(ledger)
    total = len(done | {question.id for question in questions})
    with suppress(Stopped), _progress(total, already, quiet) as progress:
        for made, (_, record) in enumerate(records(questions, done), 1):
            with deferred():
                ledger.add(record)
                progress.add(record["status"])
            if enough(made):
                break
    return any(question.id not in ledger.records for question in questions)


def _progress(total: int, already: dict[str, int], quiet: bool) -> Progress:
    from rag.batch.progress import Progress

    return Progress(total, sum(already.values()), stream=sys.stderr, quiet=quiet, already=already)


def _to_stdout(
    questions: Sequence[Question], records: Records, enough: Callable[[int], bool], quiet: bool
) -> tuple[bool, dict[str, int]]:
    """Write records to standard output in the questions' order; return whether it was stopped, and the counts."""
    from rag.batch.journal import line

    waiting: dict[str, str] = {}
    order = iter([question.id for question in questions])
    following = next(order, None)
    counts = {"answered": 0, "not_found": 0, "about": 0, "error": 0}
    with suppress(Stopped), _progress(len(questions), {}, quiet) as progress:
        for question, record in records(questions, ()):
            with deferred():
                waiting[question.id] = line(record)
                counts[record["status"]] += 1
                progress.add(record["status"])
                while following in waiting:
                    sys.stdout.write(waiting.pop(following))
                    following = next(order, None)
                sys.stdout.flush()
            if enough(sum(counts.values())):
                break
    with deferred():
        for identity in filter(waiting.__contains__, order):  # stopped: what is made is not thrown away
            sys.stdout.write(waiting[identity])
        sys.stdout.flush()
    return sum(counts.values()) < len(questions), counts
