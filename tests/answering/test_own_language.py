"""Held: of a sentence and its translation the one in the question's language answers, and no other sentence does."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from choosing import chosen
from library_fixtures import fill

from rag.answering import sentence_selection
from rag.answering.own_language import prefer_own_language
from rag.answering.query import understood
from rag.index.hybrid_search import retrieve
from rag.index.library import Library
from rag.index.sqlite_store import SqliteStore
from rag.models.embedder import Embedder
from rag.models.reader.reader import Reader

_TEXTS = {
    "aushang.txt": "Die Sauna im Haus Birkenhof ist dienstags für Frauen reserviert. Ein Bademantel kostet vier Euro "
    "Leihgebühr. Das Außenbecken wird auf 31 Grad geheizt. Die Kasse schließt um 20 Uhr.",
    "notice.txt": "The sauna of Birkenhof House is reserved for women on Tuesdays. Renting a bathrobe costs four "
    "euros. The outdoor pool is heated to 31 degrees. Towels must be brought along.",
    "rates.txt": "The ferry to Holm costs nine euros for adults. Dogs travel free on the ferry to Holm.",
    "preise.txt": "Die Fähre nach Holm kostet für Erwachsene sieben Euro. Auf der Fähre nach Holm gibt es Kaffee.",
}


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[Library]:
    folder = tmp_path_factory.mktemp("languages")
    with Library(folder / "library", create=True) as library:
        fill(library, folder, _TEXTS, embedder)
        yield library


@pytest.mark.parametrize(
    ("question", "first"),
    [
        ("Wann ist die Sauna für Frauen reserviert?", "Die Sauna im Haus Birkenhof"),
        ("When is the sauna reserved for women?", "The sauna of Birkenhof House"),
        ("Was kostet ein Bademantel?", "Ein Bademantel kostet"),
        ("How much is a bathrobe?", "Renting a bathrobe costs"),
        ("Auf wie viel Grad ist das Außenbecken geheizt?", "Das Außenbecken"),
        ("How warm is the outdoor pool?", "The outdoor pool"),
        ("Muss man Handtücher mitbringen?", "Towels must be brought along."),
        ("When does the till close?", "Die Kasse schließt"),
    ],
)
def test_the_sentence_in_the_questions_language_leads_where_both_say_it(
    library: Library, embedder: Embedder, reader: Reader, question: str, first: str
) -> None:
    selection = chosen(question, library, embedder, reader, 8)
    assert selection.quotes and selection.quotes[0].text.startswith(first)
    supports = [quote.support for quote in selection.quotes]
    assert supports == sorted(supports, reverse=True)
    assert selection.support == supports[0]


@pytest.mark.parametrize(
    ("question", "best", "second", "leads"),
    [
        ("Wann ist die Sauna für Frauen reserviert?", "The sauna of", "Die Sauna im", "Die Sauna im"),
        ("Was kostet die Fähre nach Holm?", "The ferry to Holm costs nine", "Die Fähre nach", "The ferry to Holm"),
        ("Was kostet ein Bademantel?", "Renting a bathrobe", "Die Kasse schließt", "Renting a bathrobe"),
        ("When is the sauna for women?", "The sauna of", "Die Sauna im", "The sauna of"),
    ],
)
def test_another_figure_or_subject_in_the_questions_language_does_not_lead(
    library: Library, embedder: Embedder, question: str, best: str, second: str, leads: str
) -> None:
    search, passages = retrieve(question, library, SqliteStore.of(library), embedder, 8)
    weighed = sentence_selection.weigh(understood(search), passages, library)
    worth = {best: 0.9, second: 0.8}
    supports = np.array([next((v for k, v in worth.items() if row.text.startswith(k)), 0.1) for row in weighed.pool])
    found = prefer_own_language(weighed.query, weighed.pool, supports)
    assert weighed.pool[int(found.argmax())].text.startswith(leads)
    assert found.max() == 0.9
