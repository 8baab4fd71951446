"""The local LLM: a GGUF file run by llama.cpp in this process.

It writes many texts at once, side by side. What comes out does not depend, to the bit, on what is asked together
or before (`llama_sequences`).

llama.cpp's C interface is used directly: it has sequences, an abort callback and a log
callback, which the high-level class hides (its `verbose=False` redirects the file
descriptors of the whole process while it loads, which would tear up a full screen).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import groupby
from pathlib import Path

from rag.errors import ModelUnavailable
from rag.localization import gettext
from rag.models.greedy_decoder import GreedyDecoder
from rag.models.head_states import HeadStates
from rag.models.llama_model import RUNTIME, Model, Prompt
from rag.models.llama_runtime import KvType, Runtime
from rag.models.llama_sequences import EVEN, Streams
from rag.models.prefill import Prefill, in_order
from rag.models.reading_progress import Progress, counted
from rag.models.watched_tokens import WatchedTokens
from rag.models.writer import Enough, Messages, Task, Written
from rag.system.cancellation import CancelToken

STREAMS = 16  # texts written at once
# Tokens by which streams are made longer. One alone is for the next question, too, which may take some more.
_OF_ONE, _OF_SEVERAL = 1024, 512
MEMORY = 512 << 20  # bytes for the states in use, and half as many for those kept

_Tell = Callable[[int], None]


class Generator:
    """One loaded model, a `Writer`. Not for use by two threads at once.

    `context` is the most tokens that prompt and answer may take together; `runtime` is what a
    trial found to be safe here; `memory` is in bytes, see MEMORY.
    """

    def __init__(
        self,
        path: Path,
        *,
        threads: int,
        context: int = 4096,
        name: str = "",
        runtime: Runtime = RUNTIME,
        memory: int = MEMORY,
        heads: HeadStates | None = None,
        cancel: CancelToken | None = None,
    ) -> None:
        """Load the model. `heads` are states after heads of prompts, from earlier runs of this model.

        Raises ModelUnavailable, or Stopped once `cancel` is cancelled.
        """
        self.path = path
        self.name = name or path.stem
        self._memory = memory
        self._model = Model(path, self.name, runtime, cancel)
        self.runtime = runtime
        self._threads = runtime.threads or threads
        self.context = min(context, max(512, self._model.longest))
        self._kv_type = runtime.kv_type_for(self.context, self._model.cell_bytes)
        self._cell_bytes = self._model.cell_bytes // (1 if self._kv_type == "f16" else 2)
        kept = replace(heads, bound=f"{heads.bound} {runtime} {self._kv_type} {self._threads}") if heads else None
        self._prefill = Prefill(self._open, self._cell_bytes, memory, kept)
        self._watched = WatchedTokens(self._model)
        self._turn = 0  # the number of what is being written

    def _open(self, count: int, cells: int) -> Streams:
        return streams(self._model, count, cells, self._threads, self.runtime, self._kv_type)

    def tokens(self, text: str, *, special: bool = False) -> list[int]:
        """Return the token ids of `text`; see `Model.tokens` for `special`."""
        return self._model.tokens(text, special=special)

    def count_tokens(self, text: str) -> int:
        return len(self.tokens(text))

    def text(self, tokens: Sequence[int]) -> str:
        """Return what the tokens stand for, control tokens written out."""
        return self._model.text(tokens)

    @property
    def metadata(self) -> dict[str, str]:
        """The model's own key-value pairs."""
        return self._model.metadata

    # --- writing ------------------------------------------------------------------

    def count(self, messages: Messages) -> int:
        """Return how many tokens the messages take. Raises ModelUnavailable where there is no template for them."""
        return len(self._model.chat(messages).tokens)

    def prompt(self, messages: Messages) -> str:
        """Return messages as the model is given them. Raises ModelUnavailable."""
        return self._model.text(self._model.chat(messages).tokens)

    def write(
        self,
        tasks: Sequence[Task],
        *,
        enough: Enough = lambda _place, _text: False,
        progress: Progress | None = None,
        cancel: CancelToken | None = None,
    ) -> Iterator[tuple[int, Written]]:
        """Yield each task's place and text as soon as it is written; see `Writer.write`.

        As many as memory has room for are written side by side; what their messages begin with alike is read once,
        and what the system is told is kept for the next call. Raises ModelUnavailable, or Stopped once `cancel` is
        cancelled; ValueError for a grammar that is none; RuntimeError where something else was begun meanwhile.
        """
        prompts = [self._model.chat(task.messages) for task in tasks]
        decoders = [
            GreedyDecoder(self._model, task.most, partial(enough, n), task.grammar) for n, task in enumerate(tasks)
        ]
        for ended in self._side_by_side(prompts, decoders, progress, cancel):
            for n in ended:
                watched = self._watched.chance(tasks[n].watched, decoders[n].first)
                decoder = decoders[n]
                yield n, Written(decoder.text, decoder.ending, watched, decoder.likelihoods)

    def _side_by_side(
        self,
        prompts: Sequence[Prompt],
        decoders: Sequence[GreedyDecoder],
        progress: Progress | None,
        cancel: CancelToken | None,
    ) -> Iterator[list[int]]:
        """Let each decoder write what follows its prompt; yield after each token the places of those that ended."""
        self._turn += 1
        turn = self._turn
        for prompt, decoder in zip(prompts, decoders, strict=True):
            self._check_room(len(prompt.tokens), decoder.most)
        if not prompts:
            return
        # The last token that is written need not be read, but to read a lone one takes two cells.
        cells = max(len(prompt.tokens) + max(1, each.most) for prompt, each in zip(prompts, decoders, strict=True))
        step = _OF_ONE if len(prompts) == 1 else _OF_SEVERAL
        cells = max(cells, min(-(-cells // step) * step, self.context))
        groups = list(_groups(prompts, as_many(STREAMS, cells, self._cell_bytes, self._memory)))
        count = max(map(len, groups))
        self._prefill.opened(count if count == 1 else -(-count // EVEN) * EVEN, cells)
        tell = counted(progress, self._prefill.unread([[prompts[n] for n in group] for group in groups]))
        for group in groups:
            chosen = [decoders[n] for n in group]
            for ended in self._written([prompts[n] for n in group], chosen, tell, cancel):
                yield [group[n] for n in ended]
                if turn != self._turn:
                    raise RuntimeError("something else was begun to be written meanwhile")

    def _check_room(self, tokens: int, most: int) -> None:
        if tokens + most > self.context:
            raise ModelUnavailable(
                gettext(
                    "The prompt has {tokens} tokens; with {most} for the answer that is more than the {context} "
                    "that {name} is opened for."
                ).format(tokens=tokens, most=most, context=self.context, name=self.name),
                gettext("Set a larger context."),
            )

    def _written(
        self,
        prompts: Sequence[Prompt],
        decoders: Sequence[GreedyDecoder],
        tell: _Tell | None,
        cancel: CancelToken | None,
    ) -> Iterator[list[int]]:
        """Write what follows prompts that fit into the streams; yield after each token which ended."""
        found = self._prefill.read(prompts, tell, cancel)
        for decoder, logits in zip(decoders, found, strict=True):
            decoder.first = logits[-1]
        yield [n for n, decoder in enumerate(decoders) if decoder.ended]
        writing = range(len(decoders))
        while live := [n for n, decoder in enumerate(decoders) if not decoder.ended]:
            for n in live:
                decoders[n].write(found[n - writing.start])
            yield [n for n in live if decoders[n].ended]
            live = [n for n in live if not decoders[n].ended]
            if live:
                # What has ended between or beside others reads on with them: rows stand in neighbouring streams.
                writing = self._prefill.beside(range(live[0], live[-1] + 1))
                tokens = [decoders[n].token if n < len(decoders) else 0 for n in writing]
                found = self._prefill.go_on(tokens, writing.start, cancel)
                for n in set(writing) - set(live):
                    self._prefill.take_back(n)

    def close(self) -> None:
        """Free the model's memory; the object is of no use afterwards."""
        if self._model.handle:
            self._prefill.clear()
            self._model.close()


def streams(model: Model, count: int, cells: int, threads: int, runtime: Runtime, kv_type: KvType) -> Streams:
    """Open streams as a runtime says. Raises ModelUnavailable."""
    return Streams(
        model.handle,
        count,
        cells,
        threads,
        flash=runtime.flash_attention,
        kv_type=kv_type,
        gpu=runtime.gpu_layers > 0,
        even_rows=runtime.even_rows,
    )


def as_many(most: int, cells: int, cell_bytes: int, memory: int = MEMORY) -> int:
    """Return how many streams of so many cells `memory` has room for, a multiple of EVEN: at least that if of use."""
    return max(min(most, EVEN), min(most, memory // (cells * cell_bytes) // EVEN * EVEN))


def _groups(prompts: Sequence[Prompt], size: int) -> Iterator[list[int]]:
    """Yield the places of prompts that are read together: those with one head, at most `size`, in order."""
    heads = {prompt.tokens[: prompt.head]: -n for n, prompt in reversed(list(enumerate(prompts)))}

    def head(n: int) -> int:
        return -heads[prompts[n].tokens[: prompts[n].head]]

    order = sorted(range(len(prompts)), key=lambda n: (head(n), -len(prompts[n].tokens), n))
    for _, alike in groupby(order, head):
        places = list(alike)
        for at in range(0, len(places), size):
            group = places[at : at + size]
            yield [group[n] for n in in_order([prompts[place] for place in group])]
