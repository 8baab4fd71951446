"""Whether a written statement is backed by the quotes it cites.

A model that writes can misquote, misattribute and miscount. So nothing it writes is
taken on trust: every [n] must name a passage it was given, and every number and name in a
statement must occur in the sentences that are cited for it. Numbers are compared by
value (11.000 = 11,000 = 11 000), names by their sound, so that "Zelensky" is found in
"Selenskyj" but not in "Blinken".
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from rag.text.char_ngrams import pieces
from rag.text.digits import number
from rag.text.language import sentences, words
from rag.text.wordlists import FUNCTION_WORDS, STARTERS

MARKER = re.compile(r"(?<!\s)\s*[\[【](\d{1,3}(?:\s*,\s*\d{1,3})*)[\]】]")
_SAME_NAME = 0.5  # the share of a name's pieces that one word of the quotes must hold
_NUMBER_WORDS = {
    "two": "2", "zwei": "2", "three": "3", "drei": "3", "four": "4", "vier": "4", "five": "5", "fünf": "5",
    "six": "6", "sechs": "6", "seven": "7", "sieben": "7", "eight": "8", "acht": "8", "nine": "9", "neun": "9",
    "ten": "10", "zehn": "10", "eleven": "11", "elf": "11", "twelve": "12", "zwölf": "12",
}  # fmt: skip
_SMALL = frozenset().union(*FUNCTION_WORDS.values()) | {word.lower() for word in STARTERS}


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence as the model wrote it: its words without markers, and the numbers it cites."""

    text: str
    cites: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Statement:
    """One sentence of an answer and the numbers of the citations that back it.

    `supported` is false only for Beleg's own "the documents do not say".
    """

    text: str
    citations: tuple[int, ...]
    supported: bool


def claims(text: str, language: str) -> list[Claim]:
    """Split what a model wrote into sentences, each with the [n] in it or right after it."""
    # "Eleven thousand. [1]" and "Eleven thousand [1]." mean the same; bring the marker inside.
    text = re.sub(r"([.!?…][\"”“']?)((?:\s*\[[\d,\s]+\])+)", r"\2\1", text)
    found = []
    for start, end in sentences(text, language):
        sentence = text[start:end]
        cited = [int(n) for match in MARKER.finditer(sentence) for n in match.group(1).split(",")]
        bare = MARKER.sub("", sentence).strip()
        if MARKER.search(bare):  # "[[1]2]" leaves a marker that nobody has checked
            bare = re.sub(r"[\[\]【】]", "", bare).strip()
        if any(map(str.isalnum, bare)):
            found.append(Claim(bare, tuple(dict.fromkeys(cited))))
    return found


def numbers(text: str) -> set[str]:
    """Return the numbers in `text` by value; number words up to twelve count too."""
    found = set()
    for start, end in words(text):
        word = text[start:end]
        if word[0].isdigit():
            found.add(number(word))
        elif word.lower() in _NUMBER_WORDS:
            found.add(_NUMBER_WORDS[word.lower()])
    return found


def names(text: str) -> list[str]:
    """Return the capitalised words of `text` that are no mere sentence starters."""
    found = []
    for start, end in words(text):
        word = text[start:end]
        if word[0].isupper() and word.lower() not in _SMALL and len(word) > 1:
            found.append(word)
    return found


def unnamed(wanted: list[str], text: str) -> list[str]:
    """Return those of the names `wanted` that no word of `text` sounds like."""
    held = {frozenset(pieces(text[start:end])) for start, end in words(text)}
    absent = []
    for name in wanted:
        parts = set(pieces(name))
        if parts and not any(len(parts & word) >= _SAME_NAME * len(parts) for word in held):
            absent.append(name)
    return absent


def missing(statement: str, quotes: list[str]) -> list[str]:
    """Return the numbers and names of `statement` that none of its `quotes` holds; [] is proof.

    In German every noun is capitalised, so there a noun must occur as well: stricter than
    need be, but never wrong in the person's disfavour.
    """
    together = "\n".join(quotes)
    return sorted(numbers(statement) - numbers(together)) + unnamed(names(statement), together)
