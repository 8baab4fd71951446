"""Held: a mere question word is told, and takes the place of the one in the question before."""

from __future__ import annotations

import pytest

from rag.answering.bare_questions import is_bare, woven


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("Why?", "en"),
        ("And until when?", "en"),
        ("How often?", "en"),
        ("Why was that?", "en"),
        ("In which colour?", "en"),
        ("Wieso?", "de"),
        ("Und wie oft?", "de"),
        ("Auf welchem Gleis?", "de"),
    ],
)
def test_a_question_that_says_no_more_than_what_is_asked_is_bare(question: str, language: str) -> None:
    assert is_bare(question, language)


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("Why was it painted?", "en"),
        ("What does that cost?", "en"),
        ("Who won?", "en"),
        ("Where is she?", "en"),
        ("Is it far?", "en"),
        ("Und was kostet das?", "de"),
        ("Wer kommt?", "de"),
        ("Können Sie das?", "de"),
    ],
)
def test_a_question_with_a_verb_or_a_pronoun_of_its_own_is_not(question: str, language: str) -> None:
    assert not is_bare(question, language)


@pytest.mark.parametrize(
    ("question", "before", "whole"),
    [
        ("Why?", "Is the pool shut?", "Why is the pool shut?"),
        ("Since when?", "How many trains does the line run?", "Since when does the line run?"),
        ("Why is that?", "When was the bell cast?", "Why was the bell cast?"),
        ("Warum?", "Wie oft fährt die Bahn?", "Warum fährt die Bahn?"),
        ("Und seit wann?", "Wird das Dach gedeckt?", "Seit wann wird das Dach gedeckt?"),
        ("Wo?", "Welche Farbe hat das Tor?", "Wo hat das Tor?"),
        ("Why?", "Who painted the gate?", ""),
    ],
)
def test_it_takes_the_place_of_the_words_that_asked_before(question: str, before: str, whole: str) -> None:
    assert woven(question, before).casefold() == whole.casefold()
