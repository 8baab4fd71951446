"""The library on disk: one SQLite file is the truth.

Documents, their chunks and sentences, the sentences' vectors and the words to search by
lie in one file, and a document enters, changes, moves or leaves in one transaction. So a
process killed at any moment leaves every document whole or absent. Whatever else lies beside
the file is a cache and can be made from it.

A library belongs to the embedder it was made with: vectors of two models do not compare.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from rag.documents.document import Document
from rag.documents.tags import MOST, united, without
from rag.errors import LibraryUnusable, UsageError
from rag.index.library_file import FILE
from rag.index.library_reader import LibraryReader
from rag.index.rows import EmbedderIdentity, Entry, Prepared, PreparedChunk, Sentence, packed_about
from rag.index.schema import WORDS, empty_words
from rag.localization import gettext
from rag.text.sanitize import plain

__all__ = ["FILE", "Entry", "Library", "Sentence"]

# What a rebuild makes beside the library: in a file that only its own connection sees, and that is gone with it.
_BESIDE = """
CREATE TEMP TABLE made (
    document_id TEXT PRIMARY KEY, state TEXT NOT NULL, recipe TEXT NOT NULL, content TEXT NOT NULL);
CREATE TEMP TABLE made_chunks (
    id INTEGER PRIMARY KEY, document_id TEXT NOT NULL, start INTEGER, "end" INTEGER, context TEXT, language TEXT,
    stems TEXT, glosses TEXT, pieces TEXT);
CREATE INDEX made_chunks_of_document ON made_chunks (document_id);
CREATE TEMP TABLE made_sentences (
    id INTEGER PRIMARY KEY, chunk_id INTEGER NOT NULL, start INTEGER, "end" INTEGER, vector BLOB);
CREATE INDEX made_sentences_of_chunk ON made_sentences (chunk_id);
"""
_STATE = "sha256 || ' ' || indexed"  # of a document: another if its text was read anew


class Library(LibraryReader):
    """An open library, read and written. Use as a context manager; not for use by two threads at once."""

    # --- the embedder it belongs to ----------------------------------------------------

    def claim(self, embedder: EmbedderIdentity) -> None:
        """Bind an empty library to `embedder`; raise LibraryUnusable if it belongs to another."""
        with self.snapshot():
            bound, empty = self._belongs_to(embedder), not self.count()[0]
            if bound or (empty and self.read_only):
                return
            if not empty:
                raise self._of_another(embedder)
        with self._transaction():
            self._claimed(embedder)

    def refuse_other(self, embedder: EmbedderIdentity) -> None:
        """Raise LibraryUnusable if it belongs to another embedder than this; an empty one is not bound to it."""
        with self.snapshot():
            if not self._belongs_to(embedder) and self.count()[0]:
                raise self._of_another(embedder)

    def confirm(self, embedder: EmbedderIdentity) -> None:
        """Raise LibraryUnusable if it no longer belongs to `embedder`, for which it was opened."""
        with self.snapshot():
            if not self._belongs_to(embedder):
                raise LibraryUnusable(
                    gettext(
                        "The library in {folder} was rebuilt meanwhile with the embedder {other}, not {name}."
                    ).format(folder=self.folder, other=self._bound_name(), name=embedder.name),
                    gettext("Start Beleg anew with that one, or rebuild it for this one: {command}").format(
                        command=self._rebuild_command
                    ),
                )

    def _belongs_to(self, embedder: EmbedderIdentity) -> bool:
        with self._guard():
            return self._meta("embedder") == embedder.fingerprint

    def _bound_name(self) -> str:
        return plain(self._meta("embedder_name")) or "of another name"

    @property
    def _rebuild_command(self) -> str:
        return f"beleg --library '{self.folder}' index --rebuild"

    def _of_another(self, embedder: EmbedderIdentity) -> LibraryUnusable:
        name = self._bound_name()
        if name == embedder.name:
            return LibraryUnusable(
                gettext("The library in {folder} is out of date.").format(folder=self.folder),
                gettext(
                    "The files of the embedder {name}, or the lexicon, have changed since it was made; rebuild "
                    "it: {command}"
                ).format(name=name, command=self._rebuild_command),
            )
        return LibraryUnusable(
            gettext("The library in {folder} was made with the embedder {name}, not with {wanted}.").format(
                folder=self.folder, name=name, wanted=embedder.name
            ),
            gettext("Name that one with --embedder, or rebuild it: {command}").format(command=self._rebuild_command),
        )

    def _claimed(self, embedder: EmbedderIdentity) -> None:
        """Do what `claim` does, within a transaction: nobody else can bind it between."""
        if self._belongs_to(embedder):
            return
        if self.count()[0]:
            raise self._of_another(embedder)
        self._bind(embedder)

    def _bind(self, embedder: EmbedderIdentity) -> None:
        facts = {"embedder": embedder.fingerprint, "embedder_name": embedder.name}
        self._db.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", facts.items())
        self._changed()

    # --- writing ---------------------------------------------------------------------------

    def add(self, prepared: Prepared, tags: Collection[str] = ()) -> None:
        """Add a document, or replace the one with its id, in one transaction.

        `tags` are a person's, beside those that it was given before.

        Raises LibraryUnusable, and writes nothing, if the library belongs to another embedder by then.
        """
        with self._transaction():
            self._claimed(prepared.embedder)
            before = self.tags_given(prepared.document.id)
            self._drop(prepared.document.id)
            self._write(prepared)
            self._give(prepared.document.id, united(before, tags))
            self._changed()

    def _drop(self, document_id: str) -> None:
        # A document's chunks were written in one transaction: nothing of another is between them.
        span = "SELECT min(id), max(id) FROM chunks WHERE document_id = ? HAVING count(*)"
        self._db.execute(f"INSERT INTO removed (first, last) {span}", (document_id,))
        ids = "SELECT id FROM chunks WHERE document_id = ?"
        for table in WORDS:
            self._db.execute(f"DELETE FROM {table} WHERE rowid IN ({ids})", (document_id,))
        self._db.execute("DELETE FROM documents WHERE id = ?", (document_id,))

    def _write(self, prepared: Prepared) -> None:
        document = prepared.document
        self._db.execute(
            "INSERT INTO documents VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(document.id, document.path, document.name, document.title, document.date, document.language),
                *(document.size, document.modified, document.sha256, document.content, prepared.recipe),
                *(datetime.now(UTC).isoformat(timespec="seconds"), document.body, packed_about(document)),
                *(json.dumps(document.pages), document.text),
            ),
        )
        first = int(self._meta("chunks")) + 1
        for chunk_id, row in enumerate(prepared.chunks, first):
            self._db.execute("INSERT INTO chunks VALUES (?, ?, ?, ?, ?, ?)", (chunk_id, *_facts(row)))
            for table in WORDS:
                self._db.execute(f"INSERT INTO {table} (rowid, words) VALUES (?, ?)", (chunk_id, row.terms[table]))
            self._db.executemany(
                'INSERT INTO sentences (chunk_id, start, "end", vector) VALUES (?, ?, ?, ?)',
                [(chunk_id, *sentence) for sentence in _sentences(row)],
            )
        self._given(len(prepared.chunks))

    def _given(self, chunks: int) -> None:
        """Note that so many ids of chunks were given."""
        self._db.execute("UPDATE meta SET value = value + ? WHERE key = 'chunks'", (chunks,))

    def remove(self, document_id: str) -> None:
        """Remove a document and everything that came from it; one that is not there is no error."""
        with self._transaction():
            self._drop(document_id)
            self._changed()

    def move(self, document_id: str, new_id: str, path: str, name: str) -> bool:
        """Give a document the id, path and name of the place its file is at now; nothing is embedded anew.

        A document that had that id before gives way. Return whether there is one with `document_id`: it may
        have left, or been moved by another program.
        """
        with self._transaction():
            if not self._db.execute("SELECT 1 FROM documents WHERE id = ?", (document_id,)).fetchone():
                return False
            if new_id != document_id:
                self._drop(new_id)
            self._db.execute("PRAGMA defer_foreign_keys = ON")  # until the end of this transaction
            self._db.execute("UPDATE chunks SET document_id = ? WHERE document_id = ?", (new_id, document_id))
            facts = (new_id, path, name, document_id)
            self._db.execute("UPDATE documents SET id = ?, path = ?, name = ? WHERE id = ?", facts)
            self._changed()
        return True

    def touch(self, document_id: str, size: int | None, modified: int | None) -> None:
        """Note the size and time of a document's file that was found to hold the same; that is no change of content."""
        with self._transaction():
            facts = (size, modified, document_id)
            self._db.execute("UPDATE documents SET size = ?, modified = ? WHERE id = ?", facts)

    def tag(self, documents: Iterable[str], add: Collection[str] = (), remove: Collection[str] = ()) -> int:
        """Give documents, by id, tags of a person's, and take some away; return how many it changed.

        One that is not there is no error. Raises UsageError, and changes nothing, where one would have too many.
        """
        changed = 0
        with self._transaction():
            there = {row[0] for row in self._db.execute("SELECT id FROM documents")}
            for document_id in {*documents} & there:
                before = self.tags_given(document_id)
                changed += self._give(document_id, without(united(before, add), remove)) != before
            if changed:
                self._changed()
        return changed

    def tags_given(self, document_id: str) -> tuple[str, ...]:
        """Return the tags that a person has given a document, beside those of its file."""
        with self._guard():
            rows = self._db.execute("SELECT CAST(tag AS TEXT) FROM tags WHERE document_id = ?", (document_id,))
            return united(row[0] for row in rows)

    def _give(self, document_id: str, tags: tuple[str, ...]) -> tuple[str, ...]:
        """Give a document these tags in place of those that a person has given it, and return them."""
        if len(tags) > MOST:
            raise UsageError(
                gettext("A document would have {n} tags; {most} are the most.").format(n=len(tags), most=MOST),
                gettext("Take some away before."),
            )
        self._db.execute("DELETE FROM tags WHERE document_id = ?", (document_id,))
        self._db.executemany("INSERT INTO tags VALUES (?, ?)", [(document_id, tag) for tag in tags])
        return tags

    def known(self, recipe: str) -> dict[str, str]:
        """Return the content hash of every document, by id; "" where it was made by another recipe than this."""
        return {identity: sha256 if made == recipe else "" for identity, (sha256, made) in self.made_of().items()}

    def made_of(self) -> dict[str, tuple[str, str]]:
        """Return the content hash of every document's file, and the recipe that it was made by, by id."""
        with self._guard():
            rows = self._db.execute("SELECT id, sha256, recipe FROM documents").fetchall()
            return {row[0]: (row[1], row[2]) for row in rows}

    # --- making all of it anew ---------------------------------------------------------------

    def rebuild(
        self, embedder: EmbedderIdentity, prepare: Callable[[Document], Prepared], progress: Callable[[str], None]
    ) -> int:
        """Write what `prepare` makes of the texts kept here in place of all there is; return how many documents.

        `embedder` is the one that it makes vectors with, and to which the library belongs then. They are
        made beside the library, which others read and write meanwhile, and then take the place of the old
        ones in one transaction. A rebuild that is killed has not happened.
        """
        if self.read_only:
            raise self._not_to_be_written()
        with self._beside():
            while True:
                for document_id in self._unmade():
                    self._make_beside(document_id, prepare, progress)
                with self._transaction():
                    if not self._unmade():  # nothing has come or changed since; and nothing can now
                        self._swap(embedder)
                        return self.count()[0]

    @contextmanager
    def _beside(self) -> Iterator[None]:
        with self._guard():
            self._db.executescript(_BESIDE)
        try:
            yield
        finally:
            with self._guard():
                for table in ("made", "made_chunks", "made_sentences"):
                    self._db.execute(f"DROP TABLE temp.{table}")

    def _unmade(self) -> list[str]:
        """Return the ids of the documents of which nothing, or what is out of date, was made beside."""
        with self._guard():
            rows = self._db.execute(
                f"SELECT id FROM documents LEFT JOIN made ON document_id = id WHERE state IS NOT {_STATE}"
                " ORDER BY name, path"
            )
            return [row[0] for row in rows.fetchall()]

    def _make_beside(
        self, document_id: str, prepare: Callable[[Document], Prepared], progress: Callable[[str], None]
    ) -> None:
        with self._guard(), self.snapshot():
            found = self._db.execute(f"SELECT {_STATE} FROM documents WHERE id = ?", (document_id,)).fetchone()
            if found is None:
                return  # it has left meanwhile
            document = self.document(document_id)
        progress(document.name)
        prepared = prepare(document)
        with self._guard():
            self._drop_beside(document_id)
            for row in prepared.chunks:
                chunk_id = self._db.execute(
                    'INSERT INTO made_chunks (document_id, start, "end", context, language, stems, glosses, pieces)'
                    " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                    (*_facts(row), *(row.terms[table] for table in WORDS)),
                ).lastrowid
                self._db.executemany(
                    'INSERT INTO made_sentences (chunk_id, start, "end", vector) VALUES (?, ?, ?, ?)',
                    [(chunk_id, *sentence) for sentence in _sentences(row)],
                )
            facts = (document_id, found[0], prepared.recipe, document.content)
            self._db.execute("INSERT INTO made VALUES (?, ?, ?, ?)", facts)

    def _drop_beside(self, document_id: str) -> None:
        chunks = "SELECT id FROM made_chunks WHERE document_id = ?"
        self._db.execute(f"DELETE FROM made_sentences WHERE chunk_id IN ({chunks})", (document_id,))
        self._db.execute("DELETE FROM made_chunks WHERE document_id = ?", (document_id,))
        self._db.execute("DELETE FROM made WHERE document_id = ?", (document_id,))

    def _swap(self, embedder: EmbedderIdentity) -> None:
        """Put what was made beside in the place of what there is, within a transaction."""
        gone = "SELECT document_id FROM made WHERE document_id NOT IN (SELECT id FROM documents)"
        for (document_id,) in self._db.execute(gone).fetchall():
            self._drop_beside(document_id)
        self._db.execute("DELETE FROM tags WHERE document_id NOT IN (SELECT id FROM documents)")
        self._db.execute("DELETE FROM sentences")
        self._db.execute("DELETE FROM chunks")
        empty_words(self._db)
        given = int(self._meta("chunks"))
        facts = 'id + ?, document_id, start, "end", context, language'
        self._db.execute(f"INSERT INTO chunks SELECT {facts} FROM made_chunks", (given,))
        for table in WORDS:
            self._db.execute(f"INSERT INTO {table} (rowid, words) SELECT id + ?, {table} FROM made_chunks", (given,))
        facts = 'id, chunk_id + ?, start, "end", vector'
        self._db.execute(f"INSERT INTO sentences SELECT {facts} FROM made_sentences", (given,))
        self._db.execute("INSERT INTO removed (first, last) VALUES (1, ?)", (given,))
        self._given(self._db.execute("SELECT coalesce(max(id), 0) FROM made_chunks").fetchone()[0])
        made = "SELECT recipe, content FROM made WHERE document_id = id"
        self._db.execute(f"UPDATE documents SET (recipe, content) = ({made})")
        self._bind(embedder)


def _facts(row: PreparedChunk) -> tuple[str, int, int, str, str]:
    chunk = row.chunk
    return chunk.document_id, chunk.start, chunk.end, chunk.context, chunk.language


def _sentences(row: PreparedChunk) -> list[tuple[int, int, bytes]]:
    return [(*span, vector.tobytes()) for span, vector in zip(row.sentences, row.vectors, strict=True)]
