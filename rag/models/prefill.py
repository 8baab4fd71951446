"""Prefill: prompts are read into streams; what they begin with alike once, and what was read before not again.

Every question's prompt begins like the ones before it, with what the system is told, and examples: its *head*. The
state after a head is kept, so that it is there for the next prompt whatever was read in between.

A prompt is cut into blocks by itself alone: its head from its beginning, the rest from the end of its head. What
does not fill a block is read beside others (`llama_sequences`). What is read differently has other sums, so two
prompts begin alike only as far as they are cut alike, too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby

from rag.errors import ModelUnavailable
from rag.models.head_states import HeadStates
from rag.models.llama_model import Prompt
from rag.models.llama_sequences import BLOCK, Logits, Streams
from rag.models.prefix_cache import PrefixCache, common
from rag.system.cancellation import CancelToken, Stopped

_Cut = tuple[int, ...]  # the tokens of a prompt; those in blocks stand as ~token, which is negative


class Prefill:
    """Streams that are opened as they are needed, and what of prompts they hold. Not for use by two threads at once."""

    def __init__(
        self,
        open_streams: Callable[[int, int], Streams],
        cell_bytes: int,
        memory: int,
        heads: HeadStates | None = None,
    ) -> None:
        """`open_streams` is told how many, and of how many tokens; `memory` bytes are for those, and half as many kept.

        `heads` are states after heads from earlier runs.
        """
        self._open = open_streams
        self._heads = heads
        self._most_cells = memory // cell_bytes
        self._kept = PrefixCache(memory // 2)  # by the number of streams, which a state is bound to, and tokens
        self._streams: Streams | None = None
        self._held: list[_Cut] = []  # what each stream holds, and perhaps more after it

    def opened(self, count: int, cells: int) -> Streams:
        """Return at least `count` streams of at least `cells` tokens. Raises ModelUnavailable."""
        streams = self._streams
        if streams is not None and streams.count >= count and streams.cells >= cells:
            return streams
        if streams is not None:
            wide = max(count, streams.count), max(cells, streams.cells)
            count, cells = wide if wide[0] * wide[1] <= self._most_cells else (count, cells)
            self.close()
        self._streams = self._open(count, cells)
        self._held = [()] * count
        return self._streams

    @property
    def _ready(self) -> Streams:
        assert self._streams is not None, "streams are opened first"
        return self._streams

    def unread(self, groups: Sequence[Sequence[Prompt]]) -> int:
        """Return how many tokens are to be read for groups of prompts, one group after the other."""
        count, held = 0, self._held[0] if self._held else ()
        for prompts in groups:
            cuts = [_cut(prompt) for prompt in prompts]
            shared = _shared(cuts)
            known = min(shared, max(_alike(held, cuts[0]), self._longest(cuts[0])[1]))
            if known < (head := prompts[0].head) <= shared and self._is_kept(cuts[0][:head]):
                known = head
            count += sum(map(len, cuts)) - shared * (len(cuts) - 1) - known
            held = cuts[0]
        return count

    def _is_kept(self, head: _Cut) -> bool:
        return self._heads is not None and self._heads.has(self._key(head))

    def _longest(self, cut: _Cut) -> tuple[bytes, int]:
        """Return the kept state that goes furthest along a prompt, and how far."""
        state, alike = self._kept.longest((len(self._held), *cut))
        return (state, _whole(cut, alike - 1)) if alike > 1 else (b"", 0)

    def read(
        self, prompts: Sequence[Prompt], tell: Callable[[int], None] | None, cancel: CancelToken | None
    ) -> list[Logits]:
        """Let the first streams hold the prompts, in the order of `in_order`; return the last logits of each.

        Raises Stopped once `cancel` is cancelled, or ModelUnavailable.
        """
        streams, held = self._ready, self._held
        self.forget()  # whatever happens on the way
        cuts = [_cut(prompt) for prompt in prompts]
        shared = self._begin(held[0], cuts, prompts[0].head, tell, cancel)
        state = streams.save(0) if len(cuts) > 1 and shared else b""
        tails = []
        for stream, cut in enumerate(cuts):
            if stream:
                streams.restore(stream, state, shared) if state else streams.trim(stream, 0)
            begun = max(shared, _end_of_blocks(cut))
            self._read_on(stream, cut[shared:begun], tell, cancel)
            tails.append(cut[begun:])
        logits = streams.read(tails, [1] * len(cuts), tell=tell, cancel=cancel)
        self._held = [*cuts, *held[len(cuts) :]]
        return logits

    def _begin(
        self,
        held: _Cut,
        cuts: Sequence[_Cut],
        head: int,
        tell: Callable[[int], None] | None,
        cancel: CancelToken | None,
    ) -> int:
        """Let the first stream hold what all prompts begin with, as far as it is worth it; return its length."""
        first, shared = cuts[0], _shared(cuts)
        known = min(_alike(held, first), shared)
        state, kept = self._longest(first[:shared])
        if kept > known:
            known = kept
            self._ready.restore(0, state, known)
        else:
            self._ready.trim(0, known)
        if known < head <= shared:
            known = self._read_head(first[:head], known, tell, cancel)
        if len(cuts) == 1:
            return known
        self._read_on(0, first[known:shared], tell, cancel)
        return shared

    def _read_head(self, head: _Cut, known: int, tell: Callable[[int], None] | None, cancel: CancelToken | None) -> int:
        """Let the first stream, which holds `known` tokens of a head, hold all of it; return its length.

        Its state is kept, also for the next run.
        """
        key = self._key(head)
        state = self._heads.found(key) if self._heads else None
        if self._heads and state is not None:
            try:
                self._ready.restore(0, state, len(head))
            except ModelUnavailable:
                self._heads.drop(key)  # whoever asks again reads it anew
                raise
        else:
            self._read_on(0, head[known:], tell, cancel)
            state = self._ready.save(0)
            if self._heads:
                self._heads.keep(key, state)
        self._kept.keep(key, state)
        return len(head)

    def _key(self, cut: _Cut) -> tuple[int, ...]:
        """Return what a state is kept by: it is bound to the number of streams, too."""
        return (len(self._held), *cut)

    def _read_on(self, stream: int, cut: _Cut, tell: Callable[[int], None] | None, cancel: CancelToken | None) -> None:
        """Append to a stream what is cut at a block's ends or between them."""
        for in_blocks, run in groupby(cut, lambda token: token < 0):
            if not in_blocks:
                self._ready.read([list(run)], [0], first=stream, tell=tell, cancel=cancel)
                continue
            tokens = [~token for token in run]
            for at in range(0, len(tokens), BLOCK):
                self._ready.read_block(stream, tokens[at : at + BLOCK], cancel)
                if tell is not None:
                    tell(BLOCK)

    def go_on(self, tokens: Sequence[int], first: int, cancel: CancelToken | None) -> list[Logits]:
        """Append a token to each of the streams from `first` on; return the logits. Raises as `read`."""
        try:
            return self._ready.read([[token] for token in tokens], [1] * len(tokens), first=first, cancel=cancel)
        except (Stopped, ModelUnavailable):
            self.forget()
            raise

    def beside(self, streams: range) -> range:
        """Return the streams to be read on where a token is appended to some; see `Streams.beside`."""
        return self._ready.beside(streams)

    def take_back(self, stream: int) -> None:
        """Take back the last token of a stream."""
        self._ready.trim(stream, self._ready.lengths[stream] - 1)

    def forget(self) -> None:
        """Forget what streams hold, but not what is kept."""
        self._held = [()] * len(self._held)

    def close(self) -> None:
        """Free the streams; what is kept stays, for others."""
        if self._streams is not None:
            self._streams.close()
        self._streams, self._held = None, []

    def clear(self) -> None:
        """Free all."""
        self.close()
        self._kept.clear()


def in_order(prompts: Sequence[Prompt]) -> list[int]:
    """Return the places of prompts that are to be read side by side, in the order in which `Prefill.read` takes them.

    Those first whose rest after all blocks, and after what all begin with, is longest.
    """
    cuts = [_cut(prompt) for prompt in prompts]
    shared = _shared(cuts)
    rests = [len(cut) - max(shared, _end_of_blocks(cut)) for cut in cuts]
    return sorted(range(len(cuts)), key=lambda n: (-rests[n], n))


def _cut(prompt: Prompt) -> _Cut:
    """Return a prompt cut into blocks, with at least one token after them: it is read for what comes after it."""
    head, count = (prompt.head if prompt.head < len(prompt.tokens) else 0), len(prompt.tokens)
    blocks = range(head // BLOCK * BLOCK), range(head, head + (count - head - 1) // BLOCK * BLOCK)
    return tuple(~token if any(n in block for block in blocks) else token for n, token in enumerate(prompt.tokens))


def _end_of_blocks(cut: _Cut) -> int:
    """Return how many tokens there are up to the end of the last block."""
    return next((n for n in range(len(cut), 0, -1) if cut[n - 1] < 0), 0)


def _whole(cut: _Cut, length: int) -> int:
    """Return the most of the first `length` tokens that end in no block's midst."""
    begun = next((n for n in range(length, 0, -1) if cut[n - 1] >= 0), 0)  # where blocks before it begin
    return begun + (length - begun) // BLOCK * BLOCK


def _alike(one: _Cut, other: _Cut) -> int:
    """Return how many tokens two begin with alike, and cut alike."""
    return _whole(other, common(one, other))


def _shared(cuts: Sequence[_Cut]) -> int:
    """Return how many tokens all begin with, short of the last of each: that one is read for what comes after it."""
    first = cuts[0]
    alike = min((common(first, cut) for cut in cuts[1:]), default=len(first))
    return _whole(first, min(alike, *(len(cut) - 1 for cut in cuts), len(first) - 1))
