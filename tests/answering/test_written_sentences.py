"""Held: of sentences that LLMs wrote, and people labelled, those are shown that their quotes back.

`written/` holds, for two models, what they wrote from sentences of the reading material that no reader was trained on,
with whether the quote supports it, whether it answers, and whether it reads well
(`tests/benchmarks/written_sentences.py` lets a model write more). The larger one's were at hand when the rule was made.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from rag.answering.drafts import Draft, Drafted
from rag.answering.faithfulness import Checker
from rag.answering.grounded_generation import keeps_figures, stands
from rag.answering.quote_context import Given
from rag.models.embedder import Embedder
from rag.models.reader.reader import Reader
from rag.system.cancellation import CancelToken

FOLDER = Path(__file__).with_name("written")
pytestmark = pytest.mark.slow


def shown(model: str, reader: Reader, embedder: Embedder) -> list[dict[str, Any]]:
    """The rows of a model's sentences that would be shown."""
    rows = [json.loads(line) for line in (FOLDER / f"{model}.jsonl").read_text(encoding="utf-8").splitlines()]
    drafts = [draft(row) for row in rows]
    found = stands(drafts, [Drafted(row["statement"]) for row in rows], Checker(reader, embedder), CancelToken())
    for row, each, may in zip(rows, drafts, found, strict=True):
        assert not may or keeps_figures(row["statement"], each)
    return [row for row, may in zip(rows, found, strict=True) if may]


def draft(row: dict[str, Any]) -> Draft:
    told = Given(row["quote"], row["answering"], row["before"], "", row["quote_lang"])
    return Draft(row["question"], row["statement_lang"], (), (told,))


def test_of_a_model_that_is_let_write_one_in_fifty_that_is_shown_is_wrong(reader: Reader, embedder: Embedder) -> None:
    rows = shown("qwen2.5-coder-1.5b", reader, embedder)
    assert sum(not row["supported"] for row in rows) <= 0.02 * len(rows)
    assert sum(row["right"] and row["fluent"] for row in rows) >= 50  # of 101


def test_what_is_shown_of_a_model_that_is_not_let_write_would_be_wrong_too_often(
    reader: Reader, embedder: Embedder
) -> None:
    rows = shown("qwen2.5-coder-0.5b", reader, embedder)
    assert sum(not row["supported"] for row in rows) > 0.1 * len(rows)
