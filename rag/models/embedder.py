"""Text to unit vectors, with any sentence-transformers model that lies in a folder.

Importing torch and sentence-transformers takes seconds; running a small encoder takes
milliseconds. So a model is *prepared* once: loaded with sentence-transformers, exported
with its pooling and every further module to ONNX, compared with the original, and kept
in the cache. An English model gets the words of the lexicon on the way (see
`vocabulary_extension`). From then on onnxruntime and tokenizers do the work and torch is never imported. A model that
cannot be exported, or whose export disagrees, is run by sentence-transformers itself:
slower to start, the same vectors. What it can do in which languages is measured then, too
(`embedder_ability`).
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from rag import lexicon
from rag.errors import ModelUnavailable
from rag.localization import gettext
from rag.models.encoder_backends import Embedder, Manifest, OnnxEmbedder, SentenceTransformersEmbedder
from rag.models.integer_products import MEASURED
from rag.models.prepared_store import (
    MANIFEST,
    digest,
    known,
    model_files,
    model_name,
    prepare_alone,
    remember,
    settle,
    stamp,
    stamped,
    unfinished,
)
from rag.models.reader.embedding_table import open_table
from rag.models.vectors import Kind, Vectors
from rag.system import long_work
from rag.system.cancellation import CancelToken
from rag.system.digests import sha256 as sha256_of

__all__ = [
    "AGREEMENT",
    "INTEGER_AGREEMENT",
    "Embedder",
    "Kind",
    "OnnxEmbedder",
    "SentenceTransformersEmbedder",
    "Vectors",
    "open_embedder",
    "prepare_embedder",
    "prepared_folder",
]

# The least cosine between the export's vectors and the original's that is accepted.
AGREEMENT = 0.9999
INTEGER_AGREEMENT = 0.97  # the same, of one whose products are of whole numbers (.978 to .997 seen)
_PREPARED = "4"  # raised when the way of preparing changes, so that old exports are made anew
_STORE = "embedders"  # the folder in the cache
_UNLIMITED = 100_000
# What preparing does, and the seconds of a processor that each takes.
_PLAN = (("load", 6.0), ("graft", 20.0), ("export", 2.5), ("compare", 1.8), ("table", 0.6), ("measure", 4.5))


def open_embedder(
    folder: Path,
    cache: Path,
    threads: int,
    sha256: dict[str, str] | None = None,
    cancel: CancelToken | None = None,
    *,
    with_table: bool = False,
) -> Embedder:
    """Open the sentence-transformers model in `folder`, preparing it on first use (see `prepare_embedder`)."""
    with long_work.planned():
        prepared = prepare_embedder(folder, cache, sha256, cancel, with_table=with_table)
        manifest = _read_manifest(prepared)
        embedder = (
            OnnxEmbedder(prepared, manifest, threads)
            if manifest.exported
            else SentenceTransformersEmbedder(load_grafted(folder)[0], prepared, manifest, threads)
        )
        long_work.step("measure")
        _ = embedder.abilities  # measured now if they never were
    return embedder


def prepare_embedder(
    folder: Path,
    cache: Path,
    sha256: dict[str, str] | None = None,
    cancel: CancelToken | None = None,
    *,
    with_table: bool = False,
) -> Path:
    """Prepare the model in `folder`, if that was not done before; return the folder of its prepared form.

    `sha256` maps file names in the folder to the digests they must have; they are
    checked when the model is prepared, that is whenever its files are new to the cache.
    `with_table` has its word embeddings laid beside the export then (see `embedding_table`).
    Raises ModelUnavailable when the folder holds no model, or another one than promised, and
    Stopped once `cancel` is cancelled while another program that prepares it is waited for.
    """
    try:
        if not (folder / "modules.json").is_file() and not (folder / "config.json").is_file():
            raise ModelUnavailable(
                gettext("{folder} holds no sentence-transformers model (no modules.json).").format(folder=folder),
                gettext("Name the folder that the model was saved to."),
            )
        return _prepared_folder(folder, cache, sha256 or {}, cancel, with_table)
    except OSError as error:
        raise ModelUnavailable(
            gettext("The model in {folder} cannot be read: {error}.").format(
                folder=folder, error=error.strerror or error
            ),
            gettext("See that you have the right to read the folder and all files in it."),
        ) from error


# --- the prepared form ---------------------------------------------------------------


def prepared_folder(folder: Path, cache: Path) -> Path | None:
    """Return where the cache has the model's prepared form, named by its fingerprint; None where it has none."""
    return stamped(_stamp(folder, cache / _STORE))


def _prepared_folder(
    folder: Path, cache: Path, sha256: dict[str, str], cancel: CancelToken | None, with_table: bool
) -> Path:
    """Return the cache folder with the model's prepared form, made now if need be.

    A cache that cannot be written to does, as long as the form is in it.
    """
    if (prepared := prepared_folder(folder, cache)) is not None:
        return prepared
    store = cache / _STORE
    digests = {path.relative_to(folder).as_posix(): sha256_of(path) for path in model_files(folder)}
    for name, wanted in sha256.items():
        if digests.get(name) != wanted:
            raise ModelUnavailable(
                gettext("{file} is not the file it should be (its sha256 differs).").format(file=folder / name),
                gettext("Reinstall the package it came with."),
            )
    facts = [_PREPARED, sorted(digests.items()), lexicon.languages()]
    # What a vector means depends on the lexicon only where it was grafted.
    names = (digest([*facts, lexicon.fingerprint()]), digest(facts))
    try:
        integers = not MEASURED.isdisjoint(digests.values())
        prepared = known(store, names) or prepare_alone(
            *(store, names, "embedder", model_name(folder), cancel),
            lambda: _prepare(folder, store, *names, with_table, integers),
        )
    except OSError as error:
        raise ModelUnavailable(
            gettext("The embedder {name} cannot be prepared in {store}: {error}.").format(
                name=model_name(folder), store=store, error=error.strerror or error
            ),
            gettext("Make room there, or set another cache (BELEG_CACHE)."),
        ) from error
    remember(_stamp(folder, store), prepared)
    return prepared


def _stamp(folder: Path, store: Path) -> Path:
    return stamp(store, _PREPARED, [*model_files(folder), *lexicon.files()])


def _read_manifest(prepared: Path) -> Manifest:
    try:
        fields = json.loads((prepared / MANIFEST).read_text(encoding="utf-8"))
        return Manifest(**{**fields, "inputs": tuple(fields["inputs"]), "grafted": tuple(fields["grafted"])})
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise ModelUnavailable(
            gettext("The prepared model in {prepared} is damaged ({error}).").format(prepared=prepared, error=error),
            gettext("Delete that folder; it is made again."),
        ) from error


def _prepare(folder: Path, store: Path, if_grafted: str, if_not: str, with_table: bool, integers: bool) -> Path:
    """Write the export and its manifest to a folder in `store`, all or nothing; return the folder.

    Its name is the fingerprint: the first one given, if the lexicon fits the model.
    """
    with unfinished(store, if_not) as temporary:
        long_work.begin(_PLAN)
        model, grafted = load_grafted(folder)
        prepared = store / (if_grafted if grafted else if_not)
        manifest = replace(_export(model, folder, temporary, prepared.name, integers), grafted=grafted)
        if with_table and manifest.exported:
            long_work.step("table")
            open_table(temporary, len(model.tokenizer), manifest.dimension)
        (temporary / MANIFEST).write_text(json.dumps(asdict(manifest)), encoding="utf-8")
        return settle(temporary, prepared)


def _load_original(folder: Path) -> Any:
    os.environ.setdefault("HF_HUB_OFFLINE", "1")  # a model on disk is all that is asked for
    os.environ.setdefault("TRANSFORMERS_OFFLINE", "1")
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    from sentence_transformers import SentenceTransformer

    try:
        return SentenceTransformer(str(folder), device="cpu", local_files_only=True)
    except Exception as error:  # whatever a foreign model's files make the loaders raise
        raise ModelUnavailable(
            gettext("{folder} cannot be loaded as a sentence-transformers model: {error}").format(
                folder=folder, error=error
            ),
            gettext("Is the download complete?"),
        ) from error


def load_grafted(folder: Path) -> tuple[Any, tuple[str, ...]]:
    """Return the model, with the words of every lexicon that fits it, and the languages of those."""
    from rag.models import vocabulary_extension

    model = _load_original(folder)
    long_work.step("graft")
    opened = {language: lexicon.open_lexicon(language) for language in lexicon.languages()}
    return model, tuple(
        name for name, one in opened.items() if one is not None and vocabulary_extension.apply(model, one)
    )


def _export(model: Any, folder: Path, target: Path, fingerprint: str, integers: bool) -> Manifest:
    from rag.models.onnx_export import NotExportable, export_onnx, put_integers

    facts: dict[str, Any] = {
        "fingerprint": fingerprint,
        "name": model_name(folder),
        "dimension": int(model.get_embedding_dimension()),
        "max_tokens": _max_tokens(model),
        "prompts": {key: value for key, value in model.prompts.items() if value},
    }
    try:
        long_work.step("export")
        exported = export_onnx(model, target)
        long_work.step("compare")
        manifest = Manifest(**facts, **exported, exported=True)
        _check_agreement(model, OnnxEmbedder(target, manifest, threads=os.cpu_count() or 1), AGREEMENT)
        if integers:
            put_integers(target)
            _check_agreement(model, OnnxEmbedder(target, manifest, threads=os.cpu_count() or 1), INTEGER_AGREEMENT)
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


def _check_agreement(original: Any, export: OnnxEmbedder, least: float) -> None:
    from rag.models.onnx_export import NotExportable

    kinds: tuple[tuple[Kind, Any], ...] = (("query", original.encode_query), ("document", original.encode_document))
    for kind, encode in kinds:
        wanted = np.asarray(encode(list(_PROBES), normalize_embeddings=True), dtype=np.float32)
        cosines: Vectors = np.einsum("ij,ij->i", wanted, export.encode(_PROBES, kind))
        if not np.all(cosines >= least):
            raise NotExportable(f"the export's vectors differ (cosine {float(np.min(cosines)):.5f})")
