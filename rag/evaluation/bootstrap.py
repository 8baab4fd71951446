"""Bootstrap: figures over all questions, how sure each is, and whether two runs differ by more than chance.

A figure over a person's hundred questions is mostly chance, so none goes without an
interval, and two runs are compared question by question. The intervals are percentile
bootstrap intervals (Efron 1979, "Bootstrap methods: another look at the jackknife"):
questions are drawn anew with replacement, the figure is computed again, and the middle
95 % of 2,000 such figures is the interval. Questions of one conversation are drawn
together, because they succeed and fail together. The draws are the same in every run.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from rag.evaluation.metrics import COMPARED, FIGURES, SCORES, Scores

Verdict = Literal["better", "worse", "no more than noise"]
_Floats = NDArray[np.float64]
_LESS_IS_BETTER = {"error", "median_s", "p95_s"}

RESAMPLES = 2000
_SEED = 1979
_AT_ONCE = 1_000_000  # clusters drawn at once, over several resamples: 8 MB
_FEWEST = 6  # that have to differ before a difference is called more than noise: 2 · ½⁶ < .05 ≤ 2 · ½⁵

_GOOD = "answered and cited"
_COLUMNS = (*SCORES, "error", _GOOD)  # what is summed over questions; each a numerator and a denominator
_MADE_OF = {"balance": (_GOOD, "refused"), "median_s": ("seconds",), "p95_s": ("seconds",)}


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
class Share:
    """A share of `n` questions, and its 95 % interval from `low` to `high`."""

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
    return _clustered(parts, [str(at) for at in range(len(rows))] if clusters is None else clusters)


def _clustered(parts: _Floats, clusters: Sequence[str]) -> _Table:
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


def shares(
    hits: Sequence[bool], groups: Sequence[int], clusters: Sequence[str], *, resamples: int = RESAMPLES
) -> list[Share]:
    """Return the share of hits in each group of questions, groups being numbered from 0 and none empty.

    `clusters` names for each question what it is drawn together with.
    """
    member = np.eye(max(groups) + 1)[list(groups)]
    table = _clustered(np.stack([member * np.array(hits, dtype=np.float64)[:, None], member], axis=2), clusters)
    sums = np.zeros((table.clusters, *table.parts.shape[1:]))
    np.add.at(sums, table.cluster, table.parts)
    found = sums[:, :, 0].sum(axis=0) / sums[:, :, 1].sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        drawn = [weights @ sums[:, :, 0] / (weights @ sums[:, :, 1]) for weights in _draws(table, resamples)]
    samples = np.concatenate(drawn).round(12)
    counts = member.sum(axis=0)
    return [
        Share(float(value), *_interval(sample), int(n))
        for value, sample, n in zip(found, samples.T, counts, strict=True)
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
