"""The store of one person on one machine: the library's own file, and its vector index (FAISS)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Self

from rag.index.library import Library
from rag.index.rows import Vectors
from rag.index.store import Field, Within, Words
from rag.index.vector_index import VectorIndex, open_index
from rag.system.background import together


@dataclass(frozen=True, slots=True)
class SqliteStore:
    """A library and the vector index of its present state."""

    library: Library
    index: VectorIndex

    @classmethod
    def of(cls, library: Library) -> Self:
        """Return the store of a library as it is now, or in the snapshot. Raises LibraryUnusable."""
        return cls(library, open_index(library))

    def nearest(
        self, vector: Vectors, most: int, within: Within | None = None, without: Collection[str] = ()
    ) -> dict[int, float]:
        """As `Store.nearest`."""
        allowed = within.chunks if within is not None else None
        return self.index.nearest(vector, most, allowed, self.library.chunks_of(without))

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
        documents = within.documents if within is not None else ()
        return self.library.lexical(field, tokens, most, language, documents, without)

    def all_at_once(
        self,
        vector: Vectors | None,
        most: int,
        words: Sequence[Words],
        most_by_words: int,
        within: Within | None = None,
        without: Collection[str] = (),
    ) -> tuple[dict[int, float], list[dict[int, float]]]:
        """As `Store.all_at_once`: in a large library words are looked for beside the vectors, by other threads.

        SQLite, by the one connection, is asked by this thread alone.
        """
        documents = within.documents if within is not None else ()
        begun = [
            self.library.lexical_begun(said.field, said.tokens, most_by_words, said.language, documents, without)
            for said in words
        ]

        def near() -> dict[int, float]:
            return self.nearest(vector, most, within, without) if vector is not None else {}

        if not self.library.words_beside:
            return near(), [work() for work in begun]
        return together(near, begun)

    def followed(self) -> Self:
        """As `Store.followed`."""
        return replace(self, index=open_index(self.library, self.index))

    def close(self) -> None:
        """Nothing was opened beside the library."""
