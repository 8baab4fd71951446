"""Accuracy against refusal, as the support rises that a sentence needs to be cited."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

_POINTS = 200


@dataclass(frozen=True, slots=True)
class Point:
    """What a threshold on support would do.

    `accurate` is the share of answerable questions that are answered, and rightly;
    `refused` the share of the others that are refused. Each from 0 to 1, None where there
    is no question of the kind.
    """

    threshold: float
    refused: float | None
    accurate: float | None


def curve(rows: Sequence[tuple[float, bool, bool]]) -> list[Point]:
    """Return accuracy against refusal as the threshold on support rises, at most 200 points.

    Each row is a question: its best support (finite), whether it is answerable, and whether
    what was cited first, or would have been, is right. At a threshold, questions with at
    least that support are answered. The points are at supports that occur, from the lowest,
    where all are answered; the last is just above the highest, where none is.
    """
    if not rows:
        return []
    supports = np.array([support for support, _, _ in rows])
    right = np.sort(supports[[bool(answerable and right) for _, answerable, right in rows]])
    hopeless = np.sort(supports[[not answerable for _, answerable, _ in rows]])
    thresholds = np.unique(supports)
    thresholds = np.append(thresholds, np.nextafter(thresholds[-1], np.inf))
    if thresholds.size > _POINTS:
        thresholds = thresholds[np.linspace(0, thresholds.size - 1, _POINTS).round().astype(int)]
    answerable = len(rows) - hopeless.size
    return [
        Point(
            float(threshold),
            int(np.searchsorted(hopeless, threshold)) / hopeless.size if hopeless.size else None,
            (right.size - int(np.searchsorted(right, threshold))) / answerable if answerable else None,
        )
        for threshold in thresholds
    ]
