"""The reader's material as a library to search: passages become Markdown documents, held-out ones are asked about.

`tools/reader/train.py` keeps a seventh of the written passages out of the training. Their questions tell what a reader
is worth on what it has not seen. Few of them name what they are about ("What did the old pump cost?"), and among all
passages a third of them find their own no more: so each is asked of some documents only, drawn once and for all.
"""

from __future__ import annotations

import random
import re
import sys
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

from rag.batch.question_file import Question
from rag.evaluation.gold_answers import Gold

TOOLS = Path(__file__).parents[2] / "tools" / "reader"
sys.path.append(str(TOOLS))

from material import Passage, held_out, read  # noqa: E402

LANGUAGES = ("de", "en")
DOCUMENTS = 24  # that a question is asked of, its own among them
ALIKE = 0.5  # share of the passages that are only among others of their language
_BETWEEN = " · "  # cells of a table's row, each with its head, as a person reads them
_CELL = re.compile(r"([^:]{1,60}): (.*)")
_FIELD = re.compile(r"[^.:?!]{1,40}: ")
_ENDED = (".", "?", "!", "…", '"', "“", "”", "«", "»", "’", ")")


def written(folder: Path) -> list[Passage]:
    """Return the passages of the .txt files in a folder that are in a language which weights are fitted for."""
    found: list[Passage] = read(sorted(folder.glob("*.txt")))
    return [passage for passage in found if passage.language in LANGUAGES]


def asked(passages: Sequence[Passage], folder: Path, every: int = 1) -> tuple[list[Question], dict[str, Gold]]:
    """Write the passages to a folder, a document each; return the questions of the held-out ones, and what is right.

    `every` asks about each so manieth of those only.
    """
    _, kept = held_out(passages)
    chosen = {id(passage) for passage in kept[::every]}
    names = [f"{number:04}.md" for number in range(1, len(passages) + 1)]
    questions, right = [], {}
    for name, passage in zip(names, passages, strict=True):
        text, places = markdown(passage.title, passage.sentences)
        (folder / name).write_text(text, encoding="utf-8")
        draw = random.Random(passage.title)
        alike = [each for each, other in zip(names, passages, strict=True) if other.language == passage.language]
        others = alike if draw.random() < ALIKE else names
        among = tuple(dict.fromkeys([name, *draw.sample(others, min(DOCUMENTS, len(others)))]))[:DOCUMENTS]
        for at, question in enumerate(passage.questions if id(passage) in chosen else (), 1):
            if question.language not in LANGUAGES:
                continue
            known = f"{name.removesuffix('.md')}-{at}"
            spans = tuple(places[place] for place in question.right)
            answers = (question.answer,) if question.answer else ()
            questions.append(Question(known, question.text, among))
            right[known] = Gold(bool(spans), answers, name if spans else None, spans, spans)
    return questions, right


def markdown(title: str, sentences: Sequence[str]) -> tuple[str, list[tuple[int, int]]]:
    """Return a document of these sentences, and where each stands in it.

    Rows of a table stand in a table, what is no sentence (a heading, a field) on a line of its own.
    """
    parts, places, length = [f"# {title}"], [], len(title) + 2

    def add(text: str) -> None:
        nonlocal length
        parts.append(text)
        length += len(text)

    before = ""
    for heads, group in groupby(sentences, _heads):
        if heads:
            add(f"\n\n| {' | '.join(heads)} |\n|{' --- |' * len(heads)}")
        for sentence in group:
            kind = "row" if heads else "line" if _is_line(sentence) else "sentence"
            if kind == "row":
                sentence = f"| {' | '.join(value for _, value in _cells(sentence))} |"
            add("\n" if kind == "row" else " " if before == kind == "sentence" else "\n" if before == kind else "\n\n")
            places.append((length, length + len(sentence)))
            add(sentence)
            before = kind
    return "".join(parts) + "\n", places


def _cells(sentence: str) -> list[tuple[str, str]]:
    """Return heads and values of a table's row, none of anything else."""
    found = [_CELL.fullmatch(cell) for cell in sentence.split(_BETWEEN)]
    if len(found) < 2 or any(cell is None or "|" in cell[0] for cell in found):
        return []
    return [(cell[1], cell[2]) for cell in found if cell]


def _heads(sentence: str) -> tuple[str, ...]:
    return tuple(head for head, _ in _cells(sentence))


def _is_line(sentence: str) -> bool:
    return _BETWEEN in sentence or _FIELD.match(sentence) is not None or not sentence.endswith(_ENDED)
