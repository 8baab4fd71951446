"""Held: sources disagree where they give different figures of one thing, not where they speak of different things."""

from __future__ import annotations

import pytest

from rag.answering.answer import Citation
from rag.answering.figure_disagreement import differing_figures
from rag.answering.sentence_selection import Quote
from rag.documents.document import Document


def cited(*marked: str) -> list[Citation]:
    """Citations whose marked words these are."""
    made = []
    for n, words in enumerate(marked, 1):
        text = f"It says {words} here."
        document = Document(str(n), f"/{n}", str(n), str(n), None, "en", text, 0, (0,), "")
        made.append(Citation(n, Quote(document, 0, len(text), text, 0.5, ((8, 8 + len(words)),)), 1))
    return made


@pytest.mark.parametrize(
    "marked",
    [
        ("46 Meter", "47 metres"),
        ("11.000", "8,000", "rund 8.000"),
        ("7,8 Millionen Euro", "€8.2 million"),
        ("40 Prozent", "19 %"),
        ("46 Meter", "47"),
        ("die Hälfte", "40 Prozent"),
        ("zwanzig", "einundzwanzig"),
    ],
)
def test_different_figures_in_one_measure_or_in_none_are_told_in_order(marked: tuple[str, ...]) -> None:
    assert differing_figures("number", cited(*marked)) == tuple(enumerate(marked, 1))


@pytest.mark.parametrize(
    "marked",
    [
        ("22 Jahre", "46 Meter", "5.40 Uhr"),
        ("46 Meter", "46 metres"),
        ("46 Meter", "no figure"),
        (),
        ("11 thousand", "11.000"),
        ("1,5 Mio. Euro", "€1.5 million"),
        ("half", "50 %"),
        ("zwanzig", "20"),
        ("3", "the third"),
    ],
)
def test_figures_in_other_measures_and_equal_ones_are_no_disagreement(marked: tuple[str, ...]) -> None:
    assert differing_figures("number", cited(*marked)) == ()


def test_of_several_measures_the_first_ones_figures_are_told() -> None:
    found = differing_figures("number", cited("46 Meter", "22 Jahre", "48 metres"))
    assert found == ((1, "46 Meter"), (3, "48 metres"))


def test_where_no_figure_is_asked_for_none_are_told() -> None:
    assert differing_figures("person", cited("46 Meter", "47 metres")) == ()
