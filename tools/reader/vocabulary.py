"""Vocabulary: an encoder's tokenizer and the embeddings of its tokens, which training leaves as they are.

It comes from an embedder on this machine, or packed from a folder: `words.npz` (of the tokens that the material needs,
in 8 bits), `tokenizer.json.gz` and `start.pt` (the layers), for a machine that has neither Beleg's models nor room.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from code_switching import Switcher
from network import Network, from_embedder
from torch import Tensor

_SWITCHER = "german.json.gz"
_SIGNS = (("[CLS]", "[SEP]"), ("<s>", "</s>"))  # what begins a question, and what ends it and a text


class Tokens:
    """A tokenizer of texts without the signs around them."""

    def __init__(self, tokenizer: Any) -> None:
        tokenizer.no_truncation()
        tokenizer.no_padding()
        self.tokenizer = tokenizer
        known = [pair for pair in _SIGNS if tokenizer.token_to_id(pair[0]) is not None]
        self.first, self.parts = (int(tokenizer.token_to_id(sign)) for sign in known[0])

    @lru_cache(maxsize=120_000)  # noqa: B019  # one or two of these live as long as the program
    def of(self, text: str) -> tuple[tuple[int, ...], tuple[tuple[int, int], ...]]:
        """Return the tokens of a text and where each stands in it."""
        found = self.tokenizer.encode(text, add_special_tokens=False)
        return tuple(found.ids), tuple(found.offsets)


@dataclass(frozen=True, slots=True)
class Encoder:
    """What a network starts from: tokens, their embeddings (tokens, width), the network with new heads.

    The switcher brings words of another language in, which the tokens must hold.
    """

    tokens: Tokens
    table: Tensor
    network: Network
    switcher: Switcher


def of_embedder(folder: Path | None = None) -> Encoder:
    """Return the encoder of an embedder with the words of the lexicon that fit it; of Beleg's own if none is named."""
    from tokenizers import Tokenizer

    from rag.models.bundled import EMBEDDER_PACKAGE, package_folder
    from rag.models.embedder import load_grafted

    model, _ = load_grafted(folder or package_folder(EMBEDDER_PACKAGE) / "model")
    bert = model[0].auto_model
    tokenizer = Tokenizer.from_str(json.dumps(json.loads(model.tokenizer.backend_tokenizer.to_str())))
    table = bert.get_input_embeddings().weight.detach().float()
    return Encoder(Tokens(tokenizer), table, from_embedder(bert), Switcher.of_lexicon())


def pack(encoder: Encoder, texts: Iterable[str], folder: Path) -> int:
    """Write an encoder to a folder, with the embeddings of the tokens of these texts; return how many those are."""
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = encoder.tokens.tokenizer
    used = {encoder.tokens.first, encoder.tokens.parts, 0}
    for found in tokenizer.encode_batch(list(texts), add_special_tokens=False):
        used.update(found.ids)
    rows = np.array(sorted(used), dtype=np.int32)
    values, scales = _rounded(encoder.table[torch.from_numpy(rows)].numpy())
    np.savez(folder / "words.npz", rows=rows, values=values, scales=scales, count=len(encoder.table))
    with gzip.open(folder / "tokenizer.json.gz", "wt", encoding="utf-8") as stream:
        stream.write(tokenizer.to_str())
    encoder.switcher.write(folder / _SWITCHER)
    torch.save({name: value.half() for name, value in encoder.network.state_dict().items()}, folder / "start.pt")
    return len(rows)


def packed(folder: Path) -> Encoder:
    """Return what `pack` wrote. Tokens that it left out have embeddings of zeros."""
    from tokenizers import Tokenizer

    with gzip.open(folder / "tokenizer.json.gz", "rt", encoding="utf-8") as stream:
        tokenizer = Tokenizer.from_str(stream.read())
    words = np.load(folder / "words.npz")
    table = torch.zeros(int(words["count"]), words["values"].shape[1])
    table[torch.from_numpy(words["rows"])] = torch.from_numpy(
        words["values"].astype(np.float32) * words["scales"].astype(np.float32)
    )
    start = torch.load(folder / "start.pt", weights_only=True)
    return Encoder(Tokens(tokenizer), table, Network.of(start), Switcher.read(folder / _SWITCHER))


def _rounded(values: np.ndarray[Any, Any]) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    scales = np.abs(values).max(axis=1, keepdims=True) / 127 + 1e-9
    return np.round(values / scales).astype(np.int8), scales.astype(np.float32)
