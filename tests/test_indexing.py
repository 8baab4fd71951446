"""From paths to a library: what is found, counted, skipped, removed, and named as unreadable."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from rag.cancellation import CancelToken, Stopped
from rag.embedder import Embedder, Kind, Vectors
from rag.errors import UsageError
from rag.indexing import Stoppable, check, index, matching, refresh, sources
from rag.library import Library


@pytest.fixture
def articles(tmp_path: Path) -> Path:
    folder = tmp_path / "articles"
    (folder / "deep").mkdir(parents=True)
    (folder / "a.txt").write_text("The mill burned down in 1907.", encoding="utf-8")
    (folder / "deep" / "b.md").write_text("# Bridge\n\nThe bridge was repaired.", encoding="utf-8")
    (folder / ".hidden.txt").write_text("Nobody should read this.", encoding="utf-8")
    (folder / "picture.png").write_bytes(b"\x89PNG")
    return folder


def test_folders_are_walked_for_known_endings_and_names_are_relative(articles: Path) -> None:
    assert [source.name for source in sources([str(articles)])] == ["a.txt", "deep/b.md"]


def test_files_globs_and_folders_give_each_file_once(articles: Path) -> None:
    given = [str(articles / "a.txt"), str(articles / "*.txt"), str(articles / "**" / "*.md"), str(articles)]
    assert [source.name for source in sources(given)] == ["a.txt", "deep/b.md"]


def test_a_glob_names_files_relative_to_the_folder_before_its_first_wildcard(articles: Path) -> None:
    assert [source.name for source in sources([str(articles / "*" / "b.md")])] == ["deep/b.md"]


@pytest.mark.parametrize("given", ["no-such-file.txt", "no-such-folder/", "nothing-*.txt"])
def test_a_path_that_stands_for_nothing_is_a_usage_error(tmp_path: Path, given: str) -> None:
    with pytest.raises(UsageError, match=r"no-such|nothing-"):
        sources([str(tmp_path / given)])


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


@pytest.mark.parametrize("given", ["~nobody-of-that-name/x", "nothing-there.txt", "nothing-*.txt"])
def test_a_path_can_be_checked_before_anything_is_walked(given: str) -> None:
    with pytest.raises(UsageError):
        check(given)
