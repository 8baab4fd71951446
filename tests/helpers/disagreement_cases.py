"""Labelled disagreements: questions with the quotes that answer them, and which of these say another figure.

A line of `tests/answering/disagreements.jsonl` is a question, texts with their names and dates, and the
numbers of the quotes that differ, none where all can be true. In a text, quotes stand in double brackets
and answering words between double asterisks. `part` is "dev", by which the rules were made, or "heldout",
which was written before there were any. "parts dev" and "parts heldout" are those of a whole's number beside
that of some of it ("87 members", "31 members were present").
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from queries import query

from rag.answering.answer import Citation
from rag.answering.query import Query
from rag.answering.sentence_selection import Quote
from rag.documents.document import Document
from rag.text.language import detect

CASES = Path(__file__).parents[1] / "answering" / "disagreements.jsonl"
_SIGN = re.compile(r"\[\[|\]\]|\*\*")


@dataclass(frozen=True, slots=True)
class Case:
    """A question, its quotes in order, and the numbers of those that differ, from 1."""

    query: Query
    citations: tuple[Citation, ...]
    differ: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Count:
    """How many lines are shown as expected, shown otherwise or needlessly, and missing or otherwise."""

    right: int
    wrong: int
    missed: int

    @property
    def precision(self) -> float:
        return self.right / (self.right + self.wrong) if self.right + self.wrong else 1.0

    @property
    def recall(self) -> float:
        return self.right / (self.right + self.missed) if self.right + self.missed else 1.0


def cases(part: str) -> Iterator[Case]:
    """Yield the cases of a part."""
    for line in CASES.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if row["part"] == part:
            asked = query(row["question"], detect(row["question"], ("de", "en")))
            quotes = [quote for given in row["documents"] for quote in _quotes(**given)]
            yield Case(asked, tuple(Citation(n, quote, 1) for n, quote in enumerate(quotes, 1)), tuple(row["differ"]))


def counted(expected: Sequence[tuple[int, ...]], told: Sequence[tuple[int, ...]]) -> Count:
    """Compare what is told with what is expected; a line that names other quotes is both wrong and missing."""
    pairs = list(zip(expected, told, strict=True))
    right = sum(bool(one) and one == other for one, other in pairs)
    return Count(right, sum(map(bool, told)) - right, sum(map(bool, expected)) - right)


def _quotes(name: str, date: str | None, text: str) -> Iterator[Quote]:
    """Yield the quotes of one document."""
    plain, opened, marked, at = "", 0, 0, 0
    spans: list[tuple[int, int]] = []
    marks: list[tuple[int, int]] = []
    marking = False
    for sign in _SIGN.finditer(text):
        plain += text[at : sign.start()]
        at = sign.end()
        if sign.group() == "[[":
            opened = len(plain)
        elif sign.group() == "]]":
            spans.append((opened, len(plain)))
        else:
            if marking:
                marks.append((marked, len(plain)))
            marked, marking = len(plain), not marking
    plain += text[at:]
    title = plain.strip().split("\n")[0][:80]
    language = detect(plain, ("de", "en"))
    document = Document(name, f"/{name}", name, title, date, language, plain, 0, (0,), "")
    for start, end in spans:
        inside = tuple(mark for mark in marks if start <= mark[0] and mark[1] <= end)
        yield Quote(document, start, end, plain[start:end], 0.9, inside)
