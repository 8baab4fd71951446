"""What each sign that a statement is supported by its quote is worth: a file of fitted weights.

There are weights for a statement whose writer told how sure it was of its words, and for one whose writer did not.
`tests/benchmarks/fit_faithfulness.py` writes such a file.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rag.models.weights_file import check_names, read_checked
from rag.system.validation import FiniteFloat, Strict

FILE = Path(__file__).with_suffix(".toml")
NAMES = ("odd_words", "told")


class _Fitted(Strict, frozen=True):
    statements: str
    method: str


class _File(Strict, frozen=True):
    fitted: _Fitted
    known: dict[str, FiniteFloat]
    unknown: dict[str, FiniteFloat]


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """Weights of the signs, shape (signs,), in the order of NAMES, and of the surety.

    `limit` is the support from which a statement may be shown.
    """

    limit: float
    bias: float
    signs: NDArray[np.float64]
    surety: float


@dataclass(frozen=True, slots=True, eq=False)
class Weights:
    """What a file of weights holds."""

    known: Row
    unknown: Row


@cache
def shipped() -> Weights:
    """Return the weights in use."""
    return load(FILE)


def load(path: Path) -> Weights:
    """Return the weights of a file.

    Raises WeightsUnusable, which names the file and the place, where a sign is missing or unknown, or a value is no
    finite number.
    """
    file = read_checked(path, _File)
    check_names(path, "known", file.known, ("limit", "bias", *NAMES, "surety"))
    check_names(path, "unknown", file.unknown, ("limit", "bias", *NAMES))
    return Weights(_row(file.known), _row(file.unknown))


def _row(found: dict[str, float]) -> Row:
    return Row(found["limit"], found["bias"], np.array([found[name] for name in NAMES]), found.get("surety", 0.0))
