"""Greedy decoding: from logits to the likeliest token after token, and to the characters that they make together."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from rag.models.llama_model import Model
from rag.models.llama_sequences import Logits

# Why a text ends: the model ended its turn, it may be no longer, or it was enough for the caller.
Ending = Literal["end", "length", "stopped"]
Pieces = Generator[str, None, Ending]  # a text as it grows; what it returns is why it ended


@dataclass(frozen=True, slots=True)
class Written:
    """A text that is finished, in the pieces that it came in, and why it ended."""

    pieces: tuple[str, ...]
    ending: Ending

    def again(self) -> Pieces:
        """Yield the pieces as they came when it was written."""
        yield from self.pieces
        return self.ending


class GreedyDecoder:
    """Chooses the likeliest token after token, and turns them to text; ends where that is `enough`.

    `ending` says why once it has `ended`; if it never does, the text was as long as it may be.
    """

    def __init__(self, model: Model, enough: Callable[[str], bool]) -> None:
        self._model = model
        self._enough = enough
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._pieces: list[str] = []
        self.token = 0
        self.ended = False
        self.ending: Ending = "length"

    def write(self, logits: Logits) -> str:
        """Choose the next token; return the text that is complete with it, "" at the end of the turn."""
        self.token = int(np.argmax(logits[-1]))
        if self._model.ends(self.token):
            self._end("end")
            return ""
        text = self._put(self._decoder.decode(self._model.piece(self.token)))
        if text and self._enough("".join(self._pieces)):
            self._end("stopped")
        return text

    def _end(self, ending: Ending) -> None:
        self.ended, self.ending = True, ending

    def rest(self) -> str:
        """Return what is left of a character that never became whole; nothing, where there was enough without."""
        return "" if self.ending == "stopped" else self._put(self._decoder.decode(b"", final=True))

    @property
    def written(self) -> Written:
        """What was written so far."""
        return Written(tuple(self._pieces), self.ending)

    def _put(self, text: str) -> str:
        self._pieces += [text] if text else []
        return text
