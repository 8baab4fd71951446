"""Batches: examples as tensors, a few questions of like length together, so that little is padding."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import torch
from examples import Example
from network import POSITIONS
from torch import Tensor, nn

_TOKENS = 3600  # of a batch, with the padding


class Tokens:
    """The embedder's tokenizer and word embeddings, with the words of the lexicon."""

    def __init__(self, tokenizer: Any, table: nn.Embedding) -> None:
        self._tokenizer, self.table = tokenizer, table
        self.first, self.parts = tokenizer.token_to_id("[CLS]"), tokenizer.token_to_id("[SEP]")

    @classmethod
    def of_embedder(cls) -> tuple[Tokens, Any]:
        """Return them, and the embedder's BERT."""
        from tokenizers import Tokenizer

        from rag.models.bundled import EMBEDDER_PACKAGE, package_folder
        from rag.models.embedder import _load_grafted

        model, _ = _load_grafted(package_folder(EMBEDDER_PACKAGE) / "model")
        bert = model[0].auto_model
        tokenizer = Tokenizer.from_str(json.dumps(json.loads(model.tokenizer.backend_tokenizer.to_str())))
        tokenizer.no_truncation()
        tokenizer.no_padding()
        table = nn.Embedding.from_pretrained(bert.get_input_embeddings().weight.detach().float(), freeze=True)
        return cls(tokenizer, table), bert

    @lru_cache(maxsize=60_000)  # noqa: B019  # one of these lives as long as the program
    def of(self, text: str) -> tuple[tuple[int, ...], tuple[tuple[int, int], ...]]:
        """Return the tokens of a text and where each stands in it."""
        found = self._tokenizer.encode(text, add_special_tokens=False)
        return tuple(found.ids), tuple(found.offsets)


@dataclass(frozen=True, slots=True)
class Batch:
    """Texts of a few questions.

    `embeddings` (texts, tokens, width), `segments` (texts, tokens), `bias` (texts, 1, 1, tokens), `sentences` (texts,
    sentences, tokens); `owner` (texts, sentences) is whose sentence it is, -1 for none, `right` whether it answers.
    `spans` are (text, first token of the sentence, end, first answering token, last).
    """

    questions: int
    embeddings: Tensor
    segments: Tensor
    bias: Tensor
    sentences: Tensor
    owner: Tensor
    right: Tensor
    spans: list[tuple[int, int, int, int, int]]


@dataclass(frozen=True, slots=True)
class _Row:
    ids: list[int]
    asked: int  # tokens of the question, with the signs around it
    sentences: list[tuple[int, int]]
    right: list[bool]
    span: tuple[int, int, int, int] | None


def batches(examples: Sequence[Example], tokens: Tokens) -> Iterator[Batch]:
    """Yield the examples, the shortest first."""
    rows = [(_rows(example, tokens)) for example in examples]
    rows = sorted((each for each in rows if each), key=lambda each: max(len(row.ids) for row in each))
    group: list[list[_Row]] = []
    for each in rows:
        longest = max(len(row.ids) for row in each)
        if group and (sum(map(len, group)) + len(each)) * longest > _TOKENS:
            yield _batch(group, tokens)
            group = []
        group.append(each)
    if group:
        yield _batch(group, tokens)


def _rows(example: Example, tokens: Tokens) -> list[_Row]:
    found = []
    for number, text in enumerate(example.texts):
        asked = [tokens.first, *tokens.of(example.question)[0][:64], tokens.parts]
        ids = asked + list(tokens.of(text.title)[0][:32])
        sentences, right, span = [], [], None
        for at, sentence in enumerate(text.sentences):
            pieces, places = tokens.of(sentence)
            if not pieces or len(ids) + len(pieces) >= POSITIONS:
                continue
            low = len(ids)
            ids.extend(pieces)
            sentences.append((low, len(ids)))
            right.append(at in text.right)
            if example.answer and example.answer[:2] == (number, at):
                inside = [n for n, (a, b) in enumerate(places) if a < example.answer[3] and example.answer[2] < b]
                span = (low, len(ids), low + inside[0], low + inside[-1]) if inside else None
        if sentences:
            found.append(_Row([*ids, tokens.parts], len(asked), sentences, right, span))
    return found


def _batch(group: Sequence[Sequence[_Row]], tokens: Tokens) -> Batch:
    rows = [row for each in group for row in each]
    owners = [number for number, each in enumerate(group) for _ in each]
    longest, most = max(len(row.ids) for row in rows), max(len(row.sentences) for row in rows)
    ids = torch.zeros(len(rows), longest, dtype=torch.long)
    segments = torch.zeros(len(rows), longest, dtype=torch.long)
    bias = torch.full((len(rows), 1, 1, longest), -1e4)
    sentences = torch.zeros(len(rows), most, longest)
    owner = torch.full((len(rows), most), -1)
    right = torch.zeros(len(rows), most, dtype=torch.bool)
    spans = []
    for at, row in enumerate(rows):
        ids[at, : len(row.ids)] = torch.tensor(row.ids)
        segments[at, row.asked : len(row.ids)] = 1
        bias[at, 0, 0, : len(row.ids)] = 0.0
        for number, (low, high) in enumerate(row.sentences):
            sentences[at, number, low:high] = 1.0
        owner[at, : len(row.sentences)] = owners[at]
        right[at, : len(row.sentences)] = torch.tensor(row.right)
        if row.span:
            spans.append((at, *row.span))
    return Batch(len(group), tokens.table(ids), segments, bias, sentences, owner, right, spans)
