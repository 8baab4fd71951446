"""The rows of a library: a document made ready to be written, and what can be read of it again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from rag.documents.chunking import Chunk, Span
from rag.documents.document import Document

Vectors = NDArray[np.float32]


class EmbedderIdentity(Protocol):
    """Which embedder vectors are of: those of two fingerprints do not compare."""

    @property
    def fingerprint(self) -> str: ...
    @property
    def name(self) -> str: ...


@dataclass(frozen=True, slots=True, eq=False)
class PreparedChunk:
    """A chunk with its sentences: their spans in the document's text, and a unit vector, float32, for each.

    `terms` are the words it is found by, apart by spaces, by the table they go to.
    """

    chunk: Chunk
    sentences: tuple[Span, ...]
    vectors: Vectors  # shape (sentences, dimension)
    terms: Mapping[str, str]


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """A document with all that is written of it.

    `embedder` is whose vectors they are; `recipe` names the rules and the lexicon by which the text was cut
    and its terms were found.
    """

    document: Document
    chunks: tuple[PreparedChunk, ...]
    embedder: EmbedderIdentity
    recipe: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the list of documents."""

    id: str
    path: str
    name: str
    title: str
    date: str | None
    language: str
    chunks: int
    characters: int
    indexed: str


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence's span in its document's text and its unit vector."""

    start: int
    end: int
    vector: Vectors
