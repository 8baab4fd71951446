"""What Milvus holds of a library: a collection of chunks with their words, and one of sentences with their vectors.

Both are made of what the library keeps already, and hold no text: the words of a chunk are those of its three tables
of words, in alphabetical order. A document is known by the least id of its chunks, which stays where it moves. A
sentence has its chunk's id in its own. A row with the id 0 among the chunks notes up to where the library was
followed; no chunk has that id.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from rag.errors import StoreUnusable
from rag.index.milvus_client import Milvus, Row
from rag.index.rows import Vectors, VectorState
from rag.index.schema import WORDS
from rag.localization import gettext

_FORMAT = 1  # raised when the collections change
_MOST_BYTES = 65_535  # of a VARCHAR: of a chunk with more, the words that come last in the alphabet are not found
_STATE_BYTES = 1024
_ORDINAL_BITS = 20  # of a sentence's id: its place in its chunk
_BM25 = {"bm25_k1": 1.2, "bm25_b": 0.75}  # as SQLite's
# The signs within terms that are no letters, as letters that look like them: then they stay whole in whatever way a
# text is cut into words.
_LETTERS = str.maketrans({"<": "ᐸ", ">": "ᐳ", ".": "ꞏ", "'": "ꞌ"})
_FIELDS = {"id": "INT64", "language": "VARCHAR", "document": "INT64", "state": "VARCHAR"}
_ID = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Collections:
    """The names of a library's two collections."""

    chunks: str
    sentences: str

    @classmethod
    def of(cls, library: str) -> Collections:
        """Return those of a library by its id. Raises StoreUnusable for what is none."""
        if not _ID.fullmatch(library):
            raise StoreUnusable(
                gettext("The library has no id that a collection of Milvus can be named after."),
                gettext("`beleg check` says what is damaged, `beleg restore FILE` brings back a backup."),
            )
        return cls(f"beleg_{library}", f"beleg_{library}_sentences")


@dataclass(frozen=True, slots=True)
class Chunk:
    """A chunk as it is sent: its words by field, and its sentences' vectors."""

    id: int
    document: int
    language: str
    words: Mapping[str, str]
    vectors: Sequence[Vectors]


def make(milvus: Milvus, names: Collections, state: VectorState, dimension: int) -> None:
    """Make both collections, empty, with the note that nothing has been sent."""
    # Lite cuts at white space in no way, and the graph of its own choice loses whole parts behind equal sentences.
    tokenizer, index = ("standard", "FLAT") if milvus.lite() else ("whitespace", "AUTOINDEX")
    milvus.create(names.sentences, lambda client: _sentences(client, dimension, index))
    milvus.create(names.chunks, lambda client: _chunks(client, tokenizer))
    note(milvus, names, state)


def drop(milvus: Milvus, names: Collections) -> None:
    """Drop both; the chunks, which bear the note whose they are, last."""
    milvus.drop(names.sentences)
    milvus.drop(names.chunks)


def missing(milvus: Milvus, names: Collections) -> list[str]:
    """Return the names of those that are not there."""
    return [name for name in (names.chunks, names.sentences) if milvus.fields(name) is None]


def odd(milvus: Milvus, names: Collections, dimension: int) -> str:
    """Return what about the collections is otherwise than `make` makes it, "" where nothing is."""
    words = dict.fromkeys(WORDS, "VARCHAR") | {f"{field}_bm25": "SPARSE_FLOAT_VECTOR" for field in WORDS}
    vectors = {"id": "INT64", "document": "INT64", "vector": f"FLOAT_VECTOR({dimension})"}
    for name, wanted in ((names.chunks, {**_FIELDS, **words}), (names.sentences, vectors)):
        found = (milvus.fields(name) or {}).items()
        if differ := sorted({field for field, _ in found ^ wanted.items()}):
            return f"{name}: {', '.join(differ)}"
    return ""


def noted(milvus: Milvus, names: Collections) -> VectorState | None:
    """Return up to where a library was followed; None where nothing is noted, or not in a way that is known."""
    found = milvus.rows(names.chunks, "id == 0", ["state"])
    try:
        told = json.loads(str(found[0]["state"])) if found else {}
        if told.pop("format", None) != _FORMAT:
            return None
        state = VectorState(**told)
    except (ValueError, TypeError, AttributeError):
        return None
    numbers = type(state.chunks) is int and type(state.removals) is int
    return state if numbers and isinstance(state.library, str) and isinstance(state.embedder, str) else None


def index_now(milvus: Milvus, names: Collections) -> None:
    """Have Lite index what was sent; until then each search does, ten times as slow. Servers see to it themselves."""
    if milvus.lite():
        milvus.flush(names.chunks)
        milvus.flush(names.sentences)


def note(milvus: Milvus, names: Collections, state: VectorState) -> None:
    """Note up to where a library was followed."""
    told = json.dumps({"format": _FORMAT, **asdict(state)})
    empty = dict.fromkeys(WORDS, "")
    milvus.upsert(names.chunks, [{"id": 0, "language": "", "document": 0, "state": told, **empty}])


def chunk_row(chunk: Chunk) -> Row:
    """Return the row of a chunk."""
    words = {field: _fitting(as_words(chunk.words[field].split())) for field in WORDS}
    return {"id": chunk.id, "language": chunk.language, "document": chunk.document, "state": "", **words}


def sentence_rows(chunk: Chunk) -> list[Row]:
    """Return the rows of a chunk's sentences."""
    first = chunk.id << _ORDINAL_BITS
    return [{"id": first + at, "document": chunk.document, "vector": each} for at, each in enumerate(chunk.vectors)]


def chunk_of(sentence: int) -> int:
    """Return the id of a sentence's chunk."""
    return sentence >> _ORDINAL_BITS


def delete(milvus: Milvus, names: Collections, first: int, last: int) -> None:
    """Delete the chunks with ids from `first` to `last`."""
    low, high = first << _ORDINAL_BITS, (last + 1) << _ORDINAL_BITS
    milvus.delete(names.sentences, f"id >= {low} and id < {high}")
    milvus.delete(names.chunks, f"id >= {max(1, first)} and id <= {last}")


def as_words(tokens: Iterable[str]) -> str:
    """Return terms as they are written, and asked for: in alphabetical order, repeats kept."""
    return " ".join(sorted(token.translate(_LETTERS) for token in tokens))


def _fitting(words: str) -> str:
    packed = words.encode()
    return words if len(packed) <= _MOST_BYTES else packed[:_MOST_BYTES].decode(errors="ignore").rpartition(" ")[0]


def _chunks(client: Any, tokenizer: str) -> tuple[Any, Any]:
    from pymilvus import DataType, Function, FunctionType

    schema, indexes = client.create_schema(auto_id=False, enable_dynamic_field=False), client.prepare_index_params()
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("language", DataType.VARCHAR, max_length=32)
    schema.add_field("document", DataType.INT64)
    schema.add_field("state", DataType.VARCHAR, max_length=_STATE_BYTES)
    how = {"max_length": _MOST_BYTES, "enable_analyzer": True, "analyzer_params": {"tokenizer": tokenizer}}
    for field in WORDS:
        scored = f"{field}_bm25"
        schema.add_field(field, DataType.VARCHAR, **how)
        schema.add_field(scored, DataType.SPARSE_FLOAT_VECTOR)
        schema.add_function(
            Function(
                name=field, function_type=FunctionType.BM25, input_field_names=[field], output_field_names=[scored]
            )
        )
        indexes.add_index(field_name=scored, index_type="SPARSE_INVERTED_INDEX", metric_type="BM25", params=_BM25)
    return schema, indexes


def _sentences(client: Any, dimension: int, index: str) -> tuple[Any, Any]:
    from pymilvus import DataType

    schema, indexes = client.create_schema(auto_id=False, enable_dynamic_field=False), client.prepare_index_params()
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("document", DataType.INT64)
    schema.add_field("vector", DataType.FLOAT_VECTOR, dim=dimension)
    indexes.add_index(field_name="vector", index_type=index, metric_type="IP")
    return schema, indexes
