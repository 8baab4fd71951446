"""What Milvus holds of a library that many write: all of it, in three collections.

`documents` has a row for each document: its name, path, date and tags, who wrote it, and the `version` that its text,
chunks and vectors are found under in `parts` and `sentences`. These are written first and the row last, in place of
the one before: so a document is there whole or not at all. A row that says `removed` stays, so that others learn of
it. Each writer numbers its rows; who knows up to which number of which writer it has read asks for what is above.

What `documents` was made with, and never changes, says what the collections are, and of which embedder the vectors.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

import numpy as np

from rag.errors import StoreUnusable
from rag.index.milvus_client import Milvus, Row
from rag.index.rows import Vectors
from rag.localization import gettext

_FORMAT = 1  # raised when the collections change
_MOST_BYTES = 65_535  # of a VARCHAR
_CHARACTERS = _MOST_BYTES // 4  # of a part: fits, whatever they are
_SHORT = {"id": 64, "version": 32, "writer": 32, "origin": 32, "date": 32}
# Milvus has no collection without a vector: where none is needed it is this.
_NOTHING, _NO_VECTOR = "nothing", [1.0, 0.0]
_SOON, _AGAIN = 10.0, 0.1  # seconds
_PARTS, _SENTENCES = 64, 1_000  # at once: some megabytes
_DOCUMENT = {
    **dict.fromkeys(("id", "version", "writer", "origin", "name", "path", "date", "tags", "facts"), "VARCHAR"),
    "sequence": "INT64",
    "removed": "BOOL",
}
_PART = {"id": "VARCHAR", "version": "VARCHAR", "number": "INT64", "words": "VARCHAR"}
_SENTENCE = {"id": "VARCHAR", "version": "VARCHAR", **dict.fromkeys(("number", "chunk", "first", "last"), "INT64")}


@dataclass(frozen=True, slots=True)
class SharedNames:
    """The names of a shared library's collections."""

    documents: str
    parts: str
    sentences: str

    @classmethod
    def of(cls, name: str) -> SharedNames:
        """Return those of a shared library by its name."""
        return cls(*(f"beleg_shared_{name}_{kind}" for kind in ("documents", "parts", "sentences")))


@dataclass(frozen=True, slots=True)
class Note:
    """What a shared library is: its id, the embedder whose vectors it holds, and how many numbers one has."""

    library: str
    embedder: str
    embedder_name: str
    dimension: int


@dataclass(frozen=True, slots=True)
class Header:
    """The row of a document; `facts` say how much there is under its version."""

    id: str
    version: str
    writer: str
    sequence: int
    origin: str
    removed: bool
    name: str
    path: str
    date: str
    tags: str
    facts: str


@dataclass(frozen=True, slots=True, eq=False)
class SentenceRows:
    """The sentences of a document: the number of the chunk that each lies in, its span, its vector."""

    spans: tuple[tuple[int, int, int], ...]
    vectors: Vectors  # shape (sentences, dimension)


# --- made and known -------------------------------------------------------------------------


def make(milvus: Milvus, names: SharedNames, embedder: str, embedder_name: str, dimension: int) -> None:
    """Make the collections that are missing; of several writers who do at once one decides what is noted."""
    index = "FLAT" if milvus.lite() else "AUTOINDEX"
    note = Note(uuid.uuid4().hex, embedder, embedder_name, dimension)
    told = json.dumps({"format": _FORMAT, **asdict(note)})
    for collection, fields, vector, said in (
        (names.parts, _PART, 0, ""),
        (names.sentences, _SENTENCE, dimension, ""),
        (names.documents, _DOCUMENT, 0, told),  # last: where it is, all are
    ):
        if milvus.fields(collection) is None:
            try:
                milvus.create(collection, partial(_schema, fields=fields, dimension=vector, index=index), said)
            except StoreUnusable:  # another writer makes it just now
                if not _comes(milvus, collection):
                    raise


def _comes(milvus: Milvus, collection: str) -> bool:
    """Whether a collection is there soon."""
    until = time.monotonic() + _SOON
    while milvus.fields(collection) is None:
        if time.monotonic() > until:
            return False
        time.sleep(_AGAIN)
    return True


def there(milvus: Milvus, names: SharedNames) -> bool:
    """Whether there is a shared library of that name."""
    return milvus.fields(names.documents) is not None


def odd(milvus: Milvus, names: SharedNames, dimension: int = 0) -> str:
    """Return what about the collections is otherwise than `make` makes it, "" where nothing is.

    Without a `dimension` only the documents are looked at, as which it is noted.
    """
    no_vector, vector = {_NOTHING: "FLOAT_VECTOR(2)"}, {"vector": f"FLOAT_VECTOR({dimension})"}
    wanted: dict[str, Mapping[str, str]] = {names.documents: {**_DOCUMENT, **no_vector}}
    if dimension:
        wanted |= {names.parts: {**_PART, **no_vector}, names.sentences: {**_SENTENCE, **vector}}
    for name, fields in wanted.items():
        if differ := sorted({field for field, _ in (milvus.fields(name) or {}).items() ^ fields.items()}):
            return f"{name}: {', '.join(differ)}"
    return ""


def noted(milvus: Milvus, names: SharedNames) -> Note | None:
    """Return what a shared library is; None where nothing is noted, or not in a way that is known."""
    try:
        told = json.loads(milvus.note(names.documents))
        if told.pop("format", None) != _FORMAT:
            return None
        note = Note(**told)
    except (ValueError, TypeError, AttributeError, RecursionError):
        return None
    texts = (note.library, note.embedder, note.embedder_name)
    return note if all(isinstance(text, str) for text in texts) and type(note.dimension) is int else None


# --- documents ------------------------------------------------------------------------------


def news(milvus: Milvus, names: SharedNames, known: Mapping[str, int]) -> list[Header]:
    """Return the rows of documents that writers have written above the numbers that are `known`, in their order."""
    where = [f'(writer == "{writer}" and sequence > {number})' for writer, number in sorted(known.items())]
    others = ", ".join(f'"{writer}"' for writer in sorted(known))
    where.append(f"writer not in [{others}]" if known else "sequence >= 0")
    rows = milvus.every(names.documents, " or ".join(where), list(Header.__slots__))
    headers = [header for row in rows if (header := _header(row)) is not None]
    return sorted(headers, key=lambda header: (header.writer, header.sequence))


def header_of(milvus: Milvus, names: SharedNames, identity: str) -> Header | None:
    """Return the row of a document as it is now."""
    rows = milvus.rows(names.documents, f"id == {json.dumps(identity)}", list(Header.__slots__))
    return _header(rows[0]) if rows else None


def write_header(milvus: Milvus, names: SharedNames, header: Header) -> None:
    """Write a document's row in place of the one before: now its version is what others read."""
    milvus.upsert(names.documents, [{**asdict(header), _NOTHING: _NO_VECTOR}])


def write_version(milvus: Milvus, names: SharedNames, version: str, words: str, sentences: SentenceRows) -> None:
    """Write what a version consists of; nobody reads it before a document's row names it."""
    parts = [words[at : at + _CHARACTERS] for at in range(0, len(words), _CHARACTERS)]
    rows: list[Row] = [
        {"id": f"{version}-{number}", "version": version, "number": number, "words": part, _NOTHING: _NO_VECTOR}
        for number, part in enumerate(parts)
    ]
    for at in range(0, len(rows), _PARTS):
        milvus.upsert(names.parts, rows[at : at + _PARTS])
    rows = [
        {
            "id": f"{version}-{number}",
            "version": version,
            "number": number,
            "vector": vector,
            **dict(zip(("chunk", "first", "last"), span, strict=True)),
        }
        for number, (span, vector) in enumerate(zip(sentences.spans, sentences.vectors, strict=True))
    ]
    for at in range(0, len(rows), _SENTENCES):
        milvus.upsert(names.sentences, rows[at : at + _SENTENCES])


def read_words(milvus: Milvus, names: SharedNames, version: str, characters: int) -> str:
    """Return the words of a version; fewer than there should be where it is not, or no longer, whole."""
    count = -(-characters // _CHARACTERS)
    rows = _numbered(milvus, names.parts, version, count, _PARTS, ["words"])
    return "".join(str(row["words"]) for row in rows)


def read_sentences(milvus: Milvus, names: SharedNames, version: str, count: int, dimension: int) -> SentenceRows:
    """Return the sentences of a version, as `read_words` its words."""
    rows = _numbered(milvus, names.sentences, version, count, _SENTENCES, ["chunk", "first", "last", "vector"])
    vectors: Any = [row["vector"] for row in rows]
    spans: list[Any] = [(row["chunk"], row["first"], row["last"]) for row in rows]
    return SentenceRows(tuple(spans), np.array(vectors, dtype=np.float32).reshape(len(rows), dimension))


def delete_version(milvus: Milvus, names: SharedNames, version: str) -> None:
    """Delete what nobody reads any more."""
    for collection in (names.parts, names.sentences):
        milvus.delete(collection, f"version == {json.dumps(version)}")


def _numbered(
    milvus: Milvus, collection: str, version: str, count: int, most: int, fields: Sequence[str]
) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    for at in range(0, count, most):
        where = f"version == {json.dumps(version)} and number >= {at} and number < {min(at + most, count)}"
        rows = milvus.rows(collection, where, ["number", *fields])
        found += sorted(rows, key=lambda row: int(str(row["number"])))
    return found


def _header(row: Mapping[str, object]) -> Header | None:
    """Return a row as it is used; None for one that nobody of us has written."""
    header = Header(**row)  # type: ignore[arg-type]
    texts = {name: value for name, value in row.items() if name not in ("sequence", "removed")}
    if not all(isinstance(value, str) for value in texts.values()) or type(header.sequence) is not int:
        return None
    return header if header.writer.isalnum() and header.origin.isalnum() and header.id.isalnum() else None


def _schema(client: Any, fields: Mapping[str, str], dimension: int, index: str) -> tuple[Any, Any]:
    from pymilvus import DataType

    schema, indexes = client.create_schema(auto_id=False, enable_dynamic_field=False), client.prepare_index_params()
    for name, kind in fields.items():
        how: dict[str, Any] = {"max_length": _SHORT.get(name, _MOST_BYTES)} if kind == "VARCHAR" else {}
        schema.add_field(name, DataType[kind], is_primary=name == "id", **how)
    vector = "vector" if dimension else _NOTHING
    schema.add_field(vector, DataType.FLOAT_VECTOR, dim=dimension or len(_NO_VECTOR))
    indexes.add_index(field_name=vector, index_type=index, metric_type="IP")
    return schema, indexes


def strange(milvus: Milvus, names: SharedNames, reason: str) -> StoreUnusable:
    """Return the error for collections that are not, or no longer, what was taken for a shared library."""
    return StoreUnusable(
        gettext("The collection {name} of Milvus at {place} is no shared library of Beleg's: {reason}.").format(
            name=names.documents, place=milvus.shown, reason=reason
        ),
        gettext("Give the shared library another name (--store …#NAME), or drop or rename what is there."),
    )
