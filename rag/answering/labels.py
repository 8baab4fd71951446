"""Which of several labels a question names: headings, first cells of rows, words before a colon.

A label is compared with a question by stems, by what both mean in English, by the days of the week that both name
("Sonn- und Feiertage", "Mo–Fr"), and by codes letter for letter. What all labels have tells none apart: it is the
difference between them that counts, so scores mean something only beside each other.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from rag.answering.figure_times import days
from rag.answering.query import Query
from rag.lexicon.query_terms import glossed
from rag.text.language import asked_stems, read, stems
from rag.text.number_wordlists import WEEKDAY_NUMBERS, WEEKDAY_SHORT
from rag.text.numbers import find

_CODE = re.compile(r"\b(?=\w*\d)(?=\w*[^\W\d_])\w+\b")  # "E7", "A08"
_LIKELY = 0.5  # of the likeliest meaning's share
_MORE = 0.1  # for each further word of what a word means: "single" and "room" of "Einzelzimmer"
_SURE = 2.0  # what a day or a code is worth, beside 1 for a word and 1 for its meaning
_WORD = re.compile(r"[^\W\d_]+")
_CUT = re.compile(r"([^\W\d_]+)-(?=[\s/,])")
_RANGE = re.compile(r"\s*(?:[-–—]|bis|to|till|through)\s*")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a question says, as labels in one language are compared with it."""

    language: str  # of the labels
    words: tuple[frozenset[str], ...]
    codes: frozenset[str]
    days: frozenset[str]

    def only(self, at: int) -> Asked:
        """Return one word of it."""
        return Asked(self.language, self.words[at : at + 1], frozenset(), frozenset())


def asked_of(query: Query, language: str) -> Asked:
    """Return what a question says to labels in `language`."""
    own = [frozenset({each}) for each in dict.fromkeys(asked_stems(query.text, query.language, language))]
    meant = [
        frozenset(word for word, share in options.items() if share >= _LIKELY * max(options.values()))
        for options in query.terms
    ]
    return Asked(language, (*own, *meant), _codes(query.text), days(find(query.text), read(query.text)))


def score(label: str, asked: Asked) -> float:
    """Return how much of a question a label says; a score means something beside those of its siblings."""
    keys, codes, named = _said(label, asked.language)
    hits = [len(keys & each) for each in asked.words]
    found = sum(1 + _MORE * (hit - 1) for hit in hits if hit)
    return found + _SURE * len(codes & asked.codes) + _SURE * bool(named & asked.days)


def named_of(scores: Sequence[float]) -> frozenset[int]:
    """Return the places of the highest scores; none where all are the same."""
    best = max(scores, default=0.0)
    found = frozenset(at for at, value in enumerate(scores) if value == best)
    return found if len(found) < len(scores) else frozenset()


@lru_cache(maxsize=4096)
def _said(label: str, language: str) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    keys = frozenset([*stems(label, language), *glossed(label, language)])
    return keys, _codes(label), days(find(label), read(label)) | _short_days(label)


def _codes(text: str) -> frozenset[str]:
    return frozenset(match.group().casefold() for match in _CODE.finditer(text))


def _short_days(label: str) -> frozenset[str]:
    """Return the days that a label of nothing but short forms names ("Mo–Fr", "Sat, Sun"), or a cut one ("Sonn-")."""
    named = set(_cut_days(label))
    found = list(_WORD.finditer(label))
    numbers = [WEEKDAY_SHORT.get(match.group().lower(), WEEKDAY_NUMBERS.get(match.group().lower())) for match in found]
    at = 0
    while at < len(found) and (first := numbers[at]) is not None:
        last, following = first, at + 1
        while following < len(found) and numbers[following] is None and _RANGE.fullmatch(found[following].group()):
            following += 1
        if following < len(found) and _RANGE.fullmatch(label[found[at].end() : found[following].start()].lstrip(".")):
            last, at = numbers[following] or first, following
        named.update(map(str, range(first, last + 1)))
        at += 1
    return frozenset(named) if at >= len(found) else _cut_days(label)


def _cut_days(label: str) -> frozenset[str]:
    """Return the days of the week whose last part stands further on: "Sonn- und Feiertage"."""
    cut = (f"{match[1].lower()}tag" for match in _CUT.finditer(label))
    return frozenset(str(WEEKDAY_NUMBERS[day]) for day in cut if day in WEEKDAY_NUMBERS)
