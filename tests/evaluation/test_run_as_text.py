"""Held: the figures of a run as text and for scripts."""

from __future__ import annotations

import pytest

from rag.evaluation.bootstrap import Difference, Figure, Share
from rag.evaluation.calibration import Bin, Calibration, Errors
from rag.evaluation.run import (
    as_object,
    calibration_line,
    difference_table,
    error_table,
    shown,
    table,
)

FIGURES = [Figure("cited_first", 2 / 3, 0.5, 0.875, 104), Figure("median_s", 1.2345, 0.999, 12.5, 7)]


def test_a_table_has_a_line_a_figure_with_its_interval_and_number() -> None:
    assert table(FIGURES).splitlines() == [
        "                 value    95 % interval       n",
        "cited_first      0.667    0.500 – 0.875     104",
        "median_s        1.23 s   1.00 s – 12.50 s      7",
    ]
    assert len(table([]).splitlines()) == 1
    assert shown(FIGURES) == [("cited_first", "0.667 (0.500 – 0.875)"), ("median_s", "1.23 s (1.00 s – 12.50 s)")]


def test_a_table_of_differences_has_their_signs_and_what_they_are() -> None:
    better = Difference("cited", 0.8, 0.5, 0.3, 0.1, 0.5, 20, "better")
    worse = Difference("median_s", 2.5, 2.0, 0.5, 0.25, 0.75, 20, "worse")
    assert difference_table([better, worse]).splitlines() == [
        "                  here   there  difference    95 % interval       n",
        "cited            0.800   0.500      +0.300   +0.100 – +0.500     20  better",
        "median_s        2.50 s  2.00 s     +0.50 s   +0.25 s – +0.75 s     20  worse",
    ]


ERRORS = [
    Errors("careful", 0.625, Share(0.25, 0.125, 0.375, 104), Share(0.0, 0.0, 0.0, 52)),
    Errors("balanced", 0.3, None, Share(0.5, 0.25, 0.75, 52)),
]
CALIBRATION = Calibration(0.0625, 0.03125, (Bin(0.25, Share(0.3125, 0.25, 0.375, 10)),))


def test_both_errors_are_a_line_for_each_care_of_which_the_one_in_use_is_marked() -> None:
    assert error_table(ERRORS, "balanced").splitlines() == [
        "               support   answerable, refused           unanswerable, answered",
        "careful          0.625   0.250 (0.125 – 0.375) of 104  0.000 (0.000 – 0.000) of 52",
        "balanced *       0.300   -                             0.500 (0.250 – 0.750) of 52",
    ]
    said = calibration_line(CALIBRATION)
    assert said.startswith("calibration ") and "by 0.062 at most, 0.031 on average, in a single bin" in said


@pytest.mark.usefixtures("german")
def test_in_german_the_tables_are_german_and_their_columns_stand_below_each_other() -> None:
    assert table(FIGURES).splitlines()[0] == "                  Wert   95-%-Intervall       n"
    assert table(FIGURES).splitlines()[2] == "median_s        1,23 s   1,00 s – 12,50 s      7"
    worse = Difference("median_s", -0.5, 2.0, -2.5, -2.75, -2.25, 20, "no more than noise")
    head, line = difference_table([worse]).splitlines()
    assert head == "                  hier    dort Unterschied   95-%-Intervall       n"
    assert line == "median_s       -0,50 s  2,00 s     -2,50 s   -2,75 s – -2,25 s     20  nicht mehr als Rauschen"
    assert error_table(ERRORS, "balanced").splitlines() == [
        "               Rückhalt   beantwortbar, abgelehnt        unbeantwortbar, beantwortet",
        "careful           0,625   0,250 (0,125 – 0,375) von 104  0,000 (0,000 – 0,000) von 52",
        "balanced *        0,300   -                              0,500 (0,250 – 0,750) von 52",
    ]
    assert "höchstens 0,062 auseinander, im Mittel 0,031, in einer einzigen Gruppe" in calibration_line(CALIBRATION)


def test_the_object_for_scripts_has_errors_and_calibration_where_they_are_known() -> None:
    found = as_object([], [], ERRORS, CALIBRATION)
    assert list(found) == ["figures", "care", "calibration"] and list(found["care"]) == ["careful", "balanced"]
    assert found["care"]["careful"]["answered"] == {"value": 0.0, "low": 0.0, "high": 0.0, "n": 52}
    assert found["care"]["balanced"]["refused"] is None and found["calibration"]["largest"] == 0.0625
    assert found["calibration"]["bins"][0]["right"]["value"] == 0.3125


def test_the_object_for_scripts_has_figures_by_name_and_differences_where_there_are_any() -> None:
    found = as_object(FIGURES, [])
    assert list(found) == ["figures"] and list(found["figures"]) == ["cited_first", "median_s"]
    assert found["figures"]["median_s"] == {"name": "median_s", "value": 1.2345, "low": 0.999, "high": 12.5, "n": 7}
    one = Difference("cited", 0.8, 0.5, 0.3, 0.1, 0.5, 20, "better")
    found = as_object([], [one])
    assert found["figures"] == {} and found["differences"]["cited"]["better"] == "better"
    assert set(found["differences"]["cited"]) == {"name", "here", "there", "difference", "low", "high", "n", "better"}
