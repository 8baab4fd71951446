"""The file of a library: opened, read in snapshots, written in transactions.

One SQLite file in WAL mode is the truth. Readers and one writer work beside each other, each
reader on the state it began with. A library that may not be written is opened as it lies there.
"""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from rag.errors import LibraryUnusable, NoLibrary
from rag.index.migrations import LIBRARY, climb, library_format
from rag.index.schema import FORMAT, SCHEMA, make
from rag.localization import gettext
from rag.system.private_files import private_file, private_folder
from rag.system.sqlite_files import open_to_read, open_to_write, trouble, writable, write_ahead

FILE = "library.sqlite"
_PATIENCE = 60  # seconds that a writer waits for another


class LibraryFile:
    """An open library's file. Use as a context manager; not for use by two threads at once.

    `read_only` is whether nothing may be written; `notice` what the person should know of the
    opening, "" as a rule.
    """

    def __init__(self, folder: Path, *, create: bool = False) -> None:
        """Open the library in `folder`; with `create`, to write, and made first if there is none.

        One of an older format is brought up to date, after a copy was made of it. Raises
        NoLibrary when there is none, and LibraryUnusable when it is damaged, of a newer version,
        or, with `create`, not to be written.
        """
        self.folder = folder
        self.file = folder / FILE
        self.read_only = False
        self.notice = ""
        self._depth = 0  # of snapshots in each other
        self._as_it_was: tuple[int, ...] = ()  # of a file that SQLite takes for one that never changes
        with self._guard():
            if create:
                private_folder(folder)
                private_file(self.file)
            elif not self.file.is_file():
                raise self._none()
            self.read_only = not writable(self.file)
            if create and self.read_only:
                raise self._not_to_be_written()
            self._db = self._open()
        try:
            self._settle(create)
        except BaseException:
            self._db.close()
            raise

    def _open(self) -> sqlite3.Connection:
        if not self.read_only:
            return open_to_write(self.file, _PATIENCE)
        before = self._facts()
        db, unchanging = open_to_read(self.file, _PATIENCE)
        self._as_it_was = before if unchanging else ()
        return db

    def _settle(self, create: bool) -> None:
        """Make the tables if they are to be made, and see that they are of this format."""
        with self._guard():
            if not self.read_only:
                write_ahead(self._db, _PATIENCE)
                self._db.execute("PRAGMA synchronous = NORMAL")
            if create:
                with self._transaction():
                    if not self._db.execute("SELECT 1 FROM sqlite_master").fetchone():
                        self._make()
            if not self._db.execute("SELECT 1 FROM sqlite_master").fetchone():
                raise self._none()
            version = library_format(self._db)
            if 0 < version < FORMAT and not self.read_only:
                self.notice = climb(self.file, LIBRARY, _PATIENCE)
                version = library_format(self._db)
        if version == FORMAT:
            return
        if version > FORMAT:
            raise LibraryUnusable(
                gettext("{file} was made by a newer Beleg (format {version}; this one reads format {format}).").format(
                    file=self.file, version=version, format=FORMAT
                ),
                gettext("Update Beleg."),
            )
        if version:
            raise LibraryUnusable(
                gettext(
                    "{file} is of format {version}, and can only be read where it lies; this version of Beleg "
                    "reads format {format}."
                ).format(file=self.file, version=version, format=FORMAT),
                gettext(
                    "Copy its folder to where you may write, and open the copy (--library): that brings it up to date."
                ),
            )
        raise LibraryUnusable(
            gettext("{file} is no library of Beleg.").format(file=self.file),
            gettext("Name another folder with --library."),
        )

    def _make(self) -> None:
        make(self._db, SCHEMA)
        facts = {"format": str(FORMAT), "id": uuid.uuid4().hex, "generation": "0", "chunks": "0"}
        self._db.executemany("INSERT INTO meta VALUES (?, ?)", facts.items())

    def _facts(self) -> tuple[int, ...]:
        found = self.file.stat()
        return found.st_ino, found.st_size, found.st_mtime_ns

    # --- what goes wrong -------------------------------------------------------------------

    @contextmanager
    def _guard(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise trouble(error, gettext("The library in {folder}").format(folder=self.folder)) from error

    @contextmanager
    def _sound(self) -> Iterator[None]:
        """Turn what a damaged row makes the reading of it raise into an error that names the remedy."""
        try:
            yield
        except (ValueError, TypeError, RecursionError) as error:
            raise LibraryUnusable(
                gettext("The library in {folder} is damaged ({error}).").format(folder=self.folder, error=error),
                gettext("`beleg check` says what is damaged, `beleg restore FILE` brings back a backup."),
            ) from error

    def _none(self) -> NoLibrary:
        return NoLibrary(
            gettext("There is no library in {folder}.").format(folder=self.folder),
            gettext("Make one: beleg index FOLDER-OF-DOCUMENTS"),
        )

    def _not_to_be_written(self) -> LibraryUnusable:
        return LibraryUnusable(
            gettext("The library in {folder} can only be read: you may not write there.").format(folder=self.folder),
            gettext("Make the folder writable, or copy it to where you may write and name the copy with --library."),
        )

    # --- transactions ----------------------------------------------------------------------

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Read all that is read within from one state of the library, whatever others write meanwhile.

        Snapshots in each other are one. No writer waits for it; one that lasts keeps the file growing.
        """
        if self._db.in_transaction and not self._depth:  # within a transaction everything is of one state
            yield
            return
        if not self._depth:
            self._begin()
        self._depth += 1
        try:
            yield
        finally:
            self._depth -= 1
            if not self._depth and self._db.in_transaction:
                self._db.execute("ROLLBACK")  # nothing was written
        if not self._depth and self._as_it_was and self._facts() != self._as_it_was:
            raise LibraryUnusable(
                gettext("The library in {folder} has just been changed.").format(folder=self.folder),
                gettext("Ask again."),
            )

    def _begin(self) -> None:
        with self._guard():
            if self._as_it_was and self._facts() != self._as_it_was:
                self._db.close()
                self._db = self._open()
            self._db.execute("BEGIN")
            try:
                self._db.execute("SELECT 1 FROM meta").fetchone()  # only now is the state chosen
            except BaseException:
                self._db.execute("ROLLBACK")
                raise

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        if self.read_only:
            raise self._not_to_be_written()
        with self._guard():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._db.close()

    # --- what it is ------------------------------------------------------------------------

    def _meta(self, key: str) -> str:
        row = self._db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return str(row[0]) if row else ""

    @property
    def embedder(self) -> tuple[str, str]:
        """The fingerprint and the name of the embedder that it belongs to; "" where it is bound to none yet."""
        with self._guard():
            return self._meta("embedder"), self._meta("embedder_name")

    def _changed(self) -> None:
        self._db.execute("UPDATE meta SET value = value + 1 WHERE key = 'generation'")

    @property
    def stamp(self) -> str:
        """Names this library's present content: caches that carry another are stale."""
        with self._guard(), self.snapshot():
            return f"{self._meta('id')}-{self._meta('generation')}-{self._meta('embedder')}"
