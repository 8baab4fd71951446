"""Held: for what time a figure is given, and whether two times may be one."""

from __future__ import annotations

import pytest

from rag.answering.figure_times import compatible, dated_apart, days, period, periods
from rag.text.language import read
from rag.text.numbers import find


@pytest.mark.parametrize(
    ("one", "other", "may"),
    [
        ("2019", "2021", False),
        ("--03", "--04", False),
        ("2019-03", "--03-15", True),
        ("2024-Q1", "2024-Q2", False),
        ("2024-Q1", "2024-02", True),
        ("2024", "2024-10-31", True),
        ("2024", "2024-03", False),
        ("199X", "1994", True),
        ("--21", "--22", False),
    ],
)
def test_times_are_one_where_they_overlap_and_a_month_is_not_its_year(one: str, other: str, may: bool) -> None:
    first, second = period(one), period(other)
    assert first and second and compatible(first, second) is may


@pytest.mark.parametrize(
    ("text", "language", "years"),
    [
        ("In 1998 it had 300 seats.", "en", ["1998"]),
        ("Er forderte 1908 348 Opfer.", "de", ["1908"]),
        ("Gegossen wurde sie 1511 von Hinrik.", "de", ["1511"]),
        ("It has 1500 seats.", "en", []),
        ("Es hat 1500 Plätze.", "de", []),
    ],
)
def test_years_are_told_from_counts(text: str, language: str, years: list[str]) -> None:
    assert [named.year for _, named in periods(find(text), read(text), language)] == years


def test_days_of_the_week_are_found_in_any_form() -> None:
    named = [
        days(find(text), read(text)) for text in ("On Sundays", "werktags", "am Wochenende", "Monday to Wednesday")
    ]
    assert named == [{"7"}, set("12345"), {"6", "7"}, set("123")]


def test_documents_of_one_season_are_not_apart() -> None:
    assert (
        not dated_apart("2024-10-31", "2025-01-03")
        and not dated_apart(None, "2024")
        and not dated_apart("2024", "2024")
    )
    assert dated_apart("2023-01-01", "2024-01-01") and dated_apart("2023", "2024-12")
