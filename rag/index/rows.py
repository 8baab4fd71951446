"""The rows of a library: a document made ready to be written, and what can be read of it again."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from rag.documents.chunking import Chunk, Span
from rag.documents.document import Document
from rag.documents.readers import Omission
from rag.documents.tags import united

Vectors = NDArray[np.float32]


_IN_ONE_GO = 1 << 18  # numbers that BLAS multiplies without other threads, which spin for long when they are done


def inner_products(vectors: Vectors, vector: Vectors) -> Vectors:
    """Return the inner product of each of some thousand vectors with another, by one thread."""
    rows = max(8, _IN_ONE_GO // max(vectors.shape[1], 1) // 8 * 8)
    parts = [vectors[at : at + rows] @ vector for at in range(0, max(len(vectors), 1), rows)]
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


@dataclass(frozen=True, slots=True)
class VectorState:
    """Which vectors a library holds: whose they are, the last id that a chunk was given, and the last removal.

    Of one library and embedder two states differ by the chunks above the lesser `chunks`, and by the removals
    above the lesser `removals`.
    """

    library: str
    embedder: str
    chunks: int
    removals: int

    def leads_to(self, later: VectorState) -> bool:
        """Whether another is this state of the library or a later one: what was made of this can follow."""
        same = (self.library, self.embedder) == (later.library, later.embedder)
        return same and self.chunks <= later.chunks and self.removals <= later.removals


def joined(
    first: tuple[NDArray[np.int64], Vectors], second: tuple[NDArray[np.int64], Vectors]
) -> tuple[NDArray[np.int64], Vectors]:
    """Return the ids and vectors of both, the first before the second."""
    if not len(second[0]):
        return first
    if not len(first[0]):
        return second
    return np.concatenate([first[0], second[0]]), np.concatenate([first[1], second[1]])


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
    """A line of the list of documents; what it tells of one is as in `Document`.

    `tags` are all that it has: those of `file_tags`, which its file gives itself, and the person's.
    """

    id: str
    path: str
    name: str
    title: str
    date: str | None
    language: str
    chunks: int
    characters: int
    indexed: str
    size: int | None
    modified: int | None
    content: str
    tags: tuple[str, ...]
    omissions: tuple[Omission, ...]
    encoding: str
    doubts: str
    file_tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence's span in its document's text and its unit vector."""

    start: int
    end: int
    vector: Vectors


class About(NamedTuple):
    """How a document was read, as in `Document`; kept as JSON."""

    omissions: tuple[Omission, ...] = ()
    encoding: str = ""
    doubts: str = ""
    tags: tuple[str, ...] = ()


def packed_about(document: Document) -> str:
    """Return how a document was read, as its row keeps it."""
    omissions = [astuple(omission) for omission in document.omissions]
    facts = {
        "omissions": omissions,
        "encoding": document.encoding,
        "doubts": document.doubts,
        "tags": document.tags,
    }
    return json.dumps({name: value for name, value in facts.items() if value}, ensure_ascii=False)


def unpacked_about(packed: str) -> About:
    """Return what `packed_about` was given; raises ValueError or TypeError for what it does not make."""
    if packed == "{}":  # the usual, of thousands
        return About()
    facts = json.loads(packed)
    if not isinstance(facts, dict) or not isinstance(tags := facts.pop("tags", []), list):
        raise ValueError("how a document was read is told in a way that Beleg does not use")
    about = About(tuple(Omission(*row) for row in facts.pop("omissions", ())), tags=tuple(tags), **facts)
    counts = [row.count for row in about.omissions]
    counts += [row.total for row in about.omissions if row.total is not None]
    texts = [
        about.encoding,
        about.doubts,
        *about.tags,
        *(text for row in about.omissions for text in (row.what, row.advice)),
    ]
    if not all(isinstance(text, str) for text in texts) or not all(type(count) is int for count in counts):
        raise ValueError("how a document was read is told in a way that Beleg does not use")
    return about


def entry(facts: Sequence[Any], given: list[str], about: About) -> Entry:
    """Return a line of the list of a document that was `given` these tags by a person."""
    tags = united(about.tags, given) if about.tags or given else ()
    return Entry(*(*facts, tags, about.omissions, about.encoding, about.doubts, about.tags))
