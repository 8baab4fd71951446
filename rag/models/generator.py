"""The local LLM: a GGUF file run by llama.cpp in this process.

Two things are asked of it. `score` gives the likelihood of continuations after many
different contexts at once; what earlier calls have read is kept, so that a sentence that
several questions look at is read once. `stream` writes one text, `write` several at once.
What comes out does not depend, to the bit, on what is asked together or before (`llama_sequences`).

llama.cpp's C interface is used directly: it has sequences, an abort callback and a log
callback, which the high-level class hides (its `verbose=False` redirects the file
descriptors of the whole process while it loads, which would tear up a full screen).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np

from rag.errors import ModelUnavailable
from rag.models.greedy_decoder import GreedyDecoder, Pieces, Written
from rag.models.language_probe import PROBES, Score, is_read
from rag.models.llama_model import RUNTIME, Model
from rag.models.llama_runtime import Runtime
from rag.models.llama_sequences import Logits, Streams
from rag.models.prefix_cache import PrefixCache, common
from rag.models.reading_progress import Progress, counted
from rag.system.cancellation import CancelToken, Stopped

SCORED = 512  # tokens of a text and its continuation that are read to score it
STREAMS = 16  # texts scored at once
MEMORY = 256 << 20  # bytes for the states in use when scoring, and as many for those kept
WRITTEN = 8  # texts written at once

_Text = tuple[int, ...]  # tokens
_State = tuple[bytes, int]  # what a stream held, and how many tokens of it are meant
_Begun = tuple[_Text, bytes, int]  # a text, and the state that holds its first so many tokens
_Read = Callable[[Sequence[Sequence[int]], Sequence[int]], list[Logits]]  # `Streams.read` of one call
_T = TypeVar("_T")


class Generator:
    """One loaded model. Not for use by two threads at once.

    `context` is the most tokens that prompt and answer may take together; `languages` are
    the ones the model is known to read, without which that is measured when it matters;
    `runtime` is what a trial found to be safe here; `memory` is in bytes, see MEMORY.
    """

    def __init__(
        self,
        path: Path,
        *,
        threads: int,
        context: int = 4096,
        name: str = "",
        languages: Collection[str] = (),
        runtime: Runtime = RUNTIME,
        memory: int = MEMORY,
        cancel: CancelToken | None = None,
    ) -> None:
        """Load the model. Raises ModelUnavailable, or Stopped once `cancel` is cancelled."""
        self.path = path
        self.name = name or path.stem
        self._reads: dict[str, bool] = {language: language in languages for language in PROBES} if languages else {}
        self._memory = memory
        self._kept = PrefixCache(memory)
        self._writing: Streams | None = None  # opened when something is to be written
        self._held: list[list[int]] = []  # the tokens that each stream for writing holds
        self._model = Model(path, self.name, runtime, cancel)
        self.runtime = runtime
        self._threads = runtime.threads or threads
        self.context = min(context, max(512, self._model.longest))
        self._cells = min(SCORED, self.context)
        self._reading = self._open(as_many(self._model, STREAMS, self._cells, memory), self._cells)

    def _open(self, count: int, cells: int) -> Streams:
        flash = self.runtime.flash_attention
        return Streams(self._model.handle, count, cells, self._threads, flash=flash)

    def tokens(self, text: str, *, special: bool = False) -> list[int]:
        """Return the token ids of `text`; see `Model.tokens` for `special`."""
        return self._model.tokens(text, special=special)

    def count_tokens(self, text: str) -> int:
        return len(self.tokens(text))

    def text(self, tokens: Sequence[int]) -> str:
        """Return what the tokens stand for, control tokens written out."""
        return self._model.text(tokens)

    def chat_prompt(self, messages: Sequence[dict[str, str]]) -> list[int]:
        """Return the tokens of a conversation in the model's own chat template, ready to be answered."""
        return self._model.chat_prompt(messages)

    @property
    def metadata(self) -> dict[str, str]:
        """The model's own key-value pairs."""
        return self._model.metadata

    # --- reading ------------------------------------------------------------------

    def score(
        self,
        prefix: str,
        pairs: Sequence[tuple[str, str]],
        cancel: CancelToken | None = None,
        progress: Progress | None = None,
    ) -> list[float]:
        """Return for each (context, continuation) how likely the model finds it after `prefix + context`.

        In nats a token of the continuation, so that figures of one call compare. What is too
        long is cut at its end. What comes before a context is kept for later calls, and so
        are contexts, but not one that several pairs have: that is a question, not a text.
        Raises Stopped once `cancel` is cancelled.
        """
        cancel = cancel or CancelToken()
        cancel.check()
        *shared, last = self._model.beginning() + (self.tokens(prefix) or self.tokens("\n"))
        room = self._cells - 1 - len(shared)
        if room < 32:
            raise ModelUnavailable(f"{len(shared)} tokens are too many for {self.name} to read at once.")
        rows = []
        for context, continuation in pairs:
            # Every text has a token of its own before the continuation: the one that predicts it.
            wanted = self.tokens(continuation)[: room // 2] or self.tokens(" ")
            body = [last, *self.tokens(context)][: room - len(wanted)]
            rows.append(((*shared, *body[:-1]), [body[-1], *wanted]))
        texts = list(dict.fromkeys(text for text, _ in rows))
        begun = self._kept.longest(shared)
        found = {text: self._kept.longest(text) for text in texts}
        unread = len(shared) - begun[1] + sum(len(rest) - 1 for _, rest in rows)
        unread += sum(len(text) - max(len(shared), found[text][1]) for text in texts)
        read = partial(self._reading.read, tell=counted(progress, unread), cancel=cancel)
        states = self._states((tuple(shared), *begun), found, len(texts) == len(pairs), read)
        return self._continued([(states[text], rest) for text, rest in rows], read)

    def _states(self, shared: _Begun, found: dict[_Text, _State], keep: bool, read: _Read) -> dict[_Text, _State]:
        """Return a state for each of the texts that were found so far, which all begin with `shared`."""
        beginning, state, known = shared
        if known < len(beginning):
            (state,) = self._read_on([shared], read)
            self._kept.keep(beginning, state)
        states = {
            text: (kept, count) if count > len(beginning) else (state, len(beginning))
            for text, (kept, count) in found.items()
        }
        unread = [(text, *states[text]) for text in states if states[text][1] < len(text)]
        unread.sort(key=lambda row: row[2] - len(row[0]))
        for group in _groups(unread, self._reading.count):
            for (text, *_), made in zip(group, self._read_on(group, read), strict=True):
                states[text] = made, len(text)
                if keep:
                    self._kept.keep(text, made)
        return states

    def _read_on(self, begun: Sequence[_Begun], read: _Read) -> list[bytes]:
        """Read texts side by side, those with most to read first; return their states."""
        self._restore([(state, known) for _, state, known in begun])
        read([text[known:] for text, _, known in begun], [0] * len(begun))
        return [self._reading.save(stream) for stream in range(len(begun))]

    def _restore(self, states: Sequence[_State]) -> None:
        self._reading.clear()
        for stream, (state, known) in enumerate(states):
            if known:
                self._reading.restore(stream, state, known)

    def _continued(self, rows: Sequence[tuple[_State, list[int]]], read: _Read) -> list[float]:
        """Return how likely each list of tokens is after its state, from the second token on, in nats a token."""
        scores = [0.0] * len(rows)
        order = sorted(range(len(rows)), key=lambda index: -len(rows[index][1]))
        for group in _groups(order, self._reading.count):
            self._restore([rows[index][0] for index in group])
            texts = [rows[index][1][:-1] for index in group]
            for index, logits in zip(group, read(texts, [len(text) for text in texts]), strict=True):
                scores[index] = _likelihood(logits, rows[index][1][1:])
        return scores

    def reads(self, language: str, score: Score | None = None) -> bool:
        """Whether the model reads `language` about as easily as English; unknown languages count as read.

        Measured, once; what that takes is scored by `score`, for one who may stop it or notes it.
        """
        if language not in PROBES:
            return True
        if language not in self._reads:
            self._reads[language] = is_read(language, score or self.score, self.count_tokens)
        return self._reads[language]

    # --- writing ------------------------------------------------------------------

    def stream(
        self,
        prompt: Sequence[int],
        *,
        most: int,
        enough: Callable[[str], bool] = lambda _text: False,
        progress: Progress | None = None,
        cancel: CancelToken | None = None,
    ) -> Pieces:
        """Yield the text that follows the prompt tokens, piece by piece, greedily chosen; return why it ended.

        What an earlier prompt had in common with this one is not read again. Ends at the
        model's end of turn ("end"), after `most` tokens ("length"), or where `enough`, told what
        is written so far, says so ("stopped"). Raises Stopped once `cancel` is cancelled.
        """
        streams = self._opened([prompt], most)
        decoder = GreedyDecoder(self._model, enough)
        try:
            (logits,) = self._read_prompts(streams, [prompt], progress, cancel)
            for left in range(most, 0, -1):
                if text := decoder.write(logits):
                    yield text
                if decoder.ended or left == 1:
                    break
                (logits,) = streams.read([[decoder.token]], [1], cancel=cancel)
                self._held[0].append(decoder.token)
        except (Stopped, ModelUnavailable):
            self._held = [[] for _ in self._held]
            raise
        if text := decoder.rest():
            yield text
        return decoder.ending

    def write(
        self,
        prompts: Sequence[Sequence[int]],
        *,
        most: int,
        enough: Callable[[int, str], bool] = lambda _index, _text: False,
        cancel: CancelToken | None = None,
    ) -> list[Written]:
        """Return for each prompt the text that `stream` would yield, all written side by side.

        What all prompts begin with is read once. A text ends early where `enough`, told the
        prompt's place and what is written so far, says so. Raises Stopped once `cancel` is cancelled.
        """
        place = {tuple(prompt): index for index, prompt in reversed(list(enumerate(prompts)))}
        order = sorted(place, key=lambda prompt: (-len(prompt), place[prompt]))
        written: dict[_Text, Written] = {}
        longest = max(map(len, prompts), default=0) + most
        for group in _groups(order, as_many(self._model, WRITTEN, longest, self._memory)):
            decoders = [GreedyDecoder(self._model, partial(enough, place[prompt])) for prompt in group]
            self._write(group, decoders, most, cancel)
            written |= {prompt: decoder.written for prompt, decoder in zip(group, decoders, strict=True)}
        return [written[tuple(prompt)] for prompt in prompts]

    def _write(
        self, prompts: Sequence[_Text], decoders: Sequence[GreedyDecoder], most: int, cancel: CancelToken | None
    ) -> None:
        """Let each decoder write what follows its prompt, those with the longest first."""
        streams = self._opened(prompts, most)
        try:
            found = self._read_prompts(streams, prompts, None, cancel)
            writing = range(len(decoders))
            for left in range(most, 0, -1):
                for decoder, logits in zip(decoders[writing.start : writing.stop], found, strict=True):
                    if not decoder.ended:
                        decoder.write(logits)
                live = [index for index, decoder in enumerate(decoders) if not decoder.ended]
                if left == 1 or not live:
                    break
                # One that has ended between others reads on beside them: rows must stand in neighbouring streams.
                writing = range(live[0], live[-1] + 1)
                tokens = [[decoders[n].token] for n in writing]
                found = streams.read(tokens, [1] * len(tokens), first=writing.start, cancel=cancel)
        except (Stopped, ModelUnavailable):
            self._held = [[] for _ in self._held]
            raise
        for stream, held in enumerate(self._held[: len(prompts)]):
            streams.trim(stream, len(held))
        for decoder in decoders:
            decoder.rest()

    def _opened(self, prompts: Sequence[Sequence[int]], most: int) -> Streams:
        """Return streams with room for the prompts and so many tokens more."""
        cells = max(map(len, prompts)) + most
        if cells > self.context:
            raise ModelUnavailable(
                f"The prompt has {cells - most} tokens; with {most} for the answer that is more than the "
                f"{self.context} that {self.name} is opened for.",
                "Set a larger context.",
            )
        writing = self._writing
        if writing is None or writing.count < len(prompts) or writing.cells < cells:
            if writing is not None:
                writing.close()
            self._writing = None  # in case the next line fails
            room = self.context if len(prompts) == 1 else min(self.context, -(-cells // 512) * 512)
            self._writing = writing = self._open(len(prompts), room)
            self._held = [[] for _ in prompts]
        return writing

    def _read_prompts(
        self,
        streams: Streams,
        prompts: Sequence[Sequence[int]],
        progress: Progress | None,
        cancel: CancelToken | None,
    ) -> list[Logits]:
        """Let the streams hold the prompts, the longest first; return the last logits of each.

        What they all begin with is read once, and what the first stream holds of that not again.
        """
        first, *others = prompts
        shared = min((common(first, other) for other in others), default=len(first))
        shared = min(shared, len(prompts[-1]) - 1)
        known = min(common(self._held[0], first), shared)
        shared = shared if others else known
        tell = counted(progress, sum(map(len, prompts)) - shared * len(others) - known)
        held, self._held = self._held, [[] for _ in self._held]  # whatever happens on the way
        streams.trim(0, known)
        streams.read([first[known:shared]], [0], tell=tell, cancel=cancel)
        state = streams.save(0) if others and shared else b""
        for stream in range(1, len(prompts)):
            streams.restore(stream, state, shared) if state else streams.trim(stream, 0)
        unread = [prompt[shared:] for prompt in prompts]
        logits = streams.read(unread, [1] * len(prompts), tell=tell, cancel=cancel)
        self._held = [*map(list, prompts), *held[len(prompts) :]]
        return logits

    def close(self) -> None:
        """Free the model's memory; the object is of no use afterwards."""
        if self._model.handle:
            for streams in filter(None, (self._reading, self._writing)):
                streams.close()
            self._kept.clear()
            self._model.close()


def as_many(model: Model, most: int, cells: int, memory: int = MEMORY) -> int:
    """Return how many streams of so many cells `memory` has room for: at least 4 if so many are of use."""
    return max(min(most, 4), min(most, memory // (cells * model.cell_bytes)))


def _likelihood(logits: Logits, tokens: Sequence[int]) -> float:
    """Return the mean log-likelihood of `tokens`, in nats, by logits of shape (tokens, vocabulary)."""
    top = logits.max(axis=1, keepdims=True)
    normal = top[:, 0] + np.log(np.exp(logits - top).sum(axis=1))
    return float(np.mean(logits[np.arange(len(tokens)), tokens] - normal))


def _groups(items: Sequence[_T], size: int) -> Iterator[Sequence[_T]]:
    for at in range(0, len(items), size):
        yield items[at : at + size]
