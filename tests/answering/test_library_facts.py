"""Held: what a library knows of its documents is told, and what a question names is told by their names."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from library_fixtures import fill

from rag.answering.library_facts import library_facts, standing_verbatim
from rag.answering.overview import Overview
from rag.errors import LibraryUnusable
from rag.index.library import Library
from rag.models.embedder import Embedder

_STATUTES = "---\ndate: {}-02-03\n---\n# Satzung des Chores\n\nDer Beitrag liegt bei {} Euro. Proben sind montags."
_TEXTS = {
    "harbour-survey.md": "---\ndate: 2021-05-01\n---\n# Survey of the harbour\n\nThe harbour is deep. It silts up.",
    "hütte.txt": "Hüttenordnung der Bergfreunde\n\nDie Hütte wird um zehn Uhr geschlossen. Hunde bleiben draußen.",
    "satzung-2019.md": _STATUTES.format(2019, "neun"),
    "satzung-2023.md": _STATUTES.format(2023, "elf"),
    "the mayor.txt": "The new bridge over the Vell at Ardnish\n\nThe mayor says that the bridge is safe.",
}


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[Library]:
    folder = tmp_path_factory.mktemp("facts")
    with Library(folder / "library", create=True) as library:
        fill(library, folder, _TEXTS, embedder)
        yield library


def asked(question: str, library: Library) -> Overview | None:
    german = any(word in question for word in ("Welche", "Was", "Fass", "Worum", "Verg", "Über", "Öffne", "Zeig"))
    return library_facts(question, "de" if german else "en", library)


def begun(question: str, library: Library) -> set[str]:
    found = asked(question, library)
    return {quote.document.name for quote in found.quotes} if found else set()


@pytest.mark.parametrize(
    ("question", "says", "names"),
    [
        ("Which documents are in English?", "2 of 5 documents are in English:", 2),
        ("Which files are in German?", "3 of 5 documents are in German:", 3),
        ("Welche Texte sind auf Deutsch?", "3 von 5 Dokumenten sind auf Deutsch:", 3),
        ("Zeig mir alle englischen Dokumente", "2 von 5 Dokumenten sind auf Englisch:", 2),
        ("Are there any documents in French?", "None of the 5 documents is in French.", 0),
        (
            "What is the newest file?",
            "The newest of the documents that have a date is “Satzung des Chores”, of 2023",
            1,
        ),
        ("Was ist das älteste Dokument?", "Das älteste der Dokumente mit Datum ist „Satzung des Chores“, vom 2019", 1),
    ],
)
def test_what_a_library_knows_of_its_documents_is_told(library: Library, question: str, says: str, names: int) -> None:
    found = asked(question, library)
    assert found is not None and found.statements[0].text.startswith(says)
    assert len({quote.document.name for quote in found.quotes}) == names


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("What does the harbour survey say?", "harbour-survey.md"),
        ("Tell me about the survey of the harbour", "harbour-survey.md"),
        ("Summarise harbour-survey.md", "harbour-survey.md"),
        ("What is in the harbour survey?", "harbour-survey.md"),
        ("Worum geht es in der Hüttenordnung?", "hütte.txt"),
        ("Zeig mir die Hüttenordnung", "hütte.txt"),
        ("Fasse die Hüttenordnung der Bergfreunde zusammen.", "hütte.txt"),
        ("Was steht in der Satzung?", "satzung-2023.md"),  # the newest of its versions
        ("Was steht in der Satzung von 2019?", "satzung-2019.md"),
    ],
)
def test_a_document_that_is_named_begins(library: Library, question: str, name: str) -> None:
    assert begun(question, library) == {name}


@pytest.mark.parametrize(
    "question",
    [
        "What does the mayor say?",  # a person, after whom a document is called
        "Tell me about the bridge",  # one word of a long name
        "What is in the water of the harbour?",
        "What does the survey of the valley say?",
        "What does the harbour survey say about silt?",
        "Worum geht es in dem Streit?",
        "Was steht in der Satzung über den Beitrag?",
        "Which documents mention German?",
        "What is the newest bridge?",
        "Which document is the newest that mentions dogs?",
        "Compare the depth of the harbour with that of the lake",
        "Öffne das Fenster",
    ],
)
def test_a_question_that_names_no_document_is_left_to_others(library: Library, question: str) -> None:
    assert asked(question, library) is None


@pytest.mark.parametrize(
    "question",
    [
        "Translate the harbour survey into German",
        "Compare the harbour survey and the Hüttenordnung",
        "Translate this document",
        "Vergleiche die Satzung mit der Hüttenordnung",
        "Übersetze die Satzung ins Englische",
    ],
)
def test_what_beleg_cannot_do_with_a_document_it_says(library: Library, question: str) -> None:
    found = asked(question, library)
    assert found is not None and (found.status, found.quotes) == ("not_found", ())


def test_of_the_documents_that_are_asked_only(library: Library) -> None:
    ids = {entry.name: entry.id for entry in library.entries()}
    found = library_facts("What is the newest document?", "en", library, [ids["satzung-2019.md"]])
    assert found is not None and {quote.document.name for quote in found.quotes} == {"satzung-2019.md"}
    with pytest.raises(LibraryUnusable, match="left the library"):
        library_facts("What is the newest document?", "en", library, ["gone"])


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("Vell", {"the mayor.txt"}),
        ("bergfreunde", {"hütte.txt"}),
        ("elf Euro", {"satzung-2023.md"}),
        ("Euro elf", set()),  # not as it stands
        ("Quayside", set()),
        ("Vell?", set()),
        ("the bridge", set()),  # of a question's words
        ("42", set()),
    ],
)
def test_a_name_typed_alone_is_found_where_it_stands(library: Library, typed: str, names: set[str]) -> None:
    found = standing_verbatim(typed, "de", library)
    assert ({quote.document.name for quote in found.quotes} if found else set()) == names
    if found:
        assert all(quote.text == quote.document.text[quote.start : quote.end] for quote in found.quotes)
        assert typed.casefold() in found.quotes[0].text.casefold()
