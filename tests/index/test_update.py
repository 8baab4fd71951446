"""From paths to a library: what is found, counted, skipped, removed, and named as unreadable."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from update_fixtures import library_of, names, texts

from rag.index.library import Library
from rag.index.report import Loss
from rag.index.stoppable_embedder import Stoppable
from rag.index.update import index, matching, refresh
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


# --- what is excluded ---------------------------------------------------------------------------


def test_documents_that_are_excluded_later_are_removed_and_come_back(
    articles: Path, tmp_path: Path, embedder: Embedder
) -> None:
    (articles / "c.txt").write_text("The third one.", encoding="utf-8")
    with Library(tmp_path / "library", create=True) as library:
        index([str(articles)], library, embedder)
        (articles / ".belegignore").write_text("deep/\n", encoding="utf-8")
        report = index([str(articles)], library, embedder, keep_vanished=True)
        assert (report.excluded, report.removed, report.unchanged) == (["deep/b.md"], [], ["a.txt", "c.txt"])
        assert report.patterned == 1
        assert index([str(articles)], library, embedder, exclude=["/a.txt"]).excluded == ["a.txt"]
        (articles / ".belegignore").unlink()
        assert index([str(articles)], library, embedder).new == ["a.txt", "deep/b.md"]


def test_a_file_that_is_named_itself_is_indexed_and_stays_until_its_folder_is_indexed(
    articles: Path, tmp_path: Path, embedder: Embedder
) -> None:
    (articles / ".belegignore").write_text("a.txt\n", encoding="utf-8")
    with Library(tmp_path / "library", create=True) as library:
        index([str(articles / "a.txt"), str(articles / "deep")], library, embedder)
        assert names(library) == ["a.txt", "b.md"]
        assert index([str(articles / "a.txt"), str(articles)], library, embedder).excluded == []
        assert index([str(articles)], library, embedder).excluded == ["a.txt"]


def test_more_than_half_is_not_removed_by_patterns_unasked(articles: Path, tmp_path: Path, embedder: Embedder) -> None:
    for name in ("c.txt", "d.txt"):
        (articles / name).write_text(f"The file {name}.", encoding="utf-8")
    with Library(tmp_path / "library", create=True) as library:
        index([str(articles)], library, embedder)
        report = index([str(articles)], library, embedder, exclude=["*.txt"])
        assert (report.excluded, report.spared) == ([], [Loss(articles, 3, 4, empty=False)])
        report = index([str(articles)], library, embedder, exclude=["*"], agreed=lambda _: True)
        assert (report.excluded, report.spared) == ([], [Loss(articles, 4, 4, empty=True)])
        report = index([str(articles)], library, embedder, exclude=["*.txt"], agreed=lambda _: True)
        assert report.excluded == ["a.txt", "c.txt", "d.txt"]
