"""Question files as a person writes them."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from rag.batch.question_file import Question, QuestionFile, read
from rag.errors import UsageError


def written(name: str, content: str | bytes) -> Path:
    path = Path(name)
    descriptor = os.open(path, os.O_CREAT | os.O_TRUNC | os.O_WRONLY)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(content if isinstance(content, bytes) else content.encode())
    return path


def of(name: str, content: str | bytes, *, strict: bool = False) -> QuestionFile:
    return read(written(name, content), strict=strict)


def rows(*values: object) -> str:
    """JSON lines; text stands for itself."""
    return "\n".join(each if isinstance(each, str) else json.dumps(each) for each in values)


def asked(*values: object) -> tuple[Question, ...]:
    """The questions of these JSON rows, none of them bad."""
    file = of("q.jsonl", rows(*values))
    assert file.bad == ()
    return file.questions


def bad(value: object, *words: str) -> str:
    """Check that a JSON row is bad and the row after it is read; return the reason."""
    file = of("q.jsonl", rows(value, {"id": "good", "question": "Who?"}))
    assert [each.id for each in file.questions] == ["good"], file
    assert [each.line for each in file.bad] == [1]
    for word in words:
        assert word in file.bad[0].reason
    return file.bad[0].reason


def refused(name: str, content: str | bytes, *words: str, strict: bool = False) -> str:
    with pytest.raises(UsageError) as caught:
        of(name, content, strict=strict)
    for word in (name, *words):
        assert word in str(caught.value)
    return str(caught.value)
