"""Arrays in files that are mapped: of a large table no more is in memory than the rows that are asked for.

They are written in small pieces. Of a file that is written at one stroke, Linux may keep pages of 2 MB, and a program
that looks at one row then counts as holding all 2 MB around it.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.system.atomic_write import atomic_write

PIECE = 1 << 16  # bytes


def write_pieces(file: Path, parts: Iterable[bytes | memoryview]) -> None:
    """Write the parts to a file, one after the other. Raises OSError."""
    with file.open("wb", buffering=0) as stream:
        for part in parts:
            view = memoryview(part).cast("B")
            at = 0
            while at < len(view):
                at += stream.write(view[at : at + PIECE])


def write_array(file: Path, array: NDArray[Any]) -> None:
    """Write an array as .npy, whole or not at all, for its owner only. Raises OSError."""
    whole = np.ascontiguousarray(array)
    head = io.BytesIO()
    np.lib.format.write_array_header_1_0(head, np.lib.format.header_data_from_array_1_0(whole))
    with atomic_write(file, private=True) as unfinished:
        write_pieces(unfinished, (head.getbuffer(), whole.data))


def mapped_array(file: Path, dtype: type[np.generic], shape: tuple[int, ...]) -> NDArray[Any] | None:
    """Return the array in a .npy file, mapped; None where there is none of that type and shape that is whole."""
    try:
        found = np.load(file, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError):  # there is none, or what a bad disk has left of it
        return None
    fits = isinstance(found, np.memmap) and found.shape == shape and found.dtype == dtype
    return found if fits and found.flags.c_contiguous else None
