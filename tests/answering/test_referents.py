"""Held: a pronoun stands for the person who was spoken of, and nobody else; the name takes its place."""

from __future__ import annotations

import pytest

from rag.answering.query_rewriting import standalone
from rag.answering.referents import referent, resolved

ROW = "Name: Swantje Rohwedder · Role: Cashier · Town: Husum"
BOTH = "between Mr Idris Mbeki and Mrs Fern Tallow"


@pytest.mark.parametrize(
    ("question", "language", "turns", "quoted", "name"),
    [
        ("What is her email?", "en", [("Who is the cashier?", "Husum")], ROW, "Swantje Rohwedder"),
        ("What is her rent?", "en", [("Who rents the barn?", "Mr Idris Mbeki")], BOTH, "Fern Tallow"),
        ("When did he leave?", "en", [("Who rents the barn?", "Mr Idris Mbeki")], BOTH, "Idris Mbeki"),
        ("Where does she work?", "en", [("When was Imke Tallow born?", "1950")], "", "Imke Tallow"),
        ("How old is he?", "en", [("Who left?", "Idris Mbeki"), ("When is the fair?", "May")], "", "Idris Mbeki"),
        ("When did she join?", "en", [("Where does she live? (Fern Tallow, cashier)", "")], "", "Fern Tallow"),
        ("Und ihre Adresse?", "de", [("Wer leitet den Hort?", "Frau Zeller")], "", "Zeller"),
    ],
)
def test_a_pronoun_stands_for_the_person_spoken_of(
    question: str, language: str, turns: list[tuple[str, str]], quoted: str, name: str
) -> None:
    found = referent(question, language, turns, quoted)
    assert found is not None
    assert found.person.name == name
    assert name in standalone(question, turns, quoted)


@pytest.mark.parametrize(
    ("question", "turns"),
    [
        ("How long is it?", [("Who built the pier?", "Idris Mbeki")]),
        ("What did her brother say?", [("Who left?", "Imke Tallow")]),
        ("Why?", [("Who left?", "Imke Tallow")]),
        ("When did Clara sell her boat?", [("Who left?", "Imke Tallow")]),
        ("What is her name?", []),
    ],
)
def test_what_is_about_nobody_spoken_of_stands_for_nobody(question: str, turns: list[tuple[str, str]]) -> None:
    assert referent(question, "en", turns, "") is None


def test_a_german_pronoun_may_stand_for_a_thing_that_agrees() -> None:
    found = referent("Wie hoch ist sie?", "de", [("Wer baute die Brücke?", "Idris Mbeki")], "")
    assert found is not None and found.things
    other = referent("Wie heißt seine Frau?", "de", [("Wer baute die Brücke?", "Idris Mbeki")], "")
    assert other is None or not other.things


@pytest.mark.parametrize(
    ("question", "language", "whole"),
    [
        ("What is her email?", "en", "What is Imke Tallow's email?"),
        ("Did they ask him?", "en", "Did they ask Imke Tallow?"),
        ("Wie ist ihre Adresse?", "de", "Wie ist Imke Tallows Adresse?"),
        ("Wo arbeitet sie?", "de", "Wo arbeitet Imke Tallow?"),
    ],
)
def test_the_name_takes_the_pronouns_place(question: str, language: str, whole: str) -> None:
    person = referent("Where is she?", "en", [("Who left?", "Imke Tallow")], "")
    assert person is not None
    assert resolved(question, language, person.person) == whole
