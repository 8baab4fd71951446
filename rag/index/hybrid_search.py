"""Hybrid search: a question to ranked passages, by dense and lexical retrieval, fused.

Four retrievers look at every chunk: the best cosine of the question with one of the
chunk's sentences, BM25 over word stems in the chunk's language, BM25 over its English gloss,
and BM25 over pieces of words that sound alike. What each is worth depends on the language
of the question and of the passage: stems never cross a language border, glosses do, and
pieces help where the lexicon ends, with names. So scores are brought to one scale and summed
with weights of the language pair, both detected. (Reciprocal rank fusion, which cannot tell
a good retriever from a bad one, loses a fifth of the German passages that BM25 finds.)
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from rag.documents.chunking import Chunk, searched
from rag.documents.document import Document
from rag.errors import LibraryUnusable
from rag.index.copies import copies
from rag.index.fusion_weights import shipped
from rag.index.library import Library, Sentence
from rag.index.vector_index import VectorIndex
from rag.lexicon.query_terms import Terms, terms
from rag.models.embedder import Embedder, Vectors
from rag.text.char_ngrams import pieces
from rag.text.language import detect, stems

_POOL = 60  # candidates of each retriever
_FOUND_BY = 20  # a retriever "found" a passage that is among its best so many


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """A question made ready for search: its language, its vector, and its content words as they may be in English."""

    text: str
    language: str
    vector: Vectors
    terms: Terms


@dataclass(frozen=True, slots=True)
class Passage:
    """A chunk as found for one question. `score` is from 0 to 1, `rank` counts from 1.

    `also_in` are the names of documents that are copies of its own.
    """

    chunk: Chunk
    document: Document
    score: float
    rank: int
    by: tuple[str, ...]
    sentences: tuple[Sentence, ...]
    also_in: tuple[str, ...] = ()

    @property
    def searched(self) -> str:
        """What the chunk is found by: its context, and what its sentences say."""
        spans = ((row.start, row.end) for row in self.sentences)
        return searched(self.chunk.context, self.document.text, spans, self.chunk.language)

    @property
    def shown(self) -> str:
        """The chunk's text without front matter or a date line before the body."""
        return self.document.text[max(self.chunk.start, self.document.body) : self.chunk.end].strip()


def retrieve(
    question: str,
    library: Library,
    index: VectorIndex,
    embedder: Embedder,
    count: int,
    documents: Collection[str] = (),
) -> tuple[SearchQuery, tuple[Passage, ...]]:
    """Return the question as it is searched for, and what `find` finds for it; in the snapshot `index` is of."""
    query = prepare(question, library, embedder)
    return query, tuple(find(query, library, index, count, documents))


def prepare(question: str, library: Library, embedder: Embedder) -> SearchQuery:
    """Return the question with its language (one of the library's, German or English) and vector."""
    asked = detect(question, {*library.languages(), "de", "en"})
    return SearchQuery(question, asked, embedder.encode([question], "query")[0], terms(question, asked))


def find(
    query: SearchQuery, library: Library, index: VectorIndex, count: int, documents: Collection[str] = ()
) -> list[Passage]:
    """Return the best `count` passages, best first; with `documents`, only from those ids.

    Of copies of a text one is looked at. Every chunk has a score, so there are fewer only where the
    library holds fewer. Raises LibraryUnusable if one of `documents` is not there: the others, or
    all, are another question.
    """
    languages = library.languages()
    twins = copies(library, documents)
    standing, left_out = {*documents} - twins.left_out, () if documents else twins.left_out
    allowed = library.chunks_of(standing) if documents else None
    by_stems: dict[int, float] = {}
    for language in languages:
        words = stems(query.text, language)
        by_stems |= library.lexical("stems", words, _POOL, language, standing, left_out)
    english = [stem for options in query.terms for stem in options]
    by_gloss = library.lexical("glosses", english, _POOL, None, standing, left_out)
    if query.language != "en":
        by_gloss |= library.lexical("stems", english, _POOL, "en", standing, left_out)
    by_pieces = library.lexical("pieces", pieces(query.text), _POOL, None, standing, left_out)
    near = index.nearest(query.vector, _POOL * 4)
    if allowed is not None:  # the nearest of all may be none of the chosen: then the chosen are all looked at
        near = {chunk: near.get(chunk, 0.0) for chunk in allowed}
    best_near = near if allowed is not None else sorted(near, key=lambda chunk: (-near[chunk], chunk))[:_POOL]
    pool = {*best_near, *by_stems, *by_pieces, *by_gloss}
    rows = library.chunks(pool)
    if (missing := standing - {row[0] for row in rows.values()}) and missing - {e.id for e in library.entries()}:
        raise LibraryUnusable(
            "A document that the question is limited to has left the library, or was moved.",
            "Choose anew which documents to ask; `beleg documents` lists them.",
        )
    sentences = library.sentences(pool)
    pool = {chunk for chunk in pool if sentences[chunk]}
    dense = {chunk: float(max(query.vector @ row.vector for row in sentences[chunk])) for chunk in pool}
    written = {chunk: rows[chunk][4] for chunk in pool}
    scores = _fuse(query.language, written, dense, by_stems, by_pieces, by_gloss)
    found_by = {"dense": set(_first(dense)), "lexical": {*_first(by_stems), *_first(by_pieces), *_first(by_gloss)}}
    order = sorted(pool, key=lambda chunk: (-scores[chunk], chunk))[:count]
    texts = {row[0]: library.document(row[0]) for row in (rows[chunk] for chunk in order)}
    passages = []
    for rank, chunk_id in enumerate(order, 1):
        document_id, start, end, context, language = rows[chunk_id]
        document = texts[document_id]
        chunk = Chunk(document_id, start, end, document.text[start:end], context, language)
        by = tuple(name for name, chunks in found_by.items() if chunk_id in chunks) or ("dense",)
        also = twins.names.get(document_id, ())
        passages.append(Passage(chunk, document, scores[chunk_id], rank, by, tuple(sentences[chunk_id]), also))
    return passages


def _first(scores: Mapping[int, float]) -> Sequence[int]:
    return sorted((chunk for chunk in scores if scores[chunk] > 0), key=lambda chunk: (-scores[chunk], chunk))[
        :_FOUND_BY
    ]


def _fuse(
    asked: str, languages: Mapping[int, str], dense: Mapping[int, float], *lexical: Mapping[int, float]
) -> dict[int, float]:
    """Return the weighted sum of the retrievers' scores, each brought to 0..1 over the candidates."""
    if not languages:
        return {}
    ids = sorted(languages)
    cosines = np.array([dense[chunk] for chunk in ids])
    columns = [(cosines - cosines.min()) / max(float(np.ptp(cosines)), 1e-9)]
    for scores in lexical:
        values = np.array([scores.get(chunk, 0.0) for chunk in ids])
        columns.append(values / max(float(values.max()), 1e-9))
    rows = (shipped().weights(asked, languages[chunk]) for chunk in ids)
    weights = np.array([(row.dense, row.stems, row.ngrams, row.glosses) for row in rows])
    fused = (weights * np.stack(columns, axis=1)).sum(axis=1)
    return dict(zip(ids, fused.tolist(), strict=True))
