"""The fit of evidence: which weights tell right sentences from others, and make their support a chance.

The three steps are told in `fit_weights.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from labelled_sentences import Sentences
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import log_expit

from rag.answering.feature_weights import PAIRS, SIGNS, SUPPORT
from rag.answering.features import reader_columns

ANSWERABLE = 0.75  # share of questions with an answer that support is a true chance for
BEST = 3  # sentences of a question that its calibration is fitted on
ORDINARY_TIMES = 4  # that an ordinary document's question counts in the ranking, where there are far fewer of them
Array = NDArray[np.float64]
Weights = dict[str, Array]  # by pair of languages, in the order of SUPPORT


@dataclass(frozen=True, slots=True, eq=False)
class Pool:
    """A question's sentences: `columns` (sentences, SUPPORT), `pairs` places in PAIRS.

    `hard` is what is left of a question where only the sentences that answer are missing.
    """

    columns: Array
    right: NDArray[np.bool_]
    pairs: NDArray[np.intp]
    pair: int  # the right sentence's, or the commonest
    document: str
    answerable: bool
    hard: bool = False


def pools(sentences: Sentences) -> list[Pool]:
    """Return the questions that have any sentences, in order."""
    pair = np.array([PAIRS.index(each) for each in sentences.pair], dtype=np.intp)
    found = []
    for question in range(len(sentences.ids)):
        places = np.flatnonzero(sentences.question == question)
        if not len(places):
            continue
        right = places[sentences.right[places]]
        commonest = int(np.bincount(pair[right if len(right) else places]).argmax())
        columns = np.column_stack([sentences.signs[places], reader_columns(sentences.scores[places])])
        document, answerable = str(sentences.documents[question]), bool(sentences.answerable[question])
        found.append(Pool(columns, sentences.right[places], pair[places], commonest, document, answerable))
    return found


def without_right(pool: Pool) -> Pool | None:
    """Return a question as it is where only the sentences that answer are missing; None where no others are left."""
    left = ~pool.right
    if not pool.right.any() or not left.any():
        return None
    columns = np.column_stack([pool.columns[left, : len(SIGNS)], reader_columns(pool.columns[left, len(SIGNS)])])
    return Pool(columns, pool.right[left], pool.pairs[left], pool.pair, pool.document, False, True)


def with_hard(pools: Sequence[Pool]) -> list[Pool]:
    """Return the questions, and every third one with an answer once more without it."""
    known = [pool for pool in pools if pool.answerable]
    return [*pools, *filter(None, map(without_right, known[::3]))]


# --- fitting ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Penalties:
    """Of the ridge: on the weights of all pairs, on what a pair adds to them, on the signs in the calibration."""

    common: float = 3.0
    own: float = 30.0
    signs: float = 60.0


def fitted(
    pools: Sequence[Pool], penalties: Penalties, answerable: float = ANSWERABLE, ordinary: Sequence[Pool] = ()
) -> Weights:
    """Return the weights by pair of languages, fitted on these questions, for a share of `answerable` ones.

    Which sentence comes first is learnt of all, how sure that is of the `ordinary` ones alone where there are any.
    """
    rank = conditional_logit([*pools, *ORDINARY_TIMES * list(ordinary)], penalties)
    calibrated = ordinary or pools
    scores, columns, pairs, right = [], [], [], []
    for pool in with_hard(calibrated):
        score = np.einsum("ij,ij->i", pool.columns, rank[pool.pairs])
        best = np.argsort(-score, kind="stable")[:BEST]
        scores.append(score[best])
        columns.append(pool.columns[best])
        pairs.append(pool.pairs[best])
        right.append(pool.right[best])
    own = np.eye(len(PAIRS))[np.concatenate(pairs)]  # what a pair adds to the constant
    every = np.concatenate(columns)
    share, signs = every[:, -1:], every[:, : len(SIGNS)]
    table = np.column_stack([np.concatenate(scores), share, signs, own])
    ridge = np.array([0, 0, *[penalties.signs] * (len(SIGNS) - 1), 0, *[penalties.own] * len(PAIRS)]) + 1e-3
    slope, of_share, *rest = logistic(table, np.concatenate(right), ridge, np.ones(len(table)))
    weights = slope * rank
    weights[:, : len(SIGNS)] += rest[: len(SIGNS)]
    weights[:, -1] += of_share
    weights[:, len(SIGNS) - 1] += rest[len(SIGNS) :]  # the last of the signs is the constant
    weights = scaled(weights, calibrated, answerable)
    return {pair: weights[at].round(3) for at, pair in enumerate(PAIRS)}


def scaled(weights: Array, pools: Sequence[Pool], answerable: float) -> Array:
    """Return the weights, shape (PAIRS, SUPPORT), stretched and moved so that the best sentences' chances are true."""
    scores = [np.einsum("ij,ij->i", pool.columns, weights[pool.pairs]) for pool in pools]
    best = np.array([score.max() for score in scores])
    right = np.array([pool.right[score.argmax()] for pool, score in zip(pools, scores, strict=True)])
    often = balanced([pool.answerable for pool in pools], answerable)
    slope, constant = logistic(np.column_stack([best, np.ones(len(best))]), right, np.full(2, 1e-3), often)
    moved: Array = slope * weights
    moved[:, len(SIGNS) - 1] += constant
    return moved


def balanced(known: Sequence[bool], answerable: float) -> Array:
    """Return how much each question counts, so that those with an answer are that share of all; 1 on average."""
    flags = np.array(known)
    share = flags.mean()
    if share in (0, 1):
        return np.ones(len(flags))
    return np.where(flags, answerable / share, (1 - answerable) / (1 - share))


def conditional_logit(pools: Sequence[Pool], penalties: Penalties) -> Array:
    """Return weights, shape (PAIRS, SUPPORT), under which right sentences score more than their rivals."""
    pools = [pool for pool in pools if pool.right.any()]
    columns, right = np.concatenate([pool.columns for pool in pools]), np.concatenate([pool.right for pool in pools])
    sizes = [len(pool.right) for pool in pools]
    starts, owner = np.concatenate([[0], np.cumsum(sizes)[:-1]]), np.repeat(np.arange(len(pools)), sizes)
    of_pair = np.eye(len(PAIRS))[np.concatenate([pool.pairs for pool in pools])]  # (sentences, PAIRS)
    size = len(SUPPORT)

    def loss(flat: Array) -> tuple[float, Array]:
        weights = flat.reshape(1 + len(PAIRS), size)  # the common ones, then what each pair adds
        scores = np.einsum("ij,ij->i", columns, weights[0] + of_pair @ weights[1:])
        whole = np.logaddexp.reduceat(scores, starts)
        best = np.logaddexp.reduceat(np.where(right, scores, -np.inf), starts)
        slopes = np.exp(scores - whole[owner]) - np.where(right, np.exp(scores - best[owner]), 0.0)
        penalty = np.repeat([penalties.common, *[penalties.own] * len(PAIRS)], size).reshape(weights.shape)
        pairs = of_pair.T @ (slopes[:, None] * columns)
        gradient = np.concatenate([pairs.sum(axis=0)[None], pairs]) + penalty * weights
        return float((whole - best).sum() + (penalty * weights**2).sum() / 2), gradient.ravel()

    weights = minimize(loss, np.zeros((1 + len(PAIRS)) * size), jac=True, method="L-BFGS-B").x.reshape(-1, size)
    found: Array = weights[0] + weights[1:]
    return found


def logistic(columns: Array, right: NDArray[np.bool_], ridge: Array, often: Array) -> Array:
    """Return the coefficients of a logistic regression, with a ridge penalty by column and a weight by row."""
    signs = np.where(right, 1.0, -1.0)

    def loss(weights: Array) -> tuple[float, Array]:
        margins = signs * (columns @ weights)
        gradient = -(columns.T @ (often * signs * np.exp(log_expit(-margins)))) + ridge * weights
        return float(-(often * log_expit(margins)).sum() + (ridge * weights**2).sum() / 2), gradient

    found: Array = minimize(loss, np.zeros(columns.shape[1]), jac=True, method="L-BFGS-B").x
    return found
