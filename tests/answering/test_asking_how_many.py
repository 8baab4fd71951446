"""Held: a number that a sentence states is quoted; where none does, it is said that Beleg counts nothing itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from library_fixtures import fill
from seed_questions import answered

from rag.answering.assistant import Assistant
from rag.index.library import Library
from rag.models.embedder import Embedder
from rag.settings import Settings

_COUNTS_NOTHING = {
    "en": "I found no sentence that answers this. Beleg quotes what is written; it counts nothing itself.",
    "de": "Ich habe keinen Satz gefunden, der das beantwortet. Beleg zitiert, was dasteht; selbst zählt es nichts.",
}
_TEXTS = {
    "boats.csv": "Boat,Berth,Colour\nSkylark,12,green\nHeron,14,green\nWaxwing,31,white\n",
    "harbour.txt": "The harbour at Ness\n\nForty boats lie in the harbour of Ness. Its light was lit in 1871.\n",
}


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder, cache: Path) -> Iterator[Assistant]:
    folder = tmp_path_factory.mktemp("boats")
    settings = Settings(library=folder / "library", cache=cache, threads=2)
    with Library(settings.library, create=True) as library:
        fill(library, folder, _TEXTS, embedder)
        with Assistant(settings, library) as assistant:
            yield assistant


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("How many captains have a licence?", "en"),
        ("how many invoices have been paid", "en"),
        ("Wie viele Kapitäne haben einen Schein?", "de"),
        ("Wie viele Rechnungen sind bezahlt?", "de"),
    ],
)
def test_whoever_asks_for_a_count_that_nothing_states_is_told_that_nothing_is_counted(
    assistant: Assistant, question: str, language: str
) -> None:
    answer = answered(assistant.ask(question))
    assert (answer.status, answer.text) == ("not_found", _COUNTS_NOTHING[language])


def test_a_count_that_a_sentence_states_is_quoted(assistant: Assistant) -> None:
    answer = answered(assistant.ask("How many boats lie in the harbour?"))
    assert answer.citations[0].quote.text == "Forty boats lie in the harbour of Ness."


@pytest.mark.parametrize("question", ["Who owns the brewery?", "How much does the licence cost?"])
def test_nothing_is_said_of_counting_where_no_count_is_asked_for(assistant: Assistant, question: str) -> None:
    answer = answered(assistant.ask(question))
    assert answer.text == "I found no sentence that answers this."
