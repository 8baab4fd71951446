"""Support and a model's NO are weighed on questions that were not fitted on, and thresholds keep what support keeps."""

from __future__ import annotations

import numpy as np
import pytest

from rag.answering.feature_weights import shipped
from rag.evaluation.model_trial.combining import Judgement, combined, figures, told_apart

Row = tuple[float, float]  # support, chance of NO


def judgements(answering: list[Row], others: list[Row]) -> list[Judgement]:
    rows = [(row, True) for row in answering] + [(row, False) for row in others]
    return [Judgement("en-en", f"{at}?", "", answers, False, *row) for at, (row, answers) in enumerate(rows)]


def drawn(weight: float, count: int = 400) -> list[Judgement]:
    """Sentences whose support tells something, and whose NO tells as much more as `weight` says."""
    random = np.random.default_rng(1)
    answers = random.random(count) < 0.4
    logits = random.normal(0, 1, (count, 2)) + np.outer(answers - 0.4, [1.5, -weight])
    chances = 1 / (1 + np.exp(-logits))
    return [
        Judgement("en-en", f"{at // 4}?", "", bool(answers[at]), False, float(chances[at, 0]), float(chances[at, 1]))
        for at in range(count)
    ]


def test_sentences_are_told_apart_by_the_share_of_pairs_in_which_the_right_one_is_doubted_less() -> None:
    assert told_apart(judgements([(0, 0.1), (0, 0.6)], [(0, 0.5), (0, 0.9)])) == 0.75
    assert told_apart(judgements([(0, 0.5)], [(0, 0.5)])) == 0.5
    assert told_apart(judgements([(0, 0.5)], [])) is None


def test_what_a_no_adds_to_support_is_found() -> None:
    judged = drawn(weight=1.5)
    alone = told_apart(judged, np.array([1 - each.support for each in judged]))
    both = told_apart(judged, 1 - combined(judged))
    assert alone is not None and both is not None and both > alone + 0.05
    found = figures(judged)
    assert found["judge.support"] > 0.5 and found["judge.refused"] < -0.5


def test_a_no_by_chance_adds_nothing_to_sentences_that_were_not_fitted_on() -> None:
    judged = drawn(weight=0)
    alone = told_apart(judged, np.array([1 - each.support for each in judged]))
    both = told_apart(judged, 1 - combined(judged))
    assert alone is not None and both is not None and abs(both - alone) < 0.01


def test_as_many_sentences_that_answer_are_kept_as_by_support_alone() -> None:
    judged = drawn(weight=1.5)
    found = figures(judged)
    right = [each for each in judged if each.answers]

    def logit(chance: float) -> float:
        return float(np.log(chance / (1 - chance)))

    chances = [
        1 / (1 + np.exp(-sum((
            found["judge.bias"], found["judge.support"] * logit(each.support),
            found["judge.refused"] * logit(each.declined),
        ))))
        for each in right
    ]  # fmt: skip
    for care, limit in shipped().thresholds.refuse.items():
        kept = sum(chance >= found[f"judge.refuse.{care}"] for chance in chances)
        assert kept == sum(each.support >= limit for each in right)


@pytest.mark.parametrize("chance", [0.0, 1.0])
def test_sentences_that_are_told_apart_without_a_fault_have_finite_weights(chance: float) -> None:
    found = figures(judgements([(0.9, chance)] * 20, [(0.1, 1 - chance)] * 20))
    assert all(np.isfinite(value) for value in found.values())
    assert 0 < found["judge.refuse.careful"] < 1


def test_one_that_tells_all_apart_keeps_all_that_answers_whatever_support_has_kept() -> None:
    answering, others = [(support, 0.1) for support in (0.1, 0.4, 0.7, 0.9)], [(0.3, 0.9), (0.6, 0.8)]
    found = figures(judgements(answering, others))
    assert found["judge.refuse.careful"] == found["judge.refuse.eager"] < 0.95
