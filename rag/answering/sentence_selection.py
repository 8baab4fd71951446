"""Sentence selection and refusal: which sentences answer, how sure that is, and when none does.

All sentences of the passages are weighed by signs that cost little (`features`), and by a reader: a small model that
looks at question and passage together and says of every sentence whether it answers, and with which words
(`rag.models.reader`). Both give each sentence its support, fitted as the chance that it answers (`feature_weights`).
Below a threshold the documents do not say. What is shown is always the original.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from rag.answering.answer_spans import likeliest
from rag.answering.candidate_sentences import Option, candidates
from rag.answering.contrasted_figures import of_what_is_asked
from rag.answering.feature_weights import Thresholds, shipped
from rag.answering.features import feature_matrix, reader_columns, said_in
from rag.answering.field_values import doubt_other_kinds
from rag.answering.forms_of_address import read_each
from rag.answering.named_siblings import prefer_named
from rag.answering.newest_version import prefer_newest
from rag.answering.office_holders import prefer_in_office
from rag.answering.own_language import prefer_own_language
from rag.answering.query import Query
from rag.documents.chunking import said
from rag.documents.document import Document
from rag.index.hybrid_search import Passage
from rag.index.library import Library
from rag.lexicon.query_terms import read
from rag.models.reader.reader import Reader, Span, Text
from rag.settings import Care
from rag.system.cancellation import CancelToken
from rag.text.normalization import Normalized, normalized

READ = 8  # sentences that an LLM is given to write from
MOST_QUOTES = 3
_LONGEST = 400  # characters of a quote
_NUMBERED = re.compile(r"(\d{1,3})[.)]\s")


Scope = Callable[[Option, Query], bool]  # whether a sentence may answer


@dataclass(frozen=True, slots=True)
class Quote:
    """An exact span of a document: `text == document.text[start:end]`, always.

    `marks` are spans (offsets into the document) of the words that answer; `support` is
    the chance, from 0 to 1, that the quote answers the question. `gloss` is the quote word by
    word in English where that helps an English reader: a hint, never evidence.
    """

    document: Document
    start: int
    end: int
    text: str
    support: float
    marks: tuple[tuple[int, int], ...] = ()
    gloss: str = ""

    @property
    def reading(self) -> Normalized:
        """The quote as a person reads it: on one line, a row of a table with its column heads."""
        return normalized(self.document.text, self.start, self.end)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence that may be quoted, with its support, and the words that answer where the reader marks some."""

    option: Option
    support: float
    span: Span | None


@dataclass(frozen=True, slots=True)
class Selection:
    """The quotes that answer, best first, or steps of one list in its order: at most MOST_QUOTES, each with the
    answering words marked.

    `support` is the best sentence's. Where that is too little there are no quotes, and
    `declined` is the sentence, without marks: nothing to show as evidence, but to measure by.
    `chosen` are the sentences that the quotes are made of. `read` are those with the most support, the best first,
    and `considered` the same as they stand in their documents.
    """

    quotes: tuple[Quote, ...] = ()
    support: float = 0.0
    declined: Quote | None = None
    read: tuple[Candidate, ...] = ()
    chosen: tuple[Candidate, ...] = ()
    considered: tuple[Quote, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Weighed:
    """A question's sentences and their features, shape (sentences, FEATURES): all that is read of a library."""

    query: Query
    pool: list[Option]
    features: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """Sentences as a reader finds them: their scores, shape (sentences,), and the words that answer, if it says."""

    scores: NDArray[np.float64]
    spans: tuple[Span | None, ...]


def weigh(query: Query, passages: Sequence[Passage], library: Library, scope: Scope | None = None) -> Weighed:
    """Return the sentences of the passages, with their features; in the snapshot that they were found in.

    With a `scope`, those alone that may answer.
    """
    pool = [row for row in candidates(query, passages) if scope is None or scope(row, query)]
    return Weighed(query, pool, feature_matrix(query, pool, library))


def one_quote(one: Selection, other: Selection) -> bool:
    """Whether two selections quote the same sentence first."""
    places = [[(quote.document.id, quote.start) for quote in each.quotes[:1]] for each in (one, other)]
    return places[0] == places[1]


def select_first(forms: Iterable[Weighed], reader: Reader, care: Care, cancel: CancelToken) -> Selection:
    """Choose by a question as it was put, and as it was completed where that finds nothing; none where nothing does.

    The words that complete a question find its passages, but then favour the sentence that holds them over the one
    that answers (of 24 follow-ups 13 instead of 4 are cited first). Raises Stopped soon after `cancel` is cancelled.
    """
    selection = Selection()
    for weighed in forms:
        selection = select(weighed, reader, care, cancel)
        if selection.quotes:
            break
    return selection


def select(weighed: Weighed, reader: Reader, care: Care = "balanced", cancel: CancelToken | None = None) -> Selection:
    """Choose the quotes that answer; none where the documents do not say. The library is no longer asked.

    Raises Stopped soon after `cancel` is cancelled.
    """
    pool = weighed.pool
    if not pool:
        return Selection()
    judged = judge(weighed.query, pool, reader, cancel)
    supports = doubt_other_kinds(weighed.query, pool, supported(weighed, judged))
    supports = prefer_named(weighed.query, pool, supports)
    supports = prefer_in_office(weighed.query, pool, supports)
    supports = prefer_newest(weighed.query.text, pool, supports)
    supports = prefer_own_language(weighed.query, pool, supports)
    ranked = sorted(range(len(pool)), key=lambda at: (-supports[at], at))
    support = float(supports[ranked[0]])
    read = [Candidate(pool[at], float(supports[at]), judged.spans[at]) for at in ranked[:READ]]
    considered = tuple(_as_it_stands(candidate.option, candidate.support) for candidate in read)
    limits = shipped().thresholds
    if support < limits.refuse[care]:
        return Selection((), support, considered[0], tuple(read), (), considered)
    chosen = _chosen(read, limits)
    quotes = tuple(quote_of(weighed.query, candidate) for candidate in chosen)
    return Selection(quotes, support, None, tuple(read), chosen, considered)


def judge(query: Query, pool: Sequence[Option], reader: Reader, cancel: CancelToken | None = None) -> Judged:
    """Let a reader look at the passages that the sentences are of, each passage whole. Raises Stopped."""
    texts, places = to_read(pool)
    readings = read_each(query.text, texts, reader, cancel)
    return Judged(
        np.array([readings[text].scores[place] for text, place in places], dtype=np.float64),
        tuple(_in_sentence(readings[text].spans[place], row) for (text, place), row in zip(places, pool, strict=True)),
    )


def to_read(pool: Sequence[Option]) -> tuple[list[Text], list[tuple[int, int]]]:
    """Return the passages as a reader gets them, and for each sentence which passage it is in, and where."""
    rows: dict[int, dict[int, Option]] = {}  # by rank of the passage, by place in it
    for row in pool:
        rows.setdefault(row.passage.rank, {})[row.place] = row
    number = {rank: at for at, rank in enumerate(rows)}
    texts = [_text(next(iter(found.values())).passage, found) for found in rows.values()]
    return texts, [(number[row.passage.rank], row.place) for row in pool]


def _text(passage: Passage, rows: dict[int, Option]) -> Text:
    """Return a passage as it is read; headings stand in it where they stand, questions before what answers them."""
    whole, language = passage.document.text, passage.chunk.language
    sentences = tuple(
        _asked(rows[place]) + rows[place].text
        if place in rows
        else said(whole, (sentence.start, sentence.end), language).text
        for place, sentence in enumerate(passage.sentences)
    )
    return Text(passage.chunk.context, sentences)


def _asked(row: Option) -> str:
    return f"{row.answers} " if row.answers else ""


def _in_sentence(span: Span | None, row: Option) -> Span | None:
    """Return the words that answer where they stand in the sentence itself; None where they are of the question."""
    before = len(_asked(row))
    if span is None or span.start < before:
        return span if not before else None
    return replace(span, start=span.start - before, end=span.end - before)


def supported(weighed: Weighed, judged: Judged) -> NDArray[np.float64]:
    """Return the support of each sentence, shape (sentences,), from 0 to 1."""
    asked, fitted = weighed.query.language, shipped()
    weights = np.array([fitted.weights(asked, row.passage.chunk.language) for row in weighed.pool])
    table = np.column_stack([weighed.features, reader_columns(judged.scores)])
    supports: NDArray[np.float64] = 1 / (1 + np.exp(-np.einsum("ij,ij->i", table, weights)))
    return supports


def _chosen(ranked: Sequence[Candidate], limits: Thresholds) -> tuple[Candidate, ...]:
    """Return the best sentence, and those after it that may well answer too; what repeats another is left out."""
    further = max(limits.further * ranked[0].support, limits.least_further)
    likely = [candidate for at, candidate in enumerate(ranked) if not at or candidate.support >= further]
    return _steps_in_order(without_repeats(likely)[:MOST_QUOTES])


def _steps_in_order(chosen: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
    """Return candidates in the order of their document where all are numbered steps of one list: that is theirs."""
    rows = sorted(chosen, key=lambda each: each.option.start)
    numbers = [_NUMBERED.match(_whole(each.option)) for each in rows]
    steps = [int(found[1]) for found in numbers if found]
    one = len({each.option.passage.document.id for each in rows}) == 1
    follow = len(steps) == len(rows) and all(one < other for one, other in pairwise(steps))
    return tuple(rows) if one and follow else chosen


def _whole(row: Option) -> str:
    return row.passage.document.text[row.sentence.start : row.end]


def without_repeats(candidates: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """Return candidates without those that say, word for word, what one before them says."""
    said = [" ".join(candidate.option.text.split()) for candidate in candidates]
    return tuple(candidate for at, candidate in enumerate(candidates) if said[at] not in said[:at])


def _as_it_stands(row: Option, support: float) -> Quote:
    return Quote(row.passage.document, row.start, row.end, row.passage.document.text[row.start : row.end], support)


def quote_of(query: Query, candidate: Candidate) -> Quote:
    """Return a candidate as it is quoted: shortened where it is very long, its answering words marked."""
    row, span = candidate.option, candidate.span
    text, language = row.passage.document.text, row.passage.chunk.language
    told = (span.start, span.end) if span else likeliest(row.text, query, language, said_in(query, row))
    if told:
        told = of_what_is_asked(row.text, told, query, language)
    marks = tuple(place for place in (row.reading.span(*told),) if place[0] < place[1]) if told else ()
    start, end = _shortened(text, row.start, row.end, marks)
    hint = read(said(text, (start, end), language).text, language) if query.language == "en" else None
    return Quote(row.passage.document, start, end, text[start:end], candidate.support, marks, hint.text if hint else "")


def _shortened(text: str, start: int, end: int, marks: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """Cut an over-long sentence at white space to _LONGEST characters around what is marked."""
    if end - start <= _LONGEST:
        return start, end
    middle = sum(marks[0]) // 2 if marks else start
    left = max(start, min(middle - _LONGEST // 2, end - _LONGEST))
    right = min(end, left + _LONGEST)
    if left > start and (space := text.find(" ", left, left + 40)) >= 0:
        left = space + 1
    if right < end and (space := text.rfind(" ", right - 40, right)) >= 0:
        right = space
    return left, right
