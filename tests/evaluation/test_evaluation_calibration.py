"""Held: calibration and the errors at a threshold are what they are by hand, with intervals over conversations."""

from __future__ import annotations

import numpy as np
import pytest

from rag.evaluation.bootstrap import shares
from rag.evaluation.calibration import Known, calibration, errors


def asked(*rows: tuple[float, bool], talk: str = "") -> list[Known]:
    return [Known(support, True, right, talk or str(at)) for at, (support, right) in enumerate(rows)]


def test_bins_are_of_as_many_questions_and_in_the_order_of_support() -> None:
    drawn = np.random.default_rng(0)
    supports = drawn.uniform(0, 1, 103)
    found = calibration(asked(*((float(one), bool(one > 0.5)) for one in supports)))
    assert found is not None and [one.right.n for one in found.bins] == [11, 11, 11, *[10] * 7]
    means = [one.support for one in found.bins]
    assert means == sorted(means) and means[0] == pytest.approx(np.sort(supports)[:11].mean())
    assert found.bins[0].right.value == 0.0 and found.bins[-1].right.value == 1.0


def test_few_questions_are_put_into_fewer_bins() -> None:
    for count, bins in ((1, 1), (9, 1), (10, 2), (49, 9), (50, 10), (500, 10)):
        found = calibration(asked(*[(0.5, True)] * count))
        assert found is not None and len(found.bins) == bins, count
    assert calibration([]) is None


def test_the_differences_are_those_of_the_bins() -> None:
    found = calibration(asked(*[(0.2, False)] * 5, *[(0.8, True)] * 4, (0.8, False)))
    assert found is not None and [one.right.value for one in found.bins] == [0.0, 0.8]
    assert found.largest == pytest.approx(0.2) and found.expected == pytest.approx(0.1)


def test_chances_that_are_true_are_called_so_and_others_are_not() -> None:
    drawn = np.random.default_rng(1)
    chances = drawn.uniform(0, 1, 4000)
    right = drawn.uniform(0, 1, 4000) < chances
    true = calibration(asked(*zip(chances.tolist(), right.tolist(), strict=True)))
    sure = calibration(asked(*zip((chances**0.5).tolist(), right.tolist(), strict=True)))
    assert true is not None and sure is not None
    assert true.largest < 0.07 < 0.15 < sure.largest and true.expected < 0.03 < sure.expected
    assert sum(one.right.low <= one.support <= one.right.high for one in true.bins) >= 8


def test_questions_of_one_conversation_are_drawn_together() -> None:
    hits, groups = [True, False] * 20, [0] * 40
    (apart,) = shares(hits, groups, [str(at) for at in range(40)])
    (together,) = shares(hits, groups, [str(hit) for hit in hits])
    assert apart.value == together.value == 0.5
    assert apart.low > 0.3 and apart.high < 0.7 and (together.low, together.high) == (0.0, 1.0)


def test_a_share_is_of_its_group_only() -> None:
    one, two = shares([True, True, False, False], [0, 0, 0, 1], ["a", "b", "c", "d"])
    assert (one.value, one.n) == (pytest.approx(2 / 3), 3) and (two.value, two.low, two.high, two.n) == (0, 0, 0, 1)


def test_what_has_just_the_support_of_a_threshold_is_answered() -> None:
    rows = [Known(0.5, True, True, "a"), Known(0.5, False, False, "b"), Known(0.4, False, False, "c")]
    (found,) = errors(rows, {"balanced": 0.5})
    assert found.refused is not None and found.answered is not None
    assert (found.refused.value, found.answered.value) == (0.0, 0.5)
