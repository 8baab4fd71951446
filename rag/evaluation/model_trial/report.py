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
from rag.text.sanitize import one_line

_NAMES = {"de": "German", "en": "English"}
_LONGEST = 300  # characters of a sentence that is shown


def table(result: TrialResult) -> str:
    """Return the figures as a table for a terminal, and what the model is let do by them."""
    judged = result.judgements or ()
    rows = [f"{'question-source':<16} {'asked':>6} {'right':>7} {'shown':>6} {'wrong':>6}"]
    rows[0] += f" {'told':>6} {'answered':>9} {'quotes':>7} {'apart':>7}"
    for pair in PAIRS:
        apart = told_apart([each for each in judged if each.pair == pair])
        rows.append(_row(pair, [each for each in result.sentences if each.pair == pair], apart))
    rows.append(_row("all", result.sentences, told_apart(judged)))
    return "\n".join([*rows, "", *_costs(result), "", *_decided(result)])


def _row(name: str, sentences: Sequence[Sentence], apart: float | None) -> str:
    shown, wrong = sum(each.shown for each in sentences), sum(each.wrong for each in sentences)
    told, right = _number(told_share(sentences)), _number(right_share(sentences))
    answered, quoted = _number(answered_share(sentences)), _number(quoted_share(sentences))
    begin = f"{name:<16} {len(sentences):>6} {right:>7} {shown:>6} {wrong:>6}"
    return f"{begin} {told:>6} {answered:>9} {quoted:>7} {_number(apart):>7}"


def _number(value: float | None, digits: int = 3) -> str:
    return "-" if value is None else f"{value:.{digits}f}"


def _costs(result: TrialResult) -> list[str]:
    speed = result.speed
    lines = [f"reads {_number(speed.reading, 0)} and writes {_number(speed.writing, 1)} tokens a second"]
    lines.append(f"{_number(speed.first, 1)} s from a question to its sentence")
    if result.memory is not None:
        lines.append(f"{result.memory / 1e6:,.0f} MB of memory")
    return lines


def _decided(result: TrialResult) -> list[str]:
    admission, apart = result.admission, result.apart
    writes = " and ".join(_NAMES[each] for each in admission.languages) or "no"
    wrong = _number(wrong_share(result.sentences))
    return [
        f"what {one_line(result.name, 60)} is let do",
        f"writing: {writes}  (in the language right ≥ {RIGHT:g} and told ≥ {TOLD:g}; "
        f"of what is shown {wrong} wrong, ≤ {WRONG:.3f})",
        f"judging: {_judges(result)}  (apart by support and NO {_number(apart.get('judged.all'))}, by support alone "
        f"{_number(apart.get('support.all'))}; near misses {_number(apart.get('judged.near_misses'))} and "
        f"{_number(apart.get('support.near_misses'))}; ≥ {BETTER:g} more in both)",
    ]


def _judges(result: TrialResult) -> str:
    if result.admission.judges:
        return "yes"
    if result.judgements is None:
        return "no, for it tells no chances"
    return "no, for it writes worse when asked to" if result.tells_apart else "no"


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
        return "nothing written"
    if not each.answers:
        return "wrong" if each.shown else "wrong, not shown"
    return "right, not shown" if each.spoken else "other language"


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
