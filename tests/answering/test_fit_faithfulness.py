"""Held: what tells supported statements is fitted on some quotes and measured on others, and never the wrong way."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from boosted_trees import Boosting, boosted, worth
from fit_faithfulness import as_toml, invented, labels, limit, rows, scored

from rag.answering.faithfulness_features import NAMES, SIGNS
from rag.answering.faithfulness_weights import Weights, load

HOW = Boosting(trees=30, rate=0.2, columns=1.0)


def test_quotes_that_are_held_out_have_no_statement_in_the_fit() -> None:
    every = list(rows())
    own, held = ({row.check.quote for row in every if row.held_out == out} for out in (False, True))
    assert not own & held
    assert 0.25 < len(held) / len(own | held) < 0.45
    assert {row.supported for row in every if row.held_out} == {True, False}


def test_a_fit_finds_what_takes_two_features_to_tell() -> None:
    random = np.random.default_rng(0)
    values = random.random((600, 3))
    right = (values[:, 0] > 0.5) & (values[:, 1] > 0.5)
    fitted = boosted(values, right, (0, 0, 0), HOW)
    assert ((scored(fitted, values) > 0) == right).mean() > 0.95


@pytest.mark.parametrize("sign", [1, -1])
def test_a_feature_never_gets_less_worth_than_its_sign_allows(sign: int) -> None:
    random = np.random.default_rng(1)
    values = random.random((400, 2))
    right = random.random(400) < 0.5 + sign * 0.4 * np.sin(9 * values[:, 0])
    fitted = boosted(values, right, (sign, 0), HOW)
    for other in (0.1, 0.5, 0.9):
        line = np.stack([np.linspace(0, 1, 200), np.full(200, other)], 1)
        assert (sign * np.diff(scored(fitted, line)) >= -1e-9).all()


def test_what_is_written_says_what_was_fitted(tmp_path: Path) -> None:
    random = np.random.default_rng(2)
    values = np.round(random.random((200, len(NAMES))), 2)
    fitted = boosted(values, values[:, 3] > 0.5, SIGNS, HOW)
    about = dict.fromkeys(("embedder", "reader", "questions", "method"), "a test's")
    file = tmp_path / "weights.toml"
    file.write_text(as_toml(fitted, {"usual": 0.0, "strict": 1.0}, about), encoding="utf-8")
    read: Weights = load(file)
    assert read.limits["usual"] == 0.5
    found = [read.chance(row) for row in values]
    assert np.allclose(found, 1 / (1 + np.exp(-np.clip(scored(fitted, values), -30, 30))), atol=1e-3)


def test_no_more_of_the_unsupported_pass_than_the_limit_is_for() -> None:
    scores, supported = np.arange(100.0), np.arange(100) % 2 == 0
    least = limit(scores, supported, 0.1)
    assert (scores[~supported] >= least).mean() <= 0.1
    assert (scores[supported] >= least).mean() > 0


def test_a_tree_of_one_leaf_is_worth_the_same_everywhere() -> None:
    assert worth(0.5, np.zeros((3, 2))).tolist() == [0.5, 0.5, 0.5]
    assert len(labels(list(rows())[:5])) == 5


def test_a_statement_with_a_noun_from_elsewhere_is_unsupported_and_of_the_same_quote() -> None:
    own = [row for row in rows() if not row.held_out][:60]
    made = list(invented(own))
    by_quote = {row.check.quote: row for row in own}
    assert made
    for row in made:
        assert not row.supported
        assert row.check.statement not in {other.check.statement for other in own}
        assert row.number == by_quote[row.check.quote].number
