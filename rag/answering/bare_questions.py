"""Bare questions: "Why?", "Seit wann?", "How much?" ask of what was answered last, and of nothing else.

Such a question gets a sentence to stand in: the question before with another question word, "Why is the lift out of
service?", after a yes-or-no question, or "When is the concert?".
"""

from __future__ import annotations

import re

from rag.answering.candidate_sentences import Option
from rag.answering.followup_detection import is_asking_phrase, is_question, led, refers_back, speaks_to_someone
from rag.answering.followup_wordlists import (
    ASKING,
    AUXILIARIES,
    DETERMINERS,
    PREPOSITIONS,
)
from rag.answering.sentence_selection import Quote
from rag.text.language import Word, detect, read
from rag.text.wordlists import FUNCTION_WORDS

_NEAR = 2  # sentences from what was quoted, where a reason for it may stand
_MOST = 6  # words
_POINTING = re.compile(r"\s+(?:is|was|ist|war)\s+(?:that|this|das)$", re.I)


def is_bare(question: str, language: str) -> bool:
    """Whether a question is no more than the words that ask: "Since when?", "Und wie lange?", "Why is that?"."""
    if is_asking_phrase(question, language):
        return True
    row = read(_words_that_ask(question))
    if not 0 < len(row) <= _MOST or not is_question(row, language) or speaks_to_someone(row):
        return False
    if refers_back(_words_that_ask(question), language):
        return False
    small = (FUNCTION_WORDS[language] | PREPOSITIONS) - AUXILIARIES[language]
    return all(
        word.low in small or ASKING[language].fullmatch(word.low) or (at and row[at - 1].low in ("how", "wie"))
        for at, word in enumerate(row)
    )


def _words_that_ask(question: str) -> str:
    return _POINTING.sub("", led(question)[1].strip().rstrip(" ?!."))


def woven(question: str, before: str) -> str:
    """Put a bare question's words in the place of those of the one before; "" where it has no such place."""
    language = detect(before, ("de", "en"))
    row = read(before)
    at = _verb(row, language)
    if at is None:
        return ""
    rest = before[row[at].start :].strip().rstrip(" ?!.")
    return f"{_words_that_ask(question)} {rest[0].lower()}{rest[1:]}?"


def _verb(row: list[Word], language: str) -> int | None:
    """Return where what a question asks begins: with its verb, after the words that ask."""
    if not row:
        return None
    helping = next((at for at, word in enumerate(row) if word.low in AUXILIARIES[language]), None)
    asking = next((at for at, word in enumerate(row) if ASKING[language].fullmatch(word.low)), None)
    if helping is not None and (asking is None or helping < asking or language == "en"):
        return helping
    if language == "en" or asking is None:
        return 0 if asking is None else None  # "Who taught the piano?" has no place for another word
    at = asking + 1
    if at + 1 < len(row) and row[asking].low in ("wie", "wieviel") and row[at].low not in AUXILIARIES["de"]:
        describes = not row[at + 1].capital and row[at + 1].low not in DETERMINERS | PREPOSITIONS
        at += row[at].low.startswith("viel") or describes  # "Wie oft kommt"
    while at < len(row) and row[at].capital:  # "Welche Farbe hat"
        at += 1
    return at if at < len(row) else None


def is_near(row: Option, quote: Quote) -> bool:
    """Whether a sentence is what was quoted, or stands beside it."""
    if row.passage.document.id != quote.document.id:
        return False
    places = [at for at, each in enumerate(row.passage.sentences) if each.start <= quote.start < each.end]
    return bool(places) and abs(row.place - places[0]) <= _NEAR


def is_quote(row: Option, quote: Quote) -> bool:
    """Whether a sentence is the one that was quoted."""
    return row.passage.document.id == quote.document.id and row.sentence.start <= quote.start < row.end
