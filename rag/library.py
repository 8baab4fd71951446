"""The library on disk: one SQLite file is the truth.

Documents, their chunks and sentences, the sentences' vectors and the words to search by
lie in one file, and a document enters, changes or leaves in one transaction. So a process
killed at any moment leaves every document whole or absent. Whatever else lies beside the
file is a cache and can be made from it.

A library belongs to the embedder it was made with: vectors of two models do not compare.
"""

from __future__ import annotations

import json
import sqlite3
import uuid
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rag.chunks import Chunk
from rag.documents import Document
from rag.embedder import Embedder, Vectors
from rag.errors import LibraryUnusable
from rag.glosses import glossed
from rag.languages import sentences, stems
from rag.lexicon import fingerprint as lexicon_fingerprint
from rag.pieces import pieces
from rag.schema import FORMAT, SCHEMA

FILE = "library.sqlite"
_MOST_KEPT = 64  # documents
_RECIPE = 2  # how text becomes chunks and words; raised, or with another lexicon, documents count as changed


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


class Library:
    """An open library. Use as a context manager; not for use by two threads at once."""

    def __init__(self, folder: Path, *, create: bool = False) -> None:
        """Open the library in `folder`; make it first, with `create`, if there is none.

        Raises LibraryUnusable when there is none, or it is damaged or of another version.
        """
        self.folder = folder
        self._documents: dict[str, tuple[tuple[str, ...], Document]] = {}
        file = folder / FILE
        if not create and not file.is_file():
            raise LibraryUnusable(f"There is no library in {folder}.", "Make one: beleg index FOLDER-OF-DOCUMENTS")
        with self._guard():
            folder.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(file, timeout=60, isolation_level=None, check_same_thread=False)
            self._db.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON;")
            if create:
                with self._transaction():
                    if not self._db.execute("SELECT 1 FROM sqlite_master WHERE name = 'meta'").fetchone():
                        self._make()
            version = self._meta("format")
        if version != str(FORMAT):
            raise LibraryUnusable(
                f"{file} is a library of format {version}; this version of Beleg reads format {FORMAT}.",
                "Index your documents anew into another library (--library).",
            )

    def _make(self) -> None:
        for statement in SCHEMA.split(";\n"):
            self._db.execute(statement)
        facts = {"format": str(FORMAT), "id": uuid.uuid4().hex, "generation": "0"}
        self._db.executemany("INSERT INTO meta VALUES (?, ?)", facts.items())

    @contextmanager
    def _guard(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise LibraryUnusable(
                f"The library in {self.folder} cannot be used: {error}.",
                "If it is damaged, move it away and index your documents anew.",
            ) from error

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._guard():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise

    def __enter__(self) -> Library:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._db.close()

    def _meta(self, key: str) -> str:
        row = self._db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return str(row[0]) if row else ""

    def _changed(self) -> None:
        self._db.execute("UPDATE meta SET value = value + 1 WHERE key = 'generation'")

    @property
    def stamp(self) -> str:
        """Names this library's present content: caches that carry another are stale."""
        with self._guard():
            return f"{self._meta('id')}-{self._meta('generation')}-{self._meta('embedder')}"

    # --- the embedder it belongs to ----------------------------------------------------

    def claim(self, embedder: Embedder) -> None:
        """Bind an empty library to `embedder`; raise LibraryUnusable if it belongs to another."""
        with self._guard():
            bound, name = self._meta("embedder"), self._meta("embedder_name")
        if bound == embedder.fingerprint:
            return
        if bound and self.count()[0]:
            rebuild = f"rebuild it: beleg --library '{self.folder}' index --rebuild"
            if name == embedder.name:
                reason = f"The files of the embedder {name}, or the lexicon, have changed since it was made;"
                raise LibraryUnusable(f"The library in {self.folder} is out of date.", f"{reason} {rebuild}")
            raise LibraryUnusable(
                f"The library in {self.folder} was made with the embedder {name}, not with {embedder.name}.",
                f"Name that one with --embedder, or {rebuild}",
            )
        with self._transaction():
            self._bind(embedder)

    def _bind(self, embedder: Embedder) -> None:
        facts = {"embedder": embedder.fingerprint, "embedder_name": embedder.name}
        self._db.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", facts.items())
        self._changed()

    # --- writing ---------------------------------------------------------------------------

    def add(self, document: Document, chunks: Sequence[Chunk], embedder: Embedder) -> None:
        """Add a document, or replace the one with its id, in one transaction."""
        spans, vectors = _embed(document, chunks, embedder)
        with self._transaction():
            self._drop(document.id)
            self._write(document, chunks, spans, vectors)
            self._changed()

    def _drop(self, document_id: str) -> None:
        ids = "SELECT id FROM chunks WHERE document_id = ?"
        for table in ("stems", "glosses", "pieces"):
            self._db.execute(f"DELETE FROM {table} WHERE rowid IN ({ids})", (document_id,))
        self._db.execute("DELETE FROM documents WHERE id = ?", (document_id,))

    def _write(
        self,
        document: Document,
        chunks: Sequence[Chunk],
        spans: Sequence[Sequence[tuple[int, int]]],
        vectors: Vectors,
    ) -> None:
        self._db.execute(
            "INSERT INTO documents VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(document.id, document.path, document.name, document.title, document.date, document.language),
                *(document.text, document.body, json.dumps(document.pages), document.sha256, _recipe()),
                datetime.now(UTC).isoformat(timespec="seconds"),
            ),
        )
        at = 0
        for chunk, row in zip(chunks, spans, strict=True):
            chunk_id = self._db.execute(
                'INSERT INTO chunks (document_id, start, "end", context, language) VALUES (?, ?, ?, ?, ?)',
                (document.id, chunk.start, chunk.end, chunk.context, chunk.language),
            ).lastrowid
            found = {
                "stems": stems(chunk.searched, chunk.language),
                "glosses": glossed(chunk.searched, chunk.language),
                "pieces": pieces(chunk.searched),
            }
            for table, tokens in found.items():
                self._db.execute(f"INSERT INTO {table} (rowid, words) VALUES (?, ?)", (chunk_id, " ".join(tokens)))
            self._db.executemany(
                'INSERT INTO sentences (chunk_id, start, "end", vector) VALUES (?, ?, ?, ?)',
                [(chunk_id, *span, vectors[at + index].tobytes()) for index, span in enumerate(row)],
            )
            at += len(row)

    def remove(self, document_id: str) -> None:
        """Remove a document and everything that came from it; one that is not there is no error."""
        with self._transaction():
            self._drop(document_id)
            self._changed()

    def move(self, document_id: str, new_id: str, path: str, name: str) -> None:
        """Give a document the id, path and name of the place its file is at now; nothing is embedded anew.

        A document that had that id before gives way. Raises LibraryUnusable if there is none with `document_id`.
        """
        with self._transaction():
            if not self._db.execute("SELECT 1 FROM documents WHERE id = ?", (document_id,)).fetchone():
                raise self._has_left()
            if new_id != document_id:
                self._drop(new_id)
            self._db.execute("PRAGMA defer_foreign_keys = ON")  # until the end of this transaction
            self._db.execute("UPDATE chunks SET document_id = ? WHERE document_id = ?", (new_id, document_id))
            facts = (new_id, path, name, document_id)
            self._db.execute("UPDATE documents SET id = ?, path = ?, name = ? WHERE id = ?", facts)
            self._changed()

    def rebuild(
        self, embedder: Embedder, split: Callable[[Document], list[Chunk]], progress: Callable[[str], None]
    ) -> int:
        """Make chunks, words and vectors anew from the texts kept here; return how many documents.

        One transaction: a rebuild that is killed has not happened.
        """
        with self._transaction():
            ids = [row[0] for row in self._db.execute("SELECT id FROM documents ORDER BY name, path")]
            for document_id in ids:
                document = self.document(document_id)
                progress(document.name)
                chunks = split(document)
                spans, vectors = _embed(document, chunks, embedder)
                self._drop(document_id)
                self._write(document, chunks, spans, vectors)
            self._bind(embedder)
        return len(ids)

    # --- reading --------------------------------------------------------------------------

    def known(self) -> dict[str, str]:
        """Return the content hash of every document, by id; "" where it must be read anew."""
        with self._guard():
            rows = self._db.execute(
                "SELECT id, CASE recipe WHEN ? THEN sha256 ELSE '' END FROM documents", (_recipe(),)
            )
            return dict(rows.fetchall())

    def entries(self) -> list[Entry]:
        """Return the list of documents, by name."""
        with self._guard():
            rows = self._db.execute(
                "SELECT id, path, name, title, date, language,"
                " (SELECT count(*) FROM chunks WHERE document_id = documents.id), length(text), indexed"
                " FROM documents ORDER BY name, path"
            )
            return [Entry(*row) for row in rows]

    def count(self) -> tuple[int, int]:
        """Return how many documents and chunks there are."""
        with self._guard():
            row = self._db.execute("SELECT (SELECT count(*) FROM documents), (SELECT count(*) FROM chunks)").fetchone()
        return int(row[0]), int(row[1])

    def languages(self) -> set[str]:
        """Return the languages that chunks are written in."""
        with self._guard():
            return {row[0] for row in self._db.execute("SELECT DISTINCT language FROM chunks")}

    def document(self, document_id: str) -> Document:
        """Return one document; raises LibraryUnusable if it has left meanwhile.

        While it does not change it is the same object, so that a long conversation holds its text once.
        """
        with self._guard():
            known = self._documents.get(document_id)
            stamp = self._db.execute(
                "SELECT indexed, sha256, path, name FROM documents WHERE id = ?", (document_id,)
            ).fetchone()
            if known is not None and known[0] == stamp:
                return known[1]
            row = self._db.execute(
                "SELECT id, path, name, title, date, language, text, body, pages, sha256 FROM documents WHERE id = ?",
                (document_id,),
            ).fetchone()
        if row is None:
            raise self._has_left()
        fields = ("id", "path", "name", "title", "date", "language", "text", "body")
        document = Document(**dict(zip(fields, row, strict=False)), pages=tuple(json.loads(row[8])), sha256=row[9])
        self._documents[document_id] = (stamp, document)
        if len(self._documents) > _MOST_KEPT:
            del self._documents[next(iter(self._documents))]
        return document

    def _has_left(self) -> LibraryUnusable:
        return LibraryUnusable(f"A document has just left the library in {self.folder}.", "Ask again.")

    def chunks(self, ids: Collection[int]) -> dict[int, tuple[str, int, int, str, str]]:
        """Return (document id, start, end, context, language) of chunks, by id."""
        with self._guard():
            rows = self._db.execute(
                'SELECT id, document_id, start, "end", context, language FROM chunks'
                " WHERE id IN (SELECT value FROM json_each(?))",
                (json.dumps(sorted(ids)),),
            )
            return {row[0]: tuple(row[1:]) for row in rows}

    def chunks_of(self, documents: Collection[str]) -> set[int]:
        """Return the ids of the chunks of documents, by document id."""
        with self._guard():
            rows = self._db.execute(
                "SELECT id FROM chunks WHERE document_id IN (SELECT value FROM json_each(?))",
                (json.dumps(sorted(documents)),),
            )
            return {row[0] for row in rows}

    def sentences(self, chunk_ids: Collection[int]) -> dict[int, list[Sentence]]:
        """Return the sentences of chunks, in order, by chunk id."""
        found: dict[int, list[Sentence]] = {chunk_id: [] for chunk_id in chunk_ids}
        with self._guard():
            rows = self._db.execute(
                'SELECT chunk_id, start, "end", vector FROM sentences'
                " WHERE chunk_id IN (SELECT value FROM json_each(?)) ORDER BY id",
                (json.dumps(sorted(chunk_ids)),),
            )
            for chunk_id, start, end, vector in rows:
                found[chunk_id].append(Sentence(start, end, np.frombuffer(vector, dtype=np.float32)))
        return found

    def vectors(self) -> tuple[NDArray[np.int64], Vectors]:
        """Return the chunk id and the vector of every sentence: shapes (n,) and (n, dimension)."""
        with self._guard():
            rows = self._db.execute("SELECT chunk_id, vector FROM sentences ORDER BY id").fetchall()
        if not rows:
            return np.zeros(0, dtype=np.int64), np.zeros((0, 1), dtype=np.float32)
        joined = np.frombuffer(b"".join(row[1] for row in rows), dtype=np.float32)
        return np.array([row[0] for row in rows], dtype=np.int64), joined.reshape(len(rows), -1)

    def lexical(
        self,
        table: str,
        tokens: Collection[str],
        most: int,
        language: str | None = None,
        documents: Collection[str] = (),
    ) -> dict[int, float]:
        """Return the BM25 score of the best chunks that hold any of `tokens`, by chunk id.

        `table` is "stems", "glosses" or "pieces". With `language`, only chunks in it are looked
        at, with `documents`, only chunks of those.
        """
        if not tokens:
            return {}
        query = " OR ".join('"' + token.replace('"', "") + '"' for token in sorted(set(tokens)))
        where = "AND rowid IN (SELECT id FROM chunks WHERE language = ?)" if language else ""
        if documents:
            where += " AND rowid IN (SELECT id FROM chunks WHERE document_id IN (SELECT value FROM json_each(?)))"
        more = [*([language] if language else []), *([json.dumps(sorted(documents))] if documents else [])]
        with self._guard():
            rows = self._db.execute(
                f"SELECT rowid, -bm25({table}) AS score FROM {table} WHERE {table} MATCH ? {where}"
                " ORDER BY score DESC, rowid LIMIT ?",
                (query, *more, most),
            )
            return {row[0]: max(0.0, row[1]) for row in rows}

    def holding(self, table: str, tokens: Collection[str]) -> dict[str, int]:
        """Return in how many chunks each of `tokens` occurs; those in none are left out."""
        with self._guard():
            rows = self._db.execute(
                f"SELECT term, doc FROM {table}_counts WHERE term IN (SELECT value FROM json_each(?))",
                (json.dumps(sorted(set(tokens))),),
            )
            return dict(rows.fetchall())


def _recipe() -> str:
    return f"{_RECIPE}-{lexicon_fingerprint()}"


def _embed(
    document: Document, chunks: Sequence[Chunk], embedder: Embedder
) -> tuple[list[list[tuple[int, int]]], Vectors]:
    """Return the sentences' spans, a list a chunk, and the vectors of all of them in that order."""
    spans = [sentences(document.text, chunk.language, max(chunk.start, document.body), chunk.end) for chunk in chunks]
    texts = [document.text[start:end] for row in spans for start, end in row]
    return spans, embedder.encode(texts, "document")
