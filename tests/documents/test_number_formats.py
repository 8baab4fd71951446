"""Numbers of spreadsheets are shown as their cells show them."""

from __future__ import annotations

import pytest

from rag.documents.readers.number_formats import BUILT_IN, GENERAL, Look, shown

GERMAN, ENGLISH = Look(german=True), Look()
ACCOUNT = '_-* #,##0.00\\ "€"_-;\\-* #,##0.00\\ "€"_-;_-* "-"??\\ "€"_-;_-@_-'


@pytest.mark.parametrize(
    ("value", "code", "look", "text"),
    [
        (1240, "#,##0.00 €", GERMAN, "1.240,00 €"),
        (1240, '#,##0.00 "€"', ENGLISH, "1,240.00 €"),
        (1240, "[$€-407] #,##0", ENGLISH, "€ 1.240"),
        (1240.5, "[$£-809]#,##0.00", GERMAN, "£1,240.50"),
        (1234567, ACCOUNT, GERMAN, "1.234.567,00 €"),
        (-8.5, ACCOUNT, GERMAN, "-8,50 €"),
        (0, ACCOUNT, GERMAN, "- €"),
        (-3.5, "0.00;[Red]-0.00", ENGLISH, "-3.50"),
        (-5, "0.0", ENGLISH, "-5.0"),
        (-0.004, "0.00", ENGLISH, "0.00"),
        (0.195, "0.0%", GERMAN, "19,5%"),
        (0.195, BUILT_IN[9], ENGLISH, "20%"),
        (7, "000", ENGLISH, "007"),
        (3.14159, "0.##", ENGLISH, "3.14"),
        (3, "0.##", ENGLISH, "3"),
        (1_500_000, "0.0,,", ENGLISH, "1.5"),
        (0.000012, "0.00E+00", ENGLISH, "1.20E-05"),
        (12, '0 "Stück"', GERMAN, "12 Stück"),
        (0.5, "# ?/?", GERMAN, "0,5"),
        (0.1 + 0.2, GENERAL, ENGLISH, "0.3"),
        (2.5, GENERAL, GERMAN, "2,5"),
        (1907, GENERAL, GERMAN, "1907"),
        (12345678901, GENERAL, ENGLISH, "12345678901"),
    ],
)
def test_a_number_is_shown_in_its_format(value: float, code: str, look: Look, text: str) -> None:
    assert shown(value, code, look) == text


@pytest.mark.parametrize(
    ("value", "code", "look", "text"),
    [
        (45292, "dd.mm.yyyy", GERMAN, "01.01.2024"),
        (45292, BUILT_IN[14], ENGLISH, "2024-01-01"),
        (45358, "d. mmmm yyyy", GERMAN, "7. März 2024"),
        (45358, "mmm d, yyyy", ENGLISH, "Mar 7, 2024"),
        (45358, "[$-407]ddd dd.mm.yy;@", ENGLISH, "Do 07.03.24"),
        (45292.75, "h:mm AM/PM", ENGLISH, "6:00 PM"),
        (45292.354167, "yyyy-mm-dd hh:mm", ENGLISH, "2024-01-01 08:30"),
        (0.5, 'hh" Uhr "mm', GERMAN, "12 Uhr 00"),
        (0.0020833, "mm:ss", ENGLISH, "03:00"),
        (1.52, "[h]:mm", ENGLISH, "36:28"),
        (43830, "dd.mm.yyyy", Look(from_1904=True), "01.01.2024"),
        (1, "dd.mm.yyyy", ENGLISH, "01.01.1900"),
    ],
)
def test_a_date_is_shown_in_its_format(value: float, code: str, look: Look, text: str) -> None:
    assert shown(value, code, look) == text


@pytest.mark.parametrize("value", [0.0, -1.0, 1e308, -1e308, 5e-324, float("nan"), float("inf")])
@pytest.mark.parametrize(
    "code", ["dd.mm.yyyy", "[h]:mm", "0", "", ";;;", '"x', "\\", "[", "E+", "0.0E+0", "?" * 300, "y" * 300]
)
def test_any_number_in_any_format_is_shown_somehow(value: float, code: str) -> None:
    assert len(shown(value, code, ENGLISH)) < 2000
