"""The record of an answer as JSON: what `ask --json` prints and `batch` writes a line of.

Its names are a contract with the scripts that read it. `start` and `end` count Unicode
code points in the document's text; for .txt and .md that is the file's own text.
"""

from __future__ import annotations

from typing import Any

from rag.answer import Answer, Citation
from rag.search import Passage


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
        "timings": {
            "search_s": round(timings.search_s, 4),
            "first_token_s": round(timings.first_token_s, 4),
            "total_s": round(timings.total_s, 4),
        },
        "error": None,
    }


def failure(identity: str, question: str, reason: str, model: str, embedder: str, mode: str) -> dict[str, Any]:
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
        "quote": quote.text,
        "support": round(quote.support, 4),
        "gloss": quote.gloss or None,
    }


def passage_record(passage: Passage) -> dict[str, Any]:
    """Return a passage's place, score and retrievers, as they stand in the record."""
    return {
        "document": passage.document.name,
        "start": passage.chunk.start,
        "end": passage.chunk.end,
        "score": round(passage.score, 4),
        "by": list(passage.by),
    }
