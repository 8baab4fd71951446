"""Held: a question file gives questions or says which line is wrong and why; nothing in it is asked by mistake."""

from __future__ import annotations

import hashlib
import json

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from question_files import asked, bad, of, refused, rows

from rag.batch.question_file import BadRow, Question

# --- text ------------------------------------------------------------------------------


def test_a_text_file_holds_one_question_a_line() -> None:
    raw = b"Who?\n\n   \n  Und wann? \n# What is this?\n"
    file = of("q.txt", raw)
    assert file.name == "q.txt" and file.bad == ()
    assert file.sha256 == hashlib.sha256(raw).hexdigest()
    assert file.questions == (
        Question("1", "Who?", line=1),
        Question("4", "Und wann?", line=4),
        Question("5", "# What is this?", line=5),
    )


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_all_three_line_ends_end_lines_and_nothing_else_does(end: str) -> None:
    file = of("q.txt", end.join(["One?", "", "Two\u2028and\x0ba\x85half?", "Three?"]))
    assert [(each.line, each.text) for each in file.questions] == [
        (1, "One?"),
        (3, "Two\u2028and\x0ba\x85half?"),
        (4, "Three?"),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize(
    ("name", "content"),
    [("q.txt", "Größe?"), ("q.csv", "question\nGröße?"), ("q.jsonl", '{"question": "Größe?"}')],
)
def test_unicode_is_read_with_and_without_its_mark(encoding: str, name: str, content: str) -> None:
    assert [each.text for each in of(name, content.encode(encoding)).questions] == ["Größe?"]


def test_big_endian_is_read_too() -> None:
    assert of("q.txt", b"\xfe\xff" + "Größe?".encode("utf-16-be")).questions[0].text == "Größe?"


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_another_encoding_is_refused_with_the_line_and_the_way_out(end: bytes) -> None:
    refused("q.txt", end.join([b"Who?", b"", b"Wie gro\xdf?"]), "line 3", "0xDF", "UTF-8", "Save it as UTF-8.")
    refused("q.csv", b"\xef\xbb\xbfquestion\nWie gro\xdf?", "line 2")


def test_half_a_character_at_the_end_of_utf_16_is_refused() -> None:
    refused("q.txt", "Who?\nWhen?".encode("utf-16")[:-1], "line 2", "UTF-16", "Save it as UTF-8.")


def test_a_line_with_a_nul_is_bad_in_every_format() -> None:
    assert "NUL" in of("q.txt", "Who?\nWh\0o?").bad[0].reason
    assert "NUL" in of("q.csv", "question,note\nWho?,\nWhen?,a\0b").bad[0].reason
    bad('{"question": "Who\0?"}', "NUL")
    bad({"question": "Who\0?"}, "NUL")
    bad({"question": "Who?", "documents": ["a\0.txt"]}, "NUL")
    bad({"question": "Who?", "note": [{"deep": "\0"}]}, "NUL")


def test_utf_16_without_a_mark_is_told_from_a_bad_question() -> None:
    refused("q.txt", "Who?\nWhen?".encode("utf-16-le"), "UTF-16 without a byte order mark")


# --- csv -------------------------------------------------------------------------------


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("ending", ["csv", "tsv", "CSV"])
def test_the_header_says_the_delimiter(delimiter: str, ending: str) -> None:
    content = f'id{delimiter}Question {delimiter}note\na{delimiter}"Who{delimiter} then?"{delimiter}x\n'
    (question,) = of(f"q.{ending}", content).questions
    assert (question.id, question.text, question.line) == ("a", f"Who{delimiter} then?", 2)
    assert question.row == {"id": "a", "Question": f"Who{delimiter} then?", "note": "x"}


def test_the_separator_line_of_excel_is_understood() -> None:
    (question,) = of("q.csv", "sep=;\r\nid;question\r\n1;Who, or what?\r\n").questions
    assert (question.id, question.text, question.line) == ("1", "Who, or what?", 3)


def test_a_comma_in_a_header_of_semicolons_parts_nothing() -> None:
    (question,) = of("q.csv", "question;first, last\nWho, then?;a, b").questions
    assert (question.text, question.row["first, last"]) == ("Who, then?", "a, b")


def test_rows_count_at_their_first_line_if_quotes_span_lines() -> None:
    content = '\n\nid,question\n\na,"Who\nand ""when""?"\n\n, \nb,Where?\n'
    file = of("q.csv", content)
    assert [(each.line, each.text) for each in file.questions] == [(5, 'Who\nand "when"?'), (9, "Where?")]
    assert file.bad == ()


def test_columns_of_a_csv_file_have_their_meaning() -> None:
    content = (
        "id,question,documents,conversation,follows,\n"
        "1,Who?,a.txt| my notes ,k,,\n"
        ",When?,,k,,\n"
        "x,Why?,,,1,\n"
    )  # fmt: skip
    first, second, third = of("q.csv", content).questions
    assert first == Question("1", "Who?", ("a.txt", "my notes"), "k", (), 2)
    assert second == Question("3", "When?", (), "k", ("1",), 3)
    assert third == Question("x", "Why?", (), "", ("1",), 4)
    assert "" not in first.row and first.row["documents"] == "a.txt| my notes "


def test_a_row_with_too_many_or_too_few_columns_is_bad() -> None:
    file = of("q.csv", "id,question\n1,Who, then?\n2\n3,When?\n")
    assert [each.id for each in file.questions] == ["3"]
    assert [each.line for each in file.bad] == [2, 3]
    assert "3, not 2" in file.bad[0].reason and "1, not 2" in file.bad[1].reason


def test_text_after_a_closing_quote_makes_the_row_bad_and_no_other() -> None:
    file = of("q.csv", 'id,question\n1,"Who "is" it?"\n2,When?\n')
    assert [each.id for each in file.questions] == ["2"]
    assert file.bad == (BadRow(2, 'a " within quotes is not written ""'),)


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ('id,question\n1,Who?\n2,"When?\n3,Where?\n4,Why?\n', 3),
        ('id,question\n1,Who?\n2,"When?\n3,Where?\n4,"Why?"\n', 3),
        ('id,question,note\n1,"Who\nis it?","note\n2,When?,\n', 3),
        ('id,question\n1,"Who?', 2),
        ('id,question\n1,"Who?""\n2,When?\n', 2),
        ('id,question\n1,"Who?\n' + "2,When?\n" * 50_000, 2),
        ('sep=;\n\n\nid;question\n1;Who?\n2; "When?\n', 6),
    ],
)
def test_an_unclosed_quote_is_an_error_with_the_line_where_it_opened(content: str, line: int) -> None:
    refused("q.csv", content, f"line {line}:", "quote")


def test_a_quote_inside_of_a_cell_that_does_not_begin_with_it_is_one() -> None:
    assert of("q.csv", 'id,question\n1,What is a 5" disk?').questions[0].text == 'What is a 5" disk?'


def test_a_cell_beyond_the_limit_is_bad_and_the_limit_of_the_process_stays() -> None:
    import csv

    before = csv.field_size_limit()
    file = of("q.csv", f"question,note\nWho?,{'n' * 200_000}\nWhen?,\n")
    assert [each.line for each in file.bad] == [2] and [each.text for each in file.questions] == ["When?"]
    assert csv.field_size_limit() == before


def test_a_line_of_cells_without_an_end_is_refused() -> None:
    refused("q.csv", "question\nWho?\n" + "," * 1_000_001, "1,000,000 characters")


@pytest.mark.parametrize("content", ["id,text\n1,Who?", "Who?\nWhen?", 'id,"question\n1,Who?', "sep=;\nid,question"])
def test_a_csv_file_without_a_column_for_the_question_is_refused(content: str) -> None:
    refused("q.csv", content, "question")


def test_two_columns_of_one_name_are_refused() -> None:
    refused("q.csv", "id,question,Question\n1,Who?,When?", "same name")


# --- json lines ------------------------------------------------------------------------


def test_a_json_row_has_its_meaning_and_is_kept_whole() -> None:
    row = {"id": "a", "question": " Who? ", "documents": ["a.txt", "b c"], "answer": "He", "n": [1.5, None]}
    (question,) = asked(row)
    assert question == Question("a", "Who?", ("a.txt", "b c"), "", (), 1)
    assert question.row == row


def test_the_row_counts_neither_for_equality_nor_for_the_hash() -> None:
    assert Question("1", "Who?", row={"a": 1}) == Question("1", "Who?", row={"b": []})
    assert len({Question("1", "Who?", row={"a": 1}), Question("1", "Who?")}) == 1


def test_null_means_missing() -> None:
    row = {"id": None, "question": "Who?", "documents": None, "conversation": None, "follows": None}
    assert asked(row) == (Question("1", "Who?", line=1),)


def test_a_document_may_stand_alone() -> None:
    assert asked({"question": "Who?", "documents": "a|b.txt"})[0].documents == ("a|b.txt",)


def test_the_other_ending_of_json_lines_works_too() -> None:
    assert of("q.NDJSON", '{"question": "Who?"}').questions[0].text == "Who?"


@pytest.mark.parametrize(
    ("row", "word"),
    [
        ("{", "not JSON"),
        ('{"question": "Who?"} {}', "character 22"),
        ('["Who?"]', "not a JSON object"),
        ('"Who?"', "not a JSON object"),
        ("null", "not a JSON object"),
        ({}, "no question"),
        ({"question": None}, "no question"),
        ({"question": ["Who?"]}, "not text"),
        ({"question": 7}, "not text"),
        ({"question": ""}, "no letter"),
        ({"question": " \n "}, "no letter"),
        ({"question": "?!…"}, "no letter"),
        ({"question": "w" * 2_001}, "2,000"),
        ({"question": "Who?", "documents": 7}, "documents"),
        ({"question": "Who?", "documents": {}}, "documents"),
        ({"question": "Who?", "documents": False}, "documents"),
        ({"question": "Who?", "documents": ["a", 7]}, "documents"),
        ({"question": "Who?", "documents": ["a", " "]}, "documents"),
        ({"question": "Who?", "conversation": []}, "conversation"),
        ({"question": "Who?", "conversation": True}, "conversation"),
        ({"question": "Who?", "follows": ["a"]}, "follows"),
        ({"question": "Who?", "follows": 1.0}, "follows"),
        ('{"question": "Who?", "n": NaN}', "NaN"),
        ('{"question": "Who?", "n": -Infinity}', "endless"),
        ('{"question": "Who?", "n": 1e999}', "endless"),
        ('{"question": "Who?", "n": ' + "7" * 5_000 + "}", "number"),
        ('{"question": "Who?", "n": ' + "[" * 100_000 + "]" * 100_000 + "}", "deep"),
        ('{"question": "Who?", "n": ' + "[" * 100 + "]" * 100 + "}", "deep"),
        ('{"question": "Who?", "question": "When?"}', "“question” is given twice"),
        ('{"question": "Who?", "n": {"a": 1, "a": 1}}', "“a” is given twice"),
        ('{"question": "Who \\ud83d?"}', "surrogate"),
        ('{"question": "Who?", "\\udfff": 1}', "surrogate"),
    ],
)
def test_what_is_wrong_with_a_row_is_told_for_that_row(row: object, word: str) -> None:
    bad(row, word)


def test_a_question_of_the_longest_length_is_asked() -> None:
    assert len(asked({"question": f" {'w' * 2_000} "})[0].text) == 2_000


def test_both_halves_of_a_character_make_one() -> None:
    assert asked('{"question": "Who \\ud83d\\ude00?"}')[0].text == "Who 😀?"


@given(st.text(min_size=1, max_size=300))
@example("\x1b[31m" * 50)
@example("\ud800" * 100)
@settings(max_examples=50, deadline=None)
def test_a_reason_shows_little_of_the_row_and_nothing_that_is_obeyed(text: str) -> None:
    twice = f'{{{json.dumps(text)}: 1, {json.dumps(text)}: 2, "question": "Who?"}}'
    follower = json.dumps({"question": "Who?", "follows": text})
    file = of("q.jsonl", rows('{"question": "When?"}', twice, follower, "x" * 5_000))
    for each in file.bad:
        assert len(each.reason) < 160 and "\n" not in each.reason and "\x1b" not in each.reason
        each.reason.encode()
