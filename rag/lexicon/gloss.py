"""Glosses: a text word by word in English: for search, for the weighing of sentences, and as help for reading.

Nothing here is ever evidence: a gloss says roughly what a text is about, in the order of
the other language. Every word of it knows the span it stands for, so that what is found in
the gloss can be shown in the original.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from rag.lexicon.translate import Translation, Translator
from rag.text.digits import number
from rag.text.language import stem, words
from rag.text.wordlists import ADDRESSES, FUNCTION_WORDS

_SMALL = FUNCTION_WORDS["en"]
_ALTERNATIVES = 2  # translations of a word that are searched for
_LEAST_SHARE = 0.12  # of the best one's share


@dataclass(frozen=True, slots=True)
class Gloss:
    """One word of the original, and what it may mean, best first.

    `start` and `end` are its span (code points) in the text. A word that the lexicon does
    not know stands for itself; then `known` is false.
    """

    start: int
    end: int
    translations: tuple[Translation, ...]
    known: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """A gloss as running text. `spans` are (start, end) in `text`, then in the original, word by word."""

    text: str
    spans: tuple[tuple[int, int, int, int], ...]

    def standing_for(self, start: int, end: int) -> str:
        """Return the gloss of the original's span from `start` to `end`, "" if it has none."""
        inside = [(left, right) for left, right, a, b in self.spans if a < end and start < b]
        return self.text[min(left for left, _ in inside) : max(right for _, right in inside)] if inside else ""


class Lexicon:
    """The lexicon of one language."""

    def __init__(self, words: Translator) -> None:
        self.words = words
        self.language = words.language

    def gloss(self, text: str) -> list[Gloss]:
        """Return the words of `text` with their translations, in order."""
        found = []
        for start, end in words(text):
            form = text[start:end]
            if form[0].isdigit():
                found.append(Gloss(start, end, (Translation(number(form), 1.0),), True))
                continue
            known = self.words.word(form, initial=_begins(text, start))
            itself = (Translation(form, 1.0),)
            found.append(Gloss(start, end, known.translations or itself, bool(known.translations)))
        return found

    def terms(self, text: str) -> list[dict[str, float]]:
        """Return for each content word of `text` the English stems it may be found by, with their shares.

        Words that mean nothing but grammar are left out. Parts of compounds follow the whole.
        """
        return [options for _, options in self.located_terms(text)]

    def located_terms(self, text: str, *, parts: bool = True) -> list[tuple[str, dict[str, float]]]:
        """Return `terms`, each with the word of `text` it is of; without `parts`, of whole words only."""
        small = FUNCTION_WORDS.get(self.language, frozenset())
        found: list[tuple[str, dict[str, float]]] = []
        for start, end in words(text):
            form = text[start:end]
            if form.lower() in small:
                continue
            if form[0].isdigit():
                found.append((form, {number(form): 1.0}))
                continue
            known = self.words.word(form, initial=_begins(text, start))
            options = _stems(known.translations) if known.translations else {}
            if not options or known.guessed:
                options = options | {stem(form, "en"): 1.0}  # "Velluno" may be a name and none of its parts
            found.append((form, options))
            for part in known.parts if parts else ():
                spare = _stems(self.words.word(part.form).translations)
                spare = {word: share for word, share in spare.items() if word not in options}
                found.append((form, spare))
        return [(form, options) for form, options in found if options]

    def read(self, text: str) -> Reading:
        """Return `text` word by word in English, with its punctuation.

        Figures are written the English way; words that mean nothing but grammar and have no
        counterpart ("sich") are left out. Unlike in `gloss` and `terms`, which search is made of, a
        word that is not known well enough to be read stands for itself, and so does each word of a person's name.
        """
        small = FUNCTION_WORDS.get(self.language, frozenset())
        parts: list[str] = []
        spans: list[tuple[int, int, int, int]] = []
        at = length = 0
        kept = self._kept(text)
        for start, end in words(text):
            form = text[start:end]
            english = kept.get(start) or self._shown(text, start, form)
            between, word = text[at:start], english or form
            if not english and form.lower() in small:
                between, word = between.rstrip(), ""
            if form.isupper() and len(form) > 1:
                word = word.upper()  # "US" is no pronoun
            elif word and _begins(text, start) and form[0].isupper():
                word = word[0].upper() + word[1:]
            between = between if length else between.lstrip()
            parts += [between, word]
            if word:
                spans.append((length + len(between), length + len(between) + len(word), start, end))
            length += len(between) + len(word)
            at = end
        parts.append(text[at:])
        return Reading("".join(parts), tuple(spans))

    def _shown(self, text: str, start: int, form: str) -> str:
        return _figure(form) if form[0].isdigit() else self.words.shown(form, initial=_begins(text, start))

    def _kept(self, text: str) -> dict[int, str]:
        """Return by their place the words that are not translated: what follows a title or a name with a space between.

        "Frau Reiter" is no rider and "Peter Koch" no cook. The titles themselves are in English.
        """
        titles = ADDRESSES.get(self.language, {})
        small = FUNCTION_WORDS.get(self.language, frozenset())
        kept: dict[int, str] = {}
        for (start, end), (then, stop) in pairwise(words(text)):
            form, following, between = text[start:end], text[then:stop], text[end:then]
            titled = form in titles and between in (" ", ". ", "\u00a0", ".\u00a0")
            named = between == " " and (start in kept or self._is_name(form, small))
            if not following[0].isupper() or following.lower() in small or not (titled or named):
                continue
            kept.setdefault(start, titles[form] if titled else form)
            if following not in titles:
                kept[then] = following
        return kept

    def _is_name(self, form: str, small: frozenset[str]) -> bool:
        """Whether a word stands for itself in English too, or is known to nobody, as names are."""
        known = self.words.word(form).translations
        capital = form[0].isupper() and not form.isupper() and form.lower() not in small
        return capital and (not known or known[0].english in (form, form.upper()))  # "Olaf" is an office, too


def _figure(form: str) -> str:
    plain = number(form)
    whole, point, decimals = plain.partition(".")
    grouped = len(form) > len(plain)
    return (re.sub(r"(?<=\d)(?=(?:\d{3})+$)", ",", whole) if grouped else whole) + point + decimals


def _stems(translations: tuple[Translation, ...]) -> dict[str, float]:
    """Return the stems of the content words of the likeliest translations, with the share of each."""
    found: dict[str, float] = {}
    for translation in translations[:_ALTERNATIVES]:
        if translation.share < _LEAST_SHARE * translations[0].share:
            break
        for start, end in words(translation.english):
            word = translation.english[start:end]
            if word.lower() not in _SMALL:
                found[stem(word, "en")] = found.get(stem(word, "en"), 0.0) + translation.share
    return found


def _begins(text: str, at: int) -> bool:
    """Whether a sentence may begin at `at`, so that a capital there says nothing."""
    before = text[max(0, at - 4) : at].rstrip(" \t\"'„“”»«‚‘([")
    return not before or before[-1] in ".!?:" or before.endswith("\n\n")
