"""How good answers are: scores of each question, figures over all, and how sure these are.

A figure over a person's hundred questions is mostly chance, so none goes without an
interval, and two runs are compared question by question. The intervals are percentile
bootstrap intervals (Efron 1979, "Bootstrap methods: another look at the jackknife"):
questions are drawn anew with replacement, the figure is computed again, and the middle
95 % of 2,000 such figures is the interval. Questions of one conversation are drawn
together, because they succeed and fail together. The draws are the same in every run.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from rag.errors import UsageError
from rag.evaluation.gold_answers import Gold, letters, word_f1
from rag.text.sanitize import one_line

Scores = Mapping[str, float | None]
Verdict = Literal["better", "worse", "no more than noise"]
_Floats = NDArray[np.float64]

_RANKS = {"recall@1": 1, "recall@3": 3, "recall@5": 5}
SCORES = (*_RANKS, "mrr", "cited", "cited_first", "precision", "answered", "refused", "contains", "f1", "seconds")
SHARES = (*SCORES[:-1], "balance")  # the figures from 0 to 1 of which more is better
FIGURES = (*SHARES, "error", "median_s", "p95_s")
COMPARED = FIGURES[:-1]
_LESS_IS_BETTER = {"error", "median_s", "p95_s"}

RESAMPLES = 2000
_SEED = 1979
_AT_ONCE = 1_000_000  # clusters drawn at once, over several resamples: 8 MB
_FEWEST = 6  # that have to differ before a difference is called more than noise: 2 · ½⁶ < .05 ≤ 2 · ½⁵
_POINTS = 200

_GOOD = "answered and cited"
_COLUMNS = (*SCORES, "error", _GOOD)  # what is summed over questions; each a numerator and a denominator
_MADE_OF = {"balance": (_GOOD, "refused"), "median_s": ("seconds",), "p95_s": ("seconds",)}

_MARKER = re.compile(r"\s*[\[【]\d{1,3}(?:\s*,\s*\d{1,3})*[\]】]")


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure over `n` questions, those it applies to, and its 95 % interval from `low` to `high`.

    With few questions, or all alike, the interval is too narrow, down to a point.
    """

    name: str
    value: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, slots=True)
class Difference:
    """A figure `here` and `there` over the same `n` questions; `low` to `high` is about `difference`, here − there."""

    name: str
    here: float
    there: float
    difference: float
    low: float
    high: float
    n: int
    better: Verdict


@dataclass(frozen=True, slots=True)
class Point:
    """What a threshold on support would do.

    `accurate` is the share of answerable questions that are answered, and rightly;
    `refused` the share of the others that are refused. Each from 0 to 1, None where there
    is no question of the kind.
    """

    threshold: float
    refused: float | None
    accurate: float | None


def scores(record: Mapping[str, Any], gold: Gold) -> dict[str, float | None]:
    """Return the scores of one record (see rag/output/json_record.py); None for what does not apply to its question.

    All but `seconds` go from 0 to 1.

    recall@1, @3, @5   the answer stands wholly inside one of the first passages
    mrr                1 / rank of the first such passage; 0 without one
    cited, cited_first a citation, or the first, overlaps the answering words
    precision          share of the citations that overlap a paragraph with the answer; None without citations
    answered, refused  an answerable question is answered; another is not
    contains           the answer's text holds a right wording, letters and digits only, in any case
    f1                 words in common with the most similar right wording (see rag/evaluation/gold_answers.py)
    seconds            from question to answer

    Beside these stand `error`, and what `figures` needs of `precision`: how many
    `citations` there are and how many of them are `precise`. A question that failed has 0
    in all that applies, but no seconds. What a refusal says is no answer: it contains
    nothing. Markers ("[1]") are no part of an answer.
    """
    found: dict[str, float | None] = dict.fromkeys((*SCORES, "citations", "precise"))
    answered = record["status"] == "answered"
    found["error"] = float(not answered and record["status"] != "not_found")
    found["seconds"] = None if found["error"] else float(record["timings"]["total_s"])
    if not gold.answerable:
        return found | {"refused": float(record["status"] == "not_found")}
    found["answered"] = float(answered)
    if gold.spans:
        found |= _of_places(record, gold)
    if rights := [right for right in gold.answers if letters(right)]:
        text = _MARKER.sub("", record["answer"]) if answered else ""
        found["contains"] = float(any(letters(right) in letters(text) for right in rights))
        found["f1"] = max(word_f1(text, right) for right in rights)
    return found


def _of_places(record: Mapping[str, Any], gold: Gold) -> dict[str, float | None]:
    failed = record["status"] not in ("answered", "not_found")
    passages, citations = ([] if failed else record[key] for key in ("passages", "citations"))
    ranks = [rank for rank, place in enumerate(passages, 1) if gold.is_inside(place)]
    cited = [gold.overlaps(place) for place in citations]
    precise = [gold.is_beside(place) for place in citations]
    return {
        **{name: float(bool(ranks) and ranks[0] <= most) for name, most in _RANKS.items()},
        "mrr": 1 / ranks[0] if ranks else 0.0,
        "cited": float(any(cited)),
        "cited_first": float(any(cited[:1])),
        "precision": sum(precise) / len(precise) if precise else None,
        "precise": float(sum(precise)),
        "citations": float(len(precise)),
    }


@dataclass(frozen=True, slots=True)
class _Table:
    """Scores as numbers: a row a question, a column each of `_COLUMNS`; `cluster` says with which each is drawn.

    A figure is the sum of its numerators over the sum of its denominators. For a mean the
    denominator is 1 where the score applies, else 0; for precision both are counts of
    citations, so that every citation weighs the same and not every question.
    """

    parts: _Floats  # of shape (questions, columns, 2)
    cluster: NDArray[np.intp]
    clusters: int


def _table(rows: Sequence[Scores], clusters: Sequence[str] | None) -> _Table:
    parts = np.array([[_ratio(row, name) for name in _COLUMNS] for row in rows])
    if clusters is None:
        return _Table(parts, np.arange(len(rows)), len(rows))
    known = {name: number for number, name in enumerate(dict.fromkeys(clusters))}
    return _Table(parts, np.array([known[name] for name in clusters], dtype=np.intp), len(known))


def _ratio(row: Scores, name: str) -> tuple[float, float]:
    """Return what a question adds to a figure's numerator and denominator."""
    if name == "precision":
        citations = row.get("citations") or 0.0
        return (row.get("precise") or 0.0) if citations else 0.0, citations
    value = row.get(name)
    if name == _GOOD:
        answered, cited = row.get("answered"), row.get("cited")
        value = None if answered is None or cited is None else answered * cited
    return (0.0, 0.0) if value is None else (value, 1.0)


def _computed(table: _Table, drawn: Iterable[_Floats]) -> _Floats:
    """Return the figures, a column each of `FIGURES`, a row for each row of `drawn`: how often each cluster counts.

    NaN for a figure that no question drawn applies to.
    """
    sums = np.zeros((table.clusters, *table.parts.shape[1:]))
    np.add.at(sums, table.cluster, table.parts)
    seconds, timed = table.parts[:, _COLUMNS.index("seconds")].T
    order = np.flatnonzero(timed)[np.argsort(seconds[timed > 0])]
    blocks = []
    for weights in drawn:
        often = np.cumsum(weights[:, table.cluster[order]], axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            found = dict(zip(_COLUMNS, (weights @ sums[:, :, 0] / (weights @ sums[:, :, 1])).T, strict=True))
            good, refused = found[_GOOD], found["refused"]
            found["balance"] = np.where(good + refused == 0, 0.0, 2 * good * refused / (good + refused))
        found["median_s"], found["p95_s"] = (_quantile(seconds[order], often, share) for share in (0.5, 0.95))
        blocks.append(np.column_stack([found[name] for name in FIGURES]))
    return np.concatenate(blocks).round(12)  # sums in another order differ in the last digits


def _quantile(values: _Floats, often: _Floats, share: float) -> _Floats:
    """Return quantiles as numpy's of ascending `values`, each counted as often as a row's running sum `often` grows."""
    if not values.size:
        return np.full(len(often), np.nan)
    at, last = (often[:, -1] - 1) * share, values.size - 1
    ranks = np.floor(at), np.ceil(at)
    below, above = (values[np.minimum((often <= rank[:, None]).sum(axis=1), last)] for rank in ranks)
    return np.where(often[:, -1] > 0, below + (above - below) * (at - np.floor(at)), np.nan)


def _draws(table: _Table, resamples: int) -> Iterator[_Floats]:
    """Yield how often each cluster is drawn, a row a resample; the same in every run."""
    generator = np.random.default_rng(_SEED)
    size, most = table.clusters, max(1, _AT_ONCE // table.clusters)
    for at in range(0, resamples, most):
        count = min(most, resamples - at)
        drawn = generator.integers(0, size, (count, size)) + np.arange(count)[:, None] * size
        yield np.bincount(drawn.ravel(), minlength=count * size).reshape(count, size).astype(np.float64)


def _interval(values: _Floats) -> tuple[float, float]:
    low, high = np.percentile(values[~np.isnan(values)], [2.5, 97.5])
    return round(float(low), 12), round(float(high), 12)


def figures(
    rows: Sequence[Scores], clusters: Sequence[str] | None = None, *, resamples: int = RESAMPLES
) -> list[Figure]:
    """Return the figures over the scores of questions, in the order of `FIGURES`; one that applies to none is left out.

    Each is the mean of a score over the questions that have it, but for these:

    precision      of all citations, the share that overlap a paragraph with the answer
    balance        harmonic mean of the share of answerable questions (with a place) that are answered
                   and cited, and of `refused`: answering all or refusing all is worth nothing
    error          the share of questions that failed
    median_s p95_s seconds within which half, or 95 %, of the questions were answered

    `clusters` names for each question what it belongs to, say a conversation; without it
    each stands alone. Resamples without a question that a figure applies to do not count for it.
    """
    if not rows:
        return []
    table = _table(rows, clusters)
    values = _computed(table, [np.ones((1, table.clusters))])[0]
    samples = _computed(table, _draws(table, resamples))
    return [
        Figure(name, float(value), *_interval(sample), int(_parts(table, name)[:, :, 1].any(axis=1).sum()))
        for name, value, sample in zip(FIGURES, values, samples.T, strict=True)
        if not math.isnan(value)
    ]


def _parts(table: _Table, figure: str) -> _Floats:
    """Return the columns that a figure is made of."""
    return table.parts[:, [_COLUMNS.index(name) for name in _MADE_OF.get(figure, (figure,))]]


def compare(
    here: Mapping[str, Scores],
    there: Mapping[str, Scores],
    clusters: Mapping[str, str] | None = None,
    *,
    resamples: int = RESAMPLES,
) -> list[Difference]:
    """Return how the figures of two runs differ, over the questions (by id) of both, in the order of `COMPARED`.

    A score counts where both runs have it. Both runs are resampled with the same
    questions, so what is hard for both cancels out. A difference is more than noise if its
    interval leaves out 0 and at least six questions (or clusters) differ: that five change,
    and all to the same side, happens by chance once in sixteen times. Of twenty figures
    that are no more than noise, one looks like more. An id that `clusters` lacks stands alone.
    """
    shared = [identity for identity in here if identity in there]
    if not shared:
        return []
    names = None if clusters is None else [clusters.get(identity, identity) for identity in shared]
    left = _table([_both(here[identity], there[identity]) for identity in shared], names)
    right = _table([_both(there[identity], here[identity]) for identity in shared], names)
    values = [_computed(table, [np.ones((1, table.clusters))])[0] for table in (left, right)]
    samples = _computed(left, _draws(left, resamples)) - _computed(right, _draws(right, resamples))
    return [
        _difference(name, left, right, (float(ours), float(theirs)), sample)
        for name, ours, theirs, sample in zip(FIGURES, *values, samples.T, strict=True)
        if name in COMPARED and not math.isnan(ours + theirs)
    ]


def _both(row: Scores, other: Scores) -> Scores:
    """Return the scores that the other run has too."""
    return {name: value for name, value in row.items() if other.get(name) is not None}


def _difference(name: str, left: _Table, right: _Table, values: tuple[float, float], sample: _Floats) -> Difference:
    ours, theirs = _parts(left, name), _parts(right, name)
    differ = left.cluster[(ours != theirs).any(axis=(1, 2))]
    low, high = _interval(sample)
    verdict: Verdict = "no more than noise"
    if (low > 0 or high < 0) and np.unique(differ).size >= _FEWEST:
        verdict = "better" if (low > 0) != (name in _LESS_IS_BETTER) else "worse"
    n = int((ours + theirs)[:, :, 1].any(axis=1).sum())
    return Difference(name, *values, round(values[0] - values[1], 12), low, high, n, verdict)


def curve(rows: Sequence[tuple[float, bool, bool]]) -> list[Point]:
    """Return accuracy against refusal as the threshold on support rises, at most 200 points.

    Each row is a question: its best support (finite), whether it is answerable, and whether
    what was cited first, or would have been, is right. At a threshold, questions with at
    least that support are answered. The points are at supports that occur, from the lowest,
    where all are answered; the last is just above the highest, where none is.
    """
    if not rows:
        return []
    supports = np.array([support for support, _, _ in rows])
    right = np.sort(supports[[bool(answerable and right) for _, answerable, right in rows]])
    hopeless = np.sort(supports[[not answerable for _, answerable, _ in rows]])
    thresholds = np.unique(supports)
    thresholds = np.append(thresholds, np.nextafter(thresholds[-1], np.inf))
    if thresholds.size > _POINTS:
        thresholds = thresholds[np.linspace(0, thresholds.size - 1, _POINTS).round().astype(int)]
    answerable = len(rows) - hopeless.size
    return [
        Point(
            float(threshold),
            int(np.searchsorted(hopeless, threshold)) / hopeless.size if hopeless.size else None,
            (right.size - int(np.searchsorted(right, threshold))) / answerable if answerable else None,
        )
        for threshold in thresholds
    ]


def floors(wanted: Sequence[str]) -> dict[str, float]:
    """Return the figures and the least they may be from texts like "cited=0.8".

    Raises UsageError for a text that is none of these, and for a figure named twice.
    """
    found: dict[str, float] = {}
    for text in wanted:
        name, _, number = (part.strip() for part in text.partition("="))
        if name not in SHARES or name in found:
            reason = "is named twice" if name in found else "is no figure that has a floor"
            raise UsageError(f'"{one_line(name, 40)}" {reason}.', f"Figures are {' '.join(SHARES)}.")
        try:
            least = float(number)
        except ValueError:
            least = math.nan
        if not 0 <= least <= 1:
            raise UsageError(f'"{one_line(number, 40)}" is no number from 0 to 1.', f"Write {name}=0.8, say.")
        found[name] = least
    return found
