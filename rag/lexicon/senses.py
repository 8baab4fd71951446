"""How two English words relate: one kind of thing, opposites, or sisters such as "adult" and "child".

By WordNet: two senses are one kind where they are the same or one lies above the other, and sisters where
they meet a few steps above both. A word's rarer senses may make it mean the same as another, not exclude it.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import product
from pathlib import Path
from typing import Literal

from rag.lexicon.table import Table

Relation = Literal["same", "apart", "none"]

_FILE = Path(__file__).parent / "en.senses.table"
_LEVELS = 8
_KIND = 2  # steps: "guest" is a kind of "visitor"
_KNOWN = 4  # senses by which words may mean the same
_SISTERS = 5  # steps from one over what both are kinds of to the other
_USUAL = 2  # senses, the most frequent ones
_IRREGULAR = {
    "men": "man", "women": "woman", "children": "child", "feet": "foot", "teeth": "tooth", "mice": "mouse",
    "geese": "goose", "lives": "life", "wives": "wife", "wolves": "wolf", "halves": "half", "loaves": "loaf",
    "fell": "fall", "fallen": "fall", "won": "win", "lost": "lose", "sold": "sell", "bought": "buy", "built": "build",
    "sent": "send", "came": "come", "went": "go", "took": "take", "made": "make", "held": "hold", "left": "leave",
    "paid": "pay", "spent": "spend", "grew": "grow", "rose": "rise", "shot": "shoot", "drowned": "drown",
}  # fmt: skip
_ENDINGS = (
    ("ies", "y"), ("ves", "f"), ("es", ""), ("s", ""), ("ied", "y"), ("ed", ""), ("ed", "e"), ("ing", ""),
    ("ing", "e"), ("ier", "y"), ("iest", "y"), ("est", ""), ("est", "e"),
)  # fmt: skip


@lru_cache(maxsize=1)
def _table() -> Table:
    return Table(_FILE)


@lru_cache(maxsize=10_000)
def _row(word: str) -> tuple[str, ...]:
    """Return the senses and opposites of a word in any form, most frequent first."""
    for form in forms(word):
        if found := _table().get(form):
            return tuple(found)
    return ()


def forms(word: str) -> Iterator[str]:
    """Yield what an inflected word may be a form of, and itself."""
    low = word.lower()
    if low.endswith("men") and len(low) > 5:
        yield low[:-2] + "an"  # "gentlemen"
    yield _IRREGULAR.get(low, low)
    for ending, base in _ENDINGS:
        if low.endswith(ending) and len(low) > len(ending) + 1:
            stem = low.removesuffix(ending)
            yield stem + base
            if not base and len(stem) > 3 and stem[-1] == stem[-2]:
                yield stem[:-1]


def _senses(word: str) -> list[str]:
    return [field for field in _row(word) if field[0] not in "!~"]


def _collects(one: str, other: str) -> bool:
    """Whether one word names many of the other: "troops" are soldiers."""
    return bool({f"~{form}" for form in forms(other)} & {*_row(one)})


def part_of_speech(word: str) -> str:
    """Return what the word's most frequent sense is, "" where it is not known.

    n, a (adjective), r (adverb), v, or s for verbs of being, saying, thinking and feeling, by which nothing happens.
    """
    return next((sense[0] for sense in _senses(word)), "")


@lru_cache(maxsize=50_000)
def relation(one: str, other: str) -> Relation:
    """Return whether two words may name one kind of thing, or exclude each other; "none" where neither is known."""
    first, second = _senses(one), _senses(other)
    if opposite(one, other):
        return "apart"
    known = {*first[:_KNOWN]} & {*second[:_KNOWN]}
    usual = list(product(first[:_USUAL], second[:_USUAL]))
    if known or any(_kind(a, b) for a, b in usual) or _collects(one, other) or _collects(other, one):
        return "same"
    return "apart" if any(a[0] == b[0] and _sisters(a, b) for a, b in usual) else "none"


@lru_cache(maxsize=10_000)
def _above(sense: str) -> dict[str, int]:
    """Return the senses above one, itself included, with how many steps away."""
    found, edge = {sense: 0}, [sense]
    for step in range(1, _LEVELS + 1):
        edge = [name for each in edge for name in _table().get(f"@{each}") or () if name not in found]
        found.update(dict.fromkeys(edge, step))
    return found


def _kind(one: str, other: str) -> bool:
    return _above(one).get(other, _KIND + 1) <= _KIND or _above(other).get(one, _KIND + 1) <= _KIND


def _sisters(one: str, other: str) -> bool:
    first, second = _above(one), _above(other)
    return min((first[name] + second[name] for name in first.keys() & second.keys()), default=99) <= _SISTERS


def happens(word: str) -> bool:
    """Whether a word names what happens: a verb in its most frequent sense, or a participle ("injured")."""
    senses = _senses(word)
    if not senses or senses[0][0] not in "va":
        return False
    return senses[0][0] == "v" or any(field[0] == "v" for form in forms(word) for field in _row(form) if form != word)


def base_of_verb(word: str) -> str:
    """Return the base form of an inflected verb, "" where none is known: "approve" of "approved"."""
    bases = [form for form in forms(word) if form != word.lower() and form[-1:] != "f" and _may_be_verb(form)]
    longer = [form for form in bases if form.endswith("e") and form[:-1] in bases]  # "hoped" is not of "hop"
    return next(iter(longer or bases), "")


def _may_be_verb(form: str) -> bool:
    return any(field[0] in "vs" for field in _table().get(form) or ())


def may_be_noun(word: str) -> bool:
    """Whether a word is a noun in one of its most frequent senses."""
    return any(sense[0] == "n" for sense in _senses(word)[:_KNOWN])


@lru_cache(maxsize=50_000)
def opposite(one: str, other: str) -> bool:
    """Whether two words are opposites: "inpatient" and "outpatient"."""
    return any(f"!{form}" in _row(word) for word, against in ((one, other), (other, one)) for form in forms(against))


@lru_cache(maxsize=50_000)
def narrower(one: str, other: str) -> bool:
    """Whether the first word names a kind of what the second does, and not the same."""
    first, second = _senses(one)[:_USUAL], _senses(other)[:_USUAL]
    same = {*_senses(one)[:_KNOWN]} & {*_senses(other)[:_KNOWN]}
    return not same and any(0 < _above(a).get(b, 0) <= _KIND for a in first for b in second)


def is_a(word: str, kind: str, among: int = _USUAL) -> bool:
    """Whether a word names something of a kind ("person", "artifact"), in one of its most frequent senses."""
    wanted = next((sense for sense in _senses(kind) if sense[0] == "n"), "")
    return any(wanted in _above(sense) for sense in _senses(word)[:among])


def known(word: str) -> bool:
    """Whether English has the word, in any form."""
    return bool(_row(word))


def listed(word: str) -> bool:
    """Whether English has the word as it stands: "Ines" is no form of "in"."""
    return _table().get(word.lower()) is not None
