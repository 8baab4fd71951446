"""Libraries of a few short texts, filled without walking folders."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from rag.chunks import split
from rag.documents import read
from rag.embedder import Embedder
from rag.library import Library


def fill(library: Library, folder: Path, texts: Mapping[str, str], embedder: Embedder) -> None:
    """Write the texts, by file name, into the folder, and put them into a new library."""
    library.claim(embedder)
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
        document = read(folder / name)
        library.add(document, split(document), embedder)
