"""Conversations that are taken out of the file, and put back as they were.

What is taken out is overwritten in the file at once. It can be put back only from the memory
of the program that took it out, and is gone for good when that ends.
"""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

MOST_KEPT = 100_000_000  # bytes of a conversation, packed, that are kept in memory

_TURNS = "SELECT id, conversation, n, saved, question, searched, answer FROM turns WHERE conversation = ? ORDER BY n"
_USES = "SELECT turn_id, sha256 FROM uses WHERE turn_id IN (SELECT id FROM turns WHERE conversation = ?)"


@dataclass(frozen=True, slots=True)
class Deleted:
    """A conversation that was deleted, as its rows were; `last` is the id of the last turn that was left."""

    id: str
    name: str | None
    last: int
    turns: tuple[tuple[Any, ...], ...] = field(repr=False)
    uses: tuple[tuple[int, str], ...] = field(repr=False)
    texts: tuple[tuple[str, bytes], ...] = field(repr=False)


def take_out(db: sqlite3.Connection, conversation_id: str) -> Deleted | None:
    """Remove a conversation and the texts only it had need of, within the caller's transaction.

    Return what `put_back` takes; None where there was nothing, or it cannot be kept: it is
    too long, or so damaged that it cannot be read.
    """
    rows = None
    with suppress(sqlite3.OperationalError, MemoryError):  # a text that is none, and one that is longer than any
        rows = _rows(db, conversation_id)
    db.execute("DELETE FROM turns WHERE conversation = ?", (conversation_id,))
    db.execute("DELETE FROM names WHERE conversation = ?", (conversation_id,))
    db.execute("DELETE FROM texts WHERE sha256 NOT IN (SELECT sha256 FROM uses)")
    if rows is None or not rows[0]:
        return None
    (last,) = db.execute("SELECT coalesce(max(id), 0) FROM turns").fetchone()
    turns, uses, texts, name = rows
    return Deleted(conversation_id, name, last, turns, uses, texts)


def _rows(db: sqlite3.Connection, conversation_id: str) -> tuple[Any, ...] | None:
    used = "SELECT DISTINCT sha256 FROM uses JOIN turns ON turns.id = turn_id WHERE conversation = ?"
    (size,) = db.execute(
        "SELECT (SELECT total(length(CAST(answer AS BLOB)) + length(CAST(searched AS BLOB))) FROM turns"
        f" WHERE conversation = ?) + (SELECT total(length(text)) FROM texts WHERE sha256 IN ({used}))",
        (conversation_id, conversation_id),
    ).fetchone()
    if size > MOST_KEPT:
        return None
    turns = tuple(db.execute(_TURNS, (conversation_id,)))
    uses = tuple(db.execute(_USES, (conversation_id,)))
    texts = tuple(db.execute(f"SELECT sha256, text FROM texts WHERE sha256 IN ({used})", (conversation_id,)))
    named = db.execute("SELECT name FROM names WHERE conversation = ?", (conversation_id,)).fetchone()
    return turns, uses, texts, named[0] if named else None


def put_back(db: sqlite3.Connection, deleted: Deleted) -> bool:
    """Put a conversation back, within the caller's transaction; return whether it was not there already.

    Turns that were saved since come after it: those that were given its ids get others, and
    those of the same conversation, which was being gone on with, follow its last.
    """
    first = deleted.turns[0]
    same = "SELECT 1 FROM turns WHERE conversation = ? AND n = ? AND saved = ? AND answer = ?"
    if db.execute(same, (deleted.id, first[2], first[3], first[6])).fetchone():
        return False
    db.execute("PRAGMA defer_foreign_keys = ON")  # until the end of this transaction
    ids, places = [row[0] for row in deleted.turns], [row[2] for row in deleted.turns]
    by = max(ids) - deleted.last
    _move_up(db, "turns", "id", by, "id > ?", deleted.last)
    _move_up(db, "uses", "turn_id", by, "turn_id > ?", deleted.last)
    _move_up(db, "turns", "n", max(places), "conversation = ?", deleted.id)
    db.executemany("INSERT INTO turns VALUES (?, ?, ?, ?, ?, ?, ?)", deleted.turns)
    db.executemany("INSERT OR IGNORE INTO texts VALUES (?, ?)", deleted.texts)
    db.executemany("INSERT INTO uses VALUES (?, ?)", deleted.uses)
    if deleted.name is not None:
        db.execute("INSERT OR IGNORE INTO names VALUES (?, ?)", (deleted.id, deleted.name))
    return True


def _move_up(db: sqlite3.Connection, table: str, column: str, by: int, which: str, value: int | str) -> None:
    """Make the numbers of the rows `which` greater; by way of negative ones, since each is there once."""
    db.execute(f"UPDATE {table} SET {column} = -({column} + ?) WHERE {which}", (max(0, by), value))
    db.execute(f"UPDATE {table} SET {column} = -{column} WHERE {column} < 0")
