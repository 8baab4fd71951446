"""Held: vectors come from their file as the library has them, it follows the library, and it can be lost or damaged."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from test_word_index import Identity, prepared, sentences

from rag.documents.document import read
from rag.index import exact_vectors, vector_index
from rag.index.exact_vectors import FILE
from rag.index.library import Library
from rag.index.rows import Prepared, PreparedChunk
from rag.index.vector_index import open_index, renew_index
from rag.maintenance.integrity_check import check


def written(folder: Path, name: str, seed: int) -> Prepared:
    """Return a document of some chunks, whose sentences have vectors of their own."""
    generator = np.random.default_rng(seed)
    (folder / name).write_text(sentences(generator, 60, german=False), encoding="utf-8")
    made = prepared(read(folder / name), Identity())
    chunks = []
    for each in made.chunks:
        vectors = generator.standard_normal((len(each.sentences), 8), dtype=np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        chunks.append(PreparedChunk(each.chunk, each.sentences, vectors, each.terms))
    return Prepared(made.document, tuple(chunks), made.embedder, made.recipe)


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Library]:
    """A library whose index keeps lists, without any file beside it."""
    for name, value in {"FRESH": 0, "_FRESH_SHARE": 0.0, "FLAT_UP_TO": 5, "_PROBED": 1_000_000}.items():
        monkeypatch.setattr(vector_index, name, value)
    with Library(tmp_path / "library", create=True) as library:
        for number in range(12):
            library.add(written(tmp_path, f"{number}.txt", number))
        yield library


def all_chunks(library: Library) -> list[int]:
    return [row[0] for row in library._db.execute("SELECT id FROM chunks ORDER BY id")]


def same(library: Library, chunks: list[int]) -> None:
    """Assert that what is read of chunks is what the library's rows say, in their order and to the bit."""
    ids, vectors = library.vectors_of(chunks)
    wanted_ids, wanted = library.vectors()
    chosen = np.isin(wanted_ids, chunks)
    assert ids.tolist() == wanted_ids[chosen].tolist()
    assert vectors.tobytes() == wanted[chosen].tobytes() and vectors.dtype == np.float32


def test_vectors_are_those_of_the_library_before_and_after_others_came_and_left(
    library: Library, tmp_path: Path
) -> None:
    renew_index(library)
    assert (library.folder / FILE).stat().st_mode & 0o777 == 0o600
    chunks = all_chunks(library)
    for chosen in (chunks, chunks[::3], chunks[:1], chunks[-1:], []):
        same(library, chosen)
    added = written(tmp_path, "later.txt", 99)
    library.add(added)
    library.add(written(tmp_path, "3.txt", 33))  # again: its chunks have other ids now
    library.remove(next(entry.id for entry in library.entries() if entry.name == "5.txt"))
    now = all_chunks(library)
    assert max(chunks) < max(now) and not set(chunks) <= set(now)
    for chosen in (now, now[::2], [chunk for chunk in now if chunk > max(chunks)]):
        same(library, chosen)
    with Library(library.folder) as other:
        same(other, now)


def test_it_is_the_file_that_is_read(library: Library) -> None:
    renew_index(library)
    file, chunks = library.folder / FILE, all_chunks(library)
    wanted = library.vectors_of(chunks)[1]
    raw = file.read_bytes()
    file.write_bytes(bytes(4) + raw[4:])
    with Library(library.folder) as other:
        got = other.vectors_of(chunks)[1]
    assert got[0, 0] == 0 and (got.ravel()[1:] == wanted.ravel()[1:]).all()
    assert [fault.what for fault in check(library.folder)] == [f"{FILE} is damaged"]


@pytest.mark.parametrize("damage", ["none", "empty", "cut off", "longer", "where they begin", "its line", "another's"])
def test_without_the_file_or_with_one_that_does_not_fit_the_library_is_read(damage: str, library: Library) -> None:
    renew_index(library)
    file = library.folder / FILE
    raw = file.read_bytes()
    line = raw.rpartition(b"\n")[2]
    changed = {
        "none": None,
        "empty": b"",
        "cut off": raw[: len(raw) // 2],
        "longer": raw + b"\n",
        "where they begin": raw[: -len(line) - 5] + b"\xff\xff" + raw[-len(line) - 3 :],
        "its line": raw[: -len(line)] + line.replace(b'"dimension": 8', b'"dimension": 4'),
        "another's": raw[: -len(line)] + line.replace(b'"library": "', b'"library": "f'),
    }[damage]
    file.unlink()
    if changed is not None:
        assert changed != raw
        file.write_bytes(changed)
    with Library(library.folder) as other:
        assert other._exact_vectors() is None
        same(other, all_chunks(library))
        renew_index(other)
        assert other._exact_vectors() is not None
        same(other, all_chunks(library))


def test_after_a_rebuild_nothing_of_before_is_read(library: Library, tmp_path: Path) -> None:
    renew_index(library)
    made = iter(range(1000, 2000))
    library.rebuild(
        Identity("two", "two"),
        lambda document: written(tmp_path, document.name, next(made)),
        lambda _: None,
    )
    assert library._exact_vectors() is None
    same(library, all_chunks(library))


def test_it_is_written_anew_where_much_has_come_and_only_then(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    renew_index(library)
    first = (library.folder / FILE).stat().st_ino
    monkeypatch.setattr("rag.index.library_reader._LATER", 0.9)
    library.add(written(tmp_path, "one.txt", 50))
    renew_index(library)
    assert (library.folder / FILE).stat().st_ino == first
    monkeypatch.setattr("rag.index.library_reader._LATER", 0.01)
    renew_index(library)
    assert (library.folder / FILE).stat().st_ino != first
    exact = library._exact_vectors()
    assert exact is not None and exact.state == library.vector_state


def test_it_is_not_written_where_there_is_no_room_nor_for_few_vectors(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = 4 * library.vectors()[1].size
    full = shutil.disk_usage(library.folder)._replace(free=2 * size)
    with monkeypatch.context() as patch:
        patch.setattr(exact_vectors.shutil, "disk_usage", lambda _: full)
        renew_index(library)
        assert not (library.folder / FILE).exists()
    with monkeypatch.context() as patch:
        patch.setattr(vector_index, "FLAT_UP_TO", 100_000)
        (library.folder / vector_index.FILE).unlink()
        renew_index(library)
        assert not open_index(library).in_lists and not (library.folder / FILE).exists()


def test_whoever_is_stopped_while_writing_it_leaves_the_one_before(
    library: Library,
) -> None:
    renew_index(library)
    before = (library.folder / FILE).read_bytes()

    def stopped() -> Iterator[tuple[object, object]]:
        yield library.vectors(0, 2)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        exact_vectors.write(library.folder / FILE, library.vector_state, 1, stopped())  # type: ignore[arg-type]
    assert (library.folder / FILE).read_bytes() == before
    assert not [file for file in library.folder.iterdir() if file.name.startswith(f".{FILE}")]
