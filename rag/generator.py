"""The local LLM: a GGUF file run by llama.cpp in this process.

Two things are asked of it. `score` gives the likelihood of a continuation after many
different contexts at once: sequences share the tokens of their common prefix, so
choosing among a dozen sentences costs little more than reading them. `stream` writes.

llama.cpp's C interface is used directly: it has sequences, an abort callback and a log
callback, which the high-level class hides (its `verbose=False` redirects the file
descriptors of the whole process while it loads, which would tear up a full screen).
"""

from __future__ import annotations

import codecs
import ctypes
import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag import llamacpp
from rag.errors import ModelUnavailable
from rag.prompts import PROBES, read_as

_BATCH = 512
_SEQUENCES = 32
_HARDER = 1.5  # times as unlikely as English, a language is not read well


class Stopped(Exception):
    """The caller asked to stop; what was written so far stands."""


class Generator:
    """One loaded model with one context. Not for use by two threads at once.

    `context` is the most tokens that prompt and answer may take together; `languages` are
    the ones the model is known to read, without which that is measured when it matters.
    """

    def __init__(
        self, path: Path, *, threads: int, context: int = 4096, name: str = "", languages: Collection[str] = ()
    ) -> None:
        import llama_cpp

        self._api: Any = llama_cpp
        self.path = path
        self.name = name or path.stem
        self.stop = threading.Event()
        self.progress: Callable[[int, int], None] | None = None  # is told of tokens read, and to be read
        self.given: list[str] = []  # every text it has been given, to the letter; the caller empties it
        self._reads: dict[str, bool] = {language: language in languages for language in PROBES} if languages else {}
        self._held: list[int] = []  # tokens whose state sequence 0 holds
        self.last_error = ""
        llamacpp.listen(self._hear)
        if not path.is_file():
            raise ModelUnavailable(f"There is no model file {path}.", "Name a .gguf file with --llm.")
        try:
            with path.open("rb") as stream:
                start = stream.read(4)
        except OSError as error:
            raise ModelUnavailable(f"{path} cannot be read: {error.strerror}.", "Is it yours to read?") from error
        if start != b"GGUF":
            raise ModelUnavailable(f"{path} is not a GGUF model.", "Name a .gguf file with --llm.")
        llama_cpp.llama_backend_init()
        self._model = self._load(path)
        self._vocab = llama_cpp.llama_model_get_vocab(self._model)
        self._size: int = llama_cpp.llama_vocab_n_tokens(self._vocab)
        self.context = min(context, max(512, llama_cpp.llama_model_n_ctx_train(self._model)))
        self._ctx = self._open(threads)
        self._memory = llama_cpp.llama_get_memory(self._ctx)
        self._abort = llama_cpp.ggml_abort_callback(lambda _: self.stop.is_set())
        llama_cpp.llama_set_abort_callback(self._ctx, self._abort, None)
        self._batch = llama_cpp.llama_batch_init(_BATCH, 0, _SEQUENCES)

    def _hear(self, text: str) -> None:
        self.last_error = text

    def _load(self, path: Path) -> Any:
        parameters = self._api.llama_model_default_params()
        parameters.n_gpu_layers = 0
        model = self._api.llama_model_load_from_file(str(path).encode(), parameters)
        if not model:
            raise ModelUnavailable(
                f"{path} cannot be loaded: {self.last_error or 'llama.cpp does not say why'}.",
                "Is the download complete, and the model of a kind that llama.cpp knows?",
            )
        return model

    def _open(self, threads: int) -> Any:
        parameters = self._api.llama_context_default_params()
        parameters.n_ctx = self.context
        parameters.n_batch = parameters.n_ubatch = _BATCH
        parameters.n_seq_max = _SEQUENCES
        parameters.kv_unified = True
        parameters.n_threads = parameters.n_threads_batch = threads
        parameters.no_perf = True
        context = self._api.llama_init_from_model(self._model, parameters)
        if not context:
            raise ModelUnavailable(
                f"{self.path} needs more memory than there is for {self.context} tokens of context.",
                "Set a smaller context, or use a smaller model.",
            )
        return context

    # --- tokens -------------------------------------------------------------------

    def tokens(self, text: str, *, special: bool = False) -> list[int]:
        """Return the token ids of `text`. Only with `special` do control tokens in it count as such.

        Text of documents and people must never be read with `special`.
        """
        raw = text.encode("utf-8", "replace")
        room = len(raw) + 8
        buffer = (self._api.llama_token * room)()
        count = self._api.llama_tokenize(self._vocab, raw, len(raw), buffer, room, False, special)
        if count < 0:
            raise ModelUnavailable(f"{self.name} cannot tokenize a text of {len(raw)} bytes.")
        return list(buffer[:count])

    def count_tokens(self, text: str) -> int:
        return len(self.tokens(text))

    def _piece(self, token: int, *, special: bool = False) -> bytes:
        buffer = ctypes.create_string_buffer(256)
        count = self._api.llama_token_to_piece(self._vocab, token, buffer, 256, 0, special)
        return buffer.raw[: max(count, 0)]

    @property
    def metadata(self) -> dict[str, str]:
        """The model's own key-value pairs, as strings of up to 64 KiB."""
        api, found = self._api, dict[str, str]()
        buffer = ctypes.create_string_buffer(65536)
        for index in range(api.llama_model_meta_count(self._model)):
            api.llama_model_meta_key_by_index(self._model, index, buffer, len(buffer))
            key = buffer.value.decode("utf-8", "replace")
            api.llama_model_meta_val_str_by_index(self._model, index, buffer, len(buffer))
            found[key] = buffer.value.decode("utf-8", "replace")
        return found

    # --- reading ------------------------------------------------------------------

    def _read(self, entries: Sequence[tuple[int, int, Sequence[int], bool]]) -> NDArray[np.float32]:
        """Decode (token, position, sequences, wanted) entries; return the wanted logits.

        Shape (number wanted, vocabulary), float32, in order.
        """
        batch = self._batch
        for index, (token, position, sequences, wanted) in enumerate(entries):
            batch.token[index], batch.pos[index], batch.logits[index] = token, position, wanted
            batch.n_seq_id[index] = len(sequences)
            for slot, sequence in enumerate(sequences):
                batch.seq_id[index][slot] = sequence
        batch.n_tokens = len(entries)
        status = self._api.llama_decode(self._ctx, batch)
        if self.stop.is_set():
            raise Stopped
        if status != 0:
            raise ModelUnavailable(f"{self.name} failed while reading ({status}; {self.last_error}).")
        count = sum(wanted for *_, wanted in entries)
        if not count:
            return np.zeros((0, self._size), dtype=np.float32)
        pointer = self._api.llama_get_logits(self._ctx)
        return np.ctypeslib.as_array(pointer, shape=(count, self._size))

    def _forget(self, sequence: int = -1, start: int = -1) -> None:
        self._api.llama_memory_seq_rm(self._memory, sequence, start, -1)

    def score(self, prefix: str, pairs: Sequence[tuple[str, str]]) -> list[float]:
        """Return for each (context, continuation) how likely the model finds it after `prefix + context`.

        In nats a token of the continuation, so that figures of one call compare. What does
        not fit into a batch is cut at its end. Raises Stopped when `stop` is set meanwhile.
        """
        *shared, last = self._beginning() + (self.tokens(prefix) or self.tokens("\n"))
        room = min(_BATCH, self.context) - len(shared)
        if room < 32:
            raise ModelUnavailable(f"{len(shared)} tokens are too many for {self.name} to read at once.")
        rows = []
        for context, continuation in pairs:
            # Every sequence has a token of its own before the continuation: the one that predicts it.
            wanted = self.tokens(continuation)[: room // 2] or self.tokens(" ")
            rows.append(([last, *self.tokens(context)][: room - len(wanted)], wanted))
        self.given += read_as(prefix, pairs)
        scores = [0.0] * len(rows)
        sizes = [len(body) + len(wanted) for body, wanted in rows]
        done = 0
        for group in self._groups(sizes, len(shared)):
            for index, value in zip(group, self._score_group(shared, [rows[index] for index in group]), strict=True):
                scores[index] = value
            done += sum(sizes[index] for index in group)
            self._tell(done, sum(sizes))
        return scores

    def _tell(self, done: int, total: int) -> None:
        if self.progress is not None:
            self.progress(done, total)

    def reads(self, language: str) -> bool:
        """Whether the model reads `language` about as easily as English; unknown languages count as read.

        Measured, once, by how likely it finds the letters of the same sentences in both.
        """
        if language not in PROBES:
            return True
        if language not in self._reads:
            pairs = PROBES[language]
            ease = [self._ease([pair[side] for pair in pairs]) for side in (0, 1)]
            self._reads[language] = ease[1] <= _HARDER * ease[0]
        return self._reads[language]

    def _ease(self, texts: Sequence[str]) -> float:
        """Return how unlikely the texts are, in nats a letter."""
        likely = self.score("\n", [("", text) for text in texts])
        nats = sum(-value * self.count_tokens(text) for value, text in zip(likely, texts, strict=True))
        return nats / sum(map(len, texts))

    def _beginning(self) -> list[int]:
        if self._api.llama_vocab_get_add_bos(self._vocab):
            return [self._api.llama_vocab_bos(self._vocab)]
        return []

    def _groups(self, sizes: Sequence[int], shared: int) -> Iterator[list[int]]:
        """Yield indices that fit into one batch together, in order."""
        group: list[int] = []
        used = shared
        for index, size in enumerate(sizes):
            if group and (used + size > _BATCH or len(group) == _SEQUENCES):
                yield group
                group, used = [], shared
            group.append(index)
            used += size
        if group:
            yield group

    def _score_group(self, shared: list[int], rows: Sequence[tuple[list[int], list[int]]]) -> Iterator[float]:
        self._forget()
        self._held = []
        entries: list[tuple[int, int, Sequence[int], bool]] = []
        everyone = range(len(rows))
        entries += [(token, position, everyone, False) for position, token in enumerate(shared)]
        for sequence, (body, wanted) in enumerate(rows):
            entries += [
                (token, len(shared) + position, (sequence,), position >= len(body) - 1)
                for position, token in enumerate(body + wanted[:-1])
            ]
        logits = self._read(entries)
        at = 0
        for _, wanted in rows:
            part = logits[at : at + len(wanted)]
            at += len(wanted)
            top = part.max(axis=1, keepdims=True)
            normal = top[:, 0] + np.log(np.exp(part - top).sum(axis=1))
            yield float(np.mean(part[np.arange(len(wanted)), wanted] - normal))

    # --- writing ------------------------------------------------------------------

    def stream(self, prompt: Sequence[int], *, most: int) -> Iterator[str]:
        """Yield the text that follows the prompt tokens, piece by piece, greedily chosen.

        What an earlier prompt had in common with this one is not read again. Ends at the
        model's end of turn or after `most` tokens. Raises Stopped when `stop` is set meanwhile.
        """
        if len(prompt) + most > self.context:
            raise ModelUnavailable(
                f"The prompt has {len(prompt)} tokens; with {most} for the answer that is more than the "
                f"{self.context} that {self.name} is opened for.",
                "Set a larger context.",
            )
        self.given.append(b"".join(self._piece(token, special=True) for token in prompt).decode("utf-8", "replace"))
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        try:
            logits = self._read_prompt(prompt)
            for _ in range(most):
                token = int(np.argmax(logits[-1]))
                if self._api.llama_vocab_is_eog(self._vocab, token):
                    break
                if text := decoder.decode(self._piece(token)):
                    yield text
                logits = self._read([(token, len(self._held), (0,), True)])
                self._held.append(token)
        except Stopped:
            self._held = []
            raise
        if text := decoder.decode(b"", final=True):
            yield text

    def _read_prompt(self, prompt: Sequence[int]) -> NDArray[np.float32]:
        kept = 0
        while kept < min(len(self._held), len(prompt) - 1) and self._held[kept] == prompt[kept]:
            kept += 1
        if kept:
            self._forget(0, kept)
        else:
            self._forget()
        self._held = list(prompt[:kept])
        logits = np.zeros((0, self._size), dtype=np.float32)
        for at in range(kept, len(prompt), _BATCH):
            part = prompt[at : at + _BATCH]
            last = len(prompt) - 1
            logits = self._read([(token, at + i, (0,), at + i == last) for i, token in enumerate(part)])
            self._held += part
            self._tell(at + len(part) - kept, len(prompt) - kept)
        return logits

    def chat_prompt(self, messages: Sequence[dict[str, str]]) -> list[int]:
        """Return the tokens of a conversation in the model's own chat template, ready to be answered.

        Control tokens are read as such only where the template wrote them: what a message
        holds is text, even if it spells one.
        """
        from llama_cpp.llama_chat_format import Jinja2ChatFormatter

        template = self.metadata.get("tokenizer.chat_template")
        if not template:
            raise ModelUnavailable(f"{self.name} has no chat template.", "Use an instruct model, or --mode quote.")
        # Private-use characters stand for the messages, so that template and text stay apart.
        marks = [chr(0xF0000 + index) for index in range(len(messages))]
        standing = [{**message, "content": mark} for message, mark in zip(messages, marks, strict=True)]
        special = [self._api.llama_vocab_eos(self._vocab), self._api.llama_vocab_bos(self._vocab)]
        eos, bos = (
            self._api.llama_vocab_get_text(self._vocab, token).decode() if token >= 0 else "" for token in special
        )
        formatter = Jinja2ChatFormatter(template=template, eos_token=eos, bos_token=bos)
        try:
            rest = formatter(messages=standing).prompt
        except Exception as error:  # a template is a foreign program
            raise ModelUnavailable(f"The chat template of {self.name} fails: {error}", "Use another model.") from error
        tokens: list[int] = []
        for message, mark in zip(messages, marks, strict=True):
            before, found, rest = rest.partition(mark)
            tokens += self.tokens(before, special=True)
            if found:
                tokens += self.tokens(message["content"])
        return tokens + self.tokens(rest, special=True)

    def close(self) -> None:
        """Free the model's memory; the object is of no use afterwards."""
        if self._ctx:
            self._api.llama_batch_free(self._batch)
            self._api.llama_free(self._ctx)
            self._api.llama_model_free(self._model)
            self._ctx = None
