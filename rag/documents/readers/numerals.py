"""Numerals as word processors write them before items: 3, 03, c, III."""

from __future__ import annotations

_ROMAN = [("m", 1000), ("cm", 900), ("d", 500), ("cd", 400), ("c", 100), ("xc", 90), ("l", 50), ("xl", 40), ("x", 10),
          ("ix", 9), ("v", 5), ("iv", 4), ("i", 1)]  # fmt: skip


def numeral(number: int, form: str) -> str:
    """Return a number in a form that is named as in Office Open XML; what has none in it is in figures."""
    if form == "decimalZero":
        return f"{number:02}"
    if form == "ordinal":
        return f"{number}."
    shown = _letters(number) if form.endswith("Letter") else _roman(number) if form.endswith("Roman") else str(number)
    return shown.upper() if form.startswith("upper") else shown


def _letters(number: int) -> str:
    """Return a, b, … z, aa, bb."""
    return chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1) if 0 < number < 1000 else str(number)


def _roman(number: int) -> str:
    if not 0 < number < 4000:
        return str(number)
    shown = ""
    for sign, worth in _ROMAN:
        shown += sign * (number // worth)
        number %= worth
    return shown
