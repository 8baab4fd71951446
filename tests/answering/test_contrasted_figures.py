"""Held: of several figures in a sentence the one beside the word that is asked for is marked."""

from __future__ import annotations

import pytest
from queries import query

from rag.answering.contrasted_figures import of_what_is_asked

LIFT = "Der erste Lift fährt um 8.15 Uhr, der letzte um 16.40 Uhr."
LATE = "Der früheste kommt um 4.50, der späteste um 0.20 Uhr."
ROOMS = "Ein Einzelzimmer kostet 70 Euro, ein Doppelzimmer 95 Euro."
HOURS = "Freitag 9 bis 18 Uhr, Samstag 9 bis 13 Uhr."
TABLE = "Stop: Quay · 1: 07:05 · 2: 12:30 · 3: 19:45"


@pytest.mark.parametrize(
    ("question", "language", "text", "of", "marked", "wanted"),
    [
        ("Wann fährt der erste Lift?", "de", LIFT, "de", "16.40 Uhr", "8.15 Uhr"),
        ("When does the last lift leave?", "en", LIFT, "de", "8.15 Uhr", "16.40 Uhr"),
        ("Wann fährt der letzte Lift?", "de", LIFT, "de", "16.40 Uhr", "16.40 Uhr"),
        ("Wann fährt der Lift?", "de", LIFT, "de", "16.40 Uhr", "16.40 Uhr"),
        ("How much do children pay?", "en", "It is £9 for adults and £4 for children.", "en", "£9", "£4"),
        ("How long is the shortest?", "en", "The longest one is 21 km, the shortest 3 km.", "en", "21 km", "3 km"),
        ("Wann kommt der späteste Zug?", "de", LATE, "de", "4.50", "0.20"),
        ("Was kostet ein Doppelzimmer?", "de", ROOMS, "de", "70 Euro", "95 Euro"),
        ("Wann ist samstags offen?", "de", HOURS, "de", "9 bis 18 Uhr", "9 bis 13 Uhr"),
        ("How many seats are there?", "en", "The old hall has 300 seats, the new one 450 seats.", "en", "300", "300"),
        ("When is the last ferry?", "en", TABLE, "en", "07:05", "19:45"),
        ("When is the second ferry?", "en", TABLE, "en", "07:05", "12:30"),
        ("When is the ferry?", "en", TABLE, "en", "12:30", "12:30"),
    ],
)  # fmt: skip
def test_the_figure_of_what_is_asked_is_marked_where_a_sentence_says_which_it_is(
    question: str, language: str, text: str, of: str, marked: str, wanted: str
) -> None:
    at = text.index(marked)
    start, end = of_what_is_asked(text, (at, at + len(marked)), query(question, language), of)
    assert text[start:end].startswith(wanted)
