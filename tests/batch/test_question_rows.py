"""Held: ids, conversations and limits of question files, wherever the rows come from."""

from __future__ import annotations

import io
import json
import os
import sys
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from project import SEEDS
from question_files import asked, bad, of, refused, rows, written

from rag.batch import question_file
from rag.batch.question_file import BadRow, QuestionFile, read
from rag.errors import UsageError


def piped(content: str | bytes) -> QuestionFile:
    return read(Path("-"), stdin=io.BytesIO(content if isinstance(content, bytes) else content.encode()))


# --- ids -------------------------------------------------------------------------------


def test_ids_are_kept_and_numbers_become_their_text() -> None:
    questions = asked({"id": " x ", "question": "Who?"}, {"id": 7, "question": "Who?"}, {"id": -0, "question": "Who?"})
    assert [each.id for each in questions] == [" x ", "7", "0"]


def test_a_made_id_keeps_clear_of_those_given_even_later() -> None:
    none = {"question": "Who?"}
    given = [{"id": each, "question": "Who?"} for each in ("2", "1", "1-2")]
    assert [each.id for each in asked(none, none, *given)] == ["1-3", "2-2", "2", "1", "1-2"]


@pytest.mark.parametrize("identity", [True, 1.0, [], "", "  ", "x" * 201, "a\nb", "a\tb", "a\x1b", "a\u202e", "a\0"])
def test_an_id_that_is_none_makes_the_row_bad(identity: object) -> None:
    bad({"id": identity, "question": "Who?"}, "the id")


@pytest.mark.parametrize("strict", [False, True])
def test_an_id_given_twice_is_an_error_with_both_lines(strict: bool) -> None:
    content = rows({"id": "7", "question": "Who?"}, "", "{", {"id": 7, "question": "When?"})
    refused("q.jsonl", content, "line 4", "line 1", "“7”", strict=strict)


def test_an_id_given_twice_is_an_error_even_if_one_of_the_rows_is_bad() -> None:
    refused("q.csv", "id,question\na,\na,Who?", "line 3", "line 2", "“a”")


# --- conversations ---------------------------------------------------------------------


def chains(*values: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    return {each.id: each.follows for each in asked(*({"question": "Who?", **value} for value in values))}


def test_a_question_of_a_conversation_follows_all_earlier_ones_of_it() -> None:
    values = [{"id": "a", "conversation": "k"}, {"id": "b"}, {"id": "c", "conversation": "k"}]
    values += [{"id": "d", "conversation": "other"}, {"id": "e", "conversation": "k"}]
    assert chains(*values) == {"a": (), "b": (), "c": ("a",), "d": (), "e": ("a", "c")}


def test_a_conversation_may_be_a_number() -> None:
    values: list[dict[str, Any]] = [{"id": "a", "conversation": 0}, {"id": "b", "conversation": "0"}]
    assert chains(*values, {"id": "c", "conversation": ""}) == {"a": (), "b": ("a",), "c": ()}


def test_chains_branch() -> None:
    values = [{"id": "a"}, {"id": "b", "follows": "a"}, {"id": "c", "follows": "a"}, {"id": "d", "follows": "c"}]
    assert chains(*values) == {"a": (), "b": ("a",), "c": ("a",), "d": ("a", "c")}


def test_ids_that_are_numbers_or_made_can_be_followed() -> None:
    second, third = {"id": 12, "follows": 1}, {"id": "z", "follows": 12}
    assert chains({}, second, third, {"id": "y", "follows": ""}) == {"1": (), "12": ("1",), "z": ("1", "12"), "y": ()}


def test_a_chain_can_leave_a_conversation_and_the_conversation_goes_on_without_it() -> None:
    values = [{"id": "a", "conversation": "k"}, {"id": "b", "conversation": "k"}, {"id": "c", "follows": "a"}]
    assert chains(*values, {"id": "d", "conversation": "k"}) == {"a": (), "b": ("a",), "c": ("a",), "d": ("a", "b")}


def test_a_row_with_a_conversation_that_follows_a_question_is_bad() -> None:
    bad({"question": "Who?", "conversation": "k", "follows": "good"}, "conversation", "follows")


def test_a_row_that_follows_an_unknown_one_is_bad() -> None:
    bad({"question": "Who?", "follows": "nobody"}, "“nobody”", "no id of a row")


def test_a_row_that_follows_a_later_one_is_bad() -> None:
    bad({"question": "Who?", "follows": "good"}, "“good”", "not earlier")


def test_a_row_that_follows_itself_is_bad() -> None:
    bad({"id": "a", "question": "Who?", "follows": "a"}, "“a”", "not earlier")


def test_a_row_that_follows_a_bad_one_is_bad_and_so_on() -> None:
    chain = [{"id": "a", "question": "?"}, {"id": "b", "question": "Who?", "follows": "a"}]
    chain += [{"id": "c", "question": "Who?", "follows": "b"}, {"question": "Who?"}]
    file = of("q.jsonl", rows(*chain))
    assert [each.id for each in file.questions] == ["4"]
    assert file.bad[1:] == (
        BadRow(2, "it follows “a”, which cannot be asked"),
        BadRow(3, "it follows “b”, which cannot be asked"),
    )


def test_a_conversation_goes_on_without_its_bad_rows() -> None:
    values = [{"id": str(n), "question": "?" if n == 2 else "Who?", "conversation": "k"} for n in (1, 2, 3)]
    file = of("q.jsonl", rows(*values))
    assert [each.follows for each in file.questions] == [(), ("1",)]


@pytest.mark.parametrize("kind", ["conversation", "follows"])
def test_a_long_conversation_keeps_the_last_turns_only(kind: str) -> None:
    def turn(number: int) -> dict[str, str]:
        row = {"id": str(number), "question": "Who?", "conversation": "k"}
        if kind == "follows":
            row = {"id": str(number), "question": "Who?", "follows": str(number - 1) if number else ""}
        return row

    path = written("q.jsonl", rows(*map(turn, range(5_000))))
    tracemalloc.start()
    try:
        file = read(path)
        assert tracemalloc.get_traced_memory()[1] < 40_000_000
    finally:
        tracemalloc.stop()
    assert file.bad == () and len(file.questions) == 5_000
    assert file.questions[3].follows == ("0", "1", "2")
    assert file.questions[-1].follows == tuple(str(each) for each in range(4_979, 4_999))


# --- strict, nothing, too much ---------------------------------------------------------


def test_strict_refuses_the_first_bad_row() -> None:
    content = rows({"question": "Who?"}, {"question": "?"}, "{")
    message = refused("q.jsonl", content, "q.jsonl, line 2: there is no letter", "Correct", strict=True)
    assert "not JSON" not in message
    assert len(of("q.jsonl", content).bad) == 2


def test_strict_has_nothing_against_a_good_file() -> None:
    assert of("q.txt", "Who?", strict=True).bad == ()


@pytest.mark.parametrize(
    ("name", "content"),
    [("q.txt", ""), ("q.txt", " \n\n"), ("q.jsonl", "\n"), ("q.csv", "id,question\n"), ("q.txt", b"\xff\xfe")],
)
def test_a_file_without_a_question_is_refused(name: str, content: str | bytes) -> None:
    refused(name, content, "no question")


def test_a_file_of_bad_rows_is_refused_with_the_first_of_them() -> None:
    refused("q.jsonl", '{\n"question": "Who?"\n}', "line 1", "not JSON")


def test_a_file_that_is_too_large_is_not_even_read(monkeypatch: pytest.MonkeyPatch) -> None:
    with Path("q.txt").open("wb") as stream:
        stream.truncate(question_file.MOST_BYTES + 1)
    monkeypatch.setattr(question_file, "_decoded", None)
    with pytest.raises(UsageError, match=r"q\.txt is larger than 100 MB"):
        read(Path("q.txt"))


def test_a_pipe_without_an_end_is_read_to_one_byte_over_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(question_file, "MOST_BYTES", 1_000_000)
    stream = io.BytesIO(b"Who?\n" * 1_000_000)
    with pytest.raises(UsageError, match="standard input is larger than 1 MB"):
        read(Path("-"), stdin=stream)
    assert stream.tell() == 1_000_001


def test_more_rows_than_anyone_can_ask_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(question_file, "MOST_ROWS", 3)
    assert len(of("q.txt", "a\n" * 3).questions) == 3
    refused("q.txt", "a\n" * 4, "more than 3", "Split")


# --- files and standard input ----------------------------------------------------------


@pytest.mark.parametrize("name", ["q.pdf", "q", "q.json", "q.txt.gz"])
def test_another_ending_is_refused_with_those_that_work(name: str) -> None:
    refused(name, "Who?", ".txt", ".csv", ".tsv", ".jsonl", ".ndjson")


def test_a_folder_is_refused() -> None:
    Path("q.txt").mkdir()
    with pytest.raises(UsageError, match=r"q\.txt is not a file"):
        read(Path("q.txt"))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes with names are not everywhere")
def test_a_pipe_nobody_writes_to_is_not_waited_for() -> None:
    os.mkfifo("q.txt")
    with pytest.raises(UsageError, match="not a file"):
        read(Path("q.txt"))


@pytest.mark.parametrize("name", ["missing.txt", "no such folder/q.csv", "a\0b.txt", "x" * 300 + ".txt"])
def test_a_file_that_is_not_there_is_refused(name: str) -> None:
    with pytest.raises(UsageError) as caught:
        read(Path(name))
    assert str(caught.value).startswith(f"{name} cannot be read")


def test_a_file_that_is_closed_to_us_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def closed(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", closed)  # to root no file is closed
    with pytest.raises(UsageError, match=r"q\.txt cannot be read: Permission denied"):
        of("q.txt", "Who?")


def test_a_file_that_fails_while_it_is_read_is_refused() -> None:
    class Broken(io.BytesIO):
        def read(self, _size: int | None = -1, /) -> bytes:
            raise OSError(5, "Input/output error")

    with pytest.raises(UsageError, match="standard input cannot be read: Input/output error"):
        read(Path("-"), stdin=Broken())


def test_the_name_of_a_file_passes_through_as_it_is() -> None:
    name = "we ird \x1b[31m \u202e.txt"
    assert of(name, "Who?").name == name
    refused(name, "")


@pytest.mark.parametrize(
    ("content", "texts"),
    [
        ('\n {"question": "Who?"}\n', ["Who?"]),
        ('{"question": "Who?", "question": "When?"}\n{"question": "Why?"}', ["Why?"]),
        ('{"question": "Who?",\n{"question": "Why?"}', ["Why?"]),
        ("id,question\n1,Who?", ["Who?"]),
        ("\nid;question\n1;Who, then?", ["Who, then?"]),
        ("question\tid\nWho?\t1", ["Who?"]),
        ("sep=;\nid;question\n1;Who?", ["Who?"]),
        ("Who, then?\nWhen; and why?", ["Who, then?", "When; and why?"]),
        ('"Who?\nid,question', ['"Who?', "id,question"]),
        ("[1] means what?", ["[1] means what?"]),
    ],
)
def test_standard_input_is_what_it_looks_like(content: str, texts: list[str]) -> None:
    file = piped(content)
    assert file.name == "standard input"
    assert [each.text for each in file.questions] == texts


def test_standard_input_is_that_of_the_process_if_no_other_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"Who?")))
    assert read(Path("-")).questions[0].text == "Who?"
    assert not sys.stdin.closed


def test_without_a_standard_input_there_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(UsageError, match="standard input cannot be read"):
        read(Path("-"))


def test_the_seed_questions_are_read_with_their_chains() -> None:
    file = read(SEEDS / "questions.jsonl", strict=True)
    by_id = {each.id: each for each in file.questions}
    assert by_id["kursk-troops-blinken-en"].follows == ("kursk-troops-en",)
    assert by_id["kursk-troops-en"].row["document"] == "kursk-lage.txt"


# --- anything --------------------------------------------------------------------------

PIECES = [
    b'{"id": "a", "question": "Who?"}', b'{"id": 1, "question": "', b'", "follows": "a"}', b'"conversation": 1', b"{",
    b"}", b"[", b"id,question\n", b"id;question;documents;follows\n", b"sep=;\n", b'"', b'""', b",", b";", b"\t", b"\n",
    b"\r", b"\r\n", b" ", b"\0", b"\\ud800", b"\xef\xbb\xbf", b"\xff\xfe", b"\xff", b"\xc3\xa4", b"NaN", b"1e999", b"|",
]  # fmt: skip


@given(
    st.sampled_from(["-", "q.txt", "q.csv", "q.tsv", "q.jsonl"]),
    st.binary(max_size=60) | st.lists(st.sampled_from(PIECES) | st.binary(max_size=3), max_size=20).map(b"".join),
    st.booleans(),
)
@settings(max_examples=400, deadline=None)
def test_any_bytes_are_questions_or_a_usage_error(name: str, raw: bytes, strict: bool) -> None:
    path = Path(name) if name == "-" else written(name, raw)
    try:
        file = read(path, strict=strict, stdin=io.BytesIO(raw))
    except UsageError as error:
        assert str(error).encode()
        return
    ids = [each.id for each in file.questions]
    assert len(set(ids)) == len(ids) > 0
    assert not (strict and file.bad)
    lines = [each.line for each in file.questions] + [each.line for each in file.bad]
    assert len(set(lines)) == len(lines)
    earlier: set[str] = set()
    for question in file.questions:
        assert set(question.follows) <= earlier and len(question.follows) <= question_file.EARLIER
        assert any(map(str.isalnum, question.text)) and "\0" not in question.text
        json.dumps([question.id, question.text, question.documents, question.row], allow_nan=False).encode()
        str([question.id, question.text, question.documents, dict(question.row)]).encode()
        earlier.add(question.id)
