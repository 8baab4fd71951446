"""A model is asked in its trial as an answer asks it, and Beleg itself tells the sentences apart as well as is said."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from rag.answering.drafts import Draft
from rag.evaluation.model_trial.asking import Posed, posed
from rag.evaluation.model_trial.combining import Judgement, told_apart
from rag.evaluation.model_trial.material import PAIRS, questions
from rag.models.embedder import Embedder
from rag.models.reader.reader import Reader
from rag.system.cancellation import CancelToken, Stopped


@pytest.fixture(scope="module")
def asked(embedder: Embedder, reader: Reader) -> tuple[Posed, ...]:
    return posed(questions(), embedder, reader)


def judgements(asked: tuple[Posed, ...]) -> list[Judgement]:
    return [
        Judgement(
            each.asked.pair,
            each.asked.text,
            each.evidence.text,
            each.answers,
            each.asked.answer is None,
            each.support,
            0,
        )
        for each in asked
    ]


def doubts(judged: list[Judgement]) -> NDArray[np.float64]:
    return np.array([1 - each.support for each in judged])


def draft_of(asked: tuple[Posed, ...], question: str) -> Draft:
    return next(each.draft for each in asked if each.asked.text == question)


def test_all_sentences_are_found_and_those_that_answer_come_first(asked: tuple[Posed, ...]) -> None:
    assert [each.answers for each in asked] == [True] * 42 + [False] * 124
    assert all(each.draft.given.text == each.evidence.text for each in asked)
    assert all(each.draft.language == each.asked.language for each in asked)


def test_the_words_that_answer_and_what_stands_before_are_told(asked: tuple[Posed, ...]) -> None:
    told = draft_of(asked, "Womit bezahlte der Großvater die Birnbäume?").given
    assert told.answering == "with a silver watch"
    assert told.before.startswith("Our grandfather planted")
    asks = draft_of(asked, "Womit bezahlte der Großvater die Birnbäume?").messages[-1][1]
    assert "Words that answer: with a silver watch" in asks


def test_to_judge_the_same_is_read_and_nothing_is_written(asked: tuple[Posed, ...]) -> None:
    assert asked[0].draft.task.watched == ()
    assert asked[0].to_judge.most == 0
    assert asked[0].to_judge.watched == asked[0].or_no.task.watched == ("NO",)
    assert asked[0].to_judge.messages == asked[0].or_no.messages


def test_support_tells_sentences_apart_as_well_as_it_is_said_to(asked: tuple[Posed, ...]) -> None:
    judged = judgements(asked)
    near = [each for each in judged if each.answers or each.missing]
    assert told_apart(judged, doubts(judged)) == pytest.approx(0.97, abs=0.02)
    assert told_apart(near, doubts(near)) == pytest.approx(0.93, abs=0.02)


@pytest.mark.parametrize("pair", PAIRS)
def test_support_tells_sentences_apart_in_every_pair_of_languages(asked: tuple[Posed, ...], pair: str) -> None:
    judged = [each for each in judgements(asked) if each.pair == pair]
    assert (told_apart(judged, doubts(judged)) or 0) >= 0.9


def test_stopped_nothing_is_asked(embedder: Embedder, reader: Reader) -> None:
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Stopped):
        posed(questions(), embedder, reader, cancel)
