"""Batches: examples as arrays, questions of like length together, so that little is padding."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from itertools import islice
from typing import Any

import numpy as np
from examples import Example
from network import POSITIONS
from numpy.typing import NDArray
from vocabulary import Tokens

Integers = NDArray[np.int64]
_ASKED, _TITLE = 64, 32  # the most tokens of a question, and of a title
_POOL = 2048  # questions that are put in order of length at a time


@dataclass(frozen=True, slots=True)
class Batch:
    """Texts of a few questions.

    `ids` (texts, tokens) with 0 behind each text's `lengths`; `asked` (texts) is where the question ends. Sentences
    stand at `lows` and before `highs` (texts, sentences). `candidates` (questions, sentences) are the places of a
    question's sentences in those two, flat, -1 for none; `right` (questions, sentences) says which answer. `spans`
    (n, 5) are text, first token of the sentence, end, first answering token, last.
    """

    ids: Integers
    lengths: Integers
    asked: Integers
    lows: Integers
    highs: Integers
    candidates: Integers
    right: NDArray[np.bool_]
    spans: Integers

    @property
    def questions(self) -> int:
        return len(self.candidates)

    def arrays(self) -> dict[str, NDArray[Any]]:
        return {field.name: getattr(self, field.name) for field in fields(self)}


@dataclass(frozen=True, slots=True)
class Row:
    """A text with the question before it; `sentences` are (number of the sentence in the text, low, high)."""

    text: int
    ids: list[int]
    asked: int
    sentences: list[tuple[int, int, int]]
    right: list[bool]
    span: tuple[int, int, int, int] | None


def rows(example: Example, tokens: Tokens) -> list[Row]:
    """Return a row for each text that has room for a sentence."""
    found = []
    for number, text in enumerate(example.texts):
        asked = [tokens.first, *tokens.of(example.question)[0][:_ASKED], tokens.parts]
        ids = asked + list(tokens.of(text.title)[0][:_TITLE])
        sentences, right, span = [], [], None
        for at, sentence in enumerate(text.sentences):
            pieces, places = tokens.of(sentence)
            if not pieces or len(ids) + len(pieces) >= POSITIONS:
                continue
            low = len(ids)
            ids.extend(pieces)
            sentences.append((at, low, len(ids)))
            right.append(at in text.right)
            if example.answer and example.answer[:2] == (number, at):
                inside = [n for n, (a, b) in enumerate(places) if a < example.answer[3] and example.answer[2] < b]
                span = (low, len(ids), low + inside[0], low + inside[-1]) if inside else None
        if sentences:
            found.append(Row(number, [*ids, tokens.parts], len(asked), sentences, right, span))
    return found


Group = tuple[Example, list[Row]]


def grouped(
    examples: Iterable[Example], tokens: Tokens, size: int, draw: random.Random | None
) -> Iterator[list[Group]]:
    """Yield groups of examples that are `size` tokens with the padding at most, or one example.

    They are put in order of length by the pool; `draw` mixes the groups of a pool.
    """
    stream = iter(examples)
    while pool := list(islice(stream, _POOL)):
        encoded = [(example, rows(example, tokens)) for example in pool]
        encoded = sorted((each for each in encoded if each[1]), key=lambda each: _longest(each[1]))
        groups: list[list[Group]] = []
        texts = size
        for each in encoded:
            texts += len(each[1])
            if texts * _longest(each[1]) > size:
                groups.append([])
                texts = len(each[1])
            groups[-1].append(each)
        if draw:
            draw.shuffle(groups)
        yield from groups


def _longest(of: Sequence[Row]) -> int:
    return max(len(row.ids) for row in of)


def batch(groups: Sequence[Sequence[Row]]) -> Batch:
    """Return questions' rows as arrays."""
    flat = [row for group in groups for row in group]
    longest, most = max(len(row.ids) for row in flat), max(len(row.sentences) for row in flat)
    widest = max(sum(len(row.sentences) for row in group) for group in groups)
    made = Batch(
        ids=np.zeros((len(flat), longest), dtype=np.int64),
        lengths=np.array([len(row.ids) for row in flat]),
        asked=np.array([row.asked for row in flat]),
        lows=np.zeros((len(flat), most), dtype=np.int64),
        highs=np.zeros((len(flat), most), dtype=np.int64),
        candidates=np.full((len(groups), widest), -1),
        right=np.zeros((len(groups), widest), dtype=np.bool_),
        spans=np.array([(at, *row.span) for at, row in enumerate(flat) if row.span], dtype=np.int64).reshape(-1, 5),
    )
    text = 0
    for question, group in enumerate(groups):
        candidate = 0
        for row in group:
            made.ids[text, : len(row.ids)] = row.ids
            for number, (_, low, high) in enumerate(row.sentences):
                made.lows[text, number], made.highs[text, number] = low, high
                made.candidates[question, candidate] = text * most + number
                made.right[question, candidate] = row.right[number]
                candidate += 1
            text += 1
    return made


def aligned(groups: Sequence[Sequence[Row]], like: Sequence[Sequence[Row]]) -> Batch:
    """Return the batch of `groups` with its candidates in the order of those of `like`; -1 where it lacks one."""
    made = batch(groups)
    most = made.lows.shape[1]
    places = {}
    text = 0
    for question, group in enumerate(groups):
        for row in group:
            places.update({(question, row.text, at): text * most + n for n, (at, _, _) in enumerate(row.sentences)})
            text += 1
    widest = max(sum(len(row.sentences) for row in group) for group in like)
    candidates = np.full((len(like), widest), -1)
    for question, group in enumerate(like):
        keys = [(question, row.text, at) for row in group for at, _, _ in row.sentences]
        candidates[question, : len(keys)] = [places.get(key, -1) for key in keys]
    return Batch(**{**made.arrays(), "candidates": candidates, "right": np.zeros(candidates.shape, dtype=np.bool_)})
