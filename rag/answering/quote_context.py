"""Quote context: a quote as a model that writes is given it, with what it takes to understand it.

One sentence is read in a second where five passages take ten, and a small model keeps to it. But "eleven thousand of
them" says nothing of whom: so the heading and the sentence before stand beside it, a table's row has the heads of its
columns, and title and date say what it is from.
"""

from __future__ import annotations

from dataclasses import dataclass

from rag.answering.sentence_selection import Candidate, Quote
from rag.text.normalization import as_read, normalized

_LONGEST_BEFORE = 300  # characters, the last ones: what is nearest says most
_LONGEST_SOURCE = 100


@dataclass(frozen=True, slots=True)
class Given:
    """A quote with the words in it that answer, what stands before it, and what it is from."""

    text: str
    answering: str
    before: str
    source: str
    language: str


def given(candidate: Candidate, quote: Quote) -> Given:
    """Return the quote made of a candidate as it is given to a model."""
    option, document = candidate.option, quote.document
    # Under a heading, that is what stands before the first sentence, too: it is told once.
    after = dict.fromkeys((each.start, each.end) for each in option.after)
    before = " ".join(normalized(document.text, *span).text.lstrip("# ") for span in after)
    source = ", ".join(filter(None, (document.title[:_LONGEST_SOURCE], document.date)))
    answering = " … ".join(as_read(document.text[start:end]) for start, end in quote.marks)
    language = option.passage.chunk.language
    return Given(quote.reading.text, answering, before[-_LONGEST_BEFORE:], source, language)
