"""The plots at the head of the report of an evaluation, in the units of their drawings; the template draws them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 460, 240  # of a drawing's field; the template draws axes around it


@dataclass(frozen=True, slots=True)
class Point:
    """What a threshold brings, each from 0 to 1.

    `refused` is the share of unanswerable questions that are refused, `accurate` the share
    of answerable ones whose first citation is right.
    """

    threshold: float
    refused: float
    accurate: float


@dataclass(frozen=True, slots=True)
class Errors:
    """A care, its threshold, and its two errors as they are shown; `used` is the one that was answered with."""

    care: str
    threshold: float
    refused: str
    answered: str
    used: bool


@dataclass(frozen=True, slots=True)
class Bin:
    """Questions of like support, the first sentence's: its mean, and the share of them in which it is right.

    `low` to `high` is the 95 % interval of that share. Each from 0 to 1 but for `n`, which counts the questions.
    """

    support: float
    right: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, slots=True)
class Chart:
    """Accuracy against refusal: its points (x, y, what is there) in order of their thresholds, and the one in use."""

    points: tuple[tuple[float, float, Point], ...]
    used: tuple[float, float, Point] | None


@dataclass(frozen=True, slots=True)
class Placed:
    """A bin in the drawing: its dot, and the ends of its interval above and below."""

    x: float
    y: float
    top: float
    bottom: float
    bin: Bin


def chart(plot: Sequence[Point], threshold: float | None) -> Chart:
    """Return the plot of accuracy against refusal; `plot` has at least one point."""
    points = sorted((_clipped(point) for point in plot), key=lambda point: point.threshold)
    used = None if threshold is None else _placed(_at(threshold, points))
    return Chart(tuple(map(_placed, points)), used)


def reliability(bins: Sequence[Bin]) -> tuple[Placed, ...]:
    """Return the plot of how sure answers were said to be against how often they were right, from the left."""
    kept = [Bin(_share(b.support), _share(b.right), _share(b.low), _share(b.high), b.n) for b in bins]
    kept.sort(key=lambda b: b.support)
    return tuple(Placed(_across(b.support), _down(b.right), _down(b.high), _down(b.low), b) for b in kept)


def _clipped(point: Point) -> Point:
    return Point(_share(point.threshold), _share(point.refused), _share(point.accurate))


def _share(value: float) -> float:
    return min(1.0, max(0.0, value)) if math.isfinite(value) else 0.0


def _placed(point: Point) -> tuple[float, float, Point]:
    return _across(point.refused), _down(point.accurate), point


def _across(share: float) -> float:
    return round(WIDTH * share, 1)


def _down(share: float) -> float:
    return round(HEIGHT * (1 - share), 1)


def _at(threshold: float, points: Sequence[Point]) -> Point:
    """Return where a threshold lies: between two points nothing changes until the next, since each is a support."""
    point = next((point for point in points if point.threshold >= threshold), points[-1])
    return Point(threshold, point.refused, point.accurate)
