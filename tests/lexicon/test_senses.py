"""Held: WordNet tells what is of one kind from what excludes it; its database becomes the table."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.lexicon.building import wordnet
from rag.lexicon.senses import base_of_verb, happens, is_a, narrower, relation


@pytest.mark.parametrize(
    ("one", "other", "related"),
    [
        ("soldiers", "troops", "same"),
        ("visitors", "guests", "same"),
        ("volumes", "books", "same"),
        ("adults", "children", "apart"),
        ("winter", "summer", "apart"),
        ("gross", "net", "apart"),
        ("breakfast", "dinner", "apart"),
        ("husband", "wife", "apart"),
        ("bridge", "opinion", "none"),
        ("xyzzy", "children", "none"),
    ],
)
def test_words_are_of_one_kind_or_exclude_each_other(one: str, other: str, related: str) -> None:
    assert relation(one, other) == relation(other, one) == related


def test_kinds_and_events_are_known() -> None:
    assert narrower("oak", "tree") and not narrower("tree", "oak")
    assert is_a("captain", "person") and is_a("balcony", "artifact") and not is_a("opinion", "artifact")
    assert happens("killed") and happens("injured") and not happens("consists") and not happens("river")


def test_a_database_becomes_rows_of_senses_what_lies_above_them_and_opposites(tmp_path: Path) -> None:
    for part in wordnet.PARTS:
        (tmp_path / f"data.{part}").write_text("  1 a licence\n")
    (tmp_path / "data.noun").write_text(
        "  1 a licence\n"
        "00000001 03 n 01 animal 0 000 | a living thing\n"
        "00000002 05 n 01 mare 0 002 @ 00000001 n 0000 ! 00000003 n 0101 | female horse\n"
        "00000003 05 n 01 stallion 0 002 @ 00000001 n 0000 ! 00000002 n 0101 | male horse\n"
    )
    (tmp_path / "index.sense").write_text("mare%1:05:00:: 00000002 1 3\nstallion%1:05:00:: 00000003 1 0\n")
    rows = wordnet.rows(tmp_path, {"mare", "stallion"})
    assert rows == {"mare": ["n1", "!stallion"], "stallion": ["n2", "!mare"], "@n1": ["n0"], "@n2": ["n0"]}


@pytest.mark.parametrize(
    ("form", "base"),
    [
        ("approved", "approve"), ("hoped", "hope"), ("planned", "plan"), ("planted", "plant"), ("carried", "carry"),
        ("leaves", "leave"), ("starts", "start"), ("fell", "fall"), ("table", ""), ("Oberwiesen", ""),
    ],
)  # fmt: skip
def test_the_base_form_of_an_inflected_verb_is_known(form: str, base: str) -> None:
    assert base_of_verb(form) == base
