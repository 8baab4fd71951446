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
from rag.answering.field_questions import field_questions, row_questions
from rag.answering.figure_disagreement import differing_figures
from rag.answering.german_questions import german_questions
from rag.answering.main_clauses import main_clauses
from rag.answering.posed_questions import posed_questions
from rag.answering.question_clauses import Shape, Shaped, Spelling, clause, spelling
from rag.answering.sentence_selection import Quote, select
from rag.index.copies import copies
from rag.index.library import Library
from rag.index.rows import Entry
from rag.localization import interface_language
from rag.system.cancellation import CancelToken
from rag.text.headings import heading
from rag.text.normalization import Normalized, normalized
from rag.text.wordlists import FUNCTION_WORDS

MOST = 3  # questions that are suggested
_TRIED = 24  # questions, each of which takes as long as any that is asked
_LOOKED_AT = 60  # documents
_OF_EACH = 2  # questions of a document, where there are many
_BEGINNING = 4  # words of a question by which those of one column of a table are told
_CHUNKS = 12  # of a document, its first ones
_LONGEST = 110  # characters of a question
_ENOUGH = 4  # words of content in a question
_SURE = 0.8  # support of the sentence that answers
_RANKS: dict[Shape, int] = {"field": 1, "cell": 2}
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
    few = len({each.document for each in worth_trying}) < MOST
    for candidate in worth_trying:
        cancel.check()
        with alone or nullcontext():
            if answered(assistant, candidate, cancel):
                found.append(candidate)
        if len(_varied(found)) == MOST or (few and len(found) == MOST):
            break
    best = _varied(found)
    others = [each for each in found if each not in best]
    return tuple(each.question for each in [*best, *others][:MOST])


def candidates(library: Library, cancel: CancelToken) -> list[Candidate]:
    """Return the questions that are worth trying: one of each document, of shapes that are new, then a second each.

    Where there are too few documents, more of each.
    """
    rounds: list[list[Candidate]] = []
    with library.snapshot():
        entries = _looked_at(library)
        foreign = {entry.id for entry in entries if _foreign(entry)}
        of_each = max(_OF_EACH, -(-_TRIED // max(1, len(entries))))
        shapes: Counter[Shape] = Counter()
        asked: set[str] = set()
        for entry in entries:
            cancel.check()
            chosen = _chosen(
                [each for each in _of_document(library, entry) if each.question not in asked], of_each, shapes
            )
            shapes.update(each.shape for each in chosen[:1])
            asked.update(each.question for each in chosen)
            for at, each in enumerate(chosen):
                if at == len(rounds):
                    rounds.append([])
                rounds[at].append(each)
            if rounds and len(rounds[0]) >= _TRIED:
                break
    best = [each for of_round in rounds for each in sorted(of_round, key=_worth)]  # of those that say as much: newest
    return sorted(best, key=lambda each: each.document in foreign)[:_TRIED]


def _foreign(entry: Entry) -> bool:
    """Whether a document is in another language than the interface, which a person is sure to read."""
    return entry.language != interface_language()


def _chosen(made: list[Candidate], most: int, shapes: Counter[Shape]) -> list[Candidate]:
    """Return some of a document's questions: of sentences, shapes and columns that are new, and that say enough."""
    seen, sentences, columns = shapes.copy(), Counter[tuple[int, int]](), Counter[str]()

    def order(each: Candidate) -> tuple[int, ...]:
        return sentences[each.sentence], _rank(each), seen[each.shape], columns[_begins(each)], _vague(each)

    left, chosen = list(made), list[Candidate]()
    while left and len(chosen) < most:
        best = min(left, key=order)
        chosen.append(best)
        seen[best.shape] += len(made)  # more than any other document has
        sentences[best.sentence] += 1
        columns[_begins(best)] += 1
        left = [each for each in left if each.question != best.question]
    return chosen


def _begins(candidate: Candidate) -> str:
    return " ".join(candidate.question.split()[:_BEGINNING])


def _worth(candidate: Candidate) -> tuple[int, int]:
    return _rank(candidate), _vague(candidate)


def _rank(candidate: Candidate) -> int:
    """Return what a question is made of: sentences say most of what they are about, tables least."""
    return _RANKS.get(candidate.shape, 0)


def _vague(candidate: Candidate) -> int:
    """Return how little a question says of what it is about: one that says little may be meant of other things too."""
    small = FUNCTION_WORDS["de"] | FUNCTION_WORDS["en"]
    if candidate.shape == "who" and any(map(str.isdigit, candidate.question)):
        return _ENOUGH  # the figure is what matters there
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
    found = sorted(library.sentences(library.openings([entry.id])[entry.id][:_CHUNKS]).items())
    spans = [(sentence.start, sentence.end) for _, sentences in found for sentence in sentences]
    for made, below in posed_questions(document.text, document.body, spans):
        if len(made.question) <= _LONGEST:
            yield Candidate(made.question, made.shape, entry.id, below, below)
    for span in spans:
        if heading(document.text, *span, document.body) is not None:
            continue
        reading = normalized(document.text, *span)
        for made in _questions(reading, entry.language, written):
            if len(made.question) <= _LONGEST:
                answer = reading.span(made.start, made.end)
                yield Candidate(made.question, made.shape, entry.id, span, answer)


def _questions(reading: Normalized, language: str, written: Spelling) -> Iterator[Shaped]:
    """Yield the questions that a sentence, a line of a form or a row of a table answers."""
    if reading.added:
        yield from row_questions(reading, language, written)
        return
    yield from field_questions(reading.text, language, written)
    for text in main_clauses(reading.text, language):
        plain = clause(text, language, written)
        yield from _MAKERS[language](plain) if plain is not None else ()


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
