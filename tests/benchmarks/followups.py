"""Follow-up questions of the seeds: what a conversation makes of them, against asking them alone.

    python tests/benchmarks/followups.py

Prints for each way how often the answer's words are in the first quote, in any quote, and
how often nothing was found; then the questions as they were completed.
"""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rag.answering.assistant import Answer, Answered, Assistant
from rag.index.library import Library
from rag.index.update import index
from rag.models.bundled import load_embedder
from rag.settings import load

SEEDS = Path(__file__).parents[2] / "seeds"


def main() -> None:
    lines = (SEEDS / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    rows = {row["id"]: row for row in map(json.loads, lines)}
    with TemporaryDirectory() as folder:
        settings = load({"library": folder})
        with Library(settings.library, create=True) as library:
            index([str(SEEDS)], library, load_embedder(settings))
            with Assistant(settings, library) as assistant:
                _compare(assistant, rows)


def _compare(assistant: Assistant, rows: dict[str, Any]) -> None:
    following = [row for row in rows.values() if row["follows"] and row["answerable"]]
    alone = [_ask(assistant, row["question"], []) for row in following]
    led = [_ask(assistant, row["question"], _before(assistant, row, rows)) for row in following]
    for name, answers in (("alone", alone), ("in conversation", led)):
        pairs = list(zip(following, answers, strict=True))
        first = sum(_holds(row, answer, 1) for row, answer in pairs)
        cited = sum(_holds(row, answer, 3) for row, answer in pairs)
        refused = sum(answer.status == "not_found" for answer in answers)
        print(f"{name:16} n={len(pairs)}  first {first}  cited {cited}  not found {refused}")
    for answer in led:
        print(f"{answer.question}  ->  {answer.standalone}")


def _before(assistant: Assistant, row: Any, rows: dict[str, Any]) -> list[Answer]:
    if not row["follows"]:
        return []
    earlier = rows[row["follows"]]
    answers = _before(assistant, earlier, rows)
    return [*answers, _ask(assistant, earlier["question"], answers)]


def _ask(assistant: Assistant, question: str, earlier: list[Answer]) -> Answer:
    *_, last = assistant.ask(question, (), earlier)
    assert isinstance(last, Answered)
    return last.answer


def _holds(row: Any, answer: Answer, most: int) -> bool:
    wanted = " ".join(row["answer"].split())
    return any(wanted in " ".join(citation.quote.text.split()) for citation in answer.citations[:most])


if __name__ == "__main__":
    main()
