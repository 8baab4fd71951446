"""Held: the marked words are whole, without punctuation at the edges, and the likeliest of their sentence."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.models.reader.answering_words import LONGEST, best_span, whole_words


def marked(text: str) -> str:
    """Return what becomes of the stretch between two ‸ in a text."""
    before, inside, after = text.split("‸")
    sentence = before + inside + after
    start, end = whole_words(sentence, len(before), len(before) + len(inside))
    return sentence[start:end]


@pytest.mark.parametrize(
    ("touched", "whole"),
    [
        ("Der B‸ür‸gerverein zahlt.", "Bürgerverein"),
        ("Es kostet 1.‸500‸.000 Euro.", "1.500.000"),
        ("It opens at ‸17‸:30, daily.", "17:30"),
        ("In ‸(Berlin),‸ they say.", "Berlin"),
        ("A share of ‸25 %,‸ at most.", "25 %"),
        ("At minus ‸5 °C.‸", "5 °C"),
        ("Es waren ‸-5‸ Grad.", "-5"),
        ("Es war so ‸- 5‸ Tage lang.", "5"),
        ("Die ‸Bank (BaFin)‸ prüft.", "Bank (BaFin)"),
        ("Die ‸Bank (BaFin‸) prüft.", "Bank (BaFin"),
        ("Doors open at ‸8 p.m.‸", "8 p.m."),
        ("So sagt die ‸U.S.‸ Regierung.", "U.S."),
        ("He left ‸yesterday.‸", "yesterday"),
        ("‸don‸'t know", "don't"),
        ("Name | ‸Preis |‸ Menge", "Preis"),
        ("»‸Ja‸«, sagte sie.", "Ja"),
        ("‸¿Cuánto?‸", "Cuánto"),
        ("Łó‸dź i Kra‸ków", "Łódź i Kraków"),
        ("cafe\u0301‸s‸ there", "cafe\u0301s"),
        ("der ‸Ost-‸West-Konflikt", "Ost"),
        ("‸, – …‸", ""),
    ],
)
def test_a_stretch_becomes_whole_words_without_edges(touched: str, whole: str) -> None:
    assert marked(touched) == whole


@given(st.text(max_size=40), st.integers(0, 40), st.integers(0, 40))
def test_any_stretch_of_any_text_stays_within_it(text: str, one: int, other: int) -> None:
    start, end = sorted((min(one, len(text)), min(other, len(text))))
    first, last = whole_words(text, start, end)
    assert 0 <= first <= last <= len(text)
    assert text[first:last].strip() == text[first:last]


SENTENCE = "The mill burned down in 1907."
OFFSETS = [(0, 3), (4, 8), (9, 15), (16, 20), (21, 23), (24, 26), (26, 28), (28, 29)]


def logits(**high: float) -> np.ndarray:
    found = np.zeros(len(OFFSETS), dtype=np.float32)
    for place, value in high.items():
        found[int(place.removeprefix("t"))] = value
    return found


def test_the_likeliest_start_and_end_make_the_span_and_its_chance() -> None:
    span = best_span(SENTENCE, OFFSETS, logits(t5=20), logits(t6=20))
    assert span is not None and SENTENCE[span.start : span.end] == "1907"
    assert span.probability == pytest.approx(1, abs=1e-3)
    level = best_span(SENTENCE, OFFSETS, logits(), logits())
    assert level is not None and level.probability == pytest.approx(1 / 64)


def test_an_end_before_the_start_is_no_span() -> None:
    span = best_span(SENTENCE, OFFSETS, logits(t5=9), logits(t1=9, t6=4))
    assert span is not None and SENTENCE[span.start : span.end] == "1907"


def test_punctuation_neither_starts_nor_ends_one() -> None:
    span = best_span(SENTENCE, OFFSETS, logits(t7=9, t5=3), logits(t7=9, t6=3))
    assert span is not None and SENTENCE[span.start : span.end] == "1907"
    assert best_span("…", [(0, 1)], logits()[:1], logits()[:1]) is None
    assert best_span("", [], logits()[:0], logits()[:0]) is None


def test_no_span_is_longer_than_the_longest() -> None:
    count = 3 * LONGEST
    offsets = [(2 * number, 2 * number + 1) for number in range(count)]
    starts, ends = np.zeros(count, dtype=np.float32), np.zeros(count, dtype=np.float32)
    starts[0] = ends[-1] = 9
    span = best_span("x " * count, offsets, starts, ends)
    assert span is not None and span.end - span.start < 2 * LONGEST


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_logits_that_are_no_numbers_mark_nothing(bad: float) -> None:
    assert best_span(SENTENCE, OFFSETS, logits(t2=bad), logits()) is None
