"""A model's file as llama.cpp has it in memory: its tokens, its facts, its chat template.

The file and the template in it are foreign: what cannot be loaded is said in a sentence,
and control tokens are read as such only where Beleg or the template wrote them.
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from rag.errors import ModelUnavailable
from rag.localization import gettext
from rag.models import llama_runtime
from rag.models.chat_template import ChatTemplate
from rag.models.llama_runtime import Runtime
from rag.models.writer import Messages
from rag.system.cancellation import CancelToken
from rag.text.sanitize import one_line

RUNTIME = Runtime()
_FUNCTION = re.compile(r"^\w+: ")  # llama.cpp begins its lines with the name of the function


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a model is to go on from: tokens, at least one, the first `head` of which other prompts have in common."""

    tokens: tuple[int, ...]
    head: int = 0


def check_file(path: Path, remedy: str = "") -> None:
    """Raise ModelUnavailable for a file that is not there, cannot be read or does not begin as a model does.

    The `remedy` is what to do about one that is no model, where it is not a flag of the command that names another.
    """
    remedy = remedy or gettext("Name a .gguf file with --llm.")
    try:
        if not path.is_file():
            raise ModelUnavailable(gettext("There is no model file {path}.").format(path=path), remedy)
        with path.open("rb") as stream:
            start = stream.read(4)
    except OSError as error:
        raise ModelUnavailable(
            gettext("{path} cannot be read: {error}.").format(path=path, error=error.strerror),
            gettext("See that you have the right to read it and its folder."),
        ) from error
    if start != b"GGUF":
        raise ModelUnavailable(gettext("{path} is not a GGUF model.").format(path=path), remedy)


class Model:
    """A loaded GGUF file. `handle` and `vocab` are llama.cpp's own."""

    def __init__(
        self,
        path: Path,
        name: str,
        runtime: Runtime = RUNTIME,
        cancel: CancelToken | None = None,
        *,
        check: bool = False,
    ) -> None:
        """With `check`, every weight is looked at for being a number, which takes a while.

        Raises ModelUnavailable for a file that is no model, or of a kind that llama.cpp does
        not know, and Stopped once `cancel` is cancelled.
        """
        import llama_cpp

        self._api: Any = llama_cpp
        self.path = path
        self.name = name
        self._errors: list[str] = []
        llama_runtime.listen(self._hear)
        check_file(path)
        llama_cpp.llama_backend_init()
        self.handle = self._load(path, runtime, check, cancel or CancelToken())
        self.vocab = llama_cpp.llama_model_get_vocab(self.handle)

    def _hear(self, text: str) -> None:
        self._errors = [*self._errors[-20:], text]

    def _load(self, path: Path, runtime: Runtime, check: bool, cancel: CancelToken) -> Any:
        parameters = self._api.llama_model_default_params()
        parameters.n_gpu_layers = runtime.gpu_layers
        parameters.use_extra_bufts = runtime.extra_buffers
        parameters.check_tensors = check
        goes_on = self._api.llama_progress_callback(lambda _share, _: not cancel.cancelled)
        parameters.progress_callback = goes_on
        model = self._api.llama_model_load_from_file(str(path).encode(), parameters)
        if not model:
            cancel.check()
            raise ModelUnavailable(
                gettext("{path} cannot be loaded: {why}.").format(path=path, why=self._why()),
                gettext("Is the download complete, and the model of a kind that llama.cpp knows?"),
            )
        return model

    def _why(self) -> str:
        """Return the first thing that llama.cpp complained of: what comes after is that it could not go on."""
        if not self._errors:
            return gettext("llama.cpp does not say why")
        text = self._errors[0].rpartition("error loading model: ")[2]
        return one_line(_FUNCTION.sub("", text.strip()), 300).rstrip(".")

    @property
    def vocabulary(self) -> int:
        """How many tokens there are."""
        return int(self._api.llama_vocab_n_tokens(self.vocab))

    @property
    def longest(self) -> int:
        """The tokens of context that the model was trained with."""
        return int(self._api.llama_model_n_ctx_train(self.handle))

    @property
    def cell_bytes(self) -> int:
        """The memory that a token of context takes as f16, about."""
        api = self._api
        wide = api.llama_model_n_embd(self.handle) // max(1, api.llama_model_n_head(self.handle))
        return max(1, int(4 * api.llama_model_n_layer(self.handle) * api.llama_model_n_head_kv(self.handle) * wide))

    def beginning(self) -> list[int]:
        """Return the token that every text begins with, if the model has one."""
        if self._api.llama_vocab_get_add_bos(self.vocab):
            return [self._api.llama_vocab_bos(self.vocab)]
        return []

    def tokens(self, text: str, *, special: bool = False) -> list[int]:
        """Return the token ids of `text`. Only with `special` do control tokens in it count as such.

        Text of documents and people must never be read with `special`.
        """
        raw = text.encode("utf-8", "replace")
        room = len(raw) + 8
        buffer = (self._api.llama_token * room)()
        count = self._api.llama_tokenize(self.vocab, raw, len(raw), buffer, room, False, special)
        if count < 0:
            raise ModelUnavailable(
                gettext("{name} cannot tokenize a text of {n} bytes.").format(name=self.name, n=len(raw))
            )
        return list(buffer[:count])

    def text(self, tokens: Sequence[int]) -> str:
        """Return what the tokens stand for, control tokens written out."""
        return b"".join(self.piece(token, special=True) for token in tokens).decode("utf-8", "replace")

    def ends(self, token: int) -> bool:
        """Whether a token ends the model's turn."""
        return bool(self._api.llama_vocab_is_eog(self.vocab, token))

    def piece(self, token: int, *, special: bool = False) -> bytes:
        """Return the bytes of a token, which need not be whole characters."""
        buffer = ctypes.create_string_buffer(256)
        count = self._api.llama_token_to_piece(self.vocab, token, buffer, 256, 0, special)
        return buffer.raw[: max(count, 0)]

    @property
    def metadata(self) -> dict[str, str]:
        """The model's own key-value pairs, as strings of up to 64 KiB."""
        api, found = self._api, dict[str, str]()
        buffer = ctypes.create_string_buffer(65536)
        for index in range(api.llama_model_meta_count(self.handle)):
            api.llama_model_meta_key_by_index(self.handle, index, buffer, len(buffer))
            key = buffer.value.decode("utf-8", "replace")
            api.llama_model_meta_val_str_by_index(self.handle, index, buffer, len(buffer))
            found[key] = buffer.value.decode("utf-8", "replace")
        return found

    def chat(self, messages: Messages) -> Prompt:
        """Return a conversation in the model's own chat template, ready to be answered.

        Its head is what stands before the last message: what the system is told, and examples. Control tokens are
        read as such only where the template wrote them: what a message holds is text, even if it spells one.
        Raises ModelUnavailable where there is no template, or it fails.
        """
        tokens: list[int] = []
        head: int | None = None
        for segment in self._template.segments(messages):
            if head is None and segment.message == len(messages) - 1:
                head = len(tokens)
            tokens += self.tokens(segment.text, special=segment.message is None)
        if not tokens:
            raise ModelUnavailable(
                gettext("The chat template of {name} makes nothing of a text.").format(name=self.name),
                gettext("Use another model."),
            )
        return Prompt(tuple(tokens), head or 0)

    @cached_property
    def _template(self) -> ChatTemplate:
        source = self.metadata.get("tokenizer.chat_template")
        if not source:
            raise ModelUnavailable(
                gettext("{name} has no chat template.").format(name=self.name),
                gettext("Use an instruct model, or --mode quote."),
            )
        special = [self._api.llama_vocab_eos(self.vocab), self._api.llama_vocab_bos(self.vocab)]
        eos, bos = (
            self._api.llama_vocab_get_text(self.vocab, token).decode("utf-8", "replace") if token >= 0 else ""
            for token in special
        )
        return ChatTemplate(self.name, source, eos, bos)

    def close(self) -> None:
        """Free the model's memory; the object is of no use afterwards."""
        if self.handle:
            self._api.llama_model_free(self.handle)
            self.handle = None
