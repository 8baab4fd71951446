"""A document to the rows that a library keeps of it: cut into chunks and sentences, embedded, its terms found.

All that costs is done here, before anything is written.
"""

from __future__ import annotations

from itertools import accumulate

from rag import lexicon
from rag.documents.chunking import said, split_with_sentences
from rag.documents.document import Document
from rag.index.rows import Prepared, PreparedChunk
from rag.index.search_terms import search_terms
from rag.models.embedder import Embedder

_RECIPE = 6  # how files become text, and that chunks, sentences and terms; raised when that changes


def recipe() -> str:
    """Return what names the present rules and lexicon: documents that were made by others count as changed."""
    return f"{_RECIPE}-{lexicon.fingerprint()}"


def prepare_document(document: Document, embedder: Embedder, *, most: int | None = None) -> Prepared:
    """Return a document's rows; the sentences of all its chunks are embedded together.

    Raises UnreadableDocument, before it embeds anything, where there are more than `most` sentences.
    """
    cut = split_with_sentences(document, most)
    texts = [said(document.text, span, chunk.language).text for chunk, spans in cut for span in spans]
    vectors = embedder.encode(texts, "document")
    ends = accumulate(len(spans) for _, spans in cut)
    chunks = tuple(
        PreparedChunk(
            chunk,
            tuple(spans),
            vectors[end - len(spans) : end],
            search_terms("\n".join(filter(None, (chunk.context, *texts[end - len(spans) : end]))), chunk.language),
        )
        for (chunk, spans), end in zip(cut, ends, strict=True)
    )
    return Prepared(document, chunks, embedder, recipe())
