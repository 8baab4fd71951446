"""What tests of tui share."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from chat_documents import TEXTS

from rag.index.library import Library
from rag.index.update import index
from rag.models.embedder import Embedder
from rag.settings import Settings


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    """A folder of three small documents that are in no library."""
    folder = tmp_path / "notes"
    folder.mkdir()
    for name, text in TEXTS.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def of_notes(settings: Settings, notes: Path, embedder: Embedder, tmp_path: Path) -> Settings:
    """Settings of a chat over a library of those three documents."""
    with Library(tmp_path / "own", create=True) as library:
        index([str(notes)], library, embedder)
    return replace(settings, library=tmp_path / "own")
