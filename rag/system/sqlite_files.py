"""SQLite files: how they are opened, to write or only to read, and what their errors mean to a person."""

from __future__ import annotations

import errno
import os
import sqlite3
import time
from pathlib import Path
from urllib.parse import quote

from rag.errors import LibraryUnusable
from rag.localization import N_, gettext

_AGAIN = 0.02  # seconds
_TO_WRITE = N_("See that you may write in the folder, or copy it to where you may and name the copy with --library.")

# What SQLite, or the system, calls it; what that means; what helps. In all but the last the file is sound.
_MEANINGS = (
    (
        {"SQLITE_BUSY", "SQLITE_LOCKED", errno.EAGAIN},
        N_("another program is writing in it"),
        N_("Wait until that has ended, and try again."),
    ),
    (
        {"SQLITE_FULL", errno.ENOSPC, errno.EDQUOT},
        N_("the disk is full"),
        N_("Make room on it and try again; what was done before is kept."),
    ),
    ({"SQLITE_READONLY", errno.EROFS}, N_("it can only be read"), _TO_WRITE),
    (
        {"SQLITE_CANTOPEN", "SQLITE_PERM", "SQLITE_AUTH", errno.EACCES, errno.EPERM},
        N_("it may not be opened"),
        N_("See that you have the right to read and write the folder and the files in it."),
    ),
    (
        {"SQLITE_IOERR", errno.EIO, errno.EFBIG},
        N_("the disk cannot be read or written"),
        N_("Check the disk and how it is connected, then try again."),
    ),
    (
        {"SQLITE_CORRUPT", "SQLITE_NOTADB"},
        N_("it is damaged"),
        N_("`beleg check` says what is damaged, `beleg restore FILE` brings back a backup."),
    ),
)


def open_to_write(file: Path, patience: float) -> sqlite3.Connection:
    """Open a file that may be there or not; a writer waits `patience` seconds for another. Raises sqlite3.Error."""
    return _ready(sqlite3.connect(file, timeout=patience, isolation_level=None, check_same_thread=False))


def write_ahead(db: sqlite3.Connection, patience: float) -> None:
    """Let a file be read while it is written (WAL). Raises sqlite3.Error after `patience` seconds of others' writing.

    SQLite waits for no one here who is about to write in the other way, as one is who makes the file just now.
    """
    until = time.monotonic() + patience
    while True:
        try:
            db.execute("PRAGMA journal_mode = WAL").fetchone()
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorname != "SQLITE_BUSY" or time.monotonic() > until:
                raise
            time.sleep(_AGAIN)


def open_to_read(file: Path, patience: float) -> tuple[sqlite3.Connection, bool]:
    """Open a file that is there, without a right to write; return whether SQLite takes it for one that never changes.

    It does where not even the files can be made through which readers and writers know of
    each other: the caller sees to it that the file is still the one it was.
    Raises sqlite3.Error, and LibraryUnusable where changes wait beside the file that cannot be read there.
    """
    place = f"file:{quote(os.fsencode(file))}?mode=ro"
    db = sqlite3.connect(place, timeout=patience, isolation_level=None, check_same_thread=False, uri=True)
    try:
        return _ready(db), False
    except sqlite3.OperationalError:
        db.close()
        if os.access(file.parent, os.W_OK):
            raise
    waiting = file.with_name(file.name + "-wal")
    if waiting.exists() and waiting.stat().st_size:
        raise LibraryUnusable(
            gettext(
                "{file} was in use when it was copied: its last changes wait in {name}, and nothing may be "
                "written in that folder."
            ).format(file=file, name=waiting.name),
            gettext("Copy the folder to where you may write, and name the copy with --library."),
        )
    place += "&immutable=1"
    return _ready(sqlite3.connect(place, isolation_level=None, check_same_thread=False, uri=True)), True


def _ready(db: sqlite3.Connection) -> sqlite3.Connection:
    try:
        # What a damaged or foreign file holds beside tables is not run.
        db.execute("PRAGMA trusted_schema = OFF")
        db.execute("PRAGMA cell_size_check = ON")
        db.execute("PRAGMA foreign_keys = ON")
        db.execute("SELECT 1 FROM sqlite_master").fetchone()
    except BaseException:
        db.close()
        raise
    return db


def there(file: Path) -> bool:
    """Whether there is a file. Raises LibraryUnusable where its folder may not be looked into."""
    try:
        return file.is_file()
    except OSError as error:
        raise trouble(error, str(file)) from error


def writable(file: Path) -> bool:
    """Whether this process may write a file and what SQLite keeps beside it."""
    return os.access(file, os.W_OK) and os.access(file.parent, os.W_OK)


def trouble(error: sqlite3.Error | OSError, what: str) -> LibraryUnusable:
    """Return what a person is told where `what` cannot be used: whose fault it is, and what helps."""
    found = getattr(error, "sqlite_errorname", "") if isinstance(error, sqlite3.Error) else error.errno
    for names, meaning, remedy in _MEANINGS:
        if found in names or any(str(found).startswith(f"{name}_") for name in names):
            return LibraryUnusable(
                gettext("{what} cannot be used: {meaning} ({error}).").format(
                    what=what, meaning=gettext(meaning), error=error
                ),
                gettext(remedy),
            )
    if isinstance(error, OSError):
        return LibraryUnusable(
            gettext("{what} cannot be used: {error}.").format(what=what, error=error),
            gettext("See that the folder is one.") + " " + gettext(_TO_WRITE),
        )
    return LibraryUnusable(
        gettext("{what} cannot be used: {error}.").format(what=what, error=error),
        gettext("`beleg check` says whether it is damaged."),
    )


def damaged(error: sqlite3.Error) -> bool:
    """Whether the file is at fault, and not what is around it."""
    name = getattr(error, "sqlite_errorname", "SQLITE_ERROR")
    around = {str(known) for names, *_ in _MEANINGS[:-1] for known in names}
    return not any(name == known or name.startswith(f"{known}_") for known in around)
