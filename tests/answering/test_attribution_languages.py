"""Held: a number or name that a quote writes in another language is not missing from it, and another one is."""

from __future__ import annotations

import pytest

from rag.answering.attribution import missing, missing_numbers
from rag.text.foreign_numbers import in_english


@pytest.mark.parametrize(
    ("statement", "quote"),
    [
        ("According to Germany, Moscow is silent.", "Laut Deutschland schweigt Moskau."),
        ("North Korean soldiers are in Russia.", "In Russland sind nordkoreanische Soldaten."),
        ("The minister flew to Kyiv.", "Der Minister flog nach Kiew."),
        ("Der Minister flog nach Genf.", "The minister flew to Geneva."),
        ("Choe Son Hui came.", "Choe Son-hui's plane came."),
        ("Choe Son Hui's plane came.", "Das Flugzeug von Choe Son-hui kam."),
        ("Ms Brandt was ill.", "Frau Brandt war krank."),
        ("Because it rained, nobody came.", "Da es regnete, kam niemand."),
        ("Outside Lisbon it rained.", "Vor Lissabon regnete es."),
    ],
)
def test_a_name_is_held_in_the_other_language(statement: str, quote: str) -> None:
    assert missing(statement, [quote]) == []


@pytest.mark.parametrize(
    ("statement", "quote", "absent"),
    [
        ("According to Austria, Moscow is silent.", "Laut Deutschland schweigt Moskau.", ["Austria"]),
        ("South Korean soldiers are in Russia.", "In Polen sind südkoreanische Soldaten.", ["Russia"]),
        ("The minister flew to Milan.", "Der Minister flog nach München.", ["Milan"]),
        ("Choe Yong Rim's plane came.", "Choe Son-hui's plane came.", ["Yong", "Rim"]),
    ],
)
def test_another_name_is_missing_in_any_language(statement: str, quote: str, absent: list[str]) -> None:
    assert missing(statement, [quote]) == absent


@pytest.mark.parametrize("written", ["3,500,000", "3.5 million", "three and a half million"])
@pytest.mark.parametrize("held", ["3,5 Millionen", "3.500.000", "3,5 Mio."])
def test_millions_are_the_same_in_words_and_figures(written: str, held: str) -> None:
    assert missing_numbers(f"it held {written} crates.", [f"Es waren {held} Kisten."]) == []
    assert missing_numbers(f"it held {written} crates.", ["Es waren 35 Millionen Kisten."]) == ["3500000"]


@pytest.mark.parametrize(
    ("statement", "quote", "absent"),
    [
        ("Es beginnt um halb fünf.", "It starts at 16:30.", []),
        ("Es beginnt um halb sechs.", "It starts at 16:30.", ["05:30"]),
        ("Es beginnt um 4.30 Uhr.", "It starts at 16:30.", ["04:30"]),
        ("the third largest port", "der drittgrößte Hafen", []),
        ("the fourth largest port", "der drittgrößte Hafen", ["4"]),
        ("it is a third larger.", "sie ist um ein Drittel größer.", []),
    ],
)
def test_times_and_ranks_are_the_same_in_words(statement: str, quote: str, absent: list[str]) -> None:
    assert missing_numbers(statement, [quote]) == absent


@pytest.mark.parametrize(
    ("quote", "language", "statement", "absent"),
    [
        ("Le dépôt ferme le 3 mars à 18 h.", "fr", "The depot closes on 3 March at 6 pm.", []),
        ("Le dépôt ferme le 3 mars à 18 h.", "fr", "The depot closes on 3 May at 6 pm.", ["--05-03"]),
        ("Cerrado del 2 de agosto.", "es", "Closed from 2 August.", []),
        ("Il premio è di sette milioni di euro.", "it", "The prize is 7 million euros.", []),
        ("Het duurt acht weken.", "nl", "It takes eight weeks.", []),
        ("Het duurt acht weken.", "nl", "It takes nine weeks.", ["9"]),
    ],
)
def test_numbers_of_four_more_languages_are_known(quote: str, language: str, statement: str, absent: list[str]) -> None:
    assert missing_numbers(statement, [in_english(quote, language)]) == absent
