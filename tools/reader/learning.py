"""Learning: what a network says of a batch, and how far that is from what is right and from what a teacher says."""

from __future__ import annotations

import operator
from dataclasses import dataclass
from typing import Any

import torch
from batches import Batch
from network import Network
from torch import Tensor, nn
from torch.nn import functional

_SPAN = 0.3  # what finding the answering words counts beside finding the sentence
_LOW = -1e4
Tensors = dict[str, Tensor]


def on_device(batch: Batch, device: str) -> Tensors:
    return {name: torch.from_numpy(array).to(device, non_blocking=True) for name, array in batch.arrays().items()}


def _hidden(network: Network, table: nn.Embedding, given: Tensors) -> Tensor:
    at = torch.arange(given["ids"].shape[1], device=given["ids"].device)
    inside = at < given["lengths"][:, None]
    segments = ((at >= given["asked"][:, None]) & inside).long()
    kind = at.device.type
    bias = torch.zeros(inside.shape, device=at.device, dtype=torch.bfloat16).masked_fill(~inside, _LOW)[:, None, None]
    with torch.autocast(kind, dtype=torch.bfloat16):
        hidden: Tensor = network.encoded(table(given["ids"]), segments, bias)
    return hidden.float()


def _candidates(network: Network, hidden: Tensor, given: Tensors) -> Tensor:
    """Return the scores (questions, 1 + candidates): none, then the sentences, with -1e4 for no sentence."""
    at = torch.arange(hidden.shape[1], device=hidden.device)
    sentences = ((at >= given["lows"][..., None]) & (at < given["highs"][..., None])).float()
    flat = network.scored(hidden, sentences).flatten()
    found = flat[given["candidates"].clamp(min=0)].masked_fill(given["candidates"] < 0, _LOW)
    return torch.cat([torch.zeros(len(found), 1, device=found.device), found], 1)


def spans(network: Network, hidden: Tensor, given: Tensors) -> tuple[Tensor, Tensor]:
    """Return the logits of first and last answering token, (answers, tokens) each, within their sentences."""
    where = given["spans"]
    at = torch.arange(hidden.shape[1], device=hidden.device)
    outside = (at < where[:, 1:2]) | (at >= where[:, 2:3])
    ends = network.ends(hidden[where[:, 0]])
    return ends[..., 0].masked_fill(outside, _LOW), ends[..., 1].masked_fill(outside, _LOW)


def scored(network: Network, table: nn.Embedding, given: Tensors) -> Tensor:
    """Return the scores (questions, 1 + candidates) of a network that is not trained."""
    network.eval()
    with torch.no_grad():
        return _candidates(network, _hidden(network, table, given), given)


def read(network: Network, table: nn.Embedding, given: Tensors) -> tuple[Tensor, Tensor, Tensor]:
    """Return the scores, and the first and last token (answers) of each known answer's sentence."""
    network.eval()
    with torch.no_grad():
        hidden = _hidden(network, table, given)
        starts, ends = spans(network, hidden, given)
        return _candidates(network, hidden, given), starts.argmax(1), ends.argmax(1)


@dataclass(frozen=True, slots=True)
class Losses:
    """Sums over questions: of choosing the sentence, of finding the answering words, of differing from a teacher."""

    chosen: Any = 0.0
    spans: Any = 0.0
    taught: Any = 0.0
    questions: int = 0

    def total(self, heed: float) -> Tensor:
        summed: Tensor = (1 - heed) * self.chosen + _SPAN * self.spans + heed * self.taught
        return summed

    def plus(self, other: Losses) -> Losses:
        mine = (self.chosen, self.spans, self.taught)
        theirs = (other.chosen, other.spans, other.taught)
        detached = [each.detach() if isinstance(each, Tensor) else each for each in theirs]
        chosen, words, taught = map(operator.add, mine, detached)
        return Losses(chosen, words, taught, self.questions + other.questions)

    def __str__(self) -> str:
        means = (float(each) / max(1, self.questions) for each in (self.chosen, self.spans, self.taught))
        return " ".join(f"{mean:.3f}" for mean in means)


def losses(network: Network, table: nn.Embedding, given: Tensors, hints: Tensor | None) -> Losses:
    """Return them for a batch; `hints` are a teacher's scores of the same candidates."""
    hidden = _hidden(network, table, given)
    scores = _candidates(network, hidden, given)
    right = torch.cat([~given["right"].any(1, keepdim=True), given["right"]], 1)
    everything = torch.logsumexp(scores, 1)
    chosen = (everything - torch.logsumexp(scores.masked_fill(~right, _LOW), 1)).sum()
    words = torch.zeros((), device=scores.device)
    if len(given["spans"]):
        for logits, column in zip(spans(network, hidden, given), (3, 4), strict=True):
            words = words + functional.cross_entropy(logits, given["spans"][:, column], reduction="sum") / 2
    taught = torch.zeros((), device=scores.device)
    if hints is not None:
        whole = ~((hints[:, 1:] <= _LOW) & (given["candidates"] >= 0)).any(1)  # the teacher read every sentence
        apart = functional.kl_div(scores.log_softmax(1), hints.log_softmax(1), reduction="none", log_target=True).sum(1)
        taught = (apart * whole).sum()
    return Losses(chosen, words, taught, len(scores))
