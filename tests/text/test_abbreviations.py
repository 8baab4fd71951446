"""Held: abbreviations are found by the words they stand for, and lead back to where they stand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.text.abbreviations import in_full
from rag.text.normalization import normalized


def full(text: str, language: str = "de") -> str:
    return in_full(normalized(text, 0, len(text)), language).text


@pytest.mark.parametrize(
    ("language", "written", "said"),
    [
        ("de", "Mo.-Fr. 8-12 Uhr, Sa. 9-11 Uhr", "Montag-Freitag 8-12 Uhr, Samstag 9-11 Uhr"),
        ("de", "Mo – Do: 7:30–16 Uhr", "Montag – Donnerstag: 7:30–16 Uhr"),
        ("de", "So 10-12 geöffnet", "Sonntag 10-12 geöffnet"),
        ("de", "Fr. und Sa. Ruhetag", "Freitag und Samstag Ruhetag"),
        ("de", "bei Fr. Lenz, Tel. 4711", "bei Frau Lenz, Telefon 4711"),
        ("de", "Lindenstr. 4, Hausnr. 12", "Lindenstraße 4, Hausnummer 12"),
        ("de", "70 Euro zzgl. 19 % MwSt.", "70 Euro zuzüglich 19 % Mehrwertsteuer."),
        ("de", "Art. 5 Abs. 2", "Artikel 5 Absatz 2"),
        ("en", "Open Mon.-Thurs. and Sat. 9-12", "Open Monday-Thursday and Saturday 9-12"),
        ("en", "Tel. 4711, 12 Mill Rd. Wenham", "Telephone 4711, 12 Mill Road Wenham"),
        # no abbreviations
        ("de", "So kamen 20 Leute. Do not", "So kamen 20 Leute. Do not"),
        ("de", "Er ging am 3. Mai fort.", "Er ging am 3. Mai fort."),
        ("de", "Die Kur. Das Nr", "Die Kur. Das Nr"),
        ("en", "The sun sat. No art.", "The sun sat. No art."),
        ("en", "So 3 of 10 came", "So 3 of 10 came"),
        ("fr", "Tel. 4711", "Tel. 4711"),
    ],
)
def test_an_abbreviation_says_its_word(language: str, written: str, said: str) -> None:
    assert full(written, language) == said


def test_what_is_found_in_full_is_where_the_abbreviation_stands() -> None:
    text = "| Tag | Zeit |\n|---|---|\n| Sa. | 9-11 Uhr |"
    row = in_full(normalized(text, text.index("| Sa"), len(text)), "de")
    assert row.text == "Tag: Samstag · Zeit: 9-11 Uhr"
    left = row.text.index("Samstag")
    assert text[slice(*row.span(left, left + 7))] == "Sa."
    assert text[slice(*row.span(row.text.index("9-11"), len(row.text)))] == "9-11 Uhr"
    assert [row.text[slice(*span)] for span in row.added] == ["Tag: ", "Zeit: "]


@given(st.text(alphabet="MoFrSa. -8TelStr\u0308", max_size=50))
def test_of_any_text_offsets_stay_in_order(text: str) -> None:
    found = in_full(normalized(text, 0, len(text)), "de")
    assert len(found.offsets) == len(found.text) + 1
    assert list(found.offsets) == sorted(found.offsets)
