"""OpenAI's chat completions, so that existing chat clients use a library as a model.

The content is the answer with its [n]; `annotations` say for each what it cites. A citation is a url_citation, which
clients know: start_index and end_index are the place of [n] in the content; beside it stand document, offsets, quote.
"""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import quote as quoted

from rag.answering.assistant import Answer, Citation
from rag.serving.requests import answer_record

MODEL = "beleg"
USAGE = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}  # none are counted


def completion(identity: str, answer: Answer, base: str) -> dict[str, Any]:
    """Return an answer as one object; `base` is the address that the server was called by."""
    message = {
        "role": "assistant",
        "content": answer.text,
        "refusal": None,
        "annotations": annotated(answer, base),
    }
    choice = {"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}
    return {
        **_frame(identity, "chat.completion"),
        "choices": [choice],
        "usage": USAGE,
        "beleg": answer_record(identity, answer),
    }


def chunk(identity: str, delta: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
    """Return a piece of a streamed answer."""
    choice = {"index": 0, "delta": delta, "finish_reason": finish, "logprobs": None}
    return {**_frame(identity, "chat.completion.chunk"), "choices": [choice]}


def usage_chunk(identity: str) -> dict[str, Any]:
    """Return the piece that comes last where a client asks for it."""
    return {**_frame(identity, "chat.completion.chunk"), "choices": [], "usage": USAGE}


def models() -> dict[str, Any]:
    """Return the list of models: one."""
    return {"object": "list", "data": [model()]}


def model() -> dict[str, Any]:
    """Return what is told of the one model."""
    return {"id": MODEL, "object": "model", "created": 0, "owned_by": "beleg"}


def annotated(answer: Answer, base: str) -> list[dict[str, Any]]:
    """Return an annotation for each [n] of an answer, in their order."""
    cited = {citation.n: citation for citation in answer.citations}
    found, at = [], 0
    for statement in answer.statements:
        at = answer.text.index(statement.text, at) + len(statement.text)
        for n in statement.citations:
            marker = f" [{n}]"
            at += len(marker)
            found.append(_annotation(cited[n], at - len(marker) + 1, at, base))
    return found


def _annotation(citation: Citation, start: int, end: int, base: str) -> dict[str, Any]:
    quote = citation.quote
    place = f"{base}/documents/{quoted(quote.document.id, safe='')}/text?start={quote.start}&end={quote.end}"
    return {
        "type": "url_citation",
        "url_citation": {"start_index": start, "end_index": end, "title": quote.document.title, "url": place},
        "n": citation.n,
        "document": quote.document.name,
        "document_id": quote.document.id,
        "date": quote.document.date,
        "page": citation.page,
        "start": quote.start,
        "end": quote.end,
        "quote": quote.text,
    }


def _frame(identity: str, kind: str) -> dict[str, Any]:
    return {"id": f"chatcmpl-{identity}", "object": kind, "created": int(time.time()), "model": MODEL}
