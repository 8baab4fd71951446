"""Held: what workers answer is what is answered here; questions that follow each other stay together."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from worker_processes import kill_one

from rag.answering.assistant import Assistant
from rag.batch.question_file import Question
from rag.batch.runner import answers, made_record
from rag.distributed.question_answerer import answering_elsewhere, parts, records
from rag.distributed.workers import Connected
from rag.index.library import Library
from rag.index.update import index
from rag.models.bundled import load_embedder
from rag.settings import Settings

TEXTS = {
    "canal.txt": "The canal was opened in 1871. Its deepest lock lifts boats by 14 metres. Its keeper was Ida Voss.",
    "mill.txt": "The mill at Rehau grinds rye. It was rebuilt after the fire of 1902. The miller employs six people.",
    "seilbahn.txt": "Die Seilbahn fährt täglich von 8 bis 18 Uhr. Eine Fahrt kostet 7,50 Euro. Hunde fahren umsonst.",
}
ASKED = [
    ("a", "When was the canal opened?", ()),
    ("b", "Who was the keeper?", ()),
    ("c", "What does the mill grind?", ()),
    ("d", "How many people does the miller employ?", ()),
    ("e", "When was it rebuilt?", ("d",)),
    ("f", "Was kostet eine Fahrt mit der Seilbahn?", ()),
    ("g", "Wie heißt der Kapitän der Fähre?", ()),
    ("h", "How high does the deepest lock lift boats?", ()),
    ("i", "Until when does the cable car run?", ()),
    ("j", "What documents do I have?", ()),
    ("k", "And on what date was that?", ("a",)),
]


def question(identity: str, text: str, follows: Sequence[str] = ()) -> Question:
    return Question(id=identity, text=text, follows=tuple(follows), line=1)


QUESTIONS = [question(*row) for row in ASKED]


@pytest.fixture(scope="module")
def assistant(two_workers: Connected) -> Iterator[Assistant]:
    settings = two_workers.settings
    docs = settings.library.parent / "docs"
    docs.mkdir(exist_ok=True)
    for name, text in TEXTS.items():
        (docs / name).write_text(text, encoding="utf-8")
    with Library(settings.library, create=True) as library:
        index([str(docs)], library, load_embedder(settings))
        with Assistant(settings, library) as assistant:
            yield assistant


def told(record: Any) -> str:
    """Return a record without what it took: the seconds."""
    return json.dumps({key: value for key, value in record.items() if key not in {"timings", "detail"}}, sort_keys=True)


def made_here(assistant: Assistant) -> dict[str, str]:
    made = answers(QUESTIONS, assistant)
    return {question.id: told(made_record(question, answer, assistant)) for question, answer in made}


def test_records_are_those_that_are_made_here_each_once(two_workers: Connected, assistant: Assistant) -> None:
    with answering_elsewhere(two_workers, assistant, lambda: None) as pool:
        made = [(question.id, told(record)) for question, record in records(pool, QUESTIONS, (), assistant)]
    assert len(made) == len(QUESTIONS) and dict(made) == made_here(assistant)


def test_only_what_is_not_done_is_answered_though_it_follows_what_is(
    two_workers: Connected, assistant: Assistant
) -> None:
    done = {row[0] for row in ASKED} - {"e", "k"}
    with answering_elsewhere(two_workers, assistant, lambda: None) as pool:
        made = {question.id: told(record) for question, record in records(pool, QUESTIONS, done, assistant)}
    here = made_here(assistant)
    assert made == {identity: here[identity] for identity in ("e", "k")}


def test_a_worker_that_is_killed_in_the_middle_costs_no_answer(two_workers: Connected, assistant: Assistant) -> None:
    many = [
        question(f"{identity}{turn}", text) for turn in range(6) for identity, text, follows in ASKED if not follows
    ]
    with answering_elsewhere(two_workers, assistant, lambda: None) as pool:
        made = {}
        for number, (one, record) in enumerate(records(pool, many, (), assistant)):
            if number == 10:
                kill_one("QuestionAnswerer")
            made[one.id] = record
    assert set(made) == {one.id for one in many}
    assert {record["status"] for record in made.values()} == {"answered", "not_found", "about"}


def test_a_worker_that_does_not_see_the_library_answers_from_a_copy(
    two_workers: Connected, assistant: Assistant, tmp_path: Path
) -> None:
    elsewhere = replace(two_workers.settings, library=tmp_path / "none here")
    apart = Connected(1, 1, elsewhere, here=False)
    with answering_elsewhere(apart, assistant, lambda: None) as pool:
        made = {question.id: told(record) for question, record in records(pool, QUESTIONS[:3], (), assistant)}
    here = made_here(assistant)
    assert made == {identity: here[identity] for identity in "abc"} and not elsewhere.library.exists()


def test_questions_that_follow_each_other_are_in_one_part_and_no_part_is_only_of_what_is_done() -> None:
    asked = [question(str(number), "Why?", (str(number - 3),) if number % 5 == 4 else ()) for number in range(40)]
    found = list(parts(asked, {"0", "2", "38"}))
    of = {one.id: number for number, part in enumerate(found) for one in part.questions}
    assert all(of[one.id] == of[other] for one in asked for other in one.follows)
    assert "0" not in of and "2" not in of and len(of) == sum(len(part.questions) for part in found) > 30
    assert all(len(part.questions) <= 10 for part in found)
    assert [one.id for part in found for one in part.questions if one.id in part.done] == ["38"] * ("38" in of)


def test_a_question_that_follows_two_that_were_apart_joins_them() -> None:
    asked = [question("a", "Why?"), *(question(f"x{n}", "Why?") for n in range(20)), question("b", "Why?")]
    asked.append(question("c", "And?", ("a", "b")))
    (joined,) = [part for part in parts(asked, ()) if "c" in {one.id for one in part.questions}]
    assert {"a", "b", "c"} <= {one.id for one in joined.questions}


def test_the_command_keeps_the_journal_and_the_order_and_goes_on_alone(assistant: Assistant, tmp_path: Path) -> None:
    rows = [{"id": identity, "question": text, "follows": "".join(follows)} for identity, text, follows in ASKED]
    (tmp_path / "questions.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    settings: Settings = assistant.settings
    command = [sys.executable, "-m", "rag", "--library", str(settings.library), "batch", "questions.jsonl"]
    clean = {key: value for key, value in os.environ.items() if not key.startswith("BELEG_")}
    environment = clean | {"BELEG_CACHE": str(settings.cache), "BELEG_LANG": "en"}

    def run(*more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*command, *more], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=180
        )

    # Answered are parts of up to eight questions at once, and one is counted after the other: so 3, and then stopped.
    first = run("-o", "answers.jsonl", "--stop-after", "3", "--workers", "ray:2")
    assert first.returncode == 130 and "2 workers answer" in first.stderr, first.stderr
    assert "stopped before the end; --resume goes on" in first.stderr and "Traceback" not in first.stderr
    second = run("-o", "answers.jsonl", "--resume")
    assert second.returncode == 3, second.stderr
    found = [json.loads(line) for line in (tmp_path / "answers.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [record["id"] for record in found] == [row[0] for row in ASKED]
    piped = run("--workers", "ray:2")
    assert [json.loads(line)["id"] for line in piped.stdout.splitlines()] == [row[0] for row in ASKED], piped.stderr
