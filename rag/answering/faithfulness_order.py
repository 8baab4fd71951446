"""Order of words: signs that a statement gives the quote's words other parts to play.

"Kursk sent soldiers to Blinken" has all the words of "Blinken spoke of soldiers in Kursk": what was first comes last,
and what stood after a preposition has none. Each sign is a share of the words that both have, from 0 to 1.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations, pairwise

from rag.answering.faithfulness_alignment import Pair, Side
from rag.answering.faithfulness_words import BE, BY, PREPOSITIONS

_BACK = 3  # words before a noun among which its preposition is looked for
_BESIDE = 2  # words: what stands so near in both texts is not parted


def held(pairs: Sequence[Pair], fits: Callable[[Pair], bool] = lambda _: True) -> list[tuple[int, int]]:
    """Return where the words that both have stand in statement and quote."""
    return [(pair.token.at, pair.other.at) for pair in pairs if pair.other is not None and pair.held and fits(pair)]


def names(pair: Pair) -> bool:
    return pair.token.term.name


def things(pair: Pair) -> bool:
    return bool(pair.token.term.noun) or pair.token.term.name


def parted(places: Sequence[tuple[int, int]], beside: int = _BESIDE) -> float:
    """Return the share of words whose neighbour in the statement is none in the quote: "Lars Nolte"."""
    apart = sum(b[0] - a[0] == 1 and abs(b[1] - a[1]) > beside for a, b in pairwise(places))
    return apart / max(1, len(places))


def turned(places: Sequence[tuple[int, int]], statement: Side, quote: Side) -> float:
    """Return the share of pairs that stand the other way round, where not one text alone is in the passive voice."""
    both = [(a[1], b[1]) for a, b in combinations(places, 2) if a[1] != b[1]]
    if not both or passive(statement) != passive(quote):
        return 0.0
    return sum(second < first for first, second in both) / len(both)


def led_by_another(places: Sequence[tuple[int, int]], statement: Side, quote: Side) -> float:
    """Return 1 where what the statement begins with is not the first in the quote of what it names."""
    if len(places) < 2 or passive(statement) != passive(quote):
        return 0.0
    return float(places[0][1] > min(other for _, other in places))


def placed_otherwise(places: Sequence[tuple[int, int]], statement: Side, quote: Side) -> float:
    """Return the share of words that have a preposition in one of the texts only."""
    differ = [_has_preposition(statement, own) != _has_preposition(quote, other) for own, other in places]
    return sum(differ) / max(1, len(differ))


def passive(side: Side) -> bool:
    """Whether a text may be in the passive voice, with who does it: "was sent by"."""
    said = {word.low for word in side.words}
    return bool(said & BE and said & BY)


def _has_preposition(side: Side, at: int) -> bool:
    for place in range(at - 1, max(-1, at - 1 - _BACK), -1):
        low = side.words[place].low
        if side.clauses[place] != side.clauses[at] or low in BE:
            return False
        if low in PREPOSITIONS:
            return True
    return False
