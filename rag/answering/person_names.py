"""Whether words are a person's name, or name what a person is: told where it is sure, without a list of names."""

from __future__ import annotations

from functools import lru_cache

from rag.answering.question_clauses import Tokens
from rag.answering.question_wordlists import ARTICLES, TITLES
from rag.lexicon import open_lexicon
from rag.lexicon.senses import is_a, part_of_speech

_SHORTEST, _SHORTEST_PERSON = 3, 5  # letters of the end of a compound
_MOST = 4  # words of a name with what stands before it


def names_person(front: Tokens, language: str) -> bool:
    """Whether these words are a person's name: after a title or what a person is, or two that are no other words."""
    led = bool(front) and front[0].low in ARTICLES[language]
    named = front[_described(front) :] if led and language == "de" else front[led:]
    words = [token.text for token in named]
    if len(words) > 2 and words[0].endswith("s") and is_person(words[1], language):
        words = words[1:]  # "Ghanas Präsident …"
    if not 2 <= len(words) <= _MOST or not all(token.capital for token in named):
        return False
    if words[0].lower().rstrip(".") in TITLES[language]:
        return True
    if is_person(words[0], language) and (language == "de" or len(words) > 2):
        return True
    return not led and len(words) == 2 and all(_may_be_name(word, language) for word in words)


def _described(front: Tokens) -> int:
    """Return where a German name begins after its article and adjectives: "die neue", but not "der neuen"."""
    at = 1
    while front[0].low in ("der", "die") and at < len(front) - 1 and front[at].text.islower():
        if not front[at].low.endswith("e"):
            break
        at += 1
    return at


@lru_cache(maxsize=10_000)
def is_person(word: str, language: str) -> bool:
    """Whether a word says what a person is: "treasurer"; also of a compound by what it ends with."""
    found = [*_english(word, language), *_english_of_end(word, language, _SHORTEST_PERSON)]
    return any(is_a(english.split()[-1], "person") for english in found)


@lru_cache(maxsize=10_000)
def is_kind(word: str, kinds: tuple[str, ...], language: str, among: int = 1) -> bool:
    """Whether what a word means, in its most frequent senses, is of one of these kinds, which are named in English."""
    if word.isupper():
        return False  # "VAT" is no vat
    found = _english(word, language) or _english_of_end(word, language, _SHORTEST)
    if among > 1:
        found = [*found, *_english_of_end(word, language, _SHORTEST)]
    return any(is_a(english.split()[-1], kind, among) for english in found for kind in kinds)


def _english_of_end(word: str, language: str, shortest: int) -> list[str]:
    """Return what the longest end of a German compound is in English that is a noun by itself."""
    if language != "de":
        return []
    ends = (word[at:].capitalize() for at in range(2, len(word) - shortest + 1))
    return next((found for end in ends if (found := _english(end, language))), [])


def _may_be_name(word: str, language: str) -> bool:
    """Whether a word means nothing else; "Smith" is what a person is, too."""
    if language == "en":
        return not part_of_speech(word) or is_a(word, "person")
    return not _english(word, language)


def _english(word: str, language: str) -> list[str]:
    """Return what a word most likely is in English, itself where it is; nothing where it is not known."""
    if language == "en":
        return [word]
    lexicon = open_lexicon(language)
    found = lexicon.words.word(word).translations if lexicon is not None else ()
    return [each.english for each in found[:1] if each.english.lower() != word.lower()]
