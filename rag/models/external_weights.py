"""External weights: those of an export lie in a file beside it, from which onnxruntime maps them (see `onnx_export`).

Of a model in one file onnxruntime makes two copies while it opens it, and keeps one. Most of a small embedder are the
embeddings of its tokens, of which a question takes a few: mapped, only those are read.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray


def weight(tensor: Any, folder: Path) -> NDArray[Any]:
    """Return a weight of a model in `folder`, wherever it lies. Raises OSError or ValueError where it is not whole."""
    from onnx import helper, numpy_helper

    if not tensor.external_data:
        return numpy_helper.to_array(tensor)
    place = {each.key: each.value for each in tensor.external_data}
    file, dtype = folder / Path(place["location"]).name, helper.tensor_dtype_to_np_dtype(tensor.data_type)
    return np.memmap(file, dtype, "r", int(place.get("offset", 0)), tuple(tensor.dims))
