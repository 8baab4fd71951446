"""Whether the sources of an answer give different figures: the line with ≠.

Two figures contradict each other where no value fits both (`intervals`), and both are of the same thing in the
same measure for the same time, from two documents or from two speakers in one. Where that is not sure nothing
is said, for a difference that is none makes a person doubt what is right.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

from rag.answering.answer import Citation
from rag.answering.figure_times import IN_YEAR, Period, compatible, dated_apart, period, periods, same_time
from rag.answering.query import Query
from rag.answering.same_thing import same_thing
from rag.answering.stated_figures import Figure, stated
from rag.answering.terms_compared import Term, terms
from rag.text.intervals import ANY_MONEY, Interval, interval
from rag.text.language import read
from rag.text.numbers import find

_WITH_CENTS = frozenset({"EUR", "USD"})
_ANYONE = frozenset({"", "person", "people", "kopf", "head"})  # "5 euros per person" is what it costs


def differing_figures(query: Query, citations: Sequence[Citation]) -> tuple[tuple[int, str], ...]:
    """Return the figures, (citation, words), that contradict one another, in the order of the citations."""
    row = read(query.text)
    asked = terms(row, query.language, row[0].start if row else 0)
    times = [named for _, named in periods(find(query.text), row, query.language)]
    valid = [citation for citation in citations if citation.older_than is None]  # an older version is only older
    figures = [figure for citation in valid if (figure := stated(citation, query, asked))]
    apart = {
        n
        for one, other in combinations(figures, 2)
        if _contradict(one, other, query, asked, times)
        for n in (one.n, other.n)
    }
    return tuple((figure.n, figure.words) for figure in figures if figure.n in apart)


def _contradict(one: Figure, other: Figure, query: Query, asked: Sequence[Term], times: Sequence[Period]) -> bool:
    return (
        _differ(one, other)
        and _two_sources(one, other)
        and _one_rate(one, other, query)
        and _one_time(one, other, times)
        and not _versions(one, other)
        and same_thing(one, other, asked, counts=query.counts and _is_count(one) and _is_count(other))
    )


def _is_count(figure: Figure) -> bool:
    return figure.interval is not None and figure.interval.dimension == ""


def _differ(one: Figure, other: Figure) -> bool:
    """Whether two figures are in one measure, and no value fits both."""
    if one.interval and other.interval:
        pair = _in_one_measure(one, one.interval, other, other.interval)
        return pair is not None and not pair[0].meets(pair[1])
    if not (one.moment and other.moment) or (":" in one.moment) != (":" in other.moment):
        return False
    if one.quantity.upto or other.quantity.upto:
        return False  # from when to when: the other may lie in between
    if ":" in one.moment:
        return one.moment != other.moment
    first, second = period(one.moment), period(other.moment)
    if first is None or second is None:
        return False
    if "year" in (first.grain, second.grain) and first.year and second.year:
        return not (first.year.startswith(second.year) or second.year.startswith(first.year))  # May 1907 is in 1907
    return not same_time([first], [second])


def _in_one_measure(one: Figure, first: Interval, other: Figure, second: Interval) -> tuple[Interval, Interval] | None:
    """Return two intervals that can be compared, None where they measure different things.

    A bare number is read in the other's unit.
    """
    dimensions = {first.dimension, second.dimension}
    if len(dimensions) == 1 or (ANY_MONEY in dimensions and dimensions - {ANY_MONEY} <= _WITH_CENTS):
        return first, second
    if one.bare:
        return _read_in(one, other, first), second
    return (first, _read_in(other, one, second)) if other.bare else None


def _read_in(bare: Figure, other: Figure, own: Interval) -> Interval:
    unit = other.quantity.unit
    return interval(replace(bare.quantity, unit=unit, kind="percent" if unit == "%" else "number"), bare.text) or own


def _two_sources(one: Figure, other: Figure) -> bool:
    """Whether two documents say it, or two speakers in one; who tells the text is one of them."""
    if one.document.id != other.document.id:
        return True
    shared = any(own.says(others) for own in one.speaker for others in other.speaker)
    return (one.reported or other.reported) and not shared


def _one_rate(one: Figure, other: Figure, query: Query) -> bool:
    """Whether both are counted by the same thing; what the question says need not be said again."""
    rates = {one.per, other.per}
    if len(rates) == 1 or rates <= _ANYONE:
        return True
    named = rates - _ANYONE
    return len(named) == 1 and bool(rates & _ANYONE) and next(iter(named)) in query.text.lower()


def _one_time(one: Figure, other: Figure, asked: Sequence[Period]) -> bool:
    """Whether two figures may be for the same time, by what the sentences, the question and the documents say."""
    if one.weekdays and other.weekdays and not one.weekdays & other.weekdays:
        return False
    first, second = one.periods or asked, other.periods or asked
    if first and second:
        return same_time(first, second)
    if dated_apart(one.document.date, other.document.date):
        return False
    named, undated = (first, other.document) if first else (second, one.document)
    own = period(undated.date or "")
    years = {each.year for each in named if each.year}
    if years or any(each.grain in IN_YEAR for each in named):
        return own is not None and any(compatible(each, own) for each in named)
    return True


def _versions(one: Figure, other: Figure) -> bool:
    """Whether two documents are one text of different dates: then one figure is the older one's."""
    dates = {one.document.date, other.document.date}
    return len(dates) == 2 and None not in dates and one.masked == other.masked
