"""Migrations: files of older formats, brought up to date where they lie.

Each step leads from one format to the next. All of them are one transaction, so a process
killed at any moment leaves the old file or the new one; and before anything is changed, a
copy of the file is made beside it.
"""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from rag.documents.document import content_digest
from rag.errors import LibraryUnusable
from rag.index.schema import FORMAT, SCHEMA, WORDS, empty_words, statements, strangers
from rag.index.search_terms import search_terms
from rag.localization import N_, gettext
from rag.system.atomic_write import atomic_write
from rag.system.sqlite_files import open_to_read, open_to_write

Step = Callable[[sqlite3.Connection], None]


@dataclass(frozen=True, slots=True)
class Ladder:
    """How files of a kind come up to the `present` format: by their old schemas, and the step from each."""

    what: str
    present: int
    schemas: Mapping[int, str]
    steps: Mapping[int, Step]
    format_of: Callable[[sqlite3.Connection], int]


def climb(file: Path, ladder: Ladder, patience: float) -> str:
    """Bring a file up to date; return what a person should know of it, "" if another program was faster.

    Raises sqlite3.Error, OSError, or LibraryUnusable for a file whose tables are not those of its
    format, and has then changed nothing.
    """
    with closing(open_to_write(file, patience)) as db:
        db.execute("PRAGMA foreign_keys = OFF")  # a table that others refer to is put in another's place
        db.execute("BEGIN IMMEDIATE")
        try:
            old = ladder.format_of(db)
            if old == ladder.present:
                return ""
            if old not in ladder.steps or (odd := strangers(db, ladder.schemas[old])):
                what = (
                    gettext("differs in {odd}").format(odd=", ".join(odd))
                    if old in ladder.steps
                    else gettext("is of format {old}").format(old=old)
                )
                raise LibraryUnusable(
                    gettext("{file} is no {what} that Beleg has made: it {differs}.").format(
                        file=file, what=gettext(ladder.what), differs=what
                    ),
                    "",
                )
            kept = _copied(file, old)
            for version in range(old, ladder.present):
                ladder.steps[version](db)
            db.execute("COMMIT")
        except (ValueError, TypeError) as error:  # what damaged rows make the steps raise
            raise LibraryUnusable(
                gettext("{file} is damaged ({error}), and stays as it is.").format(file=file, error=error),
                "`beleg check`",
            ) from error
        finally:
            if db.in_transaction:
                db.execute("ROLLBACK")
    told = gettext("The {what} of format {old} was brought up to format {new}; as it was it is kept in {file}")
    return told.format(what=gettext(ladder.what), old=old, new=ladder.present, file=kept)


def _copied(file: Path, version: int) -> Path:
    """Copy the file as it is beside it, whole or not at all; return the copy's path."""
    today = datetime.now(UTC).date().isoformat()
    names = (f"{file.stem}.format-{version}.{today}{more}{file.suffix}" for more in _numbers())
    target = next(path for name in names if not (path := file.with_name(name)).exists())
    part = target.with_name(target.name + ".part")
    with atomic_write(target, private=True, durable=True, beside=part) as unfinished:
        source, _ = open_to_read(file, 5)
        with closing(source), closing(sqlite3.connect(unfinished)) as copy:
            source.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")  # one file, without others beside it
    return target


def _numbers() -> itertools.chain[str]:
    return itertools.chain([""], (f".{number}" for number in itertools.count(2)))


# --- libraries ---------------------------------------------------------------------------------

_LIBRARY_1 = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE documents (
    id TEXT PRIMARY KEY, path TEXT NOT NULL, name TEXT NOT NULL, title TEXT NOT NULL, date TEXT,
    language TEXT NOT NULL, text TEXT NOT NULL, body INTEGER NOT NULL, pages TEXT NOT NULL,
    sha256 TEXT NOT NULL, recipe INTEGER NOT NULL, indexed TEXT NOT NULL);
CREATE TABLE chunks (
    id INTEGER PRIMARY KEY, document_id TEXT NOT NULL REFERENCES documents ON DELETE CASCADE,
    start INTEGER NOT NULL, "end" INTEGER NOT NULL, context TEXT NOT NULL, language TEXT NOT NULL);
CREATE INDEX chunks_of_document ON chunks (document_id);
CREATE TABLE sentences (
    id INTEGER PRIMARY KEY, chunk_id INTEGER NOT NULL REFERENCES chunks ON DELETE CASCADE,
    start INTEGER NOT NULL, "end" INTEGER NOT NULL, vector BLOB NOT NULL);
CREATE INDEX sentences_of_chunk ON sentences (chunk_id);
CREATE VIRTUAL TABLE stems USING fts5(words, tokenize="unicode61 remove_diacritics 0 tokenchars '.'''");
CREATE VIRTUAL TABLE pieces USING fts5(words, tokenize="unicode61 remove_diacritics 0 tokenchars '.<>'");
CREATE VIRTUAL TABLE stems_counts USING fts5vocab(stems, row);
CREATE VIRTUAL TABLE pieces_counts USING fts5vocab(pieces, row);
"""

_LIBRARY_2 = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE documents (
    id TEXT PRIMARY KEY, path TEXT NOT NULL, name TEXT NOT NULL, title TEXT NOT NULL, date TEXT,
    language TEXT NOT NULL, text TEXT NOT NULL, body INTEGER NOT NULL, pages TEXT NOT NULL,
    sha256 TEXT NOT NULL, recipe TEXT NOT NULL, indexed TEXT NOT NULL);
CREATE TABLE chunks (
    id INTEGER PRIMARY KEY, document_id TEXT NOT NULL REFERENCES documents ON DELETE CASCADE,
    start INTEGER NOT NULL, "end" INTEGER NOT NULL, context TEXT NOT NULL, language TEXT NOT NULL);
CREATE INDEX chunks_of_document ON chunks (document_id);
CREATE TABLE sentences (
    id INTEGER PRIMARY KEY, chunk_id INTEGER NOT NULL REFERENCES chunks ON DELETE CASCADE,
    start INTEGER NOT NULL, "end" INTEGER NOT NULL, vector BLOB NOT NULL);
CREATE INDEX sentences_of_chunk ON sentences (chunk_id);
CREATE VIRTUAL TABLE stems USING fts5(words, tokenize="unicode61 remove_diacritics 0 tokenchars '.'''");
CREATE VIRTUAL TABLE glosses USING fts5(words, tokenize="unicode61 remove_diacritics 0 tokenchars '.'''");
CREATE VIRTUAL TABLE pieces USING fts5(words, tokenize="unicode61 remove_diacritics 0 tokenchars '.<>'");
CREATE VIRTUAL TABLE stems_counts USING fts5vocab(stems, row);
CREATE VIRTUAL TABLE pieces_counts USING fts5vocab(pieces, row);
CREATE VIRTUAL TABLE glosses_counts USING fts5vocab(glosses, row);
"""

_LIBRARY_3 = SCHEMA.replace(
    "CREATE TABLE removed (id INTEGER PRIMARY KEY, first INTEGER NOT NULL, last INTEGER NOT NULL);\n", ""
)

_META = statements(_LIBRARY_1)[0]


def library_format(db: sqlite3.Connection) -> int:
    """Return the format of a library file; 0 if it is no library."""
    made = db.execute("SELECT sql FROM sqlite_master WHERE name = 'meta'").fetchone()
    if made is None or made[0] != _META:  # nothing else of that name is asked
        return 0
    row = db.execute("SELECT value FROM meta WHERE key = 'format'").fetchone()
    value = str(row[0]) if row else ""
    return int(value) if value.isascii() and value.isdigit() and len(value) < 10 else 0


def _to_2(db: sqlite3.Connection) -> None:
    """Passages are searched by their English words as well, and a document's recipe names the lexicon."""
    documents = next(statement for statement in statements(_LIBRARY_1) if "TABLE documents (" in statement)
    db.execute(documents.replace("documents (", "documents_2 (").replace("recipe INTEGER", "recipe TEXT"))
    db.execute("INSERT INTO documents_2 SELECT * FROM documents")
    db.execute("DROP TABLE documents")
    db.execute("ALTER TABLE documents_2 RENAME TO documents")
    empty_words(db)
    for (document_id,) in db.execute("SELECT id FROM documents").fetchall():
        text = db.execute("SELECT text FROM documents WHERE id = ?", (document_id,)).fetchone()[0]
        rows = 'SELECT id, start, "end", context, language FROM chunks WHERE document_id = ?'
        for chunk_id, start, end, context, language in db.execute(rows, (document_id,)).fetchall():
            words = f"{context}\n{text[start:end].strip()}" if context else text[start:end].strip()
            terms = search_terms(words, language)
            for table in WORDS:
                db.execute(f"INSERT INTO {table} (rowid, words) VALUES (?, ?)", (chunk_id, terms[table]))
    db.execute("UPDATE meta SET value = value + 1 WHERE key = 'generation'")
    db.execute("UPDATE meta SET value = '2' WHERE key = 'format'")


def _to_3(db: sqlite3.Connection) -> None:
    """Documents have tags, and tell the size and time of their file, what its reader left out, and copies of a text."""
    facts = "id, path, name, title, date, language, sha256, recipe, indexed, body, pages, text"
    made = {" ".join(statement.split()[1:3]): statement for statement in statements(SCHEMA)}
    db.execute(made["TABLE documents"].replace("documents (", "documents_3 ("))
    db.execute(f"INSERT INTO documents_3 ({facts}, about, content) SELECT {facts}, '{{}}', '' FROM documents")
    db.execute("DROP TABLE documents")
    db.execute("ALTER TABLE documents_3 RENAME TO documents")
    db.execute(made["INDEX documents_of_content"])
    db.execute(made["TABLE tags"])
    for (document_id,) in db.execute("SELECT id FROM documents").fetchall():
        text, body = db.execute("SELECT text, body FROM documents WHERE id = ?", (document_id,)).fetchone()
        db.execute("UPDATE documents SET content = ? WHERE id = ?", (content_digest(text[body:]), document_id))
    db.execute("UPDATE meta SET value = value + 1 WHERE key = 'generation'")
    db.execute("UPDATE meta SET value = '3' WHERE key = 'format'")


def _to_4(db: sqlite3.Connection) -> None:
    """Ids of chunks are given once, and what is removed is noted: an index can follow."""
    db.execute("CREATE TABLE removed (id INTEGER PRIMARY KEY, first INTEGER NOT NULL, last INTEGER NOT NULL)")
    db.execute("INSERT OR REPLACE INTO meta SELECT 'chunks', coalesce(max(id), 0) FROM chunks")
    db.execute("UPDATE meta SET value = value + 1 WHERE key = 'generation'")
    db.execute("UPDATE meta SET value = '4' WHERE key = 'format'")


LIBRARY = Ladder(
    N_("library"),
    FORMAT,
    {1: _LIBRARY_1, 2: _LIBRARY_2, 3: _LIBRARY_3},
    {1: _to_2, 2: _to_3, 3: _to_4},
    library_format,
)
