"""A reader whose network can be checked by hand: a graph in our reader's form that adds and counts its tokens."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

WIDTH = 3  # of an embedding: a token's worth as a member, as a start, and as an end

Scoring = Literal["sum", "tokens", "passage", "nan"]


def save(file: Path, scoring: Scoring = "sum") -> Path:
    """Write the graph.

    A sentence is worth the sum of its members; or, as others than "sum", all tokens that were read
    at once; those of them that are of the passage; or no number. Starts and ends are the tokens' own.
    """
    node = helper.make_node
    nodes = [
        node("Split", ["embeddings"], ["members", "from", "to"], axis=2, num_outputs=3),
        node("Squeeze", ["from", "two"], ["starts"]),
        node("Squeeze", ["to", "two"], ["ends"]),
        node("MatMul", ["sentences", "members"], ["summed"]),
        node("Squeeze", ["summed", "two"], ["sums"]),
        node("Mul", ["sums", "zero"], ["nothing"]),
        node("Cast", ["segments"], ["parts"], to=TensorProto.FLOAT),
        node("ReduceSum", ["parts"], ["passage"], keepdims=0),
        node("Size", ["segments"], ["size"]),
        node("Cast", ["size"], ["tokens"], to=TensorProto.FLOAT),
        node("Div", ["zero", "zero"], ["nan"]),
        node("Identity", ["sums"], ["scores"]) if scoring == "sum" else node("Add", ["nothing", scoring], ["scores"]),
    ]
    tensor = helper.make_tensor_value_info
    graph = helper.make_graph(
        nodes,
        "legible",
        [
            tensor("embeddings", TensorProto.FLOAT, [1, "tokens_", WIDTH]),
            tensor("segments", TensorProto.INT64, [1, "tokens_"]),
            tensor("sentences", TensorProto.FLOAT, [1, "sentences_", "tokens_"]),
        ],
        [
            tensor("scores", TensorProto.FLOAT, [1, "sentences_"]),
            tensor("starts", TensorProto.FLOAT, [1, "tokens_"]),
            tensor("ends", TensorProto.FLOAT, [1, "tokens_"]),
        ],
        [
            numpy_helper.from_array(np.array([2], np.int64), "two"),
            numpy_helper.from_array(np.array(0, np.float32), "zero"),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)])
    model.ir_version = 9
    onnx.save(model, str(file))
    return file
