"""Held: salutations and what signs off answer nothing; a date line or an address only what names its letter."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from library_fixtures import fill

from rag.answering.candidate_sentences import candidates
from rag.answering.query import understood
from rag.index.hybrid_search import retrieve
from rag.index.library import Library
from rag.index.sqlite_store import SqliteStore
from rag.models.embedder import Embedder

_TEXTS = {
    "boiler-letter.txt": """Harker Heating

7 Quay Lane, Ardnish

3 May 2023

Dear Mrs Lowe,

On Thursday the boiler in your kitchen will be looked at. Please leave the key with Ms Pell next door.

Yours faithfully,

Jon Harker""",
    "Kündigung.txt": """Ute Thoms
Hafenweg 3, 23552 Sanddeich

Sanddeich, 04.06.2022

Sehr geehrte Damen und Herren,

hiermit kündige ich die Garage zum Ende des Jahres. Den Schlüssel bringe ich vorbei.

Mit freundlichen Grüßen
Ute Thoms""",
    "ferry.md": "# The ferry to Ardnish\n\nThe ferry leaves at nine. Its master is Ada Crome.",
}
_FRAMES = {"Dear Mrs Lowe,", "Yours faithfully,", "Sehr geehrte Damen und Herren,", "Mit freundlichen Grüßen"}
_LINES = {"7 Quay Lane, Ardnish", "3 May 2023", "Hafenweg 3, 23552 Sanddeich", "Sanddeich, 04.06.2022"}


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[Library]:
    folder = tmp_path_factory.mktemp("letters")
    with Library(folder / "library", create=True) as library:
        fill(library, folder, _TEXTS, embedder)
        yield library


def texts(question: str, library: Library, embedder: Embedder, name: str = "") -> set[str]:
    only = [entry.id for entry in library.entries() if entry.name == name]
    search, passages = retrieve(question, library, SqliteStore.of(library), embedder, 8, only)
    return {each.text for each in candidates(understood(search), passages)}


@pytest.mark.parametrize(
    ("question", "lines"),
    [
        ("Who is the mayor?", set()),
        ("When is my birthday?", set()),
        ("Wann habe ich Geburtstag?", set()),
        ("Wer ist der Bürgermeister?", set()),
        ("When was the boiler letter written?", {"7 Quay Lane, Ardnish", "3 May 2023"}),
        ("Von wann ist die Kündigung?", {"Hafenweg 3, 23552 Sanddeich", "Sanddeich, 04.06.2022"}),
        ("Who lives in Quay Lane?", {"7 Quay Lane, Ardnish"}),
        ("When was the termination written?", {"Hafenweg 3, 23552 Sanddeich", "Sanddeich, 04.06.2022"}),
    ],
)
def test_only_a_question_that_names_a_letter_is_answered_with_its_lines(
    library: Library, embedder: Embedder, question: str, lines: set[str]
) -> None:
    found = texts(question, library, embedder)
    assert found & _FRAMES == set()
    assert found & _LINES == lines
    assert {"The ferry leaves at nine.", "Den Schlüssel bringe ich vorbei."} <= found  # what is no line of a letter


def test_who_signs_is_an_answer(library: Library, embedder: Embedder) -> None:
    assert "Jon Harker" in texts("Who signed it?", library, embedder)


def test_where_one_document_is_asked_it_need_not_be_named(library: Library, embedder: Embedder) -> None:
    found = texts("When was it written?", library, embedder, "boiler-letter.txt")
    assert {"7 Quay Lane, Ardnish", "3 May 2023"} <= found and not found & _FRAMES
