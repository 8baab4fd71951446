"""Held: retrievers' weights are known by name, follow what the embedder can do, and a file says where it is wrong."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest

from rag.errors import WeightsUnusable
from rag.index.fusion_weights import FILE, PAIRS, load, shipped
from rag.models.embedder_ability import fitted


@pytest.mark.parametrize(
    ("pattern", "replacement", "said"),
    [
        (r"dense = [^,]+, ", "", "weights.en-en.dense"),
        (r"dense = ", "danse = ", "weights.en-en.d"),
        (r"^de-en .*\n", "", "[weights] lacks de-en"),
        (
            r"^\[weights\]\n",
            "[weights]\nfr-fr = { dense = 1, stems = 0, glosses = 0, ngrams = 0, rank = 1 }\n",
            "unknown fr-fr",
        ),
        (r"dense = [^,]+", "dense = inf", "weights.en-en.dense"),
        (r", rank = [^ ]+", "", "weights.en-en.rank"),
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


RANKS = [0.0, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.95, 1.0]
LANGUAGES = [("en", "en"), ("de", "de"), ("en", "de"), ("de", "en"), ("es", "es"), ("es", "de"), ("en", "sw")]


@pytest.mark.parametrize(("asked", "written"), LANGUAGES)
@pytest.mark.parametrize("rank", RANKS)
def test_the_weights_of_a_pair_are_shares_of_a_whole(asked: str, written: str, rank: float) -> None:
    shares = shipped().weights(asked, written, rank).shares
    assert sum(shares) == pytest.approx(1.0)
    assert min(shares) >= 0


@pytest.mark.parametrize(("asked", "written"), LANGUAGES)
def test_the_better_an_embedder_ranks_the_more_its_score_is_worth(asked: str, written: str) -> None:
    dense = [shipped().weights(asked, written, rank).dense for rank in RANKS]
    assert all(first <= second for first, second in pairwise(dense))
    assert dense[-1] > dense[0] + 0.2


@pytest.mark.parametrize("pair", ["en-en", "de-de", "en-de", "de-en"])
def test_the_embedder_that_weights_were_fitted_with_has_just_those(pair: str) -> None:
    asked, written = pair.split("-")
    assert shipped().weights(asked, written, fitted()[pair].rank) is shipped().by_pair[pair]


@pytest.mark.parametrize(
    ("asked", "written", "rank", "row"),
    [
        ("es", "es", 0.19, "blind-other"),
        ("en", "es", 0.15, "blind-another"),
        ("es", "es", 0.8, "able-other"),
        ("es", "de", 0.7, "able-another"),
    ],
)
def test_of_languages_without_a_lexicon_the_blind_and_the_able_have_fitted_weights(
    asked: str, written: str, rank: float, row: str
) -> None:
    assert tuple(shipped().by_pair) == PAIRS
    assert shipped().weights(asked, written, rank) is shipped().by_pair[row]


def test_between_blind_and_able_the_weights_lie_between() -> None:
    blind, half, able = (shipped().weights("fr", "fr", rank) for rank in (0.2, 0.47, 0.7))
    assert blind.dense < half.dense < able.dense
    assert blind.ngrams > half.ngrams > able.ngrams
