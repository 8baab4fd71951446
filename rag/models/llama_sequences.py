"""A llama.cpp context of several streams, read so that no bit depends on what is read beside.

A question must get the same answer alone, in a batch and in any order, and a text read
once should not be read again. Both need sums that come out the same however the work is
cut. On a processor llama.cpp's do, under these conditions (each held by a test):

- every stream has cells of its own (`kv_unified` off), so masks do not move sums about;
- attention is "flash", which adds up cell by cell, by its plain loop: fewer than 64 rows of
  one stream at a time, and never a lone row, for which there is a loop of its own;
- rows read together stand in neighbouring streams, as many of each, or llama.cpp cuts them
  into pieces that may be lone rows.

Some kinds of weights (Q4_K and the like) are multiplied by four rows at a time, by other sums where fewer are left,
and by others again where there are fewer than eight. With `even_rows` rows are filled up, at some cost for a text
that is written alone: the trial says where that is needed.

So reading is cut here, not there. What a stream holds can be saved and restored to the bit.

Many rows of one stream are read half as fast again by that plain loop as in tiles. So there are *blocks* too: BLOCK
tokens of one stream, always as many and read alone. Which tokens make a block is for the text itself to say, and
never for what is read beside or was read before (`prefill`); then these sums come out the same, too.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.errors import ModelUnavailable
from rag.localization import gettext
from rag.models.llama_runtime import KvType
from rag.system.cancellation import CancelToken, deferred

Logits = NDArray[np.float32]
ROWS = 512  # read at once, of all streams together
BLOCK = 128  # tokens: with 512 some twentieth is gained, but much of a text is too short for them
EVEN, _FEW = 4, 8  # rows are filled up to a multiple of, and to at least, so many where sums depend on it
_ROWS_OF_ONE = 60  # from 64 on llama.cpp adds up in tiles, which round otherwise


class Streams:
    """`count` streams of `cells` tokens each. Not for use by two threads at once."""

    def __init__(
        self,
        model: Any,
        count: int,
        cells: int,
        threads: int,
        *,
        flash: bool = True,
        kv_type: KvType = "f16",
        gpu: bool = False,
        even_rows: bool = False,
    ) -> None:
        """Raises ModelUnavailable where there is not memory enough."""
        import llama_cpp

        self._api: Any = llama_cpp
        self._asked = CancelToken()  # the one of what is being read
        self.count, self.cells, self._rows = count, cells, ROWS
        self.lengths = [0] * count  # tokens that each stream holds
        self._even = even_rows
        parameters = llama_cpp.llama_context_default_params()
        parameters.n_ctx = count * (cells + _FEW if even_rows else cells)
        parameters.n_batch = parameters.n_ubatch = self._rows
        parameters.n_seq_max = count
        parameters.kv_unified = False
        parameters.flash_attn_type = (
            llama_cpp.LLAMA_FLASH_ATTN_TYPE_ENABLED if flash else llama_cpp.LLAMA_FLASH_ATTN_TYPE_DISABLED
        )
        parameters.type_k = parameters.type_v = {
            "f16": llama_cpp.GGML_TYPE_F16,
            "q8_0": llama_cpp.GGML_TYPE_Q8_0,
        }[kv_type]
        parameters.offload_kqv = parameters.op_offload = gpu
        parameters.n_threads = parameters.n_threads_batch = threads
        parameters.no_perf = True
        self._ctx: Any = llama_cpp.llama_init_from_model(model, parameters)
        if not self._ctx:
            raise ModelUnavailable(
                gettext("There is not enough memory for {n} tokens of context.").format(n=count * cells),
                gettext("Set a smaller context, or use a smaller model."),
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
            most = self._rows // active // EVEN * EVEN
            rows = min(len(texts[active - 1]) - at, _ROWS_OF_ONE, most)
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

    def read_block(self, stream: int, tokens: Sequence[int], cancel: CancelToken | None = None) -> None:
        """Append a block of tokens, BLOCK of them, to a stream. Raises as `read`."""
        assert len(tokens) == BLOCK
        self._asked = cancel or CancelToken()
        self._decode(stream, [list(tokens)], [[False] * BLOCK])

    def _none(self) -> Logits:
        return np.zeros((0, self._vocabulary), dtype=np.float32)

    def _decode(self, first: int, pieces: Sequence[list[int]], asked: Sequence[list[bool]]) -> list[Logits]:
        """Read as many tokens of each of the streams from `first` on; return the logits asked for."""
        more = self._filled(len(pieces), len(pieces[0])) - len(pieces[0])
        pieces = [[*piece, *piece[-1:] * more] for piece in pieces]  # rows that are taken back
        asked = [[*flags, *[False] * more] for flags in asked]
        told = self._told(np.concatenate(asked)) if asked else np.zeros(0, dtype=bool)
        batch, index = self._batch, 0
        for stream, piece in enumerate(pieces, first):
            for row, token in enumerate(piece):
                batch.token[index], batch.pos[index] = token, self.lengths[stream] + row
                batch.logits[index] = bool(told[index])
                batch.n_seq_id[index], batch.seq_id[index][0] = 1, stream
                index += 1
        batch.n_tokens = index
        try:
            self._asked.check()
            with deferred():  # what is raised while llama.cpp calls back would be lost
                status = self._api.llama_decode(self._ctx, batch)
            self._asked.check()
            if status != 0:
                raise ModelUnavailable(gettext("The model failed while reading ({status}).").format(status=status))
        except BaseException:
            self.clear()
            raise
        for stream, piece in enumerate(pieces, first):
            self.lengths[stream] += len(piece)
        if more:
            for stream in range(first, first + len(pieces)):
                self.trim(stream, self.lengths[stream] - more)
        return self._logits(asked, told)

    def _filled(self, streams: int, rows: int) -> int:
        """Return how many rows of each stream are to be read where `rows` are wanted: none stands by itself."""
        if not self._even:
            return max(rows, 2 if streams == 1 else 1)
        while streams * rows % EVEN or streams * rows < _FEW:
            rows += 1
        return rows

    def beside(self, streams: range) -> range:
        """Return the streams, these and others next to them, with which the fewest rows are read where a token each is.

        Five by themselves are filled up to twenty rows, with three others eight do.
        """
        count = min(range(len(streams), self.count + 1), key=lambda count: count * self._filled(count, 1))
        first = min(streams.start, self.count - count)
        return range(first, first + count)

    def _told(self, asked: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Return the rows whose logits llama.cpp is to tell: those that are asked for, and what fills them up."""
        count = int(asked.sum())
        if not self._even or not count:
            return asked
        told = asked.copy()
        told[np.flatnonzero(~asked)[: max(_FEW, -(-count // EVEN) * EVEN) - count]] = True
        return told

    def _logits(self, asked: Sequence[Sequence[bool]], told: NDArray[np.bool_]) -> list[Logits]:
        """Return the logits asked for, of each stream by itself; `told` are the rows that llama.cpp tells of."""
        total = int(told.sum())
        if not total:
            return [self._none() for _ in asked]
        all_rows = np.ctypeslib.as_array(self._api.llama_get_logits(self._ctx), shape=(total, self._vocabulary))
        place = np.cumsum(told) - 1  # of a row among those that are told of
        ends = np.cumsum([len(flags) for flags in asked])
        return [
            all_rows[place[end - len(flags) : end][np.array(flags, dtype=bool)]]
            for flags, end in zip(asked, ends, strict=True)
        ]

    def trim(self, stream: int, length: int) -> None:
        """Forget what the stream holds after its first `length` tokens."""
        if length < self.lengths[stream]:
            if not self._api.llama_memory_seq_rm(self._memory, stream, length, -1):
                raise ModelUnavailable(
                    gettext("The model cannot take back what it has read, as recurrent ones cannot."),
                    gettext("Use another model."),
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
        return bytes(memoryview(buffer)[:written])  # `raw` would be a second copy

    def restore(self, stream: int, state: bytes, length: int) -> None:
        """Let the stream hold the first `length` tokens of what `save` returned."""
        pointer = ctypes.cast(ctypes.c_char_p(state), ctypes.POINTER(ctypes.c_uint8))
        if not self._api.llama_state_seq_set_data(self._ctx, pointer, len(state), stream):
            self.clear()
            raise ModelUnavailable(gettext("The model's state cannot be restored."), gettext("Ask again."))
        self.lengths[stream] = self.cells  # what it held at most; trimmed at once
        self.trim(stream, length)

    def close(self) -> None:
        """Free the memory; the object is of no use afterwards."""
        if self._ctx:
            self._api.llama_batch_free(self._batch)
            self._api.llama_free(self._ctx)
            self._ctx = None
