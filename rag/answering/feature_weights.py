"""What each feature of a sentence is worth, by the languages of question and passage: a file of fitted weights.

A sentence's score is the sum of its features, each times its weight, and 1 / (1 + exp(-score)) is taken for the
chance that it answers. There are two sums: `preselection` of FEATURES alone, which picks what the LLM reads, and
`support` with the LLM's likelihood. `feature_weights.toml` has the weights by name, and says what they were fitted
with; `tests/benchmarks/fit_weights.py` writes such a file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pydantic import FiniteFloat

from rag.answering.features import FEATURES, LLM_LIKELIHOOD
from rag.models.weights_file import Origin, Strict, check_names, read_checked

FILE = Path(__file__).with_suffix(".toml")
PAIRS = ("en-en", "de-de", "en-de", "de-en")  # the languages of question and passage
PRESELECTION = tuple(feature.name for feature in FEATURES)
SUPPORT = (*PRESELECTION, LLM_LIKELIHOOD)


class LlmOrigin(Origin):
    """What weights were fitted with, an LLM among it."""

    llm: str


class Thresholds(Strict):
    """On support, from 0 to 1."""

    refuse: FiniteFloat  # below it the documents do not say
    further: FiniteFloat  # a further quote needs this share of the best one's support
    least_further: FiniteFloat  # and never less than this, however poor the first


class _File(Strict):
    fitted: LlmOrigin
    thresholds: Thresholds
    preselection: dict[str, dict[str, FiniteFloat]]  # by feature, by languages
    support: dict[str, dict[str, FiniteFloat]]


@dataclass(frozen=True, slots=True)
class Weights:
    """The weights of one pair of languages, in the order of PRESELECTION and of SUPPORT."""

    preselection: tuple[float, ...]
    support: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class FittedWeights:
    """What a file of weights holds."""

    fitted: LlmOrigin
    thresholds: Thresholds
    by_pair: Mapping[str, Weights]

    def weights(self, asked: str, written: str) -> Weights:
        """Return the weights for the languages of a question and a passage."""
        return self.by_pair[nearest_pair(asked, written)]


def nearest_pair(asked: str, written: str) -> str:
    """Return the pair of PAIRS that a question and a passage are weighed as; what is not English is like German."""
    if asked == written:
        return "en-en" if written == "en" else "de-de"
    return "en-de" if asked == "en" else "de-en"


@cache
def shipped() -> FittedWeights:
    """Return the weights in use."""
    return load(FILE)


def load(path: Path) -> FittedWeights:
    """Return the weights of a file.

    Raises WeightsUnusable, which names the file and the place, where a feature or a pair of languages is missing or
    unknown, or a value is no finite number.
    """
    file = read_checked(path, _File)
    for table, rows, names in (("preselection", file.preselection, PRESELECTION), ("support", file.support, SUPPORT)):
        check_names(path, table, rows, names)
        for name, row in rows.items():
            check_names(path, f"{table}.{name}", row, PAIRS)
    by_pair = {
        pair: Weights(
            tuple(file.preselection[name][pair] for name in PRESELECTION),
            tuple(file.support[name][pair] for name in SUPPORT),
        )
        for pair in PAIRS
    }
    return FittedWeights(file.fitted, file.thresholds, by_pair)
