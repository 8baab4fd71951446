"""Gradient boosting: a sum of small trees, each fitted to what those before it leave wrong; in numpy.

Trees have at most two splits on any way down. A feature that may speak only for (or against) a row never gets less
(or more) worth where it is higher: with few rows, that keeps what chance says out of the fit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
_CUTS = 24  # that are tried of a feature
_LEAST = 15  # rows on either side of a split


@dataclass(frozen=True, slots=True)
class Split:
    """Where the column `feature` is at most `at`, what a row is worth is told by `below`, else by `above`."""

    feature: int
    at: float
    below: Split | float
    above: Split | float


@dataclass(frozen=True, slots=True)
class Boosting:
    """How trees are fitted."""

    trees: int = 100
    rate: float = 0.06
    ridge: float = 5.0
    columns: float = 0.3  # share of the features that each tree may use, drawn anew


def worth(tree: Split | float, values: Array) -> Array:
    """Return what a tree says of each row, shape (rows,)."""
    if isinstance(tree, float):
        return np.full(len(values), tree)
    below = values[:, tree.feature] <= tree.at
    return np.where(below, worth(tree.below, values), worth(tree.above, values))


@dataclass(frozen=True, slots=True)
class _Cuts:
    """All splits that may be tried: for each its feature and place, its sign, and the rows at most there."""

    feature: NDArray[np.int64]
    at: Array
    sign: NDArray[np.int64]
    below: Array  # (cuts, rows), 1 or 0


def _cuts(values: Array, signs: Sequence[int]) -> _Cuts:
    feature, at = list[int](), list[float]()
    for column in range(values.shape[1]):
        different = np.unique(values[:, column])
        middles = (different[1:] + different[:-1]) / 2
        chosen = np.unique(np.quantile(values[:, column], np.linspace(0, 1, _CUTS + 2)[1:-1]))
        places = middles[np.unique(np.searchsorted(different[1:-1], chosen))] if len(middles) > _CUTS else middles
        feature += [column] * len(places)
        at += [float(np.round(place, 4)) for place in places]
    columns = np.array(feature)
    below = (values[:, columns] <= np.array(at)).T.astype(float)
    return _Cuts(columns, np.array(at), np.array(signs)[columns], below)


def boosted(
    values: Array, right: NDArray[np.bool_], signs: Sequence[int], how: Boosting, seed: int = 0
) -> tuple[float, list[Split]]:
    """Return a constant and trees whose sum is the logit of a row's being right. `signs` are 1, 0 or -1 a feature."""
    cuts, random = _cuts(values, signs), np.random.default_rng(seed)
    share = float(right.mean())
    constant = float(np.log(share / (1 - share)))
    scores, trees = np.full(len(values), constant), list[Split]()
    for _ in range(how.trees):
        chance = 1 / (1 + np.exp(-scores))
        usable = np.asarray(random.random(values.shape[1]) < how.columns)
        fitting = _Fitting(cuts, usable[cuts.feature], chance - right, chance * (1 - chance), how)
        tree = fitting.tree(np.ones(len(values)), -np.inf, np.inf, 2)
        if isinstance(tree, Split):
            trees.append(tree)
            scores = scores + worth(tree, values)
    return constant, trees


@dataclass(frozen=True, slots=True)
class _Fitting:
    """One tree's fit: the cuts it may use, and gradient and curvature of the loss a row."""

    cuts: _Cuts
    usable: NDArray[np.bool_]
    gradient: Array
    curvature: Array
    how: Boosting

    def tree(self, rows: Array, least: float, most: float, depth: int) -> Split | float:
        """Return the best tree for the rows that have 1, its leaves between two values."""
        slope, bend = float(rows @ self.gradient), float(rows @ self.curvature)
        alone = float(np.clip(-slope / (bend + self.how.ridge), least, most))
        if depth == 0:
            return self._leaf(alone)
        below = self.cuts.below @ np.stack([rows, rows * self.gradient, rows * self.curvature], 1)
        above = np.array([rows.sum(), slope, bend]) - below
        left, left_gain = self._best(below, least, most)
        right, right_gain = self._best(above, least, most)
        gain = left_gain + right_gain - self._gain(slope, bend, alone)
        fits = self.usable & (below[:, 0] >= _LEAST) & (above[:, 0] >= _LEAST) & (self.cuts.sign * (right - left) >= 0)
        gain = np.where(fits, gain, -np.inf)
        best = int(gain.argmax())
        if not gain[best] > 1e-6:
            return self._leaf(alone)
        inside, sign = rows * self.cuts.below[best], int(self.cuts.sign[best])
        middle = float(left[best] + right[best]) / 2
        low = (least, middle) if sign > 0 else (middle, most) if sign < 0 else (least, most)
        high = (middle, most) if sign > 0 else (least, middle) if sign < 0 else (least, most)
        return Split(
            int(self.cuts.feature[best]),
            float(self.cuts.at[best]),
            self.tree(inside, *low, depth - 1),
            self.tree(rows - inside, *high, depth - 1),
        )

    def _best(self, sums: Array, least: float, most: float) -> tuple[Array, Array]:
        value = np.clip(-sums[:, 1] / (sums[:, 2] + self.how.ridge), least, most)
        return value, self._gain(sums[:, 1], sums[:, 2], value)

    def _gain(self, slope: Array | float, bend: Array | float, value: Array | float) -> Array:
        return np.asarray(-(slope * value + (bend + self.how.ridge) * value**2 / 2))

    def _leaf(self, value: float) -> float:
        return round(self.how.rate * value, 5)
