"""Held: a file of weights is checked when it is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.answering.faithfulness_weights import FILE, NAMES, load, shipped
from rag.errors import WeightsUnusable


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("odd_words", "odd_wrods", "odd_words"),
        ("surety", "purity", "surety"),
        ("[known]", "[known]\nsize = 1.0", "size"),
        ("limit = ", "limit = nan #", "limit"),
        ("bias = ", 'bias = "a" #', "bias"),
        ("[unknown]", "[strange]", "unknown"),
    ],
)
def test_a_file_that_makes_no_sense_is_refused_and_the_place_is_named(
    tmp_path: Path, old: str, new: str, named: str
) -> None:
    file = tmp_path / "weights.toml"
    file.write_text(FILE.read_text("utf-8").replace(old, new, 1), encoding="utf-8")
    with pytest.raises(WeightsUnusable, match=named):
        load(file)


def test_odd_words_count_against_a_statement_and_what_is_told_for_it() -> None:
    weights = shipped()
    for row in (weights.known, weights.unknown):
        assert 0.5 < row.limit < 1
        worth = dict(zip(NAMES, row.signs, strict=True))
        assert worth["odd_words"] < 0 < worth["told"]
    assert weights.known.surety > 0 == weights.unknown.surety
