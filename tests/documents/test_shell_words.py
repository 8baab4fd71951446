"""What people and terminals write for paths: quoted, escaped, addresses, several; and names that look like those."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.documents.shell_words import paths_in, written

NAMES = (
    "plain.md",
    "two words.md",
    "it's here.md",
    'say "hi".md',
    r"back\slash.md",
    r"back\ space.md",
    "100%.md",
    "a%20b.md",
    "'quoted'.md",
    "C:\\Users.md",
    "notes [2024]",
    "narrow\u202fspace.md",
    "ärger.txt",
    "$HOME.md",
    "two  blanks.md",
    "~odd.md",
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of files with odd names, which is where the process is and whose home it is."""
    for name in NAMES:
        (tmp_path / name).write_text("x", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_is_there_is_that_file_however_it_is_written(folder: Path, name: str) -> None:
    path = str(folder / name)
    escaped = "".join(f"\\{mark}" if mark in " '\"\\[]$%" else mark for mark in path)
    doubled = "".join(f"\\{mark}" if mark in '"\\$`' else mark for mark in path)
    for line in (path, f" {path}\n", shlex.quote(path), escaped, f'"{doubled}"', (folder / name).as_uri()):
        assert paths_in(line) == [path], line


@pytest.mark.parametrize("write", [shlex.quote, lambda path: Path(path).as_uri(), str], ids=["quoted", "uri", "bare"])
def test_several_at_once_are_each_found(folder: Path, write: object) -> None:
    assert callable(write)
    paths = [str(folder / name) for name in NAMES]
    for between in (" ", "\n", "\r\n", "   "):
        assert paths_in(between.join(map(write, paths))) == paths


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("", []),
        ("  \n ", []),
        ("''", []),
        ('"~/x y"', ["~/x y"]),
        ("'~/x'", ["~/x"]),
        (r"/gone/a\ b", ["/gone/a b"]),
        (r"/gone/a\ b '/gone/c d'", ["/gone/a b", "/gone/c d"]),
        (r"'/gone/it'\''s.md'", ["/gone/it's.md"]),
        ("/gone/my notes.md", ["/gone/my notes.md"]),
        ("/gone/it's my notes.md", ["/gone/it's my notes.md"]),
        ("/gone/x.md /gone/y.md", ["/gone/x.md", "/gone/y.md"]),
        ("plain.md /gone/x.md", ["plain.md", "/gone/x.md"]),
        ("two words.md plain.md", ["two words.md", "plain.md"]),
        ("plain.md it's here.md", ["plain.md", "it's here.md"]),
        (r"C:\Users\me\notes.md", [r"C:\Users\me\notes.md"]),
        (r"C:\Users\me\my notes.md", [r"C:\Users\me\my notes.md"]),
        (r'"C:\Users\me\my notes.md" "D:\x\\"', [r"C:\Users\me\my notes.md", "D:\\x\\\\"]),
        (r'"\\server\share\my notes.md"', [r"\\server\share\my notes.md"]),
        ("file:///gone/a%20b.md", ["/gone/a b.md"]),
        ("FILE://localhost/gone/a%20b.md file:/gone/c", ["/gone/a b.md", "/gone/c"]),
        ("file://elsewhere/gone/a", ["file://elsewhere/gone/a"]),
        ("file:///gone/100%.md", ["/gone/100%.md"]),
        ("/gone/a%20b.md", ["/gone/a%20b.md"]),
        ("file:notes.md", ["file:notes.md"]),
        ("*.md *.txt", ["*.md", "*.txt"]),
        ("gone/*.md also gone/*.txt", ["gone/*.md", "also", "gone/*.txt"]),
        ("two *.md", ["two *.md"]),
        ("**/*.md", ["**/*.md"]),
        ("'*.md'", ["*.md"]),
        ("back\\", ["back\\"]),
        ("nul\0l", ["nul\0l"]),
        ("~nobody-of-that-name/x", ["~nobody-of-that-name/x"]),
        ("a" * 5000, ["a" * 5000]),
    ],
)
@pytest.mark.usefixtures("folder")
def test_what_is_not_there_as_it_stands_is_read_as_words(line: str, found: list[str]) -> None:
    assert paths_in(line) == found


def test_an_address_whose_sign_of_percent_is_part_of_the_name_is_that_file(folder: Path) -> None:
    assert paths_in(f"file://{folder}/a%20b.md") == [f"{folder}/a%20b.md"]
    (folder / "a b.md").touch()
    assert paths_in(f"file://{folder}/a%20b.md") == [f"{folder}/a b.md"]


def test_an_address_of_bytes_that_are_no_text_is_the_file_of_that_name(tmp_path: Path) -> None:
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/bad\xff.md")).touch()
    assert [Path(path).exists() for path in paths_in(f"file://{tmp_path}/bad%FF.md")] == [True]


def test_a_hundred_files_dropped_at_once_ask_the_file_system_a_bounded_number_of_times() -> None:
    asked: list[str] = []

    def stands(path: str) -> bool:
        asked.append(path)
        return False

    assert len(paths_in(" ".join(f"'/x/{count}'" for count in range(200)), stands)) == 200
    assert len(asked) <= 200 * 65


@given(st.lists(st.text(st.characters(exclude_characters="\0"), min_size=1, max_size=12), max_size=4))
def test_whatever_a_shell_would_read_is_read_so(names: list[str]) -> None:
    paths = [f"/gone/{name}" for name in names]
    assert paths_in(" ".join(map(shlex.quote, paths)), lambda _: False) == paths


@given(st.text(max_size=30))
def test_any_line_is_read_and_what_is_written_is_read_again(line: str) -> None:
    for path in paths_in(line, lambda _: False):
        assert path
        if not path.strip("'\"\\").startswith("file:"):
            assert paths_in(written(path), lambda _: False) == [path]
