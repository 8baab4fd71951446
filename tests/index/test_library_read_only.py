"""A library that may not be written is opened, listed and asked; and an error says whose fault it is."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from library_fixtures import fill

from rag.answering import assistant as road
from rag.answering.assistant import Answered, Assistant
from rag.conversations.store import Conversations, new_id
from rag.errors import LibraryUnusable
from rag.index import hybrid_search
from rag.index.library import FILE, Library
from rag.index.preparation import prepare_document
from rag.index.sqlite_store import SqliteStore
from rag.index.update import rebuild
from rag.index.vector_index import FILE as VECTORS
from rag.index.vector_index import open_index
from rag.models.embedder import Embedder
from rag.models.reader.reader import Reader
from rag.settings import Settings
from rag.system.sqlite_files import trouble

TEXTS = {
    "mill.txt": "The mill burned down on 4 May 1907. Nobody was hurt. The miller moved to Husum.",
    "ferry.txt": "The ferry sank on a stormy night. Its captain swam ashore.",
}
QUESTION = "When did the mill burn down?"
_NOBODY = 65534


@contextmanager
def without_rights(folder: Path) -> Iterator[None]:
    """Take the right to write in the folder; root, who has it everywhere, is somebody else meanwhile."""
    modes = {path: path.stat().st_mode for path in [folder, *folder.rglob("*")]}
    for path in modes:
        path.chmod(0o555 if path.is_dir() else 0o444)
    root = os.getuid() == 0
    if root:
        os.setresuid(_NOBODY, _NOBODY, 0)
    try:
        assert not os.access(folder, os.W_OK)
        yield
    finally:
        if root:
            os.setresuid(0, 0, 0)
        for path, mode in modes.items():
            path.chmod(mode)


@contextmanager
def with_rights() -> Iterator[None]:
    """Be the owner for a moment, in `without_rights`."""
    root = os.getresuid()[2] == 0
    if root:
        os.setresuid(0, 0, _NOBODY)
    yield
    if root:
        os.setresuid(_NOBODY, _NOBODY, 0)


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that others may look into, which pytest's own is not."""
    folder = Path(tempfile.mkdtemp(prefix="beleg-read-only-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def folder(place: Path, embedder: Embedder) -> Path:
    with Library(place / "library", create=True) as library:
        fill(library, place, TEXTS, embedder)
    return place / "library"


def found(library: Library, embedder: Embedder) -> list[str]:
    query = hybrid_search.prepare(QUESTION, library, embedder)
    return [passage.document.name for passage in hybrid_search.find(query, library, SqliteStore.of(library), 5)]


def test_it_is_opened_listed_searched_and_nothing_is_written_beside_it(folder: Path, embedder: Embedder) -> None:
    before = sorted(path.name for path in folder.iterdir())
    assert before == [FILE]
    with without_rights(folder):
        with Library(folder) as library:
            assert library.read_only
            library.claim(embedder)
            assert [entry.name for entry in library.entries()] == ["ferry.txt", "mill.txt"]
            assert found(library, embedder) == ["mill.txt", "ferry.txt"]
        assert sorted(path.name for path in folder.iterdir()) == before


@pytest.mark.usefixtures("vectors_in_a_file")
def test_a_question_is_answered_from_it(
    folder: Path, embedder: Embedder, reader: Reader, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(library=folder, cache=cache, threads=1)
    # The models may lie where only their owner reads.
    monkeypatch.setattr(road, "load_embedder", lambda _: embedder)
    monkeypatch.setattr(road, "load_reader", lambda *_: reader)
    with Library(folder) as library, Assistant(settings, library) as assistant:
        list(assistant.ask(QUESTION))  # so that all is imported
    (folder / VECTORS).unlink()
    with without_rights(folder), Library(folder) as library, Assistant(settings, library) as assistant:
        *_, last = assistant.ask(QUESTION)
        assert isinstance(last, Answered) and "4 May 1907" in last.answer.text


def test_all_that_writes_says_that_it_can_only_be_read(folder: Path, embedder: Embedder) -> None:
    with without_rights(folder):
        with pytest.raises(LibraryUnusable, match="only be read") as raised:
            Library(folder, create=True)
        assert "--library" in raised.value.remedy and "anew" not in str(raised.value)
        with Library(folder) as library:
            identity = library.entries()[0].id
            prepared = prepare_document(library.document(identity), embedder)
            writings: list[Callable[[], object]] = [
                lambda: library.add(prepared),
                lambda: library.remove(identity),
                lambda: library.move(identity, "new", "/new", "new"),
                lambda: rebuild(library, embedder, lambda _: None),
            ]
            for write in writings:
                with pytest.raises(LibraryUnusable, match="only be read"):
                    write()


def test_one_that_its_owner_has_open_is_read_beside_him_with_all_he_has_written(
    folder: Path, place: Path, embedder: Embedder
) -> None:
    with Library(folder) as owner:
        fill(owner, place, {"later.txt": "The mill burned down again in 1911."}, embedder)
        assert (folder / f"{FILE}-wal").stat().st_size
        with without_rights(folder), Library(folder) as library:
            assert len(library.entries()) == 3
            assert "later.txt" in found(library, embedder)


def test_changes_that_wait_beside_a_copy_are_told_and_not_overlooked(
    folder: Path, place: Path, embedder: Embedder
) -> None:
    copy = place / "copy"
    copy.mkdir()
    with Library(folder) as owner:
        fill(owner, place, {"later.txt": "The mill burned down again in 1911."}, embedder)
        for name in (FILE, f"{FILE}-wal"):
            shutil.copy(folder / name, copy / name)
    with without_rights(copy), pytest.raises(LibraryUnusable, match="last changes wait in") as raised:
        Library(copy)
    assert "--library" in raised.value.remedy
    with Library(copy) as library:
        assert len(library.entries()) == 3


def test_what_its_owner_changes_while_it_is_open_is_seen_at_the_next_question(
    folder: Path, place: Path, embedder: Embedder
) -> None:
    with without_rights(folder):
        library = Library(folder)
        assert found(library, embedder) == ["mill.txt", "ferry.txt"]
        with with_rights(), _writable(folder), Library(folder) as owner:
            fill(owner, place, {"later.txt": "The mill burned down again in 1911."}, embedder)
        with library.snapshot():
            assert "later.txt" in found(library, embedder)
        library.close()


@contextmanager
def _writable(folder: Path) -> Iterator[None]:
    folder.chmod(0o755)
    for path in folder.iterdir():
        path.chmod(0o644)
    yield
    for path in folder.iterdir():
        path.chmod(0o444)
    folder.chmod(0o555)


def test_one_that_changes_during_a_question_says_so(folder: Path) -> None:
    with (
        without_rights(folder),
        Library(folder) as library,
        pytest.raises(LibraryUnusable, match="just been changed"),
        library.snapshot(),
        with_rights(),
    ):
        os.utime(folder / FILE, ns=(1, 1))


def test_conversations_are_read_there_and_a_turn_that_cannot_be_saved_says_why(folder: Path) -> None:
    from full_answer import answer

    kept = Conversations(folder)
    identity = new_id()
    kept.save(identity, answer())
    with without_rights(folder):
        assert kept.latest() == identity and len(kept.open(identity).turns) == 1
        with pytest.raises(LibraryUnusable, match="only be read"):
            kept.save(identity, answer())


# --- what is made, and what goes wrong -------------------------------------------------------


@pytest.mark.usefixtures("vectors_in_a_file")
def test_what_is_made_is_its_owners_alone_and_a_folder_that_was_there_keeps_its_mode(
    tmp_path: Path, embedder: Embedder
) -> None:
    (tmp_path / "shared").mkdir(mode=0o755)
    for folder in (tmp_path / "deep" / "library", tmp_path / "shared"):
        with Library(folder, create=True) as library:
            fill(library, tmp_path, TEXTS, embedder)
            open_index(library)
            assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
            assert len(list(folder.iterdir())) == 4
    assert (tmp_path / "deep" / "library").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "shared").stat().st_mode & 0o777 == 0o755


def test_a_lock_that_another_program_holds_is_called_that(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.index.library_file._PATIENCE", 0.1)
    with Library(folder) as holder, holder._transaction(), Library(folder) as library:
        assert len(library.entries()) == 2
        with pytest.raises(LibraryUnusable, match="another program is writing") as raised:
            library.remove("x")
    assert "damaged" not in str(raised.value) and "anew" not in str(raised.value)


def test_a_full_disk_is_called_that_and_what_was_there_stays(folder: Path, place: Path, embedder: Embedder) -> None:
    with Library(folder) as library:
        pages = library._db.execute("PRAGMA page_count").fetchone()[0]
        library._db.execute(f"PRAGMA max_page_count = {pages}")  # SQLite's own way to say that there is no room
        with pytest.raises(LibraryUnusable, match="the disk is full") as raised:
            fill(library, place, {"long.txt": "The mill burned down in 1907. " * 100}, embedder)
        assert "Make room" in raised.value.remedy and "anew" not in str(raised.value)
        assert found(library, embedder) == ["mill.txt", "ferry.txt"]


@pytest.mark.parametrize("damage", [b"", b"not a database at all, but long enough to be one " * 40])
def test_only_a_damaged_file_is_called_damaged(folder: Path, damage: bytes) -> None:
    (folder / FILE).write_bytes(damage)
    with pytest.raises(LibraryUnusable) as raised:
        Library(folder)
    assert ("damaged" in raised.value.reason and "beleg restore" in raised.value.remedy) is bool(damage)
    assert "move it away" not in str(raised.value)


@pytest.mark.parametrize(
    ("error", "said", "remedy"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "the disk is full", "Make room"),
        (OSError(errno.EROFS, "Read-only file system"), "only be read", "--library"),
        (PermissionError(errno.EACCES, "Permission denied"), "may not be opened", "the right"),
        (OSError(errno.EIO, "Input/output error"), "the disk cannot be read", "Check the disk"),
        (NotADirectoryError(errno.ENOTDIR, "Not a directory"), "Not a directory", "folder"),
        (sqlite3.OperationalError("no such table: documents"), "no such table", "beleg check"),
    ],
)
def test_every_error_says_what_helps(error: sqlite3.Error | OSError, said: str, remedy: str) -> None:
    told = trouble(error, "The library")
    assert said in told.reason and remedy in told.remedy
    assert "anew" not in str(told)
