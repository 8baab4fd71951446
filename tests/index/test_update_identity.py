"""Held: one file is one document, whatever way it is named; what is no file is named and skipped."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from socket import AF_UNIX, socket

import pytest
from update_fixtures import library_of, names, texts

from rag.documents.discovery import Source
from rag.documents.document import document_id
from rag.index.library import Library
from rag.index.preparation import prepare_document
from rag.index.update import index, matching, refresh
from rag.models.embedder import Embedder, Kind, Vectors

# --- one file, one document ------------------------------------------------------------------


def test_one_file_is_one_document_whatever_way_it_is_named(tmp_path: Path, embedder: Embedder) -> None:
    docs = texts(tmp_path / "docs", "deep/a.txt")
    (tmp_path / "linked").symlink_to(docs)
    (docs / "other.txt").symlink_to(docs / "deep" / "a.txt")
    file = str(docs / "deep" / "a.txt")
    ways = [
        *(file, str(docs / "deep" / ".." / "deep" / "a.txt"), str(tmp_path / "linked" / "deep" / "a.txt")),
        *(str(docs / "other.txt"), str(docs), str(tmp_path / "linked"), str(docs / "deep" / ".."), str(docs)),
        *(str(docs / "*" / "a.txt"), str(tmp_path / "linked" / "**" / "*.txt"), file),
    ]
    with Library(tmp_path / "library", create=True) as library:
        assert [len(index([way], library, embedder).new) for way in ways] == [1] + [0] * (len(ways) - 1)
        assert index(ways, library, embedder).unchanged == ["a.txt"]
        (entry,) = library.entries()
        assert entry.path == file
        assert all(matching([entry], way) == [entry] for way in ways if "*" not in way)
        (docs / "deep" / "a.txt").write_text("Now the mill stands again.", encoding="utf-8")
        assert index([str(docs / "other.txt")], library, embedder).changed == ["a.txt"]
        assert len(library.entries()) == 1


def test_hard_links_are_two_files(tmp_path: Path, embedder: Embedder) -> None:
    docs = texts(tmp_path / "docs", "a.txt")
    (docs / "A.TXT").hardlink_to(docs / "a.txt")
    with library_of(tmp_path, embedder, docs / "a.txt", docs / "A.TXT") as library:
        assert names(library) == ["A.TXT", "a.txt"]


def test_documents_that_came_by_links_before_become_the_one_of_their_file(tmp_path: Path, embedder: Embedder) -> None:
    docs = texts(tmp_path / "docs", "a.txt", "b.txt", "c.txt")
    (tmp_path / "linked").symlink_to(docs)
    with library_of(tmp_path, embedder, docs / "a.txt", docs / "b.txt") as library:
        # As it was stored before paths were resolved: one beside the true one, one alone, one twice.
        whole = library.entries()
        old = [f"{tmp_path}/linked/a.txt", f"{tmp_path}/linked/b.txt", f"{docs}/../docs/b.txt"]
        for path, text in zip(old, (whole[0], whole[1], whole[1]), strict=True):
            document = replace(library.document(text.id), id=document_id(Path(path)), path=path)
            library.add(prepare_document(document, embedder))
        library.remove(whole[1].id)
        count = Counted(embedder)
        report = index([str(docs)], library, count)
        assert (report.new, report.unchanged, sorted(report.doubled)) == (
            ["c.txt"],
            ["a.txt", "b.txt"],
            ["a.txt", "b.txt"],
        )
        assert [entry.path for entry in library.entries()] == [str(docs / name) for name in ("a.txt", "b.txt", "c.txt")]
        assert count.texts == 1  # the new one's sentence
        assert index([str(tmp_path / "linked")], library, count).unchanged == ["a.txt", "b.txt", "c.txt"]


def test_old_paths_through_links_that_are_gone_are_removed_with_their_folder_s_others(
    tmp_path: Path, embedder: Embedder
) -> None:
    docs = texts(tmp_path / "docs", "a.txt", "b.txt", "c.txt")
    (tmp_path / "linked").symlink_to(docs)
    with library_of(tmp_path, embedder, docs) as library:
        entry = library.entries()[0]
        path = f"{tmp_path}/linked/a.txt"
        library.move(entry.id, document_id(Path(path)), path, "a.txt")
        (docs / "a.txt").unlink()
        assert index([str(docs)], library, embedder).removed == ["a.txt"]


class Counted:
    """An embedder that counts the texts it is given."""

    def __init__(self, embedder: Embedder) -> None:
        self.fingerprint, self.name = embedder.fingerprint, embedder.name
        self.dimension, self.max_tokens = embedder.dimension, embedder.max_tokens
        self._embedder = embedder
        self.texts = 0

    def encode(self, texts: Sequence[str], kind: Kind) -> Vectors:
        self.texts += len(texts)
        return self._embedder.encode(texts, kind)


@pytest.mark.parametrize("named", ["whole", "new folder", "both folders"])
def test_a_renamed_folder_takes_its_documents_along_without_a_second_embedding(
    tmp_path: Path, embedder: Embedder, named: str
) -> None:
    docs = texts(tmp_path / "docs", "old/a.txt", "old/deep/b.txt", "stays.txt")
    with library_of(tmp_path, embedder, docs) as library:
        before = {entry.name: library.document(entry.id).text for entry in library.entries()}
        (docs / "old").rename(docs / "new [2024]")
        new = str(docs / "new [2024]")
        given = {"whole": [str(docs)], "new folder": [new], "both folders": [str(docs / "old"), new]}[named]
        count = Counted(embedder)
        report = index(given, library, count)
        moves = [(docs / "old" / name, docs / "new [2024]" / name) for name in ("a.txt", "deep/b.txt")]
        assert (report.moved, report.new, report.removed, report.vanished) == (moves, [], [], [])
        assert count.texts == 0
        assert sorted(library.document(entry.id).text for entry in library.entries()) == sorted(before.values())
        assert [entry.path for entry in library.entries() if "new" in entry.path] == [str(now) for _, now in moves]
        assert index([str(docs)], library, count).moved == []


@pytest.mark.parametrize("mounted_at", ["empty", "missing"])
def test_copies_of_files_take_no_document_from_a_drive_that_is_not_mounted(
    tmp_path: Path, embedder: Embedder, mounted_at: str
) -> None:
    usb = texts(tmp_path / "media" / "usb", "a.txt", "deep/b.txt")
    (tmp_path / "media" / "other").mkdir()
    (tmp_path / "media" / "other" / "c.txt").touch()
    with library_of(tmp_path, embedder, usb) as library:
        copies = usb.rename(tmp_path / "copies")
        if mounted_at == "empty":
            usb.mkdir()
        report = index([str(copies)], library, embedder)
        assert (report.moved, report.new) == ([], ["a.txt", "deep/b.txt"])
        assert len(library.entries()) == 4


@pytest.mark.parametrize("named", ["both", "new"])
def test_a_file_that_was_put_into_another_folder_takes_its_document_along(
    tmp_path: Path, embedder: Embedder, named: str
) -> None:
    one, other = texts(tmp_path / "one", "a.txt", "b.txt", "deep/c.txt"), texts(tmp_path / "other", "d.txt")
    with library_of(tmp_path, embedder, one, other) as library:
        (one / "a.txt").rename(other / "a.txt")
        (one / "deep").rename(other / "deep")
        report = index([str(other), *([str(one)] if named == "both" else [])], library, embedder)
        moves = [(one / "a.txt", other / "a.txt"), (one / "deep" / "c.txt", other / "deep" / "c.txt")]
        assert report.moved == moves[: 2 if named == "both" else 1]


@pytest.mark.parametrize("then", ["moved", "removed"])
def test_a_run_whose_documents_another_has_moved_or_removed_meanwhile_goes_on(
    tmp_path: Path, embedder: Embedder, then: str
) -> None:
    docs = texts(tmp_path / "docs", "old/a.txt", "old/b.txt", "stays.txt")
    with library_of(tmp_path, embedder, docs) as library:
        (docs / "old").rename(docs / "new")

        def others(files: Iterable[Source]) -> Iterable[Source]:
            with Library(tmp_path / "library") as other:
                if then == "moved":
                    assert len(index([str(docs)], other, embedder).moved) == 2
                else:
                    for entry in other.entries():
                        other.remove(entry.id)
            return files

        report = index([str(docs)], library, embedder, others)
        now = ["new/a.txt", "new/b.txt", "stays.txt"]
        done = (report.unchanged, report.new) if then == "moved" else (report.new, report.unchanged)
        assert done == (now, []) and (report.moved, report.removed) == ([], [])
        assert names(library) == now


def test_of_two_runs_one_gives_a_document_its_real_path_and_the_other_finds_it_there(
    tmp_path: Path, embedder: Embedder
) -> None:
    docs = texts(tmp_path / "docs", "a.txt")
    (tmp_path / "linked").symlink_to(docs)
    with library_of(tmp_path, embedder, docs) as library:
        path = f"{tmp_path}/linked/a.txt"
        library.move(library.entries()[0].id, document_id(Path(path)), path, "a.txt")

        def others(files: Iterable[Source]) -> Iterable[Source]:
            with Library(tmp_path / "library") as other:
                assert index([str(docs)], other, embedder).unchanged == ["a.txt"]
            return files

        assert index([str(docs)], library, embedder, others).unchanged == ["a.txt"]
        assert [entry.path for entry in library.entries()] == [str(docs / "a.txt")]


def test_of_equal_files_each_document_moves_to_the_one_of_its_name(tmp_path: Path, embedder: Embedder) -> None:
    docs = tmp_path / "docs"
    for name in ("old/a.txt", "old/b.txt"):
        (docs / name).parent.mkdir(parents=True, exist_ok=True)
        (docs / name).write_text("The mill burned down twice.", encoding="utf-8")
    with library_of(tmp_path, embedder, docs) as library:
        (docs / "old").rename(docs / "new")
        report = index([str(docs)], library, embedder)
        assert report.moved == [(docs / "old" / name, docs / "new" / name) for name in ("a.txt", "b.txt")]


def test_a_copy_is_a_document_of_its_own(tmp_path: Path, embedder: Embedder) -> None:
    docs = texts(tmp_path / "docs", "a.txt")
    with library_of(tmp_path, embedder, docs) as library:
        (docs / "b.txt").write_bytes((docs / "a.txt").read_bytes())
        report = index([str(docs)], library, embedder)
        assert (report.new, report.moved) == (["b.txt"], [])


# --- what is no file -----------------------------------------------------------------------


def test_pipes_devices_and_sockets_are_named_and_skipped(tmp_path: Path, embedder: Embedder) -> None:
    docs = texts(tmp_path / "docs", "a.txt")
    os.mkfifo(docs / "pipe.txt")
    os.mkfifo(docs / "pipe")
    (docs / "link.md").symlink_to(docs / "pipe")
    (docs / "zero.txt").symlink_to("/dev/zero")
    with socket(AF_UNIX) as made:
        made.bind(str(docs / "socket"))
    with Library(tmp_path / "library", create=True) as library:
        report = index([str(docs), "/dev/zero", str(docs / "pipe"), str(docs / "p*")], library, embedder)
        assert report.new == ["a.txt"]
        said = {path.name: reason for path, reason in report.unreadable}
        assert said == {
            "pipe": "it is a pipe, not a file",
            "pipe.txt": "it is a pipe, not a file",
            "zero": "it is a device, not a file",
            "socket": "it is a socket, not a file",
        }


def test_a_document_whose_file_became_a_pipe_is_kept_and_not_waited_for(tmp_path: Path, embedder: Embedder) -> None:
    docs = texts(tmp_path / "docs", "a.txt")
    with library_of(tmp_path, embedder, docs) as library:
        (docs / "a.txt").unlink()
        os.mkfifo(docs / "a.txt")
        report = refresh(library, embedder)
        assert [reason for _, reason in report.unreadable] == ["it is a pipe, not a file"]
        assert names(library) == ["a.txt"]


def test_a_text_of_a_million_sentences_is_refused_before_it_is_embedded(tmp_path: Path, embedder: Embedder) -> None:
    (tmp_path / "many.txt").write_text("Ja.\n" * 1_000_000, encoding="utf-8")
    with Library(tmp_path / "library", create=True) as library:
        report = index([str(tmp_path / "many.txt")], library, embedder)
        assert [reason for _, reason in report.unreadable] == ["more than 400,000 sentences; split the file"]
