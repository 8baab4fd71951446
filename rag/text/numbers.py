"""Numbers, dates, times of day and units in a text, by value: "11 000", "einundzwanzig", "halb acht", "Q2 2024".

The one way to look for them. What is found is the same however it is written, in German or
English, so that "1,5 Mio. Euro" and "€1.5 million" are equal; the language need not be known.
Libraries were weighed: none gives spans, both languages, and numbers together with dates and times.
"""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from functools import lru_cache

from rag.text import digits
from rag.text.amounts import amount
from rag.text.dates import day, quarter
from rag.text.number_wordlists import FIRST_WORDS, YEAR
from rag.text.number_words import LONGEST, and_a_half, german, german_ordinal, repeated
from rag.text.quantity import Kind, Quantity, Row, after, row
from rag.text.times_of_day import time_of_day

__all__ = ["Kind", "Quantity", "find", "may_be_year"]

_DASH = re.compile(r"\.?[-–—]|\.?\s[–—]\s")
_UPTO = re.compile(r"[-.]?\s+(?:bis|to|through|until)(?:\s+(?:zum?|zu|the))?\s+", re.IGNORECASE)
_AND = re.compile(r"\s+(?:and|und)\s+", re.IGNORECASE)
_BETWEEN = frozenset({"between", "zwischen"})
_FROM = frozenset({"from", "von", "vom"})
_NUMERIC = frozenset({"number", "percent", "money"})


def find(text: str) -> list[Quantity]:
    """Return the numbers, dates and times of `text`, in order; none overlaps another.

    A lone "one" or "ein" counts only before a unit ("one week"), "May" and "March" only where they
    are months, and "Room 12 300 people" are two numbers.
    """
    words = row(text)
    found: list[tuple[Quantity, int, int]] = []  # with the worth of its scale, and the index of its first word
    at = 0
    while words[at].text:
        low = words[at].low
        begins = low[0].isdecimal() or (len(low) <= LONGEST and _may_begin(low))
        got = _read(text, words, at, found[-1][0].end if found else 0) if begins else None
        if got is None:
            at += 1
            continue
        quantity, scale = got
        found.append((quantity, scale, at))
        at = max(after(words, at, quantity.end), at + 1)
    return _ranges(text, words, found)


def may_be_year(quantity: Quantity) -> bool:
    """Whether a bare number looks like a year: 1000 to 2099, in four digits."""
    fits = quantity.kind == "number" and not quantity.unit and quantity.end - quantity.start == 4
    return fits and re.fullmatch(YEAR, quantity.value) is not None


@lru_cache(maxsize=50_000)
def _may_begin(low: str) -> bool:
    """Whether anything that `_read` looks for begins with this word: most words are passed over at once."""
    if low in FIRST_WORDS or (len(low) == 1 and not low.isalpha()):
        return True
    return bool(german(low) is not None or german_ordinal(low) or repeated(low) or and_a_half(low))


def _read(text: str, words: Row, at: int, since: int) -> tuple[Quantity, int] | None:
    found = quarter(words, at) or day(text, words, at) or time_of_day(text, words, at)
    return (found, 1) if found else amount(text, words, at, since)


# --- ranges ----------------------------------------------------------------------------------------------


def _ranges(text: str, words: Row, found: list[tuple[Quantity, int, int]]) -> list[Quantity]:
    """Join the two ends of each range."""
    joined: list[Quantity] = []
    index = 0
    while index < len(found):
        quantity, scale, at = found[index]
        if index + 1 < len(found) and (span := _joint(text, words, at, quantity, found[index + 1][0])) is not None:
            last, last_scale, _ = found[index + 1]
            first = _like(quantity, last, scale, last_scale)
            if first and _ascends(first, last):
                joined.append(replace(last, start=span, value=first.value, upto=last.value))
                index += 2
                continue
        joined.append(quantity)
        index += 1
    return joined


def _joint(text: str, words: Row, at: int, first: Quantity, last: Quantity) -> int | None:
    """Return where a range begins if what stands between two quantities makes one of them, otherwise None."""
    between = text[first.end : last.start]
    before = words[at - 1]
    if between.startswith("- ") and not text[last.start].isdigit():
        return None  # "zwei- bis dreitausend"
    if between.startswith(".") and (last.kind != "date" or first.kind not in ("number", "date")):
        return None  # "3. bis 5. Mai", but "Es waren 3. Bis 5 fehlten."
    if _AND.fullmatch(between):
        return before.start if before.low in _BETWEEN else None
    if _UPTO.fullmatch(between):
        return before.start if before.low in _FROM else first.start
    return first.start if _DASH.fullmatch(between) else None


def _like(first: Quantity, last: Quantity, scale: int, last_scale: int) -> Quantity | None:
    """Return the first end of a range with what only its other end says: unit, scale, month, year, "Uhr"."""
    if any(re.match(r"0\d", value) for value in (first.value, last.value) if first.kind == "number"):
        return None  # "0431-77" is a telephone's
    bare = first.kind in ("number", "ordinal") and not first.unit and scale == 1
    if last.kind == "time" and bare and first.value.isdecimal() and int(first.value[:4]) <= 24:
        return replace(first, kind="time", value=f"{int(first.value):02}:00")
    if last.kind == "date" and bare and first.value.isdecimal():
        return replace(first, kind="date", value=f"{last.value[:-2]}{first.value:0>2}") if _has_day(last) else None
    if first.kind == last.kind == "date":
        return replace(first, value=_same_year(first.value, last.value))
    if {first.kind, last.kind} <= _NUMERIC and first.unit in ("", last.unit):
        value = first.value
        if scale == 1 < last_scale and len(value) < 20 and Decimal(value) * last_scale < Decimal(last.value):
            value = digits.times(value, last_scale)
        return replace(first, kind=last.kind, value=value, unit=last.unit)
    return first if first.kind == last.kind and first.unit == last.unit else None


def _has_day(quantity: Quantity) -> bool:
    return re.fullmatch(r"(\d{4}|-)-\d\d-\d\d", quantity.value) is not None


def _same_year(first: str, last: str) -> str:
    return last[:4] + first[1:] if first.startswith("--") and not last.startswith("--") else first


def _ascends(first: Quantity, last: Quantity) -> bool:
    if first.kind in ("number", "percent", "money", "ordinal"):
        return Decimal(first.value) < Decimal(last.value)
    return first.kind in ("date", "time", "weekday", "quarter") and first.value < last.value
