"""What a retriever of any framework gives: passages as they lie in their documents, and where that is."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

from rag.index.hybrid_search import Passage
from rag.serving.opened import Opened
from rag.serving.requests import Search
from rag.serving.service import Service, sought
from rag.system.cancellation import CancelToken


def found(service: Service, search: Search, cancel: CancelToken | None = None) -> list[Passage]:
    """Return the passages that are found, the best first. Raises BelegError, and Stopped once `cancel` is cancelled."""
    made = sought(search)

    def work(opened: Opened, running: CancelToken) -> Iterator[Passage]:
        running.check()
        documents = made.limited.ids(opened.assistant.library)
        yield from opened.assistant.find(made.query, made.top_k or opened.settings.passages, documents)

    return list(service.run(work, cancel=cancel))


async def found_meanwhile(service: Service, search: Search) -> list[Passage]:
    """Return what `found` does, while the event loop goes on; cancelled, it stops the search."""
    cancel = CancelToken()
    try:
        return await asyncio.to_thread(found, service, search, cancel)
    except asyncio.CancelledError:
        cancel.cancel()
        raise


def facts(passage: Passage) -> dict[str, Any]:
    """Return what is known of a passage beside its text, which is `text[start:end]` of its document's."""
    document, chunk = passage.document, passage.chunk
    return {
        "source": document.path,
        "document": document.name,
        "document_id": document.id,
        "title": document.title,
        "date": document.date,
        "language": chunk.language,
        "page": document.page(chunk.start),
        "start": chunk.start,
        "end": chunk.end,
        "context": chunk.context,
        "score": passage.score,
        "by": list(passage.by),
        "also_in": list(passage.also_in),
        "older_than": passage.older_than.name if passage.older_than else None,
    }
