"""Readers from elsewhere, once prepared: run by onnxruntime, without torch and transformers.

Of two kinds. A cross-encoder ("pairs") reads the question with one sentence, its title and the
sentence before it. An extractive reader ("spans") reads the passage and says where an answer
begins and ends; a sentence is worth its best span less what the model gives for "no answer".
Texts are read one by one, without padding, so that what is said of one depends on no other.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from sys import float_info
from typing import Annotated, Any, Literal

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from rag.errors import ModelUnavailable
from rag.localization import gettext
from rag.models.encoder_backends import open_session, open_tokenizer
from rag.models.prepared_store import MANIFEST
from rag.models.reader.answering_words import best_span
from rag.models.reader.reader import Reading, Span, Text, bounded
from rag.models.reader.windows import Window, windows
from rag.system.cancellation import CancelToken
from rag.system.validation import FiniteFloat, Strict

Kind = Literal["pairs", "spans"]
_OF_TITLE = 8  # at most this part of what is read at once
OUTPUTS: dict[Kind, tuple[str, ...]] = {"pairs": ("scores",), "spans": ("starts", "ends")}


class Manifest(Strict, frozen=True):
    """What is known about a prepared reader; kept as JSON beside the export."""

    fingerprint: str
    name: str
    kind: Kind
    max_tokens: Annotated[int, Meta(ge=16, le=100_000)]
    scale: Annotated[float, Meta(ge=0, le=float_info.max)] = 1.0
    shift: FiniteFloat = 0.0
    auc: FiniteFloat = 1.0  # on the questions it was calibrated with


def read_manifest(prepared: Path) -> Manifest:
    """Return what is known about the reader that was prepared in a folder. Raises ModelUnavailable."""
    try:
        return msgspec.json.decode((prepared / MANIFEST).read_bytes(), type=Manifest)
    except (OSError, ValueError, RecursionError) as error:
        raise ModelUnavailable(
            gettext("The prepared reader in {prepared} is damaged ({kind}).").format(
                prepared=prepared, kind=type(error).__name__
            ),
            gettext("Delete that folder; it is made again."),
        ) from error


class ForeignReader:
    """A prepared reader. Threads may share one."""

    def __init__(self, prepared: Path, manifest: Manifest, threads: int) -> None:
        """Raises ModelUnavailable."""
        self._manifest, self._folder = manifest, prepared
        self._session = open_session(prepared, threads)
        self._inputs = [given.name for given in self._session.get_inputs()]  # a model may have no use for some
        self._tokenizer = open_tokenizer(prepared)
        # A tokenizer's file may be set to cut or to pad in a way of its own.
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        self._special = self._tokenizer.num_special_tokens_to_add(is_pair=True)

    @property
    def name(self) -> str:
        return self._manifest.name

    @property
    def fingerprint(self) -> str:
        return self._manifest.fingerprint

    def read(self, question: str, texts: Sequence[Text], cancel: CancelToken | None = None) -> list[Reading]:
        readings = []
        for text in texts:
            scores, spans = self.judged(question, text, cancel)
            calibrated = (self._manifest.scale * np.maximum(scores, -1e30) + self._manifest.shift).astype(np.float32)
            calibrated[np.isneginf(scores)] = -np.inf  # what was not read, whatever the map says
            readings.append(Reading(bounded(calibrated), spans))
        return readings

    def judged(
        self, question: str, text: Text, cancel: CancelToken | None = None
    ) -> tuple[NDArray[np.float64], tuple[Span | None, ...]]:
        """Return each sentence's score on the model's own scale, minus infinity for one that is empty, and its span.

        Raises Stopped soon after `cancel` is cancelled.
        """
        cancel = cancel or CancelToken()
        question = self._first(question, self._manifest.max_tokens // 2 - self._special)
        scores = np.full(len(text.sentences), -np.inf)
        spans: list[Span | None] = [None] * len(text.sentences)
        shown = [number for number, sentence in enumerate(text.sentences) if sentence.strip()]
        title = self._first(titled(text.title), self._manifest.max_tokens // _OF_TITLE)
        if self._manifest.kind == "pairs":
            for place, number in enumerate(shown):
                cancel.check()
                before = text.sentences[shown[place - 1]] if place else ""
                scores[number] = self._pair(question, title, before, text.sentences[number])
        else:
            for number, score, span in self._passage(question, title, text, shown, cancel):
                scores[number], spans[number] = score, span
        return scores, tuple(spans)

    def outputs(self, question: str, passage: str) -> tuple[list[NDArray[np.float32]], Any]:
        """Return what the model computes of a pair, in the order of `OUTPUTS`, and its tokens.

        What it has no room for is not read: the passage's end.
        """
        encoding = self._tokenizer.encode(question, self.fitting(question, passage))
        given = {
            "input_ids": encoding.ids, "attention_mask": encoding.attention_mask, "token_type_ids": encoding.type_ids,
        }  # fmt: skip
        try:
            tensors = {name: np.array([given[name]], dtype=np.int64) for name in self._inputs}
            computed = self._session.run(list(OUTPUTS[self._manifest.kind]), tensors)
        except Exception as error:  # onnxruntime raises bare Exceptions
            raise ModelUnavailable(
                gettext("The reader {name} failed ({error}).").format(name=self.name, error=error),
                gettext("Delete {folder}; it is made again.").format(folder=self._folder),
            ) from error
        return [output[0] for output in computed], encoding

    def fitting(self, question: str, passage: str) -> str:
        """Return as much of a passage as is read with a question that leaves room for one."""
        while True:
            encoding = self._tokenizer.encode(question, passage)
            if (over := len(encoding.ids) - self._manifest.max_tokens) <= 0 or not passage:
                return passage
            kept = [end for (_, end), part in zip(encoding.offsets, encoding.sequence_ids, strict=True) if part == 1]
            # Shorter each time, though what is cut within a word may be cut into more tokens than before.
            passage = passage[: min(kept[-over - 1], len(passage) - 1)] if over < len(kept) else ""

    def _first(self, text: str, tokens: int) -> str:
        """Return a text's first so many tokens."""
        offsets = self._tokenizer.encode(text, add_special_tokens=False).offsets
        return text if len(offsets) <= tokens else text[: offsets[tokens - 1][1]]

    def _length(self, text: str) -> int:
        return len(self._tokenizer.encode(text, add_special_tokens=False).ids)

    # --- cross-encoders ---------------------------------------------------------------------

    def _pair(self, question: str, title: str, before: str, sentence: str) -> float:
        room = self._manifest.max_tokens - self._special - self._length(question)
        # What stands around a sentence goes first where not all of it has room.
        ways = (" ".join(filter(None, parts)) for parts in ((title, before, sentence), (title, sentence)))
        passage = next((way for way in ways if self._length(way) <= room), sentence)
        (score,), _ = self.outputs(question, passage)
        return float(score.reshape(-1)[0])

    # --- extractive readers -----------------------------------------------------------------

    def _passage(
        self, question: str, title: str, text: Text, shown: Sequence[int], cancel: CancelToken
    ) -> list[tuple[int, float, Span | None]]:
        lengths = [self._length(text.sentences[number]) + 1 for number in shown]
        taken = self._special + self._length(question) + self._length(title)
        found = []
        for window in windows(lengths, max(1, self._manifest.max_tokens - taken)):
            cancel.check()
            found += self._window(question, title, text, shown, window)
        return found

    def _window(
        self, question: str, title: str, text: Text, shown: Sequence[int], window: Window
    ) -> list[tuple[int, float, Span | None]]:
        read = [text.sentences[number] for number in shown[window.first : window.end]]
        (starts, ends), encoding = self.outputs(question, " ".join([title, *read] if title else read))
        none = float(starts[0] + ends[0])  # the first token stands for "no answer"
        tokens = [place for place, part in enumerate(encoding.sequence_ids) if part == 1]
        found: list[tuple[int, float, Span | None]] = []
        at = len(title) + 1 if title else 0
        for place, sentence in enumerate(read, window.first):
            low, high = at, at + len(sentence)
            at = high + 1
            if place < window.start:
                continue
            # By its end: the token of a word may take the space before it along.
            inside = [token for token in tokens if low < encoding.offsets[token][1] <= high]
            offsets = [(max(encoding.offsets[t][0], low) - low, encoding.offsets[t][1] - low) for t in inside]
            span = best_span(sentence, offsets, starts[inside], ends[inside]) if inside else None
            score = -np.inf
            if span is not None and span.probability > 0:
                score = float(np.log(span.probability)) + _whole(starts[inside]) + _whole(ends[inside]) - none
            found.append((shown[place], score, span))
        return found


def _whole(logits: NDArray[np.float32]) -> float:
    """Return what logits are to be reduced by to become the logarithms of shares."""
    return float(logits.max() + np.log(np.exp(logits - logits.max()).sum()))


def titled(title: str) -> str:
    """Return a title as a sentence of its own, "" if there is none."""
    title = title.strip()
    return title if not title or title[-1] in ".?!:" else f"{title}."
