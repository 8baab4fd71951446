"""Held: the table is what the export holds, is written once, and is made anew where it is damaged."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from permissions import read_only

from rag.errors import ModelUnavailable
from rag.models.reader.embedding_table import FILE, open_table
from rag.system import mapped_arrays

TABLE = np.random.default_rng(3).standard_normal((50, 8)).astype(np.float32)


def export(folder: Path, *tables: np.ndarray) -> Path:
    """Write an export that looks tokens up in the first of these tables."""
    held = [numpy_helper.from_array(table, f"table{number}") for number, table in enumerate(tables)]
    ids = helper.make_tensor_value_info("ids", TensorProto.INT64, ["tokens"])
    out = helper.make_tensor_value_info("out", TensorProto.FLOAT, ["tokens", 8])
    graph = helper.make_graph([helper.make_node("Gather", ["table0", "ids"], ["out"])], "g", [ids], [out], held)
    folder.mkdir(exist_ok=True)
    onnx.save(helper.make_model(graph), str(folder / "model.onnx"))
    return folder


def test_the_rows_are_the_exports_to_16_bits_and_mapped(tmp_path: Path) -> None:
    table = open_table(export(tmp_path, TABLE, np.zeros((8, 50), np.float32)), 50, 8)
    assert isinstance(table, np.memmap) and table.dtype == np.float16
    assert np.array_equal(table, TABLE.astype(np.float16))
    assert (tmp_path / FILE).stat().st_mode & 0o077 == 0 or os.name != "posix"


def test_it_is_written_once(tmp_path: Path) -> None:
    open_table(export(tmp_path, TABLE), 50, 8)
    (tmp_path / "model.onnx").unlink()
    assert np.array_equal(open_table(tmp_path, 50, 8), TABLE.astype(np.float16))


@pytest.mark.parametrize("damage", ["empty", "cut", "pickle", "other shape", "other numbers", "turned"])
def test_a_damaged_table_is_made_anew(damage: str, tmp_path: Path) -> None:
    file = export(tmp_path, TABLE) / FILE
    open_table(tmp_path, 50, 8)
    whole = file.read_bytes()
    match damage:
        case "empty":
            file.write_bytes(b"")
        case "cut":
            file.write_bytes(whole[:-100])
        case "pickle":
            np.save(file, np.array([{"a": 1}], dtype=object), allow_pickle=True)
        case "other shape":
            np.save(file, np.zeros((49, 8), np.float16))
        case "other numbers":
            np.save(file, np.zeros((50, 8), np.float32))
        case "turned":
            np.save(file, np.asfortranarray(np.zeros((50, 8), np.float16)))
    assert np.array_equal(open_table(tmp_path, 50, 8), TABLE.astype(np.float16))
    assert file.read_bytes() == whole


def test_where_it_cannot_be_written_it_is_held_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    export(tmp_path, TABLE)
    monkeypatch.setattr(mapped_arrays, "write_pieces", full)
    table = open_table(tmp_path, 50, 8)
    assert not isinstance(table, np.memmap) and np.array_equal(table, TABLE.astype(np.float16))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model.onnx"]
    if os.geteuid() != 0:
        with read_only(tmp_path):
            assert np.array_equal(open_table(tmp_path, 50, 8), TABLE.astype(np.float16))


def test_an_export_without_the_table_or_with_two_is_named(tmp_path: Path) -> None:
    for folder in (export(tmp_path / "other", TABLE[:40]), export(tmp_path / "two", TABLE, TABLE)):
        with pytest.raises(ModelUnavailable, match=str(folder)):
            open_table(folder, 50, 8)
    (tmp_path / "two" / "model.onnx").write_bytes(b"\x08\xff")
    with pytest.raises(ModelUnavailable):
        open_table(tmp_path / "two", 50, 8)
    with pytest.raises(ModelUnavailable):
        open_table(tmp_path / "nowhere", 50, 8)
