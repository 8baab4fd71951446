"""Held: every document that mentions a thing is found, in either language, copies once, with the sentence that does."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from library_fixtures import fill

from rag.documents.document import Document
from rag.index import mentions
from rag.index.library import Library
from rag.index.mentions import Mentions, mentioning
from rag.models.embedder import Embedder
from rag.system.cancellation import CancelToken, Stopped

_TEXTS = {
    "ferry.txt": "The ferry to Ardnish\n\nThe ferry leaves at nine. Its master is Ada Crome. Dogs travel free.",
    "copy of ferry.txt": "The ferry to Ardnish\n\nThe ferry leaves at nine. Its master is Ada Crome. Dogs travel free.",
    "faehre.txt": "Die Überfahrt nach Sanddeich\n\nDie Fähre legt um neun Uhr ab. Hunde fahren umsonst mit.",
    "wind.txt": "Windkraft in Lauenfeld\n\nDie Windkraftanlage steht auf dem Hügel. Sie ist 90 Meter hoch.",
    "bees.md": "# Bees of the Vell valley\n\nThe keeper owns forty hives. Their honey is sold in June. Ada sells it.",
}


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[Library]:
    folder = tmp_path_factory.mktemp("mentions")
    with Library(folder / "library", create=True) as library:
        fill(library, folder, _TEXTS, embedder)
        yield library


def names(found: Mentions) -> list[str]:
    assert [row.document.id for row in found.shown] == [*found.ids]
    return sorted(row.document.name for row in found.shown)


@pytest.mark.parametrize(
    ("thing", "language", "documents"),
    [
        ("the ferries", "en", ["faehre.txt", "ferry.txt"]),
        ("die Fähre", "de", ["faehre.txt", "ferry.txt"]),
        ("Hund", "de", ["faehre.txt", "ferry.txt"]),
        ("Windkraft", "de", ["wind.txt"]),
        ("Ada Crome", "en", ["ferry.txt"]),
        ("Ada", "en", ["bees.md", "ferry.txt"]),
        ("bees", "en", ["bees.md"]),
        ("honey of bees", "en", ["bees.md"]),
        ("elephants", "en", []),
        ("Ada Quill", "en", []),
        ('"; DROP', "en", []),
    ],
)
def test_a_thing_is_found_by_its_words_in_either_language(
    library: Library, thing: str, language: str, documents: list[str]
) -> None:
    assert names(mentioning(thing, language, library)) == documents


def test_the_sentence_and_the_words_in_it_are_shown(library: Library) -> None:
    row = next(row for row in mentioning("ferry", "en", library).shown if row.document.language == "de")
    text, mention = row.document.text, row.mentions[0]
    assert text[mention.start : mention.end] == "Die Fähre legt um neun Uhr ab."
    assert [text[slice(*mark)] for mark in mention.marks] == ["Fähre"]


def test_a_sentence_that_holds_all_words_comes_before_one_that_the_title_completes(library: Library) -> None:
    row = mentioning("ferry leaves", "en", library).shown[0]
    assert row.document.text[row.mentions[0].start : row.mentions[0].end] == "The ferry leaves at nine."


def test_copies_are_one_document_that_names_the_others(library: Library) -> None:
    row = mentioning("Crome", "en", library).shown[0]
    assert (row.document.name, row.also_in) == ("ferry.txt", ("copy of ferry.txt",))


def test_only_the_documents_that_are_asked_are_looked_through(library: Library) -> None:
    german = [entry.id for entry in library.entries() if entry.name == "faehre.txt"]
    assert names(mentioning("ferry", "en", library, german)) == ["faehre.txt"]


def test_of_those_that_are_not_shown_no_text_is_kept_but_they_count(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mentions, "MOST_SHOWN", 1)
    found = mentioning("ferry", "en", library)
    assert (len(found), len(found.shown)) == (2, 1)
    assert found.titled == {entry.id for entry in library.entries() if entry.name == "ferry.txt"}


def test_a_stop_ends_the_search_at_the_next_document(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    cancel, read = CancelToken(), library.document
    looked_at: list[str] = []

    def stopping(identity: str) -> Document:
        looked_at.append(identity)
        cancel.cancel()
        return read(identity)

    monkeypatch.setattr(library, "document", stopping)
    with pytest.raises(Stopped):
        mentioning("ferry", "en", library, cancel=cancel)
    assert len(looked_at) == 1
