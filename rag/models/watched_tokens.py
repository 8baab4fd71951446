"""How likely it is that a text begins with a certain word, by the logits of its first token."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from rag.models.llama_model import Model
from rag.models.llama_sequences import Logits


class WatchedTokens:
    """The tokens of a model's vocabulary that begin a text with one of some words."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._pieces: list[str] | None = None  # of the whole vocabulary; looked through when it is first asked for
        self._tokens = lru_cache(maxsize=256)(self._found)

    def chance(self, words: Sequence[str], logits: Logits) -> float | None:
        """Return the chance that the text begins with one of `words`, by its first logits, shape (vocabulary,).

        None where there are no words. Of a word that is no token by itself, the first part is looked for.
        """
        if not words:
            return None
        tokens = sorted({token for word in words for token in self._tokens(word)})
        weights = np.exp(logits.astype(np.float64) - float(logits.max()))
        return float(weights[tokens].sum() / weights.sum())

    def _found(self, word: str) -> tuple[int, ...]:
        if self._pieces is None:
            read = (self._model.piece(token) for token in range(self._model.vocabulary))
            self._pieces = [piece.decode("utf-8", "replace").lstrip() for piece in read]
        return self._beginning(word) or self._beginning(self._first(word))

    def _beginning(self, word: str) -> tuple[int, ...]:
        """Return the tokens that are `word`, or go on after it with what is of no word."""
        rest = len(word)
        return tuple(
            token
            for token, piece in enumerate(self._pieces or ())
            if word and piece.startswith(word) and not piece[rest : rest + 1].isalnum()
        )

    def _first(self, word: str) -> str:
        """Return the longest beginning of a word that the model takes for one part of it."""
        parts = (self._model.piece(token).decode("utf-8", "replace").lstrip() for token in self._model.tokens(word))
        return next((part for part in parts if part and word.startswith(part)), "")
