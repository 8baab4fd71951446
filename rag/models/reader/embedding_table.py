"""Embedding table: the input embeddings of a prepared embedder's tokens, looked up without running it.

Our own reader has none: it shares those of the embedded embedder, with the lexicon's words
among them. They stand in the embedder's export. From there they are written once to a file
of 16-bit numbers beside it, of which no more is read than the rows that are asked for.
"""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rag.errors import ModelUnavailable
from rag.localization import gettext
from rag.system.atomic_write import atomic_write
from rag.system.logs import logger

FILE = "embeddings.npy"
Table = NDArray[np.float16]


def open_table(prepared: Path, tokens: int, width: int) -> Table:
    """Return the embeddings of a prepared embedder's tokens, shape (tokens, width), mapped from their file.

    The file is made where there is none that fits; where it cannot be written, the table is
    held in memory. Raises ModelUnavailable where the export has no such table.
    """
    file = prepared / FILE
    if (table := _mapped(file, (tokens, width))) is not None:
        return table
    made = _from_export(prepared, (tokens, width))
    try:
        with atomic_write(file, private=True) as unfinished:
            buffer = io.BytesIO()
            np.save(buffer, made)
            unfinished.write_bytes(buffer.getbuffer())
    except OSError as error:
        logger("reader").warning("the embeddings are read anew each time: %s", type(error).__name__)
        return made
    written = _mapped(file, (tokens, width))
    return made if written is None else written


def _mapped(file: Path, shape: tuple[int, int]) -> Table | None:
    try:
        found = np.load(file, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError):  # there is none, or what a bad disk has left of it
        return None
    fits = isinstance(found, np.memmap) and found.shape == shape and found.dtype == np.float16
    return found if fits and found.flags.c_contiguous else None


def _from_export(prepared: Path, shape: tuple[int, int]) -> Table:
    import onnx
    from onnx import numpy_helper

    try:
        weights = onnx.load(prepared / "model.onnx").graph.initializer
        (held,) = (each for each in weights if tuple(each.dims) == shape)
        return numpy_helper.to_array(held).astype(np.float16)
    except Exception as error:  # none or several of that shape, or whatever protobuf says of a damaged file
        raise ModelUnavailable(
            gettext("The prepared model in {prepared} has no embeddings that the reader could use ({error}).").format(
                prepared=prepared, error=error
            ),
            gettext("Delete that folder; it is made again."),
        ) from error
