"""What a fragment replaces in the question before: "And on Monday?" its day, "And in 2020?" its year.

Like replaces like: a source, a time, a name after the same preposition. Where nothing of its kind stands in the
question before, or more than one, it replaces nothing.
"""

from __future__ import annotations

import re

from rag.answering.followup_detection import source
from rag.answering.followup_wordlists import PREPOSITIONS, SOURCE
from rag.text.language import read
from rag.text.number_wordlists import MONTHS, WEEKDAYS, YEAR
from rag.text.numbers import find
from rag.text.quantity import Quantity

_YEAR = re.compile(rf"(?:\b(?:in|im|for|during|in the year|for the year|im jahre?)\s)?\b({YEAR})\b", re.I)
_OTHER_TIME = re.compile(
    rf"(?:in |im |during |for |im jahre? |in the year )?(?:{YEAR})"
    r"|(?:in )?(?:the )?year (?:before|after)|(?:in )?(?:the )?(?:previous|following|next|last) year"
    r"|a year (?:earlier|later|before|after)|im vorjahr|im jahr (?:davor|danach|zuvor|darauf)"
    r"|ein jahr (?:früher|später|davor|danach|zuvor)|im (?:folgenden|nächsten|vorigen|letzten|vergangenen) jahr",
    re.I,
)
_NAME = r"(?:the )?[A-Z]\w*(?: [A-Z]\w*)*"
_ONE_NAME = re.compile(rf"((?:in|on|at|for|from|with|to|by) )?{_NAME}")
_NAMES = re.compile(rf"(?<=\w ){_NAME}")
_PLACE = re.compile(r"\b(in|nach|aus|von|ab|from|to|at) [^\W\d_a-zäöüß][\w-]+(?: [A-ZÄÖÜ][\w-]+)*")
_PREPOSITION = re.compile(
    r"(?:\b(?:on|in|at|by|since|until|from|am|im|um|vom|bis|ab|seit)(?: the| dem| zum)? )?$", re.I
)
_LAST_YEAR = re.compile(rf",? (?:{YEAR})$")


def swapped(fragment: str, body: str, language: str) -> str:
    """Put a fragment in the place of its like in the earlier question: a source, a time, a name; or return ""."""
    cited = source(body)
    if cited and SOURCE.match(fragment):
        return body[: cited[0]] + fragment + body[cited[1] :]
    years = list(_YEAR.finditer(body))
    if len(years) == 1 and _OTHER_TIME.fullmatch(fragment):
        anchor = f" {years[0].group(1)}" if re.search(r"the year (before|after)$", fragment) else ""
        return body[: years[0].start()] + fragment + anchor + body[years[0].end() :]
    if other := _at_another_time(fragment, body) or _elsewhere(fragment, body):
        return other
    name, names = _ONE_NAME.fullmatch(fragment), list(_NAMES.finditer(body))
    if language == "de" or not name or len(names) != 1:
        return ""
    return _renamed(fragment, name.group(1) or "", body, names[0])


def _at_another_time(fragment: str, body: str) -> str:
    """Put one day, date or hour in another's place, with its preposition; a year that only the old one has stays."""
    wanted = _times(fragment)
    if len(wanted) != 1 or wanted[0].end != len(fragment) or not _PREPOSITION.fullmatch(fragment[: wanted[0].start]):
        return ""
    like = [each for each in _times(body) if each.kind == wanted[0].kind]
    if len(like) != 1:
        return ""
    start, end = like[0].start, like[0].end
    year = _LAST_YEAR.search(body[start:end])
    if year and not re.search(YEAR, fragment):
        end = start + year.start()
    if wanted[0].start and (before := _PREPOSITION.search(body[:start])):
        start = before.start()
    return body[:start] + fragment + body[end:]


def _times(text: str) -> list[Quantity]:
    """Return the days, dates and hours in a text; of weekdays also many: "on Sundays"."""
    found = [each for each in find(text) if each.kind in ("date", "time", "quarter")]
    days = [word for word in read(text) if word.low in WEEKDAYS or word.low.removesuffix("s") in WEEKDAYS]
    return [*found, *(Quantity(word.start, word.end, "weekday", word.low) for word in days)]


def _elsewhere(fragment: str, body: str) -> str:
    """Put one place in another's, where the same preposition stands before both: "from Truro", "nach Husum"."""
    place = _PLACE.fullmatch(fragment)
    like = [each for each in _PLACE.finditer(body) if place and each[1] == place[1]]
    if not place or len(like) != 1 or _is_time(place.group()) or _is_time(like[0].group()):
        return ""
    return body[: like[0].start()] + fragment + body[like[0].end() :]


def _is_time(phrase: str) -> bool:
    return any(word.low in MONTHS | WEEKDAYS for word in read(phrase))


def _renamed(fragment: str, preposition: str, body: str, name: re.Match[str]) -> str:
    """Put one English name in another's place, if the same preposition, or none, stands before both."""
    before, after = body[: name.start()], body[name.end() :]
    dates = MONTHS | WEEKDAYS
    if fragment.split()[-1].lower() in dates or name.group().lower() in dates or after[:1] in ("'", "’", "-"):
        return ""
    if preposition:
        return before.removesuffix(preposition) + fragment + after if before.endswith(" " + preposition) else ""
    return "" if before.split()[-1].lower() in PREPOSITIONS else before + fragment + after
