"""An assistant that answers batches without a model, and questions for it.

It looks things up in two small documents. An answer depends on all that it may depend on:
the question, its documents, and the answers before it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from rag.answering.assistant import Answer, Asked, Citation, Retrieval, Timings
from rag.answering.attribution import Statement
from rag.answering.query import Query
from rag.answering.sentence_selection import Quote
from rag.batch.question_file import Question
from rag.documents.chunking import split
from rag.documents.document import Document
from rag.errors import BelegError
from rag.index.hybrid_search import Passage
from rag.models.generator import Generator
from rag.models.llama_runtime import Runtime
from rag.settings import Settings
from rag.system.cancellation import CancelToken

MILL = "The mill burned down in 1907. Karl Lohse rebuilt it. It has been a museum since 1952."
BRIDGE = "Die Brücke wurde 1911 eröffnet. Sie kostete 80.000 Mark. Im Jahr 1945 wurde sie gesprengt."
ROWS: list[dict[str, Any]] = [
    {"id": "mill", "question": "When did the mill burn down?"},
    {"id": "b/1 ä", "question": "Wann wurde die Brücke eröffnet?"},
    {"id": "talk-1", "question": "Who rebuilt the mill?", "conversation": "t"},
    {"id": "whales", "question": "Who composed the opera about whales?"},
    {"id": "talk-2", "question": "And what is it now?", "conversation": "t"},
    {"id": "=cost", "question": "What did the bridge cost?", "documents": ["bridge.txt"]},
    {"id": "talk-3", "question": "Since when?", "conversation": "t"},
    {"id": "late", "question": "Was geschah 1945 mit der Brücke?"},
]


def document(name: str, text: str) -> Document:
    """Return a document of one page."""
    return Document(name, f"/{name}", name, name, None, "en", text, 0, (0,), "")


DOCUMENTS = (document("mill.txt", MILL), document("bridge.txt", BRIDGE))


def digest(*parts: str) -> int:
    return int(hashlib.sha256("\0".join(parts).encode()).hexdigest()[:8], 16)


class Unloaded(Generator):
    """An LLM of this process that was not loaded: a batch only asks which it is, and how it is run."""

    def __init__(self) -> None:
        self.name, self.path, self.runtime = "told-llm", Path(__file__), Runtime()


class Told:
    """What an `Assistant` is to a batch. Questions with "whales" have no answer, with "broken" they fail.

    `groups` is what was asked together, `looked_up` what was found before that; `meanwhile`
    is called with each question as it is asked.
    """

    def __init__(self, settings: Any = None, library: Any = None) -> None:
        self.settings = settings or Settings()
        self.library = library or SimpleNamespace(stamp="stamp", entries=list)
        self.generator = Unloaded()
        self.model = self.generator.name
        self.embedder = SimpleNamespace(name="told-embedder", fingerprint="told")
        self.reader = SimpleNamespace(name="told-reader", fingerprint="told")
        self.groups: list[list[str]] = []
        self.looked_up: list[str] = []
        self.meanwhile: Callable[[Told, str], None] = lambda *_: None

    def __enter__(self) -> Told:
        return self

    def __exit__(self, *_: object) -> None:
        return

    def look_up(self, question: str, documents: Sequence[str] = (), *, cancel: CancelToken | None = None) -> Retrieval:
        CancelToken(cancel).check()
        self.looked_up.append(" ".join([question, *documents]))
        return Retrieval(cast(Query, None), self._passages(question), (), 0.0)

    def _passages(self, question: str) -> tuple[Passage, ...]:
        found = DOCUMENTS[digest(question) % 2]
        return tuple(Passage(chunk, found, 0.5, 1, ("dense",), ()) for chunk in split(found)[:1])

    def together(self, asked: Sequence[Asked], *, cancel: CancelToken | None = None) -> Iterator[Answer | BelegError]:
        self.groups.append([each.question for each in asked])
        for each in asked:
            CancelToken(cancel).check()
            self.meanwhile(self, each.question)
            yield self._answer(each)

    def _answer(self, asked: Asked) -> Answer | BelegError:
        if "broken" in asked.question:
            return BelegError("The model is broken.", "Mend it.")
        before = digest(*(answer.standalone for answer in asked.earlier))
        standalone = f"{asked.question} ({before:x})" if asked.earlier else asked.question
        found = DOCUMENTS[digest(standalone, *asked.documents) % 2]
        start = found.text.index(".") + 2
        quote = Quote(found, start, len(found.text), found.text[start:], 0.75, ((start, start + 2),), "")
        known = "whales" not in asked.question
        statements = (Statement(f"{quote.text} ({standalone})", (1,), True),) if known else ()
        return Answer(
            question=asked.question,
            standalone=standalone,
            language="en",
            status="answered" if known else "not_found",
            text=f"{statements[0].text} [1]" if known else "I found no sentence that answers this.",
            statements=statements,
            citations=(Citation(1, quote, 1),) if known else (),
            passages=self._passages(asked.question),
            figures=(),
            model=self.model,
            embedder=self.embedder.name,
            mode=self.settings.mode,
            timings=Timings(0.25, 0.5, 0.5),
            support=0.75,
            care=self.settings.care,
        )


def questions(*texts: str, **more: tuple[str, ...]) -> list[Question]:
    """Return questions with the ids "1", "2", …; `more` gives, by name, what all of them have."""
    return [Question(str(n), text, **cast(Any, more)) for n, text in enumerate(texts, 1)]


def write_rows(path: Path, rows: Sequence[dict[str, Any]]) -> Path:
    """Write questions as JSON lines."""
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def records(path: Path) -> list[dict[str, Any]]:
    """Return the records of a .jsonl file, all of whose lines are whole."""
    text = path.read_bytes()
    assert not text or text.endswith(b"\n")
    return [json.loads(line) for line in text.splitlines()]


def untimed(path: Path) -> list[dict[str, Any]]:
    """Return the records of a .jsonl file but for how long they took."""
    return [{**row, "timings": 0} for row in records(path)]


def names(folder: Path) -> list[str]:
    """Return what is in a folder."""
    return sorted(each.name for each in folder.iterdir())
