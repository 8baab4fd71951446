"""A library copied to another folder, as it is at one moment; whatever asks it meanwhile goes on.

The copy is a library of its own: it has another id, so that caches and stores of the first are not taken for its own.
"""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
import uuid
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from rag.conversations import store
from rag.errors import LibraryUnusable, UsageError
from rag.index import library
from rag.localization import gettext
from rag.system.private_files import private_file, private_folder
from rag.system.sqlite_files import open_to_read, open_to_write, there, trouble

_PATIENCE = 60.0  # seconds that a writer is waited for


@dataclass(frozen=True, slots=True)
class Copied:
    """How many documents and passages a copy holds, and its size in bytes."""

    documents: int
    passages: int
    size: int


def copy(folder: Path, target: Path) -> Copied:
    """Copy the library in `folder`, and its conversations, to the folder `target`, whole or not at all.

    Raises UsageError where there is a library already, LibraryUnusable where it cannot be read or written.
    """
    if any(there(target / name) for name in (library.FILE, store.FILE)):
        raise UsageError(
            gettext("There is a library in {folder} already.").format(folder=target),
            gettext("Name another folder; a copy takes no other's place."),
        )
    made: list[Path] = []
    try:
        private_folder(target)
        place = Path(tempfile.mkdtemp(dir=target, prefix=".beleg-"))
        try:
            for name in (store.FILE, library.FILE):  # the library last: what is there then is whole
                if there(folder / name):
                    made.append(_copied(folder / name, place / name))
            counts = _made_its_own(place / library.FILE)
            for file in made:
                file.replace(target / file.name)
        finally:
            shutil.rmtree(place, ignore_errors=True)
    except (sqlite3.Error, OSError) as error:
        told = trouble(error, gettext("The copy in {folder}").format(folder=target))
        raise LibraryUnusable(told.reason, gettext("Name a folder where you may write and there is room.")) from error
    return Copied(*counts, sum((target / file.name).stat().st_size for file in made))


def _copied(source: Path, target: Path) -> Path:
    private_file(target)
    try:
        db, _ = open_to_read(source, _PATIENCE)
        with closing(db):
            db.execute("VACUUM INTO ?", (str(target),))
    except sqlite3.Error as error:
        if source.exists() and target.stat().st_size == 0:
            raise trouble(error, str(source)) from error
        raise
    return target


def _made_its_own(file: Path) -> tuple[int, int]:
    """Give a library another id; return how many documents and passages it holds."""
    with closing(open_to_write(file, _PATIENCE)) as db:
        with db:
            db.execute("UPDATE meta SET value = ? WHERE key = 'id'", (uuid.uuid4().hex,))
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        counts = "SELECT (SELECT count(*) FROM documents), (SELECT count(*) FROM chunks)"
        documents, passages = db.execute(counts).fetchone()
    return int(documents), int(passages)
