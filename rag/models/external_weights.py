"""External weights: an ONNX model's large weights in a file beside it, from which onnxruntime maps them.

Of a model in one file onnxruntime makes two copies while it opens it, and keeps one. Most of a small embedder are the
embeddings of its tokens, of which a question takes a few: mapped, only those are read. The weights of products are
copied all the same, into the order in which they are multiplied.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.system.atomic_write import atomic_write
from rag.system.mapped_arrays import write_pieces

_SMALL = 16 << 20  # bytes of a model's file that is left as it is
_LEAST = 1 << 14  # bytes of a weight: below, a page of its own is more
_PAGE = 1 << 12


def put_weights_beside(file: Path) -> None:
    """Move the large weights of a model to `file`.data, unless they are there or the model is small. Raises OSError.

    Whoever has the model open keeps it as it was, and one that is opened meanwhile is whole: the weights are there
    before the file that names them.
    """
    if file.stat().st_size < _SMALL:
        return
    import onnx

    model = onnx.load(file, load_external_data=False)
    weights = [each for each in model.graph.initializer if each.ByteSize() >= _LEAST and each.raw_data]
    if weights:
        beside = file.with_name(f"{file.name}.data")
        _replace(beside, _moved(weights, beside.name))
        _replace(file, [model.SerializeToString()])


def weight(tensor: Any, folder: Path) -> NDArray[Any]:
    """Return a weight of a model in `folder`, wherever it lies. Raises OSError or ValueError where it is not whole."""
    from onnx import helper, numpy_helper

    if not tensor.external_data:
        return numpy_helper.to_array(tensor)
    place = {each.key: each.value for each in tensor.external_data}
    file, dtype = folder / Path(place["location"]).name, helper.tensor_dtype_to_np_dtype(tensor.data_type)
    return np.memmap(file, dtype, "r", int(place.get("offset", 0)), tuple(tensor.dims))


def _moved(weights: Iterable[Any], beside: str) -> Iterator[bytes]:
    """Yield weights, each from the beginning of a page on; what the model holds of it then is where it lies."""
    from onnx.external_data_helper import set_external_data

    at = 0
    for each in weights:
        raw = each.raw_data
        set_external_data(each, beside, offset=at, length=len(raw))
        each.ClearField("raw_data")
        yield raw
        yield bytes(-len(raw) % _PAGE)
        at += -(-len(raw) // _PAGE) * _PAGE


def _replace(file: Path, parts: Iterable[bytes]) -> None:
    with atomic_write(file) as unfinished:
        write_pieces(unfinished, parts)
