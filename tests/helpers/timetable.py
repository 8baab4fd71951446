"""An answer that quotes two sentences of one document that nothing but their headings tells apart."""

from __future__ import annotations

from dataclasses import replace

from transcripts import answer

from rag.answering.answer import Answer, cited
from rag.answering.sentence_selection import Quote
from rag.documents.chunking import split
from rag.documents.document import Document
from rag.index.hybrid_search import Passage

TEXT = """# Bus 64: Ilkley – Skipton

## Saturday

The first bus leaves at 07:42, the last one at 19:42.

## Sunday

### In winter

The first bus leaves at 09:42, the last one at 17:42.

## Fares

A day ticket costs £6.50.
"""
DOCUMENT = Document("b", "/bus.md", "bus.md", "Bus 64: Ilkley – Skipton", None, "en", TEXT, 0, (0,), "0")
PASSAGES = [Passage(chunk, DOCUMENT, 0.9, n, ("dense",), ()) for n, chunk in enumerate(split(DOCUMENT), 1)]


def timetable(*words: str) -> Answer:
    """Return an answer that quotes the sentences that end so."""
    quotes = []
    for each in words:
        end = TEXT.index(each) + len(each)
        start = TEXT.rindex("\n", 0, end) + 1
        quotes.append(Quote(DOCUMENT, start, end, TEXT[start:end], 0.9))
    citations = tuple(cited(n, quote, PASSAGES, {}) for n, quote in enumerate(quotes, 1))
    return replace(answer(*quotes), citations=citations, passages=tuple(PASSAGES))
