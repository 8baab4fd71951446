"""Words of two sentences compared across languages: which of them say the same, and which have no counterpart."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from rag.lexicon import Translation, open_lexicon
from rag.lexicon.senses import narrower, opposite, relation
from rag.text.char_ngrams import pieces
from rag.text.language import Word, stem, words
from rag.text.wordlists import FUNCTION_WORDS

_SMALL = frozenset().union(*FUNCTION_WORDS.values())
_POSSESSIVE = re.compile("['’]s?$")
_SAME_SOUND = 0.6
_LEAST = 0.12  # of the best translation's share
_USUAL = 2  # translations by which words may exclude each other
_MEANINGS = 3  # translations of a word that are compared


@dataclass(frozen=True, slots=True)
class Term:
    """A content word as it is compared: in English, by its sound, and by the parts of a compound.

    `english` are the words it may mean in English, `stems` theirs and its own. A name is a word with a capital
    that the lexicon does not know. `noun` is whether it is one, as German writes them, None where that is not
    known; `rest` whether it is what is left of a compound that both say the rest of: "Grund-" of "Grundschule".
    """

    text: str
    english: tuple[str, ...]
    stems: frozenset[str]
    sound: frozenset[str]
    name: bool = False
    capital: bool = False
    start: int = 0
    parts: tuple[Term, ...] = ()
    noun: bool | None = None
    rest: bool = False

    def says(self, other: Term) -> bool:
        """Whether both words say the same, as far as spelling, translation and sound tell."""
        return bool(self.stems & other.stems) or ((self.capital or other.capital) and self._sounds_like(other))

    @property
    def words(self) -> tuple[str, ...]:
        """What it may mean in English, with its parts'."""
        return self.english + tuple(word for part in self.parts for word in part.english)

    def means(self, other: Term) -> bool:
        """Whether both words may name one kind of thing."""
        if self.noun is not None and other.noun is not None and self.noun != other.noun:
            return self.says(other)
        return self.says(other) or any(relation(a, b) == "same" for a in self.english for b in other.english)

    @property
    def heads(self) -> tuple[str, ...]:
        """What it may mean in English; of a compound that has no one word for it, what its last part does."""
        return self.english or (self.parts[-1].english[:1] if self.parts else ())

    def equals(self, other: Term) -> bool:
        """Whether both words name the same, and not one a kind of the other."""
        return self.means(other) and not self.narrows(other) and not other.narrows(self)

    def narrows(self, other: Term) -> bool:
        """Whether it names a kind of what the other does: "limes" are trees, but not all of them."""
        return not self.says(other) and any(narrower(a, b) for a in self.english for b in other.english)

    def opposes(self, other: Term) -> bool:
        """Whether the words are opposites."""
        return any(opposite(a, b) for a in self.heads[:_USUAL] for b in other.heads[:_USUAL])

    def excludes(self, other: Term) -> bool:
        """Whether the words are opposites, or sisters as "adult" and "child"."""
        return any(relation(a, b) == "apart" for a in self.heads[:_USUAL] for b in other.heads[:_USUAL])

    def shares_head(self, other: Term) -> bool:
        """Whether two compounds share their last part, and not their first: "Einzelzimmer" and "Doppelzimmer"."""
        if len(self.parts) < 2 or len(other.parts) < 2 or self.says(other):
            return False
        return self.parts[-1].says(other.parts[-1]) and not self.parts[0].says(other.parts[0])

    def _sounds_like(self, other: Term) -> bool:
        fewer, more = sorted((len(self.sound), len(other.sound)))
        return fewer >= 3 and len(self.sound & other.sound) >= _SAME_SOUND * more


def terms(row: Iterable[Word], language: str, beginning: int = -1) -> tuple[Term, ...]:
    """Return the content words among those of a text; a capital at `beginning` says nothing outside German."""
    return tuple(made for word in row if (made := term(word, language, initial=word.start == beginning)))


def term(word: Word, language: str, *, initial: bool = False) -> Term | None:
    """Return a word as it is compared; None for figures and for words that carry grammar."""
    if word.low in FUNCTION_WORDS.get(language, _SMALL) or word.text[0].isdigit() or len(word.text) < 2:
        return None
    word = replace(word, text=_POSSESSIVE.sub("", word.text), low=_POSSESSIVE.sub("", word.low))
    own, sound = stem(word.text, language), frozenset(pieces(word.text))
    capital = word.capital and not (initial and language != "de")
    lexicon = open_lexicon(language)
    if lexicon is None:
        english = (word.low,) if language == "en" else ()
        return Term(word.text, english, frozenset({own}), sound, capital, capital, word.start)
    known = lexicon.words.word(word.text, initial=initial)
    parts = tuple(
        _translated(part.form, lexicon.words.word(part.form).translations, language, word.start) for part in known.parts
    )
    made = _translated(word.text, known.translations, language, word.start)
    named = capital and all(each.english[:1].isupper() for each in known.translations[:1])
    noun = None if initial else word.capital
    return replace(made, noun=noun, name=named, capital=capital, parts=parts or made.parts)


def _translated(form: str, translations: Sequence[Translation], language: str, start: int) -> Term:
    """Return a German word; one that is several in English ("Einzelzimmer", a single room) has these for its parts."""
    least = _LEAST * translations[0].share if translations else 0
    meant = [each.english.lower() for each in translations[:_MEANINGS] if each.share >= least]
    english = tuple(each for each in meant if " " not in each) or (() if meant else (form.lower(),))
    stems = frozenset({stem(form, language), *(stem(each, "en") for each in english)})
    phrase = _content(meant[0]) if meant and not english else []
    parts = tuple(
        Term(each, (each,), frozenset({stem(each, "en")}), frozenset(pieces(each)), start=start) for each in phrase
    )
    return Term(form, english, stems, frozenset(pieces(form)), start=start, parts=parts)


def _content(english: str) -> list[str]:
    found = [english[left:right].lower() for left, right in words(english)]
    return [word for word in found if word not in FUNCTION_WORDS["en"]]


def without(own: Sequence[Term], others: Sequence[Term]) -> list[Term]:
    """Return the terms of which the others say nothing; of a compound, the parts of which they say nothing."""
    spread = [*others, *(part for other in others for part in other.parts)]
    left: list[Term] = []
    for each in own:
        if any(each.says(other) for other in spread):
            continue
        rest = [part for part in each.parts if not any(part.says(other) for other in spread)]
        shared = len(each.parts) > 1 and len(rest) < len(each.parts)  # "in hospital" is no hospital
        left += [replace(part, rest=True) for part in rest] if shared else [each]
    return left
