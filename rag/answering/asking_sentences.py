"""Sentences that ask: what they say nothing to answer with, and which sentences below answer them.

An FAQ, an interview or an article poses questions and answers them. Such a sentence has the words of whoever asks the
same, and yet answers nothing: what follows it does, read as what it answers. A question that somebody is told to have
asked is a statement, and so may be one that tells something new: "Could you water the tomatoes every other day?"
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.answering.answer_spans import tells
from rag.answering.answer_types import answer_type
from rag.answering.query import Query
from rag.documents.document import Document
from rag.index.library import Sentence
from rag.lexicon.query_terms import said as said_of

BELOW = 3  # sentences that may answer a question above them
_SEVERAL = 2  # questions in lines of their own: what they ask is answered below, whatever they tell
_BEGINS = re.compile(r"(?:#{1,6}\s+|[-*•>]\s+|\*\*|__|\(?\d{1,3}[.)]\s+|[^\W\d_]{1,2}\d{0,3}[.:)]\s+)*")  # "3. ", "Q: "
_SAID = re.compile(r"[\"„“”«»‹›]|:\s")  # somebody's words, or told whose they are
_MARKS = " \t\r*_#"
_ENDS_A_LINE = re.compile(r"\?[ \t\r*_#]*$", re.MULTILINE)


def asks(text: str) -> bool:
    """Return whether a sentence is a question, and not one that somebody is told to have asked."""
    words = text.rstrip(_MARKS)
    begins = _BEGINS.match(words)
    return words.endswith("?") and not _SAID.search(words, begins.end() if begins else 0)


def only_asks(query: Query, document: Document, sentences: Sequence[Sentence], at: int, language: str) -> bool:
    """Return whether the sentence at that place is a question that tells nothing of what `query` asks."""
    text = _text(document, sentences[at])
    if not asks(text):
        return False
    below = _text(document, sentences[at + 1]) if at + 1 < len(sentences) else ""
    if _in_a_line_of_several(document.text, sentences[at]) and not asks(below):
        return True
    if answer_type(text, language) != query.answer_type:
        return False  # another question, or a request
    said = said_of(text, language, query.terms) if language != query.language else frozenset()
    return not tells(text, query, language, said)


def _in_a_line_of_several(text: str, sentence: Sentence) -> bool:
    before = text[text.rfind("\n", 0, sentence.start) + 1 : sentence.start]
    ends = _ENDS_A_LINE.match(text, sentence.start + len(text[sentence.start : sentence.end].rstrip(_MARKS)) - 1)
    several = len(_ENDS_A_LINE.findall(text)) >= _SEVERAL
    return several and ends is not None and _BEGINS.fullmatch(before) is not None


def _text(document: Document, sentence: Sentence) -> str:
    return document.text[sentence.start : sentence.end]
