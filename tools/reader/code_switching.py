"""Code-switching: English text carried over into German word by word, by the lexicon turned round.

It is no German, but has German words in the places of the English ones: so a model learns across the languages from
questions that were only ever asked in English.
"""

from __future__ import annotations

import gzip
import json
import random
import re
from collections import defaultdict
from pathlib import Path

from rag.lexicon import open_lexicon

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_MOST = 8  # German forms of an English word
_LEAST = 0.04  # share of the commonest


class Switcher:
    """Draws German words for English ones, about as often as each stands for them."""

    def __init__(self, german: dict[str, tuple[list[str], list[float]]]) -> None:
        self._german = german

    @classmethod
    def of_lexicon(cls) -> Switcher:
        lexicon = open_lexicon("de")
        if lexicon is None:
            raise SystemExit("There is no German lexicon.")
        found: defaultdict[str, dict[str, float]] = defaultdict(dict)
        for form, frequency in lexicon.words.forms():
            for translation in lexicon.words.word(form).translations:
                if " " not in translation.english:
                    found[translation.english.lower()][form] = frequency * translation.share
        german = {}
        for english, forms in found.items():
            best = sorted(forms.items(), key=lambda each: (-each[1], each[0]))[:_MOST]
            best = [each for each in best if each[1] >= _LEAST * best[0][1]]
            german[english] = [form for form, _ in best], [worth for _, worth in best]

        return cls(german)

    @classmethod
    def read(cls, file: Path) -> Switcher:
        """Return the one that `write` wrote, in a moment; making one takes a while."""
        with gzip.open(file, "rt", encoding="utf-8") as stream:
            return cls(json.load(stream))

    def write(self, file: Path) -> None:
        with gzip.open(file, "wt", encoding="utf-8") as stream:
            json.dump(self._german, stream)

    def forms(self) -> set[str]:
        """Return every German word that may come in."""
        return {form for forms, _ in self._german.values() for form in forms}

    def switched(self, text: str, share: float, draw: random.Random) -> tuple[str, list[tuple[int, int, int, int]]]:
        """Return the text with that share of its words in German, and where its words went.

        Each is (start, end) in `text` and (start, end) in what is returned, in order.
        """
        out, places, at, length = [], [], 0, 0
        for match in _WORD.finditer(text):
            word = match[0]
            known = self._german.get(word.lower())
            capital = word[0].isupper() and match.start() > 0
            if known and not (capital and draw.random() < 0.7) and draw.random() < share:
                word = draw.choices(*known)[0]
                if match.start() == 0:
                    word = word[0].upper() + word[1:]
            between = text[at : match.start()]
            length += len(between)
            places.append((match.start(), match.end(), length, length + len(word)))
            out += [between, word]
            length += len(word)
            at = match.end()
        out.append(text[at:])
        return "".join(out), places


def moved(span: tuple[int, int], places: list[tuple[int, int, int, int]]) -> tuple[int, int]:
    """Return where a stretch of the text went; an edge inside a word goes to that word's edge."""
    start, end = span
    for low, high, _, _ in places:
        if low <= start < high:
            start = low
        if low < end <= high:
            end = high
    return start + _shift(start, places), end + _shift(end, places)


def _shift(at: int, places: list[tuple[int, int, int, int]]) -> int:
    """Return how far a place that is inside no word went: as far as the end of the word before it."""
    before = [new_high - high for _, high, _, new_high in places if high <= at]
    return before[-1] if before else 0
