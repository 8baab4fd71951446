"""Held: of the lines of a form one of the kind that is asked for answers, whatever the others are called."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from choosing import chosen
from library_fixtures import fill

from rag.answering import sentence_selection
from rag.answering.answer_spans import holds
from rag.answering.field_values import doubt_other_kinds
from rag.answering.query import understood
from rag.index.hybrid_search import prepare, retrieve
from rag.index.library import Library
from rag.index.sqlite_store import SqliteStore
from rag.models.embedder import Embedder
from rag.models.reader.reader import Reader

_TEXTS = {
    "lieferschein.txt": """Lieferschein

Lieferscheinnummer: 2023-4410
Lieferdatum: 09.02.2023
Kundennummer: 3317
Fahrer: Ole Tamm
Gewicht: 84 kg
Telefon: 04821 60233""",
    "booking.txt": """Booking of the village hall

Booking number: 2022/7719
Booked on: 3 May 2022
Event: anniversary of the choir
Contact: Edith Maron
Guests: 120
Note: tables are put up when the floor is dry.""",
}


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[Library]:
    folder = tmp_path_factory.mktemp("forms")
    with Library(folder / "library", create=True) as library:
        fill(library, folder, _TEXTS, embedder)
        yield library


@pytest.mark.parametrize(
    ("question", "first"),
    [
        ("Wann wurde die Lieferung des Lieferscheins gebracht?", "Lieferdatum: 09.02.2023"),
        ("Wie lautet die Lieferscheinnummer?", "Lieferscheinnummer: 2023-4410"),
        ("Wie viel wiegt die Lieferung?", "Gewicht: 84 kg"),
        ("Who drove the delivery?", "Fahrer: Ole Tamm"),
        ("When was the hall booked?", "Booked on: 3 May 2022"),
        ("What is the booking number?", "Booking number: 2022/7719"),
        ("How many guests come to the anniversary?", "Guests: 120"),
    ],
)
def test_a_form_answers_with_the_line_whose_value_is_asked_for(
    library: Library, embedder: Embedder, reader: Reader, question: str, first: str
) -> None:
    quotes = chosen(question, library, embedder, reader).quotes
    assert quotes and quotes[0].text == first


@pytest.mark.parametrize(
    ("question", "doubted"),
    [
        (
            "Wann war das?",
            {"Lieferscheinnummer: 2023-4410", "Kundennummer: 3317", "Fahrer: Ole Tamm", "Gewicht: 84 kg"}
            | {"Telefon: 04821 60233", "Booking number: 2022/7719", "Event: anniversary of the choir"}
            | {"Contact: Edith Maron", "Guests: 120"},
        ),
        (
            "How many are there?",
            {"Lieferdatum: 09.02.2023", "Fahrer: Ole Tamm", "Booked on: 3 May 2022"}
            | {"Event: anniversary of the choir", "Contact: Edith Maron"},
        ),
        ("What is it about?", set()),
    ],
)
def test_only_values_of_another_kind_are_doubted_and_no_sentence(
    library: Library, embedder: Embedder, question: str, doubted: set[str]
) -> None:
    search, passages = retrieve(question, library, SqliteStore.of(library), embedder, 5)
    weighed = sentence_selection.weigh(understood(search), passages, library)
    before = np.full(len(weighed.pool), 0.6)
    after = doubt_other_kinds(weighed.query, weighed.pool, before)
    assert {row.text for row, each in zip(weighed.pool, after, strict=True) if each < 0.6} == doubted
    assert ((after > 0.2) & (after <= 0.6)).all()


@pytest.mark.parametrize(
    ("sentence", "a_time"),
    [
        ("Vorgang 2019-0042", False),
        ("Case 2021/558", False),
        ("Teil 1998.417", False),
        ("Saison 2023/24", True),
        ("Stand 2024-05", True),
        ("Stand 2024-05-17", True),
        ("Erbaut 1911.", True),
    ],
)
def test_no_year_stands_in_a_code(library: Library, embedder: Embedder, sentence: str, a_time: bool) -> None:
    query = understood(prepare("Wann war das?", library, embedder))
    assert holds(sentence, query, "de") is a_time
