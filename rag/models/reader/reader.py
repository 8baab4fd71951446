"""The seam: what a reader is given of a passage, and what it says of every sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from rag.system.cancellation import CancelToken

LIMIT = 20.0  # the largest score: a chance nobody can tell from 1


@dataclass(frozen=True, slots=True)
class Text:
    """What is read of a passage: its heading, "" for none, and its sentences as a person reads them."""

    title: str
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Span:
    """Words of a sentence: offsets in its code points, and how likely they answer if the sentence does (0 to 1)."""

    start: int
    end: int
    probability: float


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader says of a passage's sentences, in their order.

    `scores`, shape (sentences,), are logits: their sigmoid is about the chance that the
    sentence alone answers. `spans` are the likeliest answering words of each, None where
    there are no words in it or the reader marks none.
    """

    scores: NDArray[np.float32]
    spans: tuple[Span | None, ...]


class Reader(Protocol):
    """Reads a question against passages. What it says of one does not depend on the others."""

    @property
    def name(self) -> str: ...
    @property
    def fingerprint(self) -> str: ...  # names the weights, and what the scores were calibrated with
    def read(self, question: str, texts: Sequence[Text], cancel: CancelToken | None = None) -> list[Reading]:
        """Return a reading of each text, in order. Raises Stopped soon after `cancel` is cancelled."""
        ...


def bounded(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return scores within the limits; what a model computes that is no number is the least."""
    bounded: NDArray[np.float32] = np.clip(np.nan_to_num(scores, nan=-LIMIT), -LIMIT, LIMIT).astype(np.float32)
    return bounded
