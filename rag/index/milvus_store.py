"""A library's copy in Milvus, asked for the nearest vectors and for words (BM25, by Milvus' own function).

Texts, offsets and quotes stay in the library: what Milvus names is looked up there, and an id that the library does
not have is no find.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from math import isfinite
from typing import Self

from rag.index.library import Library
from rag.index.milvus_client import Milvus, connected
from rag.index.milvus_collections import Collections, as_words, chunk_of
from rag.index.milvus_sending import Look, follow, settle
from rag.index.rows import Vectors, VectorState
from rag.index.store import Field, Within, Words
from rag.system.milvus_address import MilvusAddress


@dataclass(frozen=True, slots=True)
class MilvusStore:
    """A library and its collections, which are of this `state` of it."""

    library: Library
    state: VectorState
    _milvus: Milvus
    _look: Look

    @property
    def _names(self) -> Collections:
        return Collections.of(self.state.library)

    def nearest(
        self, vector: Vectors, most: int, within: Within | None = None, without: Collection[str] = ()
    ) -> dict[int, float]:
        """As `Store.nearest`."""
        where = self._where(None, within, without)
        found: dict[int, float] = {}
        for sentence, cosine in self._milvus.search(self._names.sentences, "vector", vector, most, where).items():
            chunk = chunk_of(sentence)
            found[chunk] = max(cosine, found.get(chunk, -1.0))
        return self._known(found)

    def lexical(
        self,
        field: Field,
        tokens: Collection[str],
        most: int,
        language: str | None = None,
        within: Within | None = None,
        without: Collection[str] = (),
    ) -> dict[int, float]:
        """As `Store.lexical`."""
        if not tokens:
            return {}
        where = self._where(language, within, without)
        asked = as_words(set(tokens))
        found = self._milvus.search(self._names.chunks, f"{field}_bm25", asked, most, where)
        return self._known({chunk: abs(score) for chunk, score in found.items()})  # those of Lite are below 0

    def all_at_once(
        self,
        vector: Vectors | None,
        most: int,
        words: Sequence[Words],
        most_by_words: int,
        within: Within | None = None,
        without: Collection[str] = (),
    ) -> tuple[dict[int, float], list[dict[int, float]]]:
        """As `Store.all_at_once`, one after the other."""
        found = [self.lexical(said.field, said.tokens, most_by_words, said.language, within, without) for said in words]
        return (self.nearest(vector, most, within, without) if vector is not None else {}), found

    def followed(self) -> Self:
        """As `Store.followed`."""
        if self.library.vector_state == self.state:
            return self
        return replace(self, state=follow(self.library, self._milvus, self._names, self._look))

    def close(self) -> None:
        """As `Store.close`."""
        self._milvus.close()

    def _where(self, language: str | None, within: Within | None, without: Collection[str]) -> str:
        """Return what rows are to be like, as Milvus is told."""
        parts = [f"language == {json.dumps(language)}"] if language else []
        if within is not None:
            parts.append(f"document in {self._marks(within.documents)}")
        if without:
            parts.append(f"document not in {self._marks(without)}")
        return " and ".join(parts)

    def _marks(self, documents: Collection[str]) -> list[int]:
        """Return what documents are known by there: the least ids of their chunks."""
        return sorted(min(chunks) for chunks in self.library.openings(documents).values() if chunks)

    def _known(self, found: Mapping[int, float]) -> dict[int, float]:
        """Return the chunks that the library has, best first; a score that is no number is none."""
        there = self.library.chunks([chunk for chunk, score in found.items() if isfinite(score)])
        order = sorted(there, key=lambda chunk: (-found[chunk], chunk))
        return {chunk: found[chunk] for chunk in order}


def open_milvus(library: Library, address: MilvusAddress, look: Look) -> MilvusStore:
    """Return the store of a library that holds chunks, brought up to date. Raises StoreUnusable, or as `look` does."""
    milvus = connected(address)
    try:
        state = settle(library, milvus, False, look)
        return MilvusStore(library, state or library.vector_state, milvus, look)
    except BaseException:
        milvus.close()
        raise


def renew_milvus(library: Library, address: MilvusAddress, look: Look) -> None:
    """Bring the copy of a library up to date, or make it anew. Raises StoreUnusable, or as `look` does."""
    milvus = connected(address)
    try:
        settle(library, milvus, True, look)
    finally:
        milvus.close()
