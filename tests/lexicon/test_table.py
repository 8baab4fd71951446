"""Held: a table on disk answers as a dictionary in memory would, and is nothing but sorted text."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.errors import LexiconUnusable
from rag.lexicon.table import HEAD, Table, write

LETTERS = st.characters(categories=["L"])
PRINTABLE = st.characters(exclude_categories=["Cs", "Cc"])
# Keys are words: they begin with a letter. Some are longer than the stretches that the file is read in.
KEYS = st.builds(lambda first, rest, times: first + rest * times, LETTERS, st.text(PRINTABLE), st.integers(1, 400))
FIELDS = st.lists(st.text(PRINTABLE, max_size=40), min_size=1, max_size=4)


def table(folder: Path, rows: dict[str, list[str]], about: list[str] | None = None) -> Table:
    write(folder / "toy.tsv", ["a toy"] if about is None else about, rows)
    return Table(folder / "toy.tsv")


@settings(max_examples=150, deadline=None)
@given(rows=st.dictionaries(KEYS, FIELDS, max_size=30), others=st.lists(KEYS, max_size=5))
def test_a_table_agrees_with_a_dictionary(rows: dict[str, list[str]], others: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        opened = table(Path(folder), rows)
        cut = [key[:-1] for key in rows if len(key) > 1]
        for key in [*rows, *others, *cut, *(f"{key}s" for key in rows)]:
            assert opened.get(key) == rows.get(key)
        assert dict(opened.items()) == rows


@pytest.mark.parametrize("width", [1, 60, 3000])
def test_every_key_of_a_large_table_is_found_wherever_it_stands(width: int, tmp_path: Path) -> None:
    rows = {f"w{number:04}": [str(number), "x" * (number % width)] for number in range(0, 4000, 2)}
    opened = table(tmp_path, rows)
    assert [key for key in rows if opened.get(key) != rows[key]] == []
    assert [n for n in range(-1, 4001, 2) if opened.get(f"w{n:04}") is not None] == []
    assert list(opened.items()) == sorted(rows.items())


def test_part_of_a_key_or_a_field_is_no_key(tmp_path: Path) -> None:
    opened = table(tmp_path, {"Mühle": ["mill", "grinder"], "Mühlen": ["mills"]})
    assert [opened.get(key) for key in ("Mühl", "hle", "mill", "grinder", "mühle", "")] == [None] * 6
    assert opened.get("Mühle") == ["mill", "grinder"]


def test_keys_are_sorted_by_their_bytes(tmp_path: Path) -> None:
    opened = table(tmp_path, {key: ["x"] for key in ("ä", "z", "Z", "a", "ab", "𝔘", "\ufb01")})
    assert [key for key, _ in opened.items()] == ["Z", "a", "ab", "z", "ä", "\ufb01", "𝔘"]


def test_a_table_is_text_that_says_what_it_is(tmp_path: Path) -> None:
    table(tmp_path, {"Mühle": ["mill"], "Bach": ["brook", "stream"]}, ["de to en", "made by hand"])
    text = (tmp_path / "toy.tsv").read_text(encoding="utf-8")
    assert text == f"{HEAD}\n# de to en\n# made by hand\nBach\tbrook\tstream\nMühle\tmill\n"


def test_what_is_said_about_a_table_is_no_row(tmp_path: Path) -> None:
    opened = table(tmp_path, {}, ["de to en", "made by hand"])
    assert list(opened.items()) == []
    assert opened.get("made") is opened.get("# de to en") is None


def test_a_table_edited_by_hand_needs_no_last_line_break(tmp_path: Path) -> None:
    (tmp_path / "toy.tsv").write_text(f"{HEAD}\nBach\tbrook\nMühle\tmill", encoding="utf-8")
    opened = Table(tmp_path / "toy.tsv")
    assert (opened.get("Bach"), opened.get("Mühle"), opened.get("Zaun")) == (["brook"], ["mill"], None)


def test_the_same_rows_in_another_order_give_the_same_file(tmp_path: Path) -> None:
    write(tmp_path / "a.tsv", [], {"b": ["1"], "a": ["2"]})
    write(tmp_path / "b.tsv", [], {"a": ["2"], "b": ["1"]})
    assert (tmp_path / "a.tsv").read_bytes() == (tmp_path / "b.tsv").read_bytes()


@pytest.mark.parametrize(
    "content", [None, b"", b"Bach\tbrook\n", b"\x89PNG\r\n\x1a\n\x00", b"# beleg lexicon 0\nBach\tbrook\n"]
)
def test_what_is_no_table_is_an_error_that_names_it(content: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "odd.tsv"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(LexiconUnusable, match=r"odd\.tsv"):
        Table(path)


def test_a_folder_is_no_table(tmp_path: Path) -> None:
    with pytest.raises(LexiconUnusable, match=tmp_path.name):
        Table(tmp_path)


def test_a_table_that_is_not_sorted_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "xx.tsv"
    keys = [f"word{number:05}" for number in range(2000)]
    path.write_text("\n".join([HEAD, *(f"{key}\tx" for key in reversed(keys))]) + "\n", encoding="utf-8")
    with pytest.raises(LexiconUnusable, match=r"xx\.tsv"):
        Table(path)


def test_a_table_may_be_written_anew_while_it_is_open(tmp_path: Path) -> None:
    path = tmp_path / "xx.tsv"
    write(path, [], {f"word{number}": ["old"] for number in range(20_000)})
    opened = Table(path)
    write(path, [], {"word1": ["new"]})
    assert opened.get("word19999") == ["old"]
    assert Table(path).get("word1") == ["new"]
