"""From logits to text: the likeliest token after token, and the characters that they make together."""

from __future__ import annotations

import codecs
from collections.abc import Callable

import numpy as np

from rag.models.llama_model import Model
from rag.models.llama_sequences import Logits


class Pen:
    """Chooses the likeliest token after token, and turns them to text; ends where that is `enough`."""

    def __init__(self, model: Model, enough: Callable[[str], bool] = lambda _text: False) -> None:
        self._model = model
        self._enough = enough
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self.pieces: list[str] = []
        self.token = 0
        self.ended = False

    def write(self, logits: Logits) -> str:
        """Choose the next token; return the text that is complete with it, "" at the end of the turn."""
        self.token = int(np.argmax(logits[-1]))
        self.ended = self._model.ends(self.token)
        text = "" if self.ended else self._put(self._decoder.decode(self._model.piece(self.token)))
        if text and self._enough("".join(self.pieces)):
            self.ended = True
        return text

    def rest(self) -> str:
        """Return what is left of a character that never became whole."""
        return self._put(self._decoder.decode(b"", final=True))

    def _put(self, text: str) -> str:
        self.pieces += [text] if text else []
        return text
