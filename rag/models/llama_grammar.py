"""What a grammar lets a model write next: llama.cpp's own check, asked of few tokens and only if need be of all."""

from __future__ import annotations

import ctypes
import weakref
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.models.llama_model import Model
from rag.models.llama_sequences import Logits

_LIKELIEST = 64  # tokens that are looked at before all are: a vocabulary of 150,000 takes as long as to read a token
_ENTRY = np.dtype([("id", "<i4"), ("logit", "<f4"), ("p", "<f4")])  # llama.cpp's llama_token_data


class Grammar:
    """A grammar, and how far a text has come in it."""

    def __init__(self, model: Model, grammar: str) -> None:
        """`grammar` is in GBNF, with a rule `root`. Raises ValueError where it cannot be parsed."""
        import llama_cpp

        self._api: Any = llama_cpp
        self._model = model
        parsed = llama_cpp.llama_sampler_init_grammar(model.vocab, grammar.encode(), b"root") if grammar else None
        if not parsed:
            raise ValueError(f"this is no grammar in GBNF with a rule root: {grammar[:200]!r}")
        self._sampler = parsed
        weakref.finalize(self, llama_cpp.llama_sampler_free, parsed)

    def choose(self, logits: Logits) -> int | None:
        """Return the likeliest token that the grammar lets follow, by logits of shape (vocabulary,); None if none can.

        Which is taken as written, unless it ends the text.
        """
        token = self._likeliest(np.array([np.argmax(logits)]), logits)
        if token is None:
            few = min(_LIKELIEST, len(logits))
            token = self._likeliest(np.argpartition(-logits, few - 1)[:few], logits)
        if token is None:
            token = self._likeliest(np.arange(len(logits)), logits)
        if token is not None and not self._model.ends(token):
            self._api.llama_sampler_accept(self._sampler, token)
        return token

    def _likeliest(self, tokens: NDArray[np.intp], logits: Logits) -> int | None:
        """Return the likeliest of `tokens` that may follow, of equally likely ones the first in the vocabulary."""
        entries = np.zeros(len(tokens), dtype=_ENTRY)
        entries["id"] = np.sort(tokens)
        entries["logit"] = logits[entries["id"]]
        data = entries.ctypes.data_as(ctypes.POINTER(self._api.llama_token_data))
        given = self._api.llama_token_data_array(data=data, size=len(tokens), selected=-1, sorted=False)
        self._api.llama_sampler_apply(self._sampler, ctypes.byref(given))
        allowed = entries[entries["logit"] > -np.inf]
        for entry in allowed[np.argsort(-allowed["logit"], kind="stable")]:
            token = int(entry["id"])
            # To llama.cpp a control token is the text that it is written as, in what is written it is nothing.
            if self._model.ends(token) or self._model.piece(token):
                return token
        return None
