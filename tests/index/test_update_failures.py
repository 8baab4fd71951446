"""Held: whatever one file brings about, the next one is read; what is everybody's fault ends the run."""

from __future__ import annotations

from pathlib import Path

import pytest
from update_fixtures import names, texts

from rag.errors import LibraryUnusable
from rag.index import document_making
from rag.index.library import Library
from rag.index.rows import Prepared
from rag.index.update import index
from rag.models.embedder import Embedder
from rag.system import logs
from rag.system.cancellation import CancelToken, Stopped


class Failing:
    """Fails with an error for documents of these names, as code of our own might."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, error: Exception, *names: str) -> None:
        self._error, self._names, self._real = error, names, document_making.prepare_document
        monkeypatch.setattr(document_making, "prepare_document", self)

    def __call__(self, document: object, embedder: Embedder, *, most: int | None = None) -> Prepared:
        if document.name in self._names:  # type: ignore[attr-defined]
            raise self._error
        return self._real(document, embedder, most=most)  # type: ignore[arg-type]


@pytest.mark.parametrize("error", [IndexError("list index out of range"), MemoryError(), RecursionError("too deep")])
def test_an_unexpected_error_with_one_file_is_told_with_its_name_and_logged_and_the_others_are_read(
    tmp_path: Path, embedder: Embedder, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    docs = texts(tmp_path / "docs", "a.txt", "b.txt", "c.txt")
    Failing(monkeypatch, error, "b.txt")
    logs.start(tmp_path / "logs", "on", "index", {})
    with Library(tmp_path / "library", create=True) as library:
        report = index([str(docs)], library, embedder)
        assert report.new == names(library) == ["a.txt", "c.txt"]
    logs.stop()
    ((path, reason),) = report.unreadable
    assert path == docs / "b.txt"
    assert type(error).__name__ in reason and str(tmp_path / "logs" / logs.FILE) in reason
    logged = (tmp_path / "logs" / logs.FILE).read_text(encoding="utf-8")
    assert type(error).__name__ in logged and "update.py" in logged and "b.txt" not in logged


def test_what_fails_with_every_file_is_no_fault_of_theirs_and_ends_the_run(
    tmp_path: Path, embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = [f"{number:02}.txt" for number in range(30)]
    docs = texts(tmp_path / "docs", *few)
    Failing(monkeypatch, TypeError("a bug"), *few[5:])
    with Library(tmp_path / "library", create=True) as library:
        with pytest.raises(TypeError, match="a bug"):
            index([str(docs)], library, embedder)
        assert names(library) == few[:5]


def test_what_is_wrong_with_the_library_or_a_model_ends_the_run(
    tmp_path: Path, embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    docs = texts(tmp_path / "docs", "a.txt", "b.txt")
    Failing(monkeypatch, LibraryUnusable("The disk is full.", ""), "a.txt")
    with Library(tmp_path / "library", create=True) as library, pytest.raises(LibraryUnusable):
        index([str(docs)], library, embedder)


def test_an_error_that_comes_of_a_stop_is_the_stop(
    tmp_path: Path, embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    docs = texts(tmp_path / "docs", "a.txt", "b.txt")
    Failing(monkeypatch, RuntimeError("callback failed"), "a.txt")
    cancel = CancelToken()
    cancel.cancel()
    with Library(tmp_path / "library", create=True) as library:
        with pytest.raises(Stopped):
            index([str(docs)], library, embedder, look=cancel.check)
        assert names(library) == []
