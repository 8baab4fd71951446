"""Rebuilding for another embedder: beside what others read and write, and in place at one moment or never."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from library_fixtures import fill, other_embedder
from project import HELPERS

from rag.documents.document import read
from rag.errors import LibraryUnusable
from rag.index.library import Library
from rag.index.preparation import prepare_document
from rag.index.update import rebuild
from rag.models.embedder import Embedder

TEXTS = {f"{name}.txt": f"The {name} burned down in 1907. Nobody was hurt." for name in ("mill", "ferry", "organ")}


@pytest.fixture
def library(tmp_path: Path, embedder: Embedder) -> Iterator[Library]:
    with Library(tmp_path / "library", create=True) as library:
        fill(library, tmp_path, TEXTS, embedder)
        yield library


def vectors(library: Library) -> dict[str, list[np.ndarray]]:  # type: ignore[type-arg]
    """The vectors of each document, by its text."""
    found = {}
    for entry in library.entries():
        rows = library.sentences(library.chunks_of([entry.id]))
        found[library.document(entry.id).text] = [row.vector for one in sorted(rows) for row in rows[one]]
    return found


def of_embedder(library: Library, embedder: Embedder) -> bool:
    """Whether every sentence has the vector that the embedder gives it, and its words are found."""
    for entry in library.entries():
        document = library.document(entry.id)
        rows = library.sentences(library.chunks_of([entry.id]))
        kept = [row for one in sorted(rows) for row in rows[one]]
        texts = [document.text[row.start : row.end] for row in kept]
        if not np.allclose(embedder.encode(texts, "document"), [row.vector for row in kept], atol=1e-4):
            return False
        if not set(rows) <= set(library.lexical("pieces", ["<bur", "<dow", "<fel"], 100)):
            return False
    db = library._db
    assert db.execute("PRAGMA foreign_key_check").fetchall() == []
    for table in ("stems", "glosses", "pieces"):
        assert set(db.execute(f"SELECT rowid FROM {table}")) == set(db.execute("SELECT id FROM chunks"))
    return True


def rebuilt_while(library: Library, embedder: Embedder, work: Callable[[str], None]) -> int:
    """Rebuild for another embedder; `work` is done, with its name, before each document."""
    return rebuild(library, other_embedder(embedder), work)


def test_readers_and_writers_work_while_it_embeds(tmp_path: Path, library: Library, embedder: Embedder) -> None:
    waits = sqlite3.connect(tmp_path / "library" / "library.sqlite", timeout=0, isolation_level=None)
    seen: list[str] = []

    def work(name: str) -> None:
        with Library(tmp_path / "library") as reader:
            assert of_embedder(reader, embedder)
        waits.execute("BEGIN IMMEDIATE")  # raises at once where another holds the lock
        waits.execute("ROLLBACK")
        seen.append(name)

    assert rebuilt_while(library, embedder, work) == 3
    waits.close()
    assert seen == sorted(TEXTS)
    assert of_embedder(library, other_embedder(embedder))


def test_documents_that_change_come_or_go_meanwhile_are_in_it_as_they_are_at_its_end(
    tmp_path: Path, library: Library, embedder: Embedder
) -> None:
    by_name = {entry.name: entry.id for entry in library.entries()}
    steps = iter(["mill.txt changed", "mill.txt gone", "new.txt changed", "ferry.txt changed", "organ.txt moved"])

    def work(_: str) -> None:
        step = next(steps, "")
        if not step:
            return
        file = tmp_path / step.split()[0]
        with Library(tmp_path / "library") as other:
            if step.endswith("changed"):
                file.write_text(f"The {file.stem} fell down in 1911. Nobody was hurt. It was a day in May.", "utf-8")
                document = read(file)
                other.add(prepare_document(document, embedder))
            elif step.endswith("gone"):
                other.remove(by_name[file.name])
            else:
                other.move(by_name[file.name], "moved", "/moved.txt", "moved.txt")

    assert rebuilt_while(library, embedder, work) == 3
    assert next(steps, "none left") == "none left"
    assert [entry.name for entry in library.entries()] == ["ferry.txt", "moved.txt", "new.txt"]
    assert library.document(by_name["ferry.txt"]).text.startswith("The ferry fell down in 1911.")
    assert of_embedder(library, other_embedder(embedder))


def test_a_document_that_changes_back_to_what_it_was_is_made_as_it_is(
    tmp_path: Path, library: Library, embedder: Embedder
) -> None:
    before = {text: len(rows) for text, rows in vectors(library).items()}

    def work(name: str) -> None:
        with Library(tmp_path / "library") as other:
            fill(other, tmp_path, {name: TEXTS[name]}, embedder)

    # Each is replaced by the same text, over and over: its state is the same within a second, so that this ends.
    calls = iter(range(6))
    rebuilt_while(library, embedder, lambda name: work(name) if next(calls, None) is not None else None)
    assert {text: len(rows) for text, rows in vectors(library).items()} == before
    assert of_embedder(library, other_embedder(embedder))


def test_one_that_fails_or_is_stopped_has_not_happened_and_leaves_nothing(
    tmp_path: Path, library: Library, embedder: Embedder
) -> None:
    stamp = library.stamp
    files = sorted(path.name for path in (tmp_path / "library").iterdir())

    def work(name: str) -> None:
        if name == "organ.txt":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rebuilt_while(library, embedder, work)
    assert library.stamp == stamp and of_embedder(library, embedder)
    assert sorted(path.name for path in (tmp_path / "library").iterdir()) == files
    assert rebuilt_while(library, embedder, lambda _: None) == 3


def test_its_stamp_is_another_and_a_library_that_can_only_be_read_refuses_it(
    library: Library, embedder: Embedder
) -> None:
    stamp = library.stamp
    rebuilt_while(library, embedder, lambda _: None)
    assert library.stamp != stamp
    library.read_only = True
    with pytest.raises(LibraryUnusable, match="only be read"):
        rebuilt_while(library, embedder, lambda _: None)


_REBUILDING = """
import sys
from pathlib import Path
from rag.index.library import Library
from rag.index.update import rebuild
from rag.models.bundled import load_embedder
from rag.settings import load
sys.path.insert(0, sys.argv[3])
from library_fixtures import other_embedder
embedder = other_embedder(load_embedder(load({"cache": sys.argv[1]})))
with Library(Path(sys.argv[2])) as library:
    swap = library._swap
    def swapping(embedder):
        print("swap", flush=True)
        swap(embedder)
        print("swapped", flush=True)
        sys.stdin.readline()
    library._swap = swapping
    rebuild(library, embedder, lambda name: print(name, flush=True))
    print("done", flush=True)
"""


@pytest.mark.parametrize("at", ["ferry.txt", "organ.txt", "swap", "swapped"])
def test_one_that_is_killed_has_not_happened(
    at: str, tmp_path: Path, library: Library, embedder: Embedder, cache: Path
) -> None:
    stamp = library.stamp
    command = [sys.executable, "-c", _REBUILDING, str(cache), str(tmp_path / "library"), str(HELPERS)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        while process.stdout.readline() != f"{at}\n":
            assert process.poll() is None
        os.kill(process.pid, signal.SIGKILL)
    with Library(tmp_path / "library") as after:
        assert after._db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert after.stamp == stamp
        assert of_embedder(after, embedder)
    assert {path.name for path in (tmp_path / "library").iterdir()} <= {
        *("library.sqlite", "library.sqlite-wal", "library.sqlite-shm"),
    }
