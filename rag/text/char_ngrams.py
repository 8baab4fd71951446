"""Character n-grams of words, written as they sound: what German and English have in common.

Names, loan words and numbers cross the language border nearly unchanged ("Präsident",
"president"; "Militärpartnerschaft", "military partnership"). Runs of four letters of a
word, after spellings that sound alike are written alike, find them, and they find the
parts of German compounds as well. Character n-grams for European languages: McNamee and
Mayfield, "Character N-Gram Tokenization for European Language Text Retrieval", 2004.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from rag.text.digits import number
from rag.text.language import words
from rag.text.wordlists import FUNCTION_WORDS

_LENGTH = 4
_SOUNDS = [
    ("ß", "ss"), ("ck", "k"), ("ph", "f"), ("c", "k"), ("z", "k"),
    ("y", "i"), ("j", "i"), ("v", "w"), ("th", "t"),
]  # fmt: skip
_SKIPPED = frozenset().union(*FUNCTION_WORDS.values())


def pieces(text: str) -> list[str]:
    """Return the pieces of the content words of `text`, in order, repeats kept.

    "<" and ">" stand for a word's start and end. Numbers are one piece, as `number` folds
    them. In whatever language the text is.
    """
    found: list[str] = []
    for start, end in words(text):
        found += _pieces(text[start:end])
    return found


@lru_cache(maxsize=50_000)
def _pieces(word: str) -> tuple[str, ...]:
    if word[0].isdigit():
        return (number(word),)
    word = word.lower()
    if word in _SKIPPED:
        return ()
    plain = "".join(sign for sign in unicodedata.normalize("NFD", word) if not unicodedata.combining(sign))
    plain = plain.replace("'", "").replace("’", "")
    for spelling, sound in _SOUNDS:
        plain = plain.replace(spelling, sound)
    marked = f"<{plain}>"
    return tuple(marked[at : at + _LENGTH] for at in range(max(1, len(marked) - _LENGTH + 1)))
