"""Held: of dated versions of a document the newest is found first, or that of a year asked about; others are older."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from library_fixtures import fill

from rag.answering.newest_version import prefer_newest
from rag.answering.query import understood
from rag.answering.sentence_selection import weigh
from rag.documents.document import Document
from rag.index.hybrid_search import Passage, _newest_first, retrieve
from rag.index.library import Library
from rag.index.sqlite_store import SqliteStore
from rag.index.versions import alike, dated, same_place, years_named
from rag.models.embedder import Embedder

FARES = """---
title: Fahrpreise der Bootslinie
date: {date}
---
# Fahrpreise der Bootslinie

| Strecke | Preis |
| --- | --- |
| Steg bis Insel | {island} Euro |
| Steg bis Mühle | {mill} Euro |
| Fahrrad | {bicycle} Euro |

Kinder unter sechs Jahren fahren kostenlos mit, Hunde zahlen {dog} Euro.
"""
RULES = """# Rules of the allotment garden {year}

The gate is locked at {hour} in the evening. Each member gives {hours} hours of work a year.
Hedges may be no higher than {height} centimetres. Bonfires are forbidden from April to September.
"""
HANDBOOK = """Handbook for wardens

The reserve has {wardens} wardens. A warden earns {wage} euros an hour and has {days} days of leave.
The hut is heated with wood, which the wardens cut themselves. Visitors stay on the boardwalk.
"""
TEXTS = {
    "boot alt.md": FARES.format(date="2022-03-01", island="2,40", mill="3,10", bicycle="1,00", dog="0,50"),
    "boot neu.md": FARES.format(date="2024-03-01", island="2,90", mill="3,60", bicycle="1,50", dog="0,80"),
    "boot.md": FARES.format(date="2023-03-01", island="2,60", mill="3,30", bicycle="1,20", dog="0,60"),
    "rules-a.md": RULES.format(year=2019, hour="eight", hours=12, height=120),
    "rules-b.md": RULES.format(year=2021, hour="nine", hours=15, height=140),
    "wardens 2018.txt": HANDBOOK.format(wardens="six", wage=11, days=24),
    "wardens 2020.txt": HANDBOOK.format(wardens="nine", wage=13, days=28),
    "other.txt": "The boat yard at the mill was sold in 2024, for 90,000 euros, to a family from the island.",
}


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[Library]:
    folder = tmp_path_factory.mktemp("versions")
    with Library(folder / "library", create=True) as library:
        fill(library, folder, TEXTS, embedder)
        yield library


def found(question: str, library: Library, embedder: Embedder, count: int = 5) -> tuple[Passage, ...]:
    return retrieve(question, library, SqliteStore.of(library), embedder, count)[1]


QUESTIONS = [
    ("Was kostet die Fahrt vom Steg bis zur Insel heute?", "boot neu.md"),
    ("Was kostete 2022 die Fahrt vom Steg bis zur Insel?", "boot alt.md"),
    ("Was kostete im März 2023 die Mitnahme eines Fahrrads?", "boot.md"),
    ("When is the gate of the allotment garden locked?", "rules-b.md"),
    ("How high could hedges be in 2019?", "rules-a.md"),
    ("How many wardens does the reserve have?", "wardens 2020.txt"),
    ("What did a warden earn in 2018?", "wardens 2018.txt"),
]


@pytest.mark.parametrize(("question", "name"), QUESTIONS)
def test_the_newest_is_found_first_or_that_of_the_year_that_is_asked_about(
    question: str, name: str, library: Library, embedder: Embedder
) -> None:
    passages = found(question, library, embedder)
    assert passages[0].document.name == name
    assert [passage.rank for passage in passages] == [1, 2, 3, 4, 5]
    assert [passage.score for passage in passages] == sorted((row.score for row in passages), reverse=True)


def test_the_older_ones_say_which_is_the_newest_and_other_documents_nothing(
    library: Library, embedder: Embedder
) -> None:
    passages = found("Was kostet die Fahrt vom Steg bis zur Insel?", library, embedder, 8)
    older = {row.document.name: row.older_than and (row.older_than.name, row.older_than.date) for row in passages}
    assert older["boot alt.md"] == older["boot.md"] == ("boot neu.md", "2024-03-01")
    assert older["rules-a.md"] == ("rules-b.md", "2021")
    assert {older[name] for name in ("boot neu.md", "rules-b.md", "other.txt")} == {None}


def test_the_newest_of_all_is_named_though_another_passage_is_not_in_it(library: Library) -> None:
    entries = {entry.name: library.document(entry.id) for entry in library.entries()}
    oldest, between, newest = (entries[name] for name in ("boot alt.md", "boot.md", "boot neu.md"))
    rows = {}
    for chunk, (document, begin, end) in enumerate(
        [(oldest, "| Steg", "\n\nK"), (newest, "| Steg", "\n\nK"), (oldest, "Kinder", ""), (between, "Kinder", "")]
    ):
        start = document.text.index(begin)
        rows[chunk] = (document.id, start, document.text.index(end, start) if end else len(document.text), "", "de")
    for order in ([0, 1, 2, 3], [2, 3, 0, 1]):
        _, older = _newest_first("", [(chunk, 1.0) for chunk in order], rows, {row.id: row for row in entries.values()})
        assert older[oldest.id].name == "boot neu.md"


def test_where_one_passage_is_wanted_it_is_of_the_newest_though_others_are_as_like(
    library: Library, embedder: Embedder
) -> None:
    for question, name in QUESTIONS:
        (only,) = found(question, library, embedder, 1)
        assert only.document.name == name


@pytest.mark.parametrize(("question", "name"), QUESTIONS)
def test_the_sentence_of_the_version_that_holds_has_the_most_support_of_its_kind(
    question: str, name: str, library: Library, embedder: Embedder
) -> None:
    search, passages = retrieve(question, library, SqliteStore.of(library), embedder, 5)
    pool = weigh(understood(search), passages, library).pool
    supports = np.random.default_rng(1).random(len(pool))  # whatever is said of them
    raised = prefer_newest(question, pool, supports)
    said = next(row.text for row in pool if row.passage.document.name == name)
    alike_ = [at for at, row in enumerate(pool) if alike(row.text, said)]
    assert len(alike_) > 1
    best = max(alike_, key=lambda at: raised[at])
    assert pool[best].passage.document.name == name
    assert raised[best] == max(supports[at] for at in alike_)
    others = [at for at in range(len(pool)) if pool[at].passage.document.name == "other.txt"]
    assert all(raised[at] == supports[at] for at in others)


# --- what is a version of what ----------------------------------------------------------


def document(text: str, name: str, title: str, date: str | None) -> Document:
    return Document(name, f"/{name}", name, title, date, "en", text, 0, (0,), "0")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ((None, "Rates", "rates.txt"), ("2024-01-01", "Rates", "rates (2).txt")),  # of one no date is known
        (("2024", "Rates", "a.txt"), ("2024-05-01", "Rates", "b.txt")),  # which is newer is not
        (("2024-05-01", "Rates", "a.txt"), ("2024-05-01", "Rates", "b.txt")),
        ((None, "Rates", "a.txt"), (None, "Rates", "b.txt")),
    ],
)
def test_where_it_is_not_known_which_is_newer_nothing_is_said(
    first: tuple[str | None, str, str], second: tuple[str | None, str, str]
) -> None:
    text = "A berth costs {} euros a month, a mooring {} euros, and the use of the crane {} euros each time."
    pair = [
        (document(text.format(*prices), name, title, date), text.format(*prices))
        for prices, (date, title, name) in (((1, 2, 3), first), ((4, 5, 6), second))
    ]
    assert same_place(pair) == []


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (
            "The council met on 3 May 2023. Present were nine members. They voted for the new bridge.",
            "The council met on 7 June 2024. Present were ten members. The school roof was discussed at length.",
        ),
        ("Berth: 40 euros", "Crane: 40 euros"),
        ("12 34 56", "78 90 12"),
    ],
)
def test_documents_of_one_form_that_say_other_things_are_no_versions(first: str, second: str) -> None:
    pair = [
        (document(first, "a.txt", "A", "2023-05-03"), first),
        (document(second, "b.txt", "B", "2024-06-07"), second),
    ]
    assert same_place(pair) == []


@pytest.mark.parametrize(
    ("name", "title", "date", "of"),
    [
        ("list.txt", "Price list 2023", "2024-01-15", "2023"),
        ("list.txt", "Price list 2023", "2023-01-15", "2023-01-15"),
        ("list 2022.txt", "Price list", None, "2022"),
        ("list 2022.txt", "Prices of 1998 and 2003", "2001", "2022"),
        ("list.txt", "Price list", "2021-07", "2021-07"),
        ("folder 2020/list.txt", "Price list", None, ""),
        ("12023.txt", "No. 120234", None, ""),
    ],
)
def test_a_version_is_of_the_year_in_its_title_or_its_name_or_of_its_date(
    name: str, title: str, date: str | None, of: str
) -> None:
    assert dated(document("Text.", name, title, date)) == of


@pytest.mark.parametrize(
    ("question", "years"),
    [
        ("Was kostete es 2023?", {"2023"}),
        ("What was the fare in May 2022?", {"2022"}),
        ("Preise von 2021 bis 2023?", {"2021", "2023"}),
        ("Wie viele der 2000 Gäste kamen?", {"2000"}),
        ("Was kostet es heute?", set()),
    ],
)
def test_the_years_that_a_question_names_are_seen(question: str, years: set[str]) -> None:
    assert years_named(question) == years
