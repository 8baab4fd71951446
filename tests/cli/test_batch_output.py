"""`beleg batch`: what it says on which stream, and the forms of its questions and answers."""

from __future__ import annotations

import csv
import io
import json
import sys
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from batch_commands import WHOLE, Place
from fake_assistant import ROWS, Told, names, records


def test_standard_output_has_the_records_in_order_and_nothing_else(place: Place, told: list[Told]) -> None:
    assert place.batch() == 3
    made = [json.loads(line) for line in place.out.splitlines()]
    assert [row["id"] for row in made] == WHOLE
    assert [text for group in told[0].groups for text in group] != [row["question"] for row in ROWS]
    assert list(made[0]) == [
        *("id", "question", "status", "answer", "citations", "passages"),
        *("model", "embedder", "mode", "care", "timings", "error"),
    ]
    place.batch("-o", "answers.jsonl")
    assert made == records(place.folder / "answers.jsonl")


def test_progress_is_plain_lines_where_there_is_no_terminal_and_quiet_is_quiet(place: Place) -> None:
    assert place.batch("-o", "answers.jsonl") == 3
    assert place.err.splitlines()[0].startswith("8 of 8 done: 7 answered, 1 not found, 0 errors")
    assert not {"\r", "\x1b"} & set(place.err) and "left" not in place.err
    place.questions([*ROWS, {"id": "empty"}])
    assert place.batch("--quiet", "-o", "answers.jsonl") == 5
    assert place.err == place.out == ""
    assert place.batch("--quiet", "-o", "answers.txt") == 2 and place.err.startswith("beleg: ")


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("When?\n\nWho?\n", ["1", "3"]),
        ("id,question\na,When?\nb,Who?\n", ["a", "b"]),
        ('{"id": "x", "question": "When?"}\n', ["x"]),
    ],
)
def test_questions_may_come_from_standard_input(
    place: Place, monkeypatch: pytest.MonkeyPatch, text: str, ids: list[str]
) -> None:
    for arguments in ([], ["-o", "answers.jsonl"]):
        monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(text.encode())))
        assert place.batch(*arguments, name="-") == 0
    assert place.answers() == ids and len(records(place.folder / "answers.jsonl")) == len(ids)


@pytest.mark.parametrize("name", ["questions.txt", "questions.csv", "questions.TSV", "questions.ndjson"])
def test_every_form_of_question_file_is_read(place: Place, name: str) -> None:
    text = {"txt": "When?\n", "csv": "question\nWhen?\n", "tsv": "id\tquestion\n1\tWhen?\n"}
    place.questions(text.get(name[-3:].lower(), '{"question": "When?"}\n'), name)
    assert place.batch("-o", "answers.ndjson", name=name) == 0
    assert records(place.folder / "answers.ndjson")[0]["question"] == "When?"


@pytest.mark.parametrize("ending", [".csv", ".md", ".markdown", ".html", ".HTM", ".JSONL"])
def test_every_form_of_answers_holds_them_all_in_order(place: Place, ending: str) -> None:
    assert place.batch("-o", f"answers{ending}") == 3
    text = (place.folder / f"answers{ending}").read_text(encoding="utf-8")
    places = [text.index(row["question"].replace("?", "")) for row in ROWS]
    assert places == sorted(places) and names(place.folder) == [f"answers{ending}", "questions.jsonl"]
    if ending == ".csv":
        assert [row["id"] for row in csv.DictReader(io.StringIO(text))] == [
            "'=cost" if i == "=cost" else i for i in WHOLE
        ]
    elif ending.lower().startswith(".htm"):
        assert text.startswith("<!doctype html>") and "<title>Answers: answers</title>" in text
    elif ending.startswith(".m"):
        assert text.startswith("# Answers: answers\n\n8 questions · 7 answered")


def test_half_a_character_reaches_standard_output_as_it_reaches_a_file(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    really = Told._answer

    def half(self: Told, asked: Any) -> Any:
        return replace(really(self, asked), text="half \ud800")

    monkeypatch.setattr(Told, "_answer", half)
    place.questions([ROWS[0]])
    assert place.batch() == 0
    assert json.loads(place.out)["answer"] == "half \ud800"
