"""OCR in a run over a library: documents that were indexed without it are read again, and once."""

from __future__ import annotations

from pathlib import Path

import pytest
from scans import scanned, tesseract_at

from rag.documents.ocr import find_ocr
from rag.index.library import Library
from rag.index.update import index
from rag.models.embedder import Embedder


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "papers"
    folder.mkdir()
    (folder / "half.pdf").write_bytes(scanned("Der Verein hat 51 Mitglieder.", "scan"))
    (folder / "scan.pdf").write_bytes(scanned("scan"))
    (folder / "whole.pdf").write_bytes(scanned("Der Verein wurde 1902 gegründet."))
    tesseract_at(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    return folder


def test_what_was_indexed_without_ocr_is_read_with_it_and_once(
    folder: Path, tmp_path: Path, embedder: Embedder
) -> None:
    with Library(tmp_path / "library", create=True) as library:
        first = index([str(folder)], library, embedder)
        assert sorted(first.new) == ["half.pdf", "whole.pdf"]
        assert "OCR" in first.unreadable[0][1] and "--ocr" in first.unreadable[0][1]
        second = index([str(folder)], library, embedder, ocr=find_ocr())
        assert (second.new, second.changed, second.unchanged) == (["scan.pdf"], ["half.pdf"], ["whole.pdf"])
        texts = {entry.name: library.document(entry.id).text for entry in library.entries()}
        assert "51 Mitglieder" in texts["half.pdf"] and "Wasserstand" in texts["half.pdf"]
        third = index([str(folder)], library, embedder, ocr=find_ocr())
        fourth = index([str(folder)], library, embedder)
        assert len(third.unchanged) == len(fourth.unchanged) == 3
