"""What is chosen to answer a question, of a library that a test has filled."""

from __future__ import annotations

from rag.answering import sentence_selection
from rag.answering.query import understood
from rag.answering.sentence_selection import Selection
from rag.index.hybrid_search import retrieve
from rag.index.library import Library
from rag.index.sqlite_store import SqliteStore
from rag.models.embedder import Embedder
from rag.models.reader.reader import Reader


def chosen(question: str, library: Library, embedder: Embedder, reader: Reader, count: int = 5) -> Selection:
    """Search for `count` passages for a question, and choose the sentences of them that answer it."""
    search, passages = retrieve(question, library, SqliteStore.of(library), embedder, count)
    return sentence_selection.select(sentence_selection.weigh(understood(search), passages, library), reader)
