"""Reading material: passages with questions, and which sentences answer them.

Two forms are read. `.jsonl.gz`: one question an object (`q`, `source`, `title`, `passage`, `right`, `answer`; the
passage's `sentences` in its first row). `.txt`, made to be written by hand:

    == de | minutes | Protokoll der Sitzung
    1 Anwesend waren neunzehn Mitglieder.
    2 Die Pumpe kostet 420 Euro.
    ? de 1 | neunzehn | Wie viele Mitglieder kamen?     the first number is the sentence that holds the answer
    ! en 2 | What did the old pump cost?                nothing answers; 2 looks as if it did
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

HELD_OUT = 7  # about every so manieth written passage
_HEAD = re.compile(r"== (\w\w) \| ([^|]+) \| (.+)")
_SENTENCE = re.compile(r"(\d+) (.+)")
_ASKED = re.compile(r"\? (\w\w) (\d+(?:,\d+)*) \| (.+?) \| (.+)")
_UNANSWERED = re.compile(r"! (\w\w) (?:(\d+(?:,\d+)*) \| )?(.+)")


@dataclass(frozen=True, slots=True)
class Question:
    """A question about a passage: `right` are the places of the sentences that answer, none where it does not say."""

    text: str
    language: str
    right: tuple[int, ...]
    answer: str


@dataclass(frozen=True, slots=True)
class Passage:
    """Sentences in order, as a person reads them. `group` is what lies near in subject: an article, a file."""

    language: str
    title: str
    group: str
    sentences: tuple[str, ...]
    questions: tuple[Question, ...]
    written: bool


@dataclass(slots=True)
class _Draft:
    language: str
    title: str
    group: str
    written: bool
    sentences: list[str] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)

    def done(self) -> Passage:
        return Passage(
            self.language, self.title, self.group, tuple(self.sentences), tuple(self.questions), self.written
        )


class Faulty(ValueError):
    """A line that is not in the form above; names file and line."""


def held_out(passages: Sequence[Passage]) -> tuple[list[Passage], list[Passage]]:
    """Return the passages to train on, and those to measure with: the same ones whatever is added."""
    parts: tuple[list[Passage], list[Passage]] = ([], [])
    for passage in passages:
        digest = hashlib.sha256(passage.title.encode()).digest()
        parts[passage.written and digest[0] % HELD_OUT == 0].append(passage)
    return parts


def files(folder: Path) -> list[Path]:
    """Return the material in a folder; what else lies there (the licences) is none."""
    return sorted(path for path in folder.iterdir() if path.name.endswith((".txt", ".jsonl.gz")))


def read(paths: Iterable[Path]) -> list[Passage]:
    """Return the passages of all files, in order. Raises Faulty."""
    found: list[Passage] = []
    for path in sorted(paths):
        if path.name.endswith(".jsonl.gz"):
            found += _collected(path)
        else:
            opener = gzip.open if path.suffix == ".gz" else Path.open
            with opener(path, "rt", encoding="utf-8") as lines:
                found += _written(lines, path.name)
    return [passage for passage in found if passage.questions]


def _written(lines: Iterable[str], name: str) -> Iterator[Passage]:
    draft: _Draft | None = None
    for number, line in enumerate(map(str.strip, lines), 1):
        if not line:
            continue
        if head := _HEAD.fullmatch(line):
            if draft:
                yield draft.done()
            draft = _Draft(head[1], head[3], name, True)
        elif draft is None:
            raise Faulty(f"{name}:{number}: text before the first head")
        elif match := _SENTENCE.fullmatch(line):
            draft.sentences.append(match[2])
        else:
            draft.questions.append(_question(line, draft, f"{name}:{number}"))
    if draft:
        yield draft.done()


def _question(line: str, draft: _Draft, place: str) -> Question:
    if match := _ASKED.fullmatch(line):
        right = tuple(int(each) - 1 for each in match[2].split(","))
        if not all(0 <= at < len(draft.sentences) for at in right) or match[3] not in draft.sentences[right[0]]:
            raise Faulty(f"{place}: the answer is not in that sentence")
        return Question(match[4], match[1], right, match[3])
    if match := _UNANSWERED.fullmatch(line):
        return Question(match[3], match[1], (), "")
    raise Faulty(f"{place}: not understood: {line[:60]}")


def _collected(path: Path) -> Iterator[Passage]:
    drafts: dict[int, _Draft] = {}
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            draft = drafts.setdefault(
                row["passage"], _Draft("en", row["title"].replace("_", " "), f"{row['source']}/{row['title']}", False)
            )
            draft.sentences.extend(row.get("sentences") or [])
            draft.questions.append(Question(row["q"], "en", tuple(row["right"]), row["answer"]))
    for draft in drafts.values():
        yield draft.done()
