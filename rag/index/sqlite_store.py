"""The store of one person on one machine: the library's own file, and its vector index (FAISS)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Self

from rag.index.library import Library
from rag.index.rows import Vectors
from rag.index.store import Field, Within
from rag.index.vector_index import VectorIndex, open_index


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

    def followed(self) -> Self:
        """As `Store.followed`."""
        return replace(self, index=open_index(self.library, self.index))

    def close(self) -> None:
        """Nothing was opened beside the library."""
