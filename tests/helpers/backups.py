"""Backups, whole and tampered with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rag.conversations.store import Conversations
from rag.index.library import Library

TEXTS = {
    "mill.txt": "Die alte Mühle ist 1907 abgebrannt. Niemand kam zu Schaden. Der Müller zog nach Husum.",
    "ferry.txt": "The ferry sank on a stormy night. Its captain swam ashore. Two goats were never found.",
}


def content(folder: Path) -> dict[str, Any]:
    """What a folder holds, but for the library's id."""
    with Library(folder) as library:
        documents = [library.document(entry.id) for entry in library.entries()]
        rows, vectors = library.vectors()
        words = [library.lexical(table, ["<mil", "mill", "captain"], 9) for table in ("stems", "glosses", "pieces")]
    saved = Conversations(folder)
    turns = [saved.open(heading.id) for heading in saved.headings()]
    return {"documents": documents, "vectors": (rows.tolist(), vectors.tolist()), "words": words, "turns": turns}


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
