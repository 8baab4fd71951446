"""Held: the nearest sentences are those a plain comparison finds, and the index is a cache that may be lost."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from rag import vectors as vectors_module
from rag.embedder import Embedder, Vectors
from rag.indexing import index
from rag.library import Library
from rag.vectors import FILE, open_index

TEXTS = {
    "ferry.txt": "The ferry to Husum leaves at seven. In winter it stays in the harbour. Tickets cost nine euros.",
    "baker.txt": "The baker opens at six. His rye bread is sold out by noon. On Mondays the shop is closed.",
    "tower.md": "# The tower\n\nThe tower was built in 1921.\n\nIts clock has stood still since the storm of 1954.",
    "turm.txt": "Der Turm wurde 1921 gebaut. Seine Uhr steht seit dem Sturm von 1954 still.",
}
QUESTION = "When was the tower built?"


@pytest.fixture
def library(tmp_path: Path, embedder: Embedder) -> Iterator[Library]:
    folder = tmp_path / "texts"
    folder.mkdir()
    for name, text in TEXTS.items():
        (folder / name).write_text(text, encoding="utf-8")
    with Library(tmp_path / "library", create=True) as library:
        index([str(folder)], library, embedder)
        yield library


@pytest.fixture(scope="module")
def vector(embedder: Embedder) -> Vectors:
    return embedder.encode([QUESTION], "query")[0]


def compared(library: Library, vector: Vectors, most: int) -> dict[int, float]:
    """The best cosine of each chunk that one of the `most` nearest sentences lies in, by comparing with all."""
    chunk_ids, vectors = library.vectors()
    cosines = vectors @ vector
    found: dict[int, float] = {}
    for row in np.argsort(-cosines)[:most]:
        found.setdefault(int(chunk_ids[row]), float(cosines[row]))
    return found


def touched(file: Path) -> tuple[int, int]:
    """What differs if a file was written anew: its inode and its time of change."""
    facts = file.stat()
    return facts.st_ino, facts.st_mtime_ns


# --- what is nearest -------------------------------------------------------------------


@pytest.mark.parametrize("most", [1, 2, 5, 1000])
def test_the_nearest_are_those_that_comparing_with_every_sentence_finds(
    library: Library, vector: Vectors, most: int
) -> None:
    wanted = compared(library, vector, most)
    assert open_index(library).nearest(vector, most) == pytest.approx(wanted, abs=1e-5)


def test_every_sentence_is_the_nearest_to_itself(library: Library) -> None:
    made = open_index(library)
    chunk_ids, vectors = library.vectors()
    assert len(vectors) >= 10
    for chunk_id, vector in zip(chunk_ids, vectors, strict=True):
        assert made.nearest(vector, 1) == {int(chunk_id): pytest.approx(1.0, abs=1e-4)}


def test_a_chunk_has_the_cosine_of_its_best_sentence(library: Library, vector: Vectors) -> None:
    everything = open_index(library).nearest(vector, 1000)
    sentences = library.sentences(list(everything))
    assert any(len(rows) > 1 for rows in sentences.values())
    for chunk_id, cosine in everything.items():
        assert cosine == pytest.approx(max(float(vector @ row.vector) for row in sentences[chunk_id]), abs=1e-5)


def test_a_large_library_is_searched_by_its_graph_with_the_same_result(
    library: Library, vector: Vectors, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vectors_module, "FLAT_UP_TO", 5)
    for _ in range(2):  # made, and read from the cache
        assert open_index(library).nearest(vector, 1000) == pytest.approx(compared(library, vector, 1000), abs=1e-5)
    assert b"IHN" in (library.folder / FILE).read_bytes()


def test_in_an_empty_library_nothing_is_near(tmp_path: Path, embedder: Embedder, vector: Vectors) -> None:
    with Library(tmp_path / "empty", create=True) as library:
        library.claim(embedder)
        assert open_index(library).nearest(vector, 10) == {}
        assert open_index(library).nearest(vector, 10) == {}, "and from the cache it is the same"


# --- the cache -------------------------------------------------------------------------


def test_the_cache_is_read_and_not_made_anew(library: Library, vector: Vectors) -> None:
    first = open_index(library).nearest(vector, 10)
    before = touched(library.folder / FILE)
    assert open_index(library).nearest(vector, 10) == first
    assert touched(library.folder / FILE) == before


def _flipped(raw: bytes, at: int) -> bytes:
    return raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]


def _recounted(raw: bytes, count: object) -> bytes:
    line, _, payload = raw.partition(b"\n")
    return json.dumps({**json.loads(line), "count": count}).encode() + b"\n" + payload


DAMAGE = {
    "empty": lambda raw: raw[:0],
    "cut in its head": lambda raw: raw[:20],
    "cut after its head": lambda raw: raw[: raw.index(b"\n") + 1],
    "cut in half": lambda raw: raw[: len(raw) // 2],
    "cut by a byte": lambda raw: raw[:-1],
    "longer by a byte": lambda raw: raw + b"\0",
    "changed in its head": lambda raw: _flipped(raw, 3),
    "changed in its ids": lambda raw: _flipped(raw, raw.index(b"\n") + 1),
    "changed in its vectors": lambda raw: _flipped(raw, len(raw) - 10),
    "miscounted upwards": lambda raw: _recounted(raw, 1_000_000),
    "miscounted downwards": lambda raw: _recounted(raw, 1),
    "counted in words": lambda raw: _recounted(raw, "many"),
    "headed by a list": lambda raw: b"[1, 2]" + raw[raw.index(b"\n") :],
    "headed by an abyss": lambda raw: b"[" * 100_000 + raw[raw.index(b"\n") :],
    "something else": lambda raw: b"\xff\x00\xfe" * len(raw),
}


@pytest.mark.parametrize("kind", DAMAGE)
def test_a_damaged_cache_is_made_anew_with_the_same_result(kind: str, library: Library, vector: Vectors) -> None:
    file = library.folder / FILE
    first = open_index(library).nearest(vector, 10)
    good = file.read_bytes()
    file.write_bytes(DAMAGE[kind](good))
    assert file.read_bytes() != good
    assert open_index(library).nearest(vector, 10) == first
    assert file.read_bytes() == good


def test_a_cache_that_is_gone_is_made_anew(library: Library, vector: Vectors) -> None:
    first = open_index(library).nearest(vector, 10)
    (library.folder / FILE).unlink()
    assert open_index(library).nearest(vector, 10) == first
    assert (library.folder / FILE).is_file()


def test_a_stale_cache_is_made_anew(library: Library, embedder: Embedder, tmp_path: Path, vector: Vectors) -> None:
    before = open_index(library).nearest(vector, 1000)
    stale = (library.folder / FILE).read_bytes()
    new = tmp_path / "new.txt"
    new.write_text("The tower of Tönning was built in the year 1702.", encoding="utf-8")
    index([str(new)], library, embedder)
    after = open_index(library).nearest(vector, 1000)
    assert len(after) == len(before) + 1
    assert after == pytest.approx(compared(library, vector, 1000), abs=1e-5)
    (library.folder / FILE).write_bytes(stale)
    assert open_index(library).nearest(vector, 1000) == after


def test_the_cache_of_another_library_is_not_believed(
    library: Library, embedder: Embedder, tmp_path: Path, vector: Vectors
) -> None:
    open_index(library)
    text = tmp_path / "other.txt"
    text.write_text("Nothing here is about buildings.", encoding="utf-8")
    with Library(tmp_path / "other", create=True) as other:
        index([str(text)], other, embedder)
        (other.folder / FILE).write_bytes((library.folder / FILE).read_bytes())
        assert open_index(other).nearest(vector, 1000) == pytest.approx(compared(other, vector, 1000), abs=1e-5)


def test_a_cache_that_cannot_be_written_is_no_error_and_leaves_nothing_behind(
    library: Library, vector: Vectors
) -> None:
    (library.folder / FILE).mkdir()
    before = sorted(path.name for path in library.folder.iterdir())
    assert open_index(library).nearest(vector, 10) == pytest.approx(compared(library, vector, 10), abs=1e-5)
    assert sorted(path.name for path in library.folder.iterdir()) == before
