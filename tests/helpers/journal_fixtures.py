"""Runs of a batch whose records are made up: begun, cut off, taken up again."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from rag.batch.journal import Form, Ledger
from rag.batch.question_file import Question
from rag.output.csv_sheet import as_csv
from rag.output.json_record import failure
from rag.output.markdown_sheet import as_markdown
from rag.output.report.page import page

FACTS = {
    "model": "m",
    "model_sha256": "0" * 64,
    "embedder": "e",
    "embedder_fingerprint": "f",
    "mode": "quote",
    "passages": "5",
    "context": "4096",
    "library": "stamp",
    "version": "0.1.0",
}
IDS = ("a", "ä/1", "=c", "d")
FORMS: dict[str, Form] = {
    ".csv": as_csv,
    ".md": partial(as_markdown, title="Answers"),
    ".html": partial(page, title="Answers"),
}


def record(identity: str, status: str = "answered", **more: Any) -> dict[str, Any]:
    made = failure(identity, f"What is {identity}?", "It broke.", "m", "e", "quote")
    known = {"answer": f"{identity} is “ü”.", "error": None, "detail": {"standalone": "?"}}
    return {**made, **(known if status != "error" else {}), "status": status, **more}


def questions(ids: Sequence[str] = IDS) -> list[Question]:
    return [Question(identity, f"What is {identity}?") for identity in ids]


def opened(path: Path, form: Form | None = None, ids: Sequence[str] = IDS, **facts: str) -> Ledger:
    return Ledger(path, questions(ids), FACTS | facts, form)


def run(path: Path, *made: dict[str, Any], form: Form | None = None, whole: bool | None = None) -> None:
    """Make a run of these records; without `whole` it is cut off and not finished."""
    with opened(path, form) as ledger:
        ledger.begin()
        for each in made:
            ledger.add(each)
        if whole is not None:
            ledger.finish(whole)


def resumed(
    path: Path, form: Form | None = None, again: Sequence[str] = (), *, anyway: bool = False, **facts: str
) -> list[str]:
    """Go on with a run to its end; return which records it had."""
    with opened(path, form, **facts) as ledger:
        ledger.resume(again, anyway=anyway)
        had = list(ledger.records)
        for identity in IDS:
            if identity not in had:
                ledger.add(record(identity))
        ledger.finish(True)
    return had
