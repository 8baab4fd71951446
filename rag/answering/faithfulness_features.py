"""Features of a statement: what speaks for and against its being supported by its quote.

FEATURES is the table: for each its name, what it measures, and the function that does; `values` computes them in
that order. Most are of how the statement's words stand beside the quote's (`faithfulness_alignment`); kinds of words
that only one of the two has (`faithfulness_words`) are two features each; `cloze` are what the reader says to the
statement with one of its numbers, names or nouns asked for (`faithfulness_clozes`).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from rag.answering.attribution import missing_numbers
from rag.answering.faithfulness_alignment import SURE, Pair, Side
from rag.answering.faithfulness_order import held, led_by_another, names, parted, placed_otherwise, things, turned
from rag.answering.faithfulness_words import COUNTER, DENYING, KINDS
from rag.lexicon.senses import forms
from rag.text.foreign_numbers import in_english
from rag.text.numbers import find
from rag.text.quantity import Quantity

_CONTRACTED = re.compile("n['’]t$")
_FAR = 40  # characters within which words belong to a number
_LOW, _OTHER = 0.45, 0.6  # likeness of words that have nothing to do with each other, and of others
_NEGATING = ("negation", "denying", "except")
DENIES = "denying"


@dataclass(frozen=True, slots=True)
class Cosines:
    """Of the vectors of statement, quote (with what stands before it, too) and question."""

    quote: float
    in_context: float
    question: float
    question_quote: float


@dataclass(frozen=True, slots=True)
class Cloze:
    """What the reader finds in the quote for a part of the statement that is asked for: whether it is that part."""

    number: bool
    hit: float  # 0 to 1
    score: float  # of the reader, a logit


@dataclass(frozen=True, slots=True)
class Compared:
    """A statement compared with its quote: all that features are computed from."""

    statement: Side
    quote: Side
    before: Side
    pairs: tuple[Pair, ...]  # with the quote
    pairs_before: tuple[Pair, ...]
    pairs_question: tuple[Pair, ...]
    back: tuple[Pair, ...]  # the quote's words with the statement's
    cosines: Cosines
    clozes: tuple[Cloze, ...]
    kinds: Mapping[str, Mapping[str, int]]  # of statement, quote, before, and "near": the quote's clauses it is from

    @property
    def likeness(self) -> NDArray[np.float64]:
        """How alike the statement's words are to the best ones of the quote or before it; 1 where there are none."""
        both = zip(self.pairs, self.pairs_before, strict=True)
        return np.array([max(one.likeness, 0.95 * other.likeness) for one, other in both] or [1.0])

    @property
    def asked(self) -> NDArray[np.float64]:
        """How alike they are to the question's words."""
        return np.array([pair.likeness for pair in self.pairs_question] or [0.0])


@dataclass(frozen=True, slots=True)
class Feature:
    """A column: its name, and what it measures."""

    name: str
    meaning: str
    value: Callable[[Compared], float]


# --- kinds of words -------------------------------------------------------------------------------------------------


def kinds(side: Side, clauses: Collection[int] | None = None) -> Counter[str]:
    """Return how many words of each kind a text has, or some of its clauses have."""
    found = Counter[str]()
    for word, clause in zip(side.words, side.clauses, strict=True):
        if clauses is None or clause in clauses:
            found.update(kind for kind, listed in KINDS.items() if word.low in listed)
            found.update(["negation"] if _CONTRACTED.search(word.low) else [])
    for token in side.tokens:
        if clauses is None or token.clause in clauses:
            english = (token.word.low,) if side.language == "en" else token.term.english[:1]
            found.update([DENIES] if any(form in DENYING for word in english for form in forms(word)) else [])
    return found


def _added(kind: str, row: Compared) -> float:
    return float(
        row.kinds["statement"].get(kind, 0) > 0 == row.kinds["quote"].get(kind, 0) + row.kinds["before"].get(kind, 0)
    )


def _lost(kind: str, row: Compared) -> float:
    return float(row.kinds["near"].get(kind, 0) > 0 == row.kinds["statement"].get(kind, 0))


def _flips(row: Compared) -> float:
    shown, said = row.kinds["quote"], row.kinds["statement"]
    both = [*COUNTER, *((other, one) for one, other in COUNTER)]
    return float(sum(_added(one, row) > 0 and shown.get(other, 0) > said.get(other, 0) for one, other in both))


def _negations(found: Mapping[str, int]) -> int:
    return sum(found.get(kind, 0) for kind in _NEGATING)


def _negations_more(row: Compared, one: str, other: str) -> float:
    return min(2, max(0, _negations(row.kinds[one]) - _negations(row.kinds[other]))) / 2


def _odd(row: Compared, held: str) -> float:
    return float((_negations(row.kinds["statement"]) - _negations(row.kinds[held])) % 2)


def _negated_otherwise(row: Compared) -> float:
    """Return the share of held words that stand near a negation in one text and not in the other."""
    places = held(row.pairs)
    return _mean(_negated(row.statement, own) != _negated(row.quote, other) for own, other in places)


def _negated(side: Side, at: int) -> bool:
    around = side.words[max(0, at - 3) : at + 3]
    return any(word.low in KINDS["negation"] or _CONTRACTED.search(word.low) for word in around)


# --- words ----------------------------------------------------------------------------------------------------------


def _uncovered(row: Compared) -> NDArray[np.bool_]:
    return row.likeness < SURE


def _worst(row: Compared, place: int) -> float:
    gaps = np.sort(1 - row.likeness)[::-1]
    return float(gaps[place]) if len(gaps) > place else 0.0


def _worst_of(row: Compared, fits: Callable[[Pair], bool]) -> float:
    both = zip(row.pairs, row.likeness, strict=False)
    return max((float(1 - likeness) for pair, likeness in both if fits(pair)), default=0.0)


def _sisters(row: Compared) -> float:
    """Return how many uncovered words exclude a word of the quote that none of the statement's stands for."""
    taken = {pair.other.at for pair in row.pairs if pair.other is not None and pair.held}
    left = [token.term for token in row.quote.tokens if token.at not in taken]
    return sum(not pair.held and any(map(pair.token.term.excludes, left)) for pair in row.pairs) / 2


def near(pairs: Iterable[Pair]) -> frozenset[int]:
    """Return the clauses of a quote that words of the statement stand for."""
    return frozenset(pair.other.clause for pair in pairs if pair.other is not None and pair.held)


def _left_out(row: Compared) -> float:
    """Return how much of the quote's clauses that the statement is from is not in it."""
    clauses = near(row.pairs)
    own = [1 - pair.likeness for pair in row.back if pair.token.clause in clauses]
    return _mean(own) if own else 1.0


# --- numbers --------------------------------------------------------------------------------------------------------


def _shares(one: Quantity, others: Iterable[Quantity]) -> bool:
    return any({*one.ends} & {*other.ends} for other in others)


def _missing(row: Compared) -> float:
    sources = [in_english(each.text, each.language) for each in (row.before, row.quote)]
    return min(2, len(missing_numbers(row.statement.text, sources))) / 2


def _apart(row: Compared) -> list[float]:
    """Return how much nearer words around a number stand in the quote to another number: -1 to 1 each."""
    said, shown, found = find(row.statement.text), find(row.quote.text), list[float]()
    for number in said:
        same = [other.start for other in shown if _shares(number, [other])]
        others = [other.start for other in shown if not _shares(other, said)]
        for pair in row.pairs:
            if same and others and pair.held and pair.other and abs(pair.token.word.start - number.start) <= _FAR:
                at = pair.other.word.start
                nearer = min(abs(at - each) for each in same) - min(abs(at - each) for each in others)
                found.append(min(1.0, max(-1.0, nearer / 60)))
    return found


def _other_numbers(row: Compared) -> float:
    said = find(row.statement.text)
    return min(3, sum(not _shares(number, said) for number in find(row.quote.text))) / 3 if said else 0.0


# --- order ----------------------------------------------------------------------------------------------------------


def _in_both(
    row: Compared, sign: Callable[[list[tuple[int, int]], Side, Side], float], fits: Callable[[Pair], bool]
) -> float:
    return sign(held(row.pairs, fits), row.statement, row.quote)


# --- the reader -----------------------------------------------------------------------------------------------------


def _hits(row: Compared, number: bool | None = None) -> list[float]:
    return [cloze.hit for cloze in row.clozes if number in (None, cloze.number)]


def _mean(values: Iterable[float], default: float = 0.0) -> float:
    found = list(values)
    return float(sum(found) / len(found)) if found else default


# --- the table ------------------------------------------------------------------------------------------------------

FEATURES = (
    Feature("uncovered", "how much of the statement's words is not in the quote", lambda row: _mean(1 - row.likeness)),
    Feature("uncovered_worst", "of the word that is held least", lambda row: _worst(row, 0)),
    Feature("uncovered_second", "of the one after it", lambda row: _worst(row, 1)),
    Feature("uncovered_sum", "how much is missing in all", lambda row: float(np.clip(SURE - row.likeness, 0, 1).sum())),
    Feature("uncovered_noun", "of the noun or name that is held least", lambda row: _worst_of(row, things)),
    Feature("uncovered_name", "of the name", lambda row: _worst_of(row, names)),
    Feature("unlike_words", "words that are like none", lambda row: float((row.likeness < _LOW).sum())),
    Feature("unlike_share", "share of them", lambda row: float((row.likeness < _LOW).mean())),
    Feature("other_words", "words that are not quite like one", lambda row: float((row.likeness < _OTHER).sum())),
    Feature(
        "only_asked",
        "those of them that the question has",
        lambda row: float(((row.likeness < _OTHER) & (row.asked >= SURE)).sum()),
    ),
    Feature(
        "new_words",
        "words that are like none of quote and question",
        lambda row: float(((row.likeness < _LOW) & (row.asked < SURE)).sum()),
    ),
    Feature("only_before", "words that only what stands before has", lambda row: _only_before(row)),
    Feature("opposed", "opposites of the quote's words", lambda row: sum(pair.opposed for pair in row.pairs) / 2),
    Feature("sisters", "words that exclude one of the quote's", _sisters),
    Feature("near_misses", "words that are like one and not the same", lambda row: _near_misses(row)),
    Feature("left_out", "how much of the quote's clauses is left out", _left_out),
    Feature("length", "content words, of the quote's", lambda row: _length(row)),
    Feature("short", "1 by the content words", lambda row: 1 / (1 + len(row.statement.tokens))),
    Feature("flips", "kinds of words that take their opposites' place", _flips),
    Feature("odd_negations", "1 where negations differ by an odd number", lambda row: _odd(row, "quote")),
    Feature("odd_negations_near", "1 where they do in the clauses it is from", lambda row: _odd(row, "near")),
    Feature("negations_added", "", lambda row: _negations_more(row, "statement", "quote")),
    Feature("negations_lost", "", lambda row: _negations_more(row, "near", "statement")),
    Feature("negated_otherwise", "share of words by a negation in one text only", _negated_otherwise),
    Feature("missing_numbers", "numbers that are not held, by 2", _missing),
    Feature("numbers", "numbers, by 3", lambda row: min(3, len(find(row.statement.text))) / 3),
    Feature("other_numbers", "numbers of the quote that it leaves out, by 3", _other_numbers),
    Feature("number_apart", "how much nearer words stand to another number", lambda row: _mean(_apart(row))),
    Feature("number_apart_worst", "of the worst of them", lambda row: max(_apart(row), default=0.0)),
    Feature("cosine", "of statement and quote", lambda row: row.cosines.quote),
    Feature("cosine_in_context", "with what stands before the quote", lambda row: row.cosines.in_context),
    Feature("cosine_question", "of statement and question", lambda row: row.cosines.question),
    Feature(
        "cosine_gained",
        "how much nearer it is to the question than the quote",
        lambda row: row.cosines.question - row.cosines.question_quote,
    ),
    Feature(
        "cloze", "share of its parts that the reader finds when they are asked for", lambda row: _mean(_hits(row), 0.5)
    ),
    Feature("cloze_worst", "1 where it finds all", lambda row: min(_hits(row), default=0.5)),
    Feature("cloze_numbers", "of its numbers", lambda row: _mean(_hits(row, True), 0.5)),
    Feature("cloze_words", "of its names and nouns", lambda row: _mean(_hits(row, False), 0.5)),
    Feature("cloze_score", "how well the quote answers", lambda row: _mean(cloze.score for cloze in row.clozes) / 5),
    Feature("cloze_score_worst", "", lambda row: min((cloze.score for cloze in row.clozes), default=0.0) / 5),
    Feature(
        "names_parted", "share of names parted from their neighbours", lambda row: parted(held(row.pairs, names), 1)
    ),
    Feature("words_parted", "share of words", lambda row: parted(held(row.pairs))),
    Feature("names_turned", "share of pairs of names in another order", lambda row: _in_both(row, turned, names)),
    Feature("nouns_turned", "share of pairs of nouns and names", lambda row: _in_both(row, turned, things)),
    Feature("led_by_another", "1 where it begins with another noun", lambda row: _in_both(row, led_by_another, things)),
    Feature("names_placed", "names with a preposition in one only", lambda row: _in_both(row, placed_otherwise, names)),
    Feature("nouns_placed", "nouns and names", lambda row: _in_both(row, placed_otherwise, things)),
    Feature("across", "1 where the languages differ", lambda row: float(row.statement.language != row.quote.language)),
    Feature("german", "1 in German", lambda row: float(row.statement.language == "de")),
    Feature("other_language", "1 of a quote in neither", lambda row: float(row.quote.language not in ("de", "en"))),
    *(
        Feature(f"added_{kind.replace(' ', '_')}", "1 where only it has such words", partial(_added, kind))
        for kind in (*KINDS, DENIES)
    ),
    *(
        Feature(f"lost_{kind.replace(' ', '_')}", "1 where only the quote has them", partial(_lost, kind))
        for kind in (*KINDS, DENIES)
    ),
)
NAMES = tuple(feature.name for feature in FEATURES)
_FOR = frozenset(
    "cosine cosine_in_context cloze cloze_worst cloze_numbers cloze_words cloze_score cloze_score_worst".split()
)
_EITHER = frozenset(
    "length short only_before numbers cosine_question cosine_gained across german other_language".split()
)
SIGNS = tuple(1 if name in _FOR else 0 if name in _EITHER else -1 for name in NAMES)  # what a weight may be


def _only_before(row: Compared) -> float:
    own = np.array([pair.likeness for pair in row.pairs] or [0.0])
    return float(((own < SURE) & ~_uncovered(row)).sum()) / 2


def _near_misses(row: Compared) -> float:
    return sum(not pair.held and pair.likeness >= 0.5 for pair in row.pairs) / 2


def _length(row: Compared) -> float:
    return min(2.0, len(row.statement.tokens) / max(1, len(row.quote.tokens)))


def values(row: Compared) -> NDArray[np.float64]:
    """Return the features of a statement, in the order of NAMES."""
    return np.array([feature.value(row) for feature in FEATURES])
