"""Greedy decoding: from logits to the likeliest token after token, and to the characters that they make together."""

from __future__ import annotations

import codecs
from collections.abc import Callable

import numpy as np

from rag.models import thoughts
from rag.models.llama_grammar import Grammar
from rag.models.llama_model import Model
from rag.models.llama_sequences import Logits
from rag.models.thoughts import without_thoughts
from rag.models.writer import Ending

_AROUND_THOUGHTS = (thoughts.BEGIN.encode(), thoughts.END.encode())


class GreedyDecoder:
    """Chooses the likeliest token after token, and turns them to text, until one ends it or it is `enough`.

    Of at most `most` tokens, by `grammar` if there is one. `ending` says why once it has `ended`.
    """

    def __init__(self, model: Model, most: int, enough: Callable[[str], bool], grammar: str = "") -> None:
        """Raises ValueError for a grammar that is none."""
        self.most = most
        self.first: Logits = np.zeros(0, dtype=np.float32)  # what the first token is chosen by, shape (vocabulary,)
        self._model = model
        self._enough = enough
        self._grammar = Grammar(model, grammar) if grammar else None
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self.pieces: list[str] = []
        self.token = 0
        self._left = most
        self.ended = most == 0
        self.ending: Ending = "length"
        self._likelihoods: list[tuple[int, float]] = []  # by characters, also those of thoughts
        self._written = 0

    @property
    def likelihoods(self) -> tuple[tuple[int, float], ...]:
        """The log likelihoods of the tokens of the text, each with the place in it up to which it was written then."""
        thought = self._written - len(self.text)
        return tuple((max(0, upto - thought), each) for upto, each in self._likelihoods if upto > thought)

    @property
    def text(self) -> str:
        """What was written so far, without what the model thought before."""
        return without_thoughts("".join(self.pieces), whole=self.ended)

    def write(self, logits: Logits) -> str:
        """Choose the next token by logits of shape (any, vocabulary), the last; return the text that it completes."""
        chosen = int(np.argmax(logits[-1])) if self._grammar is None else self._grammar.choose(logits[-1])
        if chosen is None:  # the vocabulary has no words for what would have to follow
            return self._end("length")
        self.token = chosen
        self._left -= 1
        likelihood = _likelihood(logits[-1], chosen)
        if self._model.ends(self.token):
            self._likelihoods.append((self._written, likelihood))
            return self._end("end")
        text = self._put(self._decoder.decode(self._piece()))
        self._likelihoods.append((self._written, likelihood))
        if text and (so_far := self.text) and self._enough(so_far):
            self.ended, self.ending = True, "stopped"
        elif not self._left:
            return text + self._end("length")
        return text

    def _piece(self) -> bytes:
        """Return the bytes of the token: of control tokens nothing, but for those around thoughts."""
        piece = self._model.piece(self.token)
        if not piece and (control := self._model.piece(self.token, special=True)) in _AROUND_THOUGHTS:
            return control
        return piece

    def _end(self, ending: Ending) -> str:
        """End with what is left of a character that never became whole."""
        self.ended, self.ending = True, ending
        return self._put(self._decoder.decode(b"", final=True))

    def _put(self, text: str) -> str:
        self.pieces += [text] if text else []
        self._written += len(text)
        return text


def _likelihood(logits: Logits, token: int) -> float:
    """Return the logarithm of a token's chance by logits of shape (vocabulary,)."""
    most = float(logits.max())
    return float(logits[token]) - most - float(np.log(np.exp(logits - most).sum()))
