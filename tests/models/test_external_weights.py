"""Held: the weights of an export lie beside it, and are mapped from there."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import onnx
import pytest

from rag.models.embedder import Embedder
from rag.models.encoder_backends import open_session
from rag.models.external_weights import weight
from rag.models.onnx_export import WEIGHTS


@pytest.fixture
def prepared(cache: Path, embedder: Embedder) -> Path:
    """The folder of the embedded embedder's export."""
    return cache / "embedders" / embedder.fingerprint


def test_an_export_is_small_and_its_weights_are_mapped(prepared: Path) -> None:
    session = open_session(prepared, threads=1)
    assert session.get_inputs() and (prepared / "model.onnx").stat().st_size < 1_000_000
    assert (prepared / WEIGHTS).stat().st_size > 100_000_000
    if Path("/proc/self/maps").exists():
        assert str(prepared / WEIGHTS) in Path("/proc/self/maps").read_text(encoding="utf-8")


def test_a_weight_is_read_from_where_it_lies(prepared: Path, tmp_path: Path) -> None:
    for name in ("model.onnx", WEIGHTS):  # onnx reads none of a file that has another name elsewhere, as of a test
        shutil.copyfile(prepared / name, tmp_path / name)
    prepared = tmp_path
    beside = onnx.load(prepared / "model.onnx", load_external_data=False).graph.initializer
    whole = {each.name: each for each in onnx.load(prepared / "model.onnx").graph.initializer}
    table = max(beside, key=lambda each: int(np.prod(each.dims)))
    assert table.external_data and not table.raw_data
    assert np.array_equal(weight(table, prepared), onnx.numpy_helper.to_array(whole[table.name]))
    small = next(each for each in beside if not each.external_data)
    assert np.array_equal(weight(small, prepared), onnx.numpy_helper.to_array(whole[small.name]))
