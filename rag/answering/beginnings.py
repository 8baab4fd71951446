"""Beginnings: the first sentences that a document itself says, and quotes cut to a length that can be read."""

from __future__ import annotations

from dataclasses import replace

from rag.answering.sentence_selection import Quote
from rag.documents.document_head import only_day
from rag.index.library import Library
from rag.text.headings import heading
from rag.text.letters import letter

_LONGEST = 400  # characters of a quote


def beginning(library: Library, identity: str, most: int) -> list[Quote]:
    """Return the first sentences of a document that are no headings; its first of all where there are only those.

    A letter begins with its subject, below its head and its salutation; a line of only a day is passed over.
    """
    document = library.document(identity)
    frame = letter(document.text, document.body)
    begins = frame.salutation[1] if frame else document.body
    quotes: list[Quote] = []
    heads: list[Quote] = []
    for chunk in library.openings([identity])[identity]:
        for sentence in library.sentences([chunk])[chunk]:
            quote = Quote(document, sentence.start, sentence.end, document.text[sentence.start : sentence.end], 1.0)
            head = heading(document.text, sentence.start, sentence.end, document.body) is not None
            same = " ".join(quote.text.split()).lstrip("# ") == document.title
            subject = frame is not None and frame.subject == (sentence.start, sentence.end) and not same
            passed = sentence.end <= begins or only_day(quote.text)
            (quotes if subject or not (head or same or passed) else heads).append(shortened(quote))
            if len(quotes) == most:
                return quotes
    return quotes or heads[:1]


def shortened(quote: Quote) -> Quote:
    """Cut an over-long quote at white space, before or after the first of its marks, which stays whole."""
    text, start, end = quote.document.text, quote.start, quote.end
    first, marked = quote.marks[0] if quote.marks else (start, start)
    if marked > start + _LONGEST:
        start = text.find(" ", max(start, first - _LONGEST // 2), first) + 1 or first
    if end > start + _LONGEST:
        space = text.rfind(" ", start + 1, start + _LONGEST + 1)
        end = max(space if space > 0 else start + _LONGEST, marked)
    marks = tuple(span for span in quote.marks if start <= span[0] and span[1] <= end)
    return replace(quote, start=start, end=end, text=text[start:end], marks=marks)
