"""Held: a file that is as it was is not read again, and one that may have changed is."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from update_fixtures import library_of, texts

from rag.documents.document import read_bytes
from rag.index.library import Library
from rag.index.update import index, refresh
from rag.models.embedder import Embedder

LONG_AGO = 1_600_000_000_123_456_789  # ns


def settle(folder: Path) -> None:
    """Let files be changed last long ago."""
    for path in folder.rglob("*.txt"):
        os.utime(path, ns=(LONG_AGO, LONG_AGO))


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that are read from now on."""
    names: list[str] = []

    def noting(path: Path, name: str = "") -> bytes:
        names.append(path.name)
        return read_bytes(path, name)

    monkeypatch.setattr("rag.index.update.read_bytes", noting)
    return names


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    docs = texts(tmp_path / "docs", "a.txt", "deep/b.txt")
    settle(docs)
    return docs


@pytest.fixture
def library(tmp_path: Path, docs: Path, embedder: Embedder) -> Iterator[Library]:
    with library_of(tmp_path, embedder, docs) as library:
        yield library


def test_files_of_the_same_size_and_time_are_not_read(
    docs: Path, library: Library, embedder: Embedder, read: list[str]
) -> None:
    (docs / "deep" / "link.txt").symlink_to(docs / "a.txt")
    stamp = library.stamp
    for given in (docs, docs / "a.txt", docs / "**" / "*.txt", docs / "deep" / "link.txt"):
        report = index([str(given)], library, embedder)
        assert report.unchanged and not (report.new or report.changed or report.moved)
    assert refresh(library, embedder).unchanged == ["a.txt", "deep/b.txt"]
    assert (read, library.stamp) == ([], stamp)


def test_a_file_that_was_only_touched_is_read_once_and_its_time_noted(
    docs: Path, library: Library, embedder: Embedder, read: list[str]
) -> None:
    os.utime(docs / "a.txt", ns=(LONG_AGO, LONG_AGO + 1))
    stamp = library.stamp
    for _ in range(2):
        assert index([str(docs)], library, embedder).unchanged == ["a.txt", "deep/b.txt"]
    assert (read, library.stamp) == (["a.txt"], stamp)
    assert [entry.modified for entry in library.entries()] == [LONG_AGO + 1, LONG_AGO]


@pytest.mark.parametrize("way", ["longer", "as long, later"])
def test_a_file_of_another_size_or_time_is_read(
    docs: Path, library: Library, embedder: Embedder, read: list[str], way: str
) -> None:
    text = (docs / "a.txt").read_text(encoding="utf-8").replace("mill", "mills" if way == "longer" else "kiln")
    (docs / "a.txt").write_text(text, encoding="utf-8")
    moment = LONG_AGO + (way != "longer")
    os.utime(docs / "a.txt", ns=(moment, moment))
    assert index([str(docs)], library, embedder).changed == ["a.txt"]
    assert read == ["a.txt"]
    assert library.document(library.entries()[0].id).text == text


@pytest.mark.parametrize("first", ["new", "changed", "unchanged"])
def test_a_file_that_was_read_as_it_was_written_is_read_again_until_its_time_tells_changes_apart(
    tmp_path: Path, docs: Path, embedder: Embedder, first: str
) -> None:
    with library_of(tmp_path, embedder, *([] if first == "new" else [docs])) as library:
        if first != "unchanged":
            (docs / "a.txt").write_text("The mill burned down in 1907.", encoding="utf-8")
        else:
            os.utime(docs / "a.txt")
        assert getattr(index([str(docs / "a.txt")], library, embedder), first) == ["a.txt"]
        written = (docs / "a.txt").stat()
        changed = (docs / "a.txt").read_text(encoding="utf-8").replace("mill", "kiln")
        (docs / "a.txt").write_text(changed, encoding="utf-8")
        os.utime(docs / "a.txt", ns=(written.st_mtime_ns, written.st_mtime_ns))  # in the same tick of its clock
        assert index([str(docs)], library, embedder).changed == ["a.txt"]


def test_a_file_that_was_changed_while_it_waited_for_its_turn_is_read_again(
    tmp_path: Path, docs: Path, embedder: Embedder, read: list[str]
) -> None:
    def growing(files: object) -> object:
        (docs / "a.txt").write_text("Then the mill was much longer than before.", encoding="utf-8")
        return files

    with Library(tmp_path / "library", create=True) as library:
        index([str(docs)], library, embedder, growing)  # type: ignore[arg-type]
        settle(docs)
        assert index([str(docs)], library, embedder).unchanged == ["a.txt", "deep/b.txt"]
        assert read == ["a.txt", "b.txt", "a.txt"]


def test_all_files_are_read_where_that_is_asked_for(
    docs: Path, library: Library, embedder: Embedder, read: list[str]
) -> None:
    text = (docs / "a.txt").read_text(encoding="utf-8").replace("mill", "kiln")
    (docs / "a.txt").write_text(text, encoding="utf-8")
    settle(docs)
    assert index([str(docs)], library, embedder).changed == []
    assert index([str(docs)], library, embedder, read_all=True).changed == ["a.txt"]
    assert read == ["a.txt", "b.txt"]


def test_by_other_rules_every_file_counts_as_changed_whatever_its_time(
    docs: Path, library: Library, embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rag.lexicon.fingerprint", lambda: "another")
    assert index([str(docs)], library, embedder).changed == ["a.txt", "deep/b.txt"]
