"""Held: documents that workers make are, to the bit, those that are made here, whatever becomes of a worker."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from worker_processes import kill_one

from rag.distributed.document_maker import Identity, making_elsewhere
from rag.distributed.workers import Connected
from rag.documents.discovery import Source
from rag.errors import WorkersUnavailable
from rag.index.library import FILE, Library
from rag.index.update import index
from rag.models.embedder import Embedder

TEXT = "The {n}th lock of the canal was built in 18{n:02}. It lifts boats by {n} metres. Sein Tor wiegt {n} Tonnen.\n\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    docs = tmp_path / "docs"
    docs.mkdir()
    for number in range(14):
        (docs / f"{number:02}.txt").write_text(TEXT.format(n=number + 1) * (1 + number % 3), encoding="utf-8")
    (docs / "broken.pdf").write_bytes(b"%PDF-1.7 of no use")
    return docs


@pytest.fixture
def bundled(two_workers: Connected) -> Iterator[Embedder]:
    from rag.models.bundled import load_embedder

    yield load_embedder(two_workers.settings)


def rows(library: Path) -> list[tuple[object, ...]]:
    """Return all that is told of documents, but for the moments of reading, in a stable order."""
    with closing(sqlite3.connect(library / FILE)) as db:
        found = db.execute(
            "SELECT path, title, documents.language, recipe, chunks.start, chunks.context, sentences.start, vector"
            " FROM documents JOIN chunks ON document_id = documents.id JOIN sentences ON chunk_id = chunks.id"
            " ORDER BY path, chunks.start, sentences.start"
        ).fetchall()
        for table in ("stems", "glosses", "pieces"):
            found += sorted(db.execute(f"SELECT words FROM {table}").fetchall())
    return found


def made_here(folder: Path, library: Path, embedder: Embedder) -> list[tuple[object, ...]]:
    with Library(library, create=True) as one:
        index([str(folder)], one, embedder)
    return rows(library)


def test_documents_come_out_as_they_do_here_and_so_does_the_report(
    folder: Path, tmp_path: Path, two_workers: Connected, bundled: Embedder
) -> None:
    wanted = made_here(folder, tmp_path / "here", bundled)
    pool, maker = making_elsewhere(two_workers, bundled, ocr=False, look=lambda: None)
    with pool, Library(tmp_path / "there", create=True) as library:
        report = index([str(folder)], library, bundled, elsewhere=maker)
        assert report.new == [f"{number:02}.txt" for number in range(14)]
        ((path, reason),) = report.unreadable
        assert path == folder / "broken.pdf" and reason
        again = index([str(folder)], library, bundled, elsewhere=maker)
        assert len(again.unchanged) == 14 and not again.new and not again.changed
    assert rows(tmp_path / "there") == wanted


def test_a_worker_that_is_killed_in_the_middle_costs_no_document(
    folder: Path, tmp_path: Path, two_workers: Connected, bundled: Embedder
) -> None:
    killed = []
    with Library(tmp_path / "there", create=True) as library:

        def progress(files: Iterable[Source]) -> Iterator[Source]:
            for number, file in enumerate(files):
                if number == 9:
                    killed.append(kill_one("DocumentMaker"))
                yield file

        pool, maker = making_elsewhere(two_workers, bundled, ocr=False, look=lambda: None)
        with pool:
            report = index([str(folder)], library, bundled, progress, elsewhere=maker)
    assert killed and len(report.new) == 14
    assert rows(tmp_path / "there") == made_here(folder, tmp_path / "here", bundled)


def test_workers_with_another_embedder_than_the_library_are_refused(two_workers: Connected) -> None:
    with pytest.raises(WorkersUnavailable, match=r"another embedder.* Install version"):
        making_elsewhere(two_workers, Identity("of another", "other"), ocr=False, look=lambda: None)


def test_the_command_spreads_indexing_and_can_be_stopped_and_gone_on_with(
    folder: Path, tmp_path: Path, cache: Path
) -> None:
    library = tmp_path / "library"
    command = [sys.executable, "-m", "rag", "--library", str(library), "index", str(folder), "--workers", "ray:2"]
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "BELEG_CACHE": str(cache), "BELEG_LANG": "en"}
    process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)
    time.sleep(3)  # while Ray begins
    process.terminate()
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130 and err.endswith("beleg: stopped\n"), err
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=150)
    assert done.returncode == 5 and "2 workers read and embed" in done.stderr, done.stderr
    assert "14 new" in done.stderr and "1 unreadable" in done.stderr and "Traceback" not in done.stderr
