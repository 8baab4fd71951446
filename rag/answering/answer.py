"""What the ask road yields, and what comes out at its end: the answer.

They are values, so that they can be shown, saved and compared anywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from rag.answering.attribution import Statement
from rag.answering.query import AnswerType
from rag.answering.sentence_selection import Quote
from rag.index.hybrid_search import Passage
from rag.settings import Mode
from rag.text.number_wordlists import MEASURES
from rag.text.numbers import Quantity, find

_SAYS_NOTHING = {"de": "Die Dokumente sagen dazu nichts.", "en": "The documents do not say."}
Status = Literal["answered", "not_found"]


@dataclass(frozen=True, slots=True)
class Citation:
    """A numbered quote in an answer. `page` counts from 1."""

    n: int
    quote: Quote
    page: int


@dataclass(frozen=True, slots=True)
class Timings:
    """Seconds since the question was asked."""

    search_s: float
    first_token_s: float
    total_s: float


@dataclass(frozen=True, slots=True)
class Answer:
    """What the person gets. `text` holds [n] markers; `figures` lists what sources differ in.

    `standalone` is what was searched for: the question, completed from the turns before it.
    `prompts` are the texts the LLM was given, to the letter. `support` is the chance, from
    0 to 1, that the best sentence answers: what refusing is decided by. Where it was too
    little, `declined` is that sentence.
    """

    question: str
    standalone: str
    language: str
    status: Status
    text: str
    statements: tuple[Statement, ...]
    citations: tuple[Citation, ...]
    passages: tuple[Passage, ...]
    figures: tuple[tuple[int, str], ...]
    model: str
    embedder: str
    mode: Mode
    timings: Timings
    prompts: tuple[str, ...] = ()
    support: float = 0.0
    declined: Quote | None = None


@dataclass(frozen=True, slots=True)
class Searching:
    question: str


@dataclass(frozen=True, slots=True)
class Retrieved:
    passages: tuple[Passage, ...]


@dataclass(frozen=True, slots=True)
class Writing:
    """The answer so far, what was added to it just now, and the statements it is made of."""

    text: str
    delta: str
    statements: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Answered:
    answer: Answer


Event = Searching | Retrieved | Writing | Answered


def differing_figures(answer_type: AnswerType, citations: Sequence[Citation]) -> tuple[tuple[int, str], ...]:
    """Return the marked figures, (citation, words), where a figure is asked for and sources give more than one.

    In one measure: 22 years and 46 metres are two answers, of which one is wrong, but no disagreement.
    """
    if answer_type != "number":
        return ()
    found = []
    for citation in citations:
        for start, end in citation.quote.marks:
            words = " ".join(citation.quote.document.text[start:end].split())
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


def says_nothing(language: str) -> str:
    """Return the answer where the documents do not say, in the question's language; English if it is another."""
    return _SAYS_NOTHING.get(language, _SAYS_NOTHING["en"])
