"""A writer that answers the questions of a trial by rule, and those questions without a library or a model.

What a model would do is then known.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rag.answering.drafts import Draft
from rag.answering.quote_context import Given
from rag.answering.sentence_selection import Quote
from rag.documents.document import read
from rag.evaluation.model_trial.asking import Posed
from rag.evaluation.model_trial.material import Asked, Evidence, questions
from rag.models.reading_progress import Progress
from rag.models.writer import Enough, Messages, Task, Written
from rag.system.cancellation import CancelToken

Says = Callable[[Asked, Evidence], str]
Doubts = Callable[[Asked, Evidence], float | None]


def right(asked: Asked, evidence: Evidence) -> str:
    """Say what is asked, in the question's language, or NO where the sentence does not answer."""
    if evidence is not asked.answer:
        return "NO"
    words = " ".join(group[0].strip("*") for group in asked.holds)
    return f"Das ist {words}." if asked.language == "de" else f"That is {words}."


def copied(_: Asked, evidence: Evidence) -> str:
    """Say the sentence again, whatever was asked."""
    return evidence.text


def sure(asked: Asked, evidence: Evidence) -> float:
    """Doubt the sentences that do not answer, and only them."""
    return 0.01 if evidence is asked.answer else 0.99


def half(asked: Asked, evidence: Evidence) -> float:
    """A support that tells sentences apart by and large, in every language and of near misses."""
    if evidence is asked.answer:
        return 0.2 + len(evidence.text) % 7 / 10
    return 0.05 + len(evidence.text) % 6 / 10


def posed(supports: Callable[[Asked, Evidence], float] = half, asked: Sequence[Asked] = questions()) -> list[Posed]:
    """The questions of a trial with their sentences as they stand in `questions.toml`, those that answer first."""
    rows = [
        Posed(each, evidence, _draft(each, evidence, supports(each, evidence)))
        for each in asked
        for evidence in (each.answer, *each.wrong)
        if evidence is not None
    ]
    return sorted(rows, key=lambda row: not row.answers)


def _draft(asked: Asked, evidence: Evidence, support: float) -> Draft:
    document = read(Path("/nowhere/trial.txt"), raw=evidence.text.encode())
    quote = Quote(document, 0, len(document.text), document.text, support)
    told = Given(evidence.text, "", evidence.before, evidence.heading, evidence.language)
    return Draft(asked.text, asked.language, (quote,), (told,))


@dataclass
class ScriptedWriter:
    """Writes what `says` returns for question and sentence; `seconds` pass as it reads, and as it writes."""

    says: Says = right
    doubts: Doubts = sure
    seconds: float = 0.0
    name: str = "scripted"
    context: int = 4096
    closed: bool = False

    def count(self, messages: Messages) -> int:
        return sum(len(content.split()) for _, content in messages)

    def prompt(self, messages: Messages) -> str:
        return "\n".join(content for _, content in messages)

    def write(
        self,
        tasks: Sequence[Task],
        *,
        enough: Enough = lambda _place, _text: False,
        progress: Progress | None = None,
        cancel: CancelToken | None = None,
    ) -> Iterator[tuple[int, Written]]:
        for place, task in reversed(list(enumerate(tasks))):  # in any order
            (cancel or CancelToken()).check()
            asked, evidence = _found(task.messages)
            time.sleep(self.seconds)
            if progress is not None:
                progress(self.count(task.messages), self.count(task.messages))
            time.sleep(self.seconds)
            text = self.says(asked, evidence) if task.most else ""  # only read
            upto = next((end for end in range(1, len(text) + 1) if enough(place, text[:end])), None)
            doubt = self.doubts(asked, evidence) if task.watched else None
            yield place, Written(text[:upto], "end" if upto is None else "stopped", doubt)

    def close(self) -> None:
        self.closed = True


def _found(messages: Messages) -> tuple[Asked, Evidence]:
    """Return the question and the sentence that messages are about, by their last one."""
    rows = dict(line.split(": ", 1) for line in messages[-1][1].splitlines() if ": " in line)
    ((asked, evidence),) = [
        (asked, evidence)
        for asked in questions()
        for evidence in (asked.answer, *asked.wrong)
        if evidence is not None and (asked.text, " ".join(evidence.text.split())) == (rows["Question"], rows["Quote"])
    ]
    return asked, evidence
