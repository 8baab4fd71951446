"""Times of day: "17:30 Uhr", "7:30 a.m.", "halb acht", "Viertel nach drei", "half past seven"."""

from __future__ import annotations

import re

from rag.text.number_wordlists import BEFORE_CLOCK, EARLY, LATE, MIDNIGHT_AND_NOON, UNITS
from rag.text.number_words import spelled
from rag.text.quantity import Quantity, Row, after, close
from rag.text.wordlists import FUNCTION_WORDS

_DIGITAL = re.compile(
    r"""(?P<hour>[01]?\d|2[0-4])
    (?:(?P<sign>[:.])(?P<minute>[0-5]\d)(?::[0-5]\d)?)?
    (?![\d:])(?![.,]\d)
    (?:\s?(?P<half>[ap](?:m\b|\.\s?m\b\.?))
    |\s?(?:uhr|o['’]clock)\b(?:\s(?P<after>[0-5]\d)(?!\d|[.,:]\d)(?!\s(?-i:[A-ZÄÖÜ])))?
    |(?=(?P<bare>)))""",
    re.IGNORECASE | re.VERBOSE,
)
_BEFORE_ENGLISH = BEFORE_CLOCK - {"um", "gegen"}
_ONLY_ENGLISH = FUNCTION_WORDS["en"] - FUNCTION_WORDS["de"]
_MINUTES = {5: 5, 10: 10, 20: 20, 25: 25}  # what "to" takes: "five to seven" may be a range too
_BACK = frozenset({"vor", "to", "before"})
_ON = frozenset({"nach", "past", "after"})


def time_of_day(text: str, row: Row, at: int) -> Quantity | None:
    """Return the time of day that begins with the word `row[at]`, None where none does."""
    found = _digital(text, row, at) if row[at].low[:1].isdigit() else _in_words(row, at)
    if found is None:
        return None
    hour, minute, end = found
    shift, end = _part_of_day(row, after(row, at, end), hour, end)
    return Quantity(row[at].start, end, "time", f"{hour + shift:02}:{minute:02}")


def _digital(text: str, row: Row, at: int) -> tuple[int, int, int] | None:
    start = row[at].start
    match = _DIGITAL.match(text, start)
    if not match or re.search(r"[\d:][:.,]?$", text[max(0, start - 2) : start]):
        return None
    hour, minute, half = int(match["hour"]), int(match["minute"] or match["after"] or 0), match["half"]
    if match["bare"] is not None and match["sign"] != ":":
        return None
    if hour == 24 and minute:
        return None
    if half:
        if half.lower() == "am" and not _means_morning(match, row, at):
            return None
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half[0] in "pP" else 0)
    return hour, minute, match.end()


def _means_morning(match: re.Match[str], row: Row, at: int) -> bool:
    """Whether "am" is no German preposition: "um 7 am Hafen"."""
    if match.string[match.start("half") - 1].isdigit() or match["sign"] or row[at - 1].low in _BEFORE_ENGLISH:
        return True
    following = row[after(row, at, match.end())]
    return not close(following) or following.low in _ONLY_ENGLISH


def _in_words(row: Row, at: int) -> tuple[int, int, int] | None:
    low, following = row[at].low, row[at + 1].low
    if low in MIDNIGHT_AND_NOON:
        hour, minute = map(int, MIDNIGHT_AND_NOON[low].split(":"))
        return hour, minute, row[at].end
    if low == "halb":
        return _before_or_after(row, at + 1, -30)
    if low == "half" and following == "past":
        return _before_or_after(row, at + 2, 30)
    if low == "a" and following == "quarter":
        return _in_words(row, at + 1)
    if low in ("quarter", "viertel"):
        if sign := _sign(following):
            return _before_or_after(row, at + 2, 15 * sign)
        return _before_or_after(row, at + 1, -45) if low == "viertel" and not row[at].capital else None
    if low == "dreiviertel" or (low == "drei" and following == "viertel"):
        return _before_or_after(row, at + (1 if low == "dreiviertel" else 2), -15)
    return _minutes_from(row, at)


def _sign(low: str) -> int:
    return -1 if low in _BACK else 1 if low in _ON else 0


def _minutes_from(row: Row, at: int) -> tuple[int, int, int] | None:
    """Read "zehn nach acht", "twenty to nine", "sieben Uhr dreißig", "seven o'clock"."""
    count = _small(row, at)
    if count is None:
        return None
    value, index = count
    word = row[index]
    if close(word) and re.fullmatch(r"uhr|o['’]clock", word.low):
        minute = _small(row, index + 1) if value <= 24 and close(row[index + 1]) else None
        if minute and minute[0] < 60 and not row[minute[1]].capital:
            return value, minute[0], row[minute[1] - 1].end
        return (value, 0, word.end) if value <= 24 else None
    sign = _sign(word.low)
    if not sign or not close(word) or not 0 < value < 30:
        return None
    if word.low == "to":
        hour = _small(row, index + 1)
        if hour is None or value not in _MINUTES or (value <= hour[0] and row[at - 1].low != "at"):
            return None
    if row[index + 1].low == "halb" and close(row[index + 1]):
        return _before_or_after(row, index + 2, -30 + sign * value)
    return _before_or_after(row, index + 1, sign * value)


def _before_or_after(row: Row, at: int, minutes: int) -> tuple[int, int, int] | None:
    """Return the time so many minutes from the hour that the words from `at` on name."""
    hour = _small(row, at)
    if hour is None or not 1 <= hour[0] <= 12 or not close(row[at]):
        return None
    word = row[hour[1]]
    if close(word, "-") and word.low in UNITS and UNITS[word.low] != "clock":
        return None  # "fünf nach acht Tagen"
    moment = (60 * hour[0] + minutes) % (24 * 60)
    end = word.end if close(word) and word.low == "uhr" else row[hour[1] - 1].end
    return moment // 60, moment % 60, end


def _small(row: Row, at: int) -> tuple[int, int] | None:
    """Return a whole number below 60, in words or digits, and the index after it."""
    low = row[at].low
    if low.isdecimal() and len(low) <= 2:
        return int(low), at + 1
    if low in ("one", "ein"):  # "half past one", "ein Uhr"
        return 1, at + 1
    number = spelled(row, at)
    fits = number and not number.ordinal and len(number.value) <= 2 and number.value.isdecimal()
    return (int(number.value), number.after) if number and fits else None


def _part_of_day(row: Row, index: int, hour: int, end: int) -> tuple[int, int]:
    """Return the hours that "abends" or "in the evening", at `index`, adds, and where it ends."""
    words = row[index : index + 3]
    at = 0
    for lead in (("in", "the"), ("am",)):
        if tuple(word.low for word in words[: len(lead)]) == lead:
            at = len(lead)
    if at >= len(words) or not all(close(word) for word in words[: at + 1]):
        return 0, end
    low = words[at].low
    if low in LATE:
        return (12 if hour < 12 else 0), words[at].end
    return (0, words[at].end) if low in EARLY and not (low == "morgen" and not at) else (0, end)
