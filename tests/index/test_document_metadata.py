"""Held: what a library keeps of a document beside its text: tags, what was left out, size and time, copies."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from library_fixtures import add_file, assert_whole, text_file

from rag.documents.document import read
from rag.documents.readers import Omission
from rag.errors import UsageError
from rag.index.library import Library
from rag.index.preparation import prepare_document
from rag.index.update import rebuild
from rag.models.embedder import Embedder


def test_tags_that_a_person_gives_stay_where_a_document_changes_or_moves(tmp_path: Path, embedder: Embedder) -> None:
    file = text_file(tmp_path / "mill.txt", "The old mill stood by the river.")
    with Library(tmp_path / "library", create=True) as library:
        identity = add_file(library, file, embedder)
        assert library.tag([identity, "nobody"], ["Work", "häuser", "work"]) == 1
        assert library.entries()[0].tags == ("häuser", "Work")
        stamp = library.stamp
        assert library.tag([identity], ["WORK"], ["play"]) == 0 and library.stamp == stamp
        add_file(library, text_file(file, "The old mill burned down."), embedder)
        library.move(identity, "other", "/elsewhere/mill.txt", "mill.txt")
        rebuild(library, embedder, lambda _: None)
        assert library.entries()[0].tags == ("häuser", "Work")
        assert library.tag(["other"], ["new"], ["HÄUSER"]) == 1
        assert library.entries()[0].tags == ("new", "Work") and library.stamp != stamp
        assert_whole(library)
        library.remove("other")
        assert library._db.execute("SELECT * FROM tags").fetchall() == []


def test_tags_that_the_file_gives_are_renewed_with_it_and_are_kept_apart_from_the_persons(
    tmp_path: Path, embedder: Embedder
) -> None:
    def of(*tags: str) -> str:
        return f"---\ntags: [{', '.join(tags)}]\n---\nThe mill burned down."

    file = tmp_path / "mill.md"
    with Library(tmp_path / "library", create=True) as library:
        identity = add_file(library, text_file(file, of("essay", "work")), embedder)
        library.tag([identity], ["Work", "home"])
        (entry,) = library.entries()
        assert entry.tags == ("essay", "home", "work") and entry.file_tags == ("essay", "work")
        assert library.document(identity).tags == ("essay", "work")
        add_file(library, text_file(file, of("draft")), embedder)
        (entry,) = library.entries()
        assert entry.tags == ("draft", "home", "Work") and entry.file_tags == ("draft",)
        library.tag([identity], (), ["draft", "home"])
        assert library.entries()[0].tags == ("draft", "Work")  # the file still says the one
        assert_whole(library)


def test_a_document_has_so_many_tags_and_no_more(tmp_path: Path, embedder: Embedder) -> None:
    with Library(tmp_path / "library", create=True) as library:
        first = add_file(library, text_file(tmp_path / "a.txt", "The mill."), embedder)
        second = add_file(library, text_file(tmp_path / "b.txt", "The brook."), embedder)
        library.tag([first], [f"t{n}" for n in range(50)])
        with pytest.raises(UsageError, match="51 tags; 50 are the most"):
            library.tag([second, first], ["one more"])
        assert [len(entry.tags) for entry in library.entries()] == [50, 0]


def test_what_a_reader_left_out_and_doubted_is_kept_with_the_size_and_time_of_the_file(
    tmp_path: Path, embedder: Embedder
) -> None:
    omissions = (Omission("images", 3), Omission("pages without text", 6, 10, "read them with --ocr"))
    more = {"omissions": omissions, "encoding": "cp1252", "doubts": "it may be iso-8859-2", "size": 7, "modified": 8}
    more |= {"tags": ("work",)}
    document = replace(read(text_file(tmp_path / "mill.txt", "The mill burned down.")), **more)
    with Library(tmp_path / "library", create=True) as library:
        library.add(prepare_document(document, embedder))
        rebuild(library, embedder, lambda _: None)
        (entry,) = library.entries()
        for kept in (entry, library.document(document.id)):
            assert {name: getattr(kept, name) for name in more} == more
        assert_whole(library)


@pytest.mark.parametrize(
    "copy",
    [
        "Das  Haus\r\nist  gro\u00df. Ü",
        "\ufeffDas Haus\nist gro\u00df. U\u0308\n\n",
        "date: 2024-10\nDas Haus ist gro\u00df. Ü",
    ],
)
def test_copies_of_a_text_are_known_by_their_content(tmp_path: Path, copy: str, embedder: Embedder) -> None:
    with Library(tmp_path / "library", create=True) as library:
        add_file(library, text_file(tmp_path / "a.txt", "Das Haus ist groß. Ü"), embedder)
        (tmp_path / "b.txt").write_bytes(copy.encode())
        add_file(library, tmp_path / "b.txt", embedder)
        add_file(library, text_file(tmp_path / "c.txt", "Das Haus ist gross. Ü"), embedder)
        one, other, third = (entry.content for entry in library.entries())
        assert one == other != third
