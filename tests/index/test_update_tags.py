"""Tags that a run over files gives to their documents."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from update_fixtures import library_of, texts

from rag.documents.discovery import Source
from rag.index.library import Library
from rag.index.update import index
from rag.models.embedder import Embedder
from rag.system.cancellation import Stopped


def tags(library: Library) -> dict[str, tuple[str, ...]]:
    return {entry.name: entry.tags for entry in library.entries()}


def test_a_run_tags_all_that_it_finds_the_unchanged_and_the_moved_too(tmp_path: Path, embedder: Embedder) -> None:
    folder = texts(tmp_path / "notes", "a.txt", "b.txt", "c.txt", "d.txt")
    (folder / "broken.pdf").write_bytes(b"no pdf")
    other = texts(tmp_path / "other", "e.txt")
    with library_of(tmp_path, embedder, folder, other) as library:
        (folder / "b.txt").write_text("The mill was rebuilt.", encoding="utf-8")
        (folder / "c.txt").rename(folder / "moved.txt")
        (folder / "d.txt").unlink()
        texts(folder, "new.txt")
        index([str(folder)], library, embedder, tags=["work"])
        assert tags(library) == {
            **dict.fromkeys(("a.txt", "b.txt", "moved.txt", "new.txt"), ("work",)),
            "e.txt": (),
        }
        stamp = library.stamp
        index([str(folder)], library, embedder, tags=["WORK"])
        assert library.stamp == stamp
        index([str(folder)], library, embedder)
        index([str(folder / "a.txt")], library, embedder, tags=["home", "work"])
        assert tags(library)["a.txt"] == ("home", "work") and tags(library)["b.txt"] == ("work",)


def test_a_run_that_is_stopped_has_tagged_what_is_there(tmp_path: Path, embedder: Embedder) -> None:
    folder = texts(tmp_path / "notes", "a.txt", "b.txt", "c.txt")

    def until_the_third(files: Iterable[Source]) -> Iterator[Source]:
        for file in files:
            if file.name == "c.txt":
                raise Stopped
            yield file

    with library_of(tmp_path, embedder, folder / "a.txt") as library:
        with pytest.raises(Stopped):
            index([str(folder)], library, embedder, until_the_third, tags=["work"])
        assert tags(library) == {"a.txt": ("work",), "b.txt": ("work",)}


def test_what_is_new_has_its_tags_from_its_first_moment(tmp_path: Path, embedder: Embedder) -> None:
    folder = texts(tmp_path / "notes", "a.txt", "b.txt")
    with Library(tmp_path / "library", create=True) as library:

        def looking(files: Iterable[Source]) -> Iterator[Source]:
            for file in files:
                assert set(tags(library).values()) <= {("work",)}
                yield file

        index([str(folder)], library, embedder, looking, tags=["work"])
        assert set(tags(library)) == {"a.txt", "b.txt"}
