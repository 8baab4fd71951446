"""Paragraphs end at empty lines and at the ends of pages, and nowhere else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.text.paragraphs import apart, paragraphs, surrounding

TEXTS = st.text(alphabet="aB. \n\t\r\f\v", max_size=60)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("One.\nStill one.", ["One.\nStill one."]),
        ("One.\n\nTwo.", ["One.", "Two."]),
        ("One.\r\n\r\nTwo.", ["One.\r", "Two."]),
        ("One.\n \t \n\n  Two.", ["One.", "Two."]),
        ("Page one.\fPage two.", ["Page one.", "Page two."]),
        ("", [""]),
    ],
)
def test_an_empty_line_or_a_new_page_parts_them(text: str, found: list[str]) -> None:
    assert [text[start:end] for start, end in paragraphs(text)] == found
    assert apart(text, 0, len(text)) == (len(found) > 1)


@given(text=TEXTS, start=st.integers(0, 60), end=st.integers(0, 60))
def test_they_are_in_order_and_all_that_is_left_out_is_white_space(text: str, start: int, end: int) -> None:
    start, end = sorted((min(start, len(text)), min(end, len(text))))
    at = start
    for left, right in paragraphs(text, start, end):
        assert at <= left <= right <= end
        assert not text[at:left].strip()
        at = right
    assert at == end


@given(text=TEXTS, start=st.integers(0, 60), end=st.integers(0, 60), most=st.integers(0, 20))
def test_what_surrounds_a_span_is_its_paragraph_as_far_as_that_goes(text: str, start: int, end: int, most: int) -> None:
    start, end = sorted((min(start, len(text)), min(end, len(text))))
    left, right = surrounding(text, start, end, most)
    assert start - most <= left <= start and end <= right <= end + most
    assert not apart(text, left, start) and not apart(text, end, right)


def test_a_quote_is_shown_in_its_paragraph() -> None:
    text = "Before.\n\nFirst. The mill burned. Last.\n\nAfter."
    start = text.index("The mill")
    left, right = surrounding(text, start, start + len("The mill burned."), 100)
    assert text[left:right] == "First. The mill burned. Last."
    assert surrounding(text, start, start + len("The mill burned."), 3) == (start - 3, start + 19)
