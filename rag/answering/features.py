"""Features of a sentence: what speaks for it as the answer to a question, beside what a reader says.

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
from rag.answering.answer_types import AnswerType
from rag.answering.attribution import unnamed
from rag.answering.candidate_sentences import Option
from rag.answering.forms_of_address import without_titles
from rag.answering.query import Query
from rag.index.library import Library
from rag.lexicon.query_terms import Terms, glossed, said, terms
from rag.text.char_ngrams import pieces
from rag.text.language import asked_stems, stems

_LONG = 300  # characters; of longer sentences the length tells nothing more
_FEW = 20  # chunks: in a smaller library it tells little that none holds a word
_AMONG = 100  # chunks: how rare a word is in fewer says more of them than of the word
_HELD = 0.02  # share of other chunks that hold a word of a question


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

# The names of the columns that are added to those once a reader has read the sentences; see `reader_columns`.
READER_COLUMNS = ("reader_score", "reader_share")


def reader_columns(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return READER_COLUMNS of a question's sentences, shape (sentences, 2).

    `scores` are a reader's logits of each sentence against none. The second column is the logarithm of the share
    that a sentence has of all of them and of "none": it tells the only one that answers from one of many.
    """
    whole = np.logaddexp(0.0, np.logaddexp.reduce(scores))
    return np.column_stack([scores, scores - whole])


def feature_matrix(query: Query, pool: Sequence[Option], library: Library) -> NDArray[np.float64]:
    """Return the features of each sentence, shape (sentences, FEATURES)."""
    rows = [[feature.value(row) for feature in FEATURES] for row in _compared(query, pool, library)]
    return np.array(rows, dtype=np.float64).reshape(len(pool), len(FEATURES))


def _compared(query: Query, pool: Sequence[Option], library: Library) -> Iterator[Compared]:
    total = max(1, library.count()[1])
    passages = {row.passage.rank: row.passage for row in pool}
    asked = without_titles(query.text)
    stem_idf = {
        language: _idf(library, ("stems",), asked_stems(asked, query.language, language), total)
        for language in {passage.chunk.language for passage in passages.values()}
    }
    ngram_idf = _idf(library, ("pieces",), pieces(asked), total)
    meant = query.terms if asked == query.text else terms(asked, query.language)
    english = [stem for options in meant for stem in options]
    gloss_idf = _idf(library, ("stems", "glosses"), english, total)

    def ngrams(text: str) -> float:
        return _covered(ngram_idf, pieces(text))

    def glosses(text: str, language: str) -> float:
        return _meant(meant, gloss_idf, _english(text, language))

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
    return holds(row.text, query, row.passage.chunk.language, said_in(query, row))


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
    held: Counter[str] = Counter()
    for table in tables:
        held.update(library.holding(table, tokens))
    # A few chunks are taken for a part of a hundred.
    more = max(0, _AMONG - total)
    counts = {token: count + _HELD * more for token, count in held.items()}
    total += more
    worth = {token: math.log(1 + max(0, total - count + 0.5) / (count + 0.5)) for token, count in counts.items()}
    # What no chunk holds still counts as asked for, at the worth of a token in one chunk.
    unheld = math.log(1 + (total - 0.5) / 1.5)
    if total - more < _FEW:
        unheld = min(unheld, max(worth.values(), default=unheld))
    whole = sum(worth.get(token, unheld) for token in dict.fromkeys(tokens))
    return {token: value / max(whole, 1e-9) for token, value in worth.items()}


def _covered(worth: Mapping[str, float], tokens: Sequence[str]) -> float:
    held = set(tokens)
    return sum(value for token, value in worth.items() if token in held)  # in one order: the same to the bit
