"""A llama.cpp context of several streams, read so that no bit depends on what is read beside.

A question must get the same answer alone, in a batch and in any order, and a text read
once should not be read again. Both need sums that come out the same however the work is
cut. On a processor llama.cpp's do, under these conditions (each held by a test):

- every stream has cells of its own (`kv_unified` off), so masks do not move sums about;
- attention is "flash", which adds up cell by cell, by its plain loop: fewer than 64 rows of
  one stream at a time, and never a lone row, for which there is a loop of its own;
- rows read together stand in neighbouring streams, as many of each, or llama.cpp cuts them
  into pieces that may be lone rows.

So reading is cut here, not there. What a stream holds can be saved and restored to the bit.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.errors import ModelUnavailable
from rag.system.cancellation import CancelToken, deferred

Logits = NDArray[np.float32]
ROWS = 512  # read at once, of all streams together
_ROWS_OF_ONE = 60  # from 64 on llama.cpp adds up in tiles, which round otherwise


class Streams:
    """`count` streams of `cells` tokens each. Not for use by two threads at once."""

    def __init__(self, model: Any, count: int, cells: int, threads: int, *, flash: bool = True) -> None:
        """Raises ModelUnavailable where there is not memory enough."""
        import llama_cpp

        self._api: Any = llama_cpp
        self._asked = CancelToken()  # the one of what is being read
        self.count, self.cells, self._rows = count, cells, ROWS
        self.lengths = [0] * count  # tokens that each stream holds
        parameters = llama_cpp.llama_context_default_params()
        parameters.n_ctx = count * cells
        parameters.n_batch = parameters.n_ubatch = self._rows
        parameters.n_seq_max = count
        parameters.kv_unified = False
        parameters.flash_attn_type = (
            llama_cpp.LLAMA_FLASH_ATTN_TYPE_ENABLED if flash else llama_cpp.LLAMA_FLASH_ATTN_TYPE_DISABLED
        )
        parameters.n_threads = parameters.n_threads_batch = threads
        parameters.no_perf = True
        self._ctx: Any = llama_cpp.llama_init_from_model(model, parameters)
        if not self._ctx:
            raise ModelUnavailable(
                f"There is not enough memory for {count * cells} tokens of context.",
                "Set a smaller context, or use a smaller model.",
            )
        self._memory = llama_cpp.llama_get_memory(self._ctx)
        self._abort = llama_cpp.ggml_abort_callback(lambda _: self._asked.cancelled)
        llama_cpp.llama_set_abort_callback(self._ctx, self._abort, None)
        self._batch = llama_cpp.llama_batch_init(self._rows, 0, 1)
        self._vocabulary: int = llama_cpp.llama_vocab_n_tokens(llama_cpp.llama_model_get_vocab(model))

    def read(
        self,
        texts: Sequence[Sequence[int]],
        wanted: Sequence[int],
        *,
        first: int = 0,
        tell: Callable[[int], None] | None = None,
        cancel: CancelToken | None = None,
    ) -> list[Logits]:
        """Append tokens to the streams from `first` on; return the logits of the last `wanted` of each.

        `texts` come longest first. Shapes (wanted, vocabulary), float32. `tell` is called
        with the number of tokens of each piece that was read. Raises Stopped once `cancel` is
        cancelled, also in the midst of a piece, or ModelUnavailable; the streams hold nothing then.
        """
        self._asked = cancel or CancelToken()
        found: list[list[Logits]] = [[] for _ in texts]
        at = 0
        while active := sum(len(text) > at for text in texts):
            rows = min(len(texts[active - 1]) - at, _ROWS_OF_ONE, self._rows // active)
            pieces = [list(text[at : at + rows]) for text in texts[:active]]
            asked = [
                [len(text) - at - row <= want for row in range(rows)]
                for text, want in zip(texts[:active], wanted[:active], strict=True)
            ]
            for index, logits in enumerate(self._decode(first, pieces, asked)):
                found[index].append(logits)
            at += rows
            if tell is not None:
                tell(rows * active)
        return [np.concatenate(parts) if parts else self._none() for parts in found]

    def _none(self) -> Logits:
        return np.zeros((0, self._vocabulary), dtype=np.float32)

    def _decode(self, first: int, pieces: Sequence[list[int]], asked: Sequence[list[bool]]) -> list[Logits]:
        """Read as many tokens of each of the streams from `first` on; return the logits asked for."""
        lone = len(pieces) == 1 and len(pieces[0]) == 1
        if lone:  # a second row, which is taken back, makes it an ordinary one
            pieces, asked = [[*pieces[0], pieces[0][0]]], [[*asked[0], False]]
        batch, index = self._batch, 0
        for stream, (piece, flags) in enumerate(zip(pieces, asked, strict=True), first):
            for row, (token, flag) in enumerate(zip(piece, flags, strict=True)):
                batch.token[index], batch.pos[index], batch.logits[index] = token, self.lengths[stream] + row, flag
                batch.n_seq_id[index], batch.seq_id[index][0] = 1, stream
                index += 1
        batch.n_tokens = index
        try:
            self._asked.check()
            with deferred():  # what is raised while llama.cpp calls back would be lost
                status = self._api.llama_decode(self._ctx, batch)
            self._asked.check()
            if status != 0:
                raise ModelUnavailable(f"The model failed while reading ({status}).")
        except BaseException:
            self.clear()
            raise
        for stream, piece in enumerate(pieces, first):
            self.lengths[stream] += len(piece)
        if lone:
            self.trim(first, self.lengths[first] - 1)
        return self._logits([sum(flags) for flags in asked])

    def _logits(self, counts: Sequence[int]) -> list[Logits]:
        total = sum(counts)
        if not total:
            return [self._none() for _ in counts]
        all_rows = np.ctypeslib.as_array(self._api.llama_get_logits(self._ctx), shape=(total, self._vocabulary))
        ends = np.cumsum(counts)
        return [all_rows[end - count : end].copy() for count, end in zip(counts, ends, strict=True)]

    def trim(self, stream: int, length: int) -> None:
        """Forget what the stream holds after its first `length` tokens."""
        if length < self.lengths[stream]:
            if not self._api.llama_memory_seq_rm(self._memory, stream, length, -1):
                raise ModelUnavailable(
                    "The model cannot take back what it has read, as recurrent ones cannot.", "Use another model."
                )
            self.lengths[stream] = length

    def clear(self) -> None:
        """Forget all."""
        self._api.llama_memory_clear(self._memory, False)
        self.lengths = [0] * self.count

    def save(self, stream: int) -> bytes:
        """Return what the stream holds, for `restore`."""
        size = self._api.llama_state_seq_get_size(self._ctx, stream)
        buffer = ctypes.create_string_buffer(size)
        pointer = ctypes.cast(buffer, ctypes.POINTER(ctypes.c_uint8))
        written = self._api.llama_state_seq_get_data(self._ctx, pointer, size, stream)
        return buffer.raw[:written]

    def restore(self, stream: int, state: bytes, length: int) -> None:
        """Let the stream hold the first `length` tokens of what `save` returned."""
        pointer = ctypes.cast(ctypes.c_char_p(state), ctypes.POINTER(ctypes.c_uint8))
        if not self._api.llama_state_seq_set_data(self._ctx, pointer, len(state), stream):
            self.clear()
            raise ModelUnavailable("The model's state cannot be restored.", "Ask again.")
        self.lengths[stream] = self.cells  # what it held at most; trimmed at once
        self.trim(stream, length)

    def close(self) -> None:
        """Free the memory; the object is of no use afterwards."""
        if self._ctx:
            self._api.llama_batch_free(self._batch)
            self._api.llama_free(self._ctx)
            self._ctx = None
