"""Code-switching: English text carried over into German word by word, by the lexicon turned round.

It is no German, but has German words in the places of the English ones: so a model learns across the languages from
questions that were only ever asked in English.
"""

from __future__ import annotations

import random
import re
from collections import defaultdict

from rag.lexicon import open_lexicon

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_MOST = 8  # German forms of an English word
_LEAST = 0.04  # share of the commonest


class Switcher:
    """Draws German words for English ones, about as often as each stands for them."""

    def __init__(self) -> None:
        lexicon = open_lexicon("de")
        if lexicon is None:
            raise SystemExit("There is no German lexicon.")
        found: defaultdict[str, dict[str, float]] = defaultdict(dict)
        for form, frequency in lexicon.words.forms():
            for translation in lexicon.words.word(form).translations:
                if " " not in translation.english:
                    found[translation.english.lower()][form] = frequency * translation.share
        self._german: dict[str, tuple[list[str], list[float]]] = {}
        for english, forms in found.items():
            best = sorted(forms.items(), key=lambda each: (-each[1], each[0]))[:_MOST]
            best = [each for each in best if each[1] >= _LEAST * best[0][1]]
            self._german[english] = [form for form, _ in best], [worth for _, worth in best]

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


def moved(span: tuple[int, int], places: list[tuple[int, int, int, int]]) -> tuple[int, int] | None:
    """Return where a stretch of the text went, from its first word to its last; None where it has no word."""
    inside = [place for place in places if place[0] < span[1] and span[0] < place[1]]
    return (inside[0][2], inside[-1][3]) if inside else None
