"""Questions that are limited by tags and dates: in the file, in a run, in its journal."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from fake_assistant import Told
from question_files import asked, bad, of

from rag.answering.assistant import Assistant
from rag.batch.question_file import Question
from rag.batch.run_conditions import conditions, differences
from rag.batch.runner import answers, made_record
from rag.errors import BelegError
from rag.index.library import Entry
from rag.index.metadata_filter import ALL, Filter, wanted


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


# --- in the file ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "limit"),
    [
        ({}, ALL),
        ({"tags": ["Work", "home"]}, Filter(("home", "Work"))),
        ({"tag": "#work"}, Filter(("work",))),
        ({"tags": "work", "tag": ["home"]}, Filter(("home", "work"))),
        ({"tags": None, "tag": "", "since": None, "until": ""}, ALL),
        ({"since": 2024, "until": "2024-06"}, Filter((), "2024", "2024-06")),
    ],
)
def test_json_rows_say_tags_and_dates(row: dict[str, object], limit: Filter) -> None:
    assert asked({"question": "Who?", **row})[0].wanted == limit


def test_columns_say_tags_with_bars_between_and_dates() -> None:
    file = of("q.csv", "question,Tags,since,until\nWho?,work | home,2024,2024-06\nWhen?,,,\n")
    assert [question.wanted for question in file.questions] == [Filter(("home", "work"), "2024", "2024-06"), ALL]
    (question,) = of("q.csv", "question;tag\nWho?;work\n").questions
    assert question.wanted == Filter(("work",))


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"tags": [3]}, "its tags are not all text"),
        ({"tags": {"a": 1}}, "its tags are not all text"),
        ({"tag": True}, "its tags are not all text"),
        ({"tags": ["work", ""]}, "a tag is empty"),
        ({"tags": "x" * 65}, "is longer than 64 characters"),
        ({"tags": "a\x1bb"}, "control character"),
        ({"since": True}, "neither text nor a year"),
        ({"since": 2024.5}, "neither text nor a year"),
        ({"until": [2024]}, "neither text nor a year"),
        ({"since": 24}, "“24” is no date"),
        ({"until": "2024-02-30"}, "“2024-02-30” is no date: write 2024, 2024-06 or 2024-06-30"),
        ({"since": "2024-07", "until": "2024-06"}, "since 2024-07 is after until 2024-06"),
    ],
)
def test_a_row_whose_limits_make_no_sense_is_named_by_its_line(row: dict[str, object], said: str) -> None:
    bad({"question": "Who?", **row}, said)


def test_a_column_whose_limits_make_no_sense_is_named_by_its_line() -> None:
    file = of("q.csv", "question,since\nWho?,2024\nWhen?,soon\n")
    assert [(row.line, row.reason) for row in file.bad] == [(3, "“soon” is no date: write 2024, 2024-06 or 2024-06-30")]


# --- in a run ------------------------------------------------------------------------------


def entry(name: str, date: str | None, *tags: str) -> Entry:
    return Entry(name, f"/{name}", name, name, date, "en", 1, 9, "2026", None, None, "", tags, (), "", "", ())


class Shelf:
    """A library that may change between two questions."""

    def __init__(self) -> None:
        self.stamp = "1"
        self.list = [entry("a", "2023", "work"), entry("b", "2024", "work"), entry("c", None, "home")]

    def entries(self) -> list[Entry]:
        return self.list


def looked_up(told: Told, *questions: Question) -> dict[str, str]:
    """Return, by id, in which documents each question was looked for, or why it could not be."""
    assistant = cast(Assistant, told)
    told.looked_up.clear()
    made = {question.id: made_record(question, answer, assistant) for question, answer in answers(questions, assistant)}
    errors = {identity: record["error"] for identity, record in made.items() if record["error"]}
    return {row.split(" ")[0]: " ".join(row.split(" ")[1:]) for row in told.looked_up} | errors


def test_each_question_is_asked_of_the_documents_that_are_let_through() -> None:
    told = Told(library=Shelf())
    found = looked_up(
        told,
        Question("all?", "all?"),
        Question("work?", "work?", wanted=wanted(["WORK"])),
        Question("new?", "new?", wanted=wanted([], "2024")),
        Question("named?", "named?", ("a", "c"), wanted=wanted(["work"])),
        Question("none?", "none?", ("c",), wanted=wanted(["work"])),
        Question("wrong?", "wrong?", wanted=wanted(["wrok"])),
    )
    assert found["all?"] == "" and found["work?"] == "a b" and found["new?"] == "b" and found["named?"] == "a"
    assert found["none?"].startswith("No document has the tag “work”")
    assert "Tags there are: home, work." in found["wrong?"]


def test_the_choice_is_made_anew_where_the_library_has_changed() -> None:
    shelf = Shelf()
    told = Told(library=shelf)

    def change(_: Told, question: str) -> None:
        shelf.stamp, shelf.list = question, [*shelf.list, entry(question, "2024", "work")]

    told.meanwhile = change
    questions = [Question(f"q{n}", f"q{n}", wanted=wanted(["work"])) for n in range(2)]
    questions[1] = replace(questions[1], follows=("q0",))
    seen: list[tuple[str, ...]] = []
    real = told._answer

    def answering(each: object) -> object:
        seen.append(each.documents)  # type: ignore[attr-defined]
        return real(each)  # type: ignore[arg-type]

    told._answer = answering  # type: ignore[assignment, method-assign]
    assert not any(isinstance(made, BelegError) for _, made in answers(questions, cast(Assistant, told)))
    assert seen == [("a", "b"), ("a", "b", "q0")]


# --- in its journal ------------------------------------------------------------------------


def test_what_answers_depend_on_holds_what_they_are_limited_to(monkeypatch: pytest.MonkeyPatch) -> None:
    told = Told(library=SimpleNamespace(stamp="stamp", entries=list))
    monkeypatch.setattr("rag.batch.run_conditions.known_sha256", lambda *_: "0")
    assistant = cast(Assistant, told)
    plain = [Question("1", "Who?"), Question("2", "When?")]
    tagged = [plain[0], Question("2", "When?", wanted=wanted(["work"]))]
    before = conditions(assistant, plain, ALL)
    assert differences(before, conditions(assistant, [*plain, Question("3", "Why?")], ALL)) == []
    assert differences(before, conditions(assistant, plain, wanted(["work"], "2024"))) == [
        "the choice of documents was all and is #work since:2024"
    ]
    assert differences(before, conditions(assistant, tagged, ALL)) == [
        "the tags and dates of single questions have changed"
    ]
