"""Held: what a file says of itself before its text is known of it, and no text."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.documents.document import read
from rag.documents.front_matter import FrontMatter, front_matter

TEXT = "Die Brücke wiegt 64 Tonnen.\n"


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_toml_is_front_matter_too(newline: str, mark: str) -> None:
    lines = ["+++", 'title = "Eine Brücke"', "date = 2024-03-01T10:00:00Z", 'tags = ["bau", "ort"]', "+++", ""]
    text = mark + newline.join(lines) + TEXT
    document = read(Path("a.md"), raw=text.encode())
    assert (document.title, document.date) == ("Eine Brücke", "2024-03-01")
    assert (document.text, document.text[document.body :]) == (text, TEXT)
    assert front_matter(text) == FrontMatter(document.body, "Eine Brücke", "2024-03-01T10:00:00+00:00", ("bau", "ort"))


@pytest.mark.parametrize(
    ("block", "tags"),
    [
        ("---\ntags: [bau, 'zwei Worte']\n---\n", ("bau", "zwei Worte")),
        ("---\ntags:\n- bau\n- '#ort'\n- bau\n---\n", ("bau", "ort")),
        ("---\ntags: bau, zwei Worte\n---\n", ("bau", "zwei Worte")),
        ("---\ntags: '#bau #ort'\n---\n", ("bau", "ort")),
        ("---\ntags: 2024\n---\n", ("2024",)),
        ("---\ntags:\n---\n", ()),
        ("---\ntags: {a: b}\n---\n", ()),
        ("---\ntags: [[a], null, b]\n---\n", ("b",)),
        ("+++\n[taxonomies]\ntags = ['bau']\n+++\n", ("bau",)),
        ("+++\ntags = [1, 'bau', [2]]\n+++\n", ("1", "bau")),
        ("+++\ntags = 'bau, ort'\n+++\n", ("bau", "ort")),
    ],
)
def test_tags_are_known_as_they_are_written(block: str, tags: tuple[str, ...]) -> None:
    found = front_matter(block + TEXT)
    assert found is not None and found.tags == tags


@pytest.mark.parametrize(
    "block",
    [
        "+++\ntitle = \n+++\n", "+++\ntitle = 'a'\n", "+++\na = " + "[" * 5000 + "\n+++\n",
        "+++\na = " + "9" * 9000 + "\n+++\n",
        "---\n- a\n- b\n---\n", "+++ title = 'a' +++\n", "\n+++\ntitle = 'a'\n+++\n", "---\ntitle: 'a'\n+++\n",
    ],
)  # fmt: skip
def test_what_cannot_be_read_as_front_matter_is_text(block: str) -> None:
    assert front_matter(block + TEXT) is None
    assert TEXT in read(Path("a.md"), raw=(block + TEXT).encode()).text


@pytest.mark.parametrize(
    "line", ["title = 7", "title = ['a']", "title = {a = 1}", "date = 10:00:00", "date = 'gestern'"]
)
def test_a_field_of_another_kind_is_left_out(line: str) -> None:
    document = read(Path("brücke.md"), raw=f"+++\n{line}\n+++\n{TEXT}".encode())
    assert (document.title, document.date) == ("Die Brücke wiegt 64 Tonnen…", None)


def test_a_text_file_has_no_front_matter() -> None:
    assert read(Path("a.txt"), raw=b"+++\ntitle = 'a'\n+++\nText.").body == 0
