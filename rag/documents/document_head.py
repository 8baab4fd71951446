"""What a text says of itself in its first lines: what it is called, and of which day it is.

Taken for its day, where its title names none, is a short line among the first that holds one full date and nothing
else but

- a label before it: "Rechnungsdatum: 14. Mai 2024", "**Date:** Friday, 3 May 2024", "Stand<tab>01.02.2025";
- a place, or whoever writes, before it: "Lübeck, den 3. Oktober 2023", "London, 3 May 2024"; or nothing;
- a place after it, which may have small letters where the time of day is said: "Tuesday 7 May 2024, 19:30, Town Hall",
  "Rowing Club, 7 May 2024, 7 pm, boathouse".

A line of several sentences or fields is looked at by these: "To: Ms Kern. Date of invoice: 3 May 2024. Due by …".
Of several days the one that is labelled "Date" or "Datum" and no more; else the first, for an invoice gives its own day
before those of delivery and payment. A day that is only a bound ("Gültig bis: 3.5.2026") is not taken, nor one of
many in a row, which are a calendar's, nor one before 1970, which is history. Where no other is given, what a text
holds from is its day ("Gültig ab 1. März 2024"): its versions differ in that. No word for a kind of document decides,
so a text whose only such line is another day's ("Next meeting: 3 May 2025", "Geburtsdatum: 3.5.1985") is given that:
what dates it would stand in such a line too, and mostly does, above the others.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from rag.text import numbers
from rag.text.language import words
from rag.text.markup import is_row, markup
from rag.text.quantity import Quantity
from rag.text.sentences import sentences
from rag.text.wordlists import FUNCTION_WORDS, WEEKDAY_ABBREVIATIONS

_LONGEST = 120  # characters of a line that is looked at for a date: more is prose
FIRST_LINES, _HEAD_LINES = 600, 12  # characters and lines that are
_MOST_DAYS = 3  # such lines of an invoice; more of them are a calendar
_FIRST_WRITTEN = "1970"  # hardly a file is of a day before
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_LABEL = re.compile(r"(?P<label>[^\W\d_][^:|\t\d]{0,40}?)[ ]*(?::|\t|[ ]{3})[ \t]*(?P<rest>\S.*)")
_LATER = re.compile(r"(?<=\s)[^\W\d_]+: [^:]*$")  # another label in a line
_DATE_WORDS = frozenset({"date", "datum"})
_BOUNDS = frozenset("bis ab seit vor nach until till by from since before after".split())  # "Gültig ab: 1.1.2025"
_SMALL = frozenset().union(*FUNCTION_WORDS.values())
_VALID = frozenset("valid effective force gültig gilt gelten kraft".split())
_SINCE = frozenset("ab seit from since".split())
_SENTENCE = re.compile(r"(?<=[^\W\d_][^\W\d_]\.)\s+(?=[^\W_])|(?<=\d{4}\.)\s+(?=[^\W\d_])")  # "3. Mai" is not cut
_MOST_WORDS = 4  # of a place, or a name
_DEN = re.compile(r"[^\W\d_][^\d:]{0,60}?,?\s+den\s+\d")
_SIGNS = "#*_->| \t\ufeff"  # of markup

_TITLE_LENGTH = 80
_WIDE = 60  # characters: a longer line is a title by itself
_FIELD = re.compile(r"[^\W\d_][^:|\n]{0,40}:[ \t]+\S")


def day_in(line: str) -> str | None:
    """Return the day that a title names, "Protokoll vom 3. März 2025"; None where it names none, or several.

    Whether that is the day of the document or of its subject, only its words could say. A title mostly dates its
    document; but days before _FIRST_WRITTEN, as in "Die Schlacht vom 8. Mai 1945", are history for nearly all files.
    """
    if len(line) > _LONGEST or line.startswith("|") or line.rstrip()[-1:] in tuple(".!?:;,"):
        return None
    return _written(_day(line))


def day_of(text: str, body: int) -> str | None:
    """Return the day that the first lines of a text, which begins at `body`, give as its own, None where none does."""
    whole = list(_first_lines(text, body))
    lines = [part.rstrip(".") for line in whole for part in _SENTENCE.split(line)]
    labelled = [_labelled(line) for line in lines]
    if own := next((each[1] for each in labelled if each and each[0] in _DATE_WORDS), None):
        return own
    if lines and labelled[0] is None and (day := day_in(whole[0])):
        return day
    given = [
        each[1] if each else _written(_placed(line) or _then_placed(line))
        for line, each in zip(lines, labelled, strict=True)
    ]
    days = [day for day in given if day]
    if days:
        return days[0] if len(days) <= _MOST_DAYS else None
    return next((day for line in lines if (day := _written(_valid_from(line)))), None)


def only_place_and_day(line: str) -> bool:
    """Return whether a line is a letter's "Lübeck, den 3. Oktober 2023", which "Protokoll, 3. Oktober 2023" is not."""
    return len(line) <= _LONGEST and _DEN.match(line) is not None and _placed(line) is not None


def only_day(line: str) -> bool:
    """Return whether a line says but a day, and where or who: "12 May 2023", "Lübeck, 3. Oktober 2023"."""
    return _placed(line.strip(_SIGNS)) is not None


def first_words(text: str, body: int, language: str) -> str:
    """Return a title for a text without one: its first line where no sentence ends there, else its first words.

    Lines that only date the text are passed over. "" where it begins with a table.
    """
    spans = sentences(text, language, body, min(len(text), body + 2000))
    if not spans or text[body : body + 1000].lstrip(" \t\r\n\ufeff").startswith("|"):
        return ""
    code = markup(text).fence
    prose = [text[slice(*span)] for span in spans if not code(span[0]) and not is_row(text, span[0])]
    prose = prose or [text[slice(*spans[0])]]
    line, cut = _line(next((each for each, after in pairwise([*prose, ""]) if not _only_dates(each, after)), prose[0]))
    first = " ".join(line.strip(_SIGNS).split())
    if len(first) > _TITLE_LENGTH:
        return first[:_TITLE_LENGTH].rsplit(" ", 1)[0].rstrip(" ,;:–-") + "…"
    return first if first[-1:].isalnum() and not cut else first.rstrip(".,;: ") + "…"


def _line(sentence: str) -> tuple[str, bool]:
    """Return a sentence up to the first end of a line that does not only wrap it, and whether that is to be shown."""
    lines = [line for line in sentence.splitlines() if line.strip()]
    taken = lines[0]
    for line in lines[1:]:
        following = line.strip()
        if _FIELD.match(following) or is_row(following, 0):
            return taken, False
        last = taken.rstrip().rsplit(None, 1)[-1]
        goes_on = following[0].islower() or last[-1] in ",-\u00ad" or last.lower() in _SMALL
        if len(taken) >= _WIDE or not goes_on:
            return taken, True
        taken = f"{taken} {following}"
    return taken, False


def _only_dates(sentence: str, following: str) -> bool:
    """Return whether a line says but where and when: "London, 3 May 2024" above "Dear Ms Kern," does."""
    line = sentence.strip(_SIGNS)
    if only_place_and_day(line) or _labelled(line) is not None:
        return True
    address = following.split("\n", 1)[0].rstrip()
    return (line[:1].isdigit() or address[-1:] in tuple(",:!")) and _placed(line) is not None


# --- the lines that give a day ------------------------------------------------------------------------------


def _first_lines(text: str, body: int) -> Iterator[str]:
    """Yield the first lines that hold anything, without signs of markup; no rows of tables, no code."""
    code = markup(text).fence
    at, many = body, 0
    for line in text[body : body + FIRST_LINES + _LONGEST].splitlines(keepends=True):
        told = re.sub(r"[*_]+", "", line).strip(" \t\r\n\ufeff")
        if at - body > FIRST_LINES or many == _HEAD_LINES:
            return
        if told and not told.startswith("|") and not code(at):
            many += 1
            yield told.lstrip("#->• ")
        at += len(line)


def _labelled(line: str) -> tuple[str, str] | None:
    """Return the label, in small letters, and the day of a line that is nothing more; None for others."""
    match = _LABEL.fullmatch(line) if len(line) <= _LONGEST else None
    if match is None:
        return None
    label, rest = match["label"].strip().lower(), match["rest"]
    if later := _labelled(rest[at.start() :]) if (at := _LATER.search(rest)) else None:
        return later  # "Kundin: Frau Kern, Ulm Rechnungsdatum: 3. Mai 2024"
    if set(label.split()[-1:]) & _BOUNDS or (found := _one_date(rest)) is None or not _nothing_else(rest, ()):
        return None
    day = _written(found.value)
    return (label, day) if day else None


def _placed(line: str) -> str | None:
    """Return the day of a line that is nothing more but a place or a name, None for others."""
    found = _one_date(line) if len(line) <= _LONGEST else None
    if found is None or ":" in line[: found.start]:
        return None
    if _nothing_else(line, ()):  # "Tuesday 11 March 2025"
        return found.value
    before = line[: found.start].rstrip()
    own = [before[start:end] for start, end in words(before)]
    named = [word for word in own if word.lower() not in _SMALL]
    parted = (
        not named or before.endswith(",") or own[-1] == "den" or before.rpartition(",")[2].strip().lower() in _SMALL
    )
    fits = len(named) <= _MOST_WORDS and all(word[0].isupper() for word in named)
    return found.value if parted and fits and _nothing_else(line, named) else None


def _then_placed(line: str) -> str | None:
    """Return the day of a line that has no more before it than a place or a name, and then a place; None for others."""
    found = _one_date(line) if len(line) <= _LONGEST else None
    if found is None or _placed(line[: found.end]) is None:
        return None
    after = line[found.end :].rstrip()
    times = [each for each in numbers.find(after) if each.kind == "time"]
    begins = after.rfind(",") if times else len(after)
    said = [(start, after[start:end]) for start, end in words(after) if not _within(start, times)]
    named = [(start, word) for start, word in said if word.lower() not in _SMALL]
    fits = 0 < len(named) <= _MOST_WORDS and all(word[0].isupper() or start > begins for start, word in named)
    told = fits and after.lstrip().startswith(",") and ": " not in after
    return found.value if told and _nothing_else(after, [word for _, word in named]) else None


def _valid_from(line: str) -> str | None:
    """Return the day that a sentence says something holds from, and no more: "Valid from 3 May 2024 to 2 May 2025"."""
    dates = [found for found in numbers.find(line) if found.kind == "date"] if len(line) <= _LONGEST else []
    if not dates or not _DAY.fullmatch(dates[0].value):
        return None
    first = next((at for at, sign in enumerate(line) if sign.isdigit()), dates[0].start)  # "from" is part of a span
    before = {line[start:end].lower() for start, end in words(line[:first])}
    said = [line[start:end].lower() for start, end in words(line) if not _within(start, dates)]
    rest = [word for word in said if word not in _VALID | _BOUNDS | _SMALL]
    return dates[0].value if before & _VALID and before & _SINCE and not rest else None


def _within(at: int, found: list[Quantity]) -> bool:
    return any(each.start <= at < each.end for each in found)


def _one_date(line: str) -> Quantity | None:
    """Return the one date of a line, where it is a full one."""
    dates = [found for found in numbers.find(line) if found.kind == "date"]
    fits = len(dates) == 1 and not dates[0].upto and _DAY.fullmatch(dates[0].value)
    return dates[0] if fits else None


def _nothing_else(line: str, named: list[str] | tuple[()]) -> bool:
    """Return whether beside its date a line only says the time of day or week, and what is `named`."""
    moments = [found for found in numbers.find(line) if found.kind in ("date", "weekday", "time")]
    for start, end in words(line):
        word = line[start:end]
        if _within(start, moments) or word in named:
            continue
        if word.lower() in _BOUNDS or not (word.lower() in _SMALL or word in WEEKDAY_ABBREVIATIONS):
            return False
    return True


def _day(line: str) -> str | None:
    """Return the one full date of a line, None where it has none or several."""
    dates = [found for found in numbers.find(line) if found.kind == "date" and _DAY.fullmatch(found.value)]
    days = {found.value for found in dates} | {found.upto for found in dates if found.upto}
    return days.pop() if len(days) == 1 else None


def _written(day: str | None) -> str | None:
    return day if day and day >= _FIRST_WRITTEN else None
