"""Held: of lines that look alike the one whose heading, row or label is named answers, and the others do not."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from choosing import chosen
from library_fixtures import fill

from rag.answering.candidate_sentences import candidates
from rag.answering.named_siblings import prefer_named
from rag.answering.query import understood
from rag.index.hybrid_search import retrieve
from rag.index.library import Library
from rag.index.sqlite_store import SqliteStore
from rag.models.embedder import Embedder
from rag.models.reader.reader import Reader

_TEXTS = {
    "cable-car.md": """# Cable car to the Hornli

## Monday to Friday

| Station | Up | Down |
|---|---|---|
| Valley | 8.10 | 17.05 |
| Middle | 8.25 | 16.50 |

## Saturday

| Station | Up | Down |
|---|---|---|
| Valley | 7.40 | 18.35 |
| Middle | 7.55 | 18.20 |

## Sunday and holidays

| Station | Up | Down |
|---|---|---|
| Valley | 7.15 | 19.20 |
| Middle | 7.30 | 19.05 |

In a storm the car does not run.
""",
    "kaffeemaschine.md": """# Kaffeemaschine Barista 2

| Meldung | Ursache | Abhilfe |
|---|---|---|
| H3 | Tank leer | Wasser nachfüllen |
| H5 | Satzbehälter voll | Behälter leeren |
| H8 | Mahlwerk blockiert | Bohnen entfernen |
""",
    "shuttle.txt": """Shuttle to the airport

Tuesdays

Old Bridge    6.10    14.20
Town Hall     6.25    14.35

Fridays

Old Bridge    7.40    15.50
Town Hall     7.55    16.05
""",
    "team.txt": """Unser Team

Nadja Orlow: Durchwahl 214
Sven Kühl: Durchwahl 231
Birte Hansen: Durchwahl 207
""",
}


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[Library]:
    folder = tmp_path_factory.mktemp("alike")
    with Library(folder / "library", create=True) as library:
        fill(library, folder, _TEXTS, embedder)
        yield library


def best(question: str, library: Library, embedder: Embedder) -> tuple[set[str], float]:
    """Return which lines lead where all have the same support to begin with, and how much more they have."""
    search, passages = retrieve(question, library, SqliteStore.of(library), embedder, 5)
    query = understood(search)
    pool = candidates(query, passages)
    supports = prefer_named(query, pool, np.full(len(pool), 0.5))
    least = min(supports)
    return {row.text for row, support in zip(pool, supports, strict=True) if support >= 0.5}, 0.5 - float(least)


@pytest.mark.parametrize(
    ("question", "leads", "behind"),
    [
        ("When does the cable car leave the valley on Saturday?", "Valley · Up: 7.40", ["Up: 8.10", "Up: 7.15"]),
        ("Wann fährt die Seilbahn am Sonntag vom Tal ab?", "Valley · Up: 7.15", ["Up: 8.10", "Up: 7.40"]),
        ("When does the car leave the valley on Wednesday?", "Valley · Up: 8.10", ["Up: 7.40", "Up: 7.15"]),
        ("When does the shuttle leave Town Hall on Friday?", "Town Hall 7.55", ["6.25", "Old Bridge"]),
        ("Was bedeutet H5?", "H5", ["H3", "H8"]),
        ("What should I do when it shows H8?", "H8", ["H3", "H5"]),
        ("Welche Durchwahl hat Sven Kühl?", "Sven Kühl", ["Orlow", "Hansen"]),
    ],
)
def test_what_is_named_leads_and_its_siblings_lie_behind(
    library: Library, embedder: Embedder, question: str, leads: str, behind: list[str]
) -> None:
    lines, _ = best(question, library, embedder)
    assert any(leads in line for line in lines)
    assert not any(other in line for line in lines for other in behind)


@pytest.mark.parametrize(
    "question", ["When does the cable car run?", "Was bedeuten die Meldungen?", "Wer kam nach Sven Kühl ins Team?"]
)
def test_where_none_is_named_all_stay_as_they_are(library: Library, embedder: Embedder, question: str) -> None:
    _, lost = best(question, library, embedder)
    assert lost == 0


@pytest.mark.parametrize(
    ("question", "only"),
    [
        ("When does the cable car leave the valley on Saturday?", "| Valley | 7.40 | 18.35 |"),
        ("Was bedeutet die Meldung H5?", "| H5 | Satzbehälter voll | Behälter leeren |"),
        ("Welche Durchwahl hat Birte Hansen?", "Birte Hansen: Durchwahl 207"),
    ],
)
def test_no_other_line_is_quoted_beside_it(
    library: Library, embedder: Embedder, reader: Reader, question: str, only: str
) -> None:
    assert [quote.text for quote in chosen(question, library, embedder, reader).quotes] == [only]
