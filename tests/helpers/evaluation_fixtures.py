"""An assistant that quotes what it is told to, and questions about two small documents with their right answers.

What it says is right in some questions and wrong in others, so that every figure can be
counted by hand; `FOUND` has them.
"""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from fake_assistant import BRIDGE, DOCUMENTS, MILL, Told, write_rows

from rag.answering.assistant import Answer, Asked, Assistant, Citation
from rag.answering.attribution import Statement
from rag.answering.sentence_selection import Quote
from rag.batch.question_file import read
from rag.batch.runner import answers
from rag.cli.main import main
from rag.documents.chunking import split
from rag.documents.document import Document
from rag.errors import BelegError
from rag.evaluation.run import Judged, golds, judged
from rag.index.hybrid_search import Passage
from rag.index.library import Library
from rag.system.cancellation import CancelToken

OPENED = BRIDGE.index("1911")
ROWS: list[dict[str, Any]] = [
    {"id": "burned", "question": "When did the mill burn down?", "document": "mill.txt", "words": "1907"},
    {"id": "rebuilt", "question": "Who rebuilt the mill?", "document": "mill.txt", "answer": "Karl Lohse"},
    {"id": "lamps", "question": "How many lamps has the bridge?", "answerable": False},
    {"id": "now", "question": "What is it now?", "document": "mill.txt", "words": "museum", "follows": "rebuilt"},
    {"id": "since", "question": "Since when?", "answer": ["from 1952 on", "1952"], "follows": "now"},
    {
        "id": "opened",
        "question": "Wann wurde die Brücke eröffnet?",
        "document": "bridge.txt",
        "start": OPENED,
        "end": OPENED + 4,
    },
    {"id": "cost", "question": "What did the bridge cost?", "document": "bridge.txt", "words": "80.000 Mark"},
    {"id": "fate", "question": "Was geschah 1945 mit der Brücke?", "document": "bridge.txt", "words": "gesprengt"},
    {"id": "museum", "question": "How long has it been a museum?", "document": "mill.txt", "words": "since 1952"},
    {"id": "whales", "question": "Who composed the opera about whales?", "answerable": False},
]
# The words that are quoted, or, after "~", were nearest but not enough, and how sure that is.
SAYS: dict[str, tuple[str, float]] = {
    "burned": ("1907", 0.9),
    "rebuilt": ("Karl Lohse", 0.8),
    "lamps": ("80.000", 0.3),  # wrong: nobody knows
    "now": ("1907", 0.2),  # wrong: another sentence of the same paragraph
    "since": ("1952", 0.6),
    "opened": ("1911", 0.7),
    "cost": ("~80.000", 0.1),  # wrong: it is refused
    "fate": ("1952", 0.5),  # wrong: the other document
    "museum": ("1952", 0.4),
    "whales": ("~1907", 0.05),
}
# Value and number of questions. Seven answers have a place, eight questions an answer.
FOUND: dict[str, tuple[float, int]] = {
    "recall@1": (6 / 7, 7),
    "recall@3": (1.0, 7),
    "recall@5": (1.0, 7),
    "mrr": (6.5 / 7, 7),
    "cited": (4 / 7, 7),
    "cited_first": (4 / 7, 7),
    "precision": (5 / 6, 6),
    "answered": (7 / 8, 8),
    "refused": (1 / 2, 2),
    "contains": (1.0, 2),
    "f1": ((2 * 2 / (2 + 4) + 2 * 1 / (1 + 6)) / 2, 2),  # "Karl Lohse rebuilt it", "It has been museum since 1952"
    "balance": (2 * 4 / 7 * 1 / 2 / (4 / 7 + 1 / 2), 9),
    "error": (0.0, 10),
    "median_s": (0.5, 10),
    "p95_s": (0.5, 10),
}
# As if all were known but the lamps: what a better program would say.
BETTER = SAYS | {
    "now": ("museum", 0.9),
    "cost": ("80.000", 0.6),
    "fate": ("gesprengt", 0.6),
}


class Quoting(Told):
    """Says, to the questions of ROWS, what it is told by their ids; those it is told nothing for fail.

    `asked` is each question with what it stood on, `opened` how often it was opened; after
    `stop_at` questions someone presses Ctrl-C.
    """

    def __init__(self, says: Mapping[str, tuple[str, float]] = SAYS, stop_at: int = 0) -> None:
        super().__init__()
        self.says = {row["question"]: says[row["id"]] for row in ROWS if row["id"] in says}
        self.asked: list[tuple[str, list[str]]] = []
        self.opened = 0
        self.stop_at = stop_at

    def open(self, settings: Any, library: Any) -> Quoting:
        """Stand in for the class itself."""
        self.opened += 1
        self.library = library
        self.settings = SimpleNamespace(mode=settings.mode, care=settings.care)
        return self

    def together(self, asked: Sequence[Asked], *, cancel: CancelToken | None = None) -> Iterator[Answer | BelegError]:
        for each in asked:
            self.asked.append((each.question, [answer.question for answer in each.earlier]))
            if len(self.asked) == self.stop_at:
                signal.raise_signal(signal.SIGINT)
        return super().together(asked, cancel=cancel)

    def _answer(self, asked: Asked) -> Answer | BelegError:
        told = super()._answer(replace(asked, earlier=()))
        if asked.question not in self.says or isinstance(told, BelegError):
            return BelegError("The model is broken.", "Mend it.")
        words, support = self.says[asked.question]
        quote = sentence(words.removeprefix("~"), support)
        known = not words.startswith("~")
        first = quote.document
        return replace(
            told,
            status="answered" if known else "not_found",
            text=f"{quote.text} [1]" if known else "I found no sentence that answers this.",
            statements=(Statement(quote.text, (1,), True),) if known else (),
            citations=(Citation(1, quote, 1),) if known else (),
            passages=tuple(map(passage, sorted(DOCUMENTS, key=lambda document: document is not first))),
            support=support,
            declined=None if known else replace(quote, marks=()),
        )


def passage(document: Document) -> Passage:
    (chunk,) = split(document)
    return Passage(chunk, document, 0.5, 1, ("dense",), ())


def sentence(words: str, support: float) -> Quote:
    """Return the sentence with these words, in whichever document has it."""
    (document,) = (each for each in DOCUMENTS if words in each.text)
    at = document.text.index(words)
    start = document.text.rfind(". ", 0, at) + 2 if ". " in document.text[:at] else 0
    dot = document.text.find(". ", at)
    end = len(document.text) if dot < 0 else dot + 1
    return Quote(document, start, end, document.text[start:end], support, ((at, at + len(words)),), "")


def library(*documents: tuple[str, str, str]) -> Library:
    """Return what stands for a library of documents with these names, paths and texts: the two, if none is given."""
    documents = documents or (("mill.txt", "/a/mill.txt", MILL), ("bridge.txt", "/a/bridge.txt", BRIDGE))
    entries = [SimpleNamespace(id=path, name=name, path=path) for name, path, _ in documents]
    texts = {path: SimpleNamespace(text=text) for _, path, text in documents}
    return cast(Library, SimpleNamespace(entries=lambda: entries, document=texts.__getitem__))


def judge(file: Path, told: Quoting) -> list[Judged]:
    """Return the judged records of a file's questions, as the command makes them, in its order."""
    questions, assistant = read(file).questions, cast(Assistant, told)
    right, bad = golds(questions, library())
    assert not bad
    made = {each.id: judged(each, one, right[each.id], assistant) for each, one in answers(questions, assistant)}
    return [made[question.id] for question in questions]


# --- the command ------------------------------------------------------------------------


class Desk:
    """Runs the command on known.jsonl in its folder, with an assistant that says what it is told, and nothing set."""

    def __init__(
        self, library: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        self.folder, self.file = folder, folder / "known.jsonl"
        self.told, self.out, self.err = Quoting(), "", ""
        self._library, self._monkeypatch, self._capsys = library, monkeypatch, capsys
        for name in [name for name in os.environ if name.startswith("BELEG_")]:
            monkeypatch.delenv(name)
        for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
            monkeypatch.setenv(name, str(folder.parent / "home"))
        folder.mkdir()
        monkeypatch.chdir(folder)
        write_rows(self.file, ROWS)

    def __call__(self, *arguments: str, told: Quoting | None = None) -> int:
        self.told = told or Quoting()
        self._monkeypatch.setattr("rag.answering.assistant.Assistant", self.told.open)
        code = main(["eval", "known.jsonl", "--library", str(self._library), *arguments])
        self.out, self.err = self._capsys.readouterr()
        return code

    def json(self, *arguments: str, told: Quoting | None = None, code: int = 0) -> dict[str, Any]:
        """Run it with --json; return what it says."""
        assert self("--json", *arguments, told=told) == code
        found: dict[str, Any] = json.loads(self.out)
        return found
