"""A line of a form says one thing, its value: where that is of another kind than what is asked for, it answers little.

"Rechnungsnummer: 2024-0118" is near to "When was the invoice issued?" in its words, and no day. Of running text that
tells less: it may say when in words that are no time ("as soon as the key is returned").
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from rag.answering.candidate_sentences import Option
from rag.answering.features import holds_new
from rag.answering.query import Query

_FIELD = re.compile(r"[^\W\d_][^:.|·]{0,40}:\s+(\S[^·]{0,40}?)\.?")
_MOST = 5  # words of a value: more are a sentence
_LESS = 1.25  # log odds, as fitted beside the reader's score


def doubt_other_kinds(query: Query, pool: Sequence[Option], supports: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the support of each sentence, less where it is a field whose value is not what is asked for."""
    if query.answer_type not in ("number", "time", "person"):
        return supports
    other = np.array([_is_value(row.text) and not holds_new(query, row) for row in pool])
    odds = supports / np.maximum(1 - supports, 1e-12) * np.exp(-_LESS)
    doubted: NDArray[np.float64] = np.where(other, odds / (1 + odds), supports)
    return doubted


def _is_value(text: str) -> bool:
    field = _FIELD.fullmatch(text)
    return field is not None and len(field[1].split()) <= _MOST
