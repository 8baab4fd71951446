"""Passages to quotes: which sentences answer, how sure that is, which words do.

Every sentence of the passages is weighed by cheap signs first (cosine, shared stems and
word pieces, the rank of its passage, whether it holds the kind of thing asked for). The
best of them are read by the LLM: how likely is the question after this sentence? The two
together give each sentence its support, fitted as the chance that it is the one.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from rag.documents import Document
from rag.languages import asked_stems, stems
from rag.library import Library
from rag.pieces import pieces
from rag.prompts import CHOOSE_PREFIX, choose_context, choose_continuation
from rag.search import Passage, Query
from rag.spans import Scorer, asked_for, holds, mark
from rag.verify import names, unnamed
from rag.weights import LEAST_FURTHER, LLM_FLOOR, MODELS, Weights

READ = 8  # sentences the LLM reads
MOST_QUOTES = 3
_LONGEST = 400  # characters of a quote
_ITEM = re.compile(r"(?:[-*+•–]|\d{1,3}[.)])\s+|\|")


@dataclass(frozen=True, slots=True)
class Quote:
    """An exact span of a document: `text == document.text[start:end]`, always.

    `marks` are spans (offsets into the document) of the words that answer; `support` is
    the chance, from 0 to 1, that the quote answers the question.
    """

    document: Document
    start: int
    end: int
    text: str
    support: float
    marks: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class _Sentence:
    passage: Passage
    start: int
    end: int
    text: str
    in_context: str  # with the words that a list item or table row hangs on
    cosine: float
    beside: float  # the better cosine of the sentences before and after


def select(
    query: Query,
    passages: Sequence[Passage],
    library: Library,
    scorer: Scorer,
) -> list[Quote]:
    """Return the quotes that answer, best first; none where the documents do not say.

    At most MOST_QUOTES, each with the answering words marked.
    """
    pool = _pool(query, passages)
    if not pool:
        return []
    weights = [_weights(query, row.passage) for row in pool]
    table = _signs(query, pool, library)
    first = np.einsum("ij,ij->i", table, np.array([row.cheap for row in weights]))
    order = sorted(range(len(pool)), key=lambda index: (-first[index], index))[:READ]
    pairs = [(choose_context(pool[index].in_context), choose_continuation(query.text)) for index in order]
    likely = np.array(scorer.score(CHOOSE_PREFIX, pairs))
    likely = np.maximum(likely - likely.max(), LLM_FLOOR)
    signs = np.column_stack([table[order], likely, np.ones(len(order))])
    worth = np.einsum("ij,ij->i", signs, np.array([weights[index].full for index in order]))
    supports = 1 / (1 + np.exp(-worth))
    ranked = sorted(range(len(order)), key=lambda at: (-supports[at], at))
    best = float(supports[ranked[0]])
    leading = weights[order[ranked[0]]]
    if best < leading.refuse:
        return []
    ranked = _of_the_kind(query, [pool[index] for index in order], ranked)
    best = float(supports[ranked[0]])
    further = max(leading.further * best, LEAST_FURTHER)
    chosen = [at for number, at in enumerate(ranked) if number == 0 or supports[at] >= further]
    return [
        _quote(query, pool[order[at]], float(supports[at]), scorer)
        for at in _without_repeats(chosen, [pool[index].text for index in order])[:MOST_QUOTES]
    ]


def _pool(query: Query, passages: Sequence[Passage]) -> list[_Sentence]:
    pool: dict[tuple[str, int], _Sentence] = {}
    for passage in passages:
        cosines = [float(query.vector @ sentence.vector) for sentence in passage.sentences]
        lead = ""
        for index, sentence in enumerate(passage.sentences):
            beside = max([*cosines[max(0, index - 1) : index], *cosines[index + 1 : index + 2]], default=0.0)
            text = passage.document.text[sentence.start : sentence.end]
            if _is_heading(passage, text):
                continue
            hangs = _ITEM.match(text)
            if not hangs:
                lead = text
            # "- " and "4. " are no part of what the item says; a table row keeps its bars.
            start = sentence.start + (hangs.end() if hangs and text[0] != "|" else 0)
            in_context = f"{lead} {text}" if hangs and lead else text
            row = _Sentence(
                passage, start, sentence.end, text[start - sentence.start :], in_context, cosines[index], beside
            )
            pool.setdefault((passage.document.id, start), row)
    return list(pool.values())


def _is_heading(passage: Passage, text: str) -> bool:
    """Headings say what follows is about; they answer nothing."""
    return (
        text.startswith("#")
        or text == passage.document.title
        or (len(text) < 100 and text[-1].isalnum() and "|" not in text)
    )


def _weights(query: Query, passage: Passage) -> Weights:
    """Return the weights for the language pair of the question and the passage."""
    written = passage.chunk.language
    if query.language == written:
        return MODELS["en-en" if written == "en" else "de-de"]
    return MODELS["en-de" if query.language == "en" else "de-en"]


def _signs(
    query: Query, pool: Sequence[_Sentence], library: Library
) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Return what speaks for each sentence, shape (sentences, signs)."""
    total = max(1, library.count()[1])
    kind = asked_for(query.text)
    # In German every noun is capitalised, so what looks like a name there tells nothing more.
    asked = names(query.text) if query.language != "de" else []
    stem_worth: dict[str, dict[str, float]] = {}
    for language in {row.passage.chunk.language for row in pool}:
        stem_worth[language] = _rarity(library, "stems", asked_stems(query.text, query.language, language), total)
    piece_worth = _rarity(library, "pieces", pieces(query.text), total)
    rows = []
    for row in pool:
        language = row.passage.chunk.language
        shared_stems = _covered(stem_worth[language], stems(row.in_context, language))
        shared_pieces = _covered(piece_worth, pieces(row.in_context))
        lacks = not holds(row.text, query.text, kind, language)
        around = row.passage.chunk.searched
        rows.append(
            (
                row.cosine,
                row.beside,
                shared_stems,
                shared_pieces,
                _covered(piece_worth, pieces(around)) - shared_pieces,
                row.passage.score,
                1.0 if row.passage.rank == 1 else 0.0,
                1.0 - len(unnamed(asked, row.in_context)) / len(asked) if asked else 0.5,
                1.0 if lacks and kind == "number" else 0.0,
                1.0 if lacks and kind == "time" else 0.0,
                1.0 if lacks and kind in ("person", "place") else 0.0,
                min(len(row.text), 300) / 300,
            )
        )
    return np.array(rows, dtype=np.float64)


def _rarity(library: Library, table: str, tokens: Sequence[str], total: int) -> dict[str, float]:
    """Return how much each token tells, as a share of what all of them do (BM25's idf)."""
    counts = library.holding(table, tokens)
    worth = {token: math.log(1 + (total - count + 0.5) / (count + 0.5)) for token, count in counts.items()}
    # What no chunk holds still counts as asked for, at the worth of a token in one chunk.
    unheld = math.log(1 + (total - 0.5) / 1.5)
    whole = sum(worth.get(token, unheld) for token in set(tokens))
    return {token: value / max(whole, 1e-9) for token, value in worth.items()}


def _covered(worth: Mapping[str, float], tokens: Sequence[str]) -> float:
    return sum(worth.get(token, 0.0) for token in set(tokens))


def _of_the_kind(query: Query, rows: Sequence[_Sentence], ranked: list[int]) -> list[int]:
    """Where a figure or a time is asked for, leave out sentences without one, if others have one."""
    kind = asked_for(query.text)
    if kind not in ("number", "time"):
        return ranked
    fitting = [at for at in ranked if holds(rows[at].text, query.text, kind, rows[at].passage.chunk.language)]
    return fitting or ranked


def _without_repeats(chosen: Sequence[int], texts: Sequence[str]) -> list[int]:
    kept: list[int] = []
    for at in chosen:
        if all(" ".join(texts[at].split()) != " ".join(texts[other].split()) for other in kept):
            kept.append(at)
    return kept


def _quote(query: Query, row: _Sentence, support: float, scorer: Scorer) -> Quote:
    text = row.passage.document.text
    span = mark(row.text, query.text, row.passage.chunk.language, scorer)
    marks = ((row.start + span[0], row.start + span[1]),) if span else ()
    start, end = _shortened(text, row.start, row.end, marks)
    return Quote(row.passage.document, start, end, text[start:end], support, marks)


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
