"""Our own reader: a small cross-encoder, trained for Beleg, that reads a passage at once and scores each sentence.

It shares vocabulary and word embeddings with the embedded embedder. Passages are read one by
one and without padding, so that what is said of one depends on no other. What it was trained
on and how good it is stands in CARD.md beside the file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.errors import ModelUnavailable
from rag.localization import gettext
from rag.models.encoder_backends import session_options
from rag.models.reader.answering_words import best_span
from rag.models.reader.embedding_table import Table
from rag.models.reader.reader import LIMIT, Reading, Span, Text, bounded
from rag.models.reader.windows import Window, windows
from rag.system.cancellation import CancelToken

TOKENS, WIDTH = 512, 384  # that the model has positions for, and the width of an embedding
LONGEST_QUESTION, LONGEST_TITLE = 128, 32  # tokens that are read of them
_SPECIAL = 3  # [CLS], and [SEP] twice


@dataclass(frozen=True, slots=True)
class _Tokens:
    """A text's tokens: their numbers, and where each stands in the text."""

    ids: list[int]
    offsets: list[tuple[int, int]]

    def first(self, count: int) -> _Tokens:
        return _Tokens(self.ids[:count], self.offsets[:count])


def open_reader(file: Path, threads: int) -> Any:
    """Open the model in `file` with onnxruntime. Raises ModelUnavailable."""
    import onnxruntime

    options = session_options(threads)
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
    try:
        return onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime raises bare Exceptions
        raise ModelUnavailable(
            gettext("The reader {file} cannot be opened ({error}).").format(file=file, error=error),
            gettext("Install Beleg anew."),
        ) from error


class OwnReader:
    """An opened model, run by onnxruntime. Threads may share one."""

    def __init__(self, session: Any, tokenizer: Any, table: Table, fingerprint: str) -> None:
        """`tokenizer` and `table` are those of the embedder. Raises ModelUnavailable."""
        self._session = session
        self._tokenizer, self._table = tokenizer, table
        self._begin, self._part = (tokenizer.token_to_id(token) for token in ("[CLS]", "[SEP]"))
        if self._begin is None or self._part is None:
            raise ModelUnavailable(gettext("The embedder's tokenizer is not the one that the reader knows."), "")
        self.fingerprint = fingerprint

    @property
    def name(self) -> str:
        return "beleg-reader"

    def read(self, question: str, texts: Sequence[Text], cancel: CancelToken | None = None) -> list[Reading]:
        asked, cancel = self._tokens(question).first(LONGEST_QUESTION), cancel or CancelToken()
        return [self._read(asked, text, cancel) for text in texts]

    def _read(self, question: _Tokens, text: Text, cancel: CancelToken) -> Reading:
        scores = np.full(len(text.sentences), -LIMIT, dtype=np.float32)
        spans: list[Span | None] = [None] * len(text.sentences)
        title = self._tokens(text.title).first(LONGEST_TITLE)
        room = TOKENS - len(question.ids) - len(title.ids) - _SPECIAL
        sentences = [self._tokens(sentence).first(room) for sentence in text.sentences]
        # One without a token (empty, or of signs that are none) is not shown to the model.
        shown = [number for number, sentence in enumerate(sentences) if sentence.ids]
        for window in windows([len(sentences[number].ids) for number in shown], room):
            cancel.check()
            read = shown[window.first : window.end]
            scored, starts, ends = self._run(question, title, [sentences[number] for number in read], window)
            at = len(question.ids) + len(title.ids) + 2
            for place, number in enumerate(read):
                inside = slice(at, at + len(sentences[number].ids))
                at = inside.stop
                if (row := place - (window.start - window.first)) >= 0:
                    scores[number] = scored[row]
                    spans[number] = best_span(
                        text.sentences[number], sentences[number].offsets, starts[inside], ends[inside]
                    )
        return Reading(bounded(scores), tuple(spans))

    def _run(
        self, question: _Tokens, title: _Tokens, sentences: Sequence[_Tokens], window: Window
    ) -> tuple[NDArray[np.float32], ...]:
        """Return scores, shape (scored sentences,), and starts and ends, shape (tokens,)."""
        asked = [self._begin, *question.ids, self._part]
        ids = [*asked, *title.ids, *(number for sentence in sentences for number in sentence.ids), self._part]
        segments = np.ones((1, len(ids)), dtype=np.int64)
        segments[:, : len(asked)] = 0
        context = window.start - window.first
        membership = np.zeros((1, len(sentences) - context, len(ids)), dtype=np.float32)
        at = len(asked) + len(title.ids)
        for place, sentence in enumerate(sentences):
            if place >= context:
                membership[0, place - context, at : at + len(sentence.ids)] = 1
            at += len(sentence.ids)
        given = {
            "embeddings": self._table[np.array(ids)].astype(np.float32)[None],
            "segments": segments,
            "sentences": membership,
        }
        try:
            scores, starts, ends = self._session.run(["scores", "starts", "ends"], given)
        except Exception as error:  # onnxruntime raises bare Exceptions
            raise ModelUnavailable(
                gettext("The reader failed ({error}).").format(error=error), gettext("Install Beleg anew.")
            ) from error
        return scores[0], starts[0], ends[0]

    def _tokens(self, text: str) -> _Tokens:
        """Return all tokens of a text; those that a tokenizer for short texts cuts off are in `overflowing`, padded."""
        encoding = self._tokenizer.encode(text, add_special_tokens=False)
        tokens = _Tokens([], [])
        for part in (encoding, *encoding.overflowing):
            count = sum(part.attention_mask)
            tokens.ids.extend(part.ids[:count])
            tokens.offsets.extend(part.offsets[:count])
        return tokens
