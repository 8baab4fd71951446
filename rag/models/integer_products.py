"""Integer products: the weights of an encoder's layers in whole numbers, for products that take half the time.

Each row of what goes into a product (a token's numbers) is brought to 8 bits by a scale of its own, each column of the
weights to 7 bits by one of its own, and the sums are whole numbers (vector-wise, as in LLM.int8(): Dettmers et al.,
2022; without a way of their own for outliers, of which small encoders have few: `embedder` compares). By one scale for
all rows, as onnxruntime's own tool has it, a text's vector would depend on what is embedded beside it. By 7 bits, not
8, no processor's instructions overflow: those without VNNI add pairs of products in 16 bits (255 * 63 * 2 < 2**15), so
that all of them come to the same sums.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

_WEIGHT, _HALF = 63, 128  # the largest weight in whole numbers; what stands for 0 in a row
_LEAST = 64 * 64  # weights of a product: of less there is nothing to gain
_MICROSOFT = "com.microsoft"
# sha256 of the weights of which it was measured that as much is found (tests/benchmarks/QUALITY.md).
MEASURED = frozenset({"53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"})


def make_integer(source: Path, target: Path) -> int:
    """Write an ONNX model with integer products in place of those with constant weights; return how many.

    Raises what onnx does.
    """
    import onnx

    model = onnx.load(source)
    count = _Rewriting(model.graph).all()
    if not any(each.domain == _MICROSOFT for each in model.opset_import):
        model.opset_import.append(onnx.helper.make_opsetid(_MICROSOFT, 1))
    onnx.save(model, target)
    return count


class _Rewriting:
    """The nodes of one graph, written anew."""

    def __init__(self, graph: Any) -> None:
        self._graph = graph
        self._weights = {each.name: each for each in graph.initializer}
        self._rows: dict[str, tuple[str, str]] = {}  # of what was brought to whole numbers: these, and their scales
        self._nodes: list[Any] = []

    def all(self) -> int:
        """Rewrite the products; return how many."""
        products = [node for node in self._graph.node if self._is_product(node)]
        if not products:
            return 0
        self._constants()
        for node in self._graph.node:
            if self._is_product(node):
                self._rewrite(node)
            else:
                self._nodes.append(node)
        del self._graph.node[:]
        self._graph.node.extend(self._nodes)
        self._drop({node.input[1] for node in products})
        return len(products)

    def _is_product(self, node: Any) -> bool:
        weight = self._weights.get(node.input[1]) if node.op_type == "MatMul" else None
        return weight is not None and len(weight.dims) == 2 and weight.dims[0] * weight.dims[1] >= _LEAST

    def _constants(self) -> None:
        self._add("integer.step", np.array(1 / (_HALF - 1), dtype=np.float32))
        self._add("integer.least", np.array(1e-12, dtype=np.float32))
        self._add("integer.shift", np.array(_HALF + 0.5, dtype=np.float32))  # and rounded: a cast cuts off
        self._add("integer.zero", np.array(_HALF, dtype=np.uint8))
        self._add("integer.one", np.array(1, dtype=np.float32))

    def _rewrite(self, node: Any) -> None:
        from onnx import numpy_helper

        given, name = node.input
        (target,) = node.output
        rows, scales = self._whole(given)
        weight = numpy_helper.to_array(self._weights[name]).astype(np.float32)
        columns = np.maximum(np.abs(weight).max(axis=0) / _WEIGHT, 1e-12).astype(np.float32)
        whole = np.clip(np.round(weight / columns), -_WEIGHT, _WEIGHT).astype(np.int8)
        if f"{name}.whole" not in self._weights:  # one that two products share
            self._add(f"{name}.whole", whole)
            self._add(f"{name}.scales", columns)
        inputs = [rows, f"{name}.whole", "integer.one", f"{name}.scales", "integer.zero"]
        self._node("MatMulIntegerToFloat", inputs, f"{target}.product", domain=_MICROSOFT)
        self._node("Mul", [f"{target}.product", scales], target)

    def _whole(self, given: str) -> tuple[str, str]:
        """Return the names of a tensor's rows in whole numbers, and of their scales."""
        from onnx import TensorProto

        if given not in self._rows:
            self._node("Abs", [given], f"{given}.sizes")
            self._node("ReduceMax", [f"{given}.sizes"], f"{given}.largest", axes=[-1], keepdims=1)
            self._node("Mul", [f"{given}.largest", "integer.step"], f"{given}.steps")
            self._node("Max", [f"{given}.steps", "integer.least"], f"{given}.scales")
            self._node("Reciprocal", [f"{given}.scales"], f"{given}.inverse")
            self._node("Mul", [given, f"{given}.inverse"], f"{given}.scaled")
            self._node("Add", [f"{given}.scaled", "integer.shift"], f"{given}.shifted")
            self._node("Cast", [f"{given}.shifted"], f"{given}.rows", to=TensorProto.UINT8)
            self._rows[given] = f"{given}.rows", f"{given}.scales"
        return self._rows[given]

    def _node(self, kind: str, inputs: list[str], output: str, **attributes: Any) -> None:
        from onnx import helper

        self._nodes.append(helper.make_node(kind, inputs, [output], **attributes))

    def _add(self, name: str, array: NDArray[Any]) -> None:
        from onnx import numpy_helper

        tensor = numpy_helper.from_array(array, name)
        self._graph.initializer.append(tensor)
        self._weights[name] = tensor

    def _drop(self, names: set[str]) -> None:
        """Take away weights that nothing names any more."""
        used = {name for node in self._graph.node for name in node.input}
        kept = [each for each in self._graph.initializer if each.name not in names - used]
        del self._graph.initializer[:]
        self._graph.initializer.extend(kept)
