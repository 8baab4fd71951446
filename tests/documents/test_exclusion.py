"""Held: what patterns leave out is not found, in the ways that git reads them; no pattern holds a run up."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from rag.documents.discovery import Found, find
from rag.errors import UsageError

FILES = ("a.txt", "b.tmp.txt", "deep/a.txt", "deep/drafts/c.txt", "deep/keep.tmp.txt", "drafts/d.txt", "drafts/e.md")


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    for name in FILES:
        (tmp_path / "docs" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "docs" / name).write_text("The mill burned down.", encoding="utf-8")
    return tmp_path / "docs"


def names(found: Found) -> list[str]:
    return [source.name for source in found.files.values()]


@pytest.mark.parametrize(
    ("patterns", "left_out"),
    [
        ("drafts/", ["deep/drafts/c.txt", "drafts/d.txt", "drafts/e.md"]),
        ("/drafts/", ["drafts/d.txt", "drafts/e.md"]),
        ("deep/drafts", ["deep/drafts/c.txt"]),
        ("*.tmp.txt\n!keep.*", ["b.tmp.txt"]),
        ("# a comment\r\n\r\na.txt  \r\n", ["a.txt", "deep/a.txt"]),
        ("\ufeff/a.txt", ["a.txt"]),
        ("**/a.txt", ["a.txt", "deep/a.txt"]),
        ("drafts/\n!drafts/d.txt", ["deep/drafts/c.txt", "drafts/d.txt", "drafts/e.md"]),
        ("*\n!deep/\n!*.txt", ["deep/drafts/c.txt", "drafts/d.txt", "drafts/e.md"]),
        ("*\n!deep/", list(FILES)),
        (
            "*.txt\n!deep",
            ["a.txt", "b.tmp.txt", "deep/a.txt", "deep/drafts/c.txt", "deep/keep.tmp.txt", "drafts/d.txt"],
        ),
        ("deep/*\n!deep/drafts/", ["deep/a.txt", "deep/keep.tmp.txt"]),
        ("drafts/  \nde*/", ["deep/a.txt", "deep/drafts/c.txt", "deep/keep.tmp.txt", "drafts/d.txt", "drafts/e.md"]),
        ("!a.txt", []),
    ],
)
@pytest.mark.parametrize("way", ["file", "command"])
def test_patterns_leave_out_what_they_leave_out_in_git(
    docs: Path, patterns: str, left_out: list[str], way: str
) -> None:
    if way == "file":
        (docs / ".belegignore").write_bytes(patterns.encode())
    exclude = patterns.removeprefix("\ufeff").splitlines() if way == "command" else []
    expected = [name for name in sorted(FILES) if name not in left_out]
    found = find([str(docs)], exclude=exclude)
    assert sorted(names(found)) == expected and found.refused == {}


def test_the_file_of_a_folder_further_down_wins_and_what_is_asked_for_wins_over_both(docs: Path) -> None:
    (docs / ".belegignore").write_text("*.txt", encoding="utf-8")
    (docs / "deep" / ".belegignore").write_text("!a.txt", encoding="utf-8")
    assert names(find([str(docs)])) == ["deep/a.txt", "drafts/e.md"]
    assert names(find([str(docs)], exclude=["!*.txt", "/deep/"])) == [
        "a.txt",
        "b.tmp.txt",
        "drafts/d.txt",
        "drafts/e.md",
    ]


def test_files_above_the_folder_that_is_named_are_not_looked_at(docs: Path) -> None:
    (docs / ".belegignore").write_text("*", encoding="utf-8")
    assert names(find([str(docs / "drafts")])) == ["d.txt", "e.md"]


def test_a_file_that_is_named_itself_is_found_and_what_patterns_stand_for_is_left_out(docs: Path) -> None:
    (docs / ".belegignore").write_text("drafts/\nb.*", encoding="utf-8")
    (docs / "deep" / ".belegignore").write_text("keep*", encoding="utf-8")
    assert names(find([str(docs / "drafts" / "d.txt")], exclude=["*"])) == ["d.txt"]
    assert sorted(names(find([str(docs / "**" / "*.txt")]))) == ["a.txt", "deep/a.txt"]
    assert sorted(names(find([str(docs / "d*")]))) == ["deep/a.txt"]
    assert sorted(names(find([str(docs / "**")], exclude=["deep"]))) == ["a.txt"]
    assert find([str(docs / "**" / "*.txt")]).excluded >= {docs / "drafts" / "d.txt", docs / "b.tmp.txt"}


def test_a_link_is_left_out_by_its_own_name(docs: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere.txt").write_text("The ferry sank.", encoding="utf-8")
    (docs / "link.txt").symlink_to(tmp_path / "elsewhere.txt")
    found = find([str(docs)], exclude=["link.txt"])
    assert "elsewhere.txt" not in {path.name for path in found.files}
    assert found.excluded == {tmp_path / "elsewhere.txt"}


@pytest.mark.parametrize("line", ["[z-a]", "!", "*a*a*a*a*b", "a/**/b/**/c/**/d", "x" * 501])
def test_lines_that_are_no_patterns_are_named_and_the_others_count(docs: Path, line: str) -> None:
    (docs / ".belegignore").write_text(f"drafts/\n{line}\nb.*\n", encoding="utf-8")
    found = find([str(docs)])
    assert names(found) == ["a.txt", "deep/a.txt", "deep/keep.tmp.txt"]
    assert found.refused[docs / ".belegignore"].startswith("its other lines count, but line 2: it ")
    with pytest.raises(UsageError, match="--exclude"):
        find([str(docs)], exclude=[line])


def pipe(file: Path) -> None:
    os.mkfifo(file)


def folder(file: Path) -> None:
    file.mkdir()


def endless(file: Path) -> None:
    file.write_text("a\n" * 1001, encoding="utf-8")


@pytest.mark.parametrize("make", [pipe, folder, endless])
def test_where_the_file_cannot_be_read_nothing_of_its_folder_is_indexed(docs: Path, make: object) -> None:
    make(docs / "deep" / ".belegignore")  # type: ignore[operator]
    for given in (docs, docs / "**" / "*.txt"):
        found = find([str(given)])
        assert not any(name.startswith("deep/") for name in names(found)) and "a.txt" in names(found)
        assert ".belegignore cannot be read" in found.refused[docs / "deep"]


def test_no_pattern_takes_long_with_any_name(docs: Path) -> None:
    for number in range(20):
        (docs / f"{'a' * 240}{number:03}.txt").write_text("The mill.", encoding="utf-8")
    (docs / ".belegignore").write_text("*a*a*b\n" * 5, encoding="utf-8")
    began = time.monotonic()
    assert len(names(find([str(docs)]))) == 27
    assert time.monotonic() - began < 20


def test_names_of_any_bytes_are_matched(docs: Path) -> None:
    (docs / ".belegignore").write_bytes(b"caf\xe9*\n")
    (docs / os.fsdecode(b"caf\xe9.txt")).write_text("The mill.", encoding="utf-8")
    assert not any(name.startswith("caf") for name in names(find([str(docs)])))
