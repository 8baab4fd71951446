"""A question on its way to the answer: as it is asked, with what was retrieved, with what was chosen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from rag.answering.answer import Answer
from rag.answering.grounded_generation import Prompt
from rag.answering.limits import LONGEST_QUESTION
from rag.answering.query import Query
from rag.answering.sentence_selection import Selection, Weighed
from rag.errors import UsageError
from rag.index.hybrid_search import Passage
from rag.models.generator import Generator
from rag.models.reading_progress import Progress
from rag.models.scored_texts import read_as
from rag.system.cancellation import CancelToken
from rag.text.normalization import composed


@dataclass(frozen=True, slots=True)
class Retrieval:
    """What was found for a question, all of it in one state of the library, and the seconds that took.

    `weighed` are its sentences by the question as it was completed, and before that, where
    that differs, as it was put.
    """

    query: Query
    passages: tuple[Passage, ...]
    weighed: tuple[Weighed, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class Asked:
    """A question for `Assistant.together`, with what `ask` takes beside it; `retrieval` is used if there is one."""

    question: str
    documents: tuple[str, ...] = ()
    earlier: tuple[Answer, ...] = ()
    retrieval: Retrieval | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """What an answer is made from. `prompt` is what the LLM is to write from, where it is to write.

    `given` are the texts it was given to choose sentences by; moments are in seconds.
    """

    question: str
    query: Query
    passages: tuple[Passage, ...]
    selection: Selection
    prompt: Prompt | None
    given: tuple[str, ...]
    started: float
    searched: float


@dataclass(frozen=True, slots=True)
class Reader:
    """A model as one question has it read: until that question is cancelled, with what it was given in `given`."""

    generator: Generator
    cancel: CancelToken
    progress: Progress | None = None
    given: list[str] = field(default_factory=list)

    def score(self, prefix: str, pairs: Sequence[tuple[str, str]]) -> list[float]:
        self.given.extend(read_as(prefix, pairs))
        return self.generator.score(prefix, pairs, self.cancel, self.progress)

    def reads(self, language: str) -> bool:
        return self.generator.reads(language, self.score)


def clean(question: str) -> str:
    """Return the question as it is asked. Raises UsageError if there is none in it, or too much."""
    question = composed(question.encode("utf-8", "replace").decode()).strip()  # halves of characters are no text
    if not any(map(str.isalnum, question)):
        raise UsageError("The question is empty.", "Ask something.")
    if len(question) > LONGEST_QUESTION:
        raise UsageError(f"The question has {len(question)} characters, more than {LONGEST_QUESTION}.")
    return question
