"""Questions labelled with their kind, to fit `question_kinds` with: as they were written, in other forms, and keywords.

A line each in `question_kinds/`, under the name of their kind; what a question is about stands in brackets.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import everyday_questions
import keyword_queries

from rag.answering.question_kinds import KINDS, Kind
from rag.text.language import detect

FOLDER = Path(__file__).with_name("question_kinds")
_FORMS = 5  # of each question
_SMALL_TALK = ("greeting", "thanks", "farewell")
_SAME = (  # what stands for the same, so that no fit hangs on one of them
    "articles documents files texts reports papers sources pdfs notes letters records entries",
    "article document file text report paper source pdf note letter record entry",
    "artikel dokumente dateien texte berichte unterlagen quellen pdfs notizen briefe aufsätze schriften",
    "artikeln dokumenten dateien texten berichten unterlagen quellen pdfs notizen briefen aufsätzen schriften",
)
_VERBS = (
    "mention|talk about|deal with|refer to|discuss|cover|touch on|say something about|name|speak of|are about|concern"
    "|bring up|contain|have to do with|treat|go into|describe|are concerned with|write about|report on",
    "erwähnen|nennen|behandeln|enthalten|berühren|betreffen|beschreiben|streifen|thematisieren|besprechen",
)


@dataclass(frozen=True, slots=True)
class Labelled:
    """A question with its kind and the span of its subject, (0, 0) where it has none."""

    text: str
    kind: Kind
    span: tuple[int, int]
    group: int  # forms of one question share it


def labelled(name: str) -> list[Labelled]:
    """Return the questions of a file of FOLDER."""
    found: list[Labelled] = []
    kind: Kind = "ordinary"
    for line in (FOLDER / name).read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            kind = KINDS[KINDS.index(line[3:])]
        elif line and not line.startswith("#"):
            found.append(_parsed(line, kind, len(found)))
    return found


def _parsed(line: str, kind: Kind, group: int) -> Labelled:
    start, end = line.find("["), line.find("]")
    span = (start, end - 1) if start >= 0 else (0, 0)
    return Labelled(line.replace("[", "").replace("]", ""), kind, span, group)


def keywords(count: int, held_out: bool, first: int = 0) -> list[Labelled]:
    """Return keyword queries, without the words by which other kinds are told; their groups count from `first`."""
    others = [row for row in labelled("training.txt") if row.kind != "ordinary"]
    telling = keyword_queries.words_of([row.text[: row.span[0]] + row.text[row.span[1] :] for row in others])
    queries = keyword_queries.queries(count, held_out, telling)
    return [Labelled(query, "ordinary", (0, 0), first + at) for at, query in enumerate(queries)]


def everyday(first: int) -> list[Labelled]:
    """Return ordinary questions made of templates; those of one template are a group, counted from `first`."""
    return [
        Labelled(question, "ordinary", (0, 0), first + at)
        for at, alike in enumerate(everyday_questions.questions())
        for question in alike
    ]


# --- forms of a question -----------------------------------------------------------------


def forms(rows: Sequence[Labelled]) -> list[Labelled]:
    """Return the questions, each with _FORMS - 1 others like it."""
    chance = random.Random(7)
    subjects: dict[str, list[str]] = {"de": [], "en": []}
    for row in rows:
        if row.span[1]:
            subjects[detect(row.text, ("de", "en"))].append(row.text[slice(*row.span)])
    found = list(rows)
    for row in rows:
        for _ in range(_FORMS - 1):
            found.append(_varied(row, subjects[detect(row.text, ("de", "en"))], chance))
    return found


def _varied(row: Labelled, subjects: Sequence[str], chance: random.Random) -> Labelled:
    line = row.text
    if row.span[1]:
        own = row.text[slice(*row.span)]
        alike = [one for one in subjects if _begins(one) == _begins(own)] or [own]
        line = f"{line[: row.span[0]]}[{chance.choice(alike)}]{line[row.span[1] :]}"
    line = _other_words(line, row.kind, chance)
    if row.kind not in _SMALL_TALK and chance.random() < 0.15:
        line = everyday_questions.around(line, detect(row.text, ("de", "en")), chance)
    if chance.random() < 0.25:
        line = line.lower()
    if chance.random() < 0.25:
        line = line.rstrip("?.!") or line
    if chance.random() < 0.25:
        line = _slip(line, chance)
    return _parsed(line, row.kind, row.group)


def _begins(subject: str) -> str:
    first = subject.split()[0]
    return first.lower() if re.fullmatch("(?i)the|my|de[rnms]|die|das|meine?", first) else ""


def _other_words(line: str, kind: Kind, chance: random.Random) -> str:
    for words in _SAME:
        alike = words.split()
        pattern = rf"\b({'|'.join(alike)})\b(?![^\[]*\])"
        line = re.sub(pattern, lambda match: _like(chance.choice(alike), match[0]), line, flags=re.I)  # noqa: B023
    if kind in ("count", "which"):
        for verbs in _VERBS:
            line = re.sub(rf"\b({verbs}) (?=\[)", lambda _: chance.choice(verbs.split("|")) + " ", line)  # noqa: B023
    return line


def _like(word: str, other: str) -> str:
    return word.capitalize() if other[0].isupper() else word


def _slip(line: str, chance: random.Random) -> str:
    """Leave out, double or exchange a letter within a word outside of brackets."""
    places = [m.start() for m in re.finditer(r"(?<=\w)\w(?=\w)(?![^\[]*\])", line)]
    if not places:
        return line
    at = chance.choice(places)
    return chance.choice(
        [
            line[:at] + line[at + 1 :],
            line[:at] + line[at] + line[at:],
            line[:at] + line[at + 1] + line[at] + line[at + 2 :],
        ]
    )
