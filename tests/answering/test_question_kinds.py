"""Held: questions about the whole are told from ordinary ones, which are rarely taken for one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from fit_question_kinds import EVERYDAY, heldout, measured, subjects_found
from labelled_questions import keywords
from library_fixtures import other_embedder

from rag.answering.question_kinds import FILE, best_run, kind_of, load, shipped, subject
from rag.errors import WeightsUnusable
from rag.models.embedder import Embedder


def test_of_held_out_questions_ordinary_ones_are_rarely_mistaken_and_most_others_recognised(embedder: Embedder) -> None:
    found = measured(heldout(), shipped(), embedder)
    assert found.mistaken <= 0.01, found.wrong
    assert found.right >= 0.8, found.wrong


@pytest.mark.parametrize("turned", [False, True])
def test_an_everyday_question_is_ordinary_however_it_is_typed(embedder: Embedder, turned: bool) -> None:
    found = measured(heldout(EVERYDAY), shipped(), None if turned else embedder)
    assert sum(row.kind == "ordinary" for row in heldout(EVERYDAY)) >= 240
    assert found.mistaken <= 0.005, found.wrong
    assert found.right >= (0.7 if turned else 0.85), found.wrong


def test_without_the_fitted_embedder_fewer_are_recognised_but_no_more_mistaken() -> None:
    found = measured(heldout(), shipped(), None)
    assert found.mistaken <= 0.01, found.wrong
    assert found.right >= 0.6, found.wrong


@pytest.mark.parametrize("turned", [False, True])
def test_words_that_stand_in_documents_are_no_small_talk(embedder: Embedder, turned: bool) -> None:
    found = measured(keywords(2000, True), shipped(), None if turned else embedder)
    assert found.mistaken <= 1 / 500, found.wrong
    single = [row for row in heldout() if row.kind == "ordinary" and len(row.text.split()) == 1]
    assert len(single) >= 50
    assert measured(single, shipped(), None if turned else embedder).wrong == ()


def test_what_a_question_is_about_is_mostly_found() -> None:
    share, wrong = subjects_found(heldout(), shipped())
    assert share >= 0.65, wrong


@pytest.mark.parametrize(
    "question",
    [
        "How many articles does the constitution have?",
        "List price of the pump?",
        "Which documents must a tenant bring?",
        "What is the novel about?",
        "Worum geht es in dem Streit?",
        "Welche Unterlagen verlangt die Bank?",
        "Wie viele Artikel hat das Gesetz?",
    ],
)
@pytest.mark.parametrize("turned", [False, True])
def test_a_question_that_only_sounds_like_one_about_the_whole_is_ordinary(
    embedder: Embedder, question: str, turned: bool
) -> None:
    asking = other_embedder(embedder, "turned") if turned else embedder
    language = "de" if question.startswith(("W", "D")) and "ie" in question[:12] else "en"
    assert kind_of(question, language, asking.encode([question], "query")[0], asking) == "ordinary"


def test_in_a_language_that_was_not_fitted_every_question_is_ordinary(embedder: Embedder) -> None:
    question = "What is in here?"
    assert kind_of(question, "en", embedder.encode([question], "query")[0], embedder) == "contents"
    assert kind_of(question, "es", embedder.encode([question], "query")[0], embedder) == "ordinary"


@pytest.mark.parametrize(
    ("worth", "run"), [([-1, 2, 3, -4, 1], (1, 3)), ([-1.0], (0, 0)), ([], (0, 0)), ([1, -0.5, 1], (0, 3))]
)
def test_the_best_run_of_words_is_found(worth: list[float], run: tuple[int, int]) -> None:
    assert best_run(worth) == run


def test_a_question_without_words_is_about_nothing() -> None:
    assert subject("?!", "which") == ""


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04 not a zip", b"no weights at all"])
def test_a_damaged_file_is_named(tmp_path: Path, damage: bytes) -> None:
    (tmp_path / "kinds.npz").write_bytes(damage)
    with pytest.raises(WeightsUnusable, match=r"kinds\.npz"):
        load(tmp_path / "kinds.npz")


def test_weights_of_another_shape_or_no_finite_number_are_refused(tmp_path: Path) -> None:
    with np.load(FILE) as file:
        held = dict(file)
    for wrong in ({"blind": held["blind"][:-1]}, {"scales": np.full(3, np.nan)}):
        np.savez(tmp_path / "kinds.npz", **(held | wrong))
        with pytest.raises(WeightsUnusable):
            load(tmp_path / "kinds.npz")
