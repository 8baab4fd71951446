"""Measuring: figures of a network on whole passages that it was not trained on."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence

import numpy as np
from batches import batch, grouped
from examples import Drawing, Example, Shares
from learning import on_device, read
from material import Passage
from network import Network
from torch import nn
from vocabulary import Tokens


def whole(passages: Sequence[Passage]) -> Iterator[Example]:
    """Yield every question with its passage as it stands."""
    as_it_stands = Shares(0, 0, 0, 0, 0, 0, 0, 0, 0)
    drawing = Drawing(passages, None, as_it_stands, random.Random(0))
    return (drawing.example(passage, question) for passage in passages for question in passage.questions)


def measured(
    network: Network, table: nn.Embedding, tokens: Tokens, passages: Sequence[Passage], device: str, size: int
) -> dict[str, float]:
    """Return how often the right sentence is first, its span overlaps the answer, and what the scores tell apart.

    `auc` is the chance that the best score of an answerable question is above that of one that is not; `refused at
    .9` the share of those that lie below the line that leaves nine tenths of the answerable ones above it.
    """
    best, known, first, overlaps = [], [], [], []
    for group in grouped(whole(passages), tokens, size, None):
        given = batch([each for _, each in group])
        tensors = read(network, table, on_device(given, device))
        scores, begins, ends = (each.cpu().numpy() for each in tensors)
        chosen = scores[:, 1:].argmax(1)
        best.append(scores[:, 1:].max(1))
        known.append(given.right.any(1))
        first.append(given.right[np.arange(len(chosen)), chosen][known[-1]])
        overlaps.append((begins <= given.spans[:, 4]) & (given.spans[:, 3] <= ends))
    values, flags = np.concatenate(best), np.concatenate(known)
    yes, no = values[flags], values[~flags]
    line = np.quantile(yes, 0.1) if len(yes) else 0.0
    return {
        "first": round(float(np.concatenate(first).mean()), 4),
        "span": round(float(np.concatenate(overlaps).mean()), 4),
        "auc": round(float((yes[:, None] > no[None]).mean()), 4) if len(yes) and len(no) else math.nan,
        "refused at .9": round(float((no < line).mean()), 4) if len(no) else math.nan,
        "questions": len(values),
    }
