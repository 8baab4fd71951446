"""Questions made of what is no sentence: lines such as "Invoice date: 3 May", and rows of tables with column heads.

What is asked for is a noun, and its value a figure, a date or a name. German needs the noun's gender, which its ending
tells; where it does not, nothing is asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from rag.answering.person_names import is_kind, is_person
from rag.answering.question_clauses import Shape, Shaped, Spelling, Token, is_time, joined, measures
from rag.lexicon.genders import gender
from rag.lexicon.senses import forms, part_of_speech
from rag.text.normalization import Normalized
from rag.text.numbers import find
from rag.text.quantity import Quantity

_FIELD = re.compile(r"(?:[-*•]\s+)?\**(?P<name>[^\W\d_][^:*|]{1,40}?)\**\s?:\**\s+\**(?P<value>\S.{0,78}?)\**")
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_JOINED_ON = re.compile(r"-[^\W\d_]")  # "two-sided" is no figure
_HEAD = re.compile(r"[^:]+: ")
_THINGS = ("object", "artifact", "organism", "solid")  # which have no value: "Bicycle: £1.50" is a price list
_AMOUNTS = ("cost", "amount", "charge", "levy", "payment", "income", "sum", "possession")
_SENSES = 4
_EVENTS = ("event", "act", "meeting")
_TIMES = ("date", "period", "measure", "time")
_BARE = frozenset("date number time page datum nummer zeit seite uhrzeit".split())  # of what?
_UNIT = re.compile(r"[\d.,–-]+(?:\s(?:bis|to)\s[\d.,]+)?\s?[^\W\d_]{1,3}")
_MOST = 3  # words of what is asked for
_MOST_KEY = 5  # words of what a row of a table is about
_ARTICLES = {"m": "der", "f": "die", "n": "das", "pl": "die"}


@dataclass(frozen=True, slots=True)
class Value:
    """What stands after a name: its words, where they stand, and the first figure among them."""

    words: str
    start: int
    figure: Quantity | None

    @property
    def end(self) -> int:
        return self.start + len(self.words)

    @property
    def token(self) -> Token:
        return Token(self.words, self.start, self.end, self.figure)

    @property
    def of_day(self) -> bool:
        return self.figure is not None and self.figure.kind == "time"


def field_questions(text: str, language: str, written: Spelling) -> Iterator[Shaped]:
    """Yield the question that a line of a form answers."""
    found = _FIELD.fullmatch(text)
    if found is not None and not found["value"].endswith((".", "?", "!", ":", ",", ";")):
        yield from _asked(found["name"], _value(found["value"], found.start("value")), language, written)


def row_questions(row: Normalized, language: str, written: Spelling) -> Iterator[Shaped]:
    """Yield the questions that a row of a table answers: of its first cell, what stands in the others."""
    cells = [(match.group()[:-2], *_after(row.text, match.end(), end)) for match, end in _heads(row)]
    if len(cells) != len(row.cells) or len(cells) < 2:
        return
    _, key, _ = cells[0]
    if not _is_key(key):
        return
    if len(cells) == 2 and _is_name(key, language):
        yield from _asked(key, _value(*cells[1][1:]), language, written)
        return
    for name, words, at in cells[1:]:
        if words:
            yield from _of_key(name, key, _value(words, at), language, written)


def _heads(row: Normalized) -> Iterator[tuple[re.Match[str], int]]:
    for start, end in row.cells:
        if match := _HEAD.match(row.text, start, end):
            yield match, end


def _after(text: str, start: int, end: int) -> tuple[str, int]:
    return text[start:end].rstrip(), start


def _value(words: str, start: int) -> Value:
    figures = (figure for figure in find(words) if not _JOINED_ON.match(words, figure.end))
    return Value(words, start, next(figures, None))


def _is_key(key: str) -> bool:
    """Whether a cell names something: words, and no amount or time of day."""
    alone = all(figure.start and figure.kind == "number" and not figure.unit for figure in find(key))
    return bool(key) and "," not in key and len(key.split()) <= _MOST_KEY and alone and _WORD.match(key) is not None


def _is_name(name: str, language: str) -> bool:
    """Whether words are a noun, with what says which."""
    words = name.split()
    if not 0 < len(words) <= _MOST or not all(_WORD.fullmatch(word) for word in words):
        return False
    if language == "de":
        return len(words) == 1 and name[0].isupper() and not name.isupper() and bool(gender(name))
    return part_of_speech(words[-1]) == "n" and all(part_of_speech(word) in ("n", "a", "v") for word in words[:-1])


def _asked(name: str, value: Value, language: str, written: Spelling) -> Iterator[Shaped]:
    """Ask for what a name stands for."""
    if language == "de" and is_person(name, "de") and gender(name) != "pl":
        if _is_named(value):
            yield _shaped(joined("Wer ist", name), "who", value)
        return
    if not _is_name(name, language):
        return
    person = language == "en" and is_person(name.split()[-1], "en")
    if person and not _many(name):
        if _is_named(value):
            yield _shaped(joined("Who is the", _inside(name, written)), "who", value)
    elif _has(name, value, language) and name.lower() not in _BARE:
        yield _shaped(joined(_asks(name, value, language, written)), "field", value)


def _has(name: str, value: Value, language: str) -> bool:
    """Whether a value can be what a name stands for: a time of an event or a time, of a thing none."""
    last = name.split()[-1]
    if value.figure is None or is_kind(last, _THINGS, language):
        return False
    if measures(value.token, "money") and not name.isupper():
        return is_kind(last, _AMOUNTS, language, _SENSES)  # else it may be what costs that
    return not is_time(value.token) or is_kind(last, _EVENTS + _TIMES, language)


def _asks(name: str, value: Value, language: str, written: Spelling) -> str:
    last = name.split()[-1]
    of_time = is_kind(last, _TIMES, language) or (language == "de" and gender(last) == "pl")
    when = (value.of_day and not of_time) or (is_time(value.token) and is_kind(last, _EVENTS, language))
    if language == "de":
        return _german(name, value, when)
    return f"{'When' if when else 'What'} {'are' if _many(name) else 'is'} the {_inside(name, written)}"


def _of_key(name: str, key: str, value: Value, language: str, written: Spelling) -> Iterator[Shaped]:
    """Ask for what stands in a column for a key: "What is the price of Aqualux 300?"."""
    if (
        not _is_name(name, language)
        or not (value.of_day or _has(name, value, language))
        or (language == "en" and _many(name))
    ):
        return
    asks = _asks(name, value, language, written)
    place = asks.startswith("When") and not any(map(str.isdigit, key))
    of = "für" if language == "de" else "at" if place else "of"
    yield _shaped(joined(asks, of, key), "cell", value)


def _german(name: str, value: Value, when: bool) -> str:
    noun = f"{_ARTICLES[gender(name)]} {name}"
    is_, reads = ("sind", "lauten") if gender(name) == "pl" else ("ist", "lautet")
    if when:
        return f"Wann {is_} {noun}"
    if measures(value.token, "money", "share"):
        return f"Wie hoch {is_} {noun}"
    if measures(value.token, "time") and gender(name) != "pl":
        return f"Wie lang {is_} {noun}"
    if (measures(value.token) or _UNIT.fullmatch(value.words)) and gender(name) != "pl":
        return f"Wie groß {is_} {noun}"
    return f"Wie {reads} {noun}"


def _is_named(value: Value) -> bool:
    """Whether a value may be a name: a few words, all with a capital."""
    words = value.words.split()
    return 1 < len(words) <= _MOST_KEY and all(word[0].isupper() for word in words) and value.figure is None


def _many(name: str) -> bool:
    last = name.split()[-1].lower()
    return (
        last.endswith("s") and not last.endswith("ss") and any(part_of_speech(each) for each in list(forms(last))[1:])
    )


def _inside(name: str, written: Spelling) -> str:
    """Return an English name as it is written inside a sentence."""
    return " ".join(word if word.isupper() or word in written.capitals else word.lower() for word in name.split())


def _shaped(question: str, shape: Shape, value: Value) -> Shaped:
    return Shaped(question, shape, value.start, value.end)
