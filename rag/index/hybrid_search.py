"""Hybrid search: a question to ranked passages, by dense and lexical retrieval, fused.

Four retrievers look at every chunk: the best cosine of the question with one of the
chunk's sentences, BM25 over word stems in the chunk's language, BM25 over its English gloss,
and BM25 over pieces of words that sound alike. What each is worth depends on the language
of the question and of the passage, and on what the embedder can do in them: stems never cross
a language border, glosses do, and pieces help where the lexicon ends, with names. So scores are
brought to one scale and summed with weights of the language pair, both detected. (Reciprocal rank
fusion, which cannot tell a good retriever from a bad one, loses a fifth of the German passages
that BM25 finds.)
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rag.documents.chunking import Chunk, searched
from rag.documents.document import Document
from rag.errors import LibraryUnusable
from rag.index.copies import copies
from rag.index.fusion_weights import shipped
from rag.index.library import Library, Sentence
from rag.index.question_language import question_language
from rag.index.rows import inner_products
from rag.index.store import Store, Within, Words
from rag.index.versions import Version, dated, of_year, same_place, years_named
from rag.lexicon.query_terms import Terms, terms
from rag.localization import gettext
from rag.models.embedder import Embedder, Vectors
from rag.models.embedder_ability import Abilities, ability
from rag.text.char_ngrams import pieces
from rag.text.language import stems

_POOL = 60  # candidates of each retriever
_SHARED = 0.5  # of its document's best words that a chunk has a share in
_VERSIONS = 4  # times as many passages as are wanted are looked at for newer versions
_ALL = 2_000  # chunks that a question is limited to
_FEW = 20  # candidates, of which the least may well answer
_FOUND_BY = 20  # a retriever "found" a passage that is among its best so many


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """A question made ready for search: its language, its vector, and its content words as they may be in English.

    `abilities` are those of the embedder that made the vector.
    """

    text: str
    language: str
    vector: Vectors
    terms: Terms
    abilities: Abilities


@dataclass(frozen=True, slots=True)
class Passage:
    """A chunk as found for one question. `score` is from 0 to 1, `rank` counts from 1.

    `also_in` are the names of documents that are copies of its own, `older_than` is the newest version of
    its document, where that is another one.
    """

    chunk: Chunk
    document: Document
    score: float
    rank: int
    by: tuple[str, ...]
    sentences: tuple[Sentence, ...]
    also_in: tuple[str, ...] = ()
    older_than: Version | None = None

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
    store: Store,
    embedder: Embedder,
    count: int,
    documents: Collection[str] = (),
) -> tuple[SearchQuery, tuple[Passage, ...]]:
    """Return the question as it is searched for, and what `find` finds for it; in the snapshot `store` is of."""
    query = prepare(question, library, embedder)
    return query, tuple(find(query, library, store, count, documents))


def prepare(question: str, library: Library, embedder: Embedder) -> SearchQuery:
    """Return the question with its language (one of the library's, German or English) and vector."""
    asked = language_of(question, library)
    vector = embedder.encode([question], "query")[0]
    return SearchQuery(question, asked, vector, terms(question, asked), embedder.abilities)


def language_of(question: str, library: Library) -> str:
    """Return the language a question is in: one of the library's, German or English."""
    return question_language(question, {*library.languages(), "de", "en"})


def find(
    query: SearchQuery, library: Library, store: Store, count: int, documents: Collection[str] = ()
) -> list[Passage]:
    """Return the best `count` passages, best first; with `documents`, only from those ids.

    Of copies of a text one is looked at. Every chunk has a score, so there are fewer only where the
    library holds fewer. Raises LibraryUnusable if one of `documents` is not there: the others, or
    all, are another question.
    """
    languages = library.languages()
    twins = copies(library, documents)
    standing, left_out = {*documents} - twins.left_out, () if documents else twins.left_out
    within = Within(standing, library.chunks_of(standing)) if documents else None
    few = within is not None and len(within.chunks) <= _ALL
    asked = _words(query, languages)
    near, by_words = store.all_at_once(
        None if few else query.vector, _POOL * 4, list(asked.values()), _POOL, within, left_out
    )
    lexical = dict(zip(asked, by_words, strict=True))
    by_pieces, by_gloss = lexical.pop("pieces"), lexical.pop("glosses") | lexical.pop("English stems", {})
    by_stems: dict[int, float] = {}
    for chunks in lexical.values():
        by_stems |= chunks
    best_near: Collection[int] = list(near)[:_POOL]
    if within is not None and few:
        best_near = within.chunks  # the nearest may be none of few in a large index: all are looked at
    pool = {*best_near, *by_stems, *by_pieces, *by_gloss}
    rows = library.chunks(pool)  # of those that are there
    require(library, standing - {row[0] for row in rows.values()})
    dense = _cosines(query.vector, *library.vectors_of(rows))
    pool = set(dense)
    written = {chunk: rows[chunk][4] for chunk in pool}
    of = {chunk: rows[chunk][0] for chunk in pool}
    scores = _fuse(query, written, of, dense, by_stems, by_pieces, by_gloss)
    found_by = {"dense": set(_first(dense)), "lexical": {*_first(by_stems), *_first(by_pieces), *_first(by_gloss)}}
    order = sorted(pool, key=lambda chunk: (-scores[chunk], chunk))[: count * _VERSIONS]
    texts = {row[0]: library.document(row[0]) for row in (rows[chunk] for chunk in order)}
    ordered, older = _newest_first(query.text, [(chunk, scores[chunk]) for chunk in order], rows, texts)
    sentences = library.sentences([chunk for chunk, _ in ordered[:count]])
    passages = []
    for rank, (chunk_id, score) in enumerate(ordered[:count], 1):
        document_id, start, end, context, language = rows[chunk_id]
        document = texts[document_id]
        chunk = Chunk(document_id, start, end, document.text[start:end], context, language)
        by = tuple(name for name, chunks in found_by.items() if chunk_id in chunks) or ("dense",)
        also = twins.names.get(document_id, ())
        found = tuple(sentences[chunk_id])
        passages.append(Passage(chunk, document, score, rank, by, found, also, older.get(document_id)))
    return passages


def _words(query: SearchQuery, languages: Collection[str]) -> dict[str, Words]:
    """Return what words of a question are looked for in chunks, by what they are; what takes longest comes first."""
    english = [stem for options in query.terms for stem in options]
    asked = {"pieces": Words("pieces", pieces(query.text))}
    asked |= {f"stems {language}": Words("stems", stems(query.text, language), language) for language in languages}
    asked["glosses"] = Words("glosses", english)
    if query.language != "en":
        asked["English stems"] = Words("stems", english, "en")
    return asked


def _cosines(vector: Vectors, chunks: NDArray[np.int64], vectors: Vectors) -> dict[int, float]:
    """Return the best cosine of each chunk, given the chunk and the vector of every sentence, by chunk."""
    if not len(chunks):
        return {}
    each, starts = np.unique(chunks, return_index=True)
    return dict(zip(each.tolist(), np.maximum.reduceat(inner_products(vectors, vector), starts).tolist(), strict=True))


def require(library: Library, documents: Collection[str]) -> None:
    """Raise LibraryUnusable if one of the documents that a question is limited to, by id, is not there."""
    if documents and library.missing(documents):
        raise LibraryUnusable(
            gettext("A document that the question is limited to has left the library, or was moved."),
            gettext("Choose anew which documents to ask; `beleg documents` lists them."),
        )


def _newest_first(
    question: str,
    scored: Sequence[tuple[int, float]],
    rows: Mapping[int, tuple[str, int, int, str, str]],
    texts: Mapping[str, Document],
) -> tuple[list[tuple[int, float]], dict[str, Version]]:
    """Return chunks and their scores with the newest of each version first, and which documents are older than which.

    Versions of a passage take each other's places: what they are found by is the same. First is that of a year
    that the question names.
    """
    ordered = list(scored)
    older: dict[str, Version] = {}
    found = [texts[rows[chunk][0]] for chunk, _ in scored]
    spans = [slice(*rows[chunk][1:3]) for chunk, _ in scored]
    years = years_named(question)
    for group in same_place([(document, document.text[span]) for document, span in zip(found, spans, strict=True)]):
        newest = found[group[0]]
        version = Version(newest.id, newest.name, dated(newest))
        for member in group[1:]:
            known = older.get(found[member].id)  # by another of its passages, which a newer version may hold
            if known is None or known.date < version.date:
                older[found[member].id] = version
        wanted = [group[at] for at in of_year([dated(found[member]) for member in group], years)]
        for place, member in zip(sorted(group), wanted, strict=True):
            ordered[place] = scored[member][0], scored[place][1]
    return ordered, older


def _first(scores: Mapping[int, float]) -> Sequence[int]:
    return sorted((chunk for chunk in scores if scores[chunk] > 0), key=lambda chunk: (-scores[chunk], chunk))[
        :_FOUND_BY
    ]


def _fuse(
    query: SearchQuery,
    languages: Mapping[int, str],
    documents: Mapping[int, str],
    dense: Mapping[int, float],
    *lexical: Mapping[int, float],
) -> dict[int, float]:
    """Return the weighted sum of the retrievers' scores, each brought to 0..1 over the candidates.

    A chunk shares in the words of its document's best one: who is meant stands at the head of a letter, what he is
    told further down.
    """
    if not languages:
        return {}
    ids = sorted(languages)
    cosines = np.array([dense[chunk] for chunk in ids])
    low = _lowest(query, cosines, set(languages.values()))
    columns = [(cosines - low) / max(float(cosines.max()) - low, 1e-9)]
    for scores in lexical:
        values = np.array([scores.get(chunk, 0.0) for chunk in ids])
        columns.append(values / max(float(values.max()), 1e-9))
    shares = {written: _shares(query, written) for written in set(languages.values())}
    weights = np.array([shares[languages[chunk]] for chunk in ids])
    parts = weights * np.stack(columns, axis=1)
    worded = parts[:, 1:].sum(axis=1)
    best: dict[str, float] = {}
    for chunk, worth in zip(ids, worded.tolist(), strict=True):
        best[documents[chunk]] = max(worth, best.get(documents[chunk], 0.0))
    shared = _SHARED * np.array([best[documents[chunk]] for chunk in ids])
    fused = (parts.sum(axis=1) + shared) / (1 + _SHARED * weights[:, 1:].sum(axis=1))  # 1 for the best in everything
    return dict(zip(ids, fused.tolist(), strict=True))


def _lowest(query: SearchQuery, cosines: Vectors, written: Collection[str]) -> float:
    """Return the cosine that counts as nothing: the least of the candidates.

    Of a few it may be one that answers; the fewer, the more it is what is unrelated in the embedder's eyes.
    """
    least = float(cosines.min())
    unrelated = min(ability(query.abilities, query.language, language).unrelated for language in written)
    few = max(0.0, 1 - len(cosines) / _FEW)
    return least - few * max(0.0, least - unrelated)


def _shares(query: SearchQuery, written: str) -> tuple[float, float, float, float]:
    rank = ability(query.abilities, query.language, written).rank
    return shipped().weights(query.language, written, rank).shares
