"""Of several figures in one sentence, the one beside the word that is asked for: "the first …, the last …".

"The first ferry leaves at 5.40, the last at 22.10" gives two times, and says which is which by words that exclude each
other. A figure belongs to the last of these before it, or to the next one where the figures stand first ("£3 for
children, £5 for adults"). Where a sentence says nothing of the kind, whatever was marked stays.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from functools import cache

from rag.answering.figure_times import days
from rag.answering.query import Query
from rag.answering.terms_compared import Term, terms
from rag.lexicon.senses import part_of_speech
from rag.text.language import read
from rag.text.normalization import BETWEEN_CELLS
from rag.text.numbers import Quantity, find, may_be_year

Span = tuple[int, int]

_MOMENTS = ("date", "time")
_CLOCK = re.compile(r"[012]?\d\.[0-5]\d")
_NO_AMOUNTS = ("weekday", "quarter", "ordinal")
# Superlatives as they are formed: of two in one sentence one is not the other. Opposites are known besides.
_MOST = {
    "en": re.compile(r"\w{3,}est|most|least", re.IGNORECASE),
    "de": re.compile(r"\w{3,}st(?:e[nmrs]?)?", re.IGNORECASE),
}


def of_what_is_asked(text: str, marked: Span, query: Query, language: str) -> Span:
    """Return the span of the figure that is asked for, where `marked` is that of another thing in the same sentence."""
    found = _figures(text, query)
    figures = [(each.start, each.end) for each in found]
    if len(figures) < 2:
        return marked
    if BETWEEN_CELLS in text and (place := _place(found, query)) is not None:
        return figures[place]
    own, others = _contrasted(text, query, language)
    if not own or not others:
        return marked
    signs = sorted([*((at, True) for at in own), *((at, False) for at in others)])
    ahead = signs[0][0] < figures[0][0]
    belongs = {figure: _sign_of(figure, signs, ahead=ahead) for figure in figures}
    inside = [belongs[figure] for figure in figures if figure[0] < marked[1] and marked[0] < figure[1]]
    asked = [figure for figure in figures if belongs[figure]]
    return asked[0] if asked and inside and False in inside and True not in inside[:1] else marked


def _place(found: Sequence[Quantity], query: Query) -> int | None:
    """Return which of the times of a row is asked for by its number, "the second bus", "the last one"; None for none.

    They have to stand in their order: the row of a timetable then says which is which.
    """
    times = [each.value for each in found]
    if any(each.kind != "time" for each in found) or times != sorted(set(times)):
        return None
    numbers = {int(each.value) for each in find(query.text) if each.kind == "ordinal" and each.value.isdigit()}
    if len(numbers) == 1 and 1 <= min(numbers) <= len(times):
        return min(numbers) - 1
    return len(times) - 1 if any(each.opposes(_first()) for each in _terms(query.text, query.language)) else None


@cache
def _first() -> Term:
    return terms(read("first"), "en")[0]


def _figures(text: str, query: Query) -> list[Quantity]:
    """Return the figures of the kind that is asked for, in order; none where it is another kind."""
    if query.answer_type not in ("number", "time"):
        return []
    found = find(text)
    if query.answer_type == "number":
        return [each for each in found if each.kind not in (*_MOMENTS, *_NO_AMOUNTS)]
    clock = any(each.kind == "time" for each in found)  # "at 4.50 and at 6.20 pm"
    return [
        each
        for each in found
        if each.kind in _MOMENTS or may_be_year(each) or (clock and _CLOCK.fullmatch(text, each.start, each.end))
    ]


def _sign_of(figure: Span, signs: Sequence[tuple[int, bool]], *, ahead: bool) -> bool | None:
    """Return whether the sign that a figure belongs to is of what is asked for; None where there is none."""
    at = bisect_left(signs, (figure[0], False))
    if ahead:
        return signs[at - 1][1] if at else None
    return signs[at][1] if at < len(signs) else None


def _contrasted(text: str, query: Query, language: str) -> tuple[list[int], list[int]]:
    """Return where a sentence says what a question asks for, and where what excludes that."""
    asked = _terms(query.text, query.language)
    row = _terms(text, language)
    own: list[int] = []
    others: list[int] = []
    for each in asked:
        says = [one.start for one in row if one.says(each)]
        apart = [
            one.start for one in row if not any(map(one.says, asked)) and _apart(one, language, each, query.language)
        ]
        if says and apart:
            own += says
            others += apart
    if wanted := days(find(query.text), read(query.text)):
        for day in (found for found in find(text) if found.kind == "weekday"):
            (own if days([day], []) & wanted else others).append(day.start)
    return own, others


def _terms(text: str, language: str) -> tuple[Term, ...]:
    row = read(text)
    return terms(row, language, row[0].start if row else -1)


def _apart(one: Term, language: str, other: Term, asked: str) -> bool:
    if one.opposes(other):
        return True
    if one.shares_head(other):
        return True
    forms = (_MOST.get(language), one.text), (_MOST.get(asked), other.text)
    if all(pattern is not None and pattern.fullmatch(word) for pattern, word in forms):
        return True
    return one.excludes(other) and _is_noun(one) and _is_noun(other)


def _is_noun(each: Term) -> bool:
    return each.noun if each.noun is not None else any(part_of_speech(word) == "n" for word in each.heads)
