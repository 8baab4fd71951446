"""What a library knows of the shared one that it is a copy of: a file beside it.

It says which version of each document was read or sent, up to which number each writer was read, and what is being
read or sent just now, so that whoever was killed at that goes on rightly. Without the file the library is one that
comes to be shared for the first time.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rag.localization import gettext
from rag.system.private_files import private_file
from rag.system.sqlite_files import open_to_write, trouble

FILE = "shared.sqlite"
_PATIENCE = 60  # seconds
_SCHEMA = """
CREATE TABLE IF NOT EXISTS facts (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS writers (writer TEXT PRIMARY KEY, number INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS documents (
    id TEXT PRIMARY KEY, local TEXT NOT NULL, version TEXT NOT NULL, mark TEXT NOT NULL, coming TEXT NOT NULL
) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class Known:
    """A document that is shared: its id here, the version that was read or sent, and the mark of that in the library.

    `coming` is the version that is being put into the library, "" where none is.
    """

    local: str
    version: str
    mark: str
    coming: str = ""


class Ledger:
    """The open file. Use as a context manager."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / FILE
        with self._guard():
            private_file(self._file)
            self._db = open_to_write(self._file, _PATIENCE)
            self._db.executescript(_SCHEMA)

    def __enter__(self) -> Ledger:
        return self

    def __exit__(self, *_: object) -> None:
        self._db.close()

    def fact(self, key: str) -> str:
        """Return what is noted under a name, "" where nothing is."""
        with self._guard():
            row = self._db.execute("SELECT value FROM facts WHERE key = ?", (key,)).fetchone()
        return str(row[0]) if row else ""

    def note(self, key: str, value: str) -> None:
        """Note something under a name."""
        with self._guard():
            self._db.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (key, value))

    def begin(self, **facts: str) -> None:
        """Forget all, and note these facts of what is known from now on."""
        with self._guard():
            self._db.execute("BEGIN IMMEDIATE")
            for table in ("facts", "writers", "documents"):
                self._db.execute(f"DELETE FROM {table}")
            self._db.executemany("INSERT INTO facts VALUES (?, ?)", facts.items())
            self._db.execute("COMMIT")

    def number(self) -> int:
        """Return a number for the next row that is written; none is given a second time."""
        number = int(self.fact("number") or 0) + 1
        self.note("number", str(number))
        return number

    def writers(self) -> dict[str, int]:
        """Return up to which number each writer was read."""
        with self._guard():
            return dict(self._db.execute("SELECT writer, number FROM writers").fetchall())

    def read(self, writer: str, number: int) -> None:
        """Note that a writer was read up to a number."""
        with self._guard():
            self._db.execute("INSERT OR REPLACE INTO writers VALUES (?, ?)", (writer, number))

    def documents(self) -> dict[str, Known]:
        """Return the documents that are shared, by the id that they have for all."""
        with self._guard():
            rows = self._db.execute("SELECT id, local, version, mark, coming FROM documents").fetchall()
        return {row[0]: Known(*row[1:]) for row in rows}

    def keep(self, identity: str, known: Known) -> None:
        """Note how a document is shared."""
        with self._guard():
            row = (identity, known.local, known.version, known.mark, known.coming)
            self._db.execute("INSERT OR REPLACE INTO documents VALUES (?, ?, ?, ?, ?)", row)

    def drop(self, identity: str) -> None:
        """Note that a document is shared no more."""
        with self._guard():
            self._db.execute("DELETE FROM documents WHERE id = ?", (identity,))

    @contextmanager
    def _guard(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise trouble(error, gettext("The file {file}").format(file=self._file)) from error
