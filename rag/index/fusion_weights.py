"""What each retriever is worth, by the languages of question and passage: a file of fitted weights.

`fusion_weights.toml` has the weights by name, and says what they were fitted with.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pydantic import FiniteFloat

from rag.models.weights_file import Origin, Strict, check_names, read_checked

FILE = Path(__file__).with_suffix(".toml")
# "other" is a language that an English embedder is blind to and no lexicon helps with, "another" any but that one.
PAIRS = ("en-en", "de-de", "en-de", "de-en", "other-other", "other-another")


class RetrieverWeights(Strict):
    """The shares of each retriever's score, brought to 0 to 1, in a passage's."""

    dense: FiniteFloat
    stems: FiniteFloat
    glosses: FiniteFloat
    ngrams: FiniteFloat


class _File(Strict):
    fitted: Origin
    weights: dict[str, RetrieverWeights]


@dataclass(frozen=True, slots=True)
class FusionWeights:
    """What a file of weights holds."""

    fitted: Origin
    by_pair: Mapping[str, RetrieverWeights]

    def weights(self, asked: str, written: str) -> RetrieverWeights:
        """Return the weights for the languages of a question and a passage."""
        pair = f"{asked}-{written}"
        return self.by_pair[pair if pair in self.by_pair else f"other-{'other' if asked == written else 'another'}"]


@cache
def shipped() -> FusionWeights:
    """Return the weights in use."""
    return load(FILE)


def load(path: Path) -> FusionWeights:
    """Return the weights of a file.

    Raises WeightsUnusable, which names the file and the place, where a retriever or a pair of languages is missing or
    unknown, or a value is no finite number.
    """
    file = read_checked(path, _File)
    check_names(path, "weights", file.weights, PAIRS)
    return FusionWeights(file.fitted, file.weights)
