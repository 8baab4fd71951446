"""What each retriever is worth, by the languages of question and passage: a file of fitted weights.

`fusion_weights.toml` has the weights by name, and says what they were fitted with. They hold for an embedder that
ranks as well in that pair of languages as the one that they were fitted with; one that ranks better is worth more
beside words, one that ranks worse, less.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from msgspec.structs import asdict

from rag.models.weights_file import Origin, check_names, read_checked
from rag.system.validation import FiniteFloat, Strict

FILE = Path(__file__).with_suffix(".toml")
# "other" is a language that no lexicon helps with, "another" any but that one: "blind" by an embedder that knows
# neither, "able" by one that knows them.
PAIRS = ("en-en", "de-de", "en-de", "de-en", *("blind-other", "blind-another", "able-other", "able-another"))
_CHANCE = 0.03  # by which the rank of 40 questions differs without a reason
_LEAST, _MOST = 0.1, 0.8  # of the dense score


class RetrieverWeights(Strict, frozen=True):
    """The shares of each retriever's score, brought to 0 to 1, in a passage's.

    `rank` is how well the embedder ranks in the languages that they were fitted on (`Ability.rank`).
    """

    dense: FiniteFloat
    stems: FiniteFloat
    glosses: FiniteFloat
    ngrams: FiniteFloat
    rank: FiniteFloat

    @property
    def shares(self) -> tuple[float, float, float, float]:
        return self.dense, self.stems, self.ngrams, self.glosses


class _File(Strict, frozen=True):
    fitted: Origin
    weights: dict[str, RetrieverWeights]


@dataclass(frozen=True, slots=True)
class FusionWeights:
    """What a file of weights holds."""

    fitted: Origin
    by_pair: Mapping[str, RetrieverWeights]

    def weights(self, asked: str, written: str, rank: float) -> RetrieverWeights:
        """Return the weights for the languages of a question and a passage, and an embedder that ranks so in them."""
        if (fitted := self.by_pair.get(f"{asked}-{written}")) is not None:
            return self._moved(fitted, rank)
        kind = "other" if asked == written else "another"
        return _between(self.by_pair[f"blind-{kind}"], self.by_pair[f"able-{kind}"], rank)

    def _moved(self, fitted: RetrieverWeights, rank: float) -> RetrieverWeights:
        """Return weights as they are for an embedder that ranks better or worse than the one they were fitted with.

        The share of meaning grows with the rank as it does from one that is blind to one that is able; those of
        words stay to each other as they were.
        """
        differs = rank - fitted.rank
        if abs(differs) <= _CHANCE:
            return fitted
        blind, able = self.by_pair["blind-other"], self.by_pair["able-other"]
        slope = (able.dense - blind.dense) / (able.rank - blind.rank)
        further = differs - _CHANCE if differs > 0 else differs + _CHANCE
        dense = min(max(fitted.dense + slope * further, _LEAST), _MOST)
        left = (1 - dense) / (1 - fitted.dense)
        return RetrieverWeights(
            dense=dense,
            stems=fitted.stems * left,
            glosses=fitted.glosses * left,
            ngrams=fitted.ngrams * left,
            rank=rank,
        )


def _between(blind: RetrieverWeights, able: RetrieverWeights, rank: float) -> RetrieverWeights:
    part = (rank - blind.rank - _CHANCE) / (able.rank - blind.rank - _CHANCE)
    if part <= 0:
        return blind
    if part >= 1:
        return able
    low, high = asdict(blind), asdict(able)
    return RetrieverWeights(**{name: low[name] + part * (high[name] - low[name]) for name in low})


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
