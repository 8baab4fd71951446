"""Held: a question finds its passage in its own language and across, by meaning, by stems, by gloss and by sound."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from library_fixtures import fill

from rag.index import hybrid_search
from rag.index.library import Library
from rag.index.sqlite_store import SqliteStore
from rag.index.update import index
from rag.models.embedder import Embedder

TEXTS = {
    "baecker.txt": "Der Bäcker Jonas Weidt backt sein Brot seit dem Frühjahr mit Mehl aus der Mühle am Stadtrand.",
    "gericht.txt": "Das Landgericht verurteilte den Fahrraddieb zu einer Geldstrafe von vierhundert Euro.",
    "winter.txt": "Die Gemeinde verdoppelt die Winterhilfe für Familien, die ihre Heizkosten nicht bezahlen können.",
    "harbour.txt": "The harbour master closed the eastern pier after the storm had broken two of its pillars.",
    "school.txt": "The village school will get a new roof, paid for by a lottery that the parents organised.",
    "bees.txt": "Beekeepers on the island harvested less honey than in any year since records began.",
}
ACROSS = [
    ("Who is baking with flour from the mill?", "baecker.txt"),
    ("What was the bicycle thief's punishment?", "gericht.txt"),
    ("Which families get twice as much aid in winter?", "winter.txt"),
    ("Warum ist der östliche Hafendamm geschlossen?", "harbour.txt"),
    ("Wer bezahlt das neue Dach der Dorfschule?", "school.txt"),
    ("Wie viel Honig wurde auf der Insel geerntet?", "bees.txt"),
]
WITHIN = [
    ("Womit backt der Bäcker?", "baecker.txt"),
    ("Wie hoch war die Strafe für den Dieb?", "gericht.txt"),
    ("When was the pier closed?", "harbour.txt"),
    ("Who pays for the roof?", "school.txt"),
]


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[Library]:
    folder = tmp_path_factory.mktemp("texts")
    for name, text in TEXTS.items():
        (folder / name).write_text(text, encoding="utf-8")
    with Library(tmp_path_factory.mktemp("library"), create=True) as library:
        index([str(folder)], library, embedder)
        yield library


def first(question: str, library: Library, embedder: Embedder) -> str:
    query = hybrid_search.prepare(question, library, embedder)
    return hybrid_search.find(query, library, SqliteStore.of(library), 3)[0].document.name


@pytest.mark.parametrize(("question", "name"), WITHIN + ACROSS)
def test_a_question_finds_its_passage_first(question: str, name: str, library: Library, embedder: Embedder) -> None:
    assert first(question, library, embedder) == name


@pytest.mark.parametrize(("question", "name"), [("fines", "gericht.txt"), ("winter aid", "winter.txt")])
def test_an_english_word_is_looked_up_in_the_gloss_of_german_passages(
    question: str, name: str, library: Library, embedder: Embedder
) -> None:
    query = hybrid_search.prepare(question, library, embedder)
    stems = [stem for options in query.terms for stem in options]
    found = library.lexical("glosses", stems, 10)
    documents = {chunk: row[0] for chunk, row in library.chunks(found).items()}
    best = max(found, key=lambda chunk: found[chunk])
    assert library.document(documents[best]).name == name


def test_english_passages_carry_no_gloss(library: Library) -> None:
    assert library.lexical("stems", ["harbour"], 10)
    assert library.lexical("glosses", ["harbour", "school", "beekeep"], 10) == {}


def test_a_german_question_knows_what_it_may_be_in_english(library: Library, embedder: Embedder) -> None:
    query = hybrid_search.prepare("Wie hoch war die Geldstrafe?", library, embedder)
    assert query.language == "de"
    assert any("fine" in options for options in query.terms)


def test_every_score_is_between_0_and_1_and_ranks_count_from_1(library: Library, embedder: Embedder) -> None:
    query = hybrid_search.prepare("Who pays for the roof?", library, embedder)
    found = hybrid_search.find(query, library, SqliteStore.of(library), 6)
    assert [passage.rank for passage in found] == [1, 2, 3, 4, 5, 6]
    assert all(0 <= passage.score <= 1 for passage in found)
    assert [passage.score for passage in found] == sorted((passage.score for passage in found), reverse=True)


def test_only_the_documents_that_are_named_are_searched(library: Library, embedder: Embedder) -> None:
    wanted = [entry.id for entry in library.entries() if entry.name in ("bees.txt", "winter.txt")]
    query = hybrid_search.prepare("Who pays for the roof?", library, embedder)
    found = hybrid_search.find(query, library, SqliteStore.of(library), 6, wanted)
    assert {passage.document.name for passage in found} == {"bees.txt", "winter.txt"}


# --- languages ----------------------------------------------------------------------------


def test_a_question_is_in_a_language_of_the_library_or_in_german_or_english(
    library: Library, embedder: Embedder, tmp_path: Path
) -> None:
    with Library(tmp_path / "library", create=True) as french:
        text = "Le moulin du village appartient à une coopérative depuis le printemps. La meunière habite à côté."
        fill(french, tmp_path, {"moulin.txt": text}, embedder)
        asked = {
            question: hybrid_search.prepare(question, french, embedder).language
            for question in ("À qui appartient le moulin ?", "Who owns the mill?", "Wem gehört die Mühle?")
        }
    assert list(asked.values()) == ["fr", "en", "de"]
    assert hybrid_search.prepare("¿De quién es el molino?", library, embedder).language in ("de", "en")


@pytest.mark.parametrize(("able", "first"), [(True, 0.57), (False, 0.29)])
def test_meaning_is_worth_what_the_embedder_can_do_in_the_language(
    able: bool, first: float, library: Library, embedder: Embedder
) -> None:
    query = hybrid_search.prepare("Who owns the mill?", library, embedder)
    abilities = dict(query.abilities) | {"fr-fr": replace(query.abilities["fr-fr"], rank=0.8 if able else 0.15)}
    assert hybrid_search._shares(replace(query, language="fr", abilities=abilities), "fr")[0] == first


def test_a_passage_shares_in_what_its_document_is_about(tmp_path: Path, embedder: Embedder) -> None:
    lines = "\n\n".join(f"Paragraph {n} tells of the garden, its hedges and its gate. " * 12 for n in range(3))
    for name, house in (("a.txt", "Quellbach Terrace"), ("b.txt", "Ostermoor Row")):
        rules = "Bicycles stand in the shed. Dogs are kept on a lead. The stairs are swept on Saturdays."
        (tmp_path / name).write_text(f"Rules of {house}.\n\n{lines}\n\n{rules}\n", encoding="utf-8")
    with Library(tmp_path / "library", create=True) as library:
        index([str(tmp_path / "a.txt"), str(tmp_path / "b.txt")], library, embedder)
        for house, name in (("Quellbach Terrace", "a.txt"), ("Ostermoor Row", "b.txt")):
            query = hybrid_search.prepare(f"Where do bicycles stand in {house}?", library, embedder)
            found = hybrid_search.find(query, library, SqliteStore.of(library), 3)
            told = [passage.document.name for passage in found if "Bicycles" in passage.chunk.text]
            assert told[0] == name
