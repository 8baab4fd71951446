"""The tables of a library file.

Sentences hold the vectors; the three FTS5 tables hold the words a chunk is found by, with
the chunk's id as their rowid.
"""

from __future__ import annotations

FORMAT = 2  # raised when the tables change: an older library is refused

SCHEMA = """
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
