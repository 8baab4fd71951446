"""`beleg batch`: its exit codes, what it says where, and what it writes; with an assistant that needs no model."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from batch_commands import WHOLE, Place, meanwhile
from fake_assistant import ROWS, Told, names, records

from rag.answering.request import Asked
from rag.cli import batch as cli_batch
from rag.cli.main import main

ANSWERED = [row for row in ROWS if "whales" not in row["question"]]


BROKEN = {"id": "bad", "question": "Is it broken?"}

# --- exit codes -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rows", "code", "said"),
    [
        (ANSWERED, 0, "7 answered, 0 not found, 0 errors"),
        (ROWS, 3, "7 answered, 1 not found, 0 errors"),
        ([*ROWS, BROKEN], 5, "7 answered, 1 not found, 1 error"),
        ([*ANSWERED, {"id": "empty"}], 5, "skipped: questions.jsonl, line 8: there is no question in it"),
        ([*ANSWERED, {"id": "mill", "question": "Again?"}], 2, "line 8: the id “mill” is on line 1 already"),
    ],
)
@pytest.mark.parametrize("output", [["-o", "answers.jsonl"], []])
def test_the_exit_code_says_what_became_of_the_questions(
    place: Place, rows: list[dict[str, Any]], code: int, said: str, output: list[str]
) -> None:
    place.questions(rows)
    assert place.batch(*output) == code
    assert said in place.err
    if output:
        assert place.out == ""
        kept = ["answers.jsonl.part"] if "1 error" in said else []
        assert names(place.folder) == [*(["answers.jsonl"] if code != 2 else []), *kept, "questions.jsonl"]


def test_strict_stops_before_anything_is_asked(place: Place, told: list[Told]) -> None:
    place.questions([*ROWS, {"id": "empty"}])
    assert place.batch("--strict", "-o", "answers.jsonl") == 2
    assert "questions.jsonl, line 9: there is no question in it" in place.err
    assert told == [] and names(place.folder) == ["questions.jsonl"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["-o", "answers.txt"], "answers.txt has no ending that says how to write it"),
        (["-o", "answers"], "no ending"),
        (["-o", "folder.jsonl"], "is a directory"),
        (["-o", "questions.jsonl"], "would overwrite the questions"),
        (["-o", "folder.jsonl/../questions.jsonl"], "would overwrite the questions"),
        (["-o", "link.jsonl"], "would overwrite the questions"),
        (["--resume"], "nothing to go on with on standard output"),
        (["--only-failed"], "nothing to go on with on standard output"),
        *((["--stop-after", given], f"--stop-after {given} is neither") for given in ("0", "0h", "soon", "1d", "1.5h")),
        (["--stop-after", "-1"], "--stop-after -1 is neither"),
        (["--limit", "0"], "--limit"),
    ],
)
def test_what_makes_no_sense_exits_2_and_touches_nothing(
    place: Place, told: list[Told], arguments: list[str], said: str
) -> None:
    (place.folder / "folder.jsonl").mkdir()
    (place.folder / "link.jsonl").symlink_to("questions.jsonl")
    assert place.batch(*arguments) == 2
    assert said in place.err and place.out == "" and told == []
    assert names(place.folder) == ["folder.jsonl", "link.jsonl", "questions.jsonl"]
    assert len(records(place.folder / "questions.jsonl")) == len(ROWS)


def test_answers_that_cannot_be_written_exit_4(place: Place) -> None:
    assert place.batch("-o", "missing/answers.jsonl") == 4
    assert "missing/answers.jsonl cannot be written" in place.err
    assert place.batch("-o", "x" * 251 + ".jsonl") == 4 and "cannot be written" in place.err


# --- how much is asked ------------------------------------------------------------------


def test_limit_asks_the_first_and_resume_the_rest(place: Place, told: list[Told]) -> None:
    assert place.batch("--limit", "2", "-o", "answers.jsonl") == 0
    assert place.answers() == WHOLE[:2] and names(place.folder) == ["answers.jsonl", "questions.jsonl"]
    assert place.batch("--resume", "-o", "answers.jsonl") == 3
    assert place.answers() == WHOLE and "2 answers are there already" in place.err
    asked = [text for group in told[-1].groups for text in group]
    assert ROWS[0]["question"] not in asked and len(asked) == len(ROWS) - 2


@pytest.mark.parametrize("ending", [".jsonl", ".csv", ".html"])
@pytest.mark.parametrize("most", range(1, len(ROWS)))
def test_stop_after_so_many_loses_none_and_resume_ends_as_one_run(place: Place, ending: str, most: int) -> None:
    output = f"answers{ending}"
    assert place.batch("-o", output) == 3
    whole = (place.folder / output).read_bytes()
    (place.folder / output).unlink()
    assert place.batch("--stop-after", str(most), "-o", output) == 130
    assert "stopped before the end; --resume goes on" in place.err and f"{most} of 8 done" in place.err
    assert len(records(place.folder / f"{output}.part")) == most + 1
    assert place.batch("-o", output) == 2 and "unfinished run" in place.err
    # What is asked is less than what is there: nothing of it goes.
    assert place.batch("--resume", "--limit", "1", "-o", output, "--quiet") in (0, 3)
    if ending == ".jsonl":
        assert place.batch("--resume", "-o", output) == 3
        asked = int(re.split(r" answers? (?:is|are) there already", place.err)[0].split("\n")[-1])
        assert most <= asked <= most + 1
        assert (place.folder / output).read_bytes() == whole
        assert names(place.folder) == [output, "questions.jsonl"]


def test_a_nightly_run_in_which_a_question_fails_can_be_run_the_next_night(place: Place) -> None:
    place.questions([*ROWS, BROKEN])
    for output in ("answers.jsonl", "answers.csv"):
        assert place.batch("-o", output) == 5
        assert place.batch("-o", output, "--quiet") == 5 and place.err == ""
        place.questions([BROKEN, *ROWS[:2]])  # the day brings other questions
        assert place.batch("-o", output) == 5 and f"now {output}.old" in place.err


def test_stop_after_a_number_that_is_reached_at_the_end_is_no_stop(place: Place) -> None:
    assert place.batch("--stop-after", str(len(ROWS)), "-o", "answers.jsonl") == 3
    assert "stopped" not in place.err


@pytest.mark.parametrize(("given", "seconds"), [("90s", 90), ("30m", 1800), ("8h", 28800)])
def test_stop_after_a_time_counts_from_the_beginning(
    place: Place, monkeypatch: pytest.MonkeyPatch, given: str, seconds: int
) -> None:
    now = [1000.0]
    monkeypatch.setattr(cli_batch, "time", SimpleNamespace(monotonic=lambda: now[0]))

    def act(_: Told, __: str) -> None:
        now[0] += seconds / 2.5

    meanwhile(monkeypatch, act)
    assert place.batch("--stop-after", given, "-o", "answers.jsonl") == 130
    assert len(records(place.folder / "answers.jsonl.part")) == 1 + 3


def test_only_failed_asks_what_failed_and_nothing_else(
    place: Place, told: list[Told], monkeypatch: pytest.MonkeyPatch
) -> None:
    place.questions([*ROWS, BROKEN])
    for output in ("answers.jsonl", "answers.html"):
        assert place.batch("-o", output) == 5
        before = (place.folder / output).read_text(encoding="utf-8")
        assert "The model is broken." in before
        with monkeypatch.context() as patch:
            patch.setattr(Told, "_answer", mended(Told._answer))
            assert place.batch("--only-failed", "-o", output) == 3
        assert told[-1].groups == [["Is it broken?"]]
        assert "The model is broken." not in (place.folder / output).read_text(encoding="utf-8")
    assert names(place.folder) == ["answers.html", "answers.jsonl", "questions.jsonl"]
    assert place.answers() == [*WHOLE, "bad"]


def mended(answering: Callable[[Told, Any], Any]) -> Callable[[Told, Any], Any]:
    """Return what answers a broken question too."""

    def answer_(self: Told, asked: Any) -> Any:
        made = answering(self, Asked(asked.question.replace("broken", "whole"), asked.documents, asked.earlier))
        return replace(made, question=asked.question)

    return answer_


@pytest.mark.parametrize("flag", ["--resume", "--only-failed"])
def test_a_run_under_other_conditions_is_refused_unless_anyway(
    place: Place, monkeypatch: pytest.MonkeyPatch, flag: str
) -> None:
    assert place.batch("--stop-after", "2", "-o", "answers.jsonl") == 130
    monkeypatch.setenv("BELEG_PASSAGES", "9")
    monkeypatch.setattr("rag.index.library.Library.stamp", "another")
    assert place.batch(flag, "--mode", "compose", "-o", "answers.jsonl") == 2
    said = "the mode was quote and is compose; the number of passages was 5 and is 9; the library has changed"
    assert f"answers.jsonl was begun under other conditions: {said}." in place.err and f"{flag}=anyway" in place.err
    assert place.batch(f"{flag}=anyway", "--mode", "compose", "-o", "answers.jsonl") == 3
    assert f"going on all the same: {said}\n" in place.err and place.answers() == WHOLE


def test_resume_does_not_take_the_questions_for_its_value(place: Place) -> None:
    assert place.batch("--stop-after", "2", "-o", "answers.jsonl") == 130
    assert main(["batch", "-o", "answers.jsonl", "--resume", "questions.jsonl"]) == 3
    assert place.answers() == WHOLE


def test_resume_knows_no_other_value(place: Place) -> None:
    assert place.batch("--resume=perhaps", "-o", "answers.jsonl") == 2


def test_a_questions_file_may_have_any_name(place: Place) -> None:
    place.questions(name="--resume=anyway.jsonl")
    assert main(["batch", "-o", "answers.jsonl", "--", "--resume=anyway.jsonl"]) == 3


def test_lines_without_a_journal_are_gone_on_with_and_what_is_not_known_is_told(place: Place) -> None:
    assert place.batch("--limit", "2", "-o", "answers.jsonl") == 0
    assert place.batch("--resume", "-o", "answers.jsonl") == 3
    assert "not known of the answers that are there: model's file, way of running the model" in place.err
    assert "embedder's files, store, number of passages" in place.err


def test_a_new_run_keeps_the_answers_that_were_there(place: Place) -> None:
    assert place.batch("--limit", "1", "-o", "answers.jsonl") == 0
    assert place.batch("--limit", "2", "-o", "answers.jsonl") == 0
    assert "the answers that were there are now answers.jsonl.old" in place.err
    assert place.answers("answers.jsonl.old") == WHOLE[:1] and place.answers() == WHOLE[:2]
