"""An embedder that can be stopped while it embeds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rag.models.embedder import Embedder, Kind, Vectors
from rag.system.cancellation import CancelToken

_AT_ONCE = 16  # texts: long ones take a tenth of a second each on a busy machine


class Stoppable:
    """An embedder that looks every _AT_ONCE texts whether to stop, and then raises Stopped.

    A document is embedded before any of it is written, so it is whole or absent all the same.
    """

    def __init__(self, embedder: Embedder, cancel: CancelToken) -> None:
        self._embedder = embedder
        self._cancel = cancel
        self.fingerprint, self.name = embedder.fingerprint, embedder.name
        self.dimension, self.max_tokens, self.abilities = embedder.dimension, embedder.max_tokens, embedder.abilities

    def encode(self, texts: Sequence[str], kind: Kind) -> Vectors:
        """Return unit vectors, float32, shape (len(texts), dimension)."""
        found = np.zeros((len(texts), self.dimension), dtype=np.float32)
        order = sorted(range(len(texts)), key=lambda index: len(texts[index]))  # of like length, as embedders want them
        for at in range(0, len(order), _AT_ONCE):
            self._cancel.check()
            chosen = order[at : at + _AT_ONCE]
            found[chosen] = self._embedder.encode([texts[index] for index in chosen], kind)
        return found
