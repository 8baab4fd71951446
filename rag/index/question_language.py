"""The language of a question: detected, and where its words are too few for that, looked up.

"Kaution?" is told by the lexicon, which has the word in German alone. A word of both languages, or of neither, as names
are, is told by its letters where they are clear; else the language is the interface's: so far a question's answer
depends on it, and no further.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from rag.lexicon.word_language import language_by_words
from rag.localization import interface_language
from rag.text.language import chance, detect, words
from rag.text.wordlists import FUNCTION_WORDS

_FEW = 3  # words
_LIMITS = re.compile(r"(?<!\S)(?:#|(?:since|until):)\S+")  # as documents are limited by: no words of a language
_CLEAR = 0.8  # chance by the letters


def question_language(question: str, among: Collection[str]) -> str:
    """Return which of the languages `among`, which hold German and English, a question is in."""
    if not any(map(str.isalpha, _LIMITS.sub(" ", question))):  # "42", or "#kochen since:2024": no word of any
        return interface_language()
    detected = detect(question, among)
    spans = words(question)
    if detected not in ("de", "en") or not 0 < len(spans) <= _FEW or _grammatical(question, spans):
        return detected
    german = chance(question, "de", "en")
    by_letters = "de" if german >= _CLEAR else ("en" if german <= 1 - _CLEAR else "")
    return language_by_words(question) or by_letters or interface_language()


def _grammatical(question: str, spans: Collection[tuple[int, int]]) -> bool:
    """Whether a grammatical word of one language alone tells it: "die Kaution"."""
    said = {question[start:end].lower() for start, end in spans}
    return bool(said & (FUNCTION_WORDS["de"] ^ FUNCTION_WORDS["en"]))
