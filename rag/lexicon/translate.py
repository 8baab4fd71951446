"""A word to its English translations, by everything the lexicon knows about it.

Three sources, weighed as evidence: how often the word was seen translated so (our own
statistics), how often its inflected relatives were ("Soldat" helps "Soldatin"), and what
a dictionary says, which counts as a few sightings. So a frequent word follows the
statistics, whatever oddities a dictionary lists, and a rare one the dictionary. A word
that none of them knows is taken apart, if it is a compound; if not, it stands for itself,
as names do.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from rag.errors import LexiconUnusable
from rag.lexicon.compounds import Part, split
from rag.localization import gettext
from rag.text.language import stem
from rag.text.wordlists import FIXED_ENGLISH, FUNCTION_WORDS

DICTIONARY_WORTH = 4.0  # a dictionary's entry, in sightings
_RELATIVE_WORTH = 0.5  # a relative's sighting, in sightings
_RELATIVES_UPTO = 5.0  # relatives together never count for more
_PART_WORTH = 3.0
_SHORTEST_SHOWN = 4  # letters of a compound's part
_MORE_OFTEN_THAN_NOT = 0.5
_SURE = 8.0  # from so many sightings on, nobody else is asked
_LONGEST = 100  # letters: what is longer is no word
_MOST = 6
_LEAST_SHARE = 0.04
_ENDINGS = ("", "e", "en", "n", "er", "s", "es", "t", "te", "ten", "ern", "em")
_SEPARABLE = (
    "ab", "an", "auf", "aus", "bei", "durch", "ein", "fest", "fort", "frei", "her", "hin", "los", "mit", "nach",
    "statt", "teil", "um", "unter", "vor", "weg", "weiter", "wieder", "zu", "zurück", "zusammen", "über",
)  # fmt: skip
_VOWELS = {"ä": "a", "ie": "e", "i": "e"}
_CHANGED_VOWEL = re.compile(r"(?P<front>.*)(?P<vowel>(?<!e)ie|(?<![ea])i|ä)(?P<rest>u?[^aeiouäöüy]+)")


class Rows(Protocol):
    """Where entries lie: an open `Table`, or a dict while a lexicon is being built."""

    def get(self, key: str, /) -> list[str] | None: ...
    def items(self) -> Iterable[tuple[str, list[str]]]: ...


@dataclass(frozen=True, slots=True)
class Translation:
    """An English translation (one to three words, cased as in running text) and its share, above 0 to 1."""

    english: str
    share: float


@dataclass(frozen=True, slots=True)
class Word:
    """What is known of a word form. Without translations it is known to nobody.

    `parts` are a compound's; where the whole is known better, they are for search only. Where it is not, it is
    `guessed` from them, in English "Grund" and "Miete" side by side: good to search by, and often odd to read.
    """

    translations: tuple[Translation, ...]
    seen: float  # evidence, in sightings
    parts: tuple[Part, ...] = ()
    guessed: bool = False


class Translator:
    """Translates single word forms of one language; remembers what it was asked."""

    def __init__(self, language: str, statistics: Rows, dictionary: Rows) -> None:
        self.language = language
        self._statistics = statistics
        self._dictionary = dictionary
        self._fixed = FIXED_ENGLISH.get(language, {})
        self._small = FUNCTION_WORDS.get(language, frozenset())
        self.word = lru_cache(maxsize=100_000)(self._word)
        self._frequency = lru_cache(maxsize=200_000)(self._count)

    def forms(self) -> Iterator[tuple[str, float]]:
        """Yield every form there is a row for, and how often it was seen; what is only listed counts half a time."""
        for form, fields in self._statistics.items():
            yield form, float(fields[0])
        for form, _ in self._dictionary.items():
            if self._statistics.get(form) is None:
                yield form, 0.5

    def has(self, form: str) -> bool:
        """Return whether there is a row for `form` itself, as it is written or in the other case."""
        forms = {form, form.lower(), form.capitalize()}
        return any(self._statistics.get(each) or self._dictionary.get(each) for each in forms)

    def lists(self, form: str, often: float) -> bool:
        """Return whether the dictionary lists `form`, as it is written or in the other case, or it was seen `often`."""
        forms = {form, form.lower(), form.capitalize()}
        return any(self._dictionary.get(each) or self._seen(each)[0] >= often for each in forms)

    def english(self) -> Counter[str]:
        """Return the English words that were seen as translations, in small letters, and about how often."""
        found = Counter[str]()
        for _, fields in self._statistics.items():
            for english, _, share in (field.rpartition(":") for field in fields[1:]):
                for word in english.lower().split():
                    found[word] += int(fields[0]) * int(share) // 100
        return found

    def _word(self, form: str, *, initial: bool = False) -> Word:
        """Return what is known of `form` as it is written; if `initial`, its capital may be the sentence's."""
        if not 0 < len(form) <= _LONGEST:
            return Word((), 0.0)
        if fixed := self._fixed.get(form):
            return Word((Translation(fixed, 1.0),), _SURE)
        form = self._as_usual(form, initial=initial)
        evidence = dict[str, float]()
        seen = self._add_seen(evidence, form, 1.0)
        a_name = max(evidence, key=lambda english: evidence[english], default="") == form and form[0].isupper()
        if seen < _SURE and form.lower() not in self._small and not a_name:
            seen += self._add_relatives(evidence, form)
            seen += self._add_listed(evidence, form)
        parts = self._parts(form) if form.lower() not in self._small else ()
        guessed = seen < _PART_WORTH and bool(parts)
        if guessed:
            whole = self._side_by_side(parts)
            evidence[whole] = evidence.get(whole, 0.0) + _PART_WORTH
            seen += _PART_WORTH
        total = sum(evidence.values())
        ranked = sorted(evidence.items(), key=lambda item: (-item[1], item[0]))[:_MOST]
        kept = [Translation(english, worth / total) for english, worth in ranked if worth >= _LEAST_SHARE * total]
        return Word(tuple(kept), seen, parts, guessed)

    def shown(self, form: str, *, initial: bool = False) -> str:
        """Return what a person is shown for `form`: its best translation, "" where none is good enough to be read.

        Stricter than `word`, which search can afford to be wrong with: a name stays one, a verb is looked for by its
        infinitive, and of a guess from a compound's parts only a noun's is shown, with parts that are long enough and
        mean one thing more often than all others. Of 3,300 listed nouns that were taken out of the lexicon, parts
        below that were right in their best sense in 16 to 23 %, and as often in another of theirs.
        """
        usual = self._as_usual(form, initial=initial) if form else form
        known = self.word(form, initial=initial)
        itself = usual[:1].isupper() and any(each.english == usual for each in known.translations)
        if itself and (known.guessed or " " in known.translations[0].english):  # "Christmas roast", of "Lübeck"
            return usual
        unsure = known.guessed and not self._is_good_guess(usual, known.parts)
        whole = self._side_by_side(known.parts) if unsure else ""
        if best := next((each.english for each in known.translations if each.english != whole), ""):
            return best
        verb = form.lower() if initial else form
        others = map(self.word, (verb, *(_infinitives(verb) if self.language == "de" else ())))
        return next((each.translations[0].english for each in others if each.translations and not each.guessed), "")

    def _is_good_guess(self, form: str, parts: Sequence[Part]) -> bool:
        shares = [known[0].share if (known := self.word(part.form).translations) else 0.0 for part in parts]
        long = all(part.end - part.start >= _SHORTEST_SHOWN <= len(part.form) for part in parts)
        return form[0].isupper() and long and min(shares) >= _MORE_OFTEN_THAN_NOT

    def _as_usual(self, form: str, *, initial: bool) -> str:
        """Return `form` in the case that it is known in, where its own says nothing or is not known."""
        lower = form.lower()
        shouted = form.isupper() and len(form) > 1
        unsure = shouted or (initial and form[0].isupper())
        if lower in self._small:
            return lower if unsure or not self._statistics.get(form) else form
        own = self._frequency(form)
        swapped = lower if form[0].isupper() and not shouted else form.capitalize()
        others = [option for option in (swapped, lower) if self._frequency(option) > own]
        if others and (unsure or not own):
            return max(others, key=self._frequency)
        return form

    def _add_seen(self, evidence: dict[str, float], form: str, worth: float) -> float:
        times, shares = self._seen(form)
        for english, share in shares:
            evidence[english] = evidence.get(english, 0.0) + times * worth * share
        return times * worth

    def _seen(self, form: str) -> tuple[float, list[tuple[str, float]]]:
        """Return how often `form` was seen, and its translations with their shares; 0 and none if never.

        Raises LexiconUnusable for a row that makes no sense.
        """
        fields = self._statistics.get(form)
        if not fields:
            return 0.0, []
        try:
            pairs = [field.rpartition(":") for field in fields[1:]]
            times, shares = int(fields[0]), [(english, int(share) / 100) for english, _, share in pairs]
        except ValueError:
            times, shares = 0, []
        if times < 1 or not all(english and 0 < share <= 1 for english, share in shares):
            raise LexiconUnusable(
                gettext("The lexicon's statistics of {language} have a row that makes no sense, for {form!r}.").format(
                    language=self.language, form=form
                ),
                gettext("Install Beleg anew, or build the lexicon anew: see rag/lexicon."),
            )
        return float(times), shares

    def _add_listed(self, evidence: dict[str, float], form: str) -> float:
        forms = (form, *_bases(form), *self._inflections(form))
        listed = [english for english in next(filter(None, map(self._dictionary.get, forms)), []) if english]
        if not listed:
            return 0.0
        # What was seen already and is listed as well is confirmed more than a mere first place.
        known = {english.lower() for english in evidence}
        weights = [(3.0 if english.lower() in known else 1.0) / (1 + rank) for rank, english in enumerate(listed)]
        cased = {english.lower(): english for english in evidence}
        for english, weight in zip(listed, weights, strict=True):
            name = cased.get(english.lower(), english)
            evidence[name] = evidence.get(name, 0.0) + DICTIONARY_WORTH * weight / sum(weights)
        return DICTIONARY_WORTH

    def _add_relatives(self, evidence: dict[str, float], form: str) -> float:
        """Add what was seen of words with the same stem, as far as it is needed."""
        base, verbs = self._stem(form), _bases(form)
        added = 0.0
        for relative in sorted({*verbs, *self._inflections(form)} - {form}):
            if added >= _RELATIVES_UPTO:
                break
            times, _ = self._seen(relative)
            if not times or (self._stem(relative) != base and relative not in verbs):
                continue
            worth = min(_RELATIVE_WORTH, (_RELATIVES_UPTO - added) / times)
            added += self._add_seen(evidence, relative, worth)
        return added

    def _stem(self, form: str) -> str:
        """Return the stem of a form in the form's own case."""
        base = stem(form, self.language)
        return base.capitalize() if form[0].isupper() else base

    def _inflections(self, form: str) -> list[str]:
        """Return forms that may be inflections of the same word. The stemmer folds umlauts, so both are tried."""
        base = self._stem(form)
        bases = dict.fromkeys((form[: len(base)], base))
        return [base + ending for base in bases for ending in _ENDINGS]

    def _parts(self, form: str) -> tuple[Part, ...]:
        return split(form, self._frequency) if self.language == "de" else ()

    def _count(self, form: str) -> float:
        """Return how well `form` is known as a part of compounds, in sightings; 0 where it is not."""
        if form.lower() in self._small:
            return 0.0
        times, _ = self._seen(form)
        return times + (2.0 if self._dictionary.get(form) is not None else 0.0)

    def _side_by_side(self, parts: Sequence[Part]) -> str:
        return " ".join(self._best(part.form) for part in parts)

    def _best(self, form: str) -> str:
        known = self.word(form).translations
        return known[0].english if known else form


def _bases(form: str) -> tuple[str, ...]:
    """Return forms in which German verbs are listed: "auszuweiten" and "ausgeweitet" give "ausweiten"."""
    return tuple(dict.fromkeys(_verbs(form)))


def _verbs(form: str) -> Iterator[str]:
    for prefix in ("", *_SEPARABLE):
        if not form.startswith(prefix):
            continue
        rest = form[len(prefix) :]
        if prefix and rest.startswith("zu") and rest.endswith("n") and len(rest) > 5:
            yield prefix + rest[2:]
        if rest.startswith("ge") and rest.endswith("t") and len(rest) > 5:
            yield prefix + rest[2:-1].removesuffix("e") + "en"
    for ending in ("te", "ten", "t", "st"):
        if form.endswith(ending) and len(form) > len(ending) + 3:
            yield form[: -len(ending)].removesuffix("e") + "en"


def _infinitives(form: str) -> Iterator[str]:
    """Yield what a German verb whose vowel changes may be listed as: "beträgt" is of "betragen", "gilt" of "gelten".

    Of 169 forms in the lexicon whose regular infinitive is not, some 145 are of the verb that is found so.
    """
    match = _CHANGED_VOWEL.fullmatch(form)
    if match is None or not form.islower() or len(form) < _SHORTEST_SHOWN or not form.endswith("t"):
        return
    for ending in ("st", "t", ""):
        if form.endswith(ending):
            rest = match["rest"].removesuffix(ending)
            yield f"{match['front']}{_VOWELS[match['vowel']]}{rest}en"
