"""Held: the index finds what comparing every vector finds, and its cache can be lost, stale or damaged."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from rag.documents.document import read
from rag.index import vector_index
from rag.index.library import Library
from rag.index.preparation import prepare_document
from rag.index.vector_index import FILE, VectorIndex, open_index
from rag.models.embedder import Embedder

TEXTS = {
    "mill.txt": "The mill burned down in 1907. Nobody was hurt. The miller moved to Husum with his donkeys.",
    "ferry.txt": "The ferry sank on a stormy night. Its captain swam ashore. Two goats were never found.",
    "organ.txt": "Marta Quandt plays the organ on Sundays. The organ has 900 pipes. Most of them are tin.",
    "bread.txt": "Der Bäcker verkauft Brot mit Kümmel. Am Markt steht sein Wagen. Er kommt um sieben Uhr.",
}
QUESTIONS = ["When did the mill burn down?", "Who plays the organ?", "Was verkauft der Bäcker?", "What sank?"]


def add(library: Library, folder: Path, name: str, text: str, embedder: Embedder) -> str:
    (folder / name).write_text(text, encoding="utf-8")
    document = read(folder / name)
    library.claim(embedder)
    library.add(prepare_document(document, embedder))
    return document.id


@pytest.fixture
def folder(tmp_path: Path, embedder: Embedder) -> Path:
    """The folder of a library of four documents."""
    with Library(tmp_path / "library", create=True) as library:
        for name, text in TEXTS.items():
            add(library, tmp_path, name, text, embedder)
    return tmp_path / "library"


def found(folder: Path, embedder: Embedder, most: int = 5) -> list[dict[int, float]]:
    with Library(folder) as library:
        index = open_index(library)
        return [index.nearest(vector, most) for vector in embedder.encode(QUESTIONS, "query")]


def brute(folder: Path, embedder: Embedder, most: int) -> list[dict[int, float]]:
    """The same by comparing every vector."""
    with Library(folder) as library:
        chunk_ids, vectors = library.vectors()
    answers = []
    for vector in embedder.encode(QUESTIONS, "query"):
        cosines = vectors @ vector
        best: dict[int, float] = {}
        for row in np.argsort(-cosines)[:most]:
            best.setdefault(int(chunk_ids[row]), float(cosines[row]))
        answers.append(best)
    return answers


@pytest.mark.parametrize("most", [1, 3, 5, 12, 100])
def test_the_nearest_are_those_that_comparing_every_vector_finds(most: int, folder: Path, embedder: Embedder) -> None:
    for got, expected in zip(found(folder, embedder, most), brute(folder, embedder, most), strict=True):
        assert list(got) == list(expected)
        assert got == pytest.approx(expected, abs=1e-5)
        assert 0 < len(got) <= min(most, len(TEXTS))


def test_many_random_vectors_are_found_as_well(tmp_path: Path, embedder: Embedder) -> None:
    words = "mill ferry organ bread goat tower rain harbour candle winter".split()
    generator = np.random.default_rng(1907)
    text = " ".join(f"The {' and the '.join(generator.choice(words, 4))} came." for _ in range(150))
    with Library(tmp_path / "library", create=True) as library:
        add(library, tmp_path, "many.txt", text, embedder)
        assert library.count()[1] > 3
    for got, expected in zip(
        found(tmp_path / "library", embedder, 150), brute(tmp_path / "library", embedder, 150), strict=True
    ):
        assert got == pytest.approx(expected, abs=1e-5)


def test_a_large_library_is_searched_by_its_graph_with_the_same_result(
    folder: Path, embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = brute(folder, embedder, 5)
    monkeypatch.setattr("rag.index.vector_index.FLAT_UP_TO", 5)
    for _ in range(2):  # made, and read from the cache
        for got, wanted in zip(found(folder, embedder), expected, strict=True):
            assert got == pytest.approx(wanted, abs=1e-5)
    assert b"IHN" in (folder / FILE).read_bytes()


def test_an_empty_library_has_nothing_near(tmp_path: Path, embedder: Embedder) -> None:
    vector = embedder.encode(["When did the mill burn down?"], "query")[0]
    with Library(tmp_path / "library", create=True) as library:
        assert open_index(library).nearest(vector, 10) == {}
        assert open_index(library).nearest(vector, 10) == {}  # from the cache


def test_the_cache_gives_what_the_library_gives_and_is_not_written_again(folder: Path, embedder: Embedder) -> None:
    first = found(folder, embedder)
    written = (folder / FILE).stat()
    assert found(folder, embedder) == first
    assert ((folder / FILE).stat().st_mtime_ns, (folder / FILE).stat().st_ino) == (written.st_mtime_ns, written.st_ino)


@pytest.mark.parametrize(
    "damage", ["gone", "empty", "head", "cut", "cut in the head", "flipped", "longer", "no json", "count", "abyss"]
)
def test_a_damaged_cache_is_made_anew_with_the_same_result(damage: str, folder: Path, embedder: Embedder) -> None:
    first = found(folder, embedder)
    file = folder / FILE
    whole = file.read_bytes()
    line = whole.index(b"\n")
    flipped = bytearray(whole)
    flipped[len(whole) // 2] ^= 0xFF
    file.write_bytes(
        {
            "gone": b"",
            "empty": b"",
            "head": whole[: line + 1],
            "cut": whole[: len(whole) // 2],
            "cut in the head": whole[:20],
            "flipped": bytes(flipped),
            "longer": whole + b"\x00",
            "no json": b"[1, 2]\n" + whole[line + 1 :],
            "count": whole[:line].replace(b'"count": 12', b'"count": 99') + whole[line:],
            "abyss": b"[" * 100_000 + whole[line:],
        }[damage]
    )
    assert file.read_bytes() != whole
    if damage == "gone":
        file.unlink()
    assert found(folder, embedder) == first
    assert file.read_bytes() == whole


def test_a_cache_of_another_state_of_the_library_is_made_anew(folder: Path, embedder: Embedder) -> None:
    before = found(folder, embedder)
    stale = (folder / FILE).read_bytes()
    with Library(folder) as library:
        add(library, folder.parent, "later.txt", "The mill burned down again in 1911.", embedder)
    after = found(folder, embedder)
    assert after != before
    for got, expected in zip(after, brute(folder, embedder, 5), strict=True):
        assert got == pytest.approx(expected, abs=1e-5)
    (folder / FILE).write_bytes(stale)
    assert found(folder, embedder) == after


def test_a_commit_while_the_index_is_opened_leaves_an_index_of_one_state_that_names_it(
    folder: Path, embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading = vector_index._read

    def overtaken(file: Path, stamp: str) -> VectorIndex | None:
        with Library(folder) as other:
            add(other, folder.parent, "later.txt", "The mill burned down again in 1911.", embedder)
        return reading(file, stamp)

    with Library(folder) as library:
        before = library.stamp
        monkeypatch.setattr(vector_index, "_read", overtaken)
        stale = open_index(library)
        monkeypatch.undo()
        assert stale.stamp == before != library.stamp
        assert len(stale.nearest(embedder.encode(QUESTIONS, "query")[0], 100)) == len(TEXTS)
        present = open_index(library)
        assert present.stamp == library.stamp
        assert len(present.nearest(embedder.encode(QUESTIONS, "query")[0], 100)) == len(TEXTS) + 1


def test_what_was_removed_is_not_found_again(folder: Path, embedder: Embedder) -> None:
    found(folder, embedder, 100)
    with Library(folder) as library:
        gone = next(entry.id for entry in library.entries() if entry.name == "mill.txt")
        library.remove(gone)
        left = {int(chunk) for chunk in library.vectors()[0]}
    assert all(set(near) == left for near in found(folder, embedder, 100))


def test_a_cache_names_the_state_it_was_made_from(folder: Path, embedder: Embedder) -> None:
    found(folder, embedder)
    head = json.loads((folder / FILE).read_bytes().split(b"\n", 1)[0])
    with Library(folder) as library:
        assert head["stamp"] == library.stamp
        assert head["count"] == len(library.vectors()[0]) == 12


def test_a_cache_that_cannot_be_written_is_no_error(folder: Path, embedder: Embedder) -> None:
    (folder / FILE).mkdir()
    for got, expected in zip(found(folder, embedder), brute(folder, embedder, 5), strict=True):
        assert got == pytest.approx(expected, abs=1e-5)
    assert [path.name for path in folder.iterdir() if path.name.startswith(FILE)] == [FILE]
