"""Held: the index finds what comparing every vector finds, follows the library, and its file can be lost or damaged."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest

from rag.documents.document import read
from rag.index import vector_index
from rag.index.library import Library
from rag.index.preparation import prepare_document
from rag.index.update import rebuild
from rag.index.vector_index import FILE, VectorIndex, open_index, renew_index
from rag.models.embedder import Embedder

TEXTS = {
    "mill.txt": "The mill burned down in 1907. Nobody was hurt. The miller moved to Husum with his donkeys.",
    "ferry.txt": "The ferry sank on a stormy night. Its captain swam ashore. Two goats were never found.",
    "organ.txt": "Marta Quandt plays the organ on Sundays. The organ has 900 pipes. Most of them are tin.",
    "bread.txt": "Der Bäcker verkauft Brot mit Kümmel. Am Markt steht sein Wagen. Er kommt um sieben Uhr.",
}
QUESTIONS = ["When did the mill burn down?", "Who plays the organ?", "Was verkauft der Bäcker?", "What sank?"]
LATER = "The mill burned down again in 1911."
ALWAYS_IN_A_FILE = {"FRESH": 0, "_FRESH_SHARE": 0.0}
KINDS = {
    "read from the library": {},
    "all compared": ALWAYS_IN_A_FILE,
    "in lists": {**ALWAYS_IN_A_FILE, "FLAT_UP_TO": 5, "_PROBED": 1_000_000},
}


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Each kind of index, however few vectors there are; of lists all are looked at, so that nothing is missed."""
    for name, value in KINDS[request.param].items():
        monkeypatch.setattr(vector_index, name, value)
    return str(request.param)


@pytest.fixture(params=list(KINDS)[1:])
def kept(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The kinds of index that are kept in a file."""
    for name, value in KINDS[request.param].items():
        monkeypatch.setattr(vector_index, name, value)
    return str(request.param)


def add(library: Library, folder: Path, name: str, text: str, embedder: Embedder) -> str:
    (folder / name).write_text(text, encoding="utf-8")
    document = read(folder / name)
    library.claim(embedder)
    library.add(prepare_document(document, embedder))
    return document.id


@pytest.fixture(scope="module")
def _made(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Path:
    folder = tmp_path_factory.mktemp("made")
    generator = np.random.default_rng(1907)
    words = "ferry organ bread goat tower rain harbour candle winter".split()
    many = " ".join(f"The {' and the '.join(generator.choice(words, 4))} came." for _ in range(150))
    with Library(folder / "library", create=True) as library:
        for name, text in {**TEXTS, "many.txt": many}.items():
            add(library, folder, name, text, embedder)
    return folder / "library" / "library.sqlite"


@pytest.fixture
def folder(_made: Path, tmp_path: Path) -> Path:
    """The folder of a library of five documents, 162 sentences."""
    (tmp_path / "library").mkdir()
    (tmp_path / "library" / _made.name).write_bytes(_made.read_bytes())
    return tmp_path / "library"


def found(folder: Path, embedder: Embedder, most: int = 5) -> list[dict[int, float]]:
    with Library(folder) as library:
        index = open_index(library)
        return [index.nearest(vector, most) for vector in embedder.encode(QUESTIONS, "query")]


def brute(folder: Path, embedder: Embedder, most: int = 5) -> list[dict[int, float]]:
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


def agree(got: list[dict[int, float]], wanted: list[dict[int, float]], kind: str) -> None:
    """Assert that the same is found; lists hold vectors roughly: of those alike another may be the last."""
    for one, other in zip(got, wanted, strict=True):
        if kind != "in lists":
            assert one.keys() == other.keys()
        assert next(iter(one)) == next(iter(other))
        both = one.keys() & other.keys()
        assert len(both) >= 0.75 * max(len(one), len(other))
        assert {chunk: one[chunk] for chunk in both} == pytest.approx({c: other[c] for c in both}, abs=1e-5)


@pytest.mark.parametrize("most", [1, 5, 12, 1000])
def test_the_nearest_are_those_that_comparing_every_vector_finds(
    most: int, kind: str, folder: Path, embedder: Embedder
) -> None:
    wanted = brute(folder, embedder, most)
    for _ in range(2):  # made, and read from the file
        agree(found(folder, embedder, most), wanted, kind)
    assert (folder / FILE).exists() == (kind != "read from the library")


@pytest.mark.usefixtures("kind")
def test_an_empty_library_has_nothing_near(tmp_path: Path, embedder: Embedder) -> None:
    vector = embedder.encode(["When did the mill burn down?"], "query")[0]
    with Library(tmp_path / "library", create=True) as library:
        for _ in range(2):
            assert open_index(library).nearest(vector, 10) == {}


@pytest.mark.usefixtures("kind")
def test_only_the_chunks_that_are_allowed_are_found_and_all_of_them(folder: Path, embedder: Embedder) -> None:
    vector = embedder.encode(QUESTIONS[:1], "query")[0]
    with Library(folder) as library:
        chunks = {entry.name: library.chunks_of([entry.id]) for entry in library.entries()}
        index = open_index(library)
        within = chunks["organ.txt"] | chunks["bread.txt"]
        assert index.nearest(vector, 1000, within).keys() == within
        others = index.nearest(vector, 1000, without=chunks["mill.txt"])
        assert others.keys() == set().union(*chunks.values()) - chunks["mill.txt"]
        assert index.nearest(vector, 1000, within, without=within) == {}
        assert next(iter(index.nearest(vector, 1))) in chunks["mill.txt"]


def test_what_came_and_what_left_is_followed_without_the_file_being_written(
    kept: str, folder: Path, embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Library(folder) as library:
        known = open_index(library)
        written = (folder / FILE).stat()
        monkeypatch.setattr(vector_index, "FRESH", 1000)
        one = add(library, folder.parent, "one.txt", LATER, embedder)
        add(library, folder.parent, "mill.txt", TEXTS["mill.txt"], embedder)  # again: its chunk has another id now
        known = open_index(library, known)
        add(library, folder.parent, "two.txt", "Which mill burned down? The one in Husum, in 1912.", embedder)
        library.remove(one)
        library.remove(next(entry.id for entry in library.entries() if entry.name == "many.txt"))
        known = open_index(library, known)  # from what is known,
        vectors = embedder.encode(QUESTIONS, "query")
        agree([known.nearest(vector, 1000) for vector in vectors], brute(folder, embedder, 1000), kept)
    agree(found(folder, embedder, 1000), brute(folder, embedder, 1000), kept)  # and from the file
    assert ((folder / FILE).stat().st_mtime_ns, (folder / FILE).stat().st_ino) == (written.st_mtime_ns, written.st_ino)


def test_the_file_is_written_anew_where_too_much_has_come_or_gone(
    kept: str, folder: Path, embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    found(folder, embedder)
    monkeypatch.setattr(vector_index, "FRESH", 2)
    before = (folder / FILE).read_bytes()
    with Library(folder) as library:
        add(library, folder.parent, "one.txt", LATER, embedder)
        renew_index(library)
        assert (folder / FILE).read_bytes() == before
        add(library, folder.parent, "two.txt", "It stands in Husum. Nobody mills there. Storks nest on it.", embedder)
        assert open_index(library).outgrown
        assert (folder / FILE).read_bytes() == before, "who asks does not wait for it"
        renew_index(library)
        assert (folder / FILE).read_bytes() != before
        assert not open_index(library).outgrown
    agree(found(folder, embedder), brute(folder, embedder), kept)


def test_after_a_rebuild_nothing_of_before_is_found(kind: str, folder: Path, embedder: Embedder) -> None:
    with Library(folder) as library:
        known = open_index(library)
        before = set(library.vectors()[0].tolist())
        rebuild(library, embedder, lambda _: None)
        now = set(library.vectors()[0].tolist())
        assert not before & now and len(before) == len(now)
        (vector,) = embedder.encode(QUESTIONS[:1], "query")
        assert open_index(library, known).nearest(vector, 1000).keys() == now
    agree(found(folder, embedder), brute(folder, embedder), kind)


def test_an_id_is_not_given_again_when_the_last_document_has_left(folder: Path, embedder: Embedder) -> None:
    with Library(folder) as library:
        first = add(library, folder.parent, "one.txt", LATER, embedder)
        last = max(library.vectors()[0])
        library.remove(first)
        add(library, folder.parent, "two.txt", LATER, embedder)
        assert max(library.vectors()[0]) == last + 1


DAMAGES = ["gone", "empty", "no line", "cut", "cut in the line", "flipped", "longer", "no json", "count", "abyss"]


@pytest.mark.usefixtures("kept")
@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_is_made_anew_with_the_same_result(damage: str, folder: Path, embedder: Embedder) -> None:
    first = found(folder, embedder)
    file = folder / FILE
    whole = file.read_bytes()
    line = whole.rindex(b"\n")
    flipped = bytearray(whole)
    flipped[20] ^= 0xFF  # where FAISS reads sizes and centroids
    file.write_bytes(
        {
            "gone": b"",
            "empty": b"",
            "no line": whole[: line + 1],
            "cut": whole[: len(whole) // 2],
            "cut in the line": whole[:-20],
            "flipped": bytes(flipped),
            "longer": whole + b"\x00",
            "no json": whole[: line + 1] + b"[1, 2]",
            "count": whole[:line] + whole[line:].replace(b'"count": 162', b'"count": 999'),
            "abyss": whole[: line + 1] + b"[" * 3_000,
        }[damage]
    )
    assert file.read_bytes() != whole
    if damage == "gone":
        file.unlink()
    assert found(folder, embedder) == first
    assert file.read_bytes() == whole


def test_a_file_that_cannot_be_written_is_no_error(kept: str, folder: Path, embedder: Embedder) -> None:
    (folder / FILE).mkdir()
    agree(found(folder, embedder), brute(folder, embedder), kept)
    assert [path.name for path in folder.iterdir() if path.name.lstrip(".").startswith(FILE)] == [FILE]


def test_a_vector_that_is_damaged_in_the_file_finds_no_chunk_that_is_not_there(
    kept: str, folder: Path, embedder: Embedder
) -> None:
    """What FAISS does not take at its word is not looked at each time: `beleg check` does that."""
    found(folder, embedder)
    file = folder / FILE
    whole = bytearray(file.read_bytes())
    start = whole.rindex(b"\n") - (9_000 if kept == "in lists" else 162 * 8 + 5_000)
    whole[start : start + 400] = os.urandom(400)
    file.write_bytes(bytes(whole))
    assert not vector_index.intact(file)
    with Library(folder) as library:
        there = set(library.vectors()[0].tolist())
    assert all(each.keys() <= there for each in found(folder, embedder, 20))


def test_lists_are_told_whole_by_their_lengths_without_being_looked_at(
    folder: Path, embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in KINDS["in lists"].items():
        monkeypatch.setattr(vector_index, name, value)
    first = found(folder, embedder)
    file = folder / FILE
    whole = file.read_bytes()
    start, end = json.loads(whole[whole.rindex(b"\n") :])["bulk"]
    lengths = [start]

    def told(place: int) -> int:
        return int.from_bytes(whole[place : place + 8], "little")

    while (at := lengths[-1] + 8 + (8 if len(lengths) % 2 else 1) * told(lengths[-1])) < end:
        lengths.append(at)
    assert at == end and sum(map(told, lengths[::2])) == 162, "they lead through all sentences"
    for place in (lengths[0], lengths[-1], lengths[len(lengths) // 2]):
        damaged = bytearray(whole)
        damaged[place + 4] ^= 0x40  # a list of a thousand million sentences
        file.write_bytes(bytes(damaged))
        assert vector_index.vector_file.read(file) is None
        assert found(folder, embedder) == first
        assert file.read_bytes() == whole
    full = next(place for place in lengths[::2] if told(place))
    file.write_bytes(whole[: full + 8] + b"\xff" * 8 + whole[full + 16 :])  # an id of no chunk
    assert vector_index.vector_file.read(file) is not None and not vector_index.intact(file)
    with Library(folder) as library:
        there = set(library.vectors()[0].tolist())
    assert all(each.keys() <= there for each in found(folder, embedder, 200))


def test_lists_that_another_faiss_lays_out_otherwise_are_looked_at_whole(
    folder: Path, embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in KINDS["in lists"].items():
        monkeypatch.setattr(vector_index, name, value)
    monkeypatch.setattr(vector_index.vector_file, "_bulk", lambda _, size: (size - 500, size))
    first = found(folder, embedder)
    file = folder / FILE
    whole = bytearray(file.read_bytes())
    whole[whole.rindex(b"\n") - 400] ^= 1
    file.write_bytes(bytes(whole))
    assert vector_index.vector_file.read(file) is None
    assert found(folder, embedder) == first


def test_a_commit_while_the_index_is_opened_leaves_an_index_of_one_state_that_it_names(
    folder: Path, embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading = vector_index.vector_file.read

    def overtaken(file: Path) -> vector_index.Stored | None:
        with Library(folder) as other:
            add(other, folder.parent, "later.txt", LATER, embedder)
        return reading(file)

    def chunks(index: VectorIndex) -> int:
        return len(index.nearest(embedder.encode(QUESTIONS, "query")[0], 1000))

    with Library(folder) as library:
        before, count = library.vector_state, library.count()[1]
        monkeypatch.setattr(vector_index.vector_file, "read", overtaken)
        stale = open_index(library)
        monkeypatch.undo()
        assert stale.state == before != library.vector_state
        assert chunks(stale) == count
        present = open_index(library, stale)
        assert present.state == library.vector_state
        assert chunks(present) == count + 1


@pytest.mark.usefixtures("kept")
def test_a_library_that_may_only_be_read_is_searched_and_nothing_is_written(
    folder: Path, embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Library(folder) as library:
        monkeypatch.setattr(library, "read_only", True)
        renew_index(library)
        index = open_index(library)
        (vector,) = embedder.encode(QUESTIONS[:1], "query")
        assert next(iter(index.nearest(vector, 5)))
    assert not (folder / FILE).exists()
