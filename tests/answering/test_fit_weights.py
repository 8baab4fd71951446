"""Held: fitting finds what tells right sentences from others and how sure that is, and writes a file that is read."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import labelled_sentences
import numpy as np
import pytest
from click.testing import CliRunner
from fit_weights import (
    ANSWERED,
    Outcome,
    Penalties,
    Pool,
    as_toml,
    bins,
    fitted,
    held_out,
    least,
    main,
    measured,
    pools,
    report,
    without_right,
)
from labelled_sentences import Sentences
from msgspec.structs import asdict

from rag.answering.feature_weights import PAIRS, SIGNS, SUPPORT, load, shipped
from rag.models.reader.reader import Reading, Text

QUESTIONS, POOL = 240, 8
TELLING = SIGNS.index("gloss_overlap")
FITTED_WITH = {"embedder": "e", "reader": "r", "questions": "q", "method": 'by "hand"'}
REFUSE = {"careful": 0.5, "balanced": 0.25, "eager": 0.125}


@pytest.fixture(scope="module")
def sentences() -> Sentences:
    """Questions of thirty documents, whose right sentence has most of one sign and of the reader's score, mostly.

    Every fourth has no answer.
    """
    random = np.random.default_rng(0)
    signs = random.uniform(0, 0.5, (QUESTIONS * POOL, len(SIGNS)))
    signs[:, -1] = 1
    question = np.repeat(np.arange(QUESTIONS), POOL)
    place = np.stack([question * 0, np.arange(QUESTIONS * POOL) % POOL], axis=1)
    answerable = np.arange(QUESTIONS) // 4 % 4 > 0
    right = (place[:, 1] == question % POOL) & answerable[question]
    signs[right, TELLING] += random.uniform(0.1, 0.6, right.sum())
    given = [json.dumps([f"Question {number}?", [["Title", *map(str, range(POOL))]]]) for number in range(QUESTIONS)]
    return Sentences(
        signs=signs,
        scores=random.normal(-2, 1.5, QUESTIONS * POOL) + 4 * right,
        right=right,
        pair=np.array(PAIRS)[question % len(PAIRS)],
        question=question,
        place=place,
        ids=np.arange(QUESTIONS).astype(str),
        documents=(np.arange(QUESTIONS) // 8).astype(str),
        answerable=answerable,
        given=np.array(given),
        embedder=np.array("an embedder"),
        reader=np.array("a reader"),
        names=np.array(SIGNS),
    )


@pytest.fixture(scope="module")
def asked(sentences: Sentences) -> list[Pool]:
    return pools(sentences)


# --- fitting ---------------------------------------------------------------------------


def test_what_tells_right_sentences_gets_the_most_weight(asked: list[Pool]) -> None:
    weights = fitted(asked, Penalties())
    assert tuple(weights) == PAIRS
    for row in weights.values():
        others = [abs(row[at]) for at in range(len(SIGNS) - 1) if at != TELLING]
        assert row[TELLING] > max(others) and row[SUPPORT.index("reader_score")] > 0


def test_the_same_sentences_give_the_same_weights(asked: list[Pool]) -> None:
    one, other = fitted(asked, Penalties()), fitted(asked, Penalties())
    assert all(np.array_equal(one[pair], other[pair]) for pair in PAIRS)


def test_a_pair_of_few_questions_stays_near_what_holds_for_all(asked: list[Pool]) -> None:
    few = [pool for number, pool in enumerate(asked) if pool.pair or number < 12]
    kept, free = fitted(few, Penalties(own=1000)), fitted(few, Penalties(own=0.1))
    apart = [np.abs(found["en-en"] - found["de-de"]).sum() for found in (kept, free)]
    assert apart[0] < 0.2 < apart[1]


def test_a_question_without_the_sentence_that_answers_is_read_as_if_it_had_never_been_there(asked: list[Pool]) -> None:
    pool = next(pool for pool in asked if pool.answerable)
    hard = without_right(pool)
    assert hard is not None and hard.hard and not hard.answerable and not hard.right.any()
    assert len(hard.right) == POOL - 1
    share = SUPPORT.index("reader_share")
    assert (hard.columns[:, share] > pool.columns[~pool.right, share]).all()  # of the rest, each has a larger share
    assert without_right(hard) is None


def test_what_is_told_so_likely_is_right_so_often(asked: list[Pool]) -> None:
    outcomes = [one for one in held_out(asked, Penalties())[0] if not one.hard]
    assert len(outcomes) == QUESTIONS
    supports = np.array([one.support for one in outcomes])
    right = np.array([one.rank == 1 for one in outcomes])
    order = np.argsort(supports)
    for part in np.array_split(order, 4):
        assert abs(supports[part].mean() - right[part].mean()) < 0.1
    assert supports[right].mean() > supports[~right].mean() + 0.3


def test_the_fit_is_measured_on_documents_that_it_has_not_seen(
    asked: list[Pool], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[set[str]] = []

    def fit(chosen: Sequence[Pool], *_: object) -> dict[str, np.ndarray]:
        seen.append({pool.document for pool in chosen})
        return {pair: np.zeros(len(SUPPORT)) for pair in PAIRS}

    monkeypatch.setattr("fit_weights.fitted", fit)
    monkeypatch.setattr("fit_weights.outcome", lambda pool, _: (len(seen), pool.document))
    documents = {pool.document for pool in asked}
    for fold, document in set(held_out(asked, Penalties())[0]):
        assert document not in seen[fold - 1]
    assert len(seen) == 5 and all(documents - each for each in seen)


def test_support_is_a_chance_on_ordinary_documents_where_there_are_any(asked: list[Pool]) -> None:
    poor = [replace(pool, right=pool.right & False, document=f"o{pool.document}") for pool in asked[::2]]
    ordinary = [*poor, *(replace(pool, document=f"o{pool.document}") for pool in asked[1::2])]
    alone, with_them = (
        [one for one in measured(ordinary, fitted(asked, Penalties(), 0.5, each)) if not one.hard]
        for each in ((), ordinary)
    )
    right = np.mean([one.rank == 1 for one in with_them])
    assert abs(np.mean([one.support for one in with_them]) - right) < 0.08
    assert np.mean([one.support for one in alone]) - right > 0.15


def test_each_folder_of_ordinary_documents_is_a_library_with_its_questions_beside_it(
    sentences: Sentences, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: list[str] = []
    for name in ("a", "b"):
        (tmp_path / "ordinary" / name).mkdir(parents=True)

    def found(file: Path, *_: object) -> Sentences:
        kept.append(file.name)
        return replace(sentences, documents=np.array([f"{file.stem}{each}" for each in sentences.documents]))

    monkeypatch.setattr("fit_weights._sentences", found)
    arguments = ["--ordinary", str(tmp_path / "ordinary"), "--sentences", str(tmp_path / "s.npz")]
    done = CliRunner().invoke(main, arguments, catch_exceptions=False)
    assert kept == ["s.npz", "s-a.npz", "s-b.npz"]
    assert f"{2 * QUESTIONS} questions on ordinary documents:" in done.output


# --- measuring -------------------------------------------------------------------------


def test_the_right_sentence_has_its_place_by_support(asked: list[Pool]) -> None:
    weights = {pair: np.eye(len(SUPPORT))[SUPPORT.index("reader_score")] for pair in PAIRS}
    found = measured(asked, weights)
    assert sum(one.hard for one in found) == sum(pool.answerable for pool in asked) == 180
    for pool, one in zip(asked, found, strict=False):
        scores = pool.columns[:, len(SIGNS)]
        assert one.support == pytest.approx(1 / (1 + np.exp(-scores.max())))
        assert one.rank == (1 + (scores > scores[pool.right].max()).sum() if pool.answerable else 0)


@pytest.mark.parametrize(("answered", "limit"), [(1.0, 0.1), (0.9, 0.2), (0.8, 0.3), (0.85, 0.2)])
def test_a_threshold_answers_at_least_the_share_that_is_wished(answered: float, limit: float) -> None:
    outcomes = [Outcome(0, True, False, 1, at / 10 + 0.0004) for at in range(1, 11)]
    assert least(outcomes, answered) == limit and least([], answered) == 0
    assert sum(one.support >= limit for one in outcomes) >= 10 * answered


def test_the_bins_leave_out_the_questions_that_were_made_hard() -> None:
    natural = [Outcome(0, True, False, 1 + (at % 4 > 0), 0.25) for at in range(40)]
    lines = bins([*natural, Outcome(0, False, True, 0, 0.9)]).splitlines()
    assert lines[-1] == "largest difference 0.000, expected calibration error 0.000" and len(lines) == 12


def test_calibration_can_be_for_another_share_of_questions_with_an_answer(asked: list[Pool]) -> None:
    few, many = (held_out(asked, Penalties(), answerable)[0] for answerable in (0.5, 0.9))
    assert np.mean([one.support for one in few]) + 0.05 < np.mean([one.support for one in many])
    natural = [Outcome(0, at % 2 == 0, False, 1 - at % 2, 0.75) for at in range(40)]
    assert "largest difference 0.250" in bins(natural) and "largest difference 0.000" in bins(natural, 0.75)


def test_the_report_has_all_pairs_and_all_cares(asked: list[Pool]) -> None:
    lines = report(measured(asked, fitted(asked, Penalties())), REFUSE).splitlines()
    first = [line.split()[0] for line in lines if line.strip()]
    assert [name for name in first if name in (*PAIRS, "all", *ANSWERED)] == [*PAIRS, "all", *ANSWERED]


# --- files -----------------------------------------------------------------------------


def test_a_file_of_weights_that_is_written_can_be_read(asked: list[Pool], tmp_path: Path) -> None:
    weights = fitted(asked, Penalties())
    path = tmp_path / "weights.toml"
    path.write_text(as_toml(weights, FITTED_WITH, REFUSE), encoding="utf-8")
    read = load(path)
    assert read.by_pair == {pair: tuple(row.tolist()) for pair, row in weights.items()}
    assert asdict(read.fitted) == FITTED_WITH and read.thresholds.refuse == REFUSE


def test_the_program_prints_what_was_left_out_and_writes_what_was_fitted_on_all(
    sentences: Sentences, asked: list[Pool], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fit_weights._sentences", lambda *_: sentences)
    arguments = ["--ordinary", str(tmp_path), "--write", str(tmp_path / "weights.toml")]
    done = CliRunner().invoke(main, arguments, catch_exceptions=False)
    outcomes, _ = held_out(asked, Penalties())
    found = [one for one in outcomes if one.rank == 1]
    refuse = {care: least(found, answered) for care, answered in ANSWERED.items()}
    assert done.output.endswith(report(outcomes, refuse, 0.75) + "\n")
    read = load(tmp_path / "weights.toml")
    assert read.by_pair == {pair: tuple(row.tolist()) for pair, row in fitted(asked, Penalties()).items()}
    assert read.thresholds.refuse == refuse and "--common 3 --own 30" in read.fitted.method


def test_thresholds_can_be_set_by_hand(sentences: Sentences, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fit_weights._sentences", lambda *_: sentences)
    arguments = ["--ordinary", str(tmp_path), "--refuse", "0.6", "0.4", "0.2"]
    arguments += ["--write", str(tmp_path / "weights.toml")]
    CliRunner().invoke(main, arguments, catch_exceptions=False)
    assert load(tmp_path / "weights.toml").thresholds.refuse == {"careful": 0.6, "balanced": 0.4, "eager": 0.2}


def test_other_questions_are_measured_by_the_weights_in_use_and_nothing_is_fitted(
    sentences: Sentences, asked: list[Pool], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fit_weights._sentences", lambda *_: sentences)
    monkeypatch.setattr("fit_weights.fitted", None)
    done = CliRunner().invoke(main, ["--questions", __file__], catch_exceptions=False)
    in_use = shipped()
    assert done.output.endswith(report(measured(asked, in_use.by_pair), in_use.thresholds.refuse) + "\n")


def test_kept_sentences_are_those_that_were_looked_up(sentences: Sentences, tmp_path: Path) -> None:
    path = tmp_path / "sentences.npz"
    labelled_sentences.save(path, sentences)
    kept = labelled_sentences.load(path)
    for name in Sentences.__slots__:
        assert np.array_equal(getattr(kept, name), getattr(sentences, name))


def test_kept_sentences_of_other_signs_are_refused(sentences: Sentences, tmp_path: Path) -> None:
    labelled_sentences.save(tmp_path / "sentences.npz", replace(sentences, names=np.array(["charm"])))
    with pytest.raises(SystemExit, match="other features"):
        labelled_sentences.load(tmp_path / "sentences.npz")


class Counting:
    """A reader that gives each sentence, which is a number, its number; it counts what it reads."""

    name, fingerprint = "counting", "1"

    def __init__(self) -> None:
        self.read_: list[str] = []

    def read(self, question: str, texts: Sequence[Text], _: object = None) -> list[Reading]:
        self.read_.append(question)
        return [Reading(np.array(list(map(float, text.sentences)), dtype=np.float32), ()) for text in texts]


def test_another_reader_reads_what_was_looked_up_and_the_same_one_does_not_again(sentences: Sentences) -> None:
    reader = Counting()
    found = labelled_sentences.read_by(sentences, reader)
    assert len(reader.read_) == QUESTIONS and str(found.reader) == "counting (1)"
    assert np.array_equal(found.scores, sentences.place[:, 1])
    assert labelled_sentences.read_by(found, reader) is found and len(reader.read_) == QUESTIONS
