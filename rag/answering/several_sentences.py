"""Whether a question takes several sentences of the documents at once.

"Which of the two ferries is longer?", "Which members were absent?", "How did membership change between 2019 and
2023?": no single sentence answers these, and a quote alone is half an answer. A logistic regression tells them from
ordinary ones ("Which of the two ferries sank?", "Which member was absent?"), mostly by how a question is built: runs
and pairs of the classes of its words (`several_sentences_wordlists.py`), which leave out what it is about, and less by
the runs of its letters and words (`question_kinds.surface`). Its weights, `several_sentences.npz`, are made by
`tests/benchmarks/fit_several_sentences.py`. They know German and English: in other languages every question is an
ordinary one. In doubt it is, too.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from rag.answering.question_kinds import LETTERS, WORDS, Array, hashed, surface
from rag.answering.several_sentences_wordlists import word_class
from rag.errors import WeightsUnusable
from rag.localization import gettext
from rag.models.weights_file import read_arrays
from rag.text.language import read

LANGUAGES = frozenset({"de", "en"})
FILE = Path(__file__).with_suffix(".npz")
SHAPES = 8192  # features of how a question is built, hashed
FEATURES = LETTERS + WORDS + SHAPES
_NEAR = 5  # classes; with pairs of what lies farther apart, long questions were taken for several
_SURFACE = 0.4  # how much letters and words weigh beside the shape, both being of the same length
_LONGEST = 300  # characters: what is longer is a text with a question in it, and unlike all that was fitted on


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """Weights by feature, and the chance from which a question takes several sentences."""

    weights: Array  # shape (FEATURES + 1,)
    least: float


@cache
def shipped() -> Fit:
    """Return the weights in use."""
    return load(FILE)


def load(path: Path) -> Fit:
    """Return the weights of a file. Raises WeightsUnusable, which names the file, where it holds no such weights."""
    held, scale, least = read_arrays(path, ("weights", "scale", "least"))
    if held.shape != (FEATURES + 1,) or scale.ndim or least.ndim or not 0 < least <= 1:
        raise WeightsUnusable(
            gettext("{path} is of no use: its weights have other shapes.").format(path=path),
            gettext("Install Beleg anew."),
        )
    return Fit(held * scale, float(least))


def needs_several(question: str, language: str) -> bool:
    """Whether a question, in the language of an ISO 639-1 code, takes several sentences of the documents at once.

    False in languages that were not fitted and for what is too long to be one question. Raises WeightsUnusable where
    the weights in use cannot be read.
    """
    if language not in LANGUAGES or len(question) > _LONGEST:
        return False
    return chance(question, language, shipped()) >= shipped().least


def chance(question: str, language: str, fit: Fit) -> float:
    """Return the chance, between 0 and 1, that a question takes several sentences."""
    score = float(features(question, language) @ fit.weights[:-1] + fit.weights[-1])
    return float(1 / (1 + np.exp(-np.clip(score, -50, 50))))


def features(question: str, language: str) -> Array:
    """Return what a question is weighed by: shape (FEATURES,)."""
    row = ["^"]
    for word in read(question):
        row += ["," for sign in word.gap if sign == ","]
        row.append(word_class(word.low, language))
    row.append("$")
    runs = {" ".join(row[at : at + size]) for size in (1, 2, 3, 4) for at in range(len(row) + 1 - size)}
    runs |= {"^^" + " ".join(row[:size]) for size in (3, 4, 5)}
    telling = [each for each in row if not each.startswith("~")]
    pairs = {f"{one}..{other}" for at, one in enumerate(telling) for other in telling[at + 1 : at + 1 + _NEAR]}
    pairs |= {f"{telling[1]}..{other}" for other in telling}  # telling[1] is mostly the question word
    shape = hashed(sorted(runs | pairs | {f"{row[1]}..{row[-2]}$"}), SHAPES)
    return np.concatenate([_SURFACE * surface(question), shape], dtype=np.float32)
