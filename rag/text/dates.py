"""Dates, months, years, weekdays and quarters: "4. Mai 1907", "May 4", "03.02.2024", "im März", "Q2 2024"."""

from __future__ import annotations

import re
from datetime import date

from rag.text.number_wordlists import (
    BEFORE_DATES,
    BEFORE_MONTHS,
    GERMAN_MONTHS,
    MONTH_NAMES,
    MONTH_SHORT,
    OTHER_MEANINGS,
    QUARTERS,
    SEASONS,
    WEEKDAY_NUMBERS,
    YEAR,
    YEAR_WORDS,
)
from rag.text.number_words import spelled
from rag.text.quantity import Quantity, Row, close
from rag.text.wordlists import FUNCTION_WORDS

_DAY_FIRST = re.compile(r"(\d\d?)\.\s?(\d\d?)\.\s?(\d{4})(?!\d)|(\d\d)\.(\d\d)\.(\d\d)(?![\d.])")
_YEAR_FIRST = re.compile(r"(\d{4})([-/])(\d\d)\2(\d\d)(?![\d/-])")
_SLASHES = re.compile(r"(\d\d?)/(\d\d?)/(\d{4})(?![\d/])")
_NO_YEAR = re.compile(r"(\d\d?)\.\s?(\d\d?)\.(?!\s?\d)")
_ENDINGS = frozenset({"st", "nd", "rd", "th"})
_OF_YEAR = frozenset({"of", "in", "des", "im"})


def day(text: str, row: Row, at: int) -> Quantity | None:
    """Return the date, month, year or weekday that begins with the word `row[at]`, None where none does.

    A bare year is none: "1907" may count anything.
    """
    word = row[at]
    if word.low[:1].isdigit():
        return _numeric(text, row, at) or _decade(row, at) or _day_month(row, at)
    if word.capital and word.low in WEEKDAY_NUMBERS:
        return Quantity(word.start, word.end, "weekday", str(WEEKDAY_NUMBERS[word.low]))
    if word.low in YEAR_WORDS and close(row[at + 1]) and (year := _year(row, at + 1)):
        return Quantity(word.start, row[at + 1].end, "date", year)
    return _month_first(row, at) or _day_month(row, at) or _season(row, at)


# --- in digits -------------------------------------------------------------------------------------


def _numeric(text: str, row: Row, at: int) -> Quantity | None:
    start = row[at].start
    if re.search(r"\d[./-]$", text[max(0, start - 2) : start]):
        return None
    if match := _YEAR_FIRST.match(text, start):
        return _valid(start, match.end(), match[1], match[3], match[4])
    if match := _DAY_FIRST.match(text, start):
        if match[3]:
            return _valid(start, match.end(), match[3], match[2], match[1])
        return _valid(start, match.end(), ("19" if match[6] >= "50" else "20") + match[6], match[5], match[4])
    if match := _SLASHES.match(text, start):
        first, second = int(match[1]), int(match[2])
        if first > 12 or first == second:
            return _valid(start, match.end(), match[3], match[2], match[1])
        return _valid(start, match.end(), match[3], match[1], match[2]) if second > 12 else None  # or who knows?
    before = row[at - 1].low
    if before in BEFORE_DATES and (match := _NO_YEAR.match(text, start)):
        return _valid(start, match.end(), "", match[2], match[1])
    return None


def _valid(start: int, end: int, year: str, month: str, of_month: str) -> Quantity | None:
    """Return the date if there is such a day."""
    try:
        moment = date(int(year or "2000"), int(month), int(of_month))
    except ValueError:
        return None
    value = moment.isoformat() if year else f"--{moment:%m-%d}"
    return Quantity(start, end, "date", value)


def _decade(row: Row, at: int) -> Quantity | None:
    """Return "199X" for "1990er Jahre" or "1990s"."""
    year, ending = row[at], row[at + 1]
    if not re.fullmatch(r"(1\d|20|[1-9])\d0", year.low) or ending.gap or ending.low not in ("er", "ern", "s"):
        return None
    years = row[at + 2]
    end = years.end if ending.low != "s" and close(years) and years.low in ("jahre", "jahren") else ending.end
    return Quantity(year.start, end, "date", f"{year.text[:-1]}X")


# --- with a month ------------------------------------------------------------------------------------


def _day_month(row: Row, at: int) -> Quantity | None:
    """Read "4. Mai 1907", "4th of May", "dritten Mai"."""
    found = _day_number(row, at)
    if found is None:
        return None
    of_month, index = found
    if row[index].low == "of" and close(row[index]):
        index += 1
    word = row[index]
    dotted = word.gap.strip() == "." and row[at].low.isdecimal() and index == at + 1
    month = _month(row, index, beside=True) if close(word) or dotted else 0
    if not month:
        return None
    end, year = word.end, ""
    following = row[index + 1]
    short = word.low in MONTH_SHORT and following.gap.strip() == "."
    comma = following.gap.strip() == "," and word.low not in GERMAN_MONTHS
    if (close(following) or short or comma) and (year := _year(row, index + 1)):
        end = following.end
    return _valid(row[at].start, end, year, str(month), of_month)


def _day_number(row: Row, at: int) -> tuple[str, int] | None:
    low = row[at].low
    if low.isdecimal():
        if len(low) > 2:
            return None
        return low, at + 2 if row[at + 1].low in _ENDINGS and not row[at + 1].gap else at + 1
    number = spelled(row, at)
    return (number.value, number.after) if number and number.ordinal and len(number.value) <= 2 else None


def _month_first(row: Row, at: int) -> Quantity | None:
    """Read "May 4, 1907", "Mai 1907", "im März"."""
    word, following = row[at], row[at + 1]
    if not word.capital or not (word.low in MONTH_NAMES or word.low in MONTH_SHORT):
        return None
    dotted = following.gap.strip() == "." and word.low in MONTH_SHORT
    beside = close(following) or dotted
    german = word.low in GERMAN_MONTHS or row[at - 1].low in ("im", "am", "bis", "seit")
    if beside and not german and following.low.isdecimal() and len(following.low) <= 2:
        index = at + 2
        if row[index].low in _ENDINGS and not row[index].gap:
            index += 1
        year = _year(row, index) if row[index].gap.strip() in ("", ",") else ""
        end = row[index].end if year else row[index - 1].end
        if found := _valid(word.start, end, year, str(_month(row, at, beside=True)), following.low):
            return found
    if following.low == "of" and close(following):
        beside, following, at_year = close(row[at + 2]), row[at + 2], at + 2
    else:
        at_year = at + 1
    year = _year(row, at_year) if beside else ""
    month = _month(row, at, beside=bool(year))
    if not month:
        return None
    end = following.end if year else word.end
    return Quantity(word.start, end, "date", f"{year}-{month:02}" if year else f"--{month:02}")


def _season(row: Row, at: int) -> Quantity | None:
    """Read "im Herbst", "in autumn", "summer of 2026"."""
    word, index = row[at], at + 1
    if word.low not in SEASONS:
        return None
    if row[index].low == "of" and close(row[index]):
        index += 1
    year = _year(row, index) if close(row[index]) else ""
    led = row[at - 1].low in BEFORE_MONTHS or (row[at - 1].low == "the" and row[at - 2].low in BEFORE_MONTHS)
    if not year and not (led and close(word) and (word.capital or not _goes_on(row, at))):
        return None
    end = row[index].end if year else word.end
    return Quantity(word.start, end, "date", f"{year or '-'}-{SEASONS[word.low]}")


def _goes_on(row: Row, at: int) -> bool:
    """Whether a season is but the first part of an English noun: "in winter aid"."""
    following = row[at + 1]
    small = following.low in FUNCTION_WORDS["en"] or following.capital or following.low[:1].isdigit()
    return bool(following.text) and close(following, "-") and not small


def _month(row: Row, at: int, *, beside: bool) -> int:
    """Return the number of the month that a word names, 0 if it names none; `beside` is whether a day or year does it.

    "May" and "March" are months where something says so, "Jan" and "Mar" beside a figure.
    """
    word = row[at]
    if not word.capital:
        return 0
    if word.low in MONTH_NAMES and (beside or word.low not in OTHER_MEANINGS):
        return MONTH_NAMES[word.low]
    if word.low in MONTH_NAMES and close(word) and row[at - 1].low in BEFORE_MONTHS:
        return MONTH_NAMES[word.low]
    return MONTH_SHORT.get(word.low, 0) if beside else 0


def _year(row: Row, at: int) -> str:
    low = row[at].low
    return low if low.isascii() and re.fullmatch(YEAR, low) else ""


# --- quarters ----------------------------------------------------------------------------------------


def quarter(row: Row, at: int) -> Quantity | None:
    """Return the quarter of a year that begins with the word `row[at]`, None where none does."""
    word, following = row[at], row[at + 1]
    if word.text == "Q" and not following.gap and following.low in ("1", "2", "3", "4"):
        return _of_year(row, at, at + 2, following.low)
    if (year := _year(row, at)) and following.text == "Q" and close(following, "/-"):
        number = row[at + 2]
        if not number.gap and number.low in ("1", "2", "3", "4"):
            return Quantity(word.start, number.end, "quarter", f"{year}-Q{number.low}")
    found = _day_number(row, at)
    if found is None or found[0] not in ("1", "2", "3", "4"):
        return None
    name = row[found[1]]
    dotted = name.gap.strip() == "." and word.low.isdecimal()
    if name.low not in QUARTERS or not (close(name) or dotted):
        return None
    if word.low.isdecimal() and not dotted and found[1] == at + 1:
        return None  # "2 quarters", not the second
    return _of_year(row, at, found[1] + 1, found[0])


def _of_year(row: Row, at: int, index: int, number: str) -> Quantity:
    end, value = row[index - 1].end, f"Q{number}"
    if row[index].low in _OF_YEAR and close(row[index]):
        index += 1
        index += row[index].low in YEAR_WORDS and close(row[index])
    if close(row[index], "/-") and (year := _year(row, index)):
        end, value = row[index].end, f"{year}-{value}"
    return Quantity(row[at].start, end, "quarter", value)
