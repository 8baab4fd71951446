"""A trial's result as text for a terminal, and as an object for scripts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from rag.evaluation.model_trial.combining import told_apart
from rag.evaluation.model_trial.material import PAIRS
from rag.evaluation.model_trial.result import (
    BETTER,
    RIGHT,
    TOLD,
    WRONG,
    Sentence,
    TrialResult,
    answered_share,
    quoted_share,
    right_share,
    told_share,
    wrong_share,
)
from rag.localization import gettext, number, pgettext
from rag.localization.languages import language_name
from rag.text.sanitize import one_line

_LONGEST = 300  # characters of a sentence that is shown


def table(result: TrialResult) -> str:
    """Return the figures as a table for a terminal, and what the model is let do by them."""
    judged = result.judgements or ()
    heads = _heads()
    rows = [_row([head for head, _ in heads], heads)]
    for pair in PAIRS:
        apart = told_apart([each for each in judged if each.pair == pair])
        rows.append(_row(_figures(pair, [each for each in result.sentences if each.pair == pair], apart), heads))
    rows.append(_row(_figures(pgettext("trial", "all"), result.sentences, told_apart(judged)), heads))
    return "\n".join([*rows, "", *_costs(result), "", *_decided(result)])


def _heads() -> list[tuple[str, int]]:
    """Return the heads of the columns, with the width of each: room for its figures, and for itself."""
    source = gettext("question-source")
    others = [
        (pgettext("trial", "asked"), 6),
        (pgettext("trial", "right"), 7),
        (pgettext("trial", "shown"), 6),
        (pgettext("trial", "wrong"), 6),
        (pgettext("trial", "told"), 6),
        (pgettext("trial", "answered"), 9),
        (pgettext("trial", "quotes"), 7),
        (pgettext("trial", "apart"), 7),
    ]
    return [(source, len(source) + 1), *((head, max(width, len(head))) for head, width in others)]


def _row(cells: Sequence[str], heads: Sequence[tuple[str, int]]) -> str:
    first, *others = zip(cells, [width for _, width in heads], strict=True)
    return " ".join([f"{first[0]:<{first[1]}}", *(f"{cell:>{width}}" for cell, width in others)])


def _figures(name: str, sentences: Sequence[Sentence], apart: float | None) -> list[str]:
    return [
        name,
        str(len(sentences)),
        _number(right_share(sentences)),
        str(sum(each.shown for each in sentences)),
        str(sum(each.wrong for each in sentences)),
        _number(told_share(sentences)),
        _number(answered_share(sentences)),
        _number(quoted_share(sentences)),
        _number(apart),
    ]


def _number(value: float | None, digits: int = 3) -> str:
    return "-" if value is None else number(value, digits)


def _costs(result: TrialResult) -> list[str]:
    speed = result.speed
    tokens = gettext("reads {reading} and writes {writing} tokens a second")
    seconds = gettext("{seconds} s from a question to its sentence")
    lines = [
        tokens.format(reading=_number(speed.reading, 0), writing=_number(speed.writing, 1)),
        seconds.format(seconds=_number(speed.first, 1)),
    ]
    if result.memory is not None:
        lines.append(gettext("{n} MB of memory").format(n=number(result.memory / 1e6)))
    return lines


def _decided(result: TrialResult) -> list[str]:
    admission, apart = result.admission, result.apart
    title = gettext("what {name} is let do")
    writing = gettext(
        "writing: {languages}  (in the language right ≥ {right} and told ≥ {told}; "
        "of what is shown {wrong} wrong, ≤ {most})"
    )
    judging = gettext(
        "judging: {whether}  (apart by support and NO {judged}, by support alone {support}; "
        "near misses {near_judged} and {near_support}; ≥ {more} more in both)"
    )
    return [
        title.format(name=one_line(result.name, 60)),
        writing.format(
            languages=_languages(admission.languages),
            right=number(RIGHT, 2),
            told=number(TOLD, 2),
            wrong=_number(wrong_share(result.sentences)),
            most=number(WRONG, 3),
        ),
        judging.format(
            whether=_judges(result),
            judged=_number(apart.get("judged.all")),
            support=_number(apart.get("support.all")),
            near_judged=_number(apart.get("judged.near_misses")),
            near_support=_number(apart.get("support.near_misses")),
            more=number(BETTER, 2),
        ),
    ]


def _languages(codes: Sequence[str]) -> str:
    """Return the languages that a model may write in: both, one, or no."""
    named = [language_name(code) for code in codes]
    if len(named) == 2:
        return pgettext("languages", "{one} and {other}").format(one=named[0], other=named[1])
    return ", ".join(named) or gettext("no")


def _judges(result: TrialResult) -> str:
    if result.admission.judges:
        return gettext("yes")
    if result.judgements is None:
        return gettext("no, for it tells no chances")
    return gettext("no, for it writes worse when asked to") if result.tells_apart else gettext("no")


def wrong_ones(result: TrialResult) -> str:
    """Return the questions whose sentence is not right, or right and not shown, with what was written; "" for none."""
    lines = []
    for each in result.sentences:
        if not (each.right and each.shown):
            lines += [
                f"{each.pair} {_reason(each):<16} {one_line(each.question, _LONGEST)}",
                f"      {one_line(each.text, _LONGEST) or '-'}",
            ]
    return "\n".join(lines)


def _reason(each: Sentence) -> str:
    if not each.text:
        return gettext("nothing written")
    if not each.answers:
        return pgettext("trial", "wrong") if each.shown else gettext("wrong, not shown")
    return gettext("right, not shown") if each.spoken else gettext("other language")


def as_object(result: TrialResult) -> dict[str, Any]:
    """Return all that was found, for scripts: figures, what the model is let do, each sentence and judgement."""
    admission = result.admission
    return {
        "name": result.name,
        "made": result.made,
        "writes": admission.writes,
        "judges": admission.judges,
        "languages": list(admission.languages),
        "figures": result.figures,
        "sentences": [
            asdict(each) | {"right": each.right, "wrong": each.wrong, "answered": each.answered}
            for each in result.sentences
        ],
        "judgements": None if result.judgements is None else [asdict(each) for each in result.judgements],
    }
