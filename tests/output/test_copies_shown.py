"""Held: every form of an answer says of a quote in which other documents its text lies as well."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from fake_chat import troops
from report_pages import shown, texts

from rag.answering.assistant import Answer
from rag.conversations.store import Conversation, Turn
from rag.output.json_record import detailed, record
from rag.output.markdown_sheet import as_markdown
from rag.output.terminal import also_in, sources
from rag.output.transcript import html, markdown


def copied(*names: str) -> Answer:
    """An answer whose first quote's document has copies of these names."""
    answer = troops()
    first, *others = answer.citations
    return replace(answer, citations=(replace(first, also_in=names), *others))


def forms(answer: Answer) -> dict[str, str]:
    """All forms of an answer for people."""
    conversation = Conversation("1", (Turn(answer, "2024-11-24T12:00:00+00:00"),))
    row = detailed("1", answer)
    return {
        "terminal": sources(answer, colour=False),
        "conversation.md": markdown(conversation),
        "conversation.html": html(conversation),
        "batch.md": as_markdown([row], "Troops"),
        "batch.html": " ".join(texts(shown(row), ".place")),
    }


@pytest.mark.parametrize("form", forms(copied()))
def test_the_names_of_copies_stand_beside_the_place_of_a_quote_and_nowhere_without_any(form: str) -> None:
    assert forms(copied("a copy of it", "older"))[form].count("also in a copy of it, older") == 1
    assert "also in" not in forms(copied())[form]


def test_of_many_copies_three_are_named_and_the_others_counted() -> None:
    assert also_in(["a", "b", "c"], "en") == "also in a, b, c"
    assert also_in(["a", "b", "c", "d", "e"], "en") == "also in a, b, c, 2 more"


def test_the_record_names_them_all() -> None:
    names = [f"{number}.txt" for number in range(9)]
    found = record("1", copied(*names))
    assert [citation["also_in"] for citation in found["citations"]][:2] == [names, []]
    assert [passage["also_in"] for passage in found["passages"]] == [[] for _ in found["passages"]]


@pytest.mark.parametrize("odd", [None, "name", 3, [3, None], {"a": 1}])
def test_what_is_no_list_of_names_in_a_record_is_left_out_or_shown_as_text(odd: Any) -> None:
    row = detailed("1", troops())
    row["citations"][0]["also_in"] = odd
    page, sheet = " ".join(texts(shown(row), ".place")), as_markdown([row], "Troops")
    assert ("also in 3, None" in page) == ("also in 3, None" in sheet) == (odd == [3, None])
    assert page.count("also in") == (odd == [3, None])
