"""Held: persons are told in texts without a list of their names, and what is no person is not."""

from __future__ import annotations

import pytest

from rag.answering.people import people


@pytest.mark.parametrize(
    ("text", "language", "names"),
    [
        ("Kassiererin Swantje Rohwedder legte den Bericht vor.", "de", ["Swantje Rohwedder"]),
        ("Fragen beantwortet Frau Zeller.", "de", ["Zeller"]),
        ("The plumber Idris Mbeki called on Monday.", "en", ["Idris Mbeki"]),
        ("Please ask Mr Quincey about the keys.", "en", ["Quincey"]),
        ("Name: Ines Harbottle · Role: Secretary", "en", ["Ines Harbottle"]),
        ("The shop is in Tolver Street.", "en", []),
        ("Die Sitzung beginnt im Gasthaus am Markt.", "de", []),
        ("Turn the dial to the left.", "en", []),
    ],
)
def test_the_persons_of_a_text_are_told(text: str, language: str, names: list[str]) -> None:
    assert [person.name for person in people(text, language)] == names


def test_a_title_tells_the_sex() -> None:
    assert [person.sex for person in people("Herr Bode und Frau Anker kamen.", "de")] == ["m", "f"]
