"""What tests of maintenance share."""

from __future__ import annotations

from pathlib import Path

import pytest
from backups import TEXTS
from full_answer import answer
from library_fixtures import fill

from rag.conversations.store import Conversations
from rag.index.library import Library
from rag.index.vector_index import open_index
from rag.maintenance.backup import backup
from rag.models.embedder import Embedder


@pytest.fixture
def folder(tmp_path: Path, embedder: Embedder) -> Path:
    """The folder of a library of two documents, with a conversation of two turns."""
    with Library(tmp_path / "library", create=True) as library:
        fill(library, tmp_path, TEXTS, embedder)
        open_index(library)
    for question in ("What?", "And then?"):
        Conversations(tmp_path / "library").save("1", answer(question))
    return tmp_path / "library"


@pytest.fixture
def kept(tmp_path: Path, folder: Path) -> Path:
    """A backup of it."""
    backup(folder, tmp_path / "kept.zip", "0.1.0")
    return tmp_path / "kept.zip"
