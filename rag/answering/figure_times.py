"""For what time a figure is given: the dates beside it, else those of the question, else that of its document."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from rag.text.language import Word
from rag.text.number_wordlists import WEEKDAY_NUMBERS, YEAR
from rag.text.quantity import Quantity

_NEAR = 180  # days: documents dated further apart speak of different times
_BEFORE_YEARS = frozenset("in im seit since year jahr jahre from von bis to of by um anno until till during ab".split())
_DAYS = {name: str(number) for name, number in WEEKDAY_NUMBERS.items()} | {
    "werktag": "12345", "wochentag": "12345", "weekday": "12345", "workday": "12345", "wochenende": "67",
    "weekend": "67", "feiertag": "8", "holiday": "8",
    "werktage": "12345", "werktagen": "12345", "wochentage": "12345", "wochentagen": "12345", "feiertage": "8",
    "feiertagen": "8", "wochenenden": "67",
}  # fmt: skip
IN_YEAR = ("month", "season", "quarter")


@dataclass(frozen=True, slots=True)
class Period:
    """A time as a date names it: its year or decade ("199"), "" where it names none, and a stretch of the year.

    The stretch is from one month and day to another, `("", "")` for the whole year. `grain` is day, month,
    season, quarter or year.
    """

    year: str
    stretch: tuple[str, str]
    grain: str


def period(value: str) -> Period | None:
    """Return what the value of a date or a quarter (see `Quantity`) names; None for anything else."""
    if match := re.fullmatch(r"(?:(\d{4})-)?Q([1-4])", value):
        first = 3 * int(match[2]) - 2
        return Period(match[1] or "", (f"{first:02}-01", f"{first + 2:02}-31"), "quarter")
    match = re.fullmatch(r"(\d{4}|\d{3}X|-)(?:-(\d\d)(?:-(\d\d))?)?", value)
    if match is None:
        return None
    year = match[1].strip("-X")
    if match[2] is None:
        return Period(year, ("", ""), "year")
    if match[2] > "12":
        return Period(year, (f"season {match[2]}", f"season {match[2]}"), "season")
    if match[3] is None:
        return Period(year, (f"{match[2]}-01", f"{match[2]}-31"), "month")
    return Period(year, (f"{match[2]}-{match[3]}", f"{match[2]}-{match[3]}"), "day")


def is_year(row: Sequence[Word], at: int, language: str) -> bool:
    """Whether the word `row[at]` is a year: four figures that count nothing: in German nothing with a capital."""
    if not re.fullmatch(YEAR, row[at].text):
        return False
    if at and row[at - 1].low in _BEFORE_YEARS:
        return True
    following = row[at + 1] if at + 1 < len(row) else None
    if following is None or following.gap.strip() or following.text[0].isdigit():
        return True
    return language == "de" and not following.capital


def periods(found: Sequence[Quantity], row: Sequence[Word], language: str) -> list[tuple[int, Period]]:
    """Return the times that a sentence names, each with where it stands."""
    taken = [quantity for quantity in found if quantity.kind in ("date", "quarter")]
    named = [(quantity.start, made) for quantity in taken for end in quantity.ends if (made := period(end))]
    for at, word in enumerate(row):
        dated = any(quantity.start <= word.start < quantity.end for quantity in taken)
        if not dated and is_year(row, at, language):
            named.append((word.start, Period(word.text, ("", ""), "year")))
    return named


def days(found: Sequence[Quantity], row: Sequence[Word]) -> frozenset[str]:
    """Return the days of the week that a sentence names, 1 to 7; 8 for holidays."""
    named = set[str]()
    for quantity in found:
        if quantity.kind == "weekday":
            first, last = int(quantity.value), int(quantity.upto or quantity.value)
            named.update(map(str, range(first, last + 1)))
    for word in row:
        named.update(_DAYS.get(word.low.removesuffix("s"), ""))
    return frozenset(named)


def compatible(one: Period, other: Period) -> bool:
    """Whether two times may be one; a month is another time than its year, for what is counted adds up."""
    if one.year and other.year and not (one.year.startswith(other.year) or other.year.startswith(one.year)):
        return False
    grains = {one.grain, other.grain}
    if one.grain == other.grain or "year" not in grains:
        if "" in (*one.stretch, *other.stretch):
            return True
        if "season" in grains and one.grain != other.grain:
            return True  # who knows?
        return one.stretch[0] <= other.stretch[1] and other.stretch[0] <= one.stretch[1]
    return not grains.intersection(IN_YEAR)


def same_time(one: Sequence[Period], other: Sequence[Period]) -> bool:
    """Whether some of the times that two figures are given for may be one."""
    return any(compatible(first, second) for first in one for second in other)


def dated_apart(one: str | None, other: str | None) -> bool:
    """Whether two documents' dates are so far apart that each speaks of its own time."""
    if not one or not other:
        return False
    first, second = _day(one), _day(other)
    if first is None or second is None:
        return one[:4] != other[:4]
    if len(one) == len(other) == 4:
        return one != other
    return abs((first - second).days) > _NEAR


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat((text + "-07-01"[len(text) - 4 :])[:10] if len(text) < 10 else text[:10])
    except ValueError:
        return None
