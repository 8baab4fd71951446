"""Held: who says a figure is found, in both languages and in any order of words."""

from __future__ import annotations

import pytest

from rag.answering.reported_speech import reports, sources, speaker
from rag.text.language import read
from rag.text.numbers import find


def spoken(text: str, language: str) -> list[str]:
    quantity = find(text)[0]
    found = speaker(read(text), text, (quantity.start, quantity.end), lambda _: False, language)
    return [word.text for word in found.words]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("According to the ministry, 300 boats were lost.", ["ministry"]),
        ("The harbour master says that 300 boats were lost.", ["harbour", "master"]),
        ("300 boats were lost, said Ada Quill.", ["Ada", "Quill"]),
        ("Fishermen put the loss at 300 boats.", ["Fishermen"]),
        ("Deep Sound Lines, the company that runs the port, recorded 300 boats.", ["Deep", "Sound", "Lines"]),
        ("There were 300 boats in the harbour.", []),
    ],
)
def test_english_speakers_are_found(text: str, names: list[str]) -> None:
    assert spoken(text, "en") == names


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Laut Ministerium gingen 300 Boote verloren.", ["Ministerium"]),
        ("Nach Angaben der Reederei gingen 300 Boote verloren.", ["Reederei"]),
        ("Es gingen 300 Boote verloren, sagte Ada Quill.", ["Ada", "Quill"]),
        ("Die Fischer sprachen von 300 Booten.", ["Fischer"]),
        ("Der Hafenmeister hatte die Zahl mit 300 angegeben.", ["Hafenmeister"]),
        ("Im Hafen lagen 300 Boote.", []),
    ],
)
def test_german_speakers_are_found(text: str, names: list[str]) -> None:
    assert spoken(text, "de") == names


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("According to the treasurer, Tom Iles, the tank cost 310 pounds.", ["Tom", "Iles"]),
        ("The tank cost, according to Tom Iles, 310 pounds.", ["Tom", "Iles"]),
        ("According to the police about 40 people came.", []),
        ("Nach Angaben der Leiterin Henriette Vogt sind es 40.", ["Leiterin", "Henriette", "Vogt"]),
        ("Laut Polizei kamen 40.", ["Polizei"]),
        ("Es kamen 40.", []),
    ],
)
def test_the_names_of_sources_are_found_after_a_title_or_not(text: str, names: list[str]) -> None:
    assert sources(text) == names


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("According to the police 40 came.", True),
        ("Die Polizei sprach von 40 Leuten.", True),
        ("Tom Iles said so.", True),
        ("The tank cost Tom Iles 310 pounds.", False),
        ("Es kamen 40 Leute nach Bath.", False),
    ],
)
def test_whether_somebody_is_said_to_say_something_is_seen(text: str, says: bool) -> None:
    assert reports(text) is says
