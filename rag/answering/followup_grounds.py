"""Where what a question is about is spoken of: in the document quoted last, or only in others.

"How much is the rent?" lacks a word after a question about a flat, and none after one about a wedding: its words are
the same, so only the documents tell.
"""

from __future__ import annotations

from collections.abc import Sequence

from rag.answering.answer import Answer, quoted_words
from rag.answering.followup_detection import content
from rag.answering.followup_features import Ground
from rag.index.library import Library
from rag.index.mentions import documents_with
from rag.text.language import detect, read, stem

_MOST_WORDS = 8  # of a question, that are looked for


def ground(question: str, earlier: Sequence[Answer], library: Library, documents: Sequence[str] = ()) -> Ground:
    """Return which words of a question are spoken of where, after the answers before; nothing without any.

    With `documents`, only those (by id) may speak of them.
    """
    if not earlier:
        return Ground()
    last = earlier[-1]
    language = detect(question, ("de", "en"))
    quotes = [citation.quote for citation in last.citations] or [quote for quote in (last.declined,) if quote]
    quoted = {quote.document.id for quote in quotes[:1]}
    said = {stem(word.text, language) for word in read(f"{last.standalone} {quoted_words(earlier)}")}
    here, elsewhere = set(), set()
    for word in dict.fromkeys(content(question, language)[:_MOST_WORDS]):
        holding = documents_with(word, language, library)
        holding &= frozenset(documents) or holding
        if stem(word, language) in said or holding & quoted:
            here.add(word)
        elif holding:
            elsewhere.add(word)
    return Ground(frozenset(here), frozenset(elsewhere))
