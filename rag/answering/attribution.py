"""Attribution: whether a written statement is backed by the quotes it cites.

A model that writes can misquote, misattribute and miscount. So nothing it writes is
taken on trust: every [n] must name a passage it was given, and every number and name in a
statement must occur in the sentences that are cited for it. Numbers, dates and times are
compared by value and unit (11.000 = 11,000 = "11 thousand", "halb acht" = 7:30), names by
their sound, so that "Zelensky" is found in "Selenskyj" but not in "Blinken".
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from rag.text.char_ngrams import pieces
from rag.text.language import words
from rag.text.number_wordlists import MEASURES, SAYING_UNITS, UNITS, YEAR
from rag.text.numbers import Quantity, find
from rag.text.sentences import sentences
from rag.text.wordlists import FUNCTION_WORDS, STARTERS

MARKER = re.compile(r"(?<!\s)\s*[\[【](\d{1,3}(?:\s*,\s*\d{1,3})*)[\]】]")
_SAME_NAME = 0.5  # the share of a name's pieces that one word of the quotes must hold
_SMALL = frozenset().union(*FUNCTION_WORDS.values()) | {word.lower() for word in STARTERS}


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence as the model wrote it: its words without markers, and the numbers it cites."""

    text: str
    cites: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Statement:
    """One sentence of an answer and the numbers of the citations that back it.

    `supported` is false only for Beleg's own "the documents do not say".
    """

    text: str
    citations: tuple[int, ...]
    supported: bool


def claims(text: str, language: str) -> list[Claim]:
    """Split what a model wrote into sentences, each with the [n] in it or right after it."""
    # "Eleven thousand. [1]" and "Eleven thousand [1]." mean the same; bring the marker inside.
    text = re.sub(r"([.!?…][\"”“']?)((?:\s*\[[\d,\s]+\])+)", r"\2\1", text)
    found = []
    for start, end in sentences(text, language):
        sentence = text[start:end]
        cited = [int(n) for match in MARKER.finditer(sentence) for n in match.group(1).split(",")]
        bare = MARKER.sub("", sentence).strip()
        if MARKER.search(bare):  # "[[1]2]" leaves a marker that nobody has checked
            bare = re.sub(r"[\[\]【】]", "", bare).strip()
        if any(map(str.isalnum, bare)):
            found.append(Claim(bare, tuple(dict.fromkeys(cited))))
    return found


def _numbers(text: str) -> list[Quantity]:
    """Return what `find` does, without a "one" in words, which is an article or a pronoun as often."""
    return [found for found in find(text) if found.ends != ("1",) or text[found.start].isdigit() or _dated(found)]


def _dated(quantity: Quantity) -> bool:
    return quantity.kind in ("date", "weekday", "time", "quarter")


def names(text: str) -> list[str]:
    """Return the capitalised words of `text` that are no mere sentence starters."""
    found = []
    for start, end in words(text):
        word = text[start:end]
        if word[0].isupper() and word.lower() not in _SMALL and len(word) > 1:
            found.append(word)
    return found


def unnamed(wanted: list[str], text: str) -> list[str]:
    """Return those of the names `wanted` that no word of `text` sounds like."""
    held = {frozenset(pieces(text[start:end])) for start, end in words(text)}
    absent = []
    for name in wanted:
        parts = set(pieces(name))
        if parts and not any(len(parts & word) >= _SAME_NAME * len(parts) for word in held):
            absent.append(name)
    return absent


def missing(statement: str, quotes: list[str]) -> list[str]:
    """Return the numbers and names of `statement` that none of its `quotes` holds; [] is proof.

    In German every noun is capitalised, so there a noun must occur as well: stricter than
    need be, but never wrong in the person's disfavour. What belongs to a number ("Mai",
    "Millionen", "Euro") is compared by value with it.
    """
    wanted, together = _numbers(statement), "\n".join(quotes)
    held = _Held.of(quotes)
    absent = {value for quantity in wanted for value in quantity.ends if not held.backs(quantity, value)}
    named = " ".join(  # the statement without its numbers
        statement[start:end]
        for start, end in zip(
            [0, *(quantity.end for quantity in wanted)],
            [*(quantity.start for quantity in wanted), len(statement)],
            strict=True,
        )
    )
    return sorted(absent) + unnamed(names(named), together)


# --- numbers that back numbers -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Held:
    """What quotes hold: numbers, those of them in digits, the fields of dates, and the units that any word names."""

    numbers: Sequence[Quantity]
    in_digits: Collection[Quantity]
    dates: Sequence[Mapping[str, str]]
    units: Collection[str]

    @classmethod
    def of(cls, quotes: Sequence[str]) -> _Held:
        """Look through quotes."""
        found = [(quantity, quote) for quote in quotes for quantity in find(quote)]
        dates = [
            _fields(end)
            for quantity, _ in found
            for end in quantity.ends
            if quantity.kind == "date" or _years(quantity)
        ]
        said = {quote[start:end].lower() for quote in quotes for start, end in words(quote)}
        named = {unit for word, unit in (UNITS | SAYING_UNITS).items() if word in said}
        in_digits = {quantity for quantity, quote in found if quote[quantity.start].isdigit()}
        return cls([quantity for quantity, _ in found], in_digits, dates, named)

    def backs(self, wanted: Quantity, value: str) -> bool:
        """Whether one end of a number in a statement is held, as the same kind of number."""
        if wanted.kind == "date":
            return self._dates_back(_fields(value))
        if wanted.kind == "number" and _years(wanted) and self._dates_back({"year": value}):
            return True
        return any(self._same(wanted, value, other) for other in self.numbers)

    def _dates_back(self, fields: Mapping[str, str]) -> bool:
        """Whether dates that contradict it in nothing hold all of a date together: "im Mai", "1907"."""
        fitting = [date for date in self.dates if all(fields.get(name, part) == part for name, part in date.items())]
        return all(any(name in date for date in fitting) for name in fields)

    def _same(self, wanted: Quantity, value: str, other: Quantity) -> bool:
        if wanted.kind == "quarter":
            return other.kind == "quarter" and any(end == value or end.endswith(f"-{value}") for end in other.ends)
        if wanted.kind == "ordinal" and other.kind == "date":
            return any(_fields(end).get("day") == value for end in other.ends)
        if other.kind == "time" and wanted.kind == "number" and not wanted.unit:  # "at 5.40", "at 9"
            clock = [end.removeprefix("0").replace(":", ".") for end in other.ends]
            return value in clock or f"{value}.00" in clock
        return value in other.ends and self._comparable(wanted, other) and self._in_its_unit(wanted, other)

    def _comparable(self, wanted: Quantity, other: Quantity) -> bool:
        """Whether equal values mean the same: "3 boats" are not "the third boat", but "3. Boot" may be "boat 3"."""
        if other.kind == "ordinal" and wanted.kind != "ordinal":
            return wanted.kind == "number" and other in self.in_digits
        counted = {"number", "percent", "money"}
        if wanted.kind == "ordinal":
            return other.kind == "ordinal" or (other.kind == "number" and not other.unit)
        return wanted.kind == other.kind or {wanted.kind, other.kind} <= counted

    def _in_its_unit(self, wanted: Quantity, other: Quantity) -> bool:
        """Whether the units agree; a quote may name one elsewhere, in the head of a table."""
        if wanted.unit == other.unit:
            return True
        if not wanted.unit or MEASURES[wanted.unit] == "count":
            return other.kind != "percent"
        if not other.unit:
            return wanted.unit in self.units
        return {wanted.unit, other.unit} == {"°", "°C"}


def _years(quantity: Quantity) -> bool:
    """Whether a number may be a year, or the years of a range: "1914–1918"."""
    return quantity.kind == "number" and not quantity.unit and all(re.fullmatch(YEAR, end) for end in quantity.ends)


def _fields(value: str) -> dict[str, str]:
    """Return year, month and day of a date's value, without leading zeros, as far as it has them."""
    year, month, day = [*value.replace("--", "-").split("-"), "", ""][:3]
    parts = {"year": year, "month": month, "day": day}
    return {name: part.lstrip("0") for name, part in parts.items() if part}
