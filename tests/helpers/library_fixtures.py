"""Libraries of a few short texts, filled without walking folders, a second embedder, and an older format."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rag.documents.chunking import split
from rag.documents.document import read
from rag.index import migrations
from rag.index.library import Library
from rag.index.preparation import prepare_document
from rag.index.schema import WORDS, make
from rag.models.embedder import Embedder, Kind, Vectors
from rag.models.embedder_ability import Abilities


def fill(library: Library, folder: Path, texts: Mapping[str, str], embedder: Embedder) -> None:
    """Write the texts, by file name, into the folder, and put them into a new library."""
    library.claim(embedder)
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
        document = read(folder / name)
        library.add(prepare_document(document, embedder))


@dataclass
class _Turned:
    """A real second embedder: another's vectors, turned around."""

    inner: Embedder
    name: str
    fingerprint: str = "other"

    @property
    def dimension(self) -> int:
        return self.inner.dimension

    @property
    def max_tokens(self) -> int:
        return self.inner.max_tokens

    @property
    def abilities(self) -> Abilities:
        return self.inner.abilities

    def encode(self, texts: Sequence[str], kind: Kind) -> Vectors:
        return np.ascontiguousarray(-self.inner.encode(texts, kind))


def other_embedder(inner: Embedder, name: str = "other") -> Embedder:
    """Return an embedder whose vectors do not compare with those of `inner`."""
    return _Turned(inner, name)


_FACTS = "id, path, name, title, date, language, text, body, pages, sha256, recipe, indexed"


def as_format(version: int, present: Path, target: Path) -> None:
    """Write a library's file as an older format was written.

    1: before passages were searched by their English words. 2: before documents had tags, and copies were known.
    3: before an index could follow what came and what left.
    """
    with closing(sqlite3.connect(target, isolation_level=None)) as db:
        db.execute("PRAGMA journal_mode = WAL")
        make(db, migrations.LIBRARY.schemas[version])
        db.execute("ATTACH ? AS present", (str(present),))
        for table, columns in (
            ("meta", "*"),
            ("documents", _FACTS if version < 3 else "*"),
            ("chunks", "*"),
            ("sentences", "*"),
        ):
            db.execute(f"INSERT INTO main.{table} SELECT {columns} FROM present.{table}")
        for table in ("stems", "pieces") if version == 1 else WORDS:
            db.execute(f"INSERT INTO main.{table} (rowid, words) SELECT rowid, words FROM present.{table}")
        if version == 1:
            db.execute("UPDATE main.documents SET recipe = 1")
        db.execute("DELETE FROM main.meta WHERE key = 'chunks'")
        db.execute("UPDATE main.meta SET value = ? WHERE key = 'format'", (str(version),))


def text_file(path: Path, words: str) -> Path:
    path.write_text(words, encoding="utf-8")
    return path


def add_file(library: Library, path: Path, embedder: Embedder) -> str:
    document = read(path)
    library.claim(embedder)
    library.add(prepare_document(document, embedder))
    return document.id


def assert_whole(library: Library) -> None:
    """Every document has all of its chunks, sentences and words, and nothing is left of others."""
    db = library._db
    assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    for entry in library.entries():
        document = library.document(entry.id)
        spans = db.execute(
            'SELECT start, "end" FROM chunks WHERE document_id = ? ORDER BY start', (entry.id,)
        ).fetchall()
        assert [(chunk.start, chunk.end) for chunk in split(document)] == spans
    chunks = {row[0] for row in db.execute("SELECT id FROM chunks")}
    assert {row[0] for row in db.execute("SELECT rowid FROM stems")} == chunks
    assert {row[0] for row in db.execute("SELECT rowid FROM pieces")} == chunks
    assert {row[0] for row in db.execute("SELECT rowid FROM glosses")} == chunks
    assert {row[0] for row in db.execute("SELECT chunk_id FROM sentences")} <= chunks
