"""Files and folders that only their owner can read."""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from rag.system.private_files import private_file, private_folder, private_opener


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture(autouse=True)
def _open_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def test_a_folder_is_its_owners_and_so_are_those_made_on_the_way(tmp_path: Path) -> None:
    private_folder(tmp_path / "one" / "two")
    assert mode(tmp_path / "one") == mode(tmp_path / "one" / "two") == 0o700


def test_a_folder_that_is_there_keeps_its_mode(tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir(mode=0o775)
    private_folder(shared)
    assert mode(shared) == 0o775


def test_a_file_where_a_folder_should_be_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OSError):
        private_folder(tmp_path / "file" / "folder")
    with pytest.raises(OSError):
        private_folder(tmp_path / "file")


def test_a_file_is_made_for_its_owner_and_one_that_is_there_stays_as_it_is(tmp_path: Path) -> None:
    private_file(tmp_path / "new")
    assert mode(tmp_path / "new") == 0o600
    there = tmp_path / "there"
    there.write_text("text")
    there.chmod(0o644)
    private_file(there)
    assert there.read_text() == "text" and mode(there) == 0o644


def test_what_sqlite_writes_beside_a_private_file_is_private(tmp_path: Path) -> None:
    private_file(tmp_path / "db")
    with sqlite3.connect(tmp_path / "db") as db:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("CREATE TABLE t (x)")
        assert {mode(path) for path in tmp_path.iterdir()} == {0o600}
    db.close()


def test_a_file_opened_for_adding_is_its_owners(tmp_path: Path) -> None:
    with open(tmp_path / "log", "ab", opener=private_opener) as file:
        file.write(b"line\n")
    assert mode(tmp_path / "log") == 0o600
