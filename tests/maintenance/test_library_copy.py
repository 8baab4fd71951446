"""Held: a copy is a whole library of its own, made while others write, or is not there at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from backups import content

from rag.cli.main import main
from rag.errors import LibraryUnusable, UsageError
from rag.index.library import FILE, Library
from rag.maintenance.integrity_check import check
from rag.maintenance.library_copy import copy


def test_a_copy_holds_what_the_library_does_and_is_another(folder: Path, tmp_path: Path) -> None:
    with Library(folder) as one:
        one.tag([one.entries()[0].id], ["kept"])  # in the write-ahead log of one that is open
        made = copy(folder, tmp_path / "other")
        with Library(tmp_path / "other") as other:
            assert (made.documents, made.passages) == one.count() == other.count()
            assert other.entries() == one.entries() and other.stamp != one.stamp
    assert content(tmp_path / "other") == content(folder) and check(tmp_path / "other") == []
    assert made.size > 10_000 and (tmp_path / "other").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "other" / FILE).stat().st_mode & 0o777 == 0o600


def test_a_copy_takes_no_other_librarys_place(folder: Path, tmp_path: Path) -> None:
    copy(folder, tmp_path / "other")
    before = (tmp_path / "other" / FILE).read_bytes()
    with pytest.raises(UsageError, match=r"already\. Name another folder"):
        copy(folder, tmp_path / "other")
    assert (tmp_path / "other" / FILE).read_bytes() == before
    with pytest.raises(UsageError, match="already"):
        copy(folder, folder)


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="needs POSIX")
def test_where_it_cannot_be_written_nothing_is_left_behind(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder", encoding="utf-8")
    with pytest.raises(LibraryUnusable, match="Name a folder where you may write"):
        copy(folder, tmp_path / "file" / "other")
    damaged = tmp_path / "damaged"
    damaged.mkdir()
    (damaged / FILE).write_bytes(b"no library at all" * 1000)
    with pytest.raises(LibraryUnusable):
        copy(damaged, tmp_path / "third")
    assert [*(tmp_path / "third").iterdir()] == []


def test_the_command_copies_to_a_folder_and_says_how_it_is_used(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--library", str(folder), "copy", "--to", str(tmp_path / "other")]) == 0
    err = capsys.readouterr().err
    assert "2 documents and" in err and f"use it: --library {tmp_path / 'other'}" in err
    assert main(["--library", str(tmp_path / "none"), "copy", "--to", str(tmp_path / "third")]) == 4
    assert not (tmp_path / "third").exists()


def test_the_command_sends_what_is_searched_to_a_store_and_asks_it_there(
    folder: Path, tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("BELEG_CACHE", str(cache))
    store = f"milvus:{tmp_path}/s.db"
    assert main(["--library", str(folder), "copy", "--to", store]) == 0
    err = capsys.readouterr().err
    assert "what is searched of 2 documents and" in err and f"search there: --store {store}" in err
    assert main(["--library", str(folder), "--store", store, "search", "ferry", "--json"]) == 0
    assert "ferry" in capsys.readouterr().out
    assert main(["--library", str(folder), "copy", "--to", "milvus:nonsense"]) == 2
