"""The texts of documents that a conversation keeps, as far as its turns name them."""

from __future__ import annotations

import sqlite3

from rag.conversations.serialization import decompressed


class KeptTexts(dict[str, str]):
    """The texts of a conversation's documents by their keys, each unpacked when a turn first names it.

    All together they are `room` bytes at most: a few kilobytes in a file that somebody else has
    made would fill any memory. Raises TooLong, KeyError, or one of DAMAGED.
    """

    def __init__(self, db: sqlite3.Connection, conversation_id: str, room: int) -> None:
        super().__init__()
        self._db = db
        self._conversation_id = conversation_id
        self._room = room

    def __missing__(self, name: str) -> str:
        row = self._db.execute(
            "SELECT text FROM texts WHERE sha256 = ? AND sha256 IN"
            " (SELECT sha256 FROM uses JOIN turns ON turns.id = turn_id WHERE conversation = ?)",
            (name, self._conversation_id),
        ).fetchone()
        if row is None:
            raise KeyError(name)
        self[name], length = decompressed(row[0], name, self._room)
        self._room -= length
        return self[name]
