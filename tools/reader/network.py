"""The network: an encoder over question and passage, with a head for sentences and one for the answering words.

Its layers start from the embedder's. The word embeddings stay the embedder's own, and are no part of it. A sentence
is scored from the mean of its tokens and two means weighted by attention, and compared with "none", which scores 0.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

WIDTH, HEADS, LAYERS, INNER, POSITIONS = 384, 12, 6, 1536, 512
_POOLS = 2


class Layer(nn.Module):  # type: ignore[misc]  # torch is not looked into
    """A layer of BERT: attention, then two dense layers, each added to what it reads and normalised."""

    def __init__(self, dropout: float = 0.0) -> None:
        super().__init__()
        self.dropout = nn.Dropout(dropout)
        self.mixed = nn.Linear(WIDTH, 3 * WIDTH)
        self.attended = nn.Linear(WIDTH, WIDTH)
        self.norm = nn.LayerNorm(WIDTH, eps=1e-12)
        self.inner = nn.Linear(WIDTH, INNER)
        self.outer = nn.Linear(INNER, WIDTH)
        self.out_norm = nn.LayerNorm(WIDTH, eps=1e-12)

    def forward(self, hidden: Tensor, bias: Tensor | None) -> Tensor:
        """`hidden` is (texts, tokens, WIDTH); `bias` (texts, 1, 1, tokens) is -inf at padding."""
        texts, tokens = hidden.shape[0], hidden.shape[1]
        parts = self.mixed(hidden).reshape(texts, tokens, 3, HEADS, WIDTH // HEADS).permute(2, 0, 3, 1, 4)
        heard = self._heard(parts[0], parts[1], parts[2], bias).permute(0, 2, 1, 3).reshape(texts, tokens, WIDTH)
        hidden = self.norm(hidden + self.dropout(self.attended(heard)))
        out: Tensor = self.out_norm(hidden + self.dropout(self.outer(functional.gelu(self.inner(hidden)))))
        return out

    def _heard(self, query: Tensor, key: Tensor, value: Tensor, bias: Tensor | None) -> Tensor:
        if bias is not None:  # in training: fused, and with some of the attention left out
            left_out = self.dropout.p if self.training else 0.0
            fused: Tensor = functional.scaled_dot_product_attention(query, key, value, bias, dropout_p=left_out)
            return fused
        weights = query @ key.transpose(-1, -2) * (WIDTH // HEADS) ** -0.5
        return weights.softmax(-1) @ value


class Network(nn.Module):  # type: ignore[misc]
    """See the module. `forward` is what is exported: one text, without padding."""

    def __init__(self, layers: int = LAYERS, dropout: float = 0.0) -> None:
        super().__init__()
        self.dropout = nn.Dropout(dropout)
        self.positions = nn.Parameter(torch.zeros(POSITIONS, WIDTH))
        self.types = nn.Parameter(torch.zeros(2, WIDTH))
        self.norm = nn.LayerNorm(WIDTH, eps=1e-12)
        self.layers = nn.ModuleList(Layer(dropout) for _ in range(layers))
        self.pools = nn.Linear(WIDTH, _POOLS)
        self.dense = nn.Linear(WIDTH * (1 + _POOLS), WIDTH)
        self.score = nn.Linear(WIDTH, 1)
        self.ends = nn.Linear(WIDTH, 2)

    @classmethod
    def of(cls, state: dict[str, Tensor], dropout: float = 0.0) -> Network:
        """Return the network that these weights are of, with as many layers as they have."""
        layers = 1 + max(int(name.split(".")[1]) for name in state if name.startswith("layers."))
        network = cls(layers, dropout)
        network.load_state_dict({name: value.float() for name, value in state.items()})
        return network

    def encoded(self, embeddings: Tensor, segments: Tensor, bias: Tensor | None = None) -> Tensor:
        """Return (texts, tokens, WIDTH) from word embeddings of that shape and 0 or 1 a token."""
        types = self.types[0] + segments[..., None].to(embeddings.dtype) * (self.types[1] - self.types[0])
        hidden: Tensor = self.dropout(self.norm(embeddings + self.positions[: embeddings.shape[1]] + types))
        for layer in self.layers:
            hidden = layer(hidden, bias)
        return hidden

    def scored(self, hidden: Tensor, sentences: Tensor) -> Tensor:
        """Return (texts, sentences): the score of each; `sentences` (texts, sentences, tokens) is 1 at its tokens."""
        weights = self.pools(hidden).clamp(-12, 12).exp()  # (texts, tokens, pools)
        pooled = [sentences @ hidden / sentences.sum(-1, keepdim=True).clamp(min=1.0)]
        for at in range(_POOLS):
            weight = weights[..., at : at + 1]
            pooled.append(sentences @ (weight * hidden) / (sentences @ weight).clamp(min=1e-6))
        scores: Tensor = self.score(functional.gelu(self.dense(torch.cat(pooled, -1)))).squeeze(-1)
        return scores

    def forward(self, embeddings: Tensor, segments: Tensor, sentences: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return the scores (1, sentences) and the logits of first and last answering token (1, tokens)."""
        hidden = self.encoded(embeddings, segments)
        ends = self.ends(hidden)
        return self.scored(hidden, sentences), ends[..., 0], ends[..., 1]


def from_embedder(bert: Any) -> Network:
    """Return a network whose encoder is that of a BERT of transformers, of WIDTH; its heads are new."""
    network = Network(len(bert.encoder.layer))
    with torch.no_grad():
        network.positions.copy_(bert.embeddings.position_embeddings.weight)
        network.types.copy_(bert.embeddings.token_type_embeddings.weight)
        network.norm.load_state_dict(bert.embeddings.LayerNorm.state_dict())
        for ours, theirs in zip(network.layers, bert.encoder.layer, strict=True):
            attention = theirs.attention
            parts = (attention.self.query, attention.self.key, attention.self.value)
            ours.mixed.weight.copy_(torch.cat([part.weight for part in parts]))
            ours.mixed.bias.copy_(torch.cat([part.bias for part in parts]))
            ours.attended.load_state_dict(attention.output.dense.state_dict())
            ours.norm.load_state_dict(attention.output.LayerNorm.state_dict())
            ours.inner.load_state_dict(theirs.intermediate.dense.state_dict())
            ours.outer.load_state_dict(theirs.output.dense.state_dict())
            ours.out_norm.load_state_dict(theirs.output.LayerNorm.state_dict())
    return network
