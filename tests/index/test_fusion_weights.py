"""Held: retrievers' weights are known by name, and a file of them that does not fit says where."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from rag.errors import WeightsUnusable
from rag.index.fusion_weights import FILE, PAIRS, load, shipped


@pytest.mark.parametrize(
    ("pattern", "replacement", "said"),
    [
        (r"dense = [^,]+, ", "", "weights.en-en.dense"),
        (r"dense = ", "danse = ", "weights.en-en.d"),
        (r"^de-en .*\n", "", "[weights] lacks de-en"),
        (r"^\[weights\]\n", "[weights]\nfr-fr = { dense = 1, stems = 0, glosses = 0, ngrams = 0 }\n", "unknown fr-fr"),
        (r"dense = [^,]+", "dense = inf", "weights.en-en.dense"),
    ],
)
def test_a_file_that_does_not_fit_is_refused_by_name_and_place(
    pattern: str, replacement: str, said: str, tmp_path: Path
) -> None:
    text, count = re.subn(pattern, replacement, FILE.read_text(encoding="utf-8"), count=1, flags=re.MULTILINE)
    assert count == 1
    path = tmp_path / "weights.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(WeightsUnusable) as error:
        load(path)
    assert str(path) in error.value.reason
    assert said in error.value.reason


def test_the_weights_of_a_pair_are_shares_of_a_whole() -> None:
    assert tuple(shipped().by_pair) == PAIRS
    for weights in shipped().by_pair.values():
        assert sum(weights.model_dump().values()) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("asked", "written", "pair"),
    [("de", "en", "de-en"), ("es", "es", "other-other"), ("en", "es", "other-another"), ("es", "de", "other-another")],
)
def test_other_languages_have_weights_for_one_language_and_for_two(asked: str, written: str, pair: str) -> None:
    assert shipped().weights(asked, written) is shipped().by_pair[pair]
