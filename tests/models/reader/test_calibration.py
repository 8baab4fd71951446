"""Held: a score becomes a chance that is about right, and a reader that cannot tell says so."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.models.reader.calibration import UNFIT, auc, calibrate, fitted, labelled
from rag.models.reader.reader import Text
from rag.text.language import detect


def chance(logits: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-logits))


@pytest.mark.parametrize(("scale", "shift"), [(1.0, 0.0), (0.05, 12.0), (400.0, -3.0)])
def test_scores_on_any_scale_become_the_chances_they_were_drawn_by(scale: float, shift: float) -> None:
    draw = np.random.default_rng(5)
    true = draw.normal(-2, 2, 4000)
    right = draw.random(4000) < chance(true)
    found = fitted(true * scale + shift, right)
    predicted = chance(found.scale * (true * scale + shift) + found.shift)
    for low in np.arange(0, 1, 0.2):
        inside = (predicted >= low) & (predicted < low + 0.2)
        assert abs(predicted[inside].mean() - right[inside].mean()) < 0.07
    assert found.auc > 0.8


def test_scores_that_part_right_from_wrong_without_fault_stay_finite() -> None:
    scores = np.array([-5.0] * 200 + [5.0] * 40)
    found = fitted(scores, scores > 0)
    assert found.auc == 1.0 and 0 < found.scale < 100 and np.isfinite(found.shift)
    assert chance(found.scale * 5 + found.shift) > 0.8 > 0.2 > chance(found.scale * -5 + found.shift)


def test_a_reader_that_is_always_wrong_gets_the_common_chance_and_not_its_reverse() -> None:
    scores = np.linspace(-1, 1, 100)
    found = fitted(scores, scores < -0.8)
    assert found.scale == 0 and found.auc == 0 < UNFIT
    assert chance(np.array([found.shift]))[0] == pytest.approx(0.1, abs=0.02)
    assert fitted(np.ones(100), scores < -0.8).scale == 0


@given(st.lists(st.tuples(st.floats(-1e6, 1e6), st.booleans()), min_size=2, max_size=60))
def test_any_scores_give_a_map_of_numbers(pairs: list[tuple[float, bool]]) -> None:
    scores, right = np.array([score for score, _ in pairs]), np.array([right for _, right in pairs])
    right[0], right[-1] = True, False
    found = fitted(scores, right)
    assert np.isfinite([found.scale, found.shift, found.auc]).all() and found.scale >= 0


def test_equal_scores_count_half() -> None:
    assert auc(np.array([1.0, 1.0, 0.0]), np.array([True, False, False])) == 0.75


def test_what_is_no_number_is_the_least() -> None:
    def score(_: str, text: Text) -> np.ndarray:
        found = np.zeros(len(text.sentences))
        found[:2] = np.nan, -np.inf
        return found

    assert 0 < calibrate(score).auc < 1
    assert calibrate(lambda _, text: np.full(len(text.sentences), np.nan)).auc == 0.5


# --- the questions that ship -----------------------------------------------------------


def test_a_third_of_the_questions_is_answered_by_no_sentence_and_both_languages_are_asked() -> None:
    questions = labelled()
    assert len(questions) == 60 == len({question for question, _, _ in questions})
    assert sum(right is None for _, _, right in questions) == 20
    assert len({text.title for _, text, _ in questions}) == 20
    asked = [detect(question) for question, _, _ in questions]
    assert min(asked.count("de"), asked.count("en")) >= 25
    for _, text, right in questions:
        assert right is None or 0 <= right < len(text.sentences)
