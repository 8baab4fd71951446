"""Held: of labelled sentences that LLMs wrote, most that are good are shown, and few that are not backed.

`written/` holds what two models wrote from sentences of the reading material, with whether the quote supports it,
whether it answers, and whether it reads well (`tests/benchmarks/written_sentences.py` lets a model write more).
`*-heldout.jsonl` was labelled twice, and nothing was fitted on it or chosen by it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from rag.answering.drafts import Draft, Drafted
from rag.answering.faithfulness import Checker
from rag.answering.grounded_generation import keeps_figures, stands
from rag.answering.quote_context import Given
from rag.system.cancellation import CancelToken

FOLDER = Path(__file__).with_name("written")


def shown(model: str) -> list[dict[str, Any]]:
    """The rows of a model's sentences that would be shown."""
    rows = [json.loads(line) for line in (FOLDER / f"{model}.jsonl").read_text(encoding="utf-8").splitlines()]
    drafts = [draft(row) for row in rows]
    written = [Drafted(row["statement"], surety=row.get("surety")) for row in rows]
    found = stands(drafts, written, Checker(), CancelToken())
    for row, each, may in zip(rows, drafts, found, strict=True):
        assert not may or keeps_figures(row["statement"], each)
    return [row for row, may in zip(rows, found, strict=True) if may]


def draft(row: dict[str, Any]) -> Draft:
    told = Given(row["quote"], row["answering"], row["before"], "", row["quote_lang"])
    return Draft(row["question"], row["statement_lang"], (), (told,))


def test_of_held_out_sentences_three_of_four_good_ones_are_shown_and_one_in_sixteen_that_are_is_not_backed() -> None:
    rows = shown("qwen2.5-coder-1.5b-heldout")
    assert sum(not row["supported"] for row in rows) <= len(rows) / 16
    assert sum(row["supported"] and row["right"] and row["fluent"] for row in rows) >= 3 / 4 * 110


def test_across_languages_as_many_stand() -> None:
    rows = [row for row in shown("qwen2.5-coder-1.5b-heldout") if row["quote_lang"] != row["statement_lang"]]
    assert len(rows) >= 40 and sum(not row["supported"] for row in rows) <= len(rows) / 10


def test_of_a_model_that_is_not_let_write_more_of_what_is_shown_is_not_backed() -> None:
    rows = shown("qwen2.5-coder-0.5b-more")
    assert sum(not row["supported"] for row in rows) > len(rows) / 10
