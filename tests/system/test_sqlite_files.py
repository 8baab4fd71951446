"""Held: a file that another program is just making is waited for."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from rag.index.library import FILE, Library
from rag.system.sqlite_files import open_to_write, write_ahead


def writing(file: Path) -> sqlite3.Connection:
    """Return a connection that is about to write in the way in which nobody reads meanwhile."""
    other = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    other.execute("CREATE TABLE made (x)")
    other.execute("BEGIN IMMEDIATE")
    return other


def test_who_is_about_to_write_is_waited_for(tmp_path: Path) -> None:
    with closing(writing(tmp_path / "a.sqlite")) as other, closing(open_to_write(tmp_path / "a.sqlite", 30)) as db:
        threading.Timer(0.3, lambda: other.execute("COMMIT")).start()
        write_ahead(db, 30)
        assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_not_for_ever(tmp_path: Path) -> None:
    with (
        closing(writing(tmp_path / "a.sqlite")),
        closing(open_to_write(tmp_path / "a.sqlite", 0.1)) as db,
        pytest.raises(sqlite3.OperationalError, match="locked"),
    ):
        write_ahead(db, 0.1)


def test_a_library_that_another_program_is_just_making_is_opened(tmp_path: Path) -> None:
    (tmp_path / "library").mkdir()
    with closing(sqlite3.connect(tmp_path / "library" / FILE, isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        threading.Timer(0.3, lambda: other.execute("ROLLBACK")).start()
        with Library(tmp_path / "library", create=True) as library:
            assert library.count() == (0, 0)
