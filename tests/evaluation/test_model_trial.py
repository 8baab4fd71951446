"""What an LLM is let do follows from what it writes, and from what it doubts."""

from __future__ import annotations

import math

import pytest
from ferry_drafts import ToldChecker
from scripted_writer import ScriptedWriter, copied, posed, right, sure

from rag.answering.judging import judge_of
from rag.evaluation.model_trial.material import Asked, Evidence
from rag.evaluation.model_trial.measuring import tried
from rag.evaluation.model_trial.result import TrialResult, right_share, wrong_share
from rag.system.cancellation import CancelToken, Stopped

POSED = posed()
SURE = posed(lambda asked, evidence: 0.9 if evidence is asked.answer else 0.1)  # nothing is left for a judge to do


def adding(asked: Asked, evidence: Evidence) -> str:
    """Say what is right with a word that neither question nor quote holds, so that it does not stand."""
    return right(asked, evidence).replace(" ist ", " ist üblicherweise ").replace(" is ", " is usually ")


def plain(statement: str, _quote: str) -> bool:
    """Back what has none of the words that tests put in."""
    return not {"üblicherweise", "usually", "rechtens"} & {*statement.split()}


def trial(writer: ScriptedWriter, checker: ToldChecker | None = None) -> TrialResult:
    return tried(writer, POSED, checker or ToldChecker(plain))


def test_a_writer_that_does_all_right_writes_in_both_languages_and_judges() -> None:
    result = trial(ScriptedWriter())
    assert all(sentence.right for sentence in result.sentences)
    assert result.admission.writes
    assert result.admission.judges
    assert result.admission.languages == ("de", "en")
    assert result.figures["right"] == 1.0
    assert result.figures["apart.no.all"] == result.figures["apart.judged.near_misses"] == 1.0


def test_one_that_only_repeats_the_sentence_is_right_within_a_language_and_not_across() -> None:
    result = trial(ScriptedWriter(says=copied))
    across = [sentence for sentence in result.sentences if sentence.pair in ("de-en", "en-de")]
    assert not any(sentence.spoken for sentence in across)
    assert not any(sentence.right or sentence.shown or sentence.answered for sentence in across)
    assert result.figures["right.en-en"] >= 0.9
    assert result.figures["answered"] == result.figures["quoted"] < 0.6
    assert result.languages == ()
    assert not result.admission.writes


def test_one_that_knows_a_single_language_may_write_in_it_alone() -> None:
    def english(asked: Asked, evidence: Evidence) -> str:
        return right(asked, evidence) if asked.language == "en" else "NO"

    admission = trial(ScriptedWriter(says=english)).admission
    assert admission.writes
    assert admission.languages == ("en",)
    assert not admission.writes_in("de")


def test_a_figure_with_its_unit_is_of_any_language() -> None:
    result = trial(ScriptedWriter(says=lambda asked, _evidence: asked.holds[0][0].strip("*") + " kg."))
    assert all(sentence.spoken for sentence in result.sentences)


def test_one_that_always_declines_may_not_write() -> None:
    result = trial(ScriptedWriter(says=lambda _asked, _evidence: "NO"))
    assert result.figures["right"] == 0
    assert "wrong" not in result.figures  # nothing is shown
    assert not result.admission.writes


def test_where_a_sentence_does_not_stand_the_quote_answers_in_its_own_language() -> None:
    def says(asked: Asked, evidence: Evidence) -> str:
        said = right(asked, evidence)
        return adding(asked, evidence) if "400" in said else said

    result = trial(ScriptedWriter(says=says))
    within, across = (
        next(each for each in result.sentences if "400" in each.text and each.pair == pair)
        for pair in ("de-de", "en-de")
    )
    assert within.right and not within.shown and within.quoted and within.answered
    assert across.right and not across.shown and not across.quoted and not across.answered


def test_what_never_stands_is_no_writing_though_nothing_is_wrong() -> None:
    result = trial(ScriptedWriter(says=adding))
    assert result.figures["right"] == 1.0
    assert "wrong" not in result.figures  # nothing is shown
    assert not result.admission.writes


def test_what_quotes_answer_is_no_merit_of_a_model() -> None:
    within = [each for each in POSED if each.asked.pair == "en-en"]

    def says(asked: Asked, evidence: Evidence) -> str:
        said = right(asked, evidence)
        return said if "145" in said else adding(asked, evidence)

    result = tried(ScriptedWriter(says=says), within, ToldChecker(plain))
    assert result.figures["answered"] == 1.0 and result.figures["wrong"] == 0
    assert result.figures["told"] == pytest.approx(1 / len(result.sentences))
    assert not result.admission.writes


def test_a_figure_of_the_sentence_that_was_not_asked_for_is_wrong_where_it_stands() -> None:
    def beside(asked: Asked, evidence: Evidence) -> str:  # what the VAT is, of what the invoice is
        return "Es sind 423,89 Euro." if evidence.text.startswith("Die Rechnung für") else right(asked, evidence)

    result = trial(ScriptedWriter(says=beside))
    assert [sentence.text for sentence in result.sentences if sentence.wrong] == ["Es sind 423,89 Euro."]
    assert result.figures["wrong"] == pytest.approx(1 / sum(sentence.shown for sentence in result.sentences))
    assert result.admission.writes
    held_back = trial(ScriptedWriter(says=lambda *each: beside(*each).replace("423,89", "rechtens 423,89")))
    assert [each.shown for each in held_back.sentences if "423" in each.text] == [False]
    assert wrong_share(held_back.sentences) == 0


def test_too_many_wrong_ones_cost_the_right_to_write() -> None:
    def careless(asked: Asked, evidence: Evidence) -> str:
        return "That is so." if asked.pair == "en-en" and asked.kind in ("fact", "table") else right(asked, evidence)

    result = trial(ScriptedWriter(says=careless))
    assert result.languages == ("de", "en")
    assert not result.admission.writes
    assert result.admission.languages == ()


def test_of_what_is_written_the_first_sentence_counts() -> None:
    result = trial(
        ScriptedWriter(says=lambda asked, evidence: right(asked, evidence) + " And there is more of it. Much more.")
    )
    assert all(sentence.right for sentence in result.sentences)
    assert not any("more" in sentence.text for sentence in result.sentences)


def test_one_that_doubts_all_alike_does_not_judge() -> None:
    result = trial(ScriptedWriter(doubts=lambda _asked, _evidence: 0.4))
    assert result.figures["apart.no.all"] == 0.5
    assert not result.admission.judges and not result.or_no
    assert result.admission.writes
    assert not any(name.startswith("judge.") for name in result.figures)


def test_one_that_adds_nothing_to_support_does_not_judge_however_well_it_tells_apart() -> None:
    result = tried(ScriptedWriter(), SURE, ToldChecker())
    assert result.figures["apart.no.all"] == result.figures["apart.support.all"] == 1.0
    assert not result.admission.judges


def test_one_that_is_taken_in_by_near_misses_does_not_judge() -> None:
    def doubts(asked: Asked, evidence: Evidence) -> float:
        return 0.01 if asked.kind == "missing" else sure(asked, evidence)

    result = trial(ScriptedWriter(doubts=doubts))
    figures = result.figures
    assert figures["apart.judged.all"] > figures["apart.support.all"] + 0.01
    assert figures["apart.judged.near_misses"] <= figures["apart.support.near_misses"] + 0.01
    assert not result.admission.judges


def test_one_that_judges_has_all_that_judging_reads() -> None:
    admission = trial(ScriptedWriter()).admission
    careful, balanced, eager = (judge_of(admission, care) for care in ("careful", "balanced", "eager"))
    assert careful is not None and balanced is not None and eager is not None
    assert careful.refuse >= balanced.refuse >= eager.refuse >= balanced.least_further
    assert balanced.refused < 0 < balanced.support
    assert balanced.chance(0.3, 0.01) > balanced.refuse > balanced.chance(0.3, 0.99)


class Shy(ScriptedWriter):
    """Writes NO of everything, once it is let."""

    def write(self, tasks, **options):  # type: ignore[no-untyped-def]
        shy = any(task.most and task.watched for task in tasks)
        self.says = (lambda _asked, _evidence: "NO") if shy else right
        return super().write(tasks, **options)


def test_one_that_judges_is_measured_by_what_it_writes_where_it_may_write_no() -> None:
    def says(asked: Asked, evidence: Evidence) -> str:
        return "NO" if asked.kind == "table" else right(asked, evidence)

    result = trial(ScriptedWriter(says=says))
    assert result.or_no and result.admission.judges
    assert {each.text for each in result.sentences if each.question.startswith("Wann kommt Fahrt 105")} == {""}


def test_one_that_no_longer_writes_where_it_may_write_no_does_not_judge() -> None:
    result = trial(Shy())
    assert result.tells_apart
    assert not result.admission.judges and not result.or_no
    assert result.admission.writes and result.figures["right"] == 1.0


def test_one_that_tells_no_chances_does_not_judge() -> None:
    result = trial(ScriptedWriter(doubts=lambda _asked, _evidence: None))
    assert result.judgements is None
    assert not result.admission.judges
    assert result.admission.writes


def test_reading_and_writing_are_timed_apart() -> None:
    speed = trial(ScriptedWriter(seconds=0.03)).speed
    assert speed.reading is not None and speed.writing is not None and speed.first is not None
    assert 0.06 <= speed.first < 1
    assert 0 < speed.writing < speed.reading  # a sentence is shorter than what it is written from


def test_figures_are_numbers_and_shares_are_of_all() -> None:
    result = trial(ScriptedWriter())
    assert all(math.isfinite(value) for value in result.figures.values())
    assert right_share([]) is None
    assert len(result.sentences) == 42
    assert result.judgements is not None and len(result.judgements) == 42 + 124


def test_it_is_told_how_far_it_is_and_can_be_stopped() -> None:
    seen: list[tuple[int, int]] = []
    tried(ScriptedWriter(), POSED, ToldChecker(), told=lambda done, total: seen.append((done, total)))
    assert seen == sorted(seen)
    assert seen[-1][0] == seen[-1][1]
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Stopped):
        tried(ScriptedWriter(), POSED, ToldChecker(), cancel=cancel)
