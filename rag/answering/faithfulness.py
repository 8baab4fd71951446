"""Faithfulness: how likely it is that a statement that was written from a quote is supported by it.

A model that writes may turn a sentence round, swap who does what, or give a number to something else, and use none
but the quote's words for it. So a statement is compared with its quote by many signs (`faithfulness_features`), which
small trees weigh, fitted on labelled statements (`faithfulness_weights`). Below LIMIT the quote itself is what a
person should read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rag.answering.attribution import missing, names_nobody
from rag.answering.faithfulness_alignment import aligned, side
from rag.answering.faithfulness_clozes import clozes
from rag.answering.faithfulness_features import Compared, Cosines, kinds, near, values
from rag.answering.faithfulness_weights import Weights, shipped
from rag.models.embedder import Embedder
from rag.models.reader.reader import Reader
from rag.system.cancellation import CancelToken
from rag.text.foreign_numbers import in_english
from rag.text.language import words

_MOST = 2000  # characters of a text that are looked at; a longer statement is none that was asked for


@dataclass(frozen=True, slots=True)
class Check:
    """A statement, the quote that it was written from with what stands before that, and the question that it answers.

    Languages are ISO 639-1; the question is in the statement's.
    """

    statement: str
    quote: str
    before: str
    question: str
    statement_language: str
    quote_language: str


LIMIT = shipped().limits["usual"]


class Checker:
    """Tells how well statements are supported. Threads may share one."""

    def __init__(self, reader: Reader, embedder: Embedder, weights: Weights | None = None) -> None:
        self._reader, self._embedder, self._weights = reader, embedder, weights or shipped()

    def support(self, checks: Sequence[Check], cancel: CancelToken | None = None) -> list[float]:
        """Return for each the chance (0 to 1) that its quote supports its statement; it depends on no other.

        Where a statement says nothing, or is longer than any that could be checked, that is 0. Raises Stopped.
        """
        cancel = cancel or CancelToken()
        return [self._chance(check, cancel) for check in checks]

    def _chance(self, check: Check, cancel: CancelToken) -> float:
        if len(check.statement) > _MOST or not any(map(str.isalnum, check.statement)):
            return 0.0
        return self._weights.chance(self.features(check, cancel))

    def features(self, check: Check, cancel: CancelToken | None = None) -> NDArray[np.float64]:
        """Return a statement's features, in the order of NAMES. Raises Stopped."""
        cancel = cancel or CancelToken()
        cancel.check()
        own, other = check.statement_language, check.quote_language
        statement, question = side(_plain(check.statement), own), side(_plain(check.question), own)
        quote, before = side(_plain(check.quote), other), side(_plain(check.before[-_MOST:]), other)
        wholes = [each.text for each in (statement, quote, question)] + [f"{before.text} {quote.text}".strip()]
        held = {token.term.text for each in (statement, quote, before, question) for token in each.tokens}
        vectors = self._encoded([*wholes, *sorted(held)])
        said, shown, asked, around = (vectors[text] for text in wholes)
        pairs = tuple(aligned(statement, quote, vectors.__getitem__))
        return values(
            Compared(
                statement,
                quote,
                before,
                pairs,
                tuple(aligned(statement, before, vectors.__getitem__)),
                tuple(aligned(statement, question, vectors.__getitem__)),
                tuple(aligned(quote, statement, vectors.__getitem__)),
                Cosines(float(said @ shown), float(said @ around), float(said @ asked), float(asked @ shown)),
                clozes(statement, pairs, quote, before.text, self._reader, cancel),
                {
                    "statement": kinds(statement),
                    "quote": kinds(quote),
                    "before": kinds(before),
                    "near": kinds(quote, near(pairs)),
                },
            )
        )

    def _encoded(self, texts: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        """Return the vectors of texts: those of one check together, so that none depends on another's."""
        unique = sorted({*texts})
        return dict(zip(unique, self._embedder.encode(unique, "document"), strict=True))


def problems(check: Check) -> list[str]:
    """Return the numbers and names of a statement that its quote, and what stands before that, hold nowhere."""
    statement = _plain(check.statement)
    sources = [in_english(_plain(each), check.quote_language) for each in (check.before, check.quote)]
    begin = next((statement[start:end] for start, end in words(statement)), "")
    return [
        each
        for each in missing(statement, sources)
        if not each[:1].isalpha() or not names_nobody(each, check.statement_language, begins=each == begin)
    ]


def _plain(text: str) -> str:
    """Return as much of a text as is looked at, of characters that can be encoded."""
    return text[:_MOST].encode("utf-8", "replace").decode()
