"""Plain text and Markdown."""

from __future__ import annotations

from rag.documents.readers.encodings import decode
from rag.documents.readers.extraction import Extract


def read_text(raw: bytes) -> Extract:
    """Plain text and Markdown: the file as it is, character for character, in whatever encoding."""
    found = decode(raw)
    return Extract(found.text, encoding=found.encoding, doubts=found.doubts)
