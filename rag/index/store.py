"""What is searched: the nearest sentence vectors, and BM25 over the words that chunks are found by.

The library holds the texts, their offsets and what a quote is checked against; a store finds chunks in it, by their
ids. `SqliteStore` looks into the library itself and its vector index, `MilvusStore` asks a Milvus that was sent a
copy. What is found is weighed, fused and verified alike: scores of two stores differ, ids mean the same.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, Self

from rag.index.rows import Vectors

Field = Literal["stems", "glosses", "pieces"]


@dataclass(frozen=True, slots=True)
class Within:
    """What a search is limited to: documents by id, and their chunks."""

    documents: Collection[str]
    chunks: Collection[int]


@dataclass(frozen=True, slots=True)
class Words:
    """Words that are looked for in chunks, all or those in a language, as by `Store.lexical`."""

    field: Field
    tokens: Sequence[str]
    language: str | None = None


class Store(Protocol):
    """Finds chunks of one library, as it was when the store last followed it.

    Raises StoreUnusable where it cannot be asked, whatever it is asked.
    """

    def nearest(
        self, vector: Vectors, most: int, within: Within | None = None, without: Collection[str] = ()
    ) -> dict[int, float]:
        """Return the best cosine of the chunks that the `most` nearest sentences lie in, by chunk id, best first.

        With `within`, only those are looked at, with `without` (ids of documents), none of those. The nearest of
        all may be missed, and cosines are true to about .01.
        """
        ...

    def lexical(
        self,
        field: Field,
        tokens: Collection[str],
        most: int,
        language: str | None = None,
        within: Within | None = None,
        without: Collection[str] = (),
    ) -> dict[int, float]:
        """Return the BM25 score of the best chunks that hold any of `tokens`, by chunk id.

        With `language`, only chunks in it are looked at; `within` and `without` are as for `nearest`.
        """
        ...

    def all_at_once(
        self,
        vector: Vectors | None,
        most: int,
        words: Sequence[Words],
        most_by_words: int,
        within: Within | None = None,
        without: Collection[str] = (),
    ) -> tuple[dict[int, float], list[dict[int, float]]]:
        """Return what `nearest` does, and for each of the words what `lexical` does; nothing is near to no vector."""
        ...

    def followed(self) -> Self:
        """Return the store as its library is now, or in the snapshot: what was added is there, what left is not."""
        ...

    def close(self) -> None:
        """Let go of whatever is asked; the library stays open."""
        ...
