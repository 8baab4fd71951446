"""Compound splitting: German words into their parts: "Kriegswinter" is Krieg, s, Winter.

A split is as good as its parts are known: the geometric mean of their frequencies (Koehn
and Knight, "Empirical Methods for Compound Splitting", 2003). Parts may be joined by a
linking element, or have lost a final e ("Schulbus"). A word known as well as its parts
stays whole. A noun ends in a noun, which is why case matters here: without it, "Guterres"
falls into "gut" and what it is not.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

_SHORTEST, _SHORTEST_WORD, _LONGEST_WORD = 3, 7, 80
_MOST_PARTS = 4
_LINKS = ("", "s", "es", "n", "en", "er", "e", "ens", "nen")
# Endings and beginnings that are listed as words, but are none where they stand in one.
_NO_PART = frozenset(
    "ung ungen heit heiten keit keiten schaft schaften lich liche lichen licher isch ische ischen bare baren sam "
    "los lose losen tum chen lein ion ionen ismus ist isten tion tionen ität ent ver zer ier iert ieren tet ten "
    "ter den der ern ens innen rinnen end enden ender igen ige iger sch che ins las hin her ein eine einer eins".split()
)


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a compound: `form` is the word it is, start and end its span in the compound, link included."""

    form: str
    start: int
    end: int


def split(word: str, frequency: Callable[[str], float]) -> tuple[Part, ...]:
    """Return the parts of `word` (as it is written), or () if it is better known whole or no compound.

    `frequency` says how well a word is known; 0 is not at all.
    """
    if not _SHORTEST_WORD <= len(word) <= _LONGEST_WORD:
        return ()  # what is longer is no word, and would take long
    best: tuple[Part, ...] = ()
    best_score = frequency(word) or 0.5
    for at in range(_SHORTEST, len(word) - _SHORTEST + 1):
        rest = word[at:]
        last = rest.capitalize() if word[0].isupper() else rest
        if rest in _NO_PART or not frequency(last):
            continue
        for front in _fronts(word, at, frequency, _MOST_PARTS - 1):
            parts = (*front, Part(last, at, len(word)))
            score = math.exp(sum(math.log(frequency(part.form)) for part in parts) / len(parts))
            # Each joint is a chance to be wrong: short parts and many of them need to be known better.
            score *= 0.5 ** (len(parts) - 2) * min(1.0, min(len(part.form) for part in parts) / 5) ** 2
            if score > best_score:
                best, best_score = parts, score
    return best


def _fronts(word: str, end: int, frequency: Callable[[str], float], most: int) -> Iterator[tuple[Part, ...]]:
    """Yield the ways to make word[:end] of parts that something follows."""
    if form := _form(word[:end].lower(), frequency):
        yield (Part(form, 0, end),)
    if most > 1:
        for at in range(_SHORTEST, end - _SHORTEST + 1):
            if form := _form(word[at:end].lower(), frequency):
                yield from ((*front, Part(form, at, end)) for front in _fronts(word, at, frequency, most - 1))


def _form(piece: str, frequency: Callable[[str], float]) -> str:
    """Return the best known word that `piece` is, with a linking element or a lost e, or ""."""
    bare = {piece.removesuffix(link) for link in _LINKS if piece.endswith(link)} | {piece + "e"}
    fitting = [form for form in bare if len(form) >= _SHORTEST and form not in _NO_PART]
    options = [option for form in sorted(fitting) for option in (form.capitalize(), form) if frequency(option) > 0]
    return max(options, key=frequency, default="")
