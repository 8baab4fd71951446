"""A question on its way to the answer: as it is asked, with what was retrieved, with what was chosen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rag.answering.answer import Answer, Status
from rag.answering.composing import Drafts
from rag.answering.limits import LONGEST_QUESTION
from rag.answering.overview import Overview
from rag.answering.query import Query
from rag.answering.sentence_selection import Selection, Weighed
from rag.errors import UsageError
from rag.index.hybrid_search import Passage
from rag.localization import gettext
from rag.text.normalization import composed


@dataclass(frozen=True, slots=True)
class Retrieval:
    """What was found for a question, all of it in one state of the library, and the seconds that took.

    `weighed` are its sentences by the question as it was completed, and before that, where
    that differs, as it was put. Where it was about the library as a whole, `overview` is its
    answer, and nothing else was searched for. `limited` is as in `Answer`.
    """

    query: Query
    passages: tuple[Passage, ...]
    weighed: tuple[Weighed, ...]
    seconds: float
    overview: Overview | None = None
    limited: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """A question for `Assistant.together`, with what `ask` takes beside it; `retrieval` is used if there is one."""

    question: str
    documents: tuple[str, ...] = ()
    earlier: tuple[Answer, ...] = ()
    retrieval: Retrieval | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """What an answer is made from. `drafts` are what the LLM is to write, where it is to write.

    Moments are in seconds.
    """

    question: str
    query: Query
    passages: tuple[Passage, ...]
    selection: Selection
    drafts: Drafts
    started: float
    searched: float
    overview: Overview | None = None
    limited: tuple[int, int] | None = None

    @property
    def copies(self) -> Mapping[str, tuple[str, ...]]:
        """The names of copies of the documents that may be quoted, by those documents' ids."""
        if self.overview:
            return self.overview.copies
        return {passage.document.id: passage.also_in for passage in self.passages}

    def status(self, said: bool) -> Status:
        """Return what becomes of the question, where something is `said` to it or not."""
        if self.overview:
            return self.overview.status
        return "answered" if said else "not_found"


def clean(question: str) -> str:
    """Return the question as it is asked. Raises UsageError if there is none in it, or too much."""
    question = composed(question.encode("utf-8", "replace").decode()).strip()  # halves of characters are no text
    if not any(map(str.isalnum, question)):
        raise UsageError(gettext("The question is empty."), gettext("Ask something."))
    if len(question) > LONGEST_QUESTION:
        raise UsageError(
            gettext("The question has {n} characters, more than {most}.").format(n=len(question), most=LONGEST_QUESTION)
        )
    return question
