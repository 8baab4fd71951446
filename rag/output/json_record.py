"""The record of an answer as JSON: what `ask --json` prints and `batch` writes a line of.

Its names are a contract with the scripts that read it. `start` and `end` count Unicode
code points in the document's text; for .txt and .md that is the file's own text. `quote` is that
text, with composed accents (NFC) whatever the file has; `reading` is it on one line as a person reads
it, without soft hyphens and marks of notes, a row of a table with its column heads. `older_than` is the
newest version of a document, where that is another one; `context` are the headings over a quote.

`detailed` adds what a reader's page needs beyond that: each quote to the letter, its paragraph and marked
words, the figures that sources differ in, the nearest passages of a question without answer.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any

from rag.answering.assistant import Answer, Citation
from rag.index.hybrid_search import Passage
from rag.index.versions import Version
from rag.text.paragraphs import surrounding

_BESIDE = 1200  # characters of a paragraph shown on either side of a quote
_NEAREST = 3  # passages shown where the documents do not say


def record(identity: str, answer: Answer) -> dict[str, Any]:
    """Return the record of an answer."""
    timings = answer.timings
    return {
        "id": identity,
        "question": answer.question,
        "status": answer.status,
        "answer": answer.text,
        "citations": [_citation(citation) for citation in answer.citations],
        "passages": [passage_record(passage) for passage in answer.passages],
        "model": answer.model,
        "embedder": answer.embedder,
        "mode": answer.mode,
        "care": answer.care,
        "timings": {
            "search_s": round(timings.search_s, 4),
            "first_token_s": round(timings.first_token_s, 4),
            "total_s": round(timings.total_s, 4),
        },
        "error": None,
    }


def failure(
    identity: str, question: str, reason: str, model: str, embedder: str, mode: str, care: str = "balanced"
) -> dict[str, Any]:
    """Return the record of a question that could not be answered for a technical reason."""
    return {
        "id": identity,
        "question": question,
        "status": "error",
        "answer": "",
        "citations": [],
        "passages": [],
        "model": model,
        "embedder": embedder,
        "mode": mode,
        "care": care,
        "timings": {"search_s": 0.0, "first_token_s": 0.0, "total_s": 0.0},
        "error": reason,
    }


def _citation(citation: Citation) -> dict[str, Any]:
    quote = citation.quote
    return {
        "n": citation.n,
        "document": quote.document.name,
        "title": quote.document.title,
        "date": quote.document.date,
        "page": citation.page,
        "start": quote.start,
        "end": quote.end,
        "quote": unicodedata.normalize("NFC", quote.text),
        "reading": quote.reading.text,
        "support": round(quote.support, 4),
        "gloss": quote.gloss or None,
        "also_in": list(citation.also_in),
        "older_than": _version(citation.older_than),
        "context": citation.context or None,
    }


def _version(newest: Version | None) -> dict[str, str] | None:
    """Return the newest version of a document that is older, None where it is not."""
    return {"document": newest.name, "date": newest.date} if newest else None


def recorded_version(newest: object) -> Version | None:
    """Return the newest version as a record has it; None where there is none, or no such thing."""
    if not isinstance(newest, dict):
        return None
    name, date = newest.get("document"), newest.get("date")
    return Version("", name, date) if isinstance(name, str) and isinstance(date, str) else None


def has_pages(citation: Mapping[str, Any], shown: Mapping[str, Any]) -> bool:
    """Whether the document of a recorded citation, with its detail, has several pages.

    Records of an earlier version do not say: there it has where the quote is not on the first.
    """
    pages = shown.get("pages", citation["page"])
    return isinstance(pages, int) and pages > 1


def passage_record(passage: Passage) -> dict[str, Any]:
    """Return a passage's place, score and retrievers, as they stand in the record."""
    return {
        "document": passage.document.name,
        "start": passage.chunk.start,
        "end": passage.chunk.end,
        "score": round(passage.score, 4),
        "by": list(passage.by),
        "also_in": list(passage.also_in),
        "older_than": _version(passage.older_than),
    }


def detailed(identity: str, answer: Answer) -> dict[str, Any]:
    """Return the record with `detail`: what a page for readers shows beside it.

    `marks` are offsets into the document's text, as `start` and `end` are; `before` and
    `after` are the rest of the quote's paragraph, cut to some 1,200 characters each. `pages` is how many the
    document has; 1 where its format knows none.
    """
    return record(identity, answer) | {
        "detail": {
            "standalone": answer.standalone,
            "language": answer.language,
            "support": round(answer.support, 4),
            "statements": [{"text": s.text, "citations": list(s.citations)} for s in answer.statements],
            "figures": [[n, words] for n, words in answer.figures],
            "citations": [_shown(citation) for citation in answer.citations],
            "declined": _declined(answer),
            "nearest": [
                {
                    "document": passage.document.name,
                    "title": passage.document.title,
                    "language": passage.document.language,
                    "start": passage.chunk.start,
                    "end": passage.chunk.end,
                    "text": passage.shown,
                }
                for passage in (answer.passages[:_NEAREST] if answer.status == "not_found" else ())
            ],
        }
    }


def _declined(answer: Answer) -> dict[str, Any] | None:
    """Return the sentence that was not enough to answer with: what to look at where a refusal was wrong."""
    quote = answer.declined
    if quote is None:
        return None
    return {"document": quote.document.name, "start": quote.start, "end": quote.end, "quote": quote.text}


def _shown(citation: Citation) -> dict[str, Any]:
    quote = citation.quote
    text = quote.document.text
    left, right = surrounding(text, quote.start, quote.end, _BESIDE)
    return {
        "n": citation.n,
        "language": quote.document.language,
        "quote": quote.text,
        "marks": [list(mark) for mark in quote.marks],
        "pages": len(quote.document.pages),
        "before": text[left : quote.start],
        "after": text[quote.end : right],
    }
