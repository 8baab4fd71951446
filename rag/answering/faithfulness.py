"""Faithfulness: how likely it is that a statement that was written from a quote is supported by it.

What a model writes is held against its quote word by word (`restatement`). A figure or a "not" that stands nowhere, or
one that is left out, rules it out; other words that stand nowhere, and whether what answers is told, are signs. And the
model itself gives a sign: where it mistranslates or guesses, the words that it chose were hardly likelier to it than
others. These few are weighed by a logistic regression, fitted on sentences that models wrote, labelled one by one
(`faithfulness_weights.toml`, `tests/benchmarks/fit_faithfulness.py`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rag.answering.faithfulness_weights import Row, Weights, shipped
from rag.answering.restatement import (
    adds_denial,
    drops_denial,
    drops_report,
    odd_figures,
    odd_words,
    says_something,
    told,
    turns_a_word,
)
from rag.system.cancellation import CancelToken

_MOST = 2000  # characters of a text that are looked at; a longer statement is none that was asked for
_MANY = 4  # odd words beyond which more say no more
_UNMARKED = 0.5  # is told where no words are known to answer


@dataclass(frozen=True, slots=True)
class Check:
    """A statement, the quote that it was written from with what stands before that, and the question that it answers.

    `answering` are the words of the quote that answer. `surety` is how sure the model was of its words: the mean log
    likelihood of the three least likely ones; None where that is not known. Languages are ISO 639-1; the question is
    in the statement's.
    """

    statement: str
    quote: str
    before: str
    question: str
    statement_language: str
    quote_language: str
    answering: str = ""
    surety: float | None = None


class Checker:
    """Tells how well statements are supported. Threads may share one."""

    def __init__(self, weights: Weights | None = None) -> None:
        self._weights = weights or shipped()

    def backed(self, checks: Sequence[Check], cancel: CancelToken | None = None) -> list[bool]:
        """Return of each whether it is supported well enough to be shown. Raises Stopped."""
        found = self.support(checks, cancel)
        return [support >= self._row(check).limit for check, support in zip(checks, found, strict=True)]

    def support(self, checks: Sequence[Check], cancel: CancelToken | None = None) -> list[float]:
        """Return for each the chance (0 to 1) that its quote supports its statement; it depends on no other.

        Where something rules a statement out, or it is longer than any that could be checked, that is 0.
        Raises Stopped.
        """
        cancel = cancel or CancelToken()
        return [self._chance(check, cancel) for check in checks]

    def _chance(self, check: Check, cancel: CancelToken) -> float:
        cancel.check()
        if len(check.statement) > _MOST or rules_out(check):
            return 0.0
        row, sure = self._row(check), check.surety or 0.0
        sure = max(-20.0, min(0.0, sure)) if math.isfinite(sure) else -20.0
        score = row.bias + float(signs(check) @ row.signs) + row.surety * sure
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, score))))

    def _row(self, check: Check) -> Row:
        return self._weights.unknown if check.surety is None else self._weights.known


def rules_out(check: Check) -> bool:
    """Whether a statement says nothing, has a figure or a "not" of its own, drops its quote's, or turns its word.

    Or makes a part of what is told of who tells it.
    """
    own, other = check.statement_language, check.quote_language
    compared = (check.statement, check.question[:_MOST], _whole(check))
    return (
        not says_something(check.statement, own)
        or bool(odd_figures(*compared, other))
        or adds_denial(*compared, own, other)
        or drops_denial(check.statement, compared[1], check.quote[:_MOST], check.answering, own, other)
        or drops_report(check.statement, compared[1], check.quote[:_MOST])
        or turns_a_word(check.statement, compared[2], own, other)
    )


def signs(check: Check) -> NDArray[np.float64]:
    """Return a statement's signs, in the order of NAMES."""
    own, other = check.statement_language, check.quote_language
    holds = told(check.statement, check.answering[:_MOST], own, other)
    return np.array(
        [
            min(_MANY, len(odd_words(check.statement, check.question[:_MOST], _whole(check), own, other))),
            sum(holds) / len(holds) if holds else _UNMARKED,
        ],
        dtype=np.float64,
    )


def _whole(check: Check) -> str:
    return f"{check.before[-_MOST:]} {check.quote[:_MOST]}".strip()
