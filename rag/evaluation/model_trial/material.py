"""What an LLM is asked in its trial: a few short invented documents, and questions with the sentences that answer them.

The documents are read as any others are, and a sentence is given to a model as it is when a person asks: as it is
read, with its heading and the sentence before it. What is right is said in words that the sentence written must hold.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import msgspec

from rag.documents.chunking import said, split_with_sentences
from rag.documents.document import Document, read
from rag.errors import UnreadableDocument, UsageError
from rag.system.validation import Strict, told
from rag.text.headings import heading as heading_at
from rag.text.language import detect
from rag.text.sanitize import one_line

FOLDER = Path(__file__).parent
LANGUAGES = ("de", "en")
PAIRS = ("de-de", "de-en", "en-de", "en-en")  # the languages of question and document

Kind = Literal["fact", "table", "negation", "speaker", "pronoun", "disagreement", "missing"]
_SHOWN = 80  # characters of what a row says, in a reason
_Starts = Sequence[tuple[str, "Evidence"]]  # a sentence as it stands in a document, and as it is given


@dataclass(frozen=True, slots=True)
class Evidence:
    """A sentence as a model is given it: as it is read, under its heading, after the sentence before it or ""."""

    text: str
    heading: str
    before: str
    language: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of the trial.

    `answer` is the sentence that answers, None where the document does not say; `wrong` are sentences that speak of
    the matter and do not answer. A right sentence holds one of each of `holds` and none of `never` (see `held`).
    """

    text: str
    language: str
    kind: Kind
    document: str
    answer: Evidence | None
    wrong: tuple[Evidence, ...]
    holds: tuple[tuple[str, ...], ...]
    never: tuple[str, ...]

    @property
    def pair(self) -> str:
        """The languages of question and document: "de-en"."""
        return f"{self.language}-{self.wrong[0].language}"

    def is_answered_by(self, text: str) -> bool:
        """Whether a text says what is asked for, and nothing that it must not."""
        return all(any(held(words, text) for words in group) for group in self.holds) and not self.denied_by(text)

    def denied_by(self, text: str) -> bool:
        """Whether a text says what it must not: what another sentence says, or the opposite."""
        return any(held(words, text) for words in self.never)


class _Row(Strict, frozen=True, kw_only=True):
    asks: str
    language: Literal["de", "en"]
    kind: Kind
    document: str
    answer: str | None = None
    wrong: list[str]
    holds: tuple[list[str], ...] = ()
    never: tuple[str, ...] = ()


class _File(Strict, frozen=True):
    question: list[_Row]


def held(words: str, text: str) -> bool:
    """Whether a text holds words whole, in any case and with any white space; "*" stands for letters before or after.

    A figure is not held by a longer one: "11" is neither in "11,000" nor in "3.11".
    """
    core = words.strip("*")
    pattern = r"\s+".join(map(re.escape, core.split()))
    before = r"(?<![\d.,])" if core[0].isdigit() else "" if words.startswith("*") else r"(?<!\w)"
    after = r"(?![\d]|[.,]\d)" if core[-1].isdigit() else "" if words.endswith("*") else r"(?!\w)"
    return re.search(before + pattern + after, text, re.IGNORECASE) is not None


@cache
def questions(folder: Path = FOLDER) -> tuple[Asked, ...]:
    """Return the questions of a trial: `questions.toml` in a folder, about the files in its folder `documents`.

    Raises UsageError for files that are missing, damaged or do not fit each other, with the question that does not.
    """
    file = folder / "questions.toml"
    starts: dict[str, _Starts] = {}
    found = []
    for number, row in enumerate(_rows(file), 1):
        where = f"{file}, question {number} ({one_line(row.asks, _SHOWN)})"
        if row.document not in starts:
            starts[row.document] = _sentences(folder / "documents" / f"{row.document}.md", where)
        found.append(_asked(row, starts[row.document], where))
    return tuple(found)


def _rows(file: Path) -> list[_Row]:
    data: object = None
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"))
        return msgspec.convert(data, _File).question
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}.", "Install Beleg anew.") from error
    except msgspec.ValidationError as error:
        said = told(error, data, _File)
        raise UsageError(f"{file} is no questions of a trial: {said}.", "Correct it.") from error
    except ValueError as error:  # not UTF-8, or not TOML
        raise UsageError(f"{file} is no questions of a trial: {error}.", "Correct it.") from error


def _asked(row: _Row, starts: _Starts, where: str) -> Asked:
    """Return a row with its sentences. Raises UsageError for one that says too little or fits no sentence."""
    if not row.wrong:
        raise UsageError(f"{where}: it names no sentence that does not answer.", "Name one under `wrong`.")
    if (row.answer is None) != (row.kind == "missing") or (row.answer is None) == bool(row.holds):
        raise UsageError(
            f"{where}: what is answered has `answer` and `holds`, what is missing neither.", "Give both, or none."
        )
    for words in (*(each for group in row.holds for each in group), *row.never):
        if not any(map(str.isalnum, words)):
            raise UsageError(f"{where}: {one_line(words, _SHOWN)!r} are no words.", "Write some, or leave it out.")
    if not all(row.holds):
        raise UsageError(f"{where}: `holds` has an empty list.", "Give the wordings that are right.")
    answer = None if row.answer is None else _one(row.answer, starts, where)
    wrong = tuple(_one(start, starts, where) for start in row.wrong)
    if answer in wrong:
        raise UsageError(f"{where}: the same sentence answers and does not.", "Correct `answer` or `wrong`.")
    holds = tuple(map(tuple, row.holds))
    return Asked(row.asks, row.language, row.kind, row.document, answer, wrong, holds, tuple(row.never))


def _one(start: str, starts: _Starts, where: str) -> Evidence:
    found = [evidence for text, evidence in starts if text.startswith(start)] if start.strip() else []
    if len(found) != 1:
        shown = one_line(start, _SHOWN)
        raise UsageError(
            f"{where}: {len(found)} sentences of the document begin with {shown!r}.", "Write how one begins."
        )
    return found[0]


def _sentences(file: Path, where: str) -> _Starts:
    """Return the sentences of a document: how each stands there, and how a model is given it."""
    try:
        document = read(file)
    except UnreadableDocument as error:
        raise UsageError(f"{where}: {error}", "Name a file of the folder `documents`, without its ending.") from error
    return list(_evidence(document))


def _evidence(document: Document) -> Iterator[tuple[str, Evidence]]:
    text, language = document.text, detect(document.text, LANGUAGES)
    over, before = document.title, ""
    for _, spans in split_with_sentences(document):
        for start, end in spans:
            if found := heading_at(text, start, end, document.body):
                over = document.title if found.words == document.title else f"{document.title} – {found.words}"
                before = ""
                continue
            reading = said(text, (start, end), language).text
            yield text[start:end], Evidence(reading, over, before, language)
            if not text.startswith("|", start):  # rows of a table go on where the sentence above it stood
                before = reading


def by_pair(asked: Sequence[Asked]) -> Mapping[str, tuple[Asked, ...]]:
    """Return questions by the languages of question and document, in the order of PAIRS."""
    return {pair: tuple(each for each in asked if each.pair == pair) for pair in PAIRS}
