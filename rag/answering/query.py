"""Query understanding: all that is known of a question, found once. What follows asks the `Query`, not the text.

The expected answer type and the focus are the terms of question answering (Li and Roth,
"Learning Question Classifiers", 2002; Moldovan et al., "The Structure and Performance of an
Open-Domain Question Answering System", 2000); here they are found by rules for German and English.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal

from rag.answering.attribution import names
from rag.index import hybrid_search
from rag.index.hybrid_search import SearchQuery
from rag.index.library import Library
from rag.lexicon.query_terms import Terms
from rag.models.embedder import Embedder, Vectors
from rag.text.char_ngrams import pieces
from rag.text.language import words
from rag.text.number_wordlists import DURATIONS

AnswerType = Literal["number", "time", "person", "place", "thing"]

_PATTERNS: dict[AnswerType, str] = {
    "time": r"when (did|was|were|is|are|do|does|will|has|have|had|would|can|could|should)|since when|wann|what time"
    r"|(what|which) (year|day|date|month|century|decade)|um wie viel uhr"
    r"|(in )?welche[mnrs]? (jahr\w*|tag|datum|monat|jahrhundert|jahrzehnt|uhrzeit)",
    "number": r"how (many|much|old|long|far|tall|high|large|big|often|deep|wide|heavy|fast|few)"
    r"|wie ?(viele?[mnrs]?|hoch|alt|lange?|weit|groß|schwer|oft|teuer|tief|breit|schnell|stark)"
    r"|was (kostet?|kostete|kosteten|kosten|wiegt|wiegen|wog|verdien\w+)"
    r"|what (do|does|did|will|would) .{1,80}? (cost|weigh|earn|measure)"
    r"|what (percentage|percent|proportion|share|number|fraction|amount)"
    r"|welche[rn]? (anteil|anzahl|zahl|prozentsatz|betrag|summe)|prozent|percent(age)?",
    "person": r"who|whom|whose|wer|wem|wen|wessen",
    "place": r"where|wo|wohin|woher"
    r"|(what|which|welche[mnrs]?) (country|city|state|town|region|place|land|stadt|ort|staat)",
}
_ASKS = {kind: re.compile(rf"\b({pattern})\b", re.IGNORECASE) for kind, pattern in _PATTERNS.items()}
_COUNTED = re.compile(r"\b(how (many|much)|wie ?viele?[mnrs]?)\b", re.I)


@dataclass(frozen=True, slots=True)
class Query:
    """A question as it is understood; `search` is what it is searched for by.

    `answer_type` is the kind of thing it asks for, `focus` the names it is about: none in German,
    where every noun is capitalised, so that what looks like a name tells nothing more. `words` are
    its words as they stand, `sounds` their pieces that sound alike; `counts` is whether it asks for
    a count of things, and not for a length of time.
    """

    search: SearchQuery
    answer_type: AnswerType
    focus: tuple[str, ...]
    words: tuple[str, ...]
    sounds: tuple[frozenset[str], ...]
    counts: bool

    @property
    def text(self) -> str:
        return self.search.text

    @property
    def language(self) -> str:
        return self.search.language

    @property
    def vector(self) -> Vectors:
        return self.search.vector

    @property
    def terms(self) -> Terms:
        return self.search.terms


def understood(search: SearchQuery) -> Query:
    """Return what is known of a question beside what it is searched for by."""
    text = search.text
    said = tuple(text[start:end] for start, end in words(text))
    return Query(
        search=search,
        answer_type=answer_type(text),
        focus=() if search.language == "de" else tuple(names(text)),
        words=said,
        sounds=tuple(frozenset(pieces(word)) for word in said),
        counts=_COUNTED.search(text) is not None and not {word.lower() for word in said} & DURATIONS,
    )


def forms(search: SearchQuery, put: str, library: Library, embedder: Embedder) -> tuple[Query, ...]:
    """Return the question that was searched for, and before it, where that differs, the question as it was `put`.

    What completes a question may be in another language: both are in the one that it was put in.
    """
    if not put or put == search.text:
        return (understood(search),)
    first = understood(hybrid_search.prepare(put, library, embedder))
    return first, understood(replace(search, language=first.language))


def answer_type(question: str) -> AnswerType:
    """Return what kind of thing the question asks for."""
    return next((kind for kind, pattern in _ASKS.items() if pattern.search(question)), "thing")
