"""Held: German is searched by and read in English; English needs no gloss, and other languages have none."""

from __future__ import annotations

import pytest

from rag.lexicon.query_terms import glossed, read, said, terms
from rag.text.language import stem

OTHERS = ["fr", "xx", ""]


def test_a_german_text_is_indexed_under_english_stems() -> None:
    stems = glossed("Der Winter kam, die Brücke blieb. Die Brücke!", "de")
    assert "winter" in stems
    assert stems.count("bridg") == 2
    assert "the" not in stems and "der" not in stems


@pytest.mark.parametrize("language", ["en", *OTHERS])
def test_nothing_else_is_indexed_in_english(language: str) -> None:
    assert glossed("Le moulin, the mill, die Mühle 1907", language) == []


def test_a_german_and_an_english_question_share_their_terms() -> None:
    german = {stem for options in terms("Wann wurde die Brücke gebaut?", "de") for stem in options}
    english = {stem for options in terms("When was the bridge built?", "en") for stem in options}
    assert {"bridg", "built"} <= german & english


def test_an_english_question_asks_for_the_stems_of_its_content() -> None:
    assert terms("What did the millers buy?", "en") == [{"miller": 1.0}, {"buy": 1.0}]


def test_an_english_question_of_grammar_alone_keeps_its_words() -> None:
    assert terms("What is it?", "en") == [{"what": 1.0}, {"is": 1.0}, {"it": 1.0}]


@pytest.mark.parametrize("language", OTHERS)
def test_a_language_without_a_lexicon_has_no_terms_and_no_reading(language: str) -> None:
    assert terms("Quand le moulin a-t-il brûlé ?", language) == []
    assert read("Le moulin brûle.", language) is None
    assert said("le moulin", language, [{"moulin": 1.0, "mill": 1.0}]) == frozenset()


def test_only_what_is_not_english_is_read() -> None:
    assert read("The mill burned down.", "en") is None
    reading = read("Das Haus war kalt. Im Haus war es kalt.", "de")
    assert reading is not None and reading.text.startswith("The house was cold. In")


@pytest.mark.parametrize(
    ("text", "language", "asked", "expected"),
    [
        ("The mills of the miller", "en", "mill", {"mills"}),
        ("The Mill and a MILL", "en", "mill", {"mill"}),
        ("Die Brücken und das Haus", "de", "bridge", {"brücken"}),
        ("Das HAUS, ein Haus", "de", "house", {"haus"}),
        ("Quandt und Zyrolan", "de", "Quandt", {"quandt"}),
        ("Am 3. waren 11.000 da", "de", "11,000", {"11.000"}),
        ("Sie lernt Sprachen", "de", "language", {"sprachen"}),
        ("Die Katze schläft", "de", "house", set()),
        ("Die Katze und der Hund", "de", "the", set()),
        ("", "de", "house", set()),
    ],
)
def test_the_words_that_say_what_was_asked_are_found(text: str, language: str, asked: str, expected: set[str]) -> None:
    assert said(text, language, [{"zyx": 1.0}, {stem(asked, "en"): 0.5, "zyy": 0.5}]) == expected


def test_nothing_says_what_nobody_asked() -> None:
    assert said("Das Haus am Bach", "de", []) == said("The house", "en", []) == frozenset()


def test_the_terms_of_a_question_are_said_by_its_own_words() -> None:
    question = "Wann brannte die Brücke am Hafen?"
    assert {"brannte", "brücke", "hafen"} <= said(question, "de", terms(question, "de"))


def test_case_counts_for_what_a_sentence_says() -> None:
    assert said("Das Essen ist gut.", "de", [{"food": 1.0}]) == {"essen"}
    assert said("Sie sprachen leise.", "de", [{"languag": 1.0}]) == frozenset()
