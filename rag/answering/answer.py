"""What the ask road yields, and what comes out at its end: the answer.

They are values, so that they can be shown, saved and compared anywhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from rag.answering.attribution import Statement
from rag.answering.query import Query
from rag.answering.sentence_selection import Quote
from rag.documents.chunking import headings_over
from rag.index.hybrid_search import Passage
from rag.index.versions import Version
from rag.settings import Care, Mode
from rag.text.normalization import as_read

_SAYS_NOTHING = {
    "de": "Ich habe keinen Satz gefunden, der das beantwortet.",
    "en": "I found no sentence that answers this.",
}
_COUNTS_NOTHING = {
    "de": "Beleg zitiert, was dasteht; selbst zählt es nichts.",
    "en": "Beleg quotes what is written; it counts nothing itself.",
}
Status = Literal["answered", "not_found", "about"]


@dataclass(frozen=True, slots=True)
class Citation:
    """A numbered quote in an answer. `page` counts from 1; `also_in` are the names of copies of its document.

    `older_than` is the newest version of its document, where that is another one; `context` the headings over it.
    """

    n: int
    quote: Quote
    page: int
    also_in: tuple[str, ...] = ()
    older_than: Version | None = None
    context: str = ""


@dataclass(frozen=True, slots=True)
class Timings:
    """Seconds since the question was asked."""

    search_s: float
    first_token_s: float
    total_s: float


@dataclass(frozen=True, slots=True)
class Answer:
    """What the person gets. `text` holds [n] markers; `figures` lists what sources differ in.

    Its status is "about" where the question was about the library as a whole, or none at all (see `overview`).

    `standalone` is what was searched for: the question, completed from the turns before it.
    `prompts` are the texts the LLM was given, to the letter; none where it did not write.
    `support` is the chance, from 0 to 1, that the best sentence answers: what refusing is
    decided by, and how much it takes is told by `care`. Where it was too little, `declined`
    is that sentence. `considered` are the sentences with the most support, the best first.
    `limited` is how many documents were asked, of how many, where not all were.
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
    care: Care = "balanced"
    considered: tuple[Quote, ...] = ()
    limited: tuple[int, int] | None = None


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


def answering_words(answer: Answer) -> str:
    """Return the marked words of an answer's first quote, or "" where nothing is marked."""
    quotes = [citation.quote for citation in answer.citations[:1] if citation.quote.marks]
    return " ".join(as_read(quote.document.text[slice(*quote.marks[0])]) for quote in quotes)


def quoted_words(answers: Sequence[Answer]) -> str:
    """Return what the last of some answers quotes."""
    quotes = [citation.quote for answer in answers[-1:] for citation in answer.citations]
    return " ".join(as_read(quote.text) for quote in quotes)


def says_nothing(query: Query) -> str:
    """Return the answer where the documents do not say, in the question's language; English if it is another.

    Whoever asks how many there are may have a list in mind, whose rows nobody has counted: that is said.
    """
    spoken = query.language if query.language in _SAYS_NOTHING else "en"
    return f"{_SAYS_NOTHING[spoken]} {_COUNTS_NOTHING[spoken]}" if query.how_many else _SAYS_NOTHING[spoken]


def cited(n: int, quote: Quote, passages: Sequence[Passage], copies: Mapping[str, tuple[str, ...]]) -> Citation:
    """Return a quote as it is cited: with the `copies` of its document, by id, and what its passage says of it."""
    of = next((passage for passage in passages if passage.document.id == quote.document.id), None)
    also_in, newest = copies.get(quote.document.id, ()), of.older_than if of is not None else None
    return Citation(n, quote, quote.document.page(quote.start), also_in, newest, context_of(quote, passages))


def context_of(quote: Quote, passages: Sequence[Passage]) -> str:
    """Return the headings over a quote, as its passage among these tells them; "" where none is its own."""
    for passage in passages:
        chunk = passage.chunk
        if passage.document.id == quote.document.id and chunk.start <= quote.start < chunk.end:
            return headings_over(quote.document, chunk, quote.start)
    return ""
