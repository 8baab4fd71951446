"""`beleg eval`: how good the answers are, on questions whose answers are known."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import click

from rag.cli.batch import same_file, tell_bad
from rag.cli.help import Command
from rag.cli.options import ANSWERED, FAILED, UNDER, open_in_step, options, say, settings_to_answer
from rag.errors import BelegError, UsageError
from rag.localization import gettext
from rag.system.cancellation import CancelToken, Stopped, deferred
from rag.system.signals import STOPPED

if TYPE_CHECKING:
    from rag.batch.question_file import QuestionFile
    from rag.evaluation.bootstrap import Difference, Figure
    from rag.evaluation.calibration import Calibration, Errors
    from rag.evaluation.run import Judged
    from rag.settings import Care, Settings


@click.command("eval", cls=Command)
@click.argument("questions", type=click.Path(path_type=Path), metavar="QUESTIONS")
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Write every record, as .jsonl.")
@click.option("--html", type=click.Path(path_type=Path, dir_okay=False), help="Write a page for reading: .html.")
@click.option(
    "--compare", "other", type=click.Path(path_type=Path), metavar="RUN", help="Compare with what -o wrote before."
)
@click.option(
    "--fail-under", "least", multiple=True, metavar="NAME=SHARE", help="Exit with 1 if a figure is less: cited=0.8."
)
@click.option("--limit", type=click.IntRange(1), metavar="N", help="Only the first N questions of the file.")
@click.option("--json", "as_json", is_flag=True, help="Print the figures as one JSON object.")
@click.option("--strict", is_flag=True, help="Stop at the first row that cannot be used.")
@click.option("-q", "--quiet", is_flag=True, help="Say nothing but errors and the figures.")
@options
@click.pass_context
def evaluate(
    context: click.Context,
    /,
    questions: Path,
    output: Path | None,
    html: Path | None,
    other: Path | None,
    least: tuple[str, ...],
    limit: int | None,
    as_json: bool,
    strict: bool,
    quiet: bool,
    **flags: Any,
) -> int:
    """Measure the answers to questions whose answers are known.

    A row of QUESTIONS (.jsonl) has a `question`, and `answer` (a text or a list of them: any
    is right), or the `document` with the `words` that answer or their `start` and `end`, or
    both; `"answerable": false` where the documents do not say. `follows` names the question
    that it follows.

    \b
    recall@k, mrr        the passage with the answer is among the first k; 1 / its rank
    cited, cited_first   a citation, or the first one, holds the answering words
    precision            of all citations, those from the answer's paragraph
    answered, refused    of questions with an answer; of those without one
    contains, f1         the answer's text holds the expected one; words in common (SQuAD)
    balance              harmonic mean of answered-and-cited and refused
    error, median_s, p95_s
    calibration          how far support is from the share of answers that are right

    Of each care (--careful, --balanced, --eager) both errors are told: questions with an answer
    that are refused, and questions without one that are answered.
    """
    from rag.batch.question_file import read
    from rag.evaluation.metrics import floors
    from rag.evaluation.run import compared, measured, read_run

    wanted = floors(least)
    others = read_run(other) if other else []
    _check_paths(output, html, questions)
    file = read(questions, strict=strict)
    cancel: CancelToken = context.obj
    settings = settings_to_answer(context, flags)
    rows, bad, stopped = _judge(file, settings, limit, strict, quiet, cancel)
    found, differences = measured(rows), compared(rows, others)
    if other and not differences:
        say(gettext("{run} has none of these questions").format(run=other))
    settled = _settled(rows, settings.care)
    with deferred():
        try:
            _write(rows, found, settled, output, html, questions.stem)
        finally:  # an hour's figures are not lost with a full disk
            _print(found, differences, settled, as_json)
    if stopped:
        cancel.check()
        return STOPPED
    if _under(found, wanted):
        return UNDER
    return FAILED if bad or any(row["status"] == "error" for row in rows) else ANSWERED


def _check_paths(output: Path | None, html: Path | None, questions: Path) -> None:
    """Raises UsageError now for what would only fail when all is measured."""
    if questions.suffix.lower() in (".csv", ".tsv", ".txt"):
        raise UsageError(
            gettext("{file} cannot say what the right answers are.").format(file=questions),
            gettext("Name a .jsonl file with rows such as {example}.").format(
                example='{"question": "…", "answer": "…"}'
            ),
        )
    for path, endings in ((output, (".jsonl", ".ndjson")), (html, (".html", ".htm"))):
        if path is None:
            continue
        if path.suffix.lower() not in endings:
            reason = gettext("{path} does not end in {ending}.").format(path=path, ending=endings[0])
            raise UsageError(reason, gettext("Name a {ending} file.").format(ending=endings[0]))
        if same_file(path, questions):
            raise UsageError(gettext("The records would overwrite the questions."), gettext("Name another file."))
        if not os.access(path.parent, os.W_OK | os.X_OK):
            reason = gettext("{folder} is no folder to write {name} in.").format(folder=path.parent, name=path.name)
            raise UsageError(reason, gettext("Make it, or name another."))


def _judge(
    file: QuestionFile, settings: Settings, limit: int | None, strict: bool, quiet: bool, cancel: CancelToken
) -> tuple[list[Judged], bool, bool]:
    """Return the judged records in the file's order, whether rows were skipped, and whether it was stopped."""
    import sys
    from dataclasses import replace

    from rag.answering.assistant import Assistant
    from rag.batch.progress import Progress
    from rag.batch.runner import answers
    from rag.evaluation.run import golds, judged

    asked = file.questions[:limit]
    made: dict[str, Judged] = {}
    try:
        with open_in_step(settings, cancel) as library, Assistant(settings, library) as assistant:
            right, unclear = golds(asked, library)
            if unclear and strict:
                said = gettext("{file}, line {line}: {reason}")
                raise UsageError(said.format(file=file.name, line=unclear[0].line, reason=unclear[0].reason))
            if not right:
                raise UsageError(
                    gettext("{file}: no row says what its answer is.").format(file=file.name),
                    gettext("Line {line}: {reason}").format(line=unclear[0].line, reason=unclear[0].reason),
                )
            bad = (*file.bad, *unclear)
            if not quiet:
                tell_bad(replace(file, bad=bad))
            skipped = {question.id for question in asked} - set(right)
            with Progress(len(right), stream=sys.stderr, quiet=quiet) as progress:
                # One at a time: what is measured is also how long a question takes.
                for question, answer in answers(asked, assistant, skipped, cancel, together=1):
                    with deferred():
                        made[question.id] = judged(question, answer, right[question.id], assistant)
                        progress.add(made[question.id]["status"])
    except Stopped:
        if not made:  # there is nothing to tell, and nothing for which to replace what an earlier run wrote
            raise
    return [made[question.id] for question in asked if question.id in made], bool(bad), len(made) < len(right)


@dataclass(frozen=True, slots=True)
class _Settled:
    """What the support of a run's answers tells: both errors of each care, the one in use, and calibration."""

    cares: list[Errors]
    used: Care
    calibration: Calibration | None


def _settled(rows: Sequence[Judged], used: Care) -> _Settled:
    from rag.answering.feature_weights import shipped
    from rag.evaluation.run import cares, reliability
    from rag.settings import Care

    limits = {care: shipped().thresholds.refuse[care] for care in get_args(Care)}
    return _Settled(cares(rows, limits), used, reliability(rows))


def _write(
    rows: Sequence[Judged],
    found: Sequence[Figure],
    settled: _Settled,
    output: Path | None,
    html: Path | None,
    name: str,
) -> None:
    from rag.evaluation.run import lines

    if output is not None:
        _replace(output, lines(rows))
    if html is not None:
        _replace(html, _page(rows, found, settled, gettext("Evaluation: {name}").format(name=name)))


def _page(rows: Sequence[Judged], found: Sequence[Figure], settled: _Settled, title: str) -> str:
    from rag.answering.feature_weights import shipped
    from rag.evaluation.run import readable, share, shown, thresholds
    from rag.output.report import plots
    from rag.output.report.page import page

    bins = settled.calibration.bins if settled.calibration else ()
    return page(
        readable(rows),
        title,
        figures=shown(found),
        plot=[plots.Point(p.threshold, p.refused or 0.0, p.accurate or 0.0) for p in thresholds(rows)],
        threshold=shipped().thresholds.refuse[settled.used],
        errors=[
            plots.Errors(one.care, one.threshold, share(one.refused), share(one.answered), one.care == settled.used)
            for one in settled.cares
        ],
        bins=[plots.Bin(b.support, b.right.value, b.right.low, b.right.high, b.right.n) for b in bins],
    )


def _replace(path: Path, text: str) -> None:
    from rag.batch.journal import replace_file

    try:
        if path.exists():  # a run that is stopped early must not cost the one before it
            shutil.copyfile(path, path.with_name(path.name + ".old"))
        replace_file(path, text)
    except OSError as error:
        raise BelegError(
            gettext("{path} cannot be written: {reason}.").format(path=path, reason=error.strerror),
            gettext("Name a file in a folder of yours."),
        ) from error


def _print(found: Sequence[Figure], differences: Sequence[Difference], settled: _Settled, as_json: bool) -> None:
    from rag.evaluation.run import as_object, calibration_line, difference_table, error_table, table

    if as_json:
        click.echo(json.dumps(as_object(found, differences, settled.cares, settled.calibration)))
        return
    click.echo(table(found))
    if settled.calibration:
        click.echo(calibration_line(settled.calibration))
    if settled.cares:
        click.echo("\n" + error_table(settled.cares, settled.used))
    if differences:
        click.echo("\n" + difference_table(differences))


def _under(found: Sequence[Figure], wanted: dict[str, float]) -> bool:
    """Say which figures are less than they must be; return whether any is. One that nothing is known of is, too."""
    values = {figure.name: figure.value for figure in found}
    under = False
    for name, floor in wanted.items():
        if name not in values:
            said = gettext("{figure} applies to none of the questions, so it is not {floor}")
            say(said.format(figure=name, floor=f"{floor:g}"))
            under = True
        elif values[name] < floor:
            said = gettext("{figure} is {value}, under {floor}")
            say(said.format(figure=name, value=f"{values[name]:.3f}", floor=f"{floor:g}"))
            under = True
    return under
