"""Held: what values a figure leaves open, so that figures contradict each other only where none fits both."""

from __future__ import annotations

import pytest

from rag.text.intervals import Interval, interval
from rag.text.numbers import find


def opened(text: str) -> Interval:
    """Return what the first amount of a text leaves open."""
    return next(made for quantity in find(text) if (made := interval(quantity, text)))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("rund 8.000 Leute", "8.100"),
        ("8,000", "8,100"),
        ("at least 10,000", "11,000"),
        ("8,000 soldiers or more", "9,500"),
        ("nicht mehr als 12", "9"),
        ("knapp 200", "195"),
        ("2 km", "2000 m"),
        ("one hour", "60 minutes"),
        ("5 miles", "8 km"),
        ("two months", "60 Tage"),
        ("a third of it", "33 percent"),
        ("220 °C", "428 °F"),
        ("1.5 million", "1,487,312"),
        ("between 20 and 30", "25"),
        ("half a litre", "500 ml"),
    ],
)
def test_figures_that_some_value_fits_meet(one: str, other: str) -> None:
    assert opened(one).meets(opened(other)) and opened(other).meets(opened(one))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("12.400", "rund 14.000"),
        ("at least 10,000", "8,000"),
        ("8,000 soldiers at most", "11,000"),
        ("no more than 12", "more than 40"),
        ("two hours", "90 minutes"),
        ("20", "21"),
        ("3,20 €", "3,10 €"),
        ("3,2 km", "3,1 km"),
        ("ein Viertel", "40 Prozent"),
        ("between 20 and 30", "35"),
        ("9 months", "6 months"),
    ],
)
def test_figures_that_no_value_fits_do_not(one: str, other: str) -> None:
    assert not opened(one).meets(opened(other)) and not opened(other).meets(opened(one))


def test_what_stands_before_a_figure_belongs_to_it() -> None:
    text = "It has at least some 300 rooms."
    assert text[opened(text).start :].startswith("at least some")


@pytest.mark.parametrize("text", ["am 3. Mai", "17:30 Uhr", "the third boat", "Q2 2024"])
def test_dates_times_and_ordinals_leave_no_values_open(text: str) -> None:
    assert all(interval(quantity, text) is None for quantity in find(text))
