"""Held: scores, figures and their intervals come out as they do by hand."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.evaluation.bootstrap import Figure, figures
from rag.evaluation.gold_answers import Gold
from rag.evaluation.metrics import FIGURES, SCORES, SHARES, scores

Row = dict[str, float | None]
Place = tuple[str, int, int]

# The answer stands at 10 to 20 of ships/b.txt, in a paragraph from 0 to 50.
GOLD = Gold(True, ("11.000 Boote", "eleven thousand"), "ships/b.txt", ((10, 20),), ((0, 50),))
NONE = Gold(False)


def record(
    status: str = "answered", answer: str = "", passages: Sequence[Place] = (), citations: Sequence[Place] = ()
) -> dict[str, Any]:
    keys = ("document", "start", "end")
    return {
        "status": status,
        "answer": answer,
        "passages": [dict(zip(keys, place, strict=True)) for place in passages],
        "citations": [dict(zip(keys, place, strict=True)) for place in citations],
        "timings": {"search_s": 0.1, "first_token_s": 0.2, "total_s": 1.5},
    }


def each(name: str, *values: float) -> list[Row]:
    return [{name: value} for value in values]


def by_name(found: list[Figure]) -> dict[str, Figure]:
    return {figure.name: figure for figure in found}


def interval(found: list[Figure], name: str) -> tuple[float, float]:
    figure = by_name(found)[name]
    return figure.low, figure.high


def test_a_record_has_every_score_as_by_hand() -> None:
    found = scores(
        record(
            answer="Es waren 11.000 Boote. [1][2, 3]",
            passages=[("ships/b.txt", 11, 90), ("ships/b.txt", 10, 20), ("ships/b.txt", 0, 99)],
            citations=[("ships/b.txt", 30, 40), ("ships/b.txt", 19, 25), ("ships/c.txt", 10, 20)],
        ),
        GOLD,
    )
    assert found == {
        "recall@1": 0.0,  # the first passage begins within the answer
        "recall@3": 1.0,
        "recall@5": 1.0,
        "mrr": 0.5,  # the second is the first that holds it
        "cited": 1.0,  # by the second
        "cited_first": 0.0,
        "precision": 2 / 3,  # the first lies in the paragraph; the third in another document
        "precise": 2.0,
        "citations": 3.0,
        "answered": 1.0,
        "refused": None,
        "contains": 1.0,
        "f1": 6 / 8,  # es waren 11 000 boote, 11 000 boote: 3 of 5 words and 3 of 3
        "seconds": 1.5,
        "error": 0.0,
    }


@pytest.mark.parametrize(
    ("rank", "recalls", "mrr"),
    [(1, (1, 1, 1), 1), (3, (0, 1, 1), 1 / 3), (4, (0, 0, 1), 1 / 4), (6, (0, 0, 0), 1 / 6), (9, (0, 0, 0), 0)],
)
def test_recall_and_reciprocal_rank_follow_the_rank_of_the_first_passage_that_holds_the_answer(
    rank: int, recalls: tuple[int, int, int], mrr: float
) -> None:
    passages = [("ships/b.txt", 0, 99) if at >= rank else ("ships/b.txt", 0, 15) for at in range(1, 9)]
    found = scores(record(passages=passages), GOLD)
    assert [found[name] for name in ("recall@1", "recall@3", "recall@5", "mrr")] == [*recalls, mrr]


def test_a_refusal_cites_nothing_and_contains_nothing_but_its_passages_count() -> None:
    found = scores(record("not_found", "No word of eleven thousand.", [("ships/b.txt", 0, 99)]), GOLD)
    zero = ("cited", "cited_first", "answered", "contains", "f1", "citations", "precise", "error")
    assert {name: found[name] for name in zero} == dict.fromkeys(zero, 0.0)
    assert (found["recall@1"], found["precision"], found["refused"], found["seconds"]) == (1.0, None, None, 1.5)


def test_a_question_without_an_answer_is_only_refused_or_not() -> None:
    empty = dict.fromkeys([*SCORES, "citations", "precise"])
    assert scores(record("not_found"), NONE) == empty | {"refused": 1.0, "seconds": 1.5, "error": 0.0}
    answered = record("answered", "Yes.", [("b.txt", 0, 9)], [("b.txt", 0, 9)])
    assert scores(answered, NONE) == empty | {"refused": 0.0, "seconds": 1.5, "error": 0.0}
    assert scores(record("error"), NONE) == empty | {"refused": 0.0, "error": 1.0}


def test_a_question_that_failed_has_nothing_right_and_took_no_time() -> None:
    found = scores(record("error", "11.000 Boote", [("ships/b.txt", 0, 99)], [("ships/b.txt", 0, 99)]), GOLD)
    nothing = {name for name, value in found.items() if value is None}
    assert nothing == {"precision", "refused", "seconds"}
    assert {name for name, value in found.items() if value} == {"error"}


def test_scores_of_what_the_question_file_does_not_say_do_not_apply() -> None:
    right = record(answer="Ja, 1933.", citations=[("b.txt", 0, 9)])
    wording = scores(right, Gold(True, ("1933",)))
    assert {name for name in SCORES if wording[name] is not None} == {"answered", "contains", "f1", "seconds"}
    place = scores(right, Gold(True, (), "b.txt", ((1, 2),), ((1, 2),)))
    assert {name for name in SCORES if place[name] is None} == {"refused", "contains", "f1"}
    signs = scores(right, Gold(True, ("—",)))
    assert signs["contains"] is None and signs["f1"] is None


@pytest.mark.parametrize(
    ("answer", "right", "contains"),
    [
        ("There were 11,000 BOOTE.", "11.000 Boote", 1.0),
        ("Dort lagen Fischerboote.", "Boote", 1.0),
        ("There were many. [1]", "1", 0.0),  # a marker is no part of the answer
        ("There were 8,000 [1], they say.", "8000, they", 1.0),
        ("There were eleven thousand.", "11.000", 0.0),
    ],
)
def test_an_answer_contains_a_wording_by_its_letters_and_digits(answer: str, right: str, contains: float) -> None:
    assert scores(record(answer=answer), Gold(True, (right, "elftausend")))["contains"] == contains


FOUR: list[Row] = [
    {"answered": 1, "cited": 1, "precise": 2, "citations": 2, "precision": 1, "seconds": 1, "error": 0},
    {"answered": 1, "cited": 0, "precise": 1, "citations": 4, "precision": 1 / 4, "seconds": 2, "error": 0},
    {"answered": 0, "cited": 0, "precise": 0, "citations": 0, "precision": None, "seconds": 3, "error": 0},
    {"refused": 1, "seconds": 5, "error": 0},
]


def test_figures_of_four_questions_are_as_by_hand() -> None:
    found = {figure.name: (figure.value, figure.n) for figure in figures(FOUR)}
    assert found == {
        "cited": (pytest.approx(1 / 3), 3),
        "precision": (3 / 6, 2),  # of all citations; the mean of the shares would be 5/8
        "answered": (pytest.approx(2 / 3), 3),
        "refused": (1.0, 1),
        "balance": (0.5, 4),  # one of three is answered and cited: 2 · 1/3 · 1 / (1/3 + 1)
        "error": (0.0, 4),
        "median_s": (2.5, 4),
        "p95_s": (pytest.approx(4.7), 4),  # .95 · 3 = 2.85 steps from the first: 3 + .85 · (5 − 3)
    }


def test_figures_come_in_their_order_and_those_that_apply_to_no_question_are_left_out() -> None:
    assert figures([]) == figures([{}, {"cited": None}]) == []
    row: Row = dict.fromkeys([*SCORES, "error", "citations", "precise"], 1.0)
    assert [figure.name for figure in figures([row])] == list(FIGURES)


def test_balance_needs_questions_of_both_kinds_and_is_nothing_without_success_in_either() -> None:
    assert "balance" not in by_name(figures(FOUR[:3]))
    assert "balance" not in by_name(figures(FOUR[3:]))
    assert by_name(figures([*FOUR[1:3], FOUR[3]]))["balance"].value == 0.0
    assert by_name(figures([FOUR[1], {"refused": 0}]))["balance"].value == 0.0
    assert by_name(figures([{"answered": 0, "cited": 1}, {"refused": 1}]))["balance"].value == 0.0


def test_one_question_or_questions_all_alike_have_a_point_for_an_interval() -> None:
    assert figures([{"f1": 0.1}]) == [Figure("f1", 0.1, 0.1, 0.1, 1)]
    assert figures([{"f1": 0.1}] * 7) == [Figure("f1", 0.1, 0.1, 0.1, 7)]


def test_an_interval_is_that_of_the_binomial_distribution() -> None:
    # Of 10, one right: 0 of 10 has 35 %, at most 2 of 10 has 93.0 %, at most 3 has 98.7 %.
    assert interval(figures(each("cited", 1, *[0] * 9)), "cited") == (0.0, 0.3)
    # Of 10, half right: at most 1 of 10 has 1.1 %, at most 2 has 5.5 %; and the same from above.
    half = each("cited", 1, 1, 1, 1, 1, 0, 0, 0, 0, 0)
    assert interval(figures(half), "cited") == (0.2, 0.8)
    assert interval(figures([*half, {"refused": 1}]), "refused") == (1.0, 1.0)


def test_questions_of_one_conversation_are_drawn_together() -> None:
    half = each("cited", 1, 1, 1, 1, 1, 0, 0, 0, 0, 0)
    assert interval(figures(half, list("aaaaabbbbb")), "cited") == (0.0, 1.0)  # aa, bb and ab: ¼, ¼, ½
    assert figures(half, list("abcdefghij")) == figures(half)
    assert by_name(figures(half, list("aaaaaaaaaa")))["cited"] == Figure("cited", 0.5, 0.5, 0.5, 10)


SHARE = st.sampled_from([0.0, 0.1, 0.25, 1 / 3, 0.9, 1.0])
COUNTS = st.sampled_from([{}, {"precise": 0.0, "citations": 0.0}, {"precise": 1.0, "citations": 3.0}])
ROW = st.builds(
    lambda row, counts: row | counts,
    st.dictionaries(st.sampled_from([*SCORES, "error"]).filter(lambda name: name != "precision"), st.none() | SHARE),
    COUNTS,
)


@settings(max_examples=50)
@given(st.lists(ROW, min_size=1, max_size=12))
def test_drawing_all_at_once_gives_what_drawing_one_by_one_does(rows: list[Row]) -> None:
    def plain(chosen: list[Row]) -> dict[str, float]:
        def values(name: str) -> list[float]:
            return [value for row in chosen if (value := row.get(name)) is not None]

        def mean(values: list[float]) -> float:
            return float(np.mean(values)) if values else math.nan

        found = {name: mean(values(name)) for name in (*SHARES, "error")}
        good = [(row["answered"] or 0) * (row["cited"] or 0) for row in chosen if {"answered", "cited"} <= filled(row)]
        p, q, seconds = mean(good), found["refused"], values("seconds")
        found["balance"] = math.nan if math.isnan(p + q) else 2 * p * q / (p + q) if p + q else 0.0
        total = sum(values("citations"))
        found["precision"] = sum(values("precise")) / total if total else math.nan
        for name, share in (("median_s", 0.5), ("p95_s", 0.95)):
            found[name] = float(np.quantile(seconds, share)) if seconds else math.nan
        return found

    def filled(row: Row) -> set[str]:
        return {name for name, value in row.items() if value is not None}

    drawn = np.random.default_rng(1979).integers(0, len(rows), (40, len(rows)))
    samples = [plain([rows[at] for at in draw]) for draw in drawn]
    expected = {name: value for name, value in plain(rows).items() if not math.isnan(value)}
    found = by_name(figures(rows, resamples=40))
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        low, high = np.nanpercentile([sample[name] for sample in samples], [2.5, 97.5])
        assert (found[name].value, found[name].low, found[name].high) == pytest.approx((value, low, high), abs=1e-9)


@settings(max_examples=50)
@given(st.lists(ROW, min_size=1, max_size=20))
def test_the_interval_of_a_mean_holds_the_mean(rows: list[Row]) -> None:
    for figure in figures(rows):
        assert figure.low <= figure.value <= figure.high
        assert 1 <= figure.n <= len(rows)


def test_figures_of_5000_questions_take_seconds_not_minutes() -> None:
    rows: list[Row] = []
    for at in range(5000):
        rows.append(dict.fromkeys([*SCORES, "citations", "precise", "error"], at % 977 / 977))
    began = time.thread_time()
    assert len(figures(rows)) == len(FIGURES)
    assert time.thread_time() - began < 6
