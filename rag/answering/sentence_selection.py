"""Sentence selection and refusal: which sentences answer, how sure that is, and when none does.

Sentences are ranked in two stages. All sentences of the passages are scored by their features (`features`), which
cost no LLM. The best of them are read by the LLM, word by word in English where it knows no other language: how
likely is the question after this sentence? Features and likelihood together give each sentence its support, fitted
as the chance that it is the one (`feature_weights`). What is shown is always the original.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rag.answering.answer_spans import Scorer, holds, mark
from rag.answering.feature_weights import shipped
from rag.answering.features import Option, feature_matrix, holds_new, likelihood_column, said_in
from rag.answering.prompts import CHOOSE_PREFIX, choose_context, choose_continuation
from rag.answering.query import Query
from rag.documents.chunking import said
from rag.documents.document import Document
from rag.index.hybrid_search import Passage
from rag.index.library import Library, Sentence
from rag.lexicon.query_terms import read
from rag.lexicon.query_terms import said as said_of
from rag.text.headings import heading as heading_at
from rag.text.language import asked_stems, stem, stems
from rag.text.normalization import Normalized, normalized
from rag.text.wordlists import PRONOUNS

READ = 8  # sentences the LLM reads
MOST_QUOTES = 3
_LONGEST = 400  # characters of a quote
_FIELD = re.compile(r"[^\W\d_][^:.|]{0,40}:\s")  # "Opening hours: …" says nothing of whom by itself
_FIRST_WORD = re.compile(r"[„“\"»‚'(]*([^\W\d_]+)\b")
_ITEM = re.compile(r"(?:[-*+•–]|\d{1,3}[.)])\s+|\|")


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
class Selection:
    """The quotes that answer, best first: at most MOST_QUOTES, each with the answering words marked.

    `support` is the best sentence's. Where that is too little there are no quotes, and
    `declined` is the sentence, without marks: nothing to show as evidence, but to measure by.
    `read` are all sentences that the LLM has read to choose, likeliest first.
    """

    quotes: tuple[Quote, ...] = ()
    support: float = 0.0
    declined: Quote | None = None
    read: tuple[Option, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Weighed:
    """A question's sentences and their features, shape (sentences, FEATURES): all that is read of a library."""

    query: Query
    pool: list[Option]
    features: NDArray[np.float64]


def weigh(query: Query, passages: Sequence[Passage], library: Library) -> Weighed:
    """Return the sentences of the passages, with their features; in the snapshot that they were found in."""
    pool = _pool(query, passages)
    return Weighed(query, pool, feature_matrix(query, pool, library))


def select(weighed: Weighed, scorer: Scorer) -> Selection:
    """Choose the quotes that answer; none where the documents do not say. The library is no longer asked."""
    query, pool, table = weighed.query, weighed.pool, weighed.features
    if not pool:
        return Selection()
    fitted = shipped()
    weights = [fitted.weights(query.language, row.passage.chunk.language) for row in pool]
    first = np.einsum("ij,ij->i", table, np.array([row.preselection for row in weights]))
    order = sorted(range(len(pool)), key=lambda index: (-first[index], index))[:READ]
    scores = likelihoods(query, [pool[index] for index in order], scorer)
    read_features = np.column_stack([table[order], likelihood_column(scores)])
    worth = np.einsum("ij,ij->i", read_features, np.array([weights[index].support for index in order]))
    supports = 1 / (1 + np.exp(-worth))
    ranked = sorted(range(len(order)), key=lambda at: (-supports[at], at))
    support = float(supports[ranked[0]])
    considered = tuple(pool[order[at]] for at in ranked)
    if support < fitted.thresholds.refuse:
        row = considered[0]
        text = row.passage.document.text[row.start : row.end]
        declined = Quote(row.passage.document, row.start, row.end, text, support)
        return Selection((), support, declined, considered)
    ranked = _of_the_kind(query, [pool[index] for index in order], ranked)
    best = float(supports[ranked[0]])
    further = max(fitted.thresholds.further * best, fitted.thresholds.least_further)
    chosen = [at for number, at in enumerate(ranked) if number == 0 or supports[at] >= further]
    quotes = [
        _quote(query, pool[order[at]], float(supports[at]), scorer)
        for at in _without_repeats(chosen, [pool[index].text for index in order])[:MOST_QUOTES]
    ]
    return Selection(tuple(quotes), support, None, considered)


def likelihoods(query: Query, options: Sequence[Option], scorer: Scorer) -> list[float]:
    """Return how likely the LLM finds the question after each sentence, in nats a token."""
    asked = choose_continuation(_as_read(query.text, query.language, scorer))
    texts = [_as_read(row.in_context, row.passage.chunk.language, scorer) for row in options]
    return scorer.score(CHOOSE_PREFIX, [(choose_context(text), asked) for text in texts])


def _pool(query: Query, passages: Sequence[Passage]) -> list[Option]:
    pool: dict[tuple[str, int], Option] = {}
    for passage in passages:
        cosines = [float(query.vector @ sentence.vector) for sentence in passage.sentences]
        lead: Sentence | None = None
        heading: Sentence | None = None
        for index, sentence in enumerate(passage.sentences):
            beside = max([*cosines[max(0, index - 1) : index], *cosines[index + 1 : index + 2]], default=0.0)
            text = passage.document.text[sentence.start : sentence.end]
            if _is_heading(passage.document, sentence):
                heading = sentence if text.lstrip("# ") != passage.document.title else None
                continue
            item = _ITEM.match(text)
            # "- " and "4. " are no part of what the item says; a table row keeps its bars.
            start = sentence.start + (item.end() if item and text[0] != "|" else 0)
            whole, language = passage.document.text, passage.chunk.language
            reading = said(whole, (start, sentence.end), language)
            hangs = item is not None or _FIELD.match(text) is not None or _goes_on(reading.text, query, language)
            if not hangs:
                lead = sentence
            on = lead or heading if hangs else None
            hung = said(whole, (on.start, on.end), language).text.lstrip("# ") if on else ""
            in_context = f"{hung} {reading.text}" if hung else reading.text
            before = (lead if hangs else None) or (passage.sentences[index - 1] if index else None)
            after = tuple(s for s in (heading, before) if s is not None and s is not sentence)
            row = Option(passage, sentence, after, start, sentence.end, reading, in_context, cosines[index], beside)
            pool.setdefault((passage.document.id, start), row)
    return list(pool.values())


def _goes_on(text: str, query: Query, language: str) -> bool:
    """Return whether a sentence says the figure or time that is asked for, of what the sentence before names.

    It begins with a pronoun, and has a word of the question that is no name: otherwise the words of the
    sentence before make one seem to answer that does not.
    """
    first = _FIRST_WORD.match(text)
    if query.answer_type not in ("number", "time") or first is None or first[1] not in PRONOUNS:
        return False
    named = {word.lower() for name in query.focus for word in name.split()}
    asked = {*asked_stems(query.text, query.language, language)} - {stem(word, language) for word in named}
    if language == query.language:
        shares = bool(asked.intersection(stems(text, language)))
    else:
        shares = bool(said_of(text, language, query.terms) - named)
    return shares and holds(text, query, language)


def _is_heading(document: Document, sentence: Sentence) -> bool:
    """Headings, and the title wherever it is repeated, say what follows is about; they answer nothing."""
    text = " ".join(document.text[sentence.start : sentence.end].split())
    if document.title in (text, _FIELD.sub("", text, count=1)):  # "Subject: …", too
        return True
    return heading_at(document.text, sentence.start, sentence.end, document.body) is not None


def _as_read(text: str, language: str, scorer: Scorer) -> str:
    """Return a text as the LLM is given it: word by word in English where it does not know the language."""
    reading = None if scorer.reads(language) else read(text, language)
    return reading.text if reading else text


def _of_the_kind(query: Query, rows: Sequence[Option], ranked: list[int]) -> list[int]:
    """Where a figure or a time is asked for, leave out sentences without one, if others have one."""
    if query.answer_type not in ("number", "time"):
        return ranked
    fitting = [at for at in ranked if holds_new(query, rows[at])]
    return fitting or ranked


def _without_repeats(chosen: Sequence[int], texts: Sequence[str]) -> list[int]:
    kept: list[int] = []
    for at in chosen:
        if all(" ".join(texts[at].split()) != " ".join(texts[other].split()) for other in kept):
            kept.append(at)
    return kept


def _quote(query: Query, row: Option, support: float, scorer: Scorer) -> Quote:
    text, language = row.passage.document.text, row.passage.chunk.language
    reading = None if scorer.reads(language) else read(row.text, language)
    asked = _as_read(query.text, query.language, scorer)
    span = mark(row.text, query, language, scorer, reading, asked, said_in(query, row))
    marks = tuple(place for place in (row.reading.span(*span),) if place[0] < place[1]) if span else ()
    start, end = _shortened(text, row.start, row.end, marks)
    hint = read(said(text, (start, end), language).text, language) if query.language == "en" else None
    return Quote(row.passage.document, start, end, text[start:end], support, marks, hint.text if hint else "")


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
