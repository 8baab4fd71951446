"""From paths to a library: what is found, counted, skipped, removed, and named as unreadable."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from socket import AF_UNIX, socket
from tempfile import TemporaryDirectory

import numpy as np
import pytest

from rag.documents.chunking import split
from rag.documents.discovery import Source
from rag.documents.document import document_id
from rag.index.library import Library
from rag.index.update import Loss, Stoppable, index, matching, refresh
from rag.models.embedder import Embedder, Kind, Vectors
from rag.system.cancellation import CancelToken, Stopped


@pytest.fixture
def articles(tmp_path: Path) -> Path:
    folder = tmp_path / "articles"
    (folder / "deep").mkdir(parents=True)
    (folder / "a.txt").write_text("The mill burned down in 1907.", encoding="utf-8")
    (folder / "deep" / "b.md").write_text("# Bridge\n\nThe bridge was repaired.", encoding="utf-8")
    (folder / ".hidden.txt").write_text("Nobody should read this.", encoding="utf-8")
    (folder / "picture.png").write_bytes(b"\x89PNG")
    return folder


def test_each_file_is_counted_for_what_became_of_it(articles: Path, tmp_path: Path, embedder: Embedder) -> None:
    (articles / "c.txt").write_text("The third one stays as it is.", encoding="utf-8")
    (articles / "broken.pdf").write_bytes(b"%PDF-1.4 and then nothing")
    with Library(tmp_path / "library", create=True) as library:
        first = index([str(articles)], library, embedder)
        assert (first.new, first.changed, first.unchanged) == (["a.txt", "c.txt", "deep/b.md"], [], [])
        assert [(path.name, bool(reason)) for path, reason in first.unreadable] == [("broken.pdf", True)]
        (articles / "a.txt").write_text("The mill burned down in 1908.", encoding="utf-8")
        (articles / "deep" / "b.md").unlink()
        second = index([str(articles)], library, embedder)
        assert (second.new, second.changed, second.unchanged) == ([], ["a.txt"], ["c.txt"])
        assert second.removed == ["deep/b.md"]
        assert [entry.name for entry in library.entries()] == ["a.txt", "c.txt"]


def test_a_file_that_became_unreadable_keeps_its_place_in_the_library(
    articles: Path, tmp_path: Path, embedder: Embedder
) -> None:
    with Library(tmp_path / "library", create=True) as library:
        index([str(articles)], library, embedder)
        (articles / "a.txt").write_bytes(b"\xff\xfe\x00")
        report = index([str(articles)], library, embedder)
        assert [path.name for path, _ in report.unreadable] == ["a.txt"]
        assert "a.txt" in {entry.name for entry in library.entries()}


def test_vanished_files_can_be_kept(articles: Path, tmp_path: Path, embedder: Embedder) -> None:
    with Library(tmp_path / "library", create=True) as library:
        index([str(articles)], library, embedder)
        (articles / "a.txt").unlink()
        report = index([str(articles)], library, embedder, keep_vanished=True)
        assert (report.removed, report.vanished) == ([], ["a.txt"])
        assert library.count()[0] == 2


def test_a_folder_that_is_suddenly_empty_takes_nothing_with_it(
    articles: Path, tmp_path: Path, embedder: Embedder
) -> None:
    with Library(tmp_path / "library", create=True) as library:
        index([str(articles)], library, embedder)
        (articles / "a.txt").unlink()
        (articles / "deep" / "b.md").unlink()
        report = index([str(articles)], library, embedder)
        assert (report.removed, report.vanished) == ([], ["a.txt", "deep/b.md"])
        assert library.count()[0] == 2


def test_indexing_one_folder_leaves_documents_of_others_alone(
    articles: Path, tmp_path: Path, embedder: Embedder
) -> None:
    other = tmp_path / "other.txt"
    other.write_text("Another place, another text.", encoding="utf-8")
    with Library(tmp_path / "library", create=True) as library:
        index([str(other)], library, embedder)
        other.unlink()
        assert index([str(articles)], library, embedder).removed == []
        assert "other.txt" in {entry.name for entry in library.entries()}


def test_documents_are_meant_by_file_folder_or_name(articles: Path, tmp_path: Path, embedder: Embedder) -> None:
    with Library(tmp_path / "library", create=True) as library:
        index([str(articles)], library, embedder)
        entries = library.entries()
    assert [entry.name for entry in matching(entries, str(articles / "a.txt"))] == ["a.txt"]
    assert [entry.name for entry in matching(entries, str(articles))] == ["a.txt", "deep/b.md"]
    assert [entry.name for entry in matching(entries, "deep/b.md")] == ["deep/b.md"]
    assert matching(entries, "nothing") == []


# --- bringing up to date, and stopping --------------------------------------------------------


def test_what_has_changed_is_indexed_anew_under_its_name_and_what_is_gone_is_named_and_kept(
    articles: Path, tmp_path: Path, embedder: Embedder
) -> None:
    with Library(tmp_path / "library", create=True) as library:
        index([str(articles)], library, embedder)
        (articles / "deep" / "b.md").write_text("# Bridge\n\nThe bridge fell down.", encoding="utf-8")
        (articles / "a.txt").unlink()
        (articles / "new.txt").write_text("A new text is no part of this.", encoding="utf-8")
        report = refresh(library, embedder)
        assert (report.changed, report.vanished, report.new) == (["deep/b.md"], ["a.txt"], [])
        assert [entry.name for entry in library.entries()] == ["a.txt", "deep/b.md"]


def test_a_long_document_is_stopped_between_batches_and_leaves_nothing(
    tmp_path: Path, embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = " ".join(f"The mill number {number} burned down in 1907." for number in range(700))
    (tmp_path / "long.txt").write_text(text, encoding="utf-8")
    cancel, encode, sizes = CancelToken(), embedder.encode, []

    def counting(texts: Sequence[str], kind: Kind) -> Vectors:
        sizes.append(len(texts))
        if len(sizes) == 2:
            cancel.cancel()
        return encode(texts, kind)

    monkeypatch.setattr(embedder, "encode", counting)
    with Library(tmp_path / "library", create=True) as library:
        with pytest.raises(Stopped):
            index([str(tmp_path / "long.txt")], library, Stoppable(embedder, cancel))
        assert len(sizes) == 2 and sum(sizes) < 700
        assert library.entries() == []


def test_an_embedder_that_may_be_stopped_gives_the_same_vectors(embedder: Embedder) -> None:
    texts = [f"The mill number {number} burned down." for number in range(300)]
    stoppable = Stoppable(embedder, CancelToken())
    assert np.allclose(stoppable.encode(texts, "document"), embedder.encode(texts, "document"), atol=1e-5)
    assert stoppable.encode([], "document").shape == (0, embedder.dimension)
    assert stoppable.fingerprint == embedder.fingerprint


# --- what is gone ------------------------------------------------------------------------------


def library_of(folder: Path, embedder: Embedder, *paths: Path) -> Library:
    library = Library(folder / "library", create=True)
    index([str(path) for path in paths], library, embedder)
    return library


def texts(folder: Path, *names: str) -> Path:
    """Fill a folder with short texts, all different."""
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(f"In {folder.name} the mill {name} burned down.", encoding="utf-8")
    return folder


def names(library: Library) -> list[str]:
    return [entry.name for entry in library.entries()]


@pytest.mark.parametrize("mount_point", [True, False], ids=["empty", "missing"])
def test_a_drive_that_is_not_mounted_keeps_its_documents_whatever_else_is_indexed(
    tmp_path: Path, embedder: Embedder, mount_point: bool
) -> None:
    usb = texts(tmp_path / "usb", "a.txt", "b.txt")
    note = texts(tmp_path, "note.txt") / "note.txt"
    with library_of(tmp_path, embedder, usb) as library:
        usb.rename(tmp_path / "drawer")
        if mount_point:
            usb.mkdir()
        report = index([str(usb), str(note)], library, embedder, agreed=lambda _: True)
        assert (report.new, report.removed) == (["note.txt"], [])
        assert names(library) == ["a.txt", "b.txt", "note.txt"]
        if mount_point:
            assert report.spared == [Loss(usb, 2, 2, empty=True)] and report.vanished == ["a.txt", "b.txt"]
        else:
            assert report.unreadable[0][0] == usb and "its 2 documents stay" in report.unreadable[0][1]


def test_a_pattern_that_matches_nothing_any_more_does_not_stop_the_rest(tmp_path: Path, embedder: Embedder) -> None:
    usb = texts(tmp_path / "usb", "a.txt")
    note = texts(tmp_path, "note.txt") / "note.txt"
    with library_of(tmp_path, embedder, usb) as library:
        usb.rename(tmp_path / "drawer")
        report = index([str(usb / "*.txt"), str(note)], library, embedder)
        assert report.new == ["note.txt"] and "its document stays" in report.unreadable[0][1]


def test_a_mount_point_that_is_named_beside_the_folder_above_it_keeps_its_documents(
    tmp_path: Path, embedder: Embedder
) -> None:
    docs = texts(tmp_path / "docs", "a.txt", "b.txt", "c.txt", "usb/d.txt")
    with library_of(tmp_path, embedder, docs) as library:
        (docs / "usb" / "d.txt").unlink()
        assert index([str(docs), str(docs / "usb")], library, embedder).removed == []
        assert index([str(docs)], library, embedder).removed == ["usb/d.txt"]


def test_more_than_half_of_a_folder_goes_only_where_that_is_agreed_to(tmp_path: Path, embedder: Embedder) -> None:
    one, other = texts(tmp_path / "one", "a.txt", "b.txt", "c.txt"), texts(tmp_path / "other", "d.txt", "e.txt")
    asked: list[Loss] = []

    def agreed(loss: Loss) -> bool:
        asked.append(loss)
        return loss.folder == one

    with library_of(tmp_path, embedder, one, other) as library:
        for path in (one / "a.txt", one / "b.txt", other / "d.txt"):
            path.unlink()
        first = index([str(one), str(other)], library, embedder)
        assert (first.removed, first.vanished) == (["d.txt"], ["a.txt", "b.txt"])
        assert first.spared == [Loss(one, 2, 3, empty=False)]
        second = index([str(one), str(other)], library, embedder, agreed=agreed)
        assert (second.removed, second.vanished) == (["a.txt", "b.txt"], [])
        assert asked == first.spared


@contextmanager
def as_somebody_else(folder: Path) -> Iterator[None]:
    """Give a folder to the user nobody, and be nobody: to root, nothing is closed."""
    if os.geteuid() != 0:
        yield
        return
    for path in (folder, *folder.rglob("*")):
        os.chown(path, 65534, 65534)
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.mark.parametrize("mode", [0o000, 0o400, 0o100], ids=["closed", "listed", "entered"])
@pytest.mark.parametrize("top", [False, True], ids=["below", "named"])
def test_a_folder_that_became_unreadable_is_a_message_and_its_documents_stay(
    embedder: Embedder, mode: int, top: bool
) -> None:
    with TemporaryDirectory() as place:  # not below pytest's folders, which are for their owner alone
        folder = Path(place)
        docs = texts(folder / "docs", "a.txt", "b.txt", "closed/c.txt")
        library_of(folder, embedder, docs).close()
        if top:
            (docs / "a.txt").unlink()
        closed = docs if top else docs / "closed"
        with as_somebody_else(folder), Library(folder / "library") as library:
            closed.chmod(mode)
            report = index([str(docs)], library, embedder)
            closed.chmod(0o700)
            assert names(library) == ["a.txt", "b.txt", "closed/c.txt"]
        assert "Permission denied" in report.unreadable[0][1] and report.removed == []
        assert report.unchanged == ([] if top else ["a.txt", "b.txt"])


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
            library.add(document, split(document), embedder)
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
