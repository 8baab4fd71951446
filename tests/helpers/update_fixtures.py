"""Libraries that are brought up to date."""

from __future__ import annotations

from pathlib import Path

from rag.index.library import Library
from rag.index.update import index
from rag.models.embedder import Embedder

# --- what is gone ------------------------------------------------------------------------------


def library_of(folder: Path, embedder: Embedder, *paths: Path) -> Library:
    library = Library(folder / "library", create=True)
    index([str(path) for path in paths], library, embedder)
    return library


def texts(folder: Path, *names: str) -> Path:
    """Fill a folder with short texts, all different."""
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(f"In {folder.name} the mill {name} burned down.", encoding="utf-8")
    return folder


def names(library: Library) -> list[str]:
    return [entry.name for entry in library.entries()]
