"""What values a figure leaves open, in one unit for each dimension: "at least 2 km" is 2,000 m and more.

Two figures contradict each other where no value fits both. What is said of a figure ("rund", "at least",
"or more") widens it, and so does being rounder than the other: 8,000 and 8,100 are both true of 8,100.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from rag.text.number_wordlists import CENTS, HEDGES_AFTER, HEDGES_BEFORE, IN_BASE, MEASURES
from rag.text.quantity import Quantity

ANY_MONEY = "cent"  # the dimension of cents of whatever money has some
_ABOUT = Fraction(1, 10)  # how far off "about 8,000" may be, of it
_ROUND = Fraction(1, 40)  # how far off a round number may be, of it
_PART = Fraction(1, 50)  # how far off "a third" may be, of the whole
_LOOK = 40  # characters before a figure in which hedges are looked for


def _any_of(phrases: dict[str, str]) -> str:
    return "|".join(map(re.escape, sorted(phrases, key=len, reverse=True)))


_LAST = re.compile(rf"(?:^|(?<=[\s(|:]))({_any_of(HEDGES_BEFORE)})\s*$", re.IGNORECASE)
_NEXT = re.compile(rf"(?:\s[^\W\d_]+)?\s({_any_of(HEDGES_AFTER)})(?!\w)", re.IGNORECASE)  # "8,000 soldiers at most"


@dataclass(frozen=True, slots=True)
class Interval:
    """The values from `low` to `high` that a figure leaves open, ends included; None is no end.

    `dimension` is what is measured, a currency for money, "" for a bare number; `unit` is the figure's own.
    `rounded` is how far off it may be of a figure in the same unit that is less round, `converted` of one in
    another unit. `start` is where the figure begins in its text, with what is said before it.
    """

    dimension: str
    unit: str
    low: Fraction | None
    high: Fraction | None
    rounded: Fraction
    converted: Fraction
    start: int

    def meets(self, other: Interval) -> bool:
        """Whether some value fits both."""
        apart = max(_between(self, other), _between(other, self))
        if self.unit != other.unit:
            return apart <= max(self.converted, other.converted)
        return apart <= (max(self.rounded, other.rounded) if self.rounded != other.rounded else 0)


def _between(lower: Interval, upper: Interval) -> Fraction:
    """Return by how much the first lies below the second, 0 where it does not."""
    if lower.high is None or upper.low is None:
        return Fraction(0)
    return max(Fraction(0), upper.low - lower.high)


def interval(quantity: Quantity, text: str) -> Interval | None:
    """Return what a number of `text` leaves open; None for ordinals, dates, times of day and their like."""
    if quantity.kind in ("ordinal", "date", "weekday", "time", "quarter"):
        return None
    dimension, factor, zero = _base(quantity)
    ends = [Fraction(end) * factor + zero for end in quantity.ends]
    kinds, start = _hedges(text, quantity)
    low, high = _widened(ends[0], ends[-1], kinds)
    half = Fraction(0) if quantity.upto or kinds else _half_a_figure(quantity) * factor
    coarse = _coarse(quantity) and half > 0
    near = min(half, abs(ends[0]) * _ROUND)
    converted = _PART if quantity.kind == "fraction" and not quantity.unit else near
    return Interval(dimension, quantity.unit, low, high, near if coarse else Fraction(0), converted, start)


def _widened(low: Fraction, high: Fraction, kinds: frozenset[str]) -> tuple[Fraction | None, Fraction | None]:
    if "most" in kinds:
        return None, high
    if "least" in kinds:
        return low, None
    below = abs(low) * _ABOUT if kinds & {"about", "below"} else 0
    above = abs(high) * _ABOUT if kinds & {"about", "above"} else 0
    return low - below, high + above


def _base(quantity: Quantity) -> tuple[str, Fraction, Fraction]:
    """Return what a figure measures, what its unit is worth in the base unit, and what is added for its zero."""
    unit, measure = quantity.unit, MEASURES.get(quantity.unit, "")
    if unit == "%" or (quantity.kind == "fraction" and not unit):
        return "share", Fraction(1, 100) if unit else Fraction(1), Fraction(0)
    if unit == "°F":
        return "heat", Fraction(5, 9), Fraction(-160, 9)
    if unit in CENTS:
        return CENTS[unit] or ANY_MONEY, Fraction(1, 100), Fraction(0)
    if measure in ("money", "share"):
        return unit, Fraction(1), Fraction(0)
    if measure == "count":
        return ("" if unit == "people" else unit), Fraction(1), Fraction(0)
    return measure, IN_BASE.get(unit, Fraction(1)), Fraction(0)


def _half_a_figure(quantity: Quantity) -> Fraction:
    """Return half of what the last figure that is no zero counts: what a number may be rounded by."""
    if quantity.kind == "fraction":
        return Fraction(0)
    exponent = Decimal(quantity.value).normalize().as_tuple().exponent
    return Fraction(10) ** exponent / 2 if isinstance(exponent, int) else Fraction(0)


def _coarse(quantity: Quantity) -> bool:
    """Whether a number may be rounded, beside another in its unit: hundreds, and measured decimals; no prices."""
    if quantity.kind == "fraction":
        return False
    exponent = Decimal(quantity.value).normalize().as_tuple().exponent
    return isinstance(exponent, int) and (exponent >= 2 or (exponent < 0 and quantity.kind != "money"))


def _hedges(text: str, quantity: Quantity) -> tuple[frozenset[str], int]:
    """Return what kinds of hedges stand beside a figure, and where the first begins."""
    start, kinds = quantity.start, set[str]()
    while found := _LAST.search(text, max(0, start - _LOOK), start):
        kinds.add(HEDGES_BEFORE[" ".join(found[1].lower().split())])
        start = found.start(1)
    if found := _NEXT.match(text, quantity.end):
        kinds.add(HEDGES_AFTER[found[1].lower()])
    return frozenset(kinds), start
