"""Versions: dated documents of nearly one text, of which the newest holds.

A price list of this year stands beside that of last year, rules beside their revision. What they say of one thing
stands in the same words, but for its figures, and at the same place. Of such passages the newest is found first, or
that of the year that a question names; the others say that they are older. Which document is newer is told by its
date, or by the year that its title or its name has; where that is not known, nothing is said.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import PurePath

from rag.documents.document import Document
from rag.text.language import words
from rag.text.number_wordlists import ENGLISH_SMALL, ENGLISH_TENS, MONTHS, WEEKDAYS, YEAR
from rag.text.number_words import LONGEST, german

_ALIKE = 0.6  # share of the pairs of words that two texts have in common
_LOOKED_AT = 20_000  # characters of a document
_FEWEST = 3  # pairs of words: what says less is like anything
_FIGURES = {*MONTHS, *WEEKDAYS, *ENGLISH_SMALL, *ENGLISH_TENS}
_YEAR = re.compile(rf"(?<!\d)({YEAR})(?!\d)")


@dataclass(frozen=True, slots=True)
class Version:
    """The newest of the versions of a document: its id, its name, and its date ("2024-03-01") or year."""

    id: str
    name: str
    date: str


def years_named(question: str) -> frozenset[str]:
    """Return the years that a question names, or what looks like one."""
    return frozenset(_YEAR.findall(question))


def dated(document: Document) -> str:
    """Return when a version is of: the one year in its title, or else in its name, or else its date; "" for unknown.

    Its date where that is within the year, since it says more.
    """
    date = document.date or ""
    for text in (document.title, PurePath(document.name).stem):
        if len(years := set(_YEAR.findall(text))) == 1:
            (year,) = years
            return date if date.startswith(year) else year
    return date


def alike(first: str, second: str) -> bool:
    """Whether two texts say the same but for figures, months and days of the week."""
    one, other = _pairs(first), _pairs(second)
    if one == other:
        return len(one) > 1  # some word
    return min(len(one), len(other)) >= _FEWEST and len(one & other) >= _ALIKE * len(one | other)


@lru_cache(maxsize=1000)
def _pairs(text: str) -> frozenset[tuple[str, str]]:
    """Return the pairs of words that follow each other in a text, without its figures."""
    said = ["", *(word for start, end in words(text) if (word := text[start:end].lower()) and _is_fixed(word)), ""]
    return frozenset(pairwise(said))


@lru_cache(maxsize=20_000)
def _is_fixed(word: str) -> bool:
    """Whether a word is no figure: digits, number words, months and weekdays are."""
    if word[0].isdigit() or word in _FIGURES:
        return False
    return len(word) > LONGEST or german(word) is None


def same_place(found: Sequence[tuple[Document, str]]) -> list[list[int]]:
    """Return which passages say the same in versions of one document: their places in `found`, the newest first.

    `found` are passages' documents and texts.
    """
    groups: list[list[int]] = []
    grouped: set[int] = set()
    versions: dict[tuple[str, str], bool] = {}
    for at, (document, text) in enumerate(found):
        if at in grouped:
            continue
        group = [at]
        for other in range(at + 1, len(found)):
            its_document, its_text = found[other]
            if other in grouped or any(found[member][0].id == its_document.id for member in group):
                continue
            pair = (document.id, its_document.id)
            if alike(text, its_text):
                if pair not in versions:
                    versions[pair] = _are_versions(document, its_document)
                if versions[pair]:
                    group.append(other)
        if len(group) > 1:
            grouped.update(group)
            groups.append(sorted(group, key=lambda member: dated(found[member][0]), reverse=True))
    return groups


def _are_versions(first: Document, second: Document) -> bool:
    """Whether two documents are versions of one text, and it is known which is the newer."""
    one, other = dated(first), dated(second)
    shortest = min(len(one), len(other))
    if not shortest or one[:shortest] == other[:shortest]:
        return False
    return alike(first.text[first.body :][:_LOOKED_AT], second.text[second.body :][:_LOOKED_AT])


def of_year(dates: Sequence[str], years: frozenset[str]) -> list[int]:
    """Return the places of dates, the newest first, in the order that they are shown: first what is of those years."""
    return sorted(range(len(dates)), key=lambda at: dates[at][:4] not in years)
