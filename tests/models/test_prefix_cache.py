"""Held: the states that were used last are kept, within their bytes, and the one that shares most is found."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from rag.models.prefix_cache import PrefixCache, common

TOKENS = st.lists(st.integers(0, 2), max_size=6)


def kept(most: int, *rows: tuple[list[int], bytes]) -> PrefixCache:
    made = PrefixCache(most)
    for tokens, state in rows:
        made.keep(tokens, state)
    return made


def holds(states: PrefixCache, tokens: list[int], state: bytes) -> bool:
    return states.longest(tokens) == (state, len(tokens))


def test_what_is_kept_is_found_whole() -> None:
    states = kept(100, ([1, 2, 3], b"abc"), ([4], b"d"))
    assert states.longest([1, 2, 3]) == (b"abc", 3)
    assert states.longest((4,)) == (b"d", 1)
    assert len(states) == 2


def test_the_longest_beginning_that_is_shared_is_found_and_its_length_told() -> None:
    states = kept(100, ([1], b"one"), ([1, 2, 3, 4], b"four"), ([1, 2, 9], b"nine"), ([7, 2, 3, 4], b"seven"))
    assert states.longest([1, 2, 3, 5, 6]) == (b"four", 3)  # all of one, part of the other: what is shared counts
    assert states.longest([1, 2, 3]) == (b"four", 3)  # a longer state serves, cut
    assert states.longest([1, 2, 9, 9]) == (b"nine", 3)
    assert states.longest([1, 5]) == (b"one", 1)
    assert states.longest([8]) == (b"", 0)


def test_nothing_is_found_where_nothing_is_kept_or_shared() -> None:
    assert PrefixCache(10).longest([1]) == (b"", 0)
    assert PrefixCache(10).longest([]) == (b"", 0)
    assert kept(10, ([1], b"a")).longest([]) == (b"", 0)


def test_the_state_of_no_tokens_is_kept_like_any_other_and_shares_nothing() -> None:
    states = kept(10, ([], b"none"))
    assert states.longest([]) == (b"none", 0)
    assert states.longest([1, 2]) == (b"", 0)


def test_what_was_not_used_for_longest_makes_room() -> None:
    states = kept(3, ([1], b"a"), ([2], b"b"), ([3], b"c"))
    assert holds(states, [1], b"a")  # used again: now [2] is the one
    states.keep([4], b"d")
    assert states.longest([2]) == (b"", 0)
    assert holds(states, [1], b"a") and holds(states, [3], b"c") and holds(states, [4], b"d")
    states.keep([5, 5], b"ee")  # two make room for it
    assert len(states) == 2
    assert holds(states, [4], b"d") and holds(states, [5, 5], b"ee")


def test_kept_twice_a_state_counts_once_and_is_the_newer_one() -> None:
    states = kept(4, ([1], b"aa"), ([2], b"b"), ([1], b"x"))
    assert len(states) == 2
    states.keep([3], b"cc")  # there is room: the first two bytes are counted no more
    assert holds(states, [1], b"x") and holds(states, [2], b"b") and holds(states, [3], b"cc")
    states = kept(3, ([1], b"a"), ([2], b"b"), ([1], b"a"), ([3], b"cc"))
    assert holds(states, [1], b"a") and states.longest([2]) == (b"", 0)  # kept again is used again


def test_a_state_larger_than_all_the_room_is_not_kept() -> None:
    states = kept(3, ([1], b"a"))
    states.keep([2], b"large")
    assert states.longest([2]) == (b"", 0)
    assert holds(states, [1], b"a")  # nor does it drive out what is
    states.keep([3], b"b")
    assert holds(states, [3], b"b")
    nothing = kept(0, ([1], b"a"))
    assert len(nothing) == 0


def test_after_all_is_forgotten_there_is_room_for_all_again() -> None:
    states = kept(2, ([1], b"a"), ([2], b"b"))
    states.clear()
    assert len(states) == 0 and states.longest([1]) == (b"", 0)
    states.keep([3], b"cc")
    assert holds(states, [3], b"cc")


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(TOKENS, st.binary(max_size=4)), max_size=12), TOKENS, st.integers(0, 12))
def test_whatever_is_kept_its_bytes_are_few_enough_and_what_shares_most_is_found(
    rows: list[tuple[list[int], bytes]], wanted: list[int], most: int
) -> None:
    states = kept(most, *rows)
    fitting = [(tuple(tokens), state) for tokens, state in rows if len(state) <= most]
    last = dict(fitting)
    newest = list(dict.fromkeys(tokens for tokens, _ in reversed(fitting)))[: len(states)]  # only they are there
    assert sum(len(last[key]) for key in newest) <= most
    state, shared = states.longest(wanted)
    assert shared == max((common(key, wanted) for key in newest), default=0)
    serving = [last[key] for key in newest if common(key, wanted) == shared]
    assert state in serving if shared else state in (b"", last.get((), b""))


@given(TOKENS, TOKENS)
def test_what_two_have_in_common_is_the_longest_beginning_of_both(left: list[int], right: list[int]) -> None:
    count = common(left, right)
    assert left[:count] == right[:count]
    assert left[count : count + 1] != right[count : count + 1] or count == len(left) == len(right)


def test_what_is_in_common_ends_where_the_shorter_ends() -> None:
    for one, other in combinations([[1, 2], [1, 2, 3], [1], []], 2):
        assert common(one, other) == common(tuple(other), one) == min(len(one), len(other))
