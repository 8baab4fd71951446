"""Held: the shipped tables are whole, small and quick to open; a folder of others works the same way."""

from __future__ import annotations

import re
import shutil
import time
from pathlib import Path

import pytest

from rag.errors import LexiconUnusable
from rag.lexicon import files, fingerprint, languages, open_lexicon
from rag.lexicon.table import HEAD, Table, write

ENGLISH = re.compile(r"[^\s\d:]+(?: [^\s:]+){0,3}|\d[\w.]*(?: [^\s:]+)*")


def shipped(kind: str) -> list[Path]:
    return [path for path in files() if path.name.endswith(f".{kind}.tsv")]


def some(folder: Path) -> Path:
    """A folder with a lexicon of Latin."""
    write(folder / "la-en.statistics.tsv", ["la to en"], {"mola": ["9", "mill:90"], "navis": ["4", "ship:75"]})
    write(folder / "la-en.dictionary.tsv", ["la to en"], {"aratrum": ["plough"]})
    return folder


def test_there_is_a_german_lexicon_with_both_tables() -> None:
    assert "de" in languages()
    assert {f"{language}-en.statistics.tsv" for language in languages()} == {p.name for p in shipped("statistics")}
    assert {path.name for path in shipped("dictionary")} <= {
        f"{language}-en.dictionary.tsv" for language in languages()
    }
    assert shipped("dictionary")


def test_the_shipped_tables_say_what_they_are_and_are_small() -> None:
    for path in files():
        lines = path.read_text(encoding="utf-8").splitlines()
        assert lines[0] == HEAD
        assert lines[1].startswith(f"# {path.name[:2]} to en")
        assert lines[2].startswith("# from ")
    assert sum(path.stat().st_size for path in files()) < 6_000_000


def test_the_licence_of_the_dictionary_stands_beside_it() -> None:
    for path in shipped("dictionary"):
        assert "GNU GENERAL PUBLIC LICENSE" in path.with_suffix(".LICENSE").read_text(encoding="utf-8").upper()


def test_every_row_of_the_statistics_can_be_used() -> None:
    for path in shipped("statistics"):
        rows = list(Table(path).items())
        assert len(rows) > 10_000
        for form, (count, *translations) in rows:
            assert int(count) >= 1, form
            shares = [int(field.rpartition(":")[2]) for field in translations]
            assert shares and all(1 <= share <= 100 for share in shares), form
            assert shares == sorted(shares, reverse=True), form
            assert all(ENGLISH.fullmatch(field.rpartition(":")[0]) for field in translations), form


def test_every_row_of_the_dictionary_can_be_used() -> None:
    for path in shipped("dictionary"):
        rows = list(Table(path).items())
        assert len(rows) > 10_000
        for form, translations in rows:
            assert translations and len(set(translations)) == len(translations), form
            assert all(re.fullmatch(r"[A-Za-z' ’-]+", english) and english.strip() for english in translations), form


def test_rows_are_sorted_by_their_bytes_and_none_is_there_twice() -> None:
    for path in files():
        keys = [form.encode() for form, _ in Table(path).items()]
        assert keys == sorted(set(keys))


def test_the_lexicon_opens_in_no_time() -> None:
    took = []
    for _ in range(7):
        open_lexicon.cache_clear()
        start = time.perf_counter()
        assert open_lexicon("de") is not None
        took.append(time.perf_counter() - start)
    assert min(took) < 0.06


def test_a_language_without_tables_has_no_lexicon(tmp_path: Path) -> None:
    assert open_lexicon("xx") is None
    assert open_lexicon("en") is None
    assert languages(tmp_path) == []
    assert files(tmp_path) == []


def test_a_lexicon_of_another_language_is_found_by_its_files(tmp_path: Path) -> None:
    lexicon = open_lexicon("la", some(tmp_path))
    assert lexicon is not None and lexicon.language == "la"
    assert languages(tmp_path) == ["la"]
    assert lexicon.read("mola navis aratrum").text == "mill ship plough"


def test_a_lexicon_works_without_its_dictionary(tmp_path: Path) -> None:
    for path in shipped("statistics"):
        shutil.copy(path, tmp_path)
    whole, alone = open_lexicon("de"), open_lexicon("de", tmp_path)
    assert whole is not None and alone is not None
    assert alone.read("Der Winter war kalt.").text == whole.read("Der Winter war kalt.").text == "The winter was cold."
    rare = [form for form, _ in Table(shipped("dictionary")[0]).items()][::500]
    assert sum(gloss.known for gloss in alone.gloss(" ".join(rare))) < sum(g.known for g in whole.gloss(" ".join(rare)))


@pytest.mark.parametrize("kind", ["statistics", "dictionary"])
def test_a_damaged_table_is_named(kind: str, tmp_path: Path) -> None:
    (some(tmp_path) / f"la-en.{kind}.tsv").write_text("mola\tmill\n", encoding="utf-8")
    with pytest.raises(LexiconUnusable, match=f"la-en.{kind}.tsv"):
        open_lexicon("la", tmp_path)


def test_the_fingerprint_depends_on_every_table_but_not_on_the_folder(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("as it is", "the same", "other row", "no dictionary")]
    for folder in folders:
        folder.mkdir()
        some(folder)
    write(folders[2] / "la-en.dictionary.tsv", ["la to en"], {"aratrum": ["plow"]})
    (folders[3] / "la-en.dictionary.tsv").unlink()
    first, same, *others = map(fingerprint, folders)
    assert first == same
    assert len({first, *others, fingerprint()}) == 4
