"""Features of a sentence: what speaks for it as the answer to a question, before an LLM reads it.

FEATURES is the table: for each its name, what it measures, and the function that does. Each is a figure of
about 0 to 1. `feature_matrix` computes them for all sentences of a question; its columns stand in the order of
FEATURES, which nothing else has to know: weights are kept by name (`feature_weights`).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rag.answering.answer_spans import holds
from rag.answering.attribution import unnamed
from rag.answering.query import AnswerType, Query
from rag.index.hybrid_search import Passage
from rag.index.library import Library, Sentence
from rag.lexicon.query_terms import Terms, glossed, said
from rag.text.char_ngrams import pieces
from rag.text.language import asked_stems, stems
from rag.text.normalization import Normalized

_LONG = 300  # characters; of longer sentences the length tells nothing more
_FEW = 20  # chunks: in a smaller library it tells little that none holds a word


@dataclass(frozen=True, slots=True)
class Option:
    """A sentence of a passage that may become a quote."""

    passage: Passage
    sentence: Sentence  # where it stands; `start` leaves out the sign of a list item
    after: tuple[Sentence, ...]  # its heading, and the sentence before or what its list hangs on
    start: int
    end: int
    reading: Normalized  # what it says, and where its characters stand in the document
    in_context: str  # with the words that a list item or table row hangs on
    cosine: float
    beside: float  # the better cosine of the sentences before and after

    @property
    def text(self) -> str:
        return self.reading.text


@dataclass(frozen=True, slots=True)
class Compared:
    """A sentence compared with its question: all that features are computed from.

    The shares are of the question's terms, each weighted by its idf, from 0 to 1.
    """

    option: Option
    asked_names: list[str]  # in an English question
    lacks: AnswerType | None  # the kind of thing that is asked for, where the sentence holds none but the question's
    stems: float  # in the text's language
    ngrams: float  # of characters
    glosses: float  # in English
    passage_ngrams: float
    passage_glosses: float


@dataclass(frozen=True, slots=True)
class Feature:
    """A column of the feature matrix."""

    name: str
    meaning: str
    value: Callable[[Compared], float]


def _names_held(row: Compared) -> float:
    asked = row.asked_names
    return 1.0 - len(unnamed(asked, row.option.in_context)) / len(asked) if asked else 0.5


FEATURES = (
    Feature("cosine", "cosine of question and sentence", lambda row: row.option.cosine),
    Feature("neighbour_cosine", "the better cosine of the sentences before and after", lambda row: row.option.beside),
    Feature("stem_overlap", "share of the question's stems", lambda row: row.stems),
    Feature("ngram_overlap", "share of its character n-grams", lambda row: row.ngrams),
    Feature(
        "passage_ngram_overlap", "how much larger that is in the passage", lambda row: row.passage_ngrams - row.ngrams
    ),
    Feature("passage_score", "score of the passage in the search", lambda row: row.option.passage.score),
    Feature("first_passage", "1 in the best passage", lambda row: float(row.option.passage.rank == 1)),
    Feature("names_held", "share of the names in an English question; .5 where there are none", _names_held),
    Feature(
        "lacks_number", "1 where a number is asked for and none is there", lambda row: float(row.lacks == "number")
    ),
    Feature("lacks_time", "1 where a time is asked for and none is there", lambda row: float(row.lacks == "time")),
    Feature(
        "lacks_name",
        "1 where a person or place is asked for and none is there",
        lambda row: float(row.lacks in ("person", "place")),
    ),
    Feature("length", "characters, of 300", lambda row: min(len(row.option.text), _LONG) / _LONG),
    Feature("gloss_overlap", "share of the question's meanings in English", lambda row: row.glosses),
    Feature(
        "passage_gloss_overlap", "how much larger that is in the passage", lambda row: row.passage_glosses - row.glosses
    ),
    Feature("constant", "1 for every sentence", lambda _: 1.0),
)

# The name of the column that is added to those for the sentences that the LLM reads; see `likelihood_column`.
LLM_LIKELIHOOD = "llm_likelihood"
_LEAST_LIKELY = -3.0  # nats a token


def likelihood_column(scores: Sequence[float]) -> NDArray[np.float64]:
    """Return LLM_LIKELIHOOD of a question's sentences, shape (sentences,), from 0 down to -3.

    `scores` are the LLM's log-likelihoods of the question after each of them, in nats a token. They compare within
    a question only, so they count from the best one; those far below it are all as unlikely.
    """
    found = np.array(scores, dtype=np.float64)
    column: NDArray[np.float64] = np.maximum(found - found.max(), _LEAST_LIKELY)
    return column


def feature_matrix(query: Query, pool: Sequence[Option], library: Library) -> NDArray[np.float64]:
    """Return the features of each sentence, shape (sentences, FEATURES)."""
    rows = [[feature.value(row) for feature in FEATURES] for row in _compared(query, pool, library)]
    return np.array(rows, dtype=np.float64).reshape(len(pool), len(FEATURES))


def _compared(query: Query, pool: Sequence[Option], library: Library) -> Iterator[Compared]:
    total = max(1, library.count()[1])
    passages = {row.passage.rank: row.passage for row in pool}
    stem_idf = {
        language: _idf(library, ("stems",), asked_stems(query.text, query.language, language), total)
        for language in {passage.chunk.language for passage in passages.values()}
    }
    ngram_idf = _idf(library, ("pieces",), pieces(query.text), total)
    english = [stem for options in query.terms for stem in options]
    gloss_idf = _idf(library, ("stems", "glosses"), english, total)

    def ngrams(text: str) -> float:
        return _covered(ngram_idf, pieces(text))

    def glosses(text: str, language: str) -> float:
        return _meant(query.terms, gloss_idf, _english(text, language))

    around = {
        rank: (ngrams(whole := passage.searched), glosses(whole, passage.chunk.language))
        for rank, passage in passages.items()
    }
    for row in pool:
        language = row.passage.chunk.language
        passage_ngrams, passage_glosses = around[row.passage.rank]
        yield Compared(
            option=row,
            asked_names=list(query.focus),
            lacks=None if holds_new(query, row) else query.answer_type,
            stems=_covered(stem_idf[language], stems(row.in_context, language)),
            ngrams=ngrams(row.in_context),
            glosses=glosses(row.in_context, language),
            passage_ngrams=passage_ngrams,
            passage_glosses=passage_glosses,
        )


def said_in(query: Query, row: Option) -> frozenset[str]:
    """Return the words of a sentence in another language than the question's that the question says in its own."""
    language = row.passage.chunk.language
    return said(row.text, language, query.terms) if language != query.language else frozenset()


def holds_new(query: Query, row: Option) -> bool:
    """Return whether the sentence has a thing of the kind that is asked for, which the question does not have."""
    return query.answer_type == "thing" or holds(row.text, query, row.passage.chunk.language, said_in(query, row))


def _english(text: str, language: str) -> set[str]:
    return set(stems(text, "en") if language == "en" else glossed(text, language))


def _meant(asked: Terms, worth: Mapping[str, float], held: set[str]) -> float:
    """Return which share of what is asked about a text holds in English, each word by its likeliest meaning there.

    A word is worth what its commonest meaning in the library is.
    """
    whole = found = 0.0
    for options in asked:
        value = min(worth.get(stem, math.inf) for stem in options)
        value = value if value < math.inf else max(worth.values(), default=1.0)
        whole += value
        found += (
            value * max((share for stem, share in options.items() if stem in held), default=0.0) / max(options.values())
        )
    return found / whole if whole else 0.0


def _idf(library: Library, tables: Sequence[str], tokens: Sequence[str], total: int) -> dict[str, float]:
    """Return BM25's idf of each token, as a share of the sum over all of them."""
    counts: Counter[str] = Counter()
    for table in tables:
        counts.update(library.holding(table, tokens))
    worth = {token: math.log(1 + max(0, total - count + 0.5) / (count + 0.5)) for token, count in counts.items()}
    # What no chunk holds still counts as asked for, at the worth of a token in one chunk.
    unheld = math.log(1 + (total - 0.5) / 1.5)
    if total < _FEW:
        unheld = min(unheld, max(worth.values(), default=unheld))
    whole = sum(worth.get(token, unheld) for token in dict.fromkeys(tokens))
    return {token: value / max(whole, 1e-9) for token, value in worth.items()}


def _covered(worth: Mapping[str, float], tokens: Sequence[str]) -> float:
    held = set(tokens)
    return sum(value for token, value in worth.items() if token in held)  # in one order: the same to the bit
