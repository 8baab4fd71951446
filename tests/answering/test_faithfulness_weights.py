"""Held: a file of trees is checked when it is read, and says by them what features are worth."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from rag.answering.faithfulness import LIMIT
from rag.answering.faithfulness_features import NAMES
from rag.answering.faithfulness_weights import FILE, load
from rag.errors import WeightsUnusable

TREE = (
    '{ feature = "cosine", at = 0.5, below = -2.0, above = { feature = "flips", at = 0.5, below = 3.0, above = 0.0 } }'
)
GOOD = f"""constant = 0.0
trees = [
  {TREE},
]

[fitted]
embedder = "a"
reader = "b"
questions = "c"
method = "d"

[limits]
usual = 0.5
strict = 0.7
"""
DEEP = '{ feature = "cosine", at = 0.5, below = 1.0, above = ' * 30 + "1.0" + " }" * 30


def written(folder: Path, text: str) -> Path:
    (folder / "weights.toml").write_text(text, encoding="utf-8")
    return folder / "weights.toml"


@pytest.mark.parametrize(("cosine", "flips", "logit"), [(0.4, 0.0, -2.0), (0.6, 0.0, 3.0), (0.6, 1.0, 0.0)])
def test_a_tree_is_followed_to_what_the_features_are_worth(
    tmp_path: Path, cosine: float, flips: float, logit: float
) -> None:
    values = np.zeros(len(NAMES))
    values[NAMES.index("cosine")], values[NAMES.index("flips")] = cosine, flips
    assert load(written(tmp_path, GOOD)).chance(values) == pytest.approx(1 / (1 + np.exp(-logit)))


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ('"cosine"', '"cosinus"', "cosinus"),
        ("at = 0.5", "at = nan", "trees"),
        ("below = -2.0", 'below = "a"', "trees"),
        ("usual = 0.5", "", "usual"),
        ("constant = 0.0", "", "constant"),
        ("constant = 0.0", "constant = 0.0\nvariable = 1.0", "variable"),
        ("above = 0.0", f"above = {DEEP}", "splits"),
    ],
)
def test_a_file_that_makes_no_sense_is_refused_and_the_place_is_named(
    tmp_path: Path, old: str, new: str, named: str
) -> None:
    with pytest.raises(WeightsUnusable, match=named):
        load(written(tmp_path, GOOD.replace(old, new, 1)))


def test_the_limits_in_use_are_in_order() -> None:
    assert 0 < LIMIT == load(FILE).limits["usual"] < load(FILE).limits["strict"] < 1
