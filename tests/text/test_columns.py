"""Held: tables set with spaces or tabs are found by their columns, and prose with wide gaps is none."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.text.columns import rows
from rag.text.normalization import normalized
from rag.text.sentences import sentences


def table(text: str) -> list[list[tuple[str, str]]]:
    return [[(head, text[start:end]) for head, start, end in row.cells] for row in rows(text)]


FERRIES = (
    "Ferry to the island\n\n"
    "               Mon-Fri   Sat    Sun\n"
    "Harbour dep.   06:15     07:30  09:00\n"
    "Island arr.    07:05            09:50\n"
    "Island dep.    17:40     18:10  19:00\n"
)


def test_cells_have_the_heads_of_their_columns() -> None:
    assert table(FERRIES)[1] == [("", "Island arr."), ("Mon-Fri", "07:05"), ("Sun", "09:50")]
    assert table("Name\tAge\nAnna Bell\t31\nBo\t7\n") == [
        [("Name", "Anna Bell"), ("Age", "31")],
        [("Name", "Bo"), ("Age", "7")],
    ]


def test_a_row_is_one_sentence_read_with_its_heads() -> None:
    read = [normalized(FERRIES, *span).text for span in sentences(FERRIES, "en")]
    assert read[-1] == "Island dep. · Mon-Fri: 17:40 · Sat: 18:10 · Sun: 19:00"
    assert len(read) == 5


def test_words_of_several_lines_without_heads_are_no_table() -> None:
    assert table("06:15     07:30\n07:05     08:20\n17:40     18:10\n") == []  # nothing names the columns
    assert table("Name      Place\nAnna      Wenham\nBo        Kiel\n") == []  # nor is it seen that the first line does
    assert table("Name      Age\nAnna      31\n") == []  # a single row
    assert table("Name      Age\n\nAnna      31\n\nBo        7\n") == []


@pytest.mark.parametrize(
    "form",
    [
        "Landlord:    Mrs Garstang\nTenant:      Mr Lind\nTerm:        12 months\nRent:        GBP 865\n",
        "Kunde       Anna Voss\nRechnung    R-4471\nDatum       3.4.2024\nBetrag      44,20 EUR\n",
        "English:\tmother tongue\nGerman:\tfluent (C1)\nFrench:\tB2 since 2019\n",
    ],
)
def test_lines_that_each_name_their_own_value_are_no_table(form: str) -> None:
    assert table(form) == []
    assert len(sentences(form, "en")) == form.count("\n")


@pytest.mark.parametrize(
    ("heads", "lines"),
    [
        ("Zutat     Menge", ("Mehl      250 g", "Eier      3", "Butter    1 Stück")),
        ("Fare      Price", ("Single    2.50", "Day       5.10", "Child     free")),
    ],
)
def test_two_columns_of_things_and_their_figures_have_heads(heads: str, lines: tuple[str, ...]) -> None:
    found = table("\n".join([heads, *lines]) + "\n")
    assert [[head for head, _ in row] for row in found] == [heads.split()] * 3


@pytest.mark.parametrize("seed", range(20))
def test_justified_prose_is_no_table(seed: int) -> None:
    chance = random.Random(seed)
    words = "the mill stands by a brook and 12 of its wheels were sold in 1907 when nobody came to grind corn".split()
    lines = []
    for _ in range(8):
        line = [chance.choice(words) for _ in range(11)]
        lines.append("".join(word + " " * (1 + chance.choice([0, 0, 1])) for word in line).rstrip())
    assert table("\n".join(lines)) == []


@given(st.text(alphabet="aB1 \t\n  ", max_size=200))
def test_of_any_text_cells_lie_in_order_in_their_lines(text: str) -> None:
    for row in rows(text):
        ends = [end for _, *span in row.cells for end in span]
        assert ends == sorted(ends) and row.start <= ends[0] and ends[-1] <= row.end
        assert all(text[start:end] == text[start:end].strip() for _, start, end in row.cells)
