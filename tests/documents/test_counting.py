"""Held: files are counted before they are read, in bounded time, and a count that was not finished says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.documents import counting
from rag.documents.counting import count


def test_files_of_known_endings_are_counted_below_every_folder(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / ".hidden").mkdir()
    for name in ("one.txt", "a/two.md", "a/b/three.PDF", "a/b/four.exe", ".hidden/five.txt", "a/.six.txt"):
        (tmp_path / name).touch()
    (tmp_path / "a" / "round").symlink_to(tmp_path)
    assert count([str(tmp_path)]).files == 3
    assert count([str(tmp_path / "one.txt"), str(tmp_path / "a")]).files == 3
    assert count([str(tmp_path / "gone"), "no\0path"[:2]]).files == 0
    assert not count([str(tmp_path)]).many


def test_many_files_and_a_count_that_was_not_finished_are_to_be_asked_about(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(3):
        (tmp_path / f"{n}.txt").touch()
    assert not count([str(tmp_path)], seconds=-1).whole
    assert count([str(tmp_path)], seconds=-1).many
    monkeypatch.setattr(counting, "MANY", 3)
    assert count([str(tmp_path)]).many
