"""Held: of labels beside each other the one that a question names scores most, in its language or the other."""

from __future__ import annotations

import pytest
from queries import query

from rag.answering.labels import asked_of, named_of, score


def named(question: str, language: str, labels: list[str], of: str) -> list[str]:
    """Return which labels, in the language `of`, a question in `language` names."""
    asked = asked_of(query(question, language), of)
    return [labels[at] for at in sorted(named_of([score(label, asked) for label in labels]))]


@pytest.mark.parametrize(
    ("question", "language", "labels", "of", "wanted"),
    [
        ("When does the tram leave on Saturday?", "en", ["Weekdays", "Saturday", "Sunday"], "en", ["Saturday"]),
        ("Wann fährt die Bahn am Samstag?", "de", ["Weekdays", "Saturday", "Sunday"], "en", ["Saturday"]),
        ("Wann fährt die Bahn am Sonntag?", "de", ["Mo–Fr", "Sa", "So"], "de", ["So"]),
        ("Wann fährt die Bahn am Mittwoch?", "de", ["Mo. bis Fr.", "Sa", "So"], "de", ["Mo. bis Fr."]),
        ("When does it run at the weekend?", "en", ["Mon–Fri", "Sat, Sun"], "en", ["Sat, Sun"]),
        ("Fährt sie an Feiertagen?", "de", ["Werktage", "Sonn- und Feiertage"], "de", ["Sonn- und Feiertage"]),
        ("Fährt sie am Sonntag?", "de", ["Werktage", "Sonn- und Feiertage"], "de", ["Sonn- und Feiertage"]),
        ("What does E7 mean?", "en", ["E1", "E4", "E7"], "en", ["E7"]),
        ("Was bedeutet der Fehler A12?", "de", ["A01", "A12", "A2"], "de", ["A12"]),
        ("Was kostet das Einzelzimmer?", "de", ["Single room", "Double room", "Suite"], "en", ["Single room"]),
        ("What is Ute Lang's number?", "en", ["Tom Baker", "Ute Lang"], "en", ["Ute Lang"]),
        ("E1 or E7?", "en", ["E1", "E4", "E7"], "en", ["E1", "E7"]),
        ("When is it open?", "en", ["Weekdays", "Saturday"], "en", []),
        ("What is on tomorrow?", "en", ["Monday", "Tuesday"], "en", []),
    ],
)
def test_a_question_names_those_labels_that_say_most_of_what_it_says(
    question: str, language: str, labels: list[str], of: str, wanted: list[str]
) -> None:
    assert named(question, language, labels, of) == wanted


def test_a_word_that_is_no_day_names_none() -> None:
    assert named("Wann ist sonntags geöffnet?", "de", ["Montage und Service", "So lange wie nötig"], "de") == []
