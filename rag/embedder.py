"""Text to unit vectors, with any sentence-transformers model that lies in a folder.

Importing torch and sentence-transformers takes seconds; running a small encoder takes
milliseconds. So a model is *prepared* once: loaded with sentence-transformers, exported
with its pooling and every further module to ONNX, compared with the original, and kept
in the cache. An English model gets the words of the lexicon on the way (see `graft`). From
then on onnxruntime and tokenizers do the work and torch is never imported. A model that
cannot be exported, or whose export disagrees, is run by sentence-transformers itself:
slower to start, the same vectors.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from rag import lexicon
from rag.errors import ModelUnavailable

Vectors = NDArray[np.float32]
Kind = Literal["query", "document"]

# The least cosine between the export's vectors and the original's that is accepted.
AGREEMENT = 0.9999
_PREPARED = "3"  # raised when the way of preparing changes, so that old exports are made anew
_BATCH_TOKENS = 4096
_UNLIMITED = 100_000


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


def open_embedder(folder: Path, cache: Path, threads: int, sha256: dict[str, str] | None = None) -> Embedder:
    """Open the sentence-transformers model in `folder`, preparing it on first use.

    `sha256` maps file names in the folder to the digests they must have; they are
    checked when the model is prepared, that is whenever its files are new to the cache.
    Raises ModelUnavailable when the folder holds no model, or another one than promised.
    """
    if not (folder / "modules.json").is_file() and not (folder / "config.json").is_file():
        raise ModelUnavailable(
            f"{folder} holds no sentence-transformers model (no modules.json).",
            "Name the folder that the model was saved to.",
        )
    prepared = _prepared_folder(folder, cache, sha256 or {})
    manifest = _read_manifest(prepared)
    if manifest.exported:
        return OnnxEmbedder(prepared, manifest, threads)
    return SentenceTransformersEmbedder(folder, manifest, threads)


# --- the prepared form ---------------------------------------------------------------


def _prepared_folder(folder: Path, cache: Path, sha256: dict[str, str]) -> Path:
    """Return the cache folder with the model's prepared form, made now if need be."""
    store = cache / "embedders"
    store.mkdir(parents=True, exist_ok=True)
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix not in {".md", ".pyc"})
    seen = [(str(path), path.stat().st_size, path.stat().st_mtime_ns) for path in [*files, *lexicon.files()]]
    stamp = store / f"{_digest([_PREPARED, seen])}.stamp"
    if stamp.is_file():
        prepared = store / stamp.read_text(encoding="ascii")
        if (prepared / "manifest.json").is_file():
            return prepared
    digests = {path.relative_to(folder).as_posix(): _sha256(path) for path in files}
    for name, wanted in sha256.items():
        if digests.get(name) != wanted:
            raise ModelUnavailable(
                f"{folder / name} is not the file it should be (its sha256 differs).",
                "Reinstall the package it came with.",
            )
    facts = [_PREPARED, sorted(digests.items()), lexicon.languages()]
    # What a vector means depends on the lexicon only where it was grafted.
    names = (_digest([*facts, lexicon.fingerprint()]), _digest(facts))
    known = (store / name for name in names if (store / name / "manifest.json").is_file())
    prepared = next(known, None) or _prepare(folder, store, *names)
    _write_whole(stamp, prepared.name)
    return prepared


def _digest(facts: list[Any]) -> str:
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:24]


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _write_whole(path: Path, text: str) -> None:
    handle, temporary = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write(text)
    Path(temporary).replace(path)


def _read_manifest(prepared: Path) -> Manifest:
    try:
        fields = json.loads((prepared / "manifest.json").read_text(encoding="utf-8"))
        return Manifest(**{**fields, "inputs": tuple(fields["inputs"]), "grafted": tuple(fields["grafted"])})
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise ModelUnavailable(
            f"The prepared model in {prepared} is damaged ({error}).", "Delete that folder; it is made again."
        ) from error


def _prepare(folder: Path, store: Path, if_grafted: str, if_not: str) -> Path:
    """Write the export and its manifest to a folder in `store`, all or nothing; return the folder.

    Its name is the fingerprint: the first one given, if the lexicon fits the model.
    """
    model, grafted = _load_grafted(folder)
    prepared = store / (if_grafted if grafted else if_not)
    temporary = Path(tempfile.mkdtemp(dir=store))
    try:
        manifest = replace(_export(model, folder, temporary, prepared.name), grafted=grafted)
        (temporary / "manifest.json").write_text(json.dumps(asdict(manifest)), encoding="utf-8")
        shutil.rmtree(prepared, ignore_errors=True)
        temporary.replace(prepared)
    except OSError:
        # Another process may have prepared the same model meanwhile.
        if not (prepared / "manifest.json").is_file():
            raise
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return prepared


def _load_original(folder: Path) -> Any:
    os.environ.setdefault("HF_HUB_OFFLINE", "1")  # a model on disk is all that is asked for
    os.environ.setdefault("TRANSFORMERS_OFFLINE", "1")
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    from sentence_transformers import SentenceTransformer

    try:
        return SentenceTransformer(str(folder), device="cpu", local_files_only=True)
    except Exception as error:  # whatever a foreign model's files make the loaders raise
        raise ModelUnavailable(
            f"{folder} cannot be loaded as a sentence-transformers model: {error}", "Is the download complete?"
        ) from error


def _load_grafted(folder: Path) -> tuple[Any, tuple[str, ...]]:
    """Return the model, with the words of every lexicon that fits it, and the languages of those."""
    from rag import graft

    model = _load_original(folder)
    opened = {language: lexicon.open_lexicon(language) for language in lexicon.languages()}
    return model, tuple(name for name, one in opened.items() if one is not None and graft.apply(model, one))


def _export(model: Any, folder: Path, target: Path, fingerprint: str) -> Manifest:
    from rag.export import NotExportable, export_onnx

    facts: dict[str, Any] = {
        "fingerprint": fingerprint,
        "name": folder.name if folder.name != "model" else folder.parent.name,
        "dimension": int(model.get_embedding_dimension()),
        "max_tokens": _max_tokens(model),
        "prompts": {key: value for key, value in model.prompts.items() if value},
    }
    try:
        exported = export_onnx(model, target)
        manifest = Manifest(**facts, **exported, exported=True)
        _check_agreement(model, OnnxEmbedder(target, manifest, threads=os.cpu_count() or 1))
    except NotExportable as error:
        return Manifest(**facts, pad_id=0, pad_token="", inputs=(), exported=False, why_not=str(error))
    return manifest


def _max_tokens(model: Any) -> int:
    """Return how many tokens the model reads; models without a limit, of word vectors say, get a high one."""
    longest = model.max_seq_length
    return int(longest) if longest and longest < _UNLIMITED else _UNLIMITED


_PROBES = (
    "The mill at Oberwiesen burned down in 1907.",
    "Wie viele Gäste kamen am 3. März, und woher?",
    "a",
    "Numbers such as 11,000 or 3.5 % and names like Łódź or Ærø appear in reports. " * 12,
)


def _check_agreement(original: Any, export: OnnxEmbedder) -> None:
    from rag.export import NotExportable

    kinds: tuple[tuple[Kind, Any], ...] = (("query", original.encode_query), ("document", original.encode_document))
    for kind, encode in kinds:
        wanted = np.asarray(encode(list(_PROBES), normalize_embeddings=True), dtype=np.float32)
        cosines: Vectors = np.einsum("ij,ij->i", wanted, export.encode(_PROBES, kind))
        if not np.all(cosines >= AGREEMENT):
            raise NotExportable(f"the export's vectors differ (cosine {float(np.min(cosines)):.5f})")


# --- the two ways to run it ------------------------------------------------------------


def _prompt(prompts: dict[str, str], kind: Kind) -> str:
    """Return what the model wants in front of a text, by sentence-transformers' own rule."""
    names = ("query",) if kind == "query" else ("document", "passage", "corpus")
    return next((prompts[name] for name in names if name in prompts), "")


def _unit(vectors: Vectors) -> Vectors:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.ascontiguousarray(vectors / np.maximum(lengths, 1e-12), dtype=np.float32)


class OnnxEmbedder:
    """A prepared model, run by onnxruntime; imports neither torch nor transformers."""

    def __init__(self, prepared: Path, manifest: Manifest, threads: int) -> None:
        import onnxruntime
        from tokenizers import Tokenizer

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        # The file was optimised when it was written; doing it again would cost half the start.
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
        try:
            self._session = onnxruntime.InferenceSession(
                str(prepared / "model.onnx"), options, providers=["CPUExecutionProvider"]
            )
            self._tokenizer = Tokenizer.from_file(str(prepared / "tokenizer.json"))
        except Exception as error:  # onnxruntime and tokenizers raise bare Exceptions
            raise ModelUnavailable(
                f"The prepared model in {prepared} cannot be opened ({error}).",
                "Delete that folder; it is made again.",
            ) from error
        self._manifest = manifest
        self._tokenizer.enable_truncation(manifest.max_tokens)
        self._tokenizer.enable_padding(pad_id=manifest.pad_id, pad_token=manifest.pad_token)

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


class SentenceTransformersEmbedder:
    """A model that could not be exported, run by sentence-transformers itself."""

    def __init__(self, folder: Path, manifest: Manifest, threads: int) -> None:
        self._model, _ = _load_grafted(folder)
        import torch

        torch.set_num_threads(threads)
        self._manifest = manifest

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

    def encode(self, texts: Sequence[str], kind: Kind) -> Vectors:
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        encode = self._model.encode_query if kind == "query" else self._model.encode_document
        return _unit(np.asarray(encode(list(texts), show_progress_bar=False), dtype=np.float32))
