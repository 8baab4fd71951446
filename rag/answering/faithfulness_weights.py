"""What the features of a statement are worth: a file of small trees, fitted.

Each tree asks for one or two features and says how much that is worth; the sum, with a constant, is the logit of the
statement's being supported. `faithfulness_weights.toml` has the trees a line each, features by name, and the limits
on support; `tests/benchmarks/fit_faithfulness.py` writes such a file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import FiniteFloat

from rag.answering.faithfulness_features import NAMES
from rag.errors import WeightsUnusable
from rag.models.weights_file import Origin, Strict, check_names, read_checked

FILE = Path(__file__).with_suffix(".toml")
LIMITS = ("usual", "strict")
_REMEDY = "Correct it, or install Beleg anew."
_MOST_SPLITS = 20  # on any way down; a file of more is none that was fitted


class Origins(Origin):
    """What weights were fitted with, a reader among it."""

    reader: str


class Split(Strict):
    """Where a feature is at most `at`, `below` says what that is worth, else `above`."""

    feature: str
    at: FiniteFloat
    below: Split | FiniteFloat
    above: Split | FiniteFloat


class _File(Strict):
    fitted: Origins
    limits: dict[str, FiniteFloat]
    constant: FiniteFloat
    trees: list[Split]


@dataclass(frozen=True, slots=True)
class Weights:
    """What a file of weights holds."""

    fitted: Origins
    limits: Mapping[str, float]
    constant: float
    trees: tuple[Split, ...]

    def chance(self, values: NDArray[np.float64]) -> float:
        """Return how likely a statement is supported, by its features in the order of NAMES: 0 to 1."""
        by_name = dict(zip(NAMES, values.tolist(), strict=True))
        worth = self.constant + sum(_worth(tree, by_name) for tree in self.trees)
        return float(1 / (1 + np.exp(-np.clip(worth, -30, 30))))


@cache
def shipped() -> Weights:
    """Return the weights in use."""
    return load(FILE)


def load(path: Path) -> Weights:
    """Return the weights of a file. Raises WeightsUnusable, which names the file and the place."""
    file = read_checked(path, _File)
    check_names(path, "limits", file.limits, LIMITS)
    for tree in file.trees:
        for name in _features(tree, path):
            if name not in NAMES:
                raise WeightsUnusable(f"{path} is of no use: a tree has the unknown feature {name}.", _REMEDY)
    return Weights(file.fitted, dict(file.limits), file.constant, tuple(file.trees))


def _worth(tree: Split | float, values: Mapping[str, float]) -> float:
    while isinstance(tree, Split):
        tree = tree.below if values[tree.feature] <= tree.at else tree.above
    return tree


def _features(tree: Split | float, path: Path, depth: int = 0) -> Iterator[str]:
    if depth > _MOST_SPLITS:
        raise WeightsUnusable(f"{path} is of no use: a tree has too many splits.", _REMEDY)
    if isinstance(tree, Split):
        yield tree.feature
        yield from _features(tree.below, path, depth + 1)
        yield from _features(tree.above, path, depth + 1)
