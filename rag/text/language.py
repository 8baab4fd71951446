"""What depends on the language of a text: detection, words, and their stems.

py3langid detects, Snowball stems.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from rag.errors import BelegError
from rag.localization import gettext
from rag.text import digits
from rag.text.wordlists import FUNCTION_WORDS

if TYPE_CHECKING:
    import Stemmer
    from py3langid.langid import LanguageIdentifier

_SNOWBALL = {
    "ar": "arabic", "da": "danish", "de": "german", "en": "english", "es": "spanish",
    "eu": "basque", "fi": "finnish", "fr": "french", "hu": "hungarian", "it": "italian",
    "nl": "dutch", "no": "norwegian", "nb": "norwegian", "pt": "portuguese", "ro": "romanian",
    "ru": "russian", "sv": "swedish", "tr": "turkish",
}  # fmt: skip

# Languages that a few words may well be in. A price list is not in Luxembourgish or Nigerian Pidgin, whose few words
# are those of German and English: that takes a text that leaves no doubt.
_FAMILIAR = {*_SNOWBALL, "cs", "pl"}
_WRITTEN = _FAMILIAR | {*"bg el et hr lt lv sk sl sr uk".split()}
_SURE = 0.5  # probability of such a language, among some 140
_NO_DOUBT = 0.95  # of any other
_USUAL = 2.0  # times as likely are the languages that Beleg knows words of

# A number keeps its separators ("11.000", "3,5"); a word keeps inner apostrophes only.
_WORD = re.compile(digits.PATTERN + r"|[^\W\d_]+(?:['’][^\W\d_]+)*")


@dataclass(frozen=True, slots=True)
class Word:
    """A word, in lower case too, where it lies, and what stands between it and the word before."""

    text: str
    low: str
    start: int
    end: int
    gap: str

    @property
    def capital(self) -> bool:
        return self.text[:1].isupper()


def unpacked() -> LanguageIdentifier:
    """Return what tells languages as it comes, unpacked into memory. Raises BelegError where that cannot be done."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    try:
        return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    except OSError as error:  # it is unpacked to a temporary file
        raise BelegError(
            gettext("Temporary files cannot be written: {error}.").format(error=error.strerror or error),
            gettext("Make room there, or name another folder for them with TMPDIR."),
        ) from error


_opened: Callable[[], LanguageIdentifier] = unpacked


def identify_by(opened: Callable[[], LanguageIdentifier]) -> None:
    """Tell languages by what `opened` returns: it is called when the first is to be told, and once."""
    global _opened
    _opened = opened


@cache
def _identifier() -> LanguageIdentifier:
    return _opened()


def detect(text: str, among: Collection[str] = (), default: str = "en") -> str:
    """Return the ISO 639-1 code of the language `text` is most likely written in.

    Only the first 4,000 characters are looked at. Where they are too few to be sure, it is one of
    the languages whose words can be stemmed, or a neighbour's. With `among` the answer is one of
    these codes: a question of six words is told apart from the few languages that
    matter far more reliably than from a hundred. Text without letters gives `default`.
    """
    sample = text[:4000]
    if not any(character.isalpha() for character in sample):
        return default
    if not among:
        code, probability = _identifier().classify(sample)
        if probability >= (_SURE if code in _WRITTEN else _NO_DOUBT):
            return str(code)
        return _likeliest(sample, _FAMILIAR, default, _USUAL)  # a table's few words are like those of many a dialect
    return _likeliest(sample, among, default)


def _likeliest(sample: str, among: Collection[str], default: str, usual: float = 1.0) -> str:
    votes = {code: _stopword_share(sample, code) for code in among}
    for code, probability in _identifier().rank(sample):
        if code in votes:
            votes[code] += float(probability) * (usual if code in FUNCTION_WORDS else 1.0)
    return max(votes, key=lambda code: (votes[code], code == default))


def chance(text: str, one: str, other: str) -> float:
    """Return the chance, by its letters, that `text` is in one language, and not in the other."""
    chances = dict(_identifier().rank(text[:4000]))
    first, second = float(chances[one]), float(chances[other])
    return first / (first + second) if first + second else 0.5


def _stopword_share(text: str, language: str) -> float:
    words = [word.casefold() for word in _WORD.findall(text)]
    known = FUNCTION_WORDS.get(language, frozenset())
    return sum(word in known for word in words) / max(len(words), 1)


@cache
def _stemmer(language: str) -> Stemmer.Stemmer | None:
    import Stemmer

    name = _SNOWBALL.get(language)
    return Stemmer.Stemmer(name) if name else None


def words(text: str) -> list[tuple[int, int]]:
    """Return the spans (code points) of the words and numbers of `text`, in order."""
    found = []
    for match in _WORD.finditer(text):
        start, end = match.span()
        if " " not in match.group() or digits.is_one(text, start, end):
            found.append((start, end))
            continue
        for group in match.group().split(" "):  # a row of figures
            found.append((start, start + len(group)))
            start += len(group) + 1
    return found


def read(text: str) -> list[Word]:
    """Return the words and numbers of `text`, in order, with what stands between them."""
    found, at = [], 0
    for start, end in words(text):
        found.append(Word(text[start:end], text[start:end].lower(), start, end, text[at:start]))
        at = end
    return found


def stem(word: str, language: str) -> str:
    """Return the case-folded Snowball stem of one word; numbers as `digits.number` folds them."""
    if word[0].isdigit():
        return digits.number(word)
    stemmer = _stemmer(language)
    folded = word.replace("’", "'").lower()
    return str(stemmer.stemWord(folded)).casefold() if stemmer else folded.casefold()


def stems(text: str, language: str) -> list[str]:
    """Return the stems of the words of `text`, in order, repeats kept."""
    return [stem(text[start:end], language) for start, end in words(text)]


def asked_stems(question: str, asked: str, language: str) -> list[str]:
    """Return the stems, as `language` makes them, of the words of a question in `asked` that carry content.

    A question of nothing but function words keeps them all.
    """
    small = FUNCTION_WORDS.get(asked, frozenset())
    spans = words(question)
    content = [span for span in spans if question[slice(*span)].lower() not in small]
    return [stem(question[start:end], language) for start, end in content or spans]
