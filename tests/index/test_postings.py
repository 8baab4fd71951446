"""Held: what is passed over unseen could not have been among the best by BM25."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.index.postings import Asked, Postings, best, hashed, idf, made

WORDS = [f"w{number}" for number in range(12)]
# Words of very different frequency, as those of a language are.
CHUNK = st.lists(st.integers(0, 11).map(lambda n: WORDS[int(11 * (n / 11) ** 3)]), max_size=30)


def bm25(chunks: dict[int, list[str]], terms: set[str], allowed: set[int]) -> dict[int, float]:
    """Return the scores of the chunks that hold any of the terms, reckoned one by one."""
    mean = sum(map(len, chunks.values())) / max(len(chunks), 1)
    held = {term: sum(term in said for said in chunks.values()) for term in terms}
    scores = {}
    for chunk in allowed & chunks.keys():
        counts = Counter(chunks[chunk])
        norm = 1.2 * (0.25 + 0.75 * len(chunks[chunk]) / max(mean, 1e-9))
        score = sum(idf(held[term], len(chunks)) * 2.2 * counts[term] / (counts[term] + norm) for term in terms)
        if score > 0:
            scores[chunk] = score
    return scores


def indexed(chunks: dict[int, list[str]], first: int, last: int) -> Postings:
    rows = [(chunk, " ".join(said)) for chunk, said in sorted(chunks.items())]
    return made(first, [rows[:7], rows[7:]], last)


def asked(postings: Postings, chunks: dict[int, list[str]], terms: set[str], **more: object) -> Asked:
    held = {term: sum(term in said for said in chunks.values()) for term in terms}
    worth = {term: idf(count, len(chunks)) for term, count in held.items() if count}
    return Asked(worth, allowed=np.ones(len(postings.lengths), dtype=np.bool_), **more)  # type: ignore[arg-type]


@given(st.lists(st.none() | CHUNK, min_size=1, max_size=60), st.sets(st.sampled_from(WORDS)), st.integers(1, 8))
def test_the_best_chunks_are_those_of_all_chunks_looked_at_one_by_one(
    said: list[list[str] | None], terms: set[str], most: int
) -> None:
    first = 5
    chunks = {first + at: words for at, words in enumerate(said) if words is not None}
    postings = indexed(chunks, first, first + len(said) - 1)
    found = best(postings, postings.norms(postings.mean), postings.mean, asked(postings, chunks, terms, most=most))
    scores = bm25(chunks, terms, set(chunks))
    # Of equals any may be there: told is how good they are, not which.
    assert sorted(found.values(), reverse=True) == pytest.approx(sorted(scores.values(), reverse=True)[:most], rel=1e-5)
    assert found == pytest.approx({chunk: scores[chunk] for chunk in found}, rel=1e-5)


def test_a_chunk_that_may_not_be_found_is_not_and_another_takes_its_place() -> None:
    chunks = {1: ["w0"], 2: ["w0", "w1"], 3: ["w1"], 4: ["w2"]}
    postings = indexed(chunks, 1, 4)
    all_of_them = asked(postings, chunks, {"w0", "w1"}, most=1)
    allowed = np.array([True, False, True, True])
    norms = postings.norms(postings.mean)
    assert best(postings, norms, postings.mean, all_of_them).keys() == {2}
    less = Asked(all_of_them.worth, 3, allowed)
    few = Asked(all_of_them.worth, 3, allowed, np.flatnonzero(allowed))
    scores = bm25(chunks, {"w0", "w1"}, {1, 3})
    assert best(postings, norms, postings.mean, less) == pytest.approx(scores, rel=1e-5)
    assert best(postings, norms, postings.mean, few) == pytest.approx(scores, rel=1e-5)


def test_where_enough_was_looked_at_the_rarest_words_have_found_and_all_words_score() -> None:
    common = {chunk: ["w0", "w1", "w2"] + ["w3"] * (chunk % 3) for chunk in range(1, 1000)}
    chunks = {**common, 500: ["rare", "w0", "w1"], 700: ["rare", "w0", "w1", "w2"]}
    postings = indexed(chunks, 1, 999)
    terms = {"rare", "w0", "w1", "w2", "w3"}
    found = best(
        postings, postings.norms(postings.mean), postings.mean, asked(postings, chunks, terms, most=2, enough=2)
    )
    scores = bm25(chunks, terms, {500, 700})
    assert found == pytest.approx(scores, rel=1e-5) and list(found) == sorted(scores, key=lambda c: -scores[c])


@given(st.sets(st.sampled_from(WORDS), min_size=2), st.integers(1, 8), st.integers(0, 400))
def test_chunks_looked_up_in_long_postings_score_as_all_chunks_do(terms: set[str], most: int, seed: int) -> None:
    """Many chunks, most of them with the common words: what contends is few among long postings, or many."""
    draws = np.random.default_rng(seed).zipf(1.6, (900, 6))
    chunks = {at: [WORDS[min(int(draw), 12) - 1] for draw in row] for at, row in enumerate(draws, 1)}
    postings = indexed(chunks, 1, 900)
    allowed = np.arange(900) % 3 != 0
    whole = asked(postings, chunks, terms, most=most)
    found = best(postings, postings.norms(postings.mean), postings.mean, Asked(whole.worth, most, allowed))
    scores = bm25(chunks, terms, set((np.flatnonzero(allowed) + 1).tolist()))
    assert list(found.values()) == pytest.approx(sorted(scores.values(), reverse=True)[:most], rel=1e-5)
    assert found == pytest.approx({chunk: scores[chunk] for chunk in found}, rel=1e-5)


def test_a_word_that_occurs_nowhere_finds_nothing() -> None:
    postings = indexed({1: ["w0"]}, 1, 1)
    assert postings.of(["w9", "w0"]).keys() == {"w0"}
    assert hashed("w9") != hashed("w0")
    nothing = indexed({}, 1, 3)
    assert best(nothing, nothing.norms(0.0), 0.0, asked(nothing, {}, {"w0"}, most=3)) == {}
