"""Held: what is counted once of a state of a library is counted anew of the next, and never of what was taken back."""

from __future__ import annotations

from pathlib import Path

import pytest
from library_fixtures import fill

from rag.index.library import Library
from rag.models.embedder import Embedder

ONE = {"mill.txt": "The mill burned down in 1907. Nobody was hurt. The miller moved to Husum."}
TWIN = {"copy.txt": ONE["mill.txt"]}
GERMAN = {"brot.txt": "Der Bäcker verkauft Brot mit Kümmel. Am Markt steht sein Wagen. Er kommt um sieben Uhr."}


def counted(library: Library) -> tuple[tuple[int, int], set[str], int]:
    return library.count(), library.languages(), len(library.same_texts())


def test_what_another_program_brings_is_counted(tmp_path: Path, embedder: Embedder) -> None:
    with Library(tmp_path / "library", create=True) as library:
        assert counted(library) == ((0, 0), set(), 0)
        for texts, now in (
            (ONE, ((1, 1), {"en"}, 0)),
            (TWIN, ((2, 2), {"en"}, 1)),
            (GERMAN, ((3, 3), {"de", "en"}, 1)),
        ):
            with Library(library.folder) as other:
                fill(other, tmp_path, texts, embedder)
            assert counted(library) == now
            assert counted(library) == now
        with library.snapshot():
            assert counted(library) == now
            with Library(library.folder) as other:
                other.remove(other.entries()[0].id)
            assert counted(library) == now, "the snapshot is of before"
        assert counted(library) == ((2, 2), {"en"}, 1)


def test_what_is_taken_back_was_never_counted(tmp_path: Path, embedder: Embedder) -> None:
    with Library(tmp_path / "library", create=True) as library:
        fill(library, tmp_path, {**ONE, **TWIN}, embedder)
        with pytest.raises(RuntimeError), library._transaction():
            library._drop(library.entries()[0].id)
            library._changed()
            assert library.count() == (1, 1)
            raise RuntimeError
        library.remove(next(entry.id for entry in library.entries()))
        fill(library, tmp_path, {**ONE, **TWIN, **GERMAN}, embedder)
        assert counted(library) == ((3, 3), {"de", "en"}, 1)


def test_a_document_that_is_missing_is_told_from_those_that_are_there(tmp_path: Path, embedder: Embedder) -> None:
    with Library(tmp_path / "library", create=True) as library:
        fill(library, tmp_path, {**ONE, **GERMAN}, embedder)
        ids = [entry.id for entry in library.entries()]
        assert not library.missing(ids) and not library.missing([]) and not library.missing([ids[0], ids[0]])
        assert library.missing([*ids, "none"]) and library.missing(["none"])
