"""Calibration: a map from a reader's own scale of scores to logits, fitted on questions that ship with Beleg.

`calibration.toml` holds short texts of our own, in German and English, with questions about
them; a third of them none of the sentences answers. A reader from elsewhere is run over them
once, when it is prepared.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rag.models.reader.reader import Text
from rag.models.weights_file import read_checked
from rag.system.validation import Strict

FILE = Path(__file__).with_suffix(".toml")
UNFIT = 0.6  # of an AUC; by guessing it is .5
_RIDGE = 1.0  # on the slope of standardised scores, as if of so many more sentences
_STEPS = 50


class _Question(Strict, frozen=True):
    text: str
    right: int | None = None  # the sentence that answers


class _Passage(Strict, frozen=True):
    title: str
    sentences: list[str]
    questions: list[_Question]


class _File(Strict, frozen=True):
    passages: list[_Passage]


@dataclass(frozen=True, slots=True)
class Calibration:
    """What a score is worth as a logit: `scale` · score + `shift`.

    `auc` is the chance that a sentence that answers scores higher than one that does not.
    """

    scale: float
    shift: float
    auc: float


def labelled() -> list[tuple[str, Text, int | None]]:
    """Return the questions, each with its passage and which sentence answers. Raises WeightsUnusable."""
    return [
        (question.text, Text(passage.title, tuple(passage.sentences)), question.right)
        for passage in read_checked(FILE, _File).passages
        for question in passage.questions
    ]


def calibrate(score: Callable[[str, Text], NDArray[np.float64]]) -> Calibration:
    """Fit the map for a reader that `score` runs on a question and a text: one score a sentence.

    A score that is no number is taken for the least there is.
    """
    scores: list[float] = []
    right: list[bool] = []
    for question, text, answer in labelled():
        found = score(question, text)
        scores.extend(found.tolist())
        right.extend(number == answer for number in range(len(found)))
    values, labels = np.array(scores), np.array(right)
    finite = np.isfinite(values)
    values[~finite] = values[finite].min() if finite.any() else 0.0
    return fitted(values, labels)


def fitted(scores: NDArray[np.float64], right: NDArray[np.bool_]) -> Calibration:
    """Return the map by logistic regression. It never turns an order round: a reader that is always wrong gets none."""
    middle, spread = float(scores.mean()), float(scores.std())
    standard = (scores - middle) / spread if spread > 0 else np.zeros_like(scores)
    slope, base = 0.0, 0.0
    for _ in range(_STEPS):  # Newton's
        chance = 1 / (1 + np.exp(-np.clip(slope * standard + base, -30, 30)))
        weight, wrong = chance * (1 - chance) + 1e-9, chance - right
        gradient = np.array([wrong @ standard + _RIDGE * slope, wrong.sum()])
        cross = weight @ standard
        curvature = np.array([[weight @ standard**2 + _RIDGE, cross], [cross, weight.sum()]])
        step = np.linalg.solve(curvature, gradient)
        slope, base = slope - float(np.clip(step[0], -2, 2)), base - float(np.clip(step[1], -2, 2))
    if slope <= 0 or spread <= 0:
        share = float(right.mean())
        return Calibration(0.0, float(np.log(share / (1 - share))), auc(scores, right))
    return Calibration(slope / spread, base - slope * middle / spread, auc(scores, right))


def auc(scores: NDArray[np.float64], right: NDArray[np.bool_]) -> float:
    """Return the chance that what is right scores higher than what is not; equal scores count half."""
    above, below = scores[right][:, None], scores[~right][None, :]
    return float(((above > below) + 0.5 * (above == below)).mean())
