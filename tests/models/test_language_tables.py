"""Held: what tells languages is unpacked once and then mapped, and says the same to the bit."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from project import SEEDS
from py3langid.langid import LanguageIdentifier

from rag.models import language_tables
from rag.models.language_tables import mapped_identifier
from rag.text.language import unpacked

TEXTS = [file.read_text(encoding="utf-8")[:4000] for file in sorted(SEEDS.glob("*.md"))]


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache that holds the tables."""
    folder = tmp_path_factory.mktemp("tables")
    mapped_identifier(folder)
    return folder


@pytest.fixture(scope="module")
def as_it_comes() -> LanguageIdentifier:
    return unpacked()


@pytest.fixture
def unpacked_never(monkeypatch: pytest.MonkeyPatch) -> None:
    def unpack() -> LanguageIdentifier:
        raise AssertionError("unpacked again")

    monkeypatch.setattr(language_tables, "unpacked", unpack)


def files(cache: Path) -> list[Path]:
    return sorted(cache.glob("languages/*/*"))


@pytest.mark.usefixtures("unpacked_never")
def test_the_tables_are_mapped_and_private(tables: Path) -> None:
    found = mapped_identifier(tables)
    assert isinstance(found.nb_ptc, np.memmap) and isinstance(found.tk_nextmove, memoryview)
    assert len(files(tables)) == 3
    if os.name == "posix":
        assert not any(file.stat().st_mode & 0o077 for file in files(tables))


@given(text=st.one_of(st.sampled_from(TEXTS), st.text(max_size=400)))
def test_it_says_the_same_to_the_bit(text: str, tables: Path, as_it_comes: LanguageIdentifier) -> None:
    found = mapped_identifier(tables)
    assert found.rank(text) == as_it_comes.rank(text) and found.classify(text) == as_it_comes.classify(text)


@pytest.mark.parametrize("damage", ["gone", "empty", "cut", "other numbers", "pickle"])
@pytest.mark.parametrize("name", ["weights.npy", "moves.npy", "rest.npz"])
def test_a_damaged_table_is_made_anew(name: str, damage: str, tables: Path, tmp_path: Path) -> None:
    for file in files(tables):
        copy = tmp_path / file.relative_to(tables)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(file.read_bytes())
    (file,) = tmp_path.glob(f"languages/*/{name}")
    whole = file.read_bytes()
    match damage:
        case "gone":
            file.unlink()
        case "empty":
            file.write_bytes(b"")
        case "cut":
            file.write_bytes(whole[:-5000])
        case "other numbers":
            np.save(file.open("wb"), np.zeros((4, 4), np.float64))
        case "pickle":
            np.save(file.open("wb"), np.array([{"a": 1}], dtype=object), allow_pickle=True)
    assert mapped_identifier(tmp_path).classify(TEXTS[0])[0] in ("de", "en")
    (again,) = tmp_path.glob(f"languages/*/{name}")
    assert len(again.read_bytes()) == len(whole)


def test_where_nothing_can_be_kept_languages_are_told_all_the_same(
    tmp_path: Path, as_it_comes: LanguageIdentifier
) -> None:
    (tmp_path / "languages").write_text("no folder", encoding="utf-8")
    assert mapped_identifier(tmp_path).rank(TEXTS[0]) == as_it_comes.rank(TEXTS[0])
