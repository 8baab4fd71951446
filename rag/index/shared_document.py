"""A document of a library as all of it stands in Milvus, and back, to the bit.

What comes back may have been written by anybody who may write there: it is taken for what it says only where it is
whole, and of such a kind as Beleg writes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Annotated

import msgspec
import numpy as np
from msgspec import Meta

from rag.documents.chunking import Chunk
from rag.documents.document import Document, document_id
from rag.documents.paths import path_of, writer_of
from rag.documents.tags import tag
from rag.index.library import Library
from rag.index.rows import Prepared, PreparedChunk, packed_about, unpacked_about
from rag.index.schema import WORDS
from rag.index.shared_collections import Header, SentenceRows
from rag.system.validation import Strict

_Language = Annotated[str, Meta(max_length=8, pattern="^[a-z]*$")]
_Day = Annotated[str, Meta(pattern=r"^(\d{4}(-\d{2}(-\d{2})?)?)?$")]
_Count = Annotated[int, Meta(ge=0, le=1 << 40)]


class Facts(Strict, frozen=True):
    """How much there is under a version: characters of its words, of which the first are the text; sentences.

    `digest` is of all of it.
    """

    characters: _Count
    text: _Count
    sentences: _Count
    digest: str


class _Chunk(Strict, frozen=True, array_like=True):
    start: _Count
    end: _Count
    context: str
    language: _Language
    stems: str
    glosses: str
    pieces: str


class _Record(Strict, frozen=True):
    """What stands behind the text: the rest of a document's row, and its chunks."""

    title: str
    language: _Language
    size: int | None
    modified: int | None
    sha256: str
    body: _Count
    pages: list[_Count]
    about: str
    recipe: str
    embedder: str
    embedder_name: str
    chunks: list[_Chunk]


@dataclass(frozen=True, slots=True)
class Identity:
    """Which embedder made the vectors, as the document says."""

    fingerprint: str
    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Packed:
    """A document as it is written to Milvus: its words, its sentences, and how much that is."""

    words: str
    sentences: SentenceRows
    facts: Facts


def shared_id(path: str, origin: str) -> str:
    """Return the id that a document has for all who share it, by its path here; `origin` are we."""
    return document_id(Path(path_of(*(writer_of(path) if writer_of(path)[0] else (origin, path)))))


def local_path(header: Header, origin: str) -> str:
    """Return the path that a document of the shared library has here; `origin` are we."""
    return header.path if header.origin == origin else path_of(header.origin, header.path)


def packed(library: Library, identity: str, recipe: str) -> Packed:
    """Return a document of the library with all that is kept of it. For use in a snapshot."""
    document = library.document(identity)
    ids = library.openings([identity])[identity]
    rows, sentences = library.chunks(ids), library.sentences(ids)
    words = {table: dict(library.words_of(table, min(ids, default=1) - 1, len(ids))) for table in WORDS}
    chunks = [_Chunk(*rows[chunk][1:], *(words[table][chunk] for table in WORDS)) for chunk in ids]
    embedder, embedder_name = library.embedder
    record = _Record(
        document.title, document.language, document.size, document.modified, document.sha256, document.body,
        list(document.pages), packed_about(document), recipe, embedder, embedder_name, chunks,
    )  # fmt: skip
    spans = [(at, each.start, each.end) for at, chunk in enumerate(ids) for each in sentences[chunk]]
    vectors = np.array([each.vector for chunk in ids for each in sentences[chunk]], dtype=np.float32)
    whole = document.text + msgspec.json.encode(record).decode()
    rows_of = SentenceRows(tuple(spans), vectors)
    facts = Facts(len(whole), len(document.text), len(spans), _digest(whole, rows_of))
    return Packed(whole, rows_of, facts)


def facts_of(header: Header) -> Facts:
    """Return how much there is of a document. Raises ValueError."""
    return msgspec.json.decode(header.facts, type=Facts)


def tags_of(header: Header) -> tuple[str, ...]:
    """Return the tags that people have given a document. Raises ValueError."""
    return tuple(tag(each) for each in msgspec.json.decode(header.tags, type=list[str]))


def unpacked(header: Header, words: str, sentences: SentenceRows, origin: str) -> Prepared:
    """Return a document as it is written to the library. Raises ValueError for one that is not whole, or is odd."""
    facts = facts_of(header)
    if _digest(words, sentences) != facts.digest or not np.isfinite(sentences.vectors).all():
        raise ValueError("it is not whole")
    text = words[: facts.text]
    record = msgspec.json.decode(words[facts.text :], type=_Record)
    path, own = local_path(header, origin), header.origin == origin
    msgspec.convert(header.date, _Day)
    if not header.path.startswith("/") or not path.isprintable() or header.id != shared_id(path, origin):
        raise ValueError("its id is of another path")
    if record.body > len(text) or not record.pages or record.pages != sorted(record.pages):
        raise ValueError("its pages are none")
    document = Document(
        document_id(Path(path)), path, header.name, record.title, header.date or None, record.language,
        text, record.body, tuple(record.pages), record.sha256, **unpacked_about(record.about)._asdict(),
        size=record.size if own else None, modified=record.modified if own else None,
    )  # fmt: skip
    embedder = Identity(record.embedder, record.embedder_name)
    return Prepared(document, tuple(_chunks(document, record.chunks, sentences)), embedder, record.recipe)


def _chunks(document: Document, rows: Sequence[_Chunk], sentences: SentenceRows) -> list[PreparedChunk]:
    of = {chunk: [*each] for chunk, each in groupby(range(len(sentences.spans)), lambda at: sentences.spans[at][0])}
    made, before = list[PreparedChunk](), 0
    for at, row in enumerate(rows):
        spans = tuple(sentences.spans[number][1:] for number in of.pop(at, []))
        bounds = [before, row.start, *(bound for span in spans for bound in span), row.end, len(document.text)]
        if bounds != sorted(bounds):
            raise ValueError("its chunks or sentences lie outside of its text")
        first = sum(len(chunk.sentences) for chunk in made)
        chunk = Chunk(document.id, row.start, row.end, document.text[row.start : row.end], row.context, row.language)
        terms = {table: getattr(row, table) for table in WORDS}
        made.append(PreparedChunk(chunk, spans, sentences.vectors[first : first + len(spans)], terms))
        before = row.end
    if of:
        raise ValueError("its sentences lie in no chunk")
    return made


def _digest(words: str, sentences: SentenceRows) -> str:
    found = hashlib.sha256(words.encode())
    found.update(json.dumps(sentences.spans).encode())
    found.update(np.ascontiguousarray(sentences.vectors, dtype="<f4").tobytes())
    return found.hexdigest()
