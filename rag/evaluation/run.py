"""How good the answers are on a person's own documents: questions with known answers to figures.

The questions go the same road as any others; each record is then held against what the
question file says is right, and kept together with it, so that failures can be read and
runs compared question by question.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rag.answering.assistant import Answer, Assistant
from rag.batch.question_file import BadRow, Question
from rag.batch.runner import Made, made_record
from rag.errors import UsageError
from rag.evaluation.bootstrap import Difference, Figure, Share, compare, figures
from rag.evaluation.calibration import Calibration, Errors, Known, calibration, errors
from rag.evaluation.gold_answers import Gold, ends_in, from_row
from rag.evaluation.metrics import scores
from rag.evaluation.refusal_curve import Point, curve
from rag.index.library import Library
from rag.localization import gettext, ngettext, number, pgettext

Judged = dict[str, Any]
Scores = Mapping[str, float | None]
_MOST = 1e9  # no score, and no answer's seconds, come near it; what is endless or no number is over it too


def golds(questions: Sequence[Question], library: Library) -> tuple[dict[str, Gold], list[BadRow]]:
    """Return what is right for each question, by id, and the rows that do not say it."""
    texts = _texts(library)
    right: dict[str, Gold] = {}
    bad: list[BadRow] = []
    for question in questions:
        try:
            right[question.id] = from_row(question.row, texts)
        except UsageError as error:
            bad.append(BadRow(question.line, str(error)))
    return right, bad


def _texts(library: Library) -> Callable[[str], list[tuple[str, str]]]:
    entries = library.entries()
    read: dict[str, str] = {}

    def texts(document: str) -> list[tuple[str, str]]:
        found = [entry for entry in entries if ends_in(entry.name, document) or ends_in(entry.path, document)]
        for entry in found:
            if entry.id not in read:
                read[entry.id] = library.document(entry.id).text
        return [(entry.name, read[entry.id]) for entry in found]

    return texts


def judged(question: Question, made: Made, gold: Gold, assistant: Assistant) -> Judged:
    """Return the record of an answer with what is right (`gold`), its `scores`, and the conversation it is part of.

    `right` is whether the first citation overlaps the answer or, where nothing was answered,
    the sentence that came nearest does; None where no place is known.
    """
    record = made_record(question, made, assistant)
    found = scores(record, gold)
    return record | {
        "gold": {
            "answerable": gold.answerable,
            "answers": list(gold.answers),
            "document": gold.document,
            "spans": [list(span) for span in gold.spans],
        },
        "scores": found,
        "right": _right(made, gold, found),
        "conversation": question.conversation or (question.follows[0] if question.follows else question.id),
    }


def _right(made: Made, gold: Gold, found: Scores) -> bool | None:
    if not isinstance(made, Answer) or not gold.spans:
        return None
    if made.declined is None:
        return bool(found["cited_first"])
    declined = made.declined
    return gold.overlaps({"document": declined.document.name, "start": declined.start, "end": declined.end})


def measured(rows: Sequence[Judged]) -> list[Figure]:
    """Return the figures of a run, with intervals over conversations."""
    return figures([row["scores"] for row in rows], [row["conversation"] for row in rows])


def compared(rows: Sequence[Judged], others: Sequence[Judged]) -> list[Difference]:
    """Return how a run differs from another, over the questions of both."""
    here, there = ({row["id"]: row["scores"] for row in run} for run in (rows, others))
    return compare(here, there, {row["id"]: row["conversation"] for row in rows})


def thresholds(rows: Sequence[Judged]) -> list[Point]:
    """Return accuracy against refusal as the threshold on support moves; [] without questions of both kinds."""
    known = [(row.support, row.answerable, row.right) for row in _known(rows)]
    return [point for point in curve(known) if point.refused is not None and point.accurate is not None]


def reliability(rows: Sequence[Judged]) -> Calibration | None:
    """Return how far support is from how often the first sentence is right, where that is known."""
    return calibration(_known(rows))


def cares(rows: Sequence[Judged], limits: Mapping[str, float]) -> list[Errors]:
    """Return the two errors of each care, by its threshold on support; [] where nothing was answered or refused."""
    known = [
        Known(row["detail"]["support"], row["gold"]["answerable"], False, row["conversation"])
        for row in rows
        if "detail" in row
    ]
    return errors(known, limits) if known else []


def _known(rows: Sequence[Judged]) -> list[Known]:
    """Return the questions of which it is known whether the first sentence is right."""
    return [
        Known(row["detail"]["support"], row["gold"]["answerable"], bool(row["right"]), row["conversation"])
        for row in rows
        if "detail" in row and (row["right"] is not None or not row["gold"]["answerable"])
    ]


def readable(rows: Sequence[Judged]) -> list[Judged]:
    """Return a run with those scores of which a low one is a mistake of the answer, as the page shows them."""
    telling = ("answered", "cited", "cited_first", "contains", "refused")
    return [row | {"scores": {name: row["scores"][name] for name in telling}} for row in rows]


def lines(rows: Iterable[Judged]) -> str:
    """Return a run as JSON lines, for reading and for comparing with."""
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def read_run(path: Path) -> list[Judged]:
    """Return the run that `lines` made a file of. Raises UsageError for any other file."""
    try:
        rows = [json.loads(text) for text in path.read_bytes().split(b"\n") if text.strip()]
        for row in rows:
            if not isinstance(row["id"], str) or not isinstance(row["conversation"], str):
                raise TypeError
            for value in row["scores"].values():
                if value is not None and (type(value) not in (int, float) or not 0 <= value < _MOST):
                    raise TypeError
            row["scores"]["error"], row["scores"]["seconds"]
    except OSError as error:
        raise UsageError(
            gettext("{path} cannot be read: {reason}.").format(path=path, reason=error.strerror),
            gettext("Name what `beleg eval -o` wrote."),
        ) from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise UsageError(
            gettext("{path} is no run of `beleg eval`.").format(path=path), gettext("Name what `beleg eval -o` wrote.")
        ) from error
    return rows


# --- as text -----------------------------------------------------------------------------


def table(found: Sequence[Figure]) -> str:
    """Return figures as a table for a terminal."""
    value = gettext("value")
    rows = [f"{'':<14} {value:>7}   {_interval():^15} {'n':>6}"]
    for figure in found:
        one, low, high = (_number(figure.name, value) for value in (figure.value, figure.low, figure.high))
        rows.append(f"{figure.name:<14} {one:>7}   {low:>6} – {high:<6} {figure.n:>6}")
    return "\n".join(rows)


def difference_table(found: Sequence[Difference]) -> str:
    """Return differences as a table for a terminal."""
    here, there, difference = pgettext("run", "here"), pgettext("run", "there"), gettext("difference")
    rows = [f"{'':<14} {here:>7} {there:>7} {difference:>11}   {_interval():^15} {'n':>6}"]
    verdicts = {
        "better": gettext("better"),
        "worse": gettext("worse"),
        "no more than noise": gettext("no more than noise"),
    }
    for one in found:
        here, there = _number(one.name, one.here), _number(one.name, one.there)
        change, low, high = (_number(one.name, value, "+") for value in (one.difference, one.low, one.high))
        figures = f"{one.name:<14} {here:>7} {there:>7} {change:>11}   {low:>6} – {high:<6} {one.n:>6}"
        rows.append(f"{figures}  {verdicts[one.better]}")
    return "\n".join(rows)


def _interval() -> str:
    return gettext("95 % interval")


def _number(name: str, value: float, sign: str = "") -> str:
    said = f"{number(value, 2)} s" if name.endswith("_s") else number(value, 3)
    return said if said.startswith("-") else sign + said


def error_table(found: Sequence[Errors], used: str) -> str:
    """Return the two errors of each care as a table for a terminal; `used` is the one that was answered with."""
    rows = [("", gettext("support"), gettext("answerable, refused"), gettext("unanswerable, answered"))]
    for one in found:
        name = f"{one.care} *" if one.care == used else one.care
        rows.append((name, number(one.threshold, 3), share(one.refused), share(one.answered)))
    support, refused = (max(least, *(len(row[column]) for row in rows)) for column, least in ((1, 7), (2, 28)))
    return "\n".join(f"{row[0]:<14} {row[1]:>{support}}   {row[2]:<{refused}}  {row[3]}".rstrip() for row in rows)


def share(found: Share | None) -> str:
    """Return a share with its interval and the number of questions, as text."""
    if found is None:
        return "-"
    value, low, high = (number(each, 3) for each in (found.value, found.low, found.high))
    return gettext("{share} ({low} – {high}) of {n}").format(share=value, low=low, high=high, n=found.n)


def calibration_line(found: Calibration) -> str:
    """Return calibration as a line for a terminal."""
    said = ngettext(
        "support and the share right differ by {largest} at most, {expected} on average, in a single bin of questions",
        "support and the share right differ by {largest} at most, {expected} on average, in {n} bins of questions",
        len(found.bins),
    )
    largest, expected = number(found.largest, 3), number(found.expected, 3)
    return f"{'calibration':<14} {said.format(largest=largest, expected=expected, n=len(found.bins))}"


def shown(found: Sequence[Figure]) -> list[tuple[str, str]]:
    """Return figures by name as texts, with their intervals."""
    texts = []
    for one in found:
        value, low, high = (_number(one.name, each) for each in (one.value, one.low, one.high))
        texts.append((one.name, f"{value} ({low} – {high})"))
    return texts


def as_object(
    found: Sequence[Figure],
    differences: Sequence[Difference],
    cares: Sequence[Errors] = (),
    calibration: Calibration | None = None,
) -> dict[str, Any]:
    """Return figures and differences by name, the errors by care, and calibration, for scripts."""
    made: dict[str, Any] = {"figures": {figure.name: asdict(figure) for figure in found}}
    if differences:
        made["differences"] = {one.name: asdict(one) for one in differences}
    if cares:
        made["care"] = {one.care: asdict(one) for one in cares}
    if calibration:
        made["calibration"] = asdict(calibration)
    return made
