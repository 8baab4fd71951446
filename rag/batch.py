"""Question files in, answer files out: one JSON object a line, in the order of the questions."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.answer import Answered, Assistant
from rag.errors import BelegError, UsageError
from rag.record import failure, record


@dataclass(frozen=True, slots=True)
class Question:
    id: str
    text: str


def read_questions(path: Path) -> list[Question]:
    """Read a .jsonl file of objects with `question` and, if they like, `id`.

    Every line is looked at before the first is answered. Raises UsageError that names the
    file, the line and what is wrong with it.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"{path} cannot be read: {error}.", "Name a UTF-8 file with one JSON object a line."
        ) from error
    questions: list[Question] = []
    lines: dict[str, int] = {}
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        question = _question(line, number, f"{path}, line {number}")
        if question.id in lines:
            raise UsageError(f"{path}, line {number}: the id {question.id!r} is on line {lines[question.id]} already.")
        lines[question.id] = number
        questions.append(question)
    return questions


def _question(line: str, number: int, place: str) -> Question:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{place}: not JSON ({error}).", 'A line looks like {"id": "1", "question": "…"}.') from error
    if not isinstance(row, dict) or not isinstance(row.get("question"), str) or not row["question"].strip():
        raise UsageError(f"{place}: there is no question in it.", 'A line looks like {"id": "1", "question": "…"}.')
    identity = row.get("id", number)
    if not isinstance(identity, str | int) or isinstance(identity, bool):
        raise UsageError(f"{place}: the id is neither text nor a number.")
    return Question(str(identity), row["question"].encode("utf-8", "replace").decode("utf-8"))


def answers(questions: Sequence[Question], assistant: Assistant) -> Iterator[dict[str, Any]]:
    """Yield the record of each question, in order; one that fails is its record's `error`."""
    generator = assistant.generator  # a model that cannot be used ends the batch, not each question
    for question in questions:
        try:
            for event in assistant.ask(question.text):
                if isinstance(event, Answered):
                    yield record(question.id, event.answer)
        except BelegError as error:
            mode, embedder = assistant.settings.mode, assistant.embedder.name
            yield failure(question.id, question.text, str(error), generator.name, embedder, mode)
