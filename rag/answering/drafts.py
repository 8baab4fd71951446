"""Drafts: what a model is asked to write for a question, one sentence for each quote, and what it wrote.

Cited first, then written: a sentence is of the quote that it was written from, whatever the model believes. Of what
comes back only the first sentence counts. Where a question needs several quotes at once, they stand in one draft; then
the model says which of them each sentence is from, and a grammar holds it to that.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rag.answering import prompts
from rag.answering.query import Query
from rag.answering.quote_context import Given, given
from rag.answering.sentence_selection import Candidate, Quote
from rag.models.reading_progress import Progress
from rag.models.writer import Messages, Task, Writer, Written
from rag.system.cancellation import CancelToken
from rag.text.sanitize import one_line, plain
from rag.text.sentences import sentences

MOST = 96  # tokens of a sentence
MOST_OF_SEVERAL = 240  # of an answer from several quotes
_LONGEST = 600  # characters
_LEAST_LIKELY = 3  # tokens that tell how sure a model was
_ENDS = (".", "!", "?", "…", "”", "“", "»", '"', "\n")  # where a sentence may be at its end
_MARKERS = re.compile(r"\s*[\[【][\d,\s]*[\]】]?")  # a model's own: what it cites is not asked


@dataclass(frozen=True, slots=True)
class Draft:
    """A quote that a sentence is to be written from, or several that an answer is: the question, and what is told."""

    question: str
    language: str
    quotes: tuple[Quote, ...]
    told: tuple[Given, ...]
    or_no: bool = False

    @property
    def quote(self) -> Quote:
        return self.quotes[0]

    @property
    def given(self) -> Given:
        return self.told[0]

    @property
    def joint(self) -> bool:
        """Whether one answer is to be written from several quotes."""
        return len(self.told) > 1

    @property
    def messages(self) -> Messages:
        if self.joint:
            return prompts.several(self.question, self.language, self.told)
        return prompts.one_sentence(self.question, self.language, self.given, or_no=self.or_no)

    @property
    def task(self) -> Task:
        if self.joint:
            return Task(self.messages, MOST_OF_SEVERAL, prompts.several_grammar(len(self.told)))
        return Task(self.messages, MOST, watched=(prompts.NO,) if self.or_no else (), weighed=True)


@dataclass(frozen=True, slots=True)
class Drafted:
    """What was written for a draft: a sentence, or the answer from several quotes; "" where none is whole.

    `refused` is the chance, from 0 to 1, that the model would rather say that the quote does not answer; None where
    it was not asked, or does not tell. `surety` is how sure it was of its words, as in `faithfulness.Check`.
    """

    text: str
    refused: float | None = None
    surety: float | None = None


def draft(query: Query, candidate: Candidate, quote: Quote, *, or_no: bool = False) -> Draft:
    """Return what is to be written from a quote that is made of a candidate."""
    return Draft(query.text, query.language, (quote,), (given(candidate, quote),), or_no)


def joint(singles: Sequence[Draft]) -> Draft:
    """Return the draft of one answer from the quotes of several."""
    quotes = tuple(quote for each in singles for quote in each.quotes)
    return Draft(
        singles[0].question, singles[0].language, quotes, tuple(told for each in singles for told in each.told)
    )


def write(
    drafts: Sequence[Draft], writer: Writer, progress: Progress | None, cancel: CancelToken
) -> Iterator[tuple[int, Drafted]]:
    """Yield the place of each draft, and what was written for it, as soon as it is; all are written side by side.

    A draft whose prompt is too long for the model has nothing written. Raises ModelUnavailable or Stopped.
    """
    tasks = [each.task for each in drafts]
    fits = [at for at, task in enumerate(tasks) if writer.count(task.messages) + task.most <= writer.context]
    yield from ((at, Drafted("")) for at in range(len(drafts)) if at not in fits)

    def enough(place: int, text: str) -> bool:
        each = drafts[fits[place]]
        return not each.joint and is_whole(text, each.language)

    for place, written in writer.write([tasks[at] for at in fits], enough=enough, progress=progress, cancel=cancel):
        yield fits[place], _taken(drafts[fits[place]], written)


def _taken(each: Draft, written: Written) -> Drafted:
    """Return what counts of what was written."""
    if written.ending == "length":
        return Drafted("", written.watched)
    if each.joint:
        return Drafted(plain(written.text).strip())
    text = "" if each.or_no and said_no(written.text) else first_sentence(written.text, each.language)
    return Drafted(text, written.watched, _surety(written, text))


def _surety(written: Written, text: str) -> float | None:
    """Return the mean log likelihood of the three least likely tokens of a sentence, and of what ends it.

    None where they are not known, or the sentence does not stand in what was written as it is.
    """
    start = written.text.find(text) if text else -1
    if start < 0:
        return None
    begins = [0, *(upto for upto, _ in written.likelihoods)]
    within = [
        likelihood
        for begin, (upto, likelihood) in zip(begins, written.likelihoods, strict=False)
        if upto > start and (begin < start + len(text) or begin == upto)
    ]
    least = sorted(within)[:_LEAST_LIKELY]
    return sum(least) / len(least) if least else None


def is_whole(text: str, language: str) -> bool:
    """Whether a sentence has been written to its end: another has begun after it, or a line has ended."""
    text = text.lstrip()
    if "\n" in text or len(text) > _LONGEST:
        return True
    return text[-1:].isalnum() and len(sentences(text, language)) > 1


def first_sentence(text: str, language: str) -> str:
    """Return the first sentence of what a model wrote, on one line, without markers; "" where there is none."""
    line = next((line for line in text.splitlines() if any(map(str.isalnum, line))), "")
    line = one_line(_MARKERS.sub("", line), _LONGEST).strip()
    if len(line) >= _LONGEST:
        return ""
    found = sentences(line, language)
    return line[slice(*found[0])].strip() if found else ""


def said_no(text: str) -> bool:
    """Whether a model wrote that the quote does not answer."""
    return text.strip(" .!*\"'").upper() == prompts.NO
