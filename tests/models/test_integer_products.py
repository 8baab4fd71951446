"""Held: products in whole numbers come near the exact ones, each row by itself, and overflow on no processor."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from rag.models.integer_products import make_integer

RANDOM = np.random.default_rng(11)
WIDE = RANDOM.standard_normal((96, 160)).astype(np.float32)
SHARED = RANDOM.standard_normal((96, 160)).astype(np.float32)
SMALL = RANDOM.standard_normal((4, 4)).astype(np.float32)
Numbers = NDArray[np.float32]


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """Two products of one input, one of which has its weights twice, and one that is too small to gain by it."""
    weights = {"wide": WIDE, "shared": SHARED, "small": SMALL}
    nodes = [
        helper.make_node("MatMul", ["given", "wide"], ["one"]),
        helper.make_node("MatMul", ["given", "shared"], ["two"]),
        helper.make_node("Add", ["one", "two"], ["sum"]),
        helper.make_node("MatMul", ["few", "small"], ["three"]),
    ]
    inputs = [
        helper.make_tensor_value_info("given", TensorProto.FLOAT, ["texts", "tokens", 96]),
        helper.make_tensor_value_info("few", TensorProto.FLOAT, ["texts", 4]),
    ]
    outputs = [
        helper.make_tensor_value_info("sum", TensorProto.FLOAT, ["texts", "tokens", 160]),
        helper.make_tensor_value_info("three", TensorProto.FLOAT, ["texts", 4]),
    ]
    held = [numpy_helper.from_array(value, name) for name, value in weights.items()]
    graph = helper.make_graph(nodes, "g", inputs, outputs, held)
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(made, tmp_path / "exact.onnx")
    return tmp_path / "exact.onnx"


def computed(file: Path, given: Numbers) -> Numbers:
    session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
    found: Numbers = session.run(["sum"], {"given": given, "few": SMALL[:1]})[0]
    return found


def test_large_products_are_rewritten_and_come_near_the_exact_ones(model: Path) -> None:
    assert make_integer(model, model.with_name("whole.onnx")) == 2
    given = RANDOM.standard_normal((3, 5, 96)).astype(np.float32)
    exact, whole = computed(model, given), computed(model.with_name("whole.onnx"), given)
    assert not np.array_equal(exact, whole)
    cosine = (exact * whole).sum(-1) / np.linalg.norm(exact, axis=-1) / np.linalg.norm(whole, axis=-1)
    assert cosine.min() > 0.999


def test_weights_take_a_quarter_and_the_exact_ones_are_gone(model: Path) -> None:
    make_integer(model, model.with_name("whole.onnx"))
    held = {each.name: each for each in onnx.load(model.with_name("whole.onnx")).graph.initializer}
    assert {"wide", "shared"}.isdisjoint(held) and "small" in held
    assert held["wide.whole"].data_type == TensorProto.INT8
    assert model.with_name("whole.onnx").stat().st_size < model.stat().st_size / 2


def test_a_row_is_the_same_to_the_bit_whatever_is_beside_it(model: Path) -> None:
    make_integer(model, model.with_name("whole.onnx"))
    row = RANDOM.standard_normal((1, 1, 96)).astype(np.float32)
    alone = computed(model.with_name("whole.onnx"), row)
    for beside in (np.zeros_like(row), row * 1e6, RANDOM.standard_normal((1, 7, 96)).astype(np.float32)):
        together = computed(model.with_name("whole.onnx"), np.concatenate([row, beside], axis=1))
        assert together[0, 0].tobytes() == alone[0, 0].tobytes()


def test_the_largest_numbers_overflow_in_no_16_bits(model: Path) -> None:
    make_integer(model, model.with_name("whole.onnx"))
    held = {each.name: each for each in onnx.load(model.with_name("whole.onnx")).graph.initializer}
    largest = max(int(np.abs(numpy_helper.to_array(held[f"{name}.whole"])).max()) for name in ("wide", "shared"))
    assert 255 * largest * 2 < 2**15 and largest == 63
    given = np.full((1, 1, 96), 3e4, dtype=np.float32) * np.sign(WIDE[:, 0])  # every product of one sign
    exact, whole = computed(model, given), computed(model.with_name("whole.onnx"), given)
    assert whole[0, 0, 0] == pytest.approx(exact[0, 0, 0], rel=0.01)


@pytest.mark.parametrize("given", [np.zeros((1, 2, 96)), np.full((1, 2, 96), 1e-30)])
def test_rows_of_next_to_nothing_give_next_to_nothing(model: Path, given: Numbers) -> None:
    make_integer(model, model.with_name("whole.onnx"))
    assert np.abs(computed(model.with_name("whole.onnx"), given.astype(np.float32))).max() < 1e-6
