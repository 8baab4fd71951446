"""Held: what a model doubts becomes a chance with the reader's support, and that decides what answers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.answering.judging import Judge
from rag.answering.sentence_selection import MOST_QUOTES

JUDGE = Judge(bias=0.0, support=0.8, refused=-0.5, refuse=0.4, further=0.5, least_further=0.3, least=0.02)
CHANCES = st.floats(0, 1)


@given(support=CHANCES, refused=CHANCES)
def test_a_chance_lies_between_0_and_1_and_falls_with_the_doubt(support: float, refused: float) -> None:
    chance = JUDGE.chance(support, refused)
    assert 0 <= chance <= 1
    assert JUDGE.chance(support, min(1.0, refused + 0.1)) <= chance <= JUDGE.chance(min(1.0, support + 0.1), refused)


def test_where_a_model_does_not_tell_its_doubt_the_support_counts() -> None:
    assert JUDGE.chance(0.37, None) == 0.37


def test_what_the_model_doubts_is_left_out_and_what_the_reader_doubted_may_come_in() -> None:
    kept, best = JUDGE.chosen([(0.9, 0.999), (0.3, 0.001), (0.2, 0.99)])
    assert kept == [1] and best == pytest.approx(JUDGE.chance(0.3, 0.001))


def test_where_all_are_doubted_nothing_answers() -> None:
    assert JUDGE.chosen([(0.9, 0.9999), (0.5, 0.9999)])[0] == []
    assert JUDGE.chosen([]) == ([], 0.0)


@given(st.lists(st.tuples(CHANCES, st.none() | CHANCES), max_size=6))
def test_the_first_stays_first_where_it_was_sure_and_the_others_follow_by_their_chance(
    found: list[tuple[float, float | None]],
) -> None:
    kept, best = JUDGE.chosen(found)
    chances = [JUDGE.chance(*each) for each in found]
    assert best == max(chances, default=0.0) and len(set(kept)) == len(kept) <= MOST_QUOTES
    assert bool(kept) == (best >= JUDGE.refuse)
    if found and JUDGE.sure(*found[0]):
        assert kept[0] == 0
    rest = [chances[at] for at in (kept[1:] if kept and JUDGE.sure(*found[0]) else kept)]
    assert rest == sorted(rest, reverse=True)
