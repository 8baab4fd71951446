"""Held: what is read of a sentence is what a person sees, and every character of it leads back to the document."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.text.normalization import composed, normalized
from rag.text.sentences import sentences

TABLE = "Boats\n\n| Name | Built | Seats: |\n| --- | ---: | --- |\n| Rosa | 1931 | 40 |\n| Emil \\| Max |  | 12 |\n"


def read(text: str) -> str:
    return normalized(text, 0, len(text)).text


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("Die Mu\u0308hle la\u0308uft.", "Die Mühle läuft."),
        ("Wär\u00adme\u00adpum\u00adpe", "Wärmepumpe"),
        ("Wind\u200bkraft\u2060\ufeff", "Windkraft"),
        ("1\u00a0250\u202fEuro", "1\u00a0250\u202fEuro"),
        ("on two\nlines", "on two lines"),
        ("on two  \r\n   lines", "on two lines"),
        ("> quoted\n> twice", "quoted twice"),
        ("tabs\tand   spaces", "tabs and spaces"),
        ("Vor-\nund Nachteile", "Vor- und Nachteile"),
        ("die Wasser-\nmühle", "die Wassermühle"),
        ("die Nord-\nSüd-Achse", "die Nord-Süd-Achse"),
        ("die EU-\nweite Regel", "die EU-weite Regel"),
        ("a 24-\nhour clock", "a 24-hour clock"),
        ("born in Hale[3] in 1871[^note] and x[4, 7]", "born in Hale in 1871 and x"),
        ("as he wrote [sic] in [2019](page.html)", "as he wrote [sic] in [2019](page.html)"),
        ("see [4] and a[1](link)", "see [4] and a[1](link)"),
        ("now <!-- or later --> it runs", "now it runs"),
        ("10³ m² of £", "10³ m² of £"),
    ],
)
def test_what_is_read_is_what_is_seen(text: str, seen: str) -> None:
    assert read(text) == seen


def test_a_row_of_a_table_is_read_with_its_column_heads() -> None:
    rows = [normalized(TABLE, start, end).text for start, end in sentences(TABLE, "en")]
    assert rows[2:] == ["Name: Rosa · Built: 1931 · Seats: 40", "Name: Emil | Max · Seats: 12"]


def test_of_a_row_with_column_heads_it_is_known_where_each_cell_stands_with_its_own() -> None:
    text = "| Ferry | Built | Runs |\n|---|---|---|\n| Luise | | daily · all year |\n"
    start = text.index("| Luise")
    row = normalized(text, start, text.index("\n", start))
    assert [row.text[left:right] for left, right in row.cells] == ["Ferry: Luise", "Runs: daily · all year"]
    spaced = "Name      Born    Age\nRosa      1931    40\nOtto      1940    31\n"
    row = normalized(spaced, 22, spaced.index("\nOtto"))
    assert [row.text[left:right] for left, right in row.cells] == ["Name: Rosa", "Born: 1931", "Age: 40"]


@pytest.mark.parametrize("text", ["The mill burned.", "| Luise | 1928 | daily |", "| Luise | 1928 |", "a · b"])
def test_what_has_no_column_heads_has_no_cells(text: str) -> None:
    assert normalized(text, 0, len(text)).cells == ()


def test_a_row_of_two_cells_without_heads_is_a_key_and_its_value() -> None:
    assert read("| Chair | Olga Maier |") == "Chair: Olga Maier"
    assert read("| Chair: | Olga Maier |") == "Chair: Olga Maier"
    assert read("| a | b | c |") == "a · b · c"


def test_words_found_in_what_is_read_are_led_back_to_the_document_and_forth() -> None:
    start = TABLE.index("| Rosa")
    row = normalized(TABLE, start, TABLE.index(" |\n| Emil") + 2)
    left = row.text.index("1931")
    assert TABLE[slice(*row.span(left, left + 4))] == "1931"
    assert row.text[slice(*row.place(*row.span(left, left + 4)))] == "1931"
    assert TABLE[slice(*row.span(0, len("Name: Rosa")))] == "Rosa"  # a head stands elsewhere
    text = "Die Mu\u0308hle im\nTal la\u0308uft."
    sentence = normalized(text, 0, len(text))
    left = sentence.text.index("läuft")
    assert text[slice(*sentence.span(left, left + 5))] == "la\u0308uft"


def test_a_text_is_composed_and_otherwise_as_it_is() -> None:
    assert composed("Mu\u0308\u00adhle  [1]\n") == "Mühle  [1]\n"


@given(st.text(alphabet="aBü\u0308\u00ad\u200b \n\t-|[]1:>\\<!é漢", max_size=60), st.integers(0, 5))
def test_of_any_text_each_character_read_stands_in_order_in_the_span(text: str, before: int) -> None:
    whole = "." * before + text
    found = normalized(whole, before, len(whole))
    assert len(found.offsets) == len(found.text) + 1
    assert list(found.offsets) == sorted(found.offsets)
    assert before <= found.offsets[0] and found.offsets[-1] <= len(whole)
    assert unicodedata.is_normalized("NFC", found.text) or "\u0308" in text
    added = {at for left, right in found.added for at in range(left, right)}
    for at, sign in enumerate(found.text):
        if at not in added and sign.isalnum() and sign.isascii():
            assert whole[found.offsets[at]] == sign
    for left in range(len(found.text) + 1):
        start, end = found.span(0, left)
        assert before <= start <= end <= len(whole)
