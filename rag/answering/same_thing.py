"""Whether two figures are of the same thing: nothing is said of one that another thing would be told apart by.

What the question and both sentences say is the same. Of the words that only one says, most tell nothing new:
"The tower rises to 58 metres" is about the tower. They tell things apart where both sentences have such words
and these exclude each other, stand at one place ("were [killed]", "were [wounded]"), name each a thing, a
person, a place, an event or a row of a table of its own; and few do so alone ("expected", "in all").
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import product

from rag.answering.figure_wordlists import (
    ANYBODY,
    DETERMINERS,
    EXTENTS,
    GENITIVE,
    HAVING,
    NUMBERS,
    OPPOSED,
    PLANNED,
    SLOTS,
    SMALL,
    TOTAL,
)
from rag.answering.stated_figures import Figure
from rag.answering.terms_compared import Term, without
from rag.lexicon.senses import forms, happens, is_a, may_be_noun, part_of_speech
from rag.text.number_wordlists import UNITS

_COMPARED = frozenset({"de", "en"})  # languages whose words can be compared with one another's
_OWNED = ("artifact", "person", "group")  # kinds of what a thing has or holds that may be measured in its stead


def same_thing(one: Figure, other: Figure, asked: Sequence[Term], *, counts: bool) -> bool:
    """Return whether two figures are of one thing; `counts` is whether the question asks for a count of things."""
    if one.language != other.language and not {one.language, other.language} <= _COMPARED:
        return False
    if _differs_alone(one, other, asked) or _is_other(one, other, asked, counts=counts):
        return False
    if _is_off_subject(one, other, asked) or _is_off_subject(other, one, asked):
        return False
    if one.moment and not _same_event(one, other, asked):
        return False
    first, second = _only(one, other, asked), _only(other, one, asked)
    return not (first and second and _tells_apart(one, other, first, second))


def _only(one: Figure, other: Figure, asked: Sequence[Term]) -> list[Term]:
    """Return the words that one says, and neither the other nor the question means.

    What names but a kind of the same is kept: of the trees of an avenue, limes are some.
    """
    return [
        each
        for each in without(one.terms, [*asked, *other.terms])
        if each.text.lower() not in EXTENTS
        and not any(word in NUMBERS or UNITS.get(word) == "year" for word in each.english)
        and not any(each.means(known) and not each.narrows(known) for known in asked)
        and not any(map(each.equals, other.terms))
    ]


# --- what one sentence alone tells ---------------------------------------------------------------------------


def _differs_alone(one: Figure, other: Figure, asked: Sequence[Term]) -> bool:
    """Whether something said of one figure makes it another by itself."""
    planned, total = (tuple(_says(figure, words) for figure in (one, other)) for words in (PLANNED, TOTAL))
    if planned[0] != planned[1] or _of_another(one, asked) != _of_another(other, asked):
        return True
    part = other if total[0] else one
    if total[0] != total[1] and any(map(_names_something, without(part.terms, asked))):
        return True
    if (one.ordinals or other.ordinals) and not one.ordinals & other.ordinals:
        return True
    if _extents(one) and _extents(other) and not _extents(one) & _extents(other):
        return True
    if any(a.shares_head(b) or _turned(one, other, a, b) for a, b in product(one.terms, other.terms)):
        return True
    unsaid = without(one.terms, other.terms), without(other.terms, one.terms)
    return any(a.opposes(b) for a, b in product(*unsaid))


def _says(figure: Figure, words: dict[str, frozenset[str]]) -> bool:
    begun = figure.text.find(", ", 0, figure.near[0])
    said = (word for word in figure.row if figure.near[0] <= word.start < figure.near[1] or word.start < begun)
    return any(word.low in words.get(figure.language, ()) for word in said)


def _of_another(figure: Figure, asked: Sequence[Term]) -> bool:
    """Whether a sentence is about something of what is asked for: "the captain of the ship"."""
    for each in figure.terms:
        at = _index(figure, each)
        while at and figure.row[at - 1].low in DETERMINERS - GENITIVE:
            at -= 1
        if at < 2 or figure.row[at - 1].low not in (*GENITIVE, "of") or not any(map(each.says, asked)):
            continue
        head = next((own for own in figure.terms if own.start == figure.row[at - 2].start), None)
        if head is None or _anybody(head) or without([head], asked) != [head] or any(map(head.means, asked)):
            continue
        if any(is_a(word, kind) for word in head.heads for kind in _OWNED):
            return True
    return False


def _names_something(each: Term) -> bool:
    parts = {part_of_speech(word): word for word in each.words}
    return each.capital or any(part == "a" or (part not in ("v", "s") and may_be_noun(parts[part])) for part in parts)


def _extents(figure: Figure) -> set[str]:
    if figure.interval is None or figure.interval.dimension != "length":
        return set()
    left, right = figure.near
    return {EXTENTS[word.low] for word in figure.row if left <= word.start < right and word.low in EXTENTS}


def _turned(one: Figure, other: Figure, a: Term, b: Term) -> bool:
    """Whether the same word follows opposed ones: "before tax" and "after tax"."""
    return a.says(b) and frozenset({_beside(one, a, -1), _beside(other, b, -1)}) in OPPOSED


# --- whether what is asked for is counted ------------------------------------------------------------------------


def _is_other(one: Figure, other: Figure, asked: Sequence[Term], *, counts: bool) -> bool:
    """Whether one figure counts what is asked for and the other something else: "61 doctors", "240 nurses"."""
    if not counts:
        return _measures_other(one, asked) != _measures_other(other, asked)
    if _counts_some(one, asked) != _counts_some(other, asked):
        return True
    alike = any(a.means(b) for a, b in product(one.counted, other.counted))
    return not alike and _counts_other(one, asked) != _counts_other(other, asked)


def _is_off_subject(one: Figure, other: Figure, asked: Sequence[Term]) -> bool:
    """Whether one figure is of something else, and nothing of what is asked for is said of it, while the other is
    labelled with that: "The budget is 900 euros" is not the "Total: …" of an invoice.
    """
    if not one.terms or any(a.means(b) for a, b in product(asked, one.terms)):
        return False
    labelled = any(a.means(b) for a, b in product(asked, other.label))
    return labelled and any(_is_noun(one, each) for each in one.terms)


def _counts_other(figure: Figure, asked: Sequence[Term]) -> bool:
    head = figure.counted
    if not head or any(map(_anybody, head)):
        return False
    if any(a.means(b) or without([a], asked) != [a] for a, b in product(head, asked)):
        return False
    return not (any(map(_person, head)) and any(map(_anybody, asked)))


def _counts_some(figure: Figure, asked: Sequence[Term]) -> bool:
    """Whether a figure counts those that something is said of, and not all that what is asked about has.

    "31 members were present" says nothing of the club whose members are asked for, and does not tell that somebody has
    so many either.
    """
    counted = [each for each in asked if any(map(each.means, figure.counted))]
    further = [each for each in asked if each not in counted]
    whole = [each for each in further if each.capital or any(map(may_be_noun, each.words))]
    if not counted or not whole or any(word.low in HAVING for word in figure.row):
        return False
    if any(a.means(b) or without([a], [b]) != [a] for a, b in product(further, figure.terms)):
        return False
    return any(each not in figure.counted for each in without(figure.terms, asked))


def _measures_other(figure: Figure, asked: Sequence[Term]) -> bool:
    """Whether a figure measures an object that is not asked for: "a balcony of 8 m²"."""
    return any(
        each.start < figure.quantity.start
        and not any(map(each.means, asked))
        and any(is_a(word, "artifact") for word in each.words)
        for each in figure.counted
    )


def _same_event(one: Figure, other: Figure, asked: Sequence[Term]) -> bool:
    """Whether both sentences say the same of the words asked for: "built" is not "rebuilt"."""
    said = [
        {at for at, each in enumerate(asked) if not each.capital and any(map(each.means, figure.terms))}
        for figure in (one, other)
    ]
    return said[0] == said[1]


# --- what both sentences together tell -----------------------------------------------------------------------------


def _tells_apart(one: Figure, other: Figure, first: Sequence[Term], second: Sequence[Term]) -> bool:
    """Whether the words that only one of two sentences says tell two things apart."""
    if any(a.excludes(b) for a, b in product(first, second)):
        return True

    def both(fits: Callable[[Figure, Term], bool]) -> tuple[list[Term], list[Term]]:
        return [each for each in first if fits(one, each)], [each for each in second if fits(other, each)]

    if not any(map(_anybody, (*one.counted, *other.counted))) and _unlike(*both(_is_counted)):
        return True
    if _unlike(*both(lambda figure, each: _is_noun(figure, each) and (_near(figure, each) or _leads(figure, each)))):
        return True
    alone: tuple[Callable[[Figure, Term], bool], ...] = (
        lambda _, each: each.rest,
        _leads,
        lambda figure, each: each in figure.label,
        lambda figure, each: _person(each) and not _is_counted(figure, each),
        lambda figure, each: _near(figure, each) and each.name,
        lambda figure, each: _near(figure, each) and not each.noun and any(map(happens, each.words)),
    )
    if any(all(both(fits)) for fits in alone):
        return True
    return any(_at_one_place(one, other, a, b) for a, b in product(*both(_near)))


def _unlike(first: Iterable[Term], second: Iterable[Term]) -> bool:
    return any(not a.means(b) for a, b in product(first, second))


def _is_counted(figure: Figure, each: Term) -> bool:
    return any(each.start == counted.start for counted in figure.counted)


def _near(figure: Figure, each: Term) -> bool:
    return figure.near[0] <= each.start < figure.near[1]


def _leads(figure: Figure, each: Term) -> bool:
    """Whether a word stands in what a sentence begins with, before a comma and the figure: "Abroad, it takes …"."""
    return each.start < figure.text.find(", ", 0, figure.near[0])


def _at_one_place(one: Figure, other: Figure, a: Term, b: Term) -> bool:
    """Whether two words stand before the same word, or after words of one kind."""
    before = SLOTS.get(_beside(one, a, -1), ""), SLOTS.get(_beside(other, b, -1), "")
    behind = _beside(one, a, 1), _beside(other, b, 1)
    return before[0] == before[1] != "" or (behind[0] == behind[1] and behind[0] not in (*SMALL, ""))


# --- words --------------------------------------------------------------------------------------------------------


def _index(figure: Figure, each: Term) -> int:
    return next(at for at, word in enumerate(figure.row) if word.start == each.start)


def _beside(figure: Figure, each: Term, step: int) -> str:
    """Return the word before a term and its article, or after it, in small letters; "" where a sign stands between."""
    at = _index(figure, each)
    while step < 0 < at and figure.row[at - 1].low in DETERMINERS and not figure.row[at].gap.strip():
        at -= 1
    if not 0 <= at + step < len(figure.row) or figure.row[max(at, at + step)].gap.strip(" -"):
        return ""
    return figure.row[at + step].low


def _is_noun(figure: Figure, each: Term) -> bool:
    """Whether a word names a thing, by its capital in German, and by its senses and the word before it in English."""
    if _anybody(each) or each.noun is not None:
        return bool(each.noun) and not _anybody(each)
    if any(part_of_speech(word) == "n" for word in each.words):
        return True
    at = _index(figure, each)
    before = figure.row[at - 1].low if at and not figure.row[at].gap.strip() else ""
    leads = before in DETERMINERS or SLOTS.get(before, "be") != "be"
    return leads and any(map(may_be_noun, each.words))


def _anybody(each: Term) -> bool:
    return any(form in ANYBODY for word in each.english for form in forms(word))


def _person(each: Term) -> bool:
    return _anybody(each) or any(is_a(word, "person") for word in each.heads)
