"""Keyword queries, as they are typed into a search box: "Kaution", "rent deposit?", "Frist der Mahnung".

They are made of the words of the lexicon, with a fixed seed. A word is either fitted on or held out, by its hash.
"""

from __future__ import annotations

import random
import zlib
from collections.abc import Collection, Iterator
from functools import cache

from rag.lexicon import files
from rag.lexicon.table import Table
from rag.text.language import read
from rag.text.wordlists import FUNCTION_WORDS

_HELD_OUT = 5  # one word of so many
_LEAST_SEEN = 3  # times, in parallel text
_JOINTS = {"de": ("für", "in", "bei", "von", "und", "der", "ohne"), "en": ("for", "in", "at", "of", "and", "with")}


def queries(count: int, held_out: bool, without: Collection[str] = ()) -> list[str]:
    """Return so many queries, German and English in turn, of none of the words `without` nor what translates them."""
    chance = random.Random(11 if held_out else 7)
    left_out = frozenset(without)
    words = {language: _words(language, held_out, left_out) for language in _JOINTS}
    return [_query(language, words[language], chance) for _ in range(count // 2) for language in _JOINTS]


def single_words(language: str, count: int, without: Collection[str] = ()) -> list[str]:
    """Return so many held-out words of a language, as they are written."""
    return random.Random(13).sample(_words(language, True, frozenset(without)), count)


def _query(language: str, words: tuple[str, ...], chance: random.Random) -> str:
    parts = chance.choices(words, k=chance.choices((1, 2, 3), (8, 2, 1))[0])
    if len(parts) == 2 and chance.random() < 0.3:
        parts.insert(1, chance.choice(_JOINTS[language]))
    query = " ".join(parts)
    query = chance.choices((query, query.lower(), query[0].upper() + query[1:], query.upper()), (8, 6, 6, 1))[0]
    return query + chance.choices(("", "?", "!", "."), (14, 4, 1, 1))[0]


@cache
def _words(language: str, held_out: bool, without: frozenset[str]) -> tuple[str, ...]:
    """Return the words of a language: those seen in parallel text more than a few times, and as many listed ones."""
    small = FUNCTION_WORDS["de"] | FUNCTION_WORDS["en"]
    seen, listed = set[str](), set[str]()
    for path in files():
        for german, times, english in _pairs(Table(path)):
            if 0 < times < _LEAST_SEEN or {german.lower(), english.lower()} & without:
                continue
            word = german if language == "de" else english
            if word.isalpha() and len(word) > 2 and word.lower() not in small and _held_out(word) == held_out:
                (seen if times else listed).add(word)
    more = random.Random(17).sample(sorted(listed - seen), min(len(seen), len(listed - seen)))
    return tuple(sorted(seen) + more)


def _pairs(table: Table) -> Iterator[tuple[str, int, str]]:
    """Yield each word with its likeliest translation, and how often it was seen; 0 where it is listed."""
    for german, fields in table.items():
        if "statistics" in table.path.name:
            yield german, int(fields[0]), fields[1].rpartition(":")[0]
        else:
            yield german, 0, fields[0]


def _held_out(word: str) -> bool:
    return zlib.crc32(word.lower().encode()) % _HELD_OUT == 0


def words_of(lines: Collection[str]) -> frozenset[str]:
    """Return the words of some lines that carry content, in small letters."""
    small = FUNCTION_WORDS["de"] | FUNCTION_WORDS["en"]
    return frozenset(word.low for line in lines for word in read(line) if word.low not in small)
