"""Export of a reader from elsewhere: a model of transformers to ONNX, by torch."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np

from rag.errors import ModelUnavailable
from rag.localization import gettext
from rag.models.onnx_export import NotExportable, write_onnx
from rag.models.prepared_store import model_name
from rag.models.reader.foreign_reader import OUTPUTS, ForeignReader, Kind, Manifest

_MOST_TOKENS = 512  # that are read at once, of a model that could read more
_INPUTS = ("input_ids", "attention_mask", "token_type_ids")
_TOLERANCE = 2e-3  # of the export's scores against the original's
_LONGEST_CONFIG = 1_000_000  # bytes
_ENDINGS: dict[str, Kind] = {"ForSequenceClassification": "pairs", "ForQuestionAnswering": "spans"}
_PROBES = (
    ("When did the mill at Oberwiesen burn down?", "The mill at Oberwiesen burned down in 1907."),
    ("Wie viele Gäste kamen, und woher?", "a"),
    ("Who?", "Numbers such as 11,000 or 3.5 % and names like Łódź or Ærø appear in reports. " * 60),
)


def kind_of(folder: Path) -> Kind:
    """Return what kind of reader a folder holds, by its configuration. Raises ModelUnavailable, OSError."""
    file = folder / "config.json"
    wanted = gettext(
        "A reader is a cross-encoder (…ForSequenceClassification) or an extractive reader (…ForQuestionAnswering)."
    )
    if not file.is_file():
        raise ModelUnavailable(
            gettext("{folder} holds no model of transformers (no config.json).").format(folder=folder), wanted
        )
    try:
        with file.open("rb") as stream:
            facts = json.loads(stream.read(_LONGEST_CONFIG))
        named = facts["architectures"]
        endings = [kind for name in named for ending, kind in _ENDINGS.items() if name.endswith(ending)]
    except (ValueError, RecursionError, TypeError, KeyError, AttributeError) as error:
        raise ModelUnavailable(
            gettext("{file} names no architecture ({kind}).").format(file=file, kind=type(error).__name__), wanted
        ) from error
    if not endings:
        raise ModelUnavailable(
            gettext("{folder} holds no reader, but {names}.").format(
                folder=folder, names=", ".join(map(str, named))[:200]
            ),
            wanted,
        )
    return endings[0]


def export(folder: Path, kind: Kind, target: Path, fingerprint: str) -> Manifest:
    """Write `model.onnx` and `tokenizer.json` to `target`, compared with the original; return what is known of them.

    Raises ModelUnavailable.
    """
    model, tokenizer = _loaded(folder, kind)
    facts = Manifest(
        fingerprint=fingerprint,
        name=model_name(folder),
        kind=kind,
        max_tokens=_max_tokens(model, tokenizer, folder),
    )
    try:
        _write(model, tokenizer, facts, target)
        tokenizer.backend_tokenizer.save(str(target / "tokenizer.json"))
        _check_agreement(model, tokenizer, facts, ForeignReader(target, facts, threads=os.cpu_count() or 1))
    except NotExportable as error:
        raise ModelUnavailable(
            gettext("The reader in {folder} cannot be used: {error}.").format(folder=folder, error=error),
            gettext("Use another one."),
        ) from error
    except ModelUnavailable:
        raise
    except Exception as error:  # torch and tokenizers on foreign files
        raise _unloadable(folder, error) from error
    return facts


def _loaded(folder: Path, kind: Kind) -> tuple[Any, Any]:
    """Return the model, in 32 bits, and its tokenizer. Raises ModelUnavailable."""
    os.environ.setdefault("HF_HUB_OFFLINE", "1")  # a model on disk is all that is asked for
    os.environ.setdefault("TRANSFORMERS_OFFLINE", "1")
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    import torch
    from transformers import AutoModelForQuestionAnswering, AutoModelForSequenceClassification, AutoTokenizer
    from transformers.utils import logging

    logging.set_verbosity_error()
    logging.disable_progress_bar()
    loader = AutoModelForSequenceClassification if kind == "pairs" else AutoModelForQuestionAnswering
    try:
        tokenizer = AutoTokenizer.from_pretrained(str(folder), local_files_only=True, trust_remote_code=False)
        model, loaded = loader.from_pretrained(
            str(folder),
            local_files_only=True,
            trust_remote_code=False,
            dtype=torch.float32,
            attn_implementation="eager",  # the others trace to what holds for one length
            output_loading_info=True,
        )
    except Exception as error:  # whatever a foreign model's files make the loaders raise
        raise _unloadable(folder, error) from error
    if missing := sorted(loaded["missing_keys"]):
        raise ModelUnavailable(
            gettext("{folder} lacks weights of the reader ({missing}).").format(
                folder=folder, missing=", ".join(missing)[:200]
            ),
            gettext("Is the download complete?"),
        )
    if kind == "pairs" and model.config.num_labels != 1:
        raise ModelUnavailable(
            gettext("The model in {folder} tells {n} classes apart; a reader gives one score.").format(
                folder=folder, n=model.config.num_labels
            ),
            gettext("Use a cross-encoder with one label."),
        )
    if not getattr(tokenizer, "is_fast", False):
        raise ModelUnavailable(
            gettext("The reader in {folder} has no fast tokenizer.").format(folder=folder),
            gettext("Save it with a tokenizer.json."),
        )
    # transformers makes an empty one up where there is none.
    if set(tokenizer(_PROBES[0][1], add_special_tokens=False)["input_ids"]) <= {tokenizer.unk_token_id}:
        raise ModelUnavailable(
            gettext("The tokenizer in {folder} knows no words.").format(folder=folder),
            gettext("Is the download complete?"),
        )
    return model, tokenizer


def _unloadable(folder: Path, error: Exception) -> ModelUnavailable:
    return ModelUnavailable(
        gettext("{folder} cannot be loaded as a reader: {error}").format(folder=folder, error=error),
        gettext("Is the download complete?"),
    )


def _max_tokens(model: Any, tokenizer: Any, folder: Path) -> int:
    """Return how many tokens the model reads; positions are counted from behind the padding's by some."""
    import torch

    positions = getattr(model.config, "max_position_embeddings", None) or _MOST_TOKENS
    offsets = [
        module.padding_idx + 1
        for name, module in model.named_modules()
        if name.endswith("position_embeddings")
        and isinstance(module, torch.nn.Embedding)
        and module.padding_idx is not None
    ]
    longest = min(_MOST_TOKENS, int(tokenizer.model_max_length), int(positions) - max(offsets, default=0))
    if longest < 32:
        raise ModelUnavailable(
            gettext("The reader in {folder} reads no more than {longest} tokens.").format(
                folder=folder, longest=longest
            ),
            gettext("Use another one."),
        )
    return longest


def _write(model: Any, tokenizer: Any, facts: Manifest, target: Path) -> None:
    import torch

    given = tokenizer("A short question?", "A somewhat longer text.", return_tensors="pt")
    features = {name: given[name] for name in _INPUTS if name in given}

    class Whole(torch.nn.Module):  # type: ignore[misc]  # torch is not looked into
        """The model as a function of tensors, which is what can be traced."""

        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, *tensors: torch.Tensor) -> Any:
            computed = self.model(**dict(zip(features, tensors, strict=True)))
            return computed.logits if facts.kind == "pairs" else (computed.start_logits, computed.end_logits)

    outputs = {name: {} if facts.kind == "pairs" else {1: "tokens"} for name in OUTPUTS[facts.kind]}
    write_onnx(Whole(), features, {name: {1: "tokens"} for name in features} | outputs, target)


def _check_agreement(model: Any, tokenizer: Any, facts: Manifest, export: ForeignReader) -> None:
    """Raise NotExportable unless the export, by way of its own tokenizer, gives the original's numbers."""
    import torch

    for question, passage in _PROBES:
        given = tokenizer(question, export.fitting(question, passage), return_tensors="pt")
        with torch.no_grad():
            computed = model(**{name: given[name] for name in _INPUTS if name in given})
        wanted = [computed.logits] if facts.kind == "pairs" else [computed.start_logits, computed.end_logits]
        found, _ = export.outputs(question, passage)
        for original, exported in zip(wanted, found, strict=True):
            numbers = original[0].numpy()
            if not np.isfinite(numbers).all():
                raise NotExportable("what it computes are no numbers")
            if numbers.shape != exported.shape or not np.allclose(numbers, exported, _TOLERANCE, _TOLERANCE):
                raise NotExportable("the export's scores differ from the original's")
