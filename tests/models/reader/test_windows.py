"""Held: every sentence is scored once, in order, and no window holds more than there is room for."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rag.models.reader.windows import Window, windows


@given(st.lists(st.integers(1, 50), max_size=40), st.integers(1, 60))
def test_every_sentence_is_scored_once_and_windows_fit(lengths: list[int], room: int) -> None:
    found = windows(lengths, room)
    assert [number for window in found for number in range(window.start, window.end)] == list(range(len(lengths)))
    for window in found:
        read = lengths[window.first : window.end]
        assert sum(read) <= room or len(read) == 1
        assert window.start - window.first in (0, 1)


def test_a_passage_that_fits_is_one_window() -> None:
    assert windows([100, 200, 200], 500) == [Window(0, 0, 3)]
    assert windows([], 500) == []


def test_a_later_window_is_read_with_the_short_sentence_before_it() -> None:
    assert windows([60, 20, 50, 20], 100) == [Window(0, 0, 2), Window(1, 2, 4)]
    assert windows([60, 35, 50, 20], 100) == [Window(0, 0, 2), Window(2, 2, 4)]
