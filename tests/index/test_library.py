"""The library: whole documents or none, whatever happens; caches that can be lost; one embedder."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from library_fixtures import add_file, assert_whole, other_embedder, text_file

from rag.documents.document import document_id, read
from rag.errors import LibraryUnusable
from rag.index.library import FILE, Library
from rag.index.preparation import prepare_document, recipe
from rag.index.update import rebuild
from rag.models.embedder import Embedder, Kind, Vectors


def test_a_document_comes_back_as_it_was_read(tmp_path: Path, embedder: Embedder) -> None:
    path = text_file(
        tmp_path / "mill.txt", "date 1907-05 Die Mühle brannte ab.\r\n\r\nNiemand kam zu Schaden. 𝔘nd Ende."
    )
    with Library(tmp_path / "library", create=True) as library:
        identity = add_file(library, path, embedder)
        assert library.document(identity) == read(path)
        assert_whole(library)


def test_a_changed_document_replaces_all_of_the_old_one(tmp_path: Path, embedder: Embedder) -> None:
    path = text_file(tmp_path / "mill.txt", "The old mill stood by the river. " * 100)
    with Library(tmp_path / "library", create=True) as library:
        add_file(library, path, embedder)
        text_file(path, "The new mill stands on the hill.")
        add_file(library, path, embedder)
        assert library.count() == (1, 1)
        assert library.lexical("stems", ["river"], 10) == {}
        assert len(library.lexical("stems", ["hill"], 10)) == 1
        assert_whole(library)


def test_a_removed_document_leaves_nothing_behind(tmp_path: Path, embedder: Embedder) -> None:
    with Library(tmp_path / "library", create=True) as library:
        first = add_file(library, text_file(tmp_path / "a.txt", "Die alte Mühle ist gestern abgebrannt."), embedder)
        assert len(library.lexical("glosses", ["mill"], 10)) == 1
        add_file(library, text_file(tmp_path / "b.txt", "The bridge was repaired."), embedder)
        library.remove(first)
        assert [entry.name for entry in library.entries()] == ["b.txt"]
        assert library.lexical("pieces", ["<mil"], 10) == {}
        assert library.lexical("glosses", ["mill"], 10) == {}
        assert library.vectors()[0].shape == (1,)
        assert_whole(library)


def test_a_moved_document_keeps_its_chunks_and_vectors_under_its_new_id(tmp_path: Path, embedder: Embedder) -> None:
    words = "The old mill stood by the river. Die Mühle brannte ab. " * 40
    before, after = text_file(tmp_path / "mill.txt", words), text_file(tmp_path / "moved.txt", words)
    with Library(tmp_path / "library", create=True) as library:
        old = add_file(library, before, embedder)
        rows, vectors = library.vectors()
        stamp, kept = library.stamp, library.document(old)
        library.move(old, document_id(after), str(after), "deep/moved.txt")
        assert library.document(document_id(after)) == replace(
            kept, id=document_id(after), path=str(after), name="deep/moved.txt"
        )
        assert library.chunks_of([document_id(after)]) == set(rows.tolist()) == set(library.vectors()[0].tolist())
        assert np.array_equal(library.vectors()[1], vectors)
        assert library.stamp != stamp
        with pytest.raises(LibraryUnusable, match="left"):
            library.document(old)
        assert_whole(library)


def test_a_document_moves_to_the_place_of_another_and_only_there_if_it_exists(
    tmp_path: Path, embedder: Embedder
) -> None:
    with Library(tmp_path / "library", create=True) as library:
        one = add_file(library, text_file(tmp_path / "a.txt", "The mill burned down."), embedder)
        two = add_file(library, text_file(tmp_path / "b.txt", "The bridge was repaired."), embedder)
        library.move(one, two, str(tmp_path / "b.txt"), "b.txt")
        assert [(entry.id, entry.name) for entry in library.entries()] == [(two, "b.txt")]
        assert library.document(two).text == "The mill burned down."
        assert not library.move(one, "new", "/new.txt", "new.txt")
        library.move(two, two, str(tmp_path / "b.txt"), "shelf/b.txt")
        assert [entry.name for entry in library.entries()] == ["shelf/b.txt"]
        assert_whole(library)


def test_with_another_lexicon_every_document_counts_as_changed(
    tmp_path: Path, embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Library(tmp_path / "library", create=True) as library:
        identity = add_file(library, text_file(tmp_path / "a.txt", "Die Mühle ist abgebrannt."), embedder)
        assert library.known(recipe())[identity] != ""
        monkeypatch.setattr("rag.lexicon.fingerprint", lambda: "another")
        assert library.known(recipe())[identity] == ""


def test_every_change_gives_the_library_another_stamp(tmp_path: Path, embedder: Embedder) -> None:
    with Library(tmp_path / "library", create=True) as library:
        stamps = [library.stamp]
        identity = add_file(library, text_file(tmp_path / "a.txt", "The mill burned down."), embedder)
        stamps.append(library.stamp)
        library.remove(identity)
        stamps.append(library.stamp)
        assert len(set(stamps)) == 3


def test_a_library_of_another_embedder_is_refused_with_the_command_that_rebuilds_it(
    tmp_path: Path, embedder: Embedder
) -> None:
    other = other_embedder(embedder)
    with Library(tmp_path / "library", create=True) as library:
        add_file(library, text_file(tmp_path / "a.txt", "The mill burned down. The bridge stands."), embedder)
        before = library.vectors()[1]
        with pytest.raises(LibraryUnusable, match="index --rebuild"):
            library.claim(other)
        assert rebuild(library, other, lambda _: None) == 1
        library.claim(other)
        assert np.allclose(library.vectors()[1], -before)
        assert_whole(library)
        with pytest.raises(LibraryUnusable):
            library.claim(embedder)


def test_a_document_embedded_while_the_library_was_rebuilt_for_another_embedder_is_refused_and_nothing_is_written(
    tmp_path: Path, embedder: Embedder
) -> None:
    other = other_embedder(embedder)

    class Overtaken:
        """The embedder, while whose work the library is rebuilt by another program."""

        fingerprint, name = embedder.fingerprint, embedder.name
        dimension, max_tokens = embedder.dimension, embedder.max_tokens

        def encode(self, texts: Sequence[str], kind: Kind) -> Vectors:
            with Library(tmp_path / "library") as beside:
                rebuild(beside, other, lambda _: None)
            return embedder.encode(texts, kind)

    with Library(tmp_path / "library", create=True) as library:
        add_file(library, text_file(tmp_path / "a.txt", "The mill burned down."), embedder)
        with pytest.raises(LibraryUnusable, match="made with the embedder other"):
            add_file(library, text_file(tmp_path / "b.txt", "The bridge stands."), Overtaken())
        assert [entry.name for entry in library.entries()] == ["a.txt"]
        library.claim(other)
        assert_whole(library)


def test_a_library_made_before_the_lexicon_changed_says_how_to_rebuild_it(tmp_path: Path, embedder: Embedder) -> None:
    changed = other_embedder(embedder, name=embedder.name)
    with Library(tmp_path / "library", create=True) as library:
        add_file(library, text_file(tmp_path / "a.txt", "The mill burned down."), embedder)
        with pytest.raises(LibraryUnusable, match=r"lexicon.*index --rebuild"):
            library.claim(changed)


def test_an_empty_library_can_be_claimed_by_any_embedder(tmp_path: Path, embedder: Embedder) -> None:
    with Library(tmp_path / "library", create=True) as library:
        library.claim(embedder)
        library.claim(other_embedder(embedder))


def test_a_library_that_is_not_there_is_named_with_the_way_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(LibraryUnusable, match="beleg index"):
        Library(tmp_path / "nowhere")
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize("damage", [b"", b"not a database at all, but long enough to be one " * 40])
def test_a_damaged_library_is_an_error_that_names_its_folder(tmp_path: Path, damage: bytes) -> None:
    folder = tmp_path / "library"
    folder.mkdir()
    (folder / FILE).write_bytes(damage)
    with pytest.raises(LibraryUnusable, match="library"):
        Library(folder).entries()


def test_a_library_of_a_later_format_is_refused(tmp_path: Path) -> None:
    Library(tmp_path / "library", create=True).close()
    with sqlite3.connect(tmp_path / "library" / FILE) as db:
        db.execute("UPDATE meta SET value = '99' WHERE key = 'format'")
    with pytest.raises(LibraryUnusable, match="99"):
        Library(tmp_path / "library")


def test_two_writers_at_once_lose_nothing(tmp_path: Path, embedder: Embedder) -> None:
    with Library(tmp_path / "library", create=True) as one, Library(tmp_path / "library") as two:
        add_file(one, text_file(tmp_path / "a.txt", "The mill burned down."), embedder)
        add_file(two, text_file(tmp_path / "b.txt", "The bridge was repaired."), embedder)
        assert {entry.name for entry in one.entries()} == {"a.txt", "b.txt"}
        assert len(one.vectors()[0]) == len(two.vectors()[0]) == 2


_INDEXING = """
import sys
from pathlib import Path
from rag.models.embedder import open_embedder
from rag.index.update import index
from rag.index.library import Library
from rag.models.bundled import load_embedder
from rag.settings import load
settings = load({"cache": sys.argv[1]})
embedder = load_embedder(settings)
with Library(Path(sys.argv[2]), create=True) as library:
    print("go", flush=True)
    index([sys.argv[3]], library, embedder)
print("done", flush=True)
"""


@pytest.mark.stress  # the suite kills the command as it indexes in stress/test_kills
@pytest.mark.parametrize("delay", [0.0, 0.15, 0.4, 0.8, 1.3])
def test_a_killed_run_leaves_whole_documents(tmp_path: Path, cache: Path, embedder: Embedder, delay: float) -> None:
    folder = tmp_path / "articles"
    folder.mkdir()
    for number in range(40):
        text = f"Report {number} says that {number} mills burned down in {1900 + number}. " * (20 + number * 3)
        text_file(folder / f"{number:02}.txt", text)
    before = text_file(tmp_path / "first.txt", "The first document was here before.")
    with Library(tmp_path / "library", create=True) as library:
        add_file(library, before, embedder)
    command = [sys.executable, "-c", _INDEXING, str(cache), str(tmp_path / "library"), str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None and process.stdout.readline() == "go\n"
    deadline = time.monotonic() + delay
    while time.monotonic() < deadline:
        os.sched_yield()
    process.send_signal(signal.SIGKILL)
    process.wait()
    with Library(tmp_path / "library") as library:
        assert_whole(library)
        assert "first.txt" in {entry.name for entry in library.entries()}
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.endswith("done\n")
    with Library(tmp_path / "library") as library:
        assert_whole(library)
        assert library.count()[0] == 41


def test_a_document_is_the_same_object_until_it_changes(tmp_path: Path, embedder: Embedder) -> None:
    file = tmp_path / "mill.txt"
    file.write_text("The mill burned down in 1907.", encoding="utf-8")
    with Library(tmp_path / "library", create=True) as library:
        before = read(file)
        library.add(prepare_document(before, embedder))
        first = library.document(before.id)
        assert library.document(before.id) is first
        file.write_text("The mill burned down in 1908.", encoding="utf-8")
        after = read(file)
        library.add(prepare_document(after, embedder))
        assert library.document(before.id).text == "The mill burned down in 1908."
