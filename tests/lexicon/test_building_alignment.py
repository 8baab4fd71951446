"""Held: words of sentence pairs link to what stands for them, the same way each time."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.lexicon.building.alignment import Links, links

Pairs = list[tuple[list[str], list[str]]]
WHO = {"koch": "cook", "nachbar": "neighbour", "ferge": "ferryman", "außenminister": "foreign minister"}
DOES = {"kauft": "buys", "malt": "paints", "sucht": "seeks"}
WHAT = {"brot": "bread", "boote": "boats", "pferde": "horses", "äpfel": "apples"}


def corpus() -> Pairs:
    """Every one does everything to everything."""
    return [
        (["der", who, does, what], ["the", *WHO[who].split(), DOES[does], WHAT[what]])
        for who, does, what in product(WHO, DOES, WHAT)
    ]


def linked(pairs: Pairs, found: Links, least: float = 0.5) -> set[tuple[int, str, str]]:
    """What is agreed on: (number of the pair, source word, target word)."""
    left = [(number, word) for number, pair in enumerate(pairs) for word in pair[0]]
    right = [(number, word) for number, pair in enumerate(pairs) for word in pair[1]]
    agreed = zip(found.source.tolist(), found.target.tolist(), found.agreed.tolist(), strict=True)
    return {(left[a][0], left[a][1], right[b][1]) for a, b, belief in agreed if belief > least}


def test_words_link_to_what_stands_for_them() -> None:
    pairs = corpus()
    for words in (DOES, WHAT):
        got = {(source, target) for _, source, target in linked(pairs, links(pairs)) if source in words}
        assert got == set(words.items())


def test_a_word_of_another_order_is_found_as_well() -> None:
    pairs: Pairs = [(source, [*target[1:], target[0]]) for source, target in corpus()]
    assert {(source, target) for _, source, target in linked(pairs, links(pairs)) if source in WHAT} == set(
        WHAT.items()
    )


def test_every_link_stays_inside_its_pair() -> None:
    pairs = corpus()
    found = links(pairs)
    left = [number for number, pair in enumerate(pairs) for _ in pair[0]]
    right = [number for number, pair in enumerate(pairs) for _ in pair[1]]
    assert len(found.source) > 3 * len(pairs)
    assert [left[a] for a in found.source] == [right[b] for b in found.target]


def test_both_words_of_a_phrase_choose_the_one_word_they_stand_for() -> None:
    pairs = corpus()
    found = links(pairs)
    left = [word for pair in pairs for word in pair[0]]
    right = [word for pair in pairs for word in pair[1]]
    chosen = zip(found.source.tolist(), found.target.tolist(), found.grown.tolist(), strict=True)
    grown = [right[b] for a, b, belief in chosen if left[a] == "außenminister" and belief > 0.5]
    assert grown.count("foreign") == grown.count("minister") == len(DOES) * len(WHAT)


@pytest.mark.parametrize(("name", "english"), [("zyrolan", "zyrolan"), ("1907", "1907"), ("quandtsche", "quandt's")])
def test_a_name_seen_once_links_to_what_is_spelled_alike(name: str, english: str) -> None:
    pairs = [*corpus(), (["der", "koch", "sucht", name], ["the", "cook", "seeks", english])]
    assert (len(pairs) - 1, name, english) in linked(pairs, links(pairs))


def test_spelling_tells_two_names_apart_that_are_seen_once() -> None:
    pairs = [*corpus(), ("der koch sucht zyrolan quandt".split(), "the cook seeks quandt zyrolan".split())]
    got = {(source, target) for number, source, target in linked(pairs, links(pairs)) if number == len(pairs) - 1}
    assert got >= {("zyrolan", "zyrolan"), ("quandt", "quandt")}


def test_words_that_come_twice_link_in_their_order() -> None:
    pairs: Pairs = [(["brot", "und", "boote", "und", "brot"], ["bread", "and", "boats", "and", "bread"])] * 5
    found = links(pairs)
    near = [(a, b) for a, b, belief in zip(found.source, found.target, found.agreed, strict=True) if belief > 0.3]
    assert near == [(number, number) for number in range(25)]


def test_the_same_pairs_give_the_same_links() -> None:
    first, second = links(corpus()), links(corpus())
    for field in ("source", "target", "agreed", "grown"):
        assert np.array_equal(getattr(first, field), getattr(second, field))


def test_progress_is_told() -> None:
    told: list[str] = []
    links(corpus(), told.append)
    assert told[0].startswith("48 pairs") and len(told) > 5


WORDS = st.lists(st.sampled_from("ab cd ef gh abcdef abcdeg 7 der the".split()), min_size=1, max_size=5)


@settings(max_examples=60, deadline=None)
@given(pairs=st.lists(st.tuples(WORDS, WORDS), min_size=1, max_size=6))
def test_belief_in_a_link_is_a_share(pairs: Pairs) -> None:
    found = links(pairs)
    for belief in (found.agreed, found.grown):
        assert np.all((belief >= 0) & (belief <= 1.0001))
    assert np.all(np.bincount(found.target, found.grown) <= 1.0001)
    assert np.all((found.source >= 0) & (found.source < sum(len(left) for left, _ in pairs)))
    assert np.all((found.target >= 0) & (found.target < sum(len(right) for _, right in pairs)))
