"""Held: `beleg eval` tells how good answers are, row by row, and exits as scripts and makefiles expect."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from evaluation_fixtures import BETTER, FOUND, ROWS, SAYS, Desk, Quoting
from fake_assistant import names, records, write_rows

from rag.answering.feature_weights import shipped
from rag.cli.main import main


@pytest.fixture
def desk(
    small_library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Desk:
    return Desk(small_library, tmp_path / "here", monkeypatch, capsys)


# --- the figures ------------------------------------------------------------------------


def test_the_figures_are_a_table_on_standard_output_each_with_interval_and_number(desk: Desk) -> None:
    assert desk() == 0
    head, *rows = desk.out.splitlines()
    assert head.split() == ["value", "95", "%", "interval", "n"]
    cells = [re.fullmatch(r"(\S+) +(\S+)( s)? +(\S+)( s)? – (\S+)( s)? +(\d+)", row) for row in rows]
    found = {cell[1]: (cell[2], float(cell[4]), float(cell[6]), int(cell[8])) for cell in cells if cell}
    assert {name: (value, n) for name, (value, _, _, n) in found.items()} == {
        name: (f"{value:.{2 if name.endswith('_s') else 3}f}", n) for name, (value, n) in FOUND.items()
    }
    assert found["refused"][1:3] == (0, 1) and found["contains"][1:3] == (1, 1)
    assert found["cited"][1] < 4 / 7 < found["cited"][2]
    assert "10 of 10 done: 8 answered, 2 not found, 0 errors" in desk.err


def test_for_scripts_the_figures_are_one_object_and_nothing_else(desk: Desk) -> None:
    found = desk.json("-q")
    assert desk.err == "" and list(found) == ["figures", "care", "calibration"]
    assert list(found["figures"]) == list(FOUND)
    for name, (value, n) in FOUND.items():
        figure = found["figures"][name]
        assert figure["value"] == pytest.approx(value) and figure["n"] == n, name
        assert figure["low"] <= figure["value"] <= figure["high"]


def test_both_errors_are_told_for_each_care_and_which_is_in_use(desk: Desk) -> None:
    limits = shipped().thresholds.refuse
    known = [support for name, (_, support) in SAYS.items() if name not in ("lamps", "whales")]
    for flags, used in (((), "balanced"), (("--careful",), "careful"), (("--eager",), "eager")):
        found = desk.json(*flags)["care"]
        assert list(found) == ["careful", "balanced", "eager"]
        for care, errors in found.items():
            assert errors["threshold"] == limits[care]
            assert errors["refused"]["value"] == pytest.approx(sum(one < limits[care] for one in known) / 8)
            assert errors["answered"]["value"] == sum(one >= limits[care] for one in (0.3, 0.05)) / 2
        assert desk(*flags) == 0
        assert re.findall(r"^(\w+) \* +\d", desk.out, re.MULTILINE) == [used]


def test_only_the_first_questions_where_that_is_wished(desk: Desk) -> None:
    found = desk.json("--limit", "3")
    assert sorted(text for text, _ in desk.told.asked) == sorted(row["question"] for row in ROWS[:3])
    assert (found["figures"]["error"]["n"], found["figures"]["cited"]["value"]) == (3, 1.0)


def test_follow_ups_stand_on_the_answers_before_them_and_belong_to_their_conversation(desk: Desk) -> None:
    assert desk("-o", "run.jsonl") == 0
    asked = dict(desk.told.asked)
    assert asked["What is it now?"] == ["Who rebuilt the mill?"]
    assert asked["Since when?"] == ["Who rebuilt the mill?", "What is it now?"]
    assert sum(map(bool, asked.values())) == 2 and len(desk.told.asked) == len(ROWS)
    talks = {row["id"]: row["conversation"] for row in records(desk.folder / "run.jsonl")}
    assert talks == {row["id"]: row["id"] for row in ROWS} | {"now": "rebuilt", "since": "rebuilt"}


def test_a_follow_up_stands_on_a_question_even_if_nobody_says_what_its_answer_is(desk: Desk) -> None:
    write_rows(desk.file, [{"id": "rebuilt", "question": "Who rebuilt the mill?"}, ROWS[3]])
    assert desk("-o", "run.jsonl") == 5
    assert dict(desk.told.asked)["What is it now?"] == ["Who rebuilt the mill?"]
    assert [row["id"] for row in records(desk.folder / "run.jsonl")] == ["now"]


def test_a_question_that_fails_is_counted_and_the_exit_code_says_so(desk: Desk) -> None:
    said = {name: what for name, what in SAYS.items() if name != "opened"}
    found = desk.json(told=Quoting(said), code=5)["figures"]
    assert "1 error" in desk.err
    assert found["error"]["value"] == pytest.approx(1 / 10) and found["cited"]["value"] == pytest.approx(3 / 7)
    assert found["median_s"]["n"] == 9


# --- rows that cannot be used -----------------------------------------------------------

BAD = [
    ROWS[0],
    {"id": "b", "question": "Who knows?"},
    {"id": "c", "question": "When?", "document": "mill.txt", "words": "1908"},
    {"id": "d", "question": "When?", "document": "tower.txt", "words": "1907"},
    {"id": "e", "question": "When?", "answerable": False, "answer": "1907"},
    {"id": "f", "question": "…"},
]
SAID = [
    (2, "says neither what the right answer is nor where it stands"),
    (3, '"1908" are not in mill.txt'),
    (4, "no document tower.txt in the library"),
    (5, "`answer` is given for a question that is not `answerable`"),
    (6, "no letter and no digit in the question"),
    (7, "it is not JSON"),
]


def test_rows_that_cannot_be_used_are_skipped_and_named_by_line(desk: Desk) -> None:
    with write_rows(desk.file, BAD).open("a", encoding="utf-8") as file:
        file.write("{\n")
    assert desk("-o", "run.jsonl") == 5
    said = [line for line in desk.err.splitlines() if line.startswith("skipped: ")]
    for line, reason in SAID:
        (row,) = (one for one in said if f"known.jsonl, line {line}: " in one)
        assert reason in row
    assert len(said) == len(SAID) and [row["id"] for row in records(desk.folder / "run.jsonl")] == ["burned"]
    assert desk("-q") == 5 and desk.err == ""


@pytest.mark.parametrize(("keep", "line"), [(6, 6), (5, 2)])
def test_strict_stops_at_the_first_of_them_before_anything_is_asked(keep: int, line: int, desk: Desk) -> None:
    write_rows(desk.file, BAD[:keep])  # first what is no question at all, then what says no answer
    assert desk("--strict", "-o", "run.jsonl") == 2
    assert desk.told.asked == [] and desk.out == "" and names(desk.folder) == ["known.jsonl"]
    assert f"known.jsonl, line {line}: " in desk.err and dict(SAID)[line] in desk.err


def test_a_file_none_of_whose_rows_says_what_is_right_is_refused(desk: Desk) -> None:
    write_rows(desk.file, BAD[1:3])
    assert desk("-o", "run.jsonl") == 2
    assert "no row says what its answer is" in desk.err and "Line 1: " in desk.err and SAID[0][1] in desk.err
    assert desk.told.asked == [] and names(desk.folder) == ["known.jsonl"]


# --- comparing --------------------------------------------------------------------------


def verdicts(found: dict[str, Any]) -> dict[str, str]:
    return {name: one["better"] for name, one in found["differences"].items()}


def test_the_same_run_again_differs_by_nothing(desk: Desk) -> None:
    desk("-o", "run.jsonl")
    found = desk.json("--compare", "run.jsonl")
    assert set(verdicts(found).values()) == {"no more than noise"}
    assert {one["difference"] for one in found["differences"].values()} == {0.0}
    assert list(found["differences"]) == [name for name in FOUND if name != "p95_s"]
    desk("--compare", "run.jsonl")
    figures, _, differences = desk.out.split("\n\n")
    assert figures.splitlines()[0].split()[0] == "value" and differences.splitlines()[0].split()[:2] == [
        "here",
        "there",
    ]
    (cited,) = (line for line in differences.splitlines() if line.startswith("cited "))
    assert cited.split()[1:4] == ["0.571", "0.571", "+0.000"] and cited.endswith("7  no more than noise")


def test_a_changed_run_is_better_or_worse_where_enough_has_changed(desk: Desk) -> None:
    nothing = {row["id"]: ("~1907", 0.05) for row in ROWS}
    desk("-o", "before.jsonl", told=Quoting(nothing))
    found = desk.json("--compare", "before.jsonl", "-o", "after.jsonl", told=Quoting(BETTER))
    # In six conversations there is an answer; one question that was refused is not any more.
    assert {name: verdicts(found)[name] for name in ("answered", "cited", "balance", "contains", "refused")} == {
        "answered": "better",
        "cited": "better",
        "balance": "no more than noise",
        "contains": "no more than noise",  # in two conversations
        "refused": "no more than noise",
    }
    assert (found["differences"]["cited"]["there"], found["differences"]["refused"]["difference"]) == (0.0, -0.5)
    found = desk.json("--compare", "after.jsonl", told=Quoting(nothing))
    assert verdicts(found)["answered"] == "worse" and found["differences"]["answered"]["difference"] == -1.0
    desk("--compare", "after.jsonl", told=Quoting(nothing))
    assert re.search(r"^answered +0\.000 +1\.000 +-1\.000 +-1\.000 – -1\.000 +8  worse$", desk.out, re.MULTILINE)


def test_a_run_of_other_questions_is_said_to_be_one(desk: Desk) -> None:
    desk("-o", "run.jsonl")
    run = records(desk.folder / "run.jsonl")
    write_rows(desk.folder / "other.jsonl", [{**row, "id": f"other {row['id']}"} for row in run])
    found = desk.json("--compare", "other.jsonl")
    assert "differences" not in found and "other.jsonl has none of these questions" in desk.err


@pytest.mark.parametrize("other", ["known.jsonl", "nothing.jsonl", "."])
def test_what_is_no_run_is_refused_before_anything_is_asked(other: str, desk: Desk) -> None:
    assert desk("--compare", other) == 2
    assert desk.told.opened == 0 and desk.out == ""
    assert ("is no run of `beleg eval`" if other == "known.jsonl" else "cannot be read") in desk.err


# --- floors -----------------------------------------------------------------------------


def test_a_figure_under_its_floor_is_named_and_exits_1(desk: Desk) -> None:
    assert desk("--fail-under", "refused=0.5", "--fail-under", "answered=0.875") == 0 and "under" not in desk.err
    assert desk("--fail-under", "cited=0.6", "--fail-under", "refused=0.5", "--fail-under", "precision=1") == 1
    assert "cited is 0.571, under 0.6" in desk.err and "precision is 0.833, under 1" in desk.err
    assert "refused is" not in desk.err and desk.out.startswith("  ")


def test_a_figure_that_applies_to_none_of_the_questions_is_under_any_floor(desk: Desk) -> None:
    write_rows(desk.file, [row for row in ROWS if row.get("answerable", True)])
    assert desk("--fail-under", "refused=0") == 1
    assert "refused applies to none of the questions, so it is not 0" in desk.err
    assert not re.search("^refused", desk.out, re.MULTILINE)


@pytest.mark.parametrize("floor", ["cites=0.5", "median_s=1", "cited", "cited=80"])
def test_a_floor_that_makes_no_sense_is_refused_before_anything_is_asked(floor: str, desk: Desk) -> None:
    assert desk("--fail-under", floor) == 2
    assert desk.told.opened == 0 and desk.out == "" and ("is no figure" in desk.err or "is no number" in desk.err)


# --- what would only fail at the end ----------------------------------------------------


@pytest.mark.parametrize("option", [["-o", "gone/run.jsonl"], ["--html", "known.jsonl/run.html"]])
def test_a_folder_that_is_not_there_is_told_before_anything_is_asked(option: list[str], desk: Desk) -> None:
    assert desk(*option) == 2
    assert "is no folder to write run" in desk.err and desk.told.asked == []


@pytest.mark.parametrize("ending", [".csv", ".txt"])
def test_a_file_that_cannot_say_what_is_right_is_refused(
    ending: str, small_library: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / f"known{ending}").write_text("question,answer\nWho rebuilt the mill?,Marta\n", encoding="utf-8")
    assert main(["eval", str(tmp_path / f"known{ending}"), "--library", str(small_library)]) == 2
    assert f"known{ending} cannot say what the right answers are" in capsys.readouterr().err
