"""Held: what documents say is shown, never obeyed, and marks stand around the answering words and nothing else."""

from __future__ import annotations

import unicodedata
from dataclasses import replace

import pytest
from fake_chat import troops
from hypothesis import given
from hypothesis import strategies as st

from rag.answering.assistant import Answer, Citation, Timings
from rag.answering.attribution import Statement
from rag.answering.sentence_selection import Quote
from rag.documents.document import Document
from rag.output.terminal import marked, sources
from rag.text.sanitize import one_line, plain

STAND_IN = "\N{REPLACEMENT CHARACTER}"


def quote(text: str, *marks: tuple[int, int], start: int = 0, end: int | None = None) -> Quote:
    document = Document("0", "/mill.txt", "mill.txt", "The mill", None, "en", text, 0, (0,), "0")
    end = len(text) if end is None else end
    return Quote(document, start, end, text[start:end], 0.9, marks)


# --- plain -----------------------------------------------------------------------------


@pytest.mark.parametrize("sign", ["\x00", "\x07", "\x08", "\x0b", "\x0c", "\x1b", "\x1f", "\x7f"])
def test_a_control_character_is_replaced(sign: str) -> None:
    assert plain(f"mill{sign}wheel") == f"mill{STAND_IN}wheel"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x1b[0m", f"{STAND_IN}[31mred{STAND_IN}[0m"),
        ("\x1b]0;title\x07", f"{STAND_IN}]0;title{STAND_IN}"),
        ("\x1b[2J", f"{STAND_IN}[2J"),
    ],
)
def test_a_terminal_escape_is_shown_as_text(text: str, shown: str) -> None:
    assert plain(text) == shown


@pytest.mark.parametrize("sign", ["\x80", "\x85", "\x90", "\x9b", "\x9d", "\x9f"])
def test_a_c1_control_is_replaced(sign: str) -> None:
    assert plain(f"a{sign}31mb") == f"a{STAND_IN}31mb"


@pytest.mark.parametrize("sign", list("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"))
def test_a_character_that_turns_the_direction_of_writing_is_replaced(sign: str) -> None:
    assert plain(f"a{sign}b") == f"a{STAND_IN}b"


@pytest.mark.parametrize("sign", ["\r", "\u2028", "\u2029", "\ufeff"])
def test_other_line_ends_and_byte_order_marks_become_a_space(sign: str) -> None:
    assert plain(f"a{sign}b") == "a b"


def test_lines_tabs_and_all_ordinary_text_stay() -> None:
    text = "Die Mühle –\n\t„ein Rad“, 水車, 🙂 שלום"
    assert plain(text) == text


@given(st.text())
def test_nothing_that_a_terminal_obeys_is_left_and_no_length_changes(text: str) -> None:
    shown = plain(text)
    assert len(shown) == len(text)
    assert all(unicodedata.category(sign) != "Cc" or sign in "\n\t" for sign in shown)
    assert not any(unicodedata.bidirectional(sign) in {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI"} for sign in shown)


# --- one_line --------------------------------------------------------------------------


def test_a_text_is_brought_onto_one_line() -> None:
    assert one_line("  The mill\n\n\tburned\r\ndown. ") == "The mill burned down."


def test_a_long_line_is_cut_with_an_ellipsis_to_the_length_asked_for() -> None:
    assert one_line("abcdefghij", 5) == "abcd…"
    assert one_line("abc defghij", 5) == "abc…"


@pytest.mark.parametrize("most", [0, 10, 11])
def test_a_line_that_fits_is_not_cut(most: int) -> None:
    assert one_line("abcdefghij", most) == "abcdefghij"


@given(st.text(), st.integers(min_value=1, max_value=20))
def test_a_cut_line_is_never_longer_than_asked_for(text: str, most: int) -> None:
    line = one_line(text, most)
    assert len(line) <= most
    assert "\n" not in line and "\x1b" not in line


# --- marked ----------------------------------------------------------------------------

MILL = "The mill burned down in 1907."


@pytest.mark.parametrize(
    ("marks", "shown"),
    [
        ([], "The mill burned down in 1907."),
        ([(24, 28)], "The mill burned down in **1907**."),
        ([(0, 8)], "**The mill** burned down in 1907."),
        ([(24, 29)], "The mill burned down in **1907.**"),
        ([(0, 29)], "**The mill burned down in 1907.**"),
        ([(4, 8), (24, 28)], "The **mill** burned down in **1907**."),
        ([(4, 8), (6, 15)], "The **mill**** burned** down in 1907."),
        ([(5, 5)], "The mill burned down in 1907."),
    ],
)
def test_asterisks_stand_around_the_marks_only(marks: list[tuple[int, int]], shown: str) -> None:
    assert marked(quote(MILL, *marks), colour=False) == shown


def test_marks_count_from_the_start_of_the_document_and_not_of_the_quote() -> None:
    text = f"Before it. {MILL} After it."
    assert marked(quote(text, (35, 39), start=11, end=40), colour=False) == "The mill burned down in **1907**."


def test_what_of_a_mark_lies_outside_the_quote_is_not_shown() -> None:
    text = f"Before it. {MILL} After it."
    assert marked(quote(text, (0, 19), (35, 49), start=11, end=40), colour=False) == (
        "**The mill** burned down in **1907.**"
    )
    assert marked(quote(text, (0, 10), (41, 49), start=11, end=40), colour=False) == MILL


def test_with_colour_the_marks_are_styled_and_have_no_asterisks() -> None:
    assert marked(quote(MILL, (24, 28)), colour=True) == "The mill burned down in \x1b[1m\x1b[4m1907\x1b[0m."


def test_a_quote_over_lines_is_shown_on_one_without_its_escapes() -> None:
    text = "The \x1b[31mmill\nburned\x9b in\n19\u202e07."
    shown = marked(quote(text, (text.index("19"), len(text) - 1)), colour=False)
    assert shown == f"The {STAND_IN}[31mmill burned{STAND_IN} in **19{STAND_IN}07**."


TABLE = "| Ferry | Built | Runs |\n|---|---|---|\n| Luise | 1928 | daily |\n"


def test_a_row_of_a_table_is_a_line_a_column_with_the_marks_around_the_value() -> None:
    start, at = TABLE.index("| Luise"), TABLE.index("1928")
    row = quote(TABLE, (at, at + 4), start=start, end=len(TABLE) - 1)
    assert marked(row, colour=False).splitlines() == ["Ferry: Luise", "Built: **1928**", "Runs: daily"]
    whole = replace(row, marks=((start, len(TABLE) - 1),))
    assert marked(whole, colour=False).splitlines() == ["Ferry: **Luise**", "**Built: 1928**", "**Runs: daily**"]


# --- sources ---------------------------------------------------------------------------


def answered(shown: Quote) -> Answer:
    """An answer with this one citation."""
    statement = Statement(shown.text, (1,), True)
    return Answer(
        *("How much?", "How much?", "en", "answered", shown.text, (statement,), (Citation(1, shown, 1),), (), ()),
        *("llm", "embedder", "quote", Timings(0.0, 0.0, 0.0)),
    )


def test_a_gloss_stands_below_its_quote_and_says_what_it_is() -> None:
    shown = replace(quote("Die Mühle spart Gas."), gloss="The mill\x1b[1m saves gas.")
    *_, citation, gloss = sources(answered(shown), colour=False).splitlines()
    assert citation.strip() == "Die Mühle spart Gas."
    assert gloss.strip() == f"word by word: The mill{STAND_IN}[1m saves gas."


def test_a_quote_without_a_gloss_has_no_such_line() -> None:
    assert "word by word" not in sources(answered(quote("The mill saves gas.")), colour=False)


def test_a_row_of_a_table_stands_below_its_place_a_line_a_column() -> None:
    at = TABLE.index("1928")
    row = quote(TABLE, (at, at + 4), start=TABLE.index("| Luise"), end=len(TABLE) - 1)
    _, place, *rows = sources(answered(row), colour=False).splitlines()[1:]
    assert place.startswith("[1] ") and rows == ["    Ferry: Luise", "    Built: **1928**", "    Runs: daily"]


def test_where_nothing_answers_the_nearest_sentence_stands_first_and_is_called_no_evidence() -> None:
    passages = troops().passages
    refused = replace(answered(quote(MILL)), status="not_found", statements=(), citations=(), passages=passages)
    declined = replace(refused, declined=quote(f"It stood. {MILL}\x1b", start=10, end=40))
    head, place, sentence, *more = sources(declined, colour=True).splitlines()[1:]
    assert (head, place) == ("Nearest sentence (not evidence):", "  mill.txt:10-40")
    assert sentence == f"    {MILL}{STAND_IN}"
    assert more == sources(refused, colour=True).splitlines() and more[1] == "Nearest passages (not evidence):"
    german = sources(replace(declined, language="de"), colour=True)
    assert "Nächstliegender Satz (kein Beleg):" in german and "Nächstliegende Passagen (kein Beleg):" in german
