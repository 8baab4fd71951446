"""Held: questions that take several sentences at once are told from ordinary ones, which are rarely taken for such."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from fit_several_sentences import asked, measured, of_question_kinds, of_seeds
from hostile_text import HUGE, LINE, PILED, UNSHOWN

from rag.answering.several_sentences import FILE, load, needs_several, shipped
from rag.errors import WeightsUnusable


def test_of_held_out_questions_most_are_recognised_and_few_ordinary_ones_mistaken() -> None:
    found = measured(asked("heldout.txt"), shipped())
    assert found.mistaken <= 0.02, found.wrong
    assert found.recall >= 0.7, found.wrong


def test_of_ordinary_questions_that_were_written_for_something_else_few_are_mistaken() -> None:
    found = measured((*of_question_kinds("heldout.txt"), *of_seeds()), shipped())
    assert found.mistaken <= 0.02, found.wrong


def test_held_out_questions_are_none_of_those_fitted_on() -> None:
    assert not {each.text for each in asked("training.txt")} & {each.text for each in asked("heldout.txt")}


@pytest.mark.parametrize(
    ("several", "ordinary", "language"),
    [
        ("Is the black kettle cheaper than the white one?", "Is the kettle cheaper than 40 euros?", "en"),
        ("What are the conditions for a refund?", "What is the condition of the engine?", "en"),
        ("How did attendance change between 2004 and 2012?", "When did attendance reach 300?", "en"),
        ("What are the pros and cons of the night shift?", "Who works the night shift?", "en"),
        ("Wie hat sich der Eintrittspreis seit 2004 entwickelt?", "Wie hoch war der Eintrittspreis 2004?", "de"),
        ("Welche Voraussetzungen gelten für die Förderung?", "Welche Behörde zahlt die Förderung?", "de"),
        ("Was spricht für und was gegen den Umbau?", "Was kostet der Umbau insgesamt?", "de"),
        ("Worin unterscheiden sich die beiden Kessel?", "Wann wurden beide Kessel geprüft?", "de"),
    ],
)
def test_of_two_questions_about_the_same_only_the_one_that_takes_several_sentences_is_told(
    several: str, ordinary: str, language: str
) -> None:
    assert needs_several(several, language)
    assert not needs_several(ordinary, language)


def test_in_a_language_that_was_not_fitted_every_question_is_ordinary() -> None:
    question = "What are the pros and cons of the night shift?"
    assert needs_several(question, "en")
    assert not any(needs_several(question, language) for language in ("fr", "es", "", "EN", "xx"))


@pytest.mark.parametrize(
    "question",
    ["", " ", "?", "...", "\x00", "\ud800", "1" * 299, "and " * 70, ", " * 140, LINE, UNSHOWN, PILED[:300], HUGE],
)
@pytest.mark.parametrize("language", ["de", "en"])
def test_what_is_no_question_is_an_ordinary_one(question: str, language: str) -> None:
    assert not needs_several(question, language)


def test_a_text_with_a_question_at_its_end_is_an_ordinary_one() -> None:
    question = "What are the pros and cons of the night shift?"
    assert not needs_several("So it was. " * 1_000_000 + question, "en")


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04 not a zip", b"no weights at all"])
def test_a_damaged_file_is_named(tmp_path: Path, damage: bytes) -> None:
    (tmp_path / "several.npz").write_bytes(damage)
    with pytest.raises(WeightsUnusable, match=r"several\.npz"):
        load(tmp_path / "several.npz")


@pytest.mark.parametrize(
    "wrong",
    [
        {"weights": np.zeros(3, dtype=np.int8)},
        {"scale": np.float32(np.nan)},
        {"scale": np.zeros(2, dtype=np.float32)},
        {"least": np.float32(np.nan)},
        {"least": np.float32(0)},
        {"least": np.array(["high"])},
        {"weights": np.array([{"run": "me"}], dtype=object)},
    ],
)
def test_weights_that_cannot_be_those_are_refused(tmp_path: Path, wrong: dict[str, object]) -> None:
    with np.load(FILE) as file:
        held = dict(file)
    np.savez(tmp_path / "several.npz", **(held | wrong))
    with pytest.raises(WeightsUnusable, match=r"several\.npz"):
        load(tmp_path / "several.npz")


def test_a_file_that_lacks_a_part_is_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "several.npz", weights=np.zeros(3))
    with pytest.raises(WeightsUnusable, match=r"several\.npz"):
        load(tmp_path / "several.npz")
