"""Whether the sources of an answer give different figures: the line with ≠."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from rag.answering.answer import Citation
from rag.answering.query import AnswerType
from rag.text.normalization import as_read
from rag.text.number_wordlists import MEASURES
from rag.text.numbers import Quantity, find


def differing_figures(answer_type: AnswerType, citations: Sequence[Citation]) -> tuple[tuple[int, str], ...]:
    """Return the marked figures, (citation, words), where a figure is asked for and sources give more than one.

    In one measure: 22 years and 46 metres are two answers, of which one is wrong, but no disagreement.
    """
    if answer_type != "number":
        return ()
    found = []
    for citation in citations:
        for start, end in citation.quote.marks:
            words = as_read(citation.quote.document.text[start:end])
            if figures := find(words):
                found.append((citation.n, words, figures))
    measures = [next(filter(None, map(_measure, figures)), "") for _, _, figures in found]
    asked = next(filter(None, measures), "")
    found = [row for row, measure in zip(found, measures, strict=True) if measure in ("", asked)]
    different = {frozenset(value for figure in figures for value in _values(figure)) for _, _, figures in found}
    return tuple((n, words) for n, words, _ in found) if len(different) > 1 else ()


def _measure(figure: Quantity) -> str:
    """Return what a figure measures, "" where that is not known."""
    if figure.kind == "time":
        return "clock"
    if figure.kind in ("date", "weekday", "quarter", "ordinal"):
        return figure.kind
    return "share" if figure.kind == "fraction" and not figure.unit else MEASURES.get(figure.unit, "")


def _values(figure: Quantity) -> tuple[str, ...]:
    """Return the ends of a figure; parts of a whole as fractions, so that "half" is 50 %."""
    if figure.kind == "percent" and figure.unit == "%":
        return tuple(str(Fraction(end) / 100) for end in figure.ends)
    return figure.ends
