"""The gender of German nouns: told by an ending that is sure, and not told where none is."""

from __future__ import annotations

import pytest

from rag.lexicon.building.genders import fit, measured, nouns
from rag.lexicon.genders import gender, gender_of

TOLD = {
    "Rechnungsnummer": "f", "Gesamtbetrag": "m", "Lieferdatum": "n", "Öffnungszeiten": "pl", "Höhe": "f",
    "Zahlungsziel": "n", "Abgabetermin": "m", "Baujahr": "n", "Gültigkeit": "f", "Bestellung": "f",
}  # fmt: skip
LINES = [
    "# a comment :: no entry",
    "Mahnung {f}; Rüge {f} | Mahnungen {pl} :: warning | warnings",
    "Band {n}; Leiter {m} [techn.] :: tape; leader",
    "Band {m} :: volume",
]


@pytest.mark.parametrize(("noun", "expected"), TOLD.items())
def test_the_end_of_a_noun_tells_its_gender(noun: str, expected: str) -> None:
    assert gender(noun) == expected


@pytest.mark.parametrize("noun", ["", "X", "Qwrtz", "\t", "\n"])
def test_of_an_ending_that_is_not_known_no_gender_is_told(noun: str) -> None:
    assert gender(noun) == ""


def test_nouns_of_two_genders_are_left_out_of_what_is_learned() -> None:
    assert nouns(LINES) == {"Mahnung": "f", "Rüge": "f", "Mahnungen": "pl", "Leiter": "m"}


def test_an_ending_is_learned_where_nearly_all_nouns_agree_and_a_longer_one_may_be_an_exception() -> None:
    known = {f"{letter}{letter}tum": "n" for letter in "abcdefghijklmnopqrstuvwxyz" * 1} | {
        f"{letter}xreichtum": "m" for letter in "abcdefg"
    }
    table = fit({**known, **{f"{letter}{letter}{letter}tum": "n" for letter in "abcdefghijklmnopqrstuvwxyz"}})
    assert gender_of("Königtum", table.get) in ("n", "")
    assert gender_of("Neureichtum", table.get) == "m"
    right, wrong, none = measured(known)
    assert right + wrong + none == -(-len(known) // 5)
