"""Held: an array is written whole, for its owner only, and mapped as it was given."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from rag.system import mapped_arrays
from rag.system.mapped_arrays import PIECE, mapped_array, write_array, write_pieces


@pytest.mark.parametrize("shape", [(0,), (7,), (3, 5), (300, 400)])
def test_what_is_mapped_is_what_was_written(shape: tuple[int, ...], tmp_path: Path) -> None:
    array = np.random.default_rng(2).integers(0, 1 << 30, shape, dtype=np.uint32)
    write_array(tmp_path / "a.npy", array)
    assert np.array_equal(np.load(tmp_path / "a.npy"), array)
    if array.size:  # nothing cannot be mapped
        assert np.array_equal(mapped_array(tmp_path / "a.npy", np.uint32, shape), array)  # type: ignore[arg-type]
    assert mapped_array(tmp_path / "a.npy", np.int32, shape) is None
    assert mapped_array(tmp_path / "a.npy", np.uint32, (*shape, 1)) is None
    assert os.name != "posix" or not (tmp_path / "a.npy").stat().st_mode & 0o077


def test_no_part_is_written_at_a_stroke_that_is_larger_than_a_piece(tmp_path: Path) -> None:
    data = os.urandom(3 * PIECE + 17)
    write_pieces(tmp_path / "f", (b"head", data, b"", memoryview(data)))
    assert (tmp_path / "f").read_bytes() == b"head" + data + data


def test_one_that_cannot_be_written_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_array(tmp_path / "a.npy", np.arange(3))

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(mapped_arrays, "write_pieces", full)
    with pytest.raises(OSError, match="No space"):
        write_array(tmp_path / "a.npy", np.arange(9))
    assert np.array_equal(np.load(tmp_path / "a.npy"), np.arange(3))
    assert [file.name for file in tmp_path.iterdir()] == ["a.npy"]
