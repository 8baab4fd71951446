"""Held: fitting finds what tells right sentences from others, and writes a file that is read again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import labelled_sentences
import numpy as np
import pytest
from fit_weights import Outcome, as_strict, as_toml, compared, fitted
from labelled_sentences import Sentences

from rag.answering.feature_weights import PAIRS, PRESELECTION, load, shipped

QUESTIONS, POOL = 80, 12
TELLING = PRESELECTION.index("gloss_overlap")
FITTED_WITH = {"embedder": "e", "llm": "l", "questions": "q", "method": 'by "hand"'}


@pytest.fixture(scope="module")
def sentences() -> Sentences:
    """Questions of two articles, whose right sentence has the most of one feature; every fifth has no answer."""
    random = np.random.default_rng(0)
    features = random.uniform(0, 0.5, (QUESTIONS * POOL, len(PRESELECTION)))
    features[:, -1] = 1
    question = np.repeat(np.arange(QUESTIONS), POOL)
    answerable = np.arange(QUESTIONS) % 5 > 0
    right = (np.arange(QUESTIONS * POOL) % POOL == question % POOL) & answerable[question]
    features[right, TELLING] = random.uniform(0.8, 1, right.sum())
    return Sentences(
        features=features,
        scores=random.uniform(-3, -2, QUESTIONS * POOL),
        right=right,
        pair=np.array(PAIRS)[question % len(PAIRS)],
        question=question,
        ids=np.arange(QUESTIONS).astype(str),
        articles=np.where(np.arange(QUESTIONS) % 2, "odd", "even"),
        answerable=answerable,
        models=np.array(["an embedder", "an LLM"]),
        names=np.array(PRESELECTION),
    )


def test_the_feature_that_tells_right_sentences_gets_the_most_weight(sentences: Sentences) -> None:
    by_pair = fitted(sentences, np.ones(QUESTIONS, dtype=bool), 1.0, 10.0)
    assert tuple(by_pair) == PAIRS
    for weights in by_pair.values():
        assert weights.preselection[TELLING] == max(map(abs, weights.preselection[:-1]))
        assert weights.support[TELLING] == max(map(abs, weights.support[: len(PRESELECTION) - 1]))


def test_the_same_sentences_give_the_same_weights(sentences: Sentences) -> None:
    every = np.ones(QUESTIONS, dtype=bool)
    assert fitted(sentences, every, 1.0, 10.0) == fitted(sentences, every, 1.0, 10.0)


def test_what_is_left_out_has_no_part_in_the_fit(sentences: Sentences) -> None:
    chosen = sentences.articles == "even"
    spoilt = sentences.features.copy()
    spoilt[~chosen[sentences.question]] = 7.0
    changed = replace(sentences, features=spoilt, right=sentences.right & chosen[sentences.question])
    assert fitted(changed, chosen, 1.0, 10.0) == fitted(sentences, chosen, 1.0, 10.0)


def test_the_fit_is_measured_on_the_articles_that_it_has_not_seen(sentences: Sentences) -> None:
    lines = compared(sentences, shipped(), 1.0, 10.0).lines
    assert "64 +  16" in lines[-1]
    assert lines[-1].split()[-9:-6] == ["1.000", "1.000", "1.000"]


def test_the_threshold_of_a_fit_refuses_as_many_as_the_weights_in_use() -> None:
    now = [Outcome(False, 0, 0.05), Outcome(False, 0, 0.2), Outcome(True, 1, 0.9)]
    fit = [Outcome(False, 0, 0.305), Outcome(False, 0, 0.6), Outcome(True, 1, 0.1)]
    assert as_strict(fit, now, refuse=0.12) == 0.31


def test_a_file_of_weights_that_is_written_can_be_read(sentences: Sentences, tmp_path: Path) -> None:
    by_pair = fitted(sentences, np.ones(QUESTIONS, dtype=bool), 1.0, 10.0)
    path = tmp_path / "weights.toml"
    path.write_text(as_toml(by_pair, FITTED_WITH, shipped().thresholds.model_dump()), encoding="utf-8")
    read = load(path)
    assert read.by_pair == by_pair
    assert read.fitted.model_dump() == FITTED_WITH
    assert read.thresholds == shipped().thresholds


def test_kept_sentences_are_those_that_were_looked_up(sentences: Sentences, tmp_path: Path) -> None:
    path = tmp_path / "sentences.npz"
    labelled_sentences.save(path, sentences)
    kept = labelled_sentences.load(path)
    for name in Sentences.__slots__:
        assert np.array_equal(getattr(kept, name), getattr(sentences, name))


def test_kept_sentences_of_other_features_are_refused(sentences: Sentences, tmp_path: Path) -> None:
    labelled_sentences.save(tmp_path / "sentences.npz", replace(sentences, names=np.array(["charm"])))
    with pytest.raises(SystemExit, match="other features"):
        labelled_sentences.load(tmp_path / "sentences.npz")
