"""Held: what a question asks for and is about is seen, and a follow-up is in the language that it was put in."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from library_fixtures import fill
from queries import query

from rag.answering.query import forms
from rag.index.hybrid_search import prepare
from rag.index.library import Library
from rag.models.embedder import Embedder


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[Library]:
    folder = tmp_path_factory.mktemp("mill")
    with Library(folder / "library", create=True) as library:
        fill(library, folder, {"mill.txt": "The mill at Oberwiesen burned down in 1907."}, embedder)
        yield library


# --- what it is about ------------------------------------------------------------------


def test_the_focus_is_the_names_in_order_and_none_in_german_where_every_noun_looks_like_one() -> None:
    assert query("Did Marta Quandt sell the yard at Husum?").focus == ("Marta", "Quandt", "Husum")
    assert query("Why did it burn?").focus == ()
    assert query("Wem verkaufte Marta Quandt den Hof?", "de").focus == ()


@pytest.mark.parametrize(
    ("question", "counts"),
    [
        ("How many soldiers marched?", True),
        ("Wie viele Soldaten marschierten?", True),
        ("How many weeks was the march?", False),
        ("Wieviel Wochen dauerte der Marsch?", False),
        ("How long was the march?", False),
    ],
)
def test_a_count_of_things_is_told_from_a_length_of_time(question: str, counts: bool) -> None:
    assert query(question).counts is counts
    assert query(question).answer_type == "number"


@pytest.mark.parametrize(
    ("question", "how_many"),
    [
        ("How many soldiers marched?", True),
        ("wieviele leute sind da", True),
        ("Bei wie vielen Rechnungen fehlt die Nummer?", True),
        ("How many weeks was the march?", False),
        ("How much bread was eaten?", False),
        ("Wie viel Brot wurde gegessen?", False),
        ("Who marched?", False),
    ],
)
def test_how_many_there_are_is_told_from_how_much_there_is(question: str, how_many: bool) -> None:
    assert query(question).how_many is how_many


@pytest.mark.parametrize(
    ("put", "count"),
    [
        ("And in 1907?", 1),
        ("Und am 3. Mai 1907?", 1),
        ("What about Tuesday?", 1),
        ("Und um 12 Uhr?", 1),
        ("And the mill in 1907?", 2),
        ("And who owned it?", 2),
        ("And why?", 2),
    ],
)
def test_what_names_but_a_time_is_asked_as_it_was_completed_alone(
    put: str, count: int, library: Library, embedder: Embedder
) -> None:
    search = prepare("What did the mill at Oberwiesen burn – and in 1907?", library, embedder)
    found = forms(search, put, library, embedder)
    assert len(found) == count and found[-1].text == search.text
    assert {each.language for each in found} == {"de" if put.startswith("Und") else "en"}


# --- as it was put, and completed ------------------------------------------------------


def test_a_question_that_stands_alone_has_one_form(library: Library, embedder: Embedder) -> None:
    search = prepare("When did the mill at Oberwiesen burn down?", library, embedder)
    for put in ("", search.text):
        (only,) = forms(search, put, library, embedder)
        assert (only.text, only.language, only.answer_type, only.focus) == (search.text, "en", "time", ("Oberwiesen",))
        assert only.terms == search.terms and np.array_equal(only.vector, search.vector)


def test_both_forms_of_a_follow_up_are_in_the_language_that_it_was_put_in(library: Library, embedder: Embedder) -> None:
    put = "Wann brannte sie ab?"
    search = prepare(f"{put} (mill, Oberwiesen, burned down, the fire brigade of the village)", library, embedder)
    assert search.language == "en"  # what completes it outweighs it
    first, whole = forms(search, put, library, embedder)
    assert (first.text, first.language, first.answer_type) == (put, "de", "time")
    assert (whole.text, whole.language, whole.focus) == (search.text, "de", ())
    assert whole.terms == search.terms and np.array_equal(whole.vector, search.vector)
