"""Held: a sentence restates its question with what its quote answers, and nothing that stands in neither."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.answering.restatement import denies_otherwise, strangers

BLINKEN = "US-Außenminister Antony Blinken sprach von rund 8.000 nordkoreanischen Soldaten in Kursk."
TROOPS = "How many North Korean troops are in Kursk?"


@pytest.mark.parametrize(
    ("statement", "question", "quote", "own", "other"),
    [
        ("About 8,000 North Korean troops are in Kursk.", TROOPS, BLINKEN, "en", "de"),
        ("Antony Blinken spoke of about 8,000 North Korean soldiers in Kursk.", TROOPS, BLINKEN, "en", "de"),
        ("The fee is 3,500,000 euros.", "What is the fee?", "Die Gebühr beträgt 3,5 Millionen Euro.", "en", "de"),
        ("Die Fähre ist 46 Meter lang.", "Wie lang ist die Fähre?", "She is 46 metres long.", "de", "en"),
        ("Die Kasse prüft Herr Uhl.", "Wer prüft die Kasse?", "Geprüft wird die Kasse von Herrn Uhl.", "de", "de"),
        ("It opens at half past seven.", "When does it open?", "Opening hours: 7:30–12", "en", "en"),
    ],
)  # fmt: skip
def test_what_only_restates_has_no_strangers(statement: str, question: str, quote: str, own: str, other: str) -> None:
    assert strangers(statement, question, quote, own, other) == []


@pytest.mark.parametrize(
    ("statement", "question", "quote", "own", "other", "odd"),
    [
        ("There are 8,000 tanks in Kursk.", "How many are in Kursk?", BLINKEN, "en", "de", ["tanks"]),
        ("12,000 troops are in Kursk.", TROOPS, BLINKEN, "en", "de", ["12,000"]),
        ("They paid 40 euros.", "What did they pay?", "They paid 40 pounds.", "en", "en", ["40 euros"]),
        ("Zelensky spoke of 8,000 troops.", TROOPS, BLINKEN, "en", "de", ["Zelensky"]),
        ("They left on Tuesday.", "When did they leave?", "They left on Monday.", "en", "en", ["Tuesday"]),
        ("Der Hund schläft im Garten.", "Wo schläft der Hund?", "The dog sleeps in the shed.", "de", "en", ["Garten"]),
    ],
)  # fmt: skip
def test_what_stands_in_neither_is_named(
    statement: str, question: str, quote: str, own: str, other: str, odd: list[str]
) -> None:
    assert strangers(statement, question, quote, own, other) == odd


@pytest.mark.parametrize(
    ("statement", "quote", "question", "otherwise"),
    [
        ("Blinken did not speak of 8,000.", BLINKEN, TROOPS, True),
        ("Dogs are allowed.", "Hunde sind nicht erlaubt.", "Are dogs allowed?", True),
        ("Dogs are not allowed.", "Hunde sind nicht erlaubt.", "Are dogs allowed?", False),
        ("Members don’t pay.", "Mitglieder zahlen keinen Beitrag.", "What do members pay?", False),
        ("It was not sold, but mended.", "Man hat sie nicht verkauft, sondern repariert.", "Was it sold?", False),
        ("It sank.", "It sank.", "What happened?", False),
    ],
)  # fmt: skip
def test_a_not_too_many_or_too_few_is_seen(statement: str, quote: str, question: str, otherwise: bool) -> None:
    assert denies_otherwise(statement, quote, question) is otherwise


@given(st.text(max_size=60), st.text(max_size=60), st.sampled_from(["de", "en", "fr", "xx"]))
def test_any_text_is_looked_at_and_a_quote_restates_itself_within_a_language(text: str, other: str, own: str) -> None:
    assert isinstance(strangers(text, other, other, own, "en"), list)
    assert strangers(text, "", text, own, own) == []
    assert not denies_otherwise(text, text, "")
