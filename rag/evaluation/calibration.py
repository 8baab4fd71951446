"""Calibration: whether what is said to be so likely is right so often; and what each care would have done.

Support is given as a chance. Questions are ordered by it and put into ten bins of as many each; in each the mean
support is held against the share of questions whose first sentence is right (Guo et al. 2017, "On calibration of
modern neural networks"). A question without an answer has no right sentence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from rag.evaluation.bootstrap import Share, shares

_BINS = 10
_LEAST = 5  # questions of a bin: with fewer than fifty there are fewer bins


@dataclass(frozen=True, slots=True)
class Known:
    """A question: its best sentence's support, whether that is right, what it is drawn together with."""

    support: float
    answerable: bool
    right: bool
    conversation: str


@dataclass(frozen=True, slots=True)
class Bin:
    """Questions of like support: its mean, and the share of them that is right, with its interval."""

    support: float
    right: Share


@dataclass(frozen=True, slots=True)
class Calibration:
    """`largest` is the largest difference of support and share right in a bin, `expected` their mean over questions."""

    largest: float
    expected: float
    bins: tuple[Bin, ...]


@dataclass(frozen=True, slots=True)
class Errors:
    """The two errors at a threshold: answerable questions that are refused, others that are answered.

    Each is None where there is no question of the kind.
    """

    care: str
    threshold: float
    refused: Share | None
    answered: Share | None


def calibration(rows: Sequence[Known]) -> Calibration | None:
    """Return how far support is from the share right; None without questions."""
    if not rows:
        return None
    ordered = sorted(rows, key=lambda row: row.support)
    count = max(1, min(_BINS, len(rows) // _LEAST))
    parts = np.array_split(np.arange(len(rows)), count)
    groups = [number for number, part in enumerate(parts) for _ in part]
    right = shares([row.right for row in ordered], groups, [row.conversation for row in ordered])
    supports = [float(np.mean([ordered[at].support for at in part])) for part in parts]
    off = [abs(share.value - support) for share, support in zip(right, supports, strict=True)]
    expected = sum(one * share.n for one, share in zip(off, right, strict=True)) / len(rows)
    return Calibration(max(off), expected, tuple(map(Bin, supports, right)))


def errors(rows: Sequence[Known], limits: Mapping[str, float]) -> list[Errors]:
    """Return both errors at each care's threshold, as if all had been answered with it.

    A follow-up question that is put in two forms is judged by the one that was decided by.
    """
    return [
        Errors(
            care,
            limit,
            _share([(row.support < limit, row.conversation) for row in rows if row.answerable]),
            _share([(row.support >= limit, row.conversation) for row in rows if not row.answerable]),
        )
        for care, limit in limits.items()
    ]


def _share(rows: Sequence[tuple[bool, str]]) -> Share | None:
    if not rows:
        return None
    (found,) = shares([hit for hit, _ in rows], [0] * len(rows), [conversation for _, conversation in rows])
    return found
