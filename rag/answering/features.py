"""What speaks for a sentence: the signs that evidence is weighed by.

Each sign is a figure of about 0 to 1 that costs no LLM: how near the sentence is to the
question in the embedder's eyes, which share of the question's words, sounds and meanings it
holds, how well its passage was found, and whether it has the kind of thing that is asked
for. `weights` says what each is worth.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from rag.answering.answer_spans import holds
from rag.answering.attribution import unnamed
from rag.answering.query import Query
from rag.index.hybrid_search import Passage
from rag.index.library import Library, Sentence
from rag.lexicon.query_terms import Terms, glossed, said
from rag.text.char_ngrams import pieces
from rag.text.language import asked_stems, stems


@dataclass(frozen=True, slots=True)
class Option:
    """A sentence of a passage that may become a quote."""

    passage: Passage
    sentence: Sentence  # where it stands; `start` leaves out the sign of a list item
    after: tuple[Sentence, ...]  # its heading, its table's head, and the sentence before or what its list hangs on
    start: int
    end: int
    text: str
    in_context: str  # with the words that a list item or table row hangs on
    cosine: float
    beside: float  # the better cosine of the sentences before and after


def signs(query: Query, pool: Sequence[Option], library: Library) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Return what speaks for each sentence, shape (sentences, signs); the last is 1 for all."""
    total = max(1, library.count()[1])
    kind, asked = query.answer_type, list(query.focus)
    stem_worth: dict[str, dict[str, float]] = {}
    for language in {row.passage.chunk.language for row in pool}:
        stem_worth[language] = _rarity(library, ("stems",), asked_stems(query.text, query.language, language), total)
    piece_worth = _rarity(library, ("pieces",), pieces(query.text), total)
    english = [stem for options in query.terms for stem in options]
    gloss_worth = _rarity(library, ("stems", "glosses"), english, total)
    around = {row.passage.rank: row.passage.chunk for row in pool}
    around_pieces = {rank: _covered(piece_worth, pieces(chunk.searched)) for rank, chunk in around.items()}
    around_gloss = {
        rank: _meant(query.terms, gloss_worth, _english(chunk.searched, chunk.language))
        for rank, chunk in around.items()
    }
    rows = []
    for row in pool:
        language = row.passage.chunk.language
        shared_stems = _covered(stem_worth[language], stems(row.in_context, language))
        shared_pieces = _covered(piece_worth, pieces(row.in_context))
        shared_gloss = _meant(query.terms, gloss_worth, _english(row.in_context, language))
        lacks = not holds_new(query, row)
        rows.append(
            (
                row.cosine,
                row.beside,
                shared_stems,
                shared_pieces,
                around_pieces[row.passage.rank] - shared_pieces,
                row.passage.score,
                1.0 if row.passage.rank == 1 else 0.0,
                1.0 - len(unnamed(asked, row.in_context)) / len(asked) if asked else 0.5,
                1.0 if lacks and kind == "number" else 0.0,
                1.0 if lacks and kind == "time" else 0.0,
                1.0 if lacks and kind in ("person", "place") else 0.0,
                min(len(row.text), 300) / 300,
                shared_gloss,
                around_gloss[row.passage.rank] - shared_gloss,
                1.0,
            )
        )
    return np.array(rows, dtype=np.float64)


def said_in(query: Query, row: Option) -> frozenset[str]:
    language = row.passage.chunk.language
    return said(row.text, language, query.terms) if language != query.language else frozenset()


def holds_new(query: Query, row: Option) -> bool:
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


def _rarity(library: Library, tables: Sequence[str], tokens: Sequence[str], total: int) -> dict[str, float]:
    """Return how much each token tells, as a share of what all of them do (BM25's idf)."""
    counts: Counter[str] = Counter()
    for table in tables:
        counts.update(library.holding(table, tokens))
    worth = {token: math.log(1 + max(0, total - count + 0.5) / (count + 0.5)) for token, count in counts.items()}
    # What no chunk holds still counts as asked for, at the worth of a token in one chunk.
    unheld = math.log(1 + (total - 0.5) / 1.5)
    whole = sum(worth.get(token, unheld) for token in set(tokens))
    return {token: value / max(whole, 1e-9) for token, value in worth.items()}


def _covered(worth: Mapping[str, float], tokens: Sequence[str]) -> float:
    return sum(worth.get(token, 0.0) for token in set(tokens))
