"""Held: an answer about the library as a whole is shown as one, everywhere, and nothing is called nearest."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from full_answer import answer
from journal_fixtures import record as journal_record
from journal_fixtures import resumed, run

from rag.answering.answer import Answer
from rag.conversations.serialization import packed, unpacked
from rag.conversations.store import Conversation, Turn
from rag.output.csv_sheet import as_csv
from rag.output.json_record import detailed
from rag.output.markdown_sheet import as_markdown
from rag.output.report.page import page
from rag.output.terminal import counted, sources
from rag.output.transcript import html, markdown

ABOUT = replace(answer(), status="about", passages=(), figures=(), declined=None)
BEYOND = replace(ABOUT, status="not_found", statements=(), citations=())


@pytest.mark.parametrize("shown", [ABOUT, BEYOND])
def test_nothing_is_called_nearest_where_no_passage_was_looked_for(shown: Answer) -> None:
    conversation = Conversation("1", (Turn(shown, "2024-01-01"),))
    rows = [detailed("1", shown)]
    told = [sources(shown, False), markdown(conversation), html(conversation), as_markdown(rows, "A batch")]
    assert all("Nearest" not in text for text in told)


def test_sheets_and_reports_say_what_it_is_and_count_it_apart() -> None:
    rows = [detailed("1", ABOUT), detailed("2", answer())]
    assert "1 about the library" in as_markdown(rows, "A batch")
    assert "</span>Library <i>" in page(rows, "A batch")
    assert ",about," in as_csv(rows)
    assert counted({"answered": 2}) == ["2 answered", "0 not found", "0 errors"]


def test_it_is_saved_and_comes_back_as_it_was() -> None:
    facts, texts = packed(ABOUT)
    assert unpacked(facts, texts) == ABOUT


def test_a_batch_goes_on_after_one(tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"
    run(path, journal_record("a", "about"))
    assert resumed(path) == ["a"]
