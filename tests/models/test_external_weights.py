"""Held: large weights lie beside a model, mapped; it computes the same bits, and stays whole whatever happens."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper
from permissions import read_only

from rag.models import external_weights
from rag.models.encoder_backends import open_session
from rag.models.external_weights import put_weights_beside, weight

TABLE = np.random.default_rng(5).standard_normal((3000, 64)).astype(np.float32)
SQUARE = np.random.default_rng(6).standard_normal((64, 64)).astype(np.float32)
IDS = np.array([[2, 2999, 7]], dtype=np.int64)


@pytest.fixture(autouse=True)
def _small_is_less(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(external_weights, "_SMALL", 100_000)


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A model that looks tokens up, multiplies and adds: two large weights and a small one."""
    weights = {"table": TABLE, "square": SQUARE, "shift": np.arange(64, dtype=np.float32)}
    nodes = [
        helper.make_node("Gather", ["table", "ids"], ["found"]),
        helper.make_node("MatMul", ["found", "square"], ["product"]),
        helper.make_node("Add", ["product", "shift"], ["out"]),
    ]
    ids = helper.make_tensor_value_info("ids", TensorProto.INT64, ["texts", "tokens"])
    out = helper.make_tensor_value_info("out", TensorProto.FLOAT, ["texts", "tokens", 64])
    held = [numpy_helper.from_array(value, name) for name, value in weights.items()]
    opset = [helper.make_opsetid("", 17)]
    made = helper.make_model(helper.make_graph(nodes, "g", [ids], [out], held), opset_imports=opset, ir_version=8)
    onnx.save(made, str(tmp_path / "model.onnx"))
    return tmp_path / "model.onnx"


def computed(file: Path) -> bytes:
    session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
    return bytes(session.run(None, {"ids": IDS})[0].tobytes())


def mapped() -> str:
    return Path("/proc/self/maps").read_text(encoding="utf-8") if os.name == "posix" else ""


def test_it_computes_the_same_bits_and_its_table_is_mapped(model: Path) -> None:
    before = computed(model)
    session = open_session(model.parent, threads=1)
    assert model.stat().st_size < 10_000
    assert session.run(None, {"ids": IDS})[0].tobytes() == before == computed(model)
    if Path("/proc/self/maps").exists():
        assert f"{model.name}.data" in mapped()


def test_once_is_enough_and_a_small_model_stays_as_it_is(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put_weights_beside(model)
    beside = model.with_name("model.onnx.data")
    before = [(file.stat().st_ino, file.stat().st_mtime_ns) for file in (model, beside)]
    put_weights_beside(model)
    monkeypatch.setattr(external_weights, "_SMALL", 1)
    put_weights_beside(model)  # no weight is left in it that is large
    assert [(file.stat().st_ino, file.stat().st_mtime_ns) for file in (model, beside)] == before


def test_one_that_is_open_meanwhile_goes_on(model: Path) -> None:
    session = onnxruntime.InferenceSession(str(model), providers=["CPUExecutionProvider"])
    before = session.run(None, {"ids": IDS})[0]
    put_weights_beside(model)
    again = onnxruntime.InferenceSession(str(model), providers=["CPUExecutionProvider"])
    model.with_name("model.onnx.data").unlink()  # as another program does that puts its own there
    assert np.array_equal(session.run(None, {"ids": IDS})[0], before)
    assert np.array_equal(again.run(None, {"ids": IDS})[0], before)


def test_a_weight_is_read_from_where_it_lies(model: Path) -> None:
    for _ in range(2):
        held = {each.name: each for each in onnx.load(model, load_external_data=False).graph.initializer}
        assert np.array_equal(weight(held["table"], model.parent), TABLE)
        assert np.array_equal(weight(held["square"], model.parent), SQUARE)
        put_weights_beside(model)


@pytest.mark.parametrize("full_at", [1, 2])
def test_where_there_is_no_room_it_stays_one_file(full_at: int, model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before, writes, write = computed(model), [], external_weights.write_pieces

    def full(file: Path, parts: object) -> None:
        writes.append(file)
        if len(writes) == full_at:
            raise OSError(28, "No space left on device")
        write(file, parts)  # type: ignore[arg-type]

    monkeypatch.setattr(external_weights, "write_pieces", full)
    assert open_session(model.parent, threads=1).run(None, {"ids": IDS})[0].tobytes() == before
    assert computed(model) == before and not list(model.parent.glob(".*"))
    monkeypatch.undo()
    monkeypatch.setattr(external_weights, "_SMALL", 100_000)
    put_weights_beside(model)  # and is parted when there is room
    assert model.stat().st_size < 10_000 and computed(model) == before


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="nothing is read-only to root")
def test_a_folder_that_cannot_be_written_to_does(model: Path) -> None:
    before = computed(model)
    with read_only(model.parent):
        assert open_session(model.parent, threads=1).run(None, {"ids": IDS})[0].tobytes() == before
