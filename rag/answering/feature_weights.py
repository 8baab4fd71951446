"""What each feature of a sentence is worth, by the languages of question and passage: a file of fitted weights.

A sentence's score is the sum of its features, each times its weight, and 1 / (1 + exp(-score)) is the chance that it
answers: its support. `feature_weights.toml` has the weights by name, and says what they were fitted with;
`tests/benchmarks/fit_weights.py` writes such a file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import get_args

from rag.answering.features import FEATURES, READER_COLUMNS
from rag.models.embedder_ability import nearest_pair
from rag.models.weights_file import Origin, check_names, read_checked
from rag.settings import Care
from rag.system.validation import FiniteFloat, Strict

FILE = Path(__file__).with_suffix(".toml")
PAIRS = ("en-en", "de-de", "en-de", "de-en")  # the languages of question and passage
SIGNS = tuple(feature.name for feature in FEATURES)
SUPPORT = (*SIGNS, *READER_COLUMNS)


class ReaderOrigin(Origin, frozen=True):
    """What weights were fitted with, a reader among it."""

    reader: str


class Thresholds(Strict, frozen=True):
    """On support, from 0 to 1."""

    refuse: dict[Care, FiniteFloat]  # below it the documents do not say
    further: FiniteFloat  # a further quote needs this share of the best one's support
    least_further: FiniteFloat  # and never less than this, however poor the first


class _File(Strict, frozen=True):
    fitted: ReaderOrigin
    thresholds: Thresholds
    support: dict[str, dict[str, FiniteFloat]]  # by feature, by languages


@dataclass(frozen=True, slots=True)
class FittedWeights:
    """What a file of weights holds."""

    fitted: ReaderOrigin
    thresholds: Thresholds
    by_pair: Mapping[str, tuple[float, ...]]  # in the order of SUPPORT

    def weights(self, asked: str, written: str) -> tuple[float, ...]:
        """Return the weights for the languages of a question and a passage, in the order of SUPPORT."""
        return self.by_pair[nearest_pair(asked, written)]


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
    check_names(path, "thresholds.refuse", file.thresholds.refuse, get_args(Care))
    check_names(path, "support", file.support, SUPPORT)
    for name, row in file.support.items():
        check_names(path, f"support.{name}", row, PAIRS)
    by_pair = {pair: tuple(file.support[name][pair] for name in SUPPORT) for pair in PAIRS}
    return FittedWeights(file.fitted, file.thresholds, by_pair)
