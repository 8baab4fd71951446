"""The tables of a file of conversations, and the steps that bring an older file up to date.

An older file is read as it is, and takes its step with the first that is written in it, in the
same transaction. The step only adds, so that no copy is made of the file before: it would
keep what a person deletes later.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping

from rag.index.schema import statements, strangers

FORMAT = 2  # the shape of the tables and of the answers in them

# A turn's id grows with time. `searched` is what the picker searches, folded.
_FORMAT_1 = """
CREATE TABLE turns (
    id INTEGER PRIMARY KEY, conversation TEXT NOT NULL, n INTEGER NOT NULL, saved TEXT NOT NULL,
    question TEXT NOT NULL, searched TEXT NOT NULL, answer TEXT NOT NULL, UNIQUE (conversation, n));
CREATE TABLE texts (sha256 TEXT PRIMARY KEY, text BLOB NOT NULL);
CREATE TABLE uses (
    turn_id INTEGER NOT NULL REFERENCES turns ON DELETE CASCADE, sha256 TEXT NOT NULL REFERENCES texts,
    PRIMARY KEY (turn_id, sha256)) WITHOUT ROWID;
CREATE INDEX uses_of_text ON uses (sha256);
"""
_NAMES = "CREATE TABLE names (conversation TEXT PRIMARY KEY, name TEXT NOT NULL) WITHOUT ROWID;\n"
SCHEMA = _FORMAT_1 + _NAMES


def _to_2(db: sqlite3.Connection) -> None:
    """Conversations can have names of a person's."""
    db.execute(statements(_NAMES)[0])
    db.execute("PRAGMA user_version = 2")


SCHEMAS: Mapping[int, str] = {1: _FORMAT_1, FORMAT: SCHEMA}
_STEPS: Mapping[int, Callable[[sqlite3.Connection], None]] = {1: _to_2}


def format_of(db: sqlite3.Connection) -> int:
    """Return the format of a file."""
    return int(db.execute("PRAGMA user_version").fetchone()[0])


def schema_of(db: sqlite3.Connection) -> str:
    """Return the tables that a file has to have, by its format."""
    return SCHEMAS.get(format_of(db), SCHEMA)


def climb(db: sqlite3.Connection) -> None:
    """Bring an older file up to date, within the caller's transaction. Raises ValueError for one with other tables."""
    while (version := format_of(db)) in _STEPS:
        if odd := strangers(db, SCHEMAS[version]):
            raise ValueError(f"it differs in {', '.join(odd)}")
        _STEPS[version](db)
