"""ONNX export: a model of torch to a graph and its weights; of a sentence-transformers model, all of it.

Everything such a model does to its tokens is traced: the transformer, the pooling, a dense
layer, normalisation. So the export needs no knowledge of the kinds of pooling there are.
"""

from __future__ import annotations

import json
import logging
import shutil
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

MODEL, WEIGHTS = "model.onnx", "model.onnx.data"  # the files of an export, beside each other


def add_tokens(model: Any, tokens: Sequence[str], vectors: NDArray[np.float32]) -> None:
    """Add tokens to a sentence-transformers model with a WordPiece tokenizer, in place.

    `vectors` are their input embeddings, shape (tokens, width). The model's own stay as they are.
    """
    import torch
    from tokenizers import Tokenizer

    inner = model[0].auto_model
    old = inner.get_input_embeddings()
    facts = json.loads(model.tokenizer.backend_tokenizer.to_str())
    facts["model"]["vocab"].update({token: number for number, token in enumerate(tokens, len(old.weight))})
    joined = torch.cat([old.weight.detach(), torch.from_numpy(vectors).to(old.weight.dtype)])
    inner.set_input_embeddings(torch.nn.Embedding.from_pretrained(joined, padding_idx=old.padding_idx))
    inner.config.vocab_size = len(joined)
    # transformers offers no way to add ordinary vocabulary: `add_tokens` makes tokens that are cut out of words.
    model.tokenizer._tokenizer = Tokenizer.from_str(json.dumps(facts))


class NotExportable(Exception):
    """The model has no fast tokenizer, depends on prompts inside pooling, or does not trace."""


def export_onnx(model: Any, target: Path) -> dict[str, Any]:
    """Write `model.onnx` (optimised) with its weights and `tokenizer.json` to `target`.

    Returns the fields of a manifest that the export decides: pad_id, pad_token, inputs.
    Raises NotExportable with the reason.
    """
    import torch

    tokenizer = model.tokenizer
    backend = getattr(tokenizer, "backend_tokenizer", None)
    if backend is None:
        raise NotExportable("it has no fast tokenizer")
    if any(getattr(module, "include_prompt", True) is False for module in model):
        raise NotExportable("its pooling leaves out the prompt")
    features = dict(tokenizer(["A short text.", "Another, somewhat longer text."], padding=True, return_tensors="pt"))
    inputs = [name for name in ("input_ids", "attention_mask", "token_type_ids") if name in features]

    class Whole(torch.nn.Module):  # type: ignore[misc]  # torch is not looked into
        """The model as a function of tensors, which is what can be traced."""

        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, *tensors: torch.Tensor) -> torch.Tensor:
            output: torch.Tensor = self.model(dict(zip(inputs, tensors, strict=True)))["sentence_embedding"]
            return output

    dynamic = {name: {0: "texts", 1: "tokens"} for name in inputs} | {"vectors": {0: "texts"}}
    write_onnx(Whole(), {name: features[name] for name in inputs}, dynamic, target)
    backend.save(str(target / "tokenizer.json"))
    return {"pad_id": int(tokenizer.pad_token_id or 0), "pad_token": str(tokenizer.pad_token), "inputs": tuple(inputs)}


def put_integers(target: Path) -> None:
    """Write the products of the export in `target` anew, in whole numbers (see `integer_products`)."""
    from rag.models.integer_products import make_integer

    traced = target / "traced"
    traced.mkdir()
    try:
        make_integer(target / MODEL, traced / MODEL)
        for name in (MODEL, WEIGHTS):
            (target / name).unlink(missing_ok=True)
        _optimise(traced, target)
    finally:
        shutil.rmtree(traced, ignore_errors=True)


def write_onnx(module: Any, inputs: dict[str, Any], dynamic: dict[str, dict[int, str]], target: Path) -> None:
    """Write what a torch module computes of `inputs`, by name, to `target`, optimised.

    `dynamic` names the axes whose length varies, of every input and then of every output.
    Raises NotExportable with the reason.
    """
    import torch

    traced = target / "traced"  # a model of more than 2 GB is traced to many files
    traced.mkdir()
    try:
        with warnings.catch_warnings(), torch.no_grad():
            warnings.simplefilter("ignore")
            logging.getLogger("torch.onnx").setLevel(logging.ERROR)
            torch.onnx.export(
                module.eval(),
                tuple(inputs.values()),
                str(traced / MODEL),
                input_names=list(inputs),
                output_names=[name for name in dynamic if name not in inputs],
                dynamic_axes=dynamic,
                opset_version=17,
                dynamo=False,
            )
        _optimise(traced, target)
    except Exception as error:  # tracing runs foreign code: any failure means the same to us
        raise NotExportable(f"it does not export to ONNX ({type(error).__name__}: {error})") from error
    finally:
        shutil.rmtree(traced, ignore_errors=True)


def _optimise(traced: Path, target: Path) -> None:
    """Let onnxruntime fuse the graph once, so that no later start has to.

    The weights are laid beside the graph, in a file that is mapped when the model is opened: inside of it they would
    be read and copied twice each time, which takes most of a start, and could not be more than 2 GB.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
    options.optimized_model_filepath = str(target / MODEL)
    options.add_session_config_entry("session.optimized_model_external_initializers_file_name", WEIGHTS)
    onnxruntime.InferenceSession(str(traced / MODEL), options, providers=["CPUExecutionProvider"])
