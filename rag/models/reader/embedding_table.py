"""Embedding table: the input embeddings of a prepared embedder's tokens, looked up without running it.

Our own reader has none: it shares those of the embedded embedder, with the lexicon's words
among them. They stand in the embedder's export. From there they are written once to a file
of 16-bit numbers beside it, of which no more is read than the rows that are asked for.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rag.errors import ModelUnavailable
from rag.localization import gettext
from rag.models.external_weights import weight
from rag.system.logs import logger
from rag.system.mapped_arrays import mapped_array, write_array

FILE = "embeddings.npy"
Table = NDArray[np.float16]


def open_table(prepared: Path, tokens: int, width: int) -> Table:
    """Return the embeddings of a prepared embedder's tokens, shape (tokens, width), mapped from their file.

    The file is made where there is none that fits; where it cannot be written, the table is
    held in memory. Raises ModelUnavailable where the export has no such table.
    """
    file = prepared / FILE
    if (table := mapped_array(file, np.float16, (tokens, width))) is not None:
        return table
    made = _from_export(prepared, (tokens, width))
    try:
        write_array(file, made)
    except OSError as error:
        logger("reader").warning("the embeddings are read anew each time: %s", type(error).__name__)
        return made
    written = mapped_array(file, np.float16, (tokens, width))
    return made if written is None else written


def _from_export(prepared: Path, shape: tuple[int, int]) -> Table:
    import onnx

    try:
        weights = onnx.load(prepared / "model.onnx", load_external_data=False).graph.initializer
        (held,) = (each for each in weights if tuple(each.dims) == shape)
        return weight(held, prepared).astype(np.float16)
    except Exception as error:  # none or several of that shape, or whatever protobuf says of a damaged file
        raise ModelUnavailable(
            gettext("The prepared model in {prepared} has no embeddings that the reader could use ({error}).").format(
                prepared=prepared, error=error
            ),
            gettext("Delete that folder; it is made again."),
        ) from error
