"""Held: runs and thresholds compare as they do by hand, and chance is not called progress."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.errors import UsageError
from rag.evaluation.bootstrap import Difference, compare, figures
from rag.evaluation.metrics import COMPARED, SCORES, SHARES, floors
from rag.evaluation.refusal_curve import curve

Row = dict[str, float | None]


def each(name: str, *values: float) -> list[Row]:
    return [{name: value} for value in values]


def differences(here: list[Row], there: list[Row], **more: Any) -> dict[str, Difference]:
    ours, theirs = ({str(at): row for at, row in enumerate(rows)} for rows in (here, there))
    return {each.name: each for each in compare(ours, theirs, **more)}


SHARE = st.none() | st.sampled_from([0.0, 0.1, 1 / 3, 1.0])
ROW = st.dictionaries(st.sampled_from([*SCORES, "error", "citations", "precise"]), SHARE)


@settings(max_examples=50)
@given(st.lists(ROW, min_size=1, max_size=20))
def test_a_run_differs_from_itself_by_nothing(rows: list[Row]) -> None:
    found = differences(rows, rows, resamples=100)
    assert found.keys() == {figure.name for figure in figures(rows)} & set(COMPARED)
    assert {(each.difference, each.low, each.high, each.better) for each in found.values()} <= {
        (0.0, 0.0, 0.0, "no more than noise")
    }


def test_a_difference_is_paired_and_its_interval_is_that_of_what_changed() -> None:
    # Six of ten become right, so it is 10 draws with 60 %: at most 2 has 1.2 %, 3 5.5 %; at most 8 95.4 %, 9 99.4 %.
    here = each("cited", 1, 1, 1, 1, 1, 1, 1, 1, 0, 0)
    there = each("cited", 0, 0, 0, 0, 0, 0, 1, 1, 0, 0)
    assert differences(here, there) == {"cited": Difference("cited", 0.8, 0.2, 0.6, 0.3, 0.9, 10, "better")}
    assert differences(there, here) == {"cited": Difference("cited", 0.2, 0.8, -0.6, -0.9, -0.3, 10, "worse")}


def test_changes_both_ways_are_no_more_than_noise() -> None:
    here = each("cited", 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0)
    there = each("cited", 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1)
    found = differences(here, there)["cited"]
    assert found.better == "no more than noise" and found.low < 0 < found.high
    assert found.difference == pytest.approx(2 / 14)


def test_five_questions_are_never_more_than_noise_and_six_of_one_conversation_neither() -> None:
    right, wrong = each("cited", 1, 1, 1, 1, 1, 1), each("cited", 0, 0, 0, 0, 0, 0)
    assert differences(right[:1], wrong[:1])["cited"] == Difference("cited", 1, 0, 1, 1, 1, 1, "no more than noise")
    assert differences(right[:5], wrong[:5])["cited"].better == "no more than noise"
    assert differences(right, wrong)["cited"].better == "better"
    together = {str(at): "one" for at in range(5)}
    assert differences(right, wrong, clusters=together)["cited"].better == "no more than noise"


def test_fewer_seconds_and_fewer_errors_are_better() -> None:
    slow: list[Row] = [{"seconds": 4.0 + at, "error": 1} for at in range(7)]
    fast: list[Row] = [{"seconds": 1.0 + at, "error": 0} for at in range(7)]
    found = differences(fast, slow)
    assert found["median_s"] == Difference("median_s", 4.0, 7.0, -3.0, -3.0, -3.0, 7, "better")
    assert found["error"].better == "better"
    assert differences(slow, fast)["median_s"].better == differences(slow, fast)["error"].better == "worse"
    assert found.keys() == {"median_s", "error"}


def test_only_questions_of_both_runs_count_and_only_scores_that_both_have() -> None:
    here: dict[str, Row] = {"a": {"cited": 1, "seconds": 2}, "b": {"cited": 1, "seconds": None}, "c": {"cited": 0}}
    there: dict[str, Row] = {"b": {"cited": 0, "seconds": 9}, "a": {"cited": 1, "seconds": 3}, "d": {"cited": 1}}
    found = {each.name: (each.here, each.there, each.n) for each in compare(here, there)}
    assert found == {"cited": (1.0, 0.5, 2), "median_s": (2.0, 3.0, 1)}
    assert compare(here, {}) == compare({}, there) == compare({}, {}) == []


def test_precision_and_balance_are_compared_as_figures_over_all_questions() -> None:
    here: list[Row] = [{"precise": 1, "citations": 1}, {"precise": 2, "citations": 3}, {"precise": 0, "citations": 0}]
    there: list[Row] = [{"precise": 0, "citations": 0}, {"precise": 1, "citations": 2}, {"precise": 0, "citations": 0}]
    found = differences(here, there)["precision"]
    assert (found.here, found.there, found.difference, found.n) == (3 / 4, 1 / 2, 1 / 4, 2)
    answers: list[Row] = [{"answered": 1, "cited": 1}, {"answered": 1, "cited": 0}]
    balance = differences([*answers, {"refused": 1}], [*answers, {"refused": 0}])["balance"]
    assert (round(balance.here, 6), balance.there, balance.n) == (0.666667, 0.0, 3)  # 2 · ½ · 1 / (½ + 1)


def test_the_curve_is_as_by_hand() -> None:
    rows = [(0.9, True, True), (0.7, True, False), (0.6, False, False), (0.5, True, True), (0.2, False, False)]
    assert [(point.threshold, point.refused, point.accurate) for point in curve(rows)] == [
        (0.2, 0.0, 2 / 3),  # all are answered
        (0.5, 1 / 2, 2 / 3),
        (0.6, 1 / 2, 1 / 3),
        (0.7, 1.0, 1 / 3),
        (0.9, 1.0, 1 / 3),
        (math.nextafter(0.9, 1), 1.0, 0.0),  # none is
    ]


def test_a_curve_has_no_share_of_questions_that_are_not_there() -> None:
    assert curve([]) == []
    assert [(point.refused, point.accurate) for point in curve([(0.5, True, True)])] == [(None, 1.0), (None, 0.0)]
    assert [(point.refused, point.accurate) for point in curve([(0.5, False, False)])] == [(0.0, None), (1.0, None)]


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans(), st.booleans()), min_size=1, max_size=400))
def test_a_curve_rises_in_refusal_and_falls_in_accuracy_from_end_to_end(rows: list[tuple[float, bool, bool]]) -> None:
    points = curve(rows)
    distinct = len({support for support, _, _ in rows})
    assert len(points) == min(distinct + 1, 200)
    assert points[0].threshold == min(support for support, _, _ in rows)
    assert points[0].refused in (0, None) and points[-1].refused in (1, None)
    assert points[-1].accurate in (0, None)
    for point, after in pairwise(points):
        assert point.threshold < after.threshold
        assert (point.refused or 0) <= (after.refused or 0) and (point.accurate or 0) >= (after.accurate or 0)


def test_a_long_curve_is_thinned_to_200_points_with_both_ends() -> None:
    points = curve([(at / 1000, at % 2 == 0, True) for at in range(1000)])
    assert len(points) == 200
    assert (points[0].threshold, points[0].accurate, points[0].refused) == (0.0, 1.0, 0.0)
    assert (points[-1].threshold, points[-1].accurate, points[-1].refused) == (math.nextafter(0.999, 1), 0.0, 1.0)


def test_floors_are_figures_and_the_least_they_may_be() -> None:
    assert floors(["cited=0.8", "refused=.5", " recall@5 = 1 "]) == {"cited": 0.8, "refused": 0.5, "recall@5": 1.0}
    assert floors([]) == {}
    assert floors([f"{name}=0" for name in SHARES]) == dict.fromkeys(SHARES, 0.0)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("cites=0.8", '"cites" is no figure that has a floor. Figures are recall@1 recall@3'),
        ("p95_s=1", '"p95_s" is no figure'),
        ("error=0", '"error" is no figure'),
        ("", '"" is no figure'),
        ("cited", '"" is no number from 0 to 1. Write cited=0.8'),
        ("cited=0,8", '"0,8" is no number'),
        ("cited=80", '"80" is no number from 0 to 1'),
        ("cited=-0.1", '"-0.1" is no number from 0 to 1'),
        ("cited=nan", '"nan" is no number'),
        ("cited=inf", '"inf" is no number'),
        ("cited=.5=.5", '".5=.5" is no number'),
        ("refused=.6", '"refused" is named twice'),
        ("cited\x1b[31m=1", "is no figure"),
    ],
)
def test_a_floor_that_makes_no_sense_is_refused_with_what_would(text: str, reason: str) -> None:
    with pytest.raises(UsageError) as caught:
        floors(["refused=.5", text])
    assert reason in str(caught.value) and str(caught.value).isprintable()
