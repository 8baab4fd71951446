"""Wrapped lines to running text: which hyphens at line ends were put there to wrap, and which belong to the word.

What a document itself writes elsewhere decides first, then what words there are. German joins what
it does not know, since its compounds are open; English keeps the hyphen between two words that are
no word together ("price-determining").
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from functools import cache

from rag import lexicon
from rag.text.language import stem
from rag.text.wordlists import FUNCTION_WORDS

_TOKEN = re.compile(r"[^\W\d_]+(?:[-‐][^\W\d_]+)*")
_HEAD = re.compile(r"[^\W\d_]+")
_TAIL = re.compile(r"[^\W\d_]{1,60}$")
# Capitals say nothing where the word before or after is in capitals too.
_SHOUTED = re.compile(r"\b[^\W\d_a-zß-ÿ]{2,}[,;]? [^\W\d_]+-$")
_SHOUTS = re.compile(r"[^\W\d_]+[,;]? [^\W\d_a-zß-ÿ]{2,}\b")
# "Ein- und Ausgaben": what follows is no part of the word.
_CONJUNCTIONS = frozenset("und oder bzw beziehungsweise bis sowie als wie and or to nor et ou y o e".split())
_TELLING = 0.12  # share of grammatical words that tells a text's language
_PREFIX = 6  # words that begin alike make a prefix
_SURE = 2  # sightings that make a word known: fewer are often halves and slips
_LONGEST = 200  # characters before a line that are looked at
_SHORTEST = 2  # letters that a word is hyphenated after


def told_language(text: str, default: str) -> str:
    """Return the language whose grammatical words make up most of a text; `default` where they are few.

    The better rule of `rag.text.language` unpacks its model to a file, which a reader may not write.
    """
    tokens = [token.casefold() for token in _HEAD.findall(text)]
    shares = {code: sum(token in small for token in tokens) for code, small in FUNCTION_WORDS.items()}
    best = max(shares, key=lambda code: (shares[code], code == default))
    return best if shares[best] >= max(2, _TELLING * len(tokens)) else default


class LineJoiner:
    """Joins lines by what words `texts` hold: the lines of the document they are from."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._seen = Counter[str]()
        for text in texts:
            # A word at a line's end may be half of one.
            self._seen.update(token.casefold() for token in _TOKEN.findall(text)[:-1])

    def join(self, lines: Iterable[str], language: str) -> str:
        """Return lines as one."""
        return "".join(self.pieces(lines, language))

    def pieces(self, lines: Iterable[str], language: str) -> list[str]:
        """Return what each line adds to the one that they are together; an empty one adds nothing."""
        found: list[str] = []
        last = ""
        for line in map(str.strip, lines):
            if last and line:
                drops, glue = self._seam(last[-_LONGEST:], line, language)
                found[-1] = found[-1][:-1] if drops else found[-1]
                found.append(glue + line)
            else:
                found.append(line)
            last = line or last
        return found

    def _seam(self, before: str, line: str, language: str) -> tuple[bool, str]:
        """Return whether the hyphen before a line goes, and what stands between: nothing or a space."""
        sign = before[-1]
        if sign in "–/@" and not before[-2:-1].isspace() and line[0].isalnum():
            return False, ""  # "737–\n9", "und/\noder", "https://\nwww"
        if sign not in "-‐\u00ad" or before[-2:-1] in {"", " "} or not line[0].isalnum():
            return False, " "
        if sign == "\u00ad":
            return True, ""
        return self._hyphenated(before, line, language)

    def _hyphenated(self, before: str, line: str, language: str) -> tuple[bool, str]:
        joined, kept, apart = (True, ""), (False, ""), (False, " ")
        left = before[:-1].rsplit(None, 1)[-1]
        head, tail = _HEAD.match(line), _TAIL.search(left)
        if head is None:
            return kept  # "1990-\n1995"
        right = head[0]
        if tail is None or tail.end() - tail.start() < _SHORTEST:
            return apart if right.casefold() in _CONJUNCTIONS else kept  # "12-\nstündig", "e-\nmail"
        piece = tail[0]
        shouted = piece.isupper() and right.isupper() and (_SHOUTED.search(before) or _SHOUTS.match(line)) is not None
        if right[0].isupper() and not shouted:
            return kept  # "Nord-\nSüd"
        whole, parted = self._seen[(piece + right).casefold()], self._seen[f"{piece}-{right}".casefold()]
        if right.casefold() in _CONJUNCTIONS and not whole and not _known(piece + right, language):
            return apart
        if whole != parted:
            return joined if whole > parted else kept
        if len(piece) > 1 and piece.isupper() and not shouted:
            return kept  # "EU-\nweit"
        chain = "-" in left[: -len(piece)]  # "state-of-the-\nart"
        return kept if _keeps(piece.lower(), right.lower(), language, chain) else joined


def _keeps(left: str, right: str, language: str, chain: bool) -> bool:
    """Return whether two halves are words of their own, as far as is known, and none together."""
    if language != "en" or _english(left + right) or not (_english(left) and _english(right)):
        return False
    return chain or _prefixes()[left] < _PREFIX  # "re-\ndistribute" is a word that need not be known


def _known(word: str, language: str) -> bool:
    if language == "de":
        found = lexicon.open_lexicon("de")
        return found is not None and found.words.has(word)
    return _english(word)


def _english(word: str) -> bool:
    return len(word) > 1 and stem(word.lower(), "en") in _english_stems()


@cache
def _english_words() -> frozenset[str]:
    found = lexicon.open_lexicon("de")
    seen = found.words.english() if found else Counter[str]()
    return frozenset(word for word, times in seen.items() if times >= _SURE and word.isalpha())


@cache
def _english_stems() -> frozenset[str]:
    return frozenset(stem(word, "en") for word in _english_words())


@cache
def _prefixes() -> Counter[str]:
    """Return of how many known words a known one is left without so many letters at its beginning: re-, un-, inter-."""
    known = _english_words()
    return Counter(word[:at] for word in known for at in range(_SHORTEST, len(word) - 2) if word[at:] in known)
