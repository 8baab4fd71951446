"""Query understanding: all that is known of a question, found once. What follows asks the `Query`, not the text.

The expected answer type and the focus are the terms of question answering (Li and Roth,
"Learning Question Classifiers", 2002; Moldovan et al., "The Structure and Performance of an
Open-Domain Question Answering System", 2000); here they are found by rules (`answer_types`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from rag.answering.answer_types import AnswerType, answer_type
from rag.answering.attribution import names
from rag.answering.forms_of_address import TITLES
from rag.index import hybrid_search
from rag.index.hybrid_search import SearchQuery
from rag.index.library import Library
from rag.index.versions import years_named
from rag.lexicon.query_terms import Terms
from rag.models.embedder import Embedder, Vectors
from rag.text.char_ngrams import pieces
from rag.text.language import words
from rag.text.number_wordlists import DURATIONS
from rag.text.numbers import find
from rag.text.wordlists import FUNCTION_WORDS

_COUNTED = re.compile(r"\b(how (many|much)|wie ?viele?[mnrs]?)\b", re.I)
_HOW_MANY = re.compile(r"\b(how many|wie ?viele[mnrs]?)\b", re.I)


@dataclass(frozen=True, slots=True)
class Query:
    """A question as it is understood; `search` is what it is searched for by.

    `answer_type` is the kind of thing it asks for, where that is known, `focus` the names it is about: none in German,
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
    def how_many(self) -> bool:
        """Whether it asks how many things there are, which whoever counts rows could tell."""
        return self.counts and _HOW_MANY.search(self.text) is not None

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
        answer_type=answer_type(text, search.language),
        focus=() if search.language == "de" else tuple(name for name in names(text) if name.lower() not in TITLES),
        words=said,
        sounds=tuple(frozenset(pieces(word)) for word in said),
        counts=_COUNTED.search(text) is not None and not {word.lower() for word in said} & DURATIONS,
    )


def forms(search: SearchQuery, put: str, library: Library, embedder: Embedder) -> tuple[Query, ...]:
    """Return the question that was searched for, and before it, where that differs, the question as it was `put`.

    What completes a question may be in another language: both are in the one that it was put in. One that names but a
    time, "And in 2021?", asks for nothing by itself: any sentence that names the time would seem to answer.
    """
    if not put or put == search.text:
        return (understood(search),)
    first = understood(hybrid_search.prepare(put, library, embedder))
    whole = understood(replace(search, language=first.language))
    return (whole,) if _only_a_time(put, first.language) else (first, whole)


def _only_a_time(put: str, language: str) -> bool:
    small = FUNCTION_WORDS.get(language, frozenset())
    times = [found for found in find(put) if found.kind in ("date", "time", "weekday", "quarter")]
    years = years_named(put)
    said = [(start, put[start:end]) for start, end in words(put)]
    content = [
        word
        for start, word in said
        if word.lower() not in small and word not in years and not any(each.start <= start < each.end for each in times)
    ]
    return not content and bool(times or years)
