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

from rag.lexicon import open_lexicon
from rag.lexicon.senses import is_a, part_of_speech
from rag.text.char_ngrams import pieces
from rag.text.language import stem, words
from rag.text.number_wordlists import MEASURES, SAYING_UNITS, UNITS, YEAR
from rag.text.numbers import Quantity, find
from rag.text.sentences import sentences
from rag.text.wordlists import FUNCTION_WORDS, STARTERS

MARKER = re.compile(r"(?<!\s)\s*[\[【](\d{1,3}(?:\s*,\s*\d{1,3})*)[\]】]")
_SAME_NAME = 0.5  # the share of a name's pieces that one word of the quotes must hold
_MEANT = 0.1  # the least share of a translation that may be what a name is called
_POSSESSIVE = re.compile("['’]s?$")
_RANKED = re.compile(
    r"\b(zweit|dritt|viert|fünft|sechst|siebt|acht|neunt|zehnt)(?=[^\W\d_]+te[nrsm]?\b)", re.IGNORECASE
)
# What stands before a name, or begins an answer, and names nobody.
_NO_NAMES = frozenset(
    "mr mrs ms miss mx dr prof herr frau yes no ja nein because everyone anyone someone nobody".split()
)
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
    named = " ".join(  # the statement without its numbers
        statement[start:end]
        for start, end in zip(
            [0, *(quantity.end for quantity in wanted)],
            [*(quantity.start for quantity in wanted), len(statement)],
            strict=True,
        )
    )
    return missing_numbers(statement, quotes) + _absent(named, together)


def _absent(text: str, quotes: str) -> list[str]:
    """Return the names in a text that stand in no quote, neither as they sound nor in the other language."""
    spans = words(text)
    begins = text[slice(*spans[0])] if spans else ""
    wanted = [
        _POSSESSIVE.sub("", name)
        for at, name in enumerate(name for name in names(text) if name.lower() not in _NO_NAMES)
        if at or name != begins or not _is_common(name)  # "According" only begins the sentence
    ]
    absent = unnamed(wanted, re.sub(r"['’]s?\b", "", quotes))
    return [name for name in absent if not _translated(name, quotes)] if absent else []


def _is_common(word: str) -> bool:
    """Whether a word that begins a sentence is no noun, so that its capital says nothing."""
    english = (word, *_english(word)[:1])
    return any(each.lower() in _SMALL or part_of_speech(each) in ("a", "r", "v", "s") for each in english)


def names_nobody(word: str, language: str, *, begins: bool) -> bool:
    """Whether a word with a capital is a common noun: as all have one in German, and in English where they begin."""
    if language == "de":
        return bool(english := _english(word)) and not any(each[:1].isupper() for each in english)
    return begins and part_of_speech(word) != "" and not is_a(word, "location")


def _english(word: str) -> tuple[str, ...]:
    """Return what a German word means in English; nothing for one that the lexicon does not know."""
    lexicon = open_lexicon("de")
    known = lexicon.words.word(word).translations if lexicon else ()
    return tuple(each.english for each in known if each.share >= _MEANT)


def _translated(name: str, quotes: str) -> bool:
    """Whether quotes in one language hold a name in the other: "Moscow" in "Moskau", "Korean" in "nordkoreanisch"."""
    spoken = {quotes[start:end] for start, end in words(quotes)}
    held = {stem(word, "en") for word in spoken}
    for word in spoken:
        held |= {stem(each, "en") for english in _english(word) for each in english.split()}
    meanings = [[name], *(english.split() for english in _english(name))]
    return any(all(stem(each, "en") in held for each in meaning) for meaning in meanings)


def missing_numbers(statement: str, quotes: Sequence[str]) -> list[str]:
    """Return the numbers of `statement`, by value, that none of its `quotes` holds as such a number."""
    held = _Held.of(quotes)
    absent = {
        value
        for quantity in _numbers(statement)
        for value in quantity.ends
        if not any(held.backs(quantity, each) for each in _readings(value, statement, quantity))
    }
    return sorted(absent)


def _readings(value: str, text: str, quantity: Quantity) -> tuple[str, ...]:
    """Return what a value may stand for: "halb fünf" is 4:30 and 16:30."""
    if quantity.kind != "time" or text[quantity.start].isdigit() or not value < "12":
        return (value,)
    return value, f"{int(value[:2]) + 12}{value[2:]}"


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
        quotes = [_RANKED.sub(r"\1er ", quote) for quote in quotes]  # "drittgrößter": the third
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
        if wanted.kind == "ordinal" and other.kind == "fraction" and f"1/{value}" in other.ends:
            return True  # "a third larger", "um ein Drittel größer"
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
