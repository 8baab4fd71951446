"""The words of an answer's statements that answer, and which of its statements are rows of tables."""

from __future__ import annotations

from rag.answering.answer import Answer
from rag.answering.attribution import Statement
from rag.answering.restatement import telling
from rag.answering.sentence_selection import Quote
from rag.output.markdown_text import marked_spans
from rag.text.normalization import Normalized

Span = tuple[int, int]


def answering_spans(statement: Statement, answer: Answer) -> list[Span]:
    """Return where a statement's answering words stand in its text, in order and apart.

    Of a quote they are its marks; of a written sentence, the words that tell what its quotes' marks do.
    """
    quotes = _cited(statement, answer)
    if (quote := _quoted(statement, quotes)) is not None:
        return marked_spans(quote.reading, quote.marks)
    found = [span for quote in quotes for span in _told(statement.text, answer, quote)]
    return _apart(sorted(found))


def statement_lines(statement: Statement, answer: Answer) -> list[Span]:
    """Return the spans of a statement's text that are lines of their own: of a row with column heads, its cells."""
    quote = _quoted(statement, _cited(statement, answer))
    return lines_of(quote.reading) if quote is not None else [(0, len(statement.text))]


def lines_of(reading: Normalized) -> list[Span]:
    """Return the spans of what is read that are lines of their own: a row's cells with their heads, or all of it."""
    return list(reading.cells) or [(0, len(reading.text))]


def telling_headings(answer: Answer) -> dict[int, str]:
    """Return the headings over quotes, by their numbers, where those of one document stand under different ones.

    They tell apart what reads alike: when the last bus leaves on Saturday, and when on Sunday.
    """
    over: dict[str, set[str]] = {}
    for citation in answer.citations:
        over.setdefault(citation.quote.document.id, set()).add(citation.context)
    return {
        citation.n: citation.context
        for citation in answer.citations
        if citation.context and len(over[citation.quote.document.id]) > 1
    }


def _cited(statement: Statement, answer: Answer) -> list[Quote]:
    return [citation.quote for citation in answer.citations if citation.n in statement.citations]


def _quoted(statement: Statement, quotes: list[Quote]) -> Quote | None:
    """Return the quote that a statement is, word for word; None where it was written."""
    return next((quote for quote in quotes if quote.reading.text == statement.text), None)


def _told(text: str, answer: Answer, quote: Quote) -> list[Span]:
    reading = quote.reading
    answering = " ".join(reading.text[start:end] for start, end in marked_spans(reading, quote.marks))
    return telling(text, answer.standalone, answering, answer.language, quote.document.language) if answering else []


def _apart(spans: list[Span]) -> list[Span]:
    found: list[Span] = []
    for start, end in spans:
        if found and start <= found[-1][1]:
            found[-1] = found[-1][0], max(end, found[-1][1])
        else:
            found.append((start, end))
    return found
