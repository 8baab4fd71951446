"""Held: the language of a word or two is looked up, and only where that tells nothing is it the interface's."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fit_question_kinds import heldout
from keyword_queries import single_words

from rag.index.question_language import question_language
from rag.localization import interface_language, use
from rag.text.language import detect

AMONG = ("de", "en")


@pytest.fixture(params=AMONG)
def interface(request: pytest.FixtureRequest) -> Iterator[str]:
    before = interface_language()
    use(request.param)
    yield request.param
    use(before)


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("Hallo", "de"),
        ("Moin", "de"),
        ("Miete", "de"),
        ("kaution?", "de"),
        ("Kaution Höhe", "de"),
        ("Wie hoch?", "de"),
        ("hello", "en"),
        ("rent", "en"),
        ("Refund policy", "en"),
        ("why?", "en"),
    ],
)
@pytest.mark.usefixtures("interface")
def test_a_word_of_one_language_tells_it_whatever_the_interface_is_in(question: str, language: str) -> None:
    assert question_language(question, AMONG) == language


@pytest.mark.parametrize("question", ["Hi", "ok", "OK!", "Version", "Name?", "42", "#kochen since:2024", "???"])
def test_what_is_a_word_of_both_or_of_neither_is_in_the_language_of_the_interface(
    interface: str, question: str
) -> None:
    assert question_language(question, AMONG) == interface


@pytest.mark.usefixtures("interface")
def test_a_longer_question_is_in_the_language_that_is_detected() -> None:
    longer = [row.text for row in heldout() if len(row.text.split()) > 3]
    assert len(longer) > 200
    assert [question_language(text, AMONG) for text in longer] == [detect(text, AMONG) for text in longer]


def test_single_words_are_told_better_than_by_their_letters(interface: str) -> None:
    words = single_words(interface, 300)
    looked_up = sum(question_language(word, AMONG) == interface for word in words)
    detected = sum(detect(word, AMONG) == interface for word in words)
    assert looked_up > max(detected, 0.9 * len(words))


@pytest.mark.usefixtures("interface")
def test_another_language_of_the_library_stays_what_is_detected() -> None:
    among = ("de", "en", "fr")
    assert question_language("propriétaire ?", among) == detect("propriétaire ?", among) == "fr"


@pytest.mark.parametrize("question", ["", "?!", "2024"])
@pytest.mark.usefixtures("interface")
def test_without_a_letter_there_is_some_language(question: str) -> None:
    assert question_language(question, AMONG) in AMONG
