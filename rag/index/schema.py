"""The tables of a library file.

Sentences hold the vectors; the three FTS5 tables hold the words a chunk is found by, with
the chunk's id as their rowid. A document's text stands last in its row: what stands behind a
long text is slow to read.

An id of a chunk is never given a second time (`meta` counts them as "chunks"), and `removed` says which were
taken away, in the order in which that happened: so an index that knows up to where it has followed both can follow on.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing

FORMAT = 4  # raised when the tables change; `migrations` then learns to bring an older library up to date

WORDS = ("stems", "glosses", "pieces")  # the tables of words

SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE documents (
    id TEXT PRIMARY KEY, path TEXT NOT NULL, name TEXT NOT NULL, title TEXT NOT NULL, date TEXT,
    language TEXT NOT NULL, size INTEGER, modified INTEGER, sha256 TEXT NOT NULL, content TEXT NOT NULL,
    recipe TEXT NOT NULL, indexed TEXT NOT NULL, body INTEGER NOT NULL, about TEXT NOT NULL, pages TEXT NOT NULL,
    text TEXT NOT NULL);
CREATE INDEX documents_of_content ON documents (content);
CREATE TABLE tags (
    document_id TEXT NOT NULL REFERENCES documents ON DELETE CASCADE ON UPDATE CASCADE, tag TEXT NOT NULL,
    PRIMARY KEY (document_id, tag)) WITHOUT ROWID;
CREATE TABLE chunks (
    id INTEGER PRIMARY KEY, document_id TEXT NOT NULL REFERENCES documents ON DELETE CASCADE,
    start INTEGER NOT NULL, "end" INTEGER NOT NULL, context TEXT NOT NULL, language TEXT NOT NULL);
CREATE INDEX chunks_of_document ON chunks (document_id);
CREATE TABLE sentences (
    id INTEGER PRIMARY KEY, chunk_id INTEGER NOT NULL REFERENCES chunks ON DELETE CASCADE,
    start INTEGER NOT NULL, "end" INTEGER NOT NULL, vector BLOB NOT NULL);
CREATE INDEX sentences_of_chunk ON sentences (chunk_id);
CREATE TABLE removed (id INTEGER PRIMARY KEY, first INTEGER NOT NULL, last INTEGER NOT NULL);
CREATE VIRTUAL TABLE stems USING fts5(words, tokenize="unicode61 remove_diacritics 0 tokenchars '.'''");
CREATE VIRTUAL TABLE glosses USING fts5(words, tokenize="unicode61 remove_diacritics 0 tokenchars '.'''");
CREATE VIRTUAL TABLE pieces USING fts5(words, tokenize="unicode61 remove_diacritics 0 tokenchars '.<>'");
CREATE VIRTUAL TABLE stems_counts USING fts5vocab(stems, row);
CREATE VIRTUAL TABLE pieces_counts USING fts5vocab(pieces, row);
CREATE VIRTUAL TABLE glosses_counts USING fts5vocab(glosses, row);
"""


def statements(schema: str) -> list[str]:
    """Return the statements of a schema, each to be executed alone."""
    return schema.strip().removesuffix(";").split(";\n")


def make(db: sqlite3.Connection, schema: str) -> None:
    """Make the tables, within the caller's transaction."""
    for statement in statements(schema):
        db.execute(statement)


def empty_words(db: sqlite3.Connection) -> None:
    """Empty the tables of words, or make those that are missing; faster than deleting row by row."""
    for statement in statements(SCHEMA):
        for table in WORDS:
            if statement.startswith(f"CREATE VIRTUAL TABLE {table} "):
                db.execute(f"DROP TABLE IF EXISTS {table}")
                db.execute(statement)
            elif statement.startswith(f"CREATE VIRTUAL TABLE {table}_counts "):
                db.execute(statement.replace("CREATE VIRTUAL TABLE", "CREATE VIRTUAL TABLE IF NOT EXISTS"))


def strangers(db: sqlite3.Connection, schema: str) -> list[str]:
    """Return the names of what a file lacks, or holds otherwise or beside; [] if its schema is `schema`."""
    with closing(sqlite3.connect(":memory:")) as like:
        make(like, schema)
        wanted = _parts(like)
    found = _parts(db)
    return sorted({name for _, name, _ in found ^ wanted})


def _parts(db: sqlite3.Connection) -> set[tuple[str, str, str]]:
    # Statistics that SQLite may gather itself are no one's business.
    rows = db.execute("SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_stat_'")
    return {(str(kind), str(name), " ".join(str(sql).replace('"', "").split())) for kind, name, sql in rows}
