"""What the ask road yields, and what comes out at its end: the answer.

They are values, so that they can be shown, saved and compared anywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from rag.answering.attribution import Statement
from rag.answering.sentence_selection import Quote
from rag.index.hybrid_search import Passage
from rag.settings import Mode

_SAYS_NOTHING = {"de": "Die Dokumente sagen dazu nichts.", "en": "The documents do not say."}
Status = Literal["answered", "not_found"]


@dataclass(frozen=True, slots=True)
class Citation:
    """A numbered quote in an answer. `page` counts from 1; `also_in` are the names of copies of its document."""

    n: int
    quote: Quote
    page: int
    also_in: tuple[str, ...] = ()


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


def says_nothing(language: str) -> str:
    """Return the answer where the documents do not say, in the question's language; English if it is another."""
    return _SAYS_NOTHING.get(language, _SAYS_NOTHING["en"])
