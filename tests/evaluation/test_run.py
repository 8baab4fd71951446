"""Held: records are judged by what the question file says, kept with it, and read back as what they were."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from evaluation_fixtures import BETTER, FOUND, OPENED, ROWS, SAYS, Quoting, judge, library, sentence
from fake_assistant import BRIDGE, MILL, write_rows
from project import SEEDS

from rag.answering.assistant import Answer, Asked, Assistant
from rag.batch.question_file import Question, read
from rag.errors import BelegError
from rag.evaluation.gold_answers import Gold
from rag.evaluation.metrics import scores
from rag.evaluation.run import (
    Judged,
    cares,
    compared,
    golds,
    judged,
    measured,
    readable,
    reliability,
    thresholds,
)
from rag.index.library import Library


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write_rows(tmp_path / "known.jsonl", ROWS)


@pytest.fixture
def run(file: Path) -> list[Judged]:
    return judge(file, Quoting())


def question(line: int = 0, **row: Any) -> Question:
    return Question(row.get("id", "1"), row.get("question", "When?"), line=line, row=row)


def by_id(run: list[Judged]) -> dict[str, Judged]:
    return {row["id"]: row for row in run}


# --- what is right ----------------------------------------------------------------------


def test_rows_that_say_what_is_right_are_apart_from_those_that_do_not() -> None:
    right, bad = golds(
        [
            question(1, id="a", document="mill.txt", words="1907"),
            question(2, id="b"),
            question(4, id="c", answerable=False),
            question(7, id="d", document="mill.txt", words="1908"),
            question(8, id="e", document="tower.txt", words="1907"),
        ],
        library(),
    )
    at = MILL.index("1907")
    assert right == {"a": Gold(True, (), "mill.txt", ((at, at + 4),), ((0, len(MILL)),)), "c": Gold(False)}
    assert [row.line for row in bad] == [2, 7, 8]
    assert "says neither what the right answer is" in bad[0].reason and "Give `answer`" in bad[0].reason
    assert '"1908" are not in mill.txt' in bad[1].reason
    assert "no document tower.txt in the library" in bad[2].reason


def test_a_document_is_named_as_the_library_does_or_by_the_end_of_its_path() -> None:
    files = library(("mill.txt", "/articles/2024/mill.txt", MILL), ("b/x.txt", "/b/x.txt", BRIDGE))
    for name in ("mill.txt", "2024/mill.txt", "/articles/2024/mill.txt"):
        right, bad = golds([question(document=name, words="1907")], files)
        assert right["1"].document == "mill.txt" and not bad, name
    assert golds([question(document="ill.txt", words="1907")], files)[0] == {}
    alike = library(("a/x.txt", "/a/x.txt", MILL), ("b/x.txt", "/b/x.txt", BRIDGE))
    _, (row,) = golds([question(document="x.txt", words="1907")], alike)
    assert "x.txt stands for 2 documents" in row.reason


def test_no_row_of_the_seed_questions_is_bad(seed_library: Path) -> None:
    file = read(SEEDS / "questions.jsonl", strict=True)
    with Library(seed_library) as seeds:
        right, bad = golds(file.questions, seeds)
        assert bad == [] and list(right) == [each.id for each in file.questions] and len(right) >= 60
        texts = {entry.name: seeds.document(entry.id).text for entry in seeds.entries()}
    for each in file.questions:
        gold = right[each.id]
        assert gold.answerable is each.row["answerable"] is bool(gold.spans)
        if gold.document is not None:
            ((start, end),) = gold.spans
            assert " ".join(texts[gold.document][start:end].split()) == " ".join(each.row["answer"].split())


# --- one record -------------------------------------------------------------------------


def test_a_judged_record_is_the_record_with_what_is_right(run: list[Judged]) -> None:
    at = MILL.index("1907")
    row = by_id(run)["burned"]
    gold = {"answerable": True, "answers": [], "document": "mill.txt", "spans": [[at, at + 4]]}
    assert row["gold"] == gold and row["right"] is True and row["conversation"] == "burned"
    assert row["scores"] == scores(row, Gold(True, (), "mill.txt", ((at, at + 4),), ((0, len(MILL)),)))
    assert row["scores"]["cited_first"] == 1.0 and row["scores"]["seconds"] == 0.5
    assert row["answer"] == "The mill burned down in 1907. [1]" and row["detail"]["support"] == 0.9
    assert by_id(run)["whales"]["gold"] == {"answerable": False, "answers": [], "document": None, "spans": []}
    assert by_id(run)["since"]["gold"]["answers"] == ["from 1952 on", "1952"]
    assert by_id(run)["opened"]["gold"]["spans"] == [[OPENED, OPENED + 4]]


def test_right_is_the_first_citation_or_the_sentence_that_was_not_enough_or_unknown(run: list[Judged]) -> None:
    assert {row["id"]: row["right"] for row in run} == {
        "burned": True,
        "rebuilt": True,
        "lamps": None,  # there is no right place
        "now": False,
        "since": None,  # nobody says where it stands
        "opened": True,
        "cost": True,  # refused, but the sentence that came nearest has it
        "fate": False,
        "museum": True,
        "whales": None,
    }


def answered(**change: Any) -> Answer:
    (made,) = Quoting().together([Asked("What did the bridge cost?")])
    assert isinstance(made, Answer) and made.declined is not None
    return replace(made, **change)


def right(made: Answer | BelegError, **row: Any) -> bool | None:
    asked = question(document="bridge.txt", words="80.000 Mark", **row)
    (gold,) = golds([asked], library())[0].values()
    found: bool | None = judged(asked, made, gold, cast(Assistant, Quoting()))["right"]
    return found


def test_right_of_a_refusal_is_the_nearest_sentence_in_its_own_document_and_wrong_without_one() -> None:
    assert right(answered()) is True
    assert right(answered(declined=sentence("gesprengt", 0.1))) is False
    nearest = answered().declined
    assert nearest is not None
    moved = replace(nearest, document=replace(nearest.document, name="mill.txt"))
    assert right(answered(declined=moved)) is False
    assert right(answered(declined=None)) is False  # nothing came near


def test_right_of_an_answer_is_its_first_citation_whatever_comes_after() -> None:
    (made,) = Quoting(BETTER).together([Asked("What did the bridge cost?")])
    assert isinstance(made, Answer)
    good, wrong = made.citations[0], replace(made.citations[0], quote=sentence("gesprengt", 0.1))
    assert right(replace(made, citations=(good, wrong))) is True
    assert right(replace(made, citations=(wrong, good))) is False


def test_a_failure_is_scored_and_neither_right_nor_wrong() -> None:
    asked = question(id="x", document="bridge.txt", words="80.000 Mark")
    (gold,) = golds([asked], library())[0].values()
    row = judged(asked, BelegError("The model is broken.", "Mend it."), gold, cast(Assistant, Quoting()))
    assert (row["id"], row["status"], row["error"]) == ("x", "error", "The model is broken. Mend it.")
    assert row["right"] is None and "detail" not in row
    assert (row["scores"]["error"], row["scores"]["cited"], row["scores"]["seconds"]) == (1.0, 0.0, None)


# --- a run ------------------------------------------------------------------------------


def test_the_figures_of_a_run_are_those_counted_by_hand(run: list[Judged]) -> None:
    found = {figure.name: figure for figure in measured(run)}
    assert {name: figure.n for name, figure in found.items()} == {name: n for name, (_, n) in FOUND.items()}
    for name, (value, _) in FOUND.items():
        assert found[name].value == pytest.approx(value), name
    assert found["cited"].low < 4 / 7 < found["cited"].high
    assert measured([]) == []


def test_questions_of_one_conversation_count_as_one_for_the_intervals(tmp_path: Path) -> None:
    chained = [{**row, "follows": before["id"]} for row, before in zip(ROWS[1:], ROWS, strict=False)]
    run = judge(write_rows(tmp_path / "chained.jsonl", [ROWS[0], *chained]), Quoting())
    assert {row["conversation"] for row in run} == {"burned"}
    assert all(figure.low == figure.value == figure.high for figure in measured(run))
    talk = [{**row, "conversation": "t", "follows": None} for row in ROWS[:2]]
    assert {row["conversation"] for row in judge(write_rows(tmp_path / "talk.jsonl", talk), Quoting())} == {"t"}


def test_a_run_differs_from_itself_by_nothing_and_from_a_worse_one_by_what_changed(
    run: list[Judged], file: Path
) -> None:
    same = compared(run, run)
    assert {(each.difference, each.better) for each in same} == {(0.0, "no more than noise")}
    assert [each.name for each in same] == [name for name in FOUND if name != "p95_s"]
    failed = judge(file, Quoting({}))
    found = {each.name: each for each in compared(run, failed)}
    assert (found["cited"].there, found["cited"].better) == (0.0, "no more than noise")  # in four conversations
    assert (found["answered"].better, found["error"].better) == ("no more than noise", "better")
    assert {each.name: each.better for each in compared(failed, run)}["error"] == "worse"
    assert "median_s" not in found  # what failed took no time that counts


def test_runs_are_compared_over_the_questions_of_both_and_by_conversation(run: list[Judged]) -> None:
    assert compared(run, []) == compared([], run) == []
    assert compared(run, [{**row, "id": f"other {row['id']}"} for row in run]) == []
    (cited,) = (each for each in compared(run, run[:2]) if each.name == "cited")
    assert cited.n == 2
    failed = [{**row, "scores": {**row["scores"], "error": 1.0}} for row in run]
    together = [{**row, "conversation": "one"} for row in run]
    (error,) = (each for each in compared(together, failed) if each.name == "error")
    assert (error.difference, error.better) == (-1.0, "no more than noise")  # one conversation is one case


def test_thresholds_are_as_by_hand(run: list[Judged]) -> None:
    # Answerable: burned .9, rebuilt .8, opened .7, museum .4, cost .1; wrong fate .5, now .2. Of "since" no place is
    # known, so it says nothing. Not answerable: lamps .3, whales .05.
    assert [(point.threshold, point.refused, point.accurate) for point in thresholds(run)] == [
        (0.05, 0.0, 5 / 7),
        (0.1, 1 / 2, 5 / 7),
        (0.2, 1 / 2, 4 / 7),
        (0.3, 1 / 2, 4 / 7),
        (0.4, 1.0, 4 / 7),
        (0.5, 1.0, 3 / 7),
        (0.7, 1.0, 3 / 7),
        (0.8, 1.0, 2 / 7),
        (0.9, 1.0, 1 / 7),
        (math.nextafter(0.9, 1), 1.0, 0.0),
    ]


def test_thresholds_leave_out_what_failed_and_need_questions_of_both_kinds(file: Path, run: list[Judged]) -> None:
    some = {name: said for name, said in SAYS.items() if name not in ("fate", "lamps")}
    assert [(point.threshold, point.refused, point.accurate) for point in thresholds(judge(file, Quoting(some)))] == [
        (0.05, 0.0, 5 / 6),
        (0.1, 1.0, 5 / 6),
        (0.2, 1.0, 4 / 6),
        (0.4, 1.0, 4 / 6),
        (0.7, 1.0, 3 / 6),
        (0.8, 1.0, 2 / 6),
        (0.9, 1.0, 1 / 6),
        (math.nextafter(0.9, 1), 1.0, 0.0),
    ]
    for answerable in (True, False):
        assert thresholds([row for row in run if row["gold"]["answerable"] is answerable]) == []
    assert thresholds([]) == []


def test_both_errors_of_each_care_are_as_by_hand_from_one_run(run: list[Judged]) -> None:
    # Answerable: .9, .8, .7, .6 ("since", no place known), .5, .4, .2, .1; not answerable: lamps .3, whales .05.
    found = {one.care: one for one in cares(run, {"careful": 0.45, "balanced": 0.2, "eager": 0.04})}
    shares = {name: (one.refused, one.answered) for name, one in found.items()}
    assert {name: (a and (a.value, a.n), b and (b.value, b.n)) for name, (a, b) in shares.items()} == {
        "careful": ((3 / 8, 8), (0.0, 2)),
        "balanced": ((1 / 8, 8), (1 / 2, 2)),
        "eager": ((0.0, 8), (1.0, 2)),
    }
    assert all(share.low <= share.value <= share.high for pair in shares.values() for share in pair if share)
    (known,) = cares([row for row in run if row["gold"]["answerable"]], {"eager": 0.0})
    assert known.answered is None and cares([{"id": "failed"}], {"eager": 0.0}) == cares([], {}) == []


def test_calibration_is_of_the_questions_of_which_it_is_known_what_is_right(run: list[Judged]) -> None:
    found = reliability(run)
    assert found is not None and [one.right.n for one in found.bins] == [9]  # all but "since"
    supports = [support for name, (_, support) in SAYS.items() if name != "since"]
    right = 5 / 9  # burned, rebuilt, opened, museum, and what was declined of cost
    assert found.largest == pytest.approx(abs(sum(supports) / 9 - right)) == found.expected
    assert reliability([]) is None


def test_a_reader_is_shown_scores_of_which_a_low_one_is_a_mistake(run: list[Judged]) -> None:
    shown = {row["id"]: row["scores"] for row in readable(run)}
    assert all(len(found) == 5 and "error" not in found for found in shown.values())
    assert {name: [key for key, score in found.items() if score == 0] for name, found in shown.items()} == {
        **{row["id"]: [] for row in ROWS},
        "lamps": ["refused"],
        "now": ["cited", "cited_first"],
        "cost": ["answered", "cited", "cited_first"],
        "fate": ["cited", "cited_first"],
    }
    assert "error" in run[0]["scores"] and [{**row, "scores": 0} for row in readable(run)] == [
        {**row, "scores": 0} for row in run
    ]
