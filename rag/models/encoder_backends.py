"""The two ways to run a prepared embedder: by onnxruntime, or by sentence-transformers itself."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from rag.errors import ModelUnavailable
from rag.localization import gettext
from rag.models.embedder_ability import Abilities, kept_as, measured
from rag.models.vectors import Kind, Vectors
from rag.system.background import begun

_BATCH_TOKENS = 4096


class Embedder(Protocol):
    """Turns texts into vectors; two vectors' inner product is their similarity."""

    @property
    def fingerprint(self) -> str: ...  # names the weights: vectors of one fingerprint are comparable
    @property
    def name(self) -> str: ...
    @property
    def dimension(self) -> int: ...
    @property
    def max_tokens(self) -> int: ...  # what is beyond is not seen by the model
    @property
    def abilities(self) -> Abilities: ...  # what it can do in each pair of languages
    def encode(self, texts: Sequence[str], kind: Kind) -> Vectors:
        """Return unit vectors, float32, shape (len(texts), dimension)."""
        ...


@dataclass(frozen=True, slots=True)
class Manifest:
    """What is known about a prepared model; kept as JSON beside the export."""

    fingerprint: str
    name: str
    dimension: int
    max_tokens: int
    prompts: dict[str, str]
    pad_id: int
    pad_token: str
    inputs: tuple[str, ...]
    exported: bool
    grafted: tuple[str, ...] = ()  # the languages whose words were added
    why_not: str = ""


def _prompt(prompts: dict[str, str], kind: Kind) -> str:
    """Return what the model wants in front of a text, by sentence-transformers' own rule."""
    names = ("query",) if kind == "query" else ("document", "passage", "corpus")
    return next((prompts[name] for name in names if name in prompts), "")


def _unit(vectors: Vectors) -> Vectors:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.ascontiguousarray(vectors / np.maximum(lengths, 1e-12), dtype=np.float32)


def session_options(threads: int) -> Any:
    """Return how models are run."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    # A plan of the memory for each length of text there is would be kept, and hardly one used again.
    options.enable_mem_pattern = False
    return options


def open_session(prepared: Path, threads: int) -> Any:
    """Open the export in a prepared model's folder with onnxruntime. Raises ModelUnavailable."""
    import onnxruntime

    options = session_options(threads)
    # The file was optimised when it was written; doing it again would cost half the start.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    file = prepared / "model.onnx"
    try:
        return onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime raises bare Exceptions
        raise _damaged(prepared, error) from error


def open_tokenizer(prepared: Path) -> Any:
    """Open the tokenizer in a prepared model's folder. Raises ModelUnavailable."""
    from tokenizers import Tokenizer

    try:
        return Tokenizer.from_file(str(prepared / "tokenizer.json"))
    except Exception as error:  # tokenizers raises bare Exceptions
        raise _damaged(prepared, error) from error


def _damaged(prepared: Path, error: Exception) -> ModelUnavailable:
    return ModelUnavailable(
        gettext("The prepared model in {prepared} cannot be opened ({error}).").format(prepared=prepared, error=error),
        gettext("Delete that folder; it is made again."),
    )


class _Described(ABC):
    """What the manifest of a prepared model says of it; both ways to run one have that in common."""

    _manifest: Manifest
    _folder: Path  # of the prepared form

    @property
    def fingerprint(self) -> str:
        return self._manifest.fingerprint

    @property
    def name(self) -> str:
        return self._manifest.name

    @property
    def dimension(self) -> int:
        return self._manifest.dimension

    @property
    def max_tokens(self) -> int:
        return self._manifest.max_tokens

    @cached_property
    def abilities(self) -> Abilities:
        """What it can do in each pair of languages: measured once, and kept beside the prepared form."""
        return measured(self, self._folder / kept_as())

    @abstractmethod
    def encode(self, texts: Sequence[str], kind: Kind) -> Vectors: ...


class OnnxEmbedder(_Described):
    """A prepared model, run by onnxruntime; imports neither torch nor transformers."""

    def __init__(self, prepared: Path, manifest: Manifest, threads: int) -> None:
        session = begun(partial(open_session, prepared, threads))  # the tokenizer takes as long
        self._tokenizer = open_tokenizer(prepared)
        self._session = session()
        self._manifest, self._folder = manifest, prepared
        self._tokenizer.enable_truncation(manifest.max_tokens)
        self._tokenizer.enable_padding(pad_id=manifest.pad_id, pad_token=manifest.pad_token)

    @property
    def tokenizer(self) -> Any:
        """The tokenizer, for others to use and not to change: what it cuts off is in an encoding's `overflowing`."""
        return self._tokenizer

    def encode(self, texts: Sequence[str], kind: Kind) -> Vectors:
        prompt = _prompt(self._manifest.prompts, kind)
        result = np.zeros((len(texts), self.dimension), dtype=np.float32)
        # Texts of like length go together: padding is work for nothing.
        order = sorted(range(len(texts)), key=lambda index: len(texts[index]))
        at = 0
        while at < len(order):
            longest = max(1, len(texts[order[min(at + 63, len(order) - 1)]]) // 3)
            chosen = order[at : at + max(1, min(64, _BATCH_TOKENS // longest))]
            result[chosen] = self._run([prompt + texts[index] for index in chosen])
            at += len(chosen)
        return result

    def _run(self, texts: list[str]) -> Vectors:
        encodings = self._tokenizer.encode_batch(texts)
        ids = np.array([encoding.ids for encoding in encodings], dtype=np.int64)
        mask = np.array([encoding.attention_mask for encoding in encodings], dtype=np.int64)
        types = np.array([encoding.type_ids for encoding in encodings], dtype=np.int64)
        known = {"input_ids": ids, "attention_mask": mask, "token_type_ids": types}
        (vectors,) = self._session.run(None, {name: known[name] for name in self._manifest.inputs})
        return _unit(vectors)


class SentenceTransformersEmbedder(_Described):
    """A model that could not be exported, run by sentence-transformers itself."""

    def __init__(self, model: Any, prepared: Path, manifest: Manifest, threads: int) -> None:
        import torch

        self._model = model

        torch.set_num_threads(threads)
        self._manifest, self._folder = manifest, prepared

    def encode(self, texts: Sequence[str], kind: Kind) -> Vectors:
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        encode = self._model.encode_query if kind == "query" else self._model.encode_document
        return _unit(np.asarray(encode(list(texts), show_progress_bar=False), dtype=np.float32))
