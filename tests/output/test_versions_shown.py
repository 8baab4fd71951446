"""Held: every form of an answer says of a quote that a newer version of its document is there, and which."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from fake_chat import troops
from report_pages import shown, texts
from test_copies_shown import forms

from rag.answering.assistant import Answer
from rag.conversations.serialization import packed, unpacked
from rag.index.versions import Version
from rag.output.json_record import detailed, record
from rag.output.markdown_sheet import as_markdown

NOTE = "older; newest version: news 2025 (2025-02)"


def outdated() -> Answer:
    """An answer whose first quote is of an older version, as is the passage it was found in."""
    answer = troops()
    newest = Version("1", "news 2025", "2025-02")
    first, *others = answer.citations
    passages = (replace(answer.passages[0], older_than=newest), *answer.passages[1:])
    return replace(answer, citations=(replace(first, older_than=newest), *others), passages=passages)


@pytest.mark.parametrize("form", forms(troops()))
def test_it_stands_beside_the_place_of_the_quote_and_nowhere_else(form: str) -> None:
    assert forms(outdated())[form].count("older; newest version") == 1
    assert "older" not in forms(troops())[form]


def test_the_record_has_the_name_and_the_date_of_the_newest() -> None:
    found = record("1", outdated())
    newest = {"document": "news 2025", "date": "2025-02"}
    assert [each["older_than"] for each in found["citations"]][:2] == [newest, None]
    assert [each["older_than"] for each in found["passages"]][:2] == [newest, None]


def test_a_saved_turn_keeps_it_and_an_earlier_one_does_without() -> None:
    answer = outdated()
    text, documents = packed(answer)
    assert unpacked(text, documents).citations == answer.citations
    assert unpacked(text, documents).passages[0].older_than == answer.passages[0].older_than
    older, _ = packed(troops())
    assert unpacked(older.replace(', "older_than": null', ""), documents).citations == troops().citations


@pytest.mark.parametrize("odd", [None, "name", 3, ["a", "b"], {"document": 1, "date": "x"}, {"document": "x"}])
def test_what_is_no_version_in_a_record_is_left_out(odd: Any) -> None:
    row = detailed("1", troops())
    row["citations"][0]["older_than"] = odd
    assert "older;" not in " ".join(texts(shown(row), ".place")) + as_markdown([row], "Troops")
