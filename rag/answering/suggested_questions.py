"""Questions that a library can answer: made of its documents' own sentences, and tried before they are suggested.

A sentence is turned into a question by the grammar of its language alone, and only where that is sure. It is suggested
if the library, asked, answers it with that very sentence, and marks in it what was taken out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

from rag.answering.answer import cited
from rag.answering.assistant import Assistant
from rag.answering.english_questions import english_questions
from rag.answering.figure_disagreement import differing_figures
from rag.answering.german_questions import german_questions
from rag.answering.question_clauses import Shape, clause, spelling
from rag.answering.sentence_selection import Quote, select
from rag.index.copies import copies
from rag.index.library import Library
from rag.index.rows import Entry
from rag.localization import interface_language
from rag.system.cancellation import CancelToken
from rag.text.headings import heading
from rag.text.normalization import normalized
from rag.text.wordlists import FUNCTION_WORDS

MOST = 3  # questions that are suggested
_TRIED = 24  # questions, each of which takes as long as any that is asked
_LOOKED_AT = 60  # documents
_CHUNKS = 12  # of a document, its first ones
_LONGEST = 90  # characters of a question
_ENOUGH = 4  # words of content in a question
_SURE = 0.8  # support of the sentence that answers
_MAKERS = {"de": german_questions, "en": english_questions}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A question, and the spans in a document of the sentence it was made of, and of the words that answer it."""

    question: str
    shape: Shape
    document: str
    sentence: tuple[int, int]
    answer: tuple[int, int]


def suggested_questions(
    assistant: Assistant, alone: AbstractContextManager[object] | None = None, cancel: CancelToken | None = None
) -> tuple[str, ...]:
    """Return up to MOST questions that the library answers: of several documents and shapes where there are.

    The same library gives the same ones. Each is tried while `alone` is held, which others can have in between.
    Raises LibraryUnusable, or Stopped soon after `cancel` is cancelled.
    """
    cancel = cancel or CancelToken()
    found: list[Candidate] = []
    with Library(assistant.library.folder) as library:  # of its own, so that a question waits for no reading
        worth_trying = candidates(library, cancel)
    for candidate in worth_trying:
        cancel.check()
        with alone or nullcontext():
            if answered(assistant, candidate, cancel):
                found.append(candidate)
        if len(_varied(found)) == MOST:
            break
    best = _varied(found)
    others = [each for each in found if each not in best]
    return tuple(each.question for each in [*best, *others][:MOST])


def candidates(library: Library, cancel: CancelToken) -> list[Candidate]:
    """Return the questions that are worth trying: one of each document, of shapes that are new, and then a second."""
    first: list[Candidate] = []
    second: list[Candidate] = []
    with library.snapshot():
        looked_at = _looked_at(library)
        foreign = {entry.id for entry in looked_at if _foreign(entry)}
        for entry in looked_at:
            cancel.check()
            asked = {each.question for each in [*first, *second]}
            made = [each for each in _of_document(library, entry) if each.question not in asked]
            shapes = Counter(each.shape for each in first)
            made.sort(key=lambda each: (shapes[each.shape], _vague(each)))
            first += made[:1]
            second += [each for each in made[1:] if each.shape != made[0].shape][:1] or made[1:2]
            if len(first) >= _TRIED:
                break
    best = [*sorted(first, key=_vague), *sorted(second, key=_vague)]  # those that say as much: the newest first
    return sorted(best, key=lambda each: each.document in foreign)[:_TRIED]


def _foreign(entry: Entry) -> bool:
    """Whether a document is in another language than the interface, which a person is sure to read."""
    return entry.language != interface_language()


def _vague(candidate: Candidate) -> int:
    """Return how little a question says of what it is about: one that says little may be meant of other things too."""
    small = FUNCTION_WORDS["de"] | FUNCTION_WORDS["en"]
    return max(0, _ENOUGH - sum(word.lower() not in small for word in candidate.question.rstrip("?").split()))


def _looked_at(library: Library) -> list[Entry]:
    """Return the newest documents, and some of all the others at equal distances; of copies one."""
    left_out = copies(library).left_out
    entries = [entry for entry in library.entries() if entry.id not in left_out and entry.language in _MAKERS]
    entries.sort(key=lambda entry: (entry.date or "", entry.indexed), reverse=True)  # those of one time by name
    entries.sort(key=_foreign)
    newest, rest = entries[: _LOOKED_AT // 2], entries[_LOOKED_AT // 2 :]
    every = max(1, -(-len(rest) // (_LOOKED_AT // 2)))
    return [*newest, *rest[::every]]


def _of_document(library: Library, entry: Entry) -> Iterator[Candidate]:
    document = library.document(entry.id)
    written = spelling(document.text)
    for _, sentences in sorted(library.sentences(library.openings([entry.id])[entry.id][:_CHUNKS]).items()):
        for sentence in sentences:
            span = sentence.start, sentence.end
            if heading(document.text, *span, document.body) is not None:
                continue
            reading = normalized(document.text, *span)
            plain = clause(reading.text, entry.language, written) if not reading.added else None
            for made in _MAKERS[entry.language](plain) if plain is not None else ():
                if len(made.question) <= _LONGEST:
                    answer = reading.span(made.start, made.end)
                    yield Candidate(made.question, made.shape, entry.id, span, answer)


def answered(assistant: Assistant, candidate: Candidate, cancel: CancelToken | None = None) -> bool:
    """Whether the library answers a question surely, with the sentence and the words that it was made of."""
    quotes, agreed = quoted(assistant, candidate.question, cancel)
    if not quotes or not agreed or quotes[0].support < _SURE:
        return False
    best = quotes[0]
    own = best.document.id == candidate.document and _overlap((best.start, best.end), candidate.sentence)
    return own and any(_overlap(mark, candidate.answer) for mark in best.marks)


def quoted(assistant: Assistant, question: str, cancel: CancelToken | None) -> tuple[tuple[Quote, ...], bool]:
    """Return what is quoted as the answer, as where no LLM writes, and whether it is of one document and agrees."""
    found = assistant.look_up(question, cancel=cancel)
    for weighed in found.weighed:
        quotes = select(weighed, assistant.reader, assistant.settings.care, cancel).quotes
        if quotes:
            citations = [cited(n, quote, found.passages, {}) for n, quote in enumerate(quotes, 1)]
            one = len({quote.document.id for quote in quotes}) == 1
            return quotes, one and not differing_figures(found.query, citations)
    return (), True


def _overlap(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _varied(found: list[Candidate]) -> list[Candidate]:
    """Return the first of those that are of documents and shapes of their own."""
    kept: list[Candidate] = []
    for each in found:
        if not any(each.document == other.document or each.shape == other.shape for other in kept):
            kept.append(each)
    return kept[:MOST]
