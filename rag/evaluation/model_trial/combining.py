"""Whether a model's NO adds to what Beleg knows without it: support and NO together, weighed by a logistic regression.

That is what a model that judges is used for (`rag.answering.judging`), so it is what is measured: how well the two
tell sentences apart that were not fitted on, beside what support does alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rag.answering.feature_weights import shipped

_FOLDS = 10
_RIDGE = 0.01  # on the weights: with sentences that are told apart without a fault they would grow without end
_STEPS = 50
_EDGE = 1e-6  # as `rag.answering.judging` keeps chances from 0 and 1
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Judgement:
    """A sentence's support, the chance of "NO" that a model gives it, and whether it answers the question.

    `missing` is whether no sentence of the document does.
    """

    pair: str
    question: str
    sentence: str
    answers: bool
    missing: bool
    support: float
    declined: float


def told_apart(judged: Sequence[Judgement], doubt: Floats | None = None) -> float | None:
    """Return the chance that a sentence which answers is doubted less than one which does not, from 0 to 1.

    The area under the ROC curve; equals count half. `doubt`, of the same length, is the chance of "NO" by default.
    None unless there are sentences of both kinds.
    """
    doubts = np.array([each.declined for each in judged]) if doubt is None else doubt
    answers = np.array([each.answers for each in judged], dtype=bool)
    right, wrong = doubts[answers], doubts[~answers]
    if not (right.size and wrong.size):
        return None
    return float((0.5 + np.sign(wrong[:, None] - right[None, :]) / 2).mean())


def combined(judged: Sequence[Judgement]) -> Floats:
    """Return the chance that each sentence answers, by support and "NO", fitted on the other questions."""
    signs, answers = _signs(judged), np.array([each.answers for each in judged], dtype=np.float64)
    number: dict[str, int] = {}
    fold = np.array([number.setdefault(each.question, len(number)) % _FOLDS for each in judged])
    chances = np.zeros(len(judged))
    for held_out in np.unique(fold):
        rest = fold != held_out
        chances[~rest] = _chances(signs[~rest], _fitted(signs[rest], answers[rest]))
    return chances


def figures(judged: Sequence[Judgement]) -> Mapping[str, float]:
    """Return what `judging.judge_of` reads, fitted on all: weights, and the chances from which a sentence is shown.

    As many sentences that answer are kept as by support alone; more where nothing else would be shown by that.
    """
    signs, answers = _signs(judged), np.array([each.answers for each in judged], dtype=bool)
    weights = _fitted(signs, answers.astype(np.float64))
    of_all, supports = _chances(signs, weights), np.array([each.support for each in judged])[answers]
    chances, others = of_all[answers], of_all[~answers]
    limits = shipped().thresholds
    found = dict(zip(("bias", "support", "refused"), map(float, weights), strict=True))
    found |= {f"refuse.{care}": _alike(chances, others, supports >= limit) for care, limit in limits.refuse.items()}
    found["further"] = limits.further  # a share: chances are chances in both
    found["least_further"] = _alike(chances, others, supports >= limits.least_further)
    found["least"] = limits.least_further  # of support: what would not even stand beside another is not read
    return {f"judge.{name}": value for name, value in found.items()}


def _alike(chances: Floats, others: Floats, kept: NDArray[np.bool_]) -> float:
    """Return the chance that as many of `chances` reach as are `kept`, midway to the next below.

    It is no higher than it takes to keep out all of the `others`, which do not answer.
    """
    ranked = np.concatenate([[1.0], np.sort(chances)[::-1], [0.0]])
    count = max(int(kept.sum()), int((chances > others.max(initial=0.0)).sum()))
    below = max(ranked[count + 1], others[others < ranked[count]].max(initial=0.0))
    return float((ranked[count] + below) / 2)


def _signs(judged: Sequence[Judgement]) -> Floats:
    """Return what is weighed, shape (sentences, 3): 1, the logit of support, the logit of "NO"."""
    rows = np.array([(each.support, each.declined) for each in judged], dtype=np.float64).reshape(-1, 2)
    held = np.clip(rows, _EDGE, 1 - _EDGE)
    return np.column_stack([np.ones(len(held)), np.log(held / (1 - held))])


def _chances(signs: Floats, weights: Floats) -> Floats:
    chances: Floats = 1 / (1 + np.exp(-np.clip(np.einsum("ij,j->i", signs, weights), -30, 30)))
    return chances


def _fitted(signs: Floats, answers: Floats) -> Floats:
    """Return the weights of a logistic regression, by Newton's steps."""
    weights, ridge = np.zeros(signs.shape[1]), np.diag([0.0, _RIDGE, _RIDGE])
    for _ in range(_STEPS):
        chances = _chances(signs, weights)
        spread = np.maximum(chances * (1 - chances), 1e-9)
        curvature = signs.T @ (spread[:, None] * signs) + ridge + 1e-9 * np.eye(len(weights))
        step = np.linalg.solve(curvature, signs.T @ (chances - answers) + ridge @ weights)
        weights -= np.clip(step, -2, 2)
    return weights
