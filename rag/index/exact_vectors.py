"""The vectors of a large library in a file of their own, where each is read by its position.

They belong to the library, which has each in a row: to find a thousand of them, as many as are compared exactly for a
question, takes SQLite four times as long. The file is a cache, of some state of the library: what came after is read
from the library, and so is everything where the file is missing, or is not as it was written.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import mmap
import os
import shutil
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from rag.index.rows import Vectors, VectorState
from rag.system.atomic_write import atomic_write

FILE = "vectors.exact"
_MOST_TOLD = 4096  # bytes of the line behind the numbers
_PART = 1 << 24
_ROOM = 3  # times as much room as the file takes has to be on the disk

Ids = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class ExactVectors:
    """The vectors of the chunks of a library up to `state`, mapped; those of chunk i begin in row `starts[i]`."""

    state: VectorState
    _starts: NDArray[np.uint32]
    _vectors: Vectors
    _whole: mmap.mmap

    def of(self, chunks: Sequence[int]) -> tuple[Ids, Vectors]:
        """Return the chunk id and the vector of every sentence of chunks up to the state, given by ascending id."""
        ids = np.array(chunks, dtype=np.int64)
        starts = self._starts[ids].astype(np.int64)
        counts = self._starts[ids + 1].astype(np.int64) - starts
        ends = np.cumsum(counts)
        rows = np.arange(ends[-1] if len(ends) else 0) + np.repeat(starts - ends + counts, counts)
        found = self._vectors.take(rows, axis=0)
        if sys.platform == "linux":  # what lies around was mapped with it, and would count as in use
            self._whole.madvise(mmap.MADV_DONTNEED)
        return np.repeat(ids, counts), found


def write(file: Path, state: VectorState, size: int, batches: Iterable[tuple[Ids, Vectors]]) -> None:
    """Write the vectors of a state, of about `size` bytes, whole or not at all; where there is no room is no error."""
    with contextlib.suppress(OSError):
        if shutil.disk_usage(file.parent).free < _ROOM * size:
            return
        with atomic_write(file, private=True) as unfinished, unfinished.open("wb") as opened:
            _put(opened, state, batches)


def _put(opened: BinaryIO, state: VectorState, batches: Iterable[tuple[Ids, Vectors]]) -> None:
    counts, dimension, digest = np.zeros(state.chunks + 1, dtype=np.uint32), 1, hashlib.sha256()
    for ids, vectors in batches:
        counts += np.bincount(ids, minlength=len(counts)).astype(np.uint32)
        dimension, data = vectors.shape[1], np.ascontiguousarray(vectors, dtype="<f4").data
        digest.update(data)
        opened.write(data)
    starts = np.append(np.uint32(0), np.cumsum(counts, dtype=np.uint32)).astype("<u4").tobytes()
    opened.write(starts)
    digest.update(starts)
    told: dict[str, Any] = {"state": asdict(state), "count": int(counts.sum()), "dimension": dimension}
    told |= {"structure": _structure(told, starts), "all": digest.hexdigest()}
    opened.write(b"\n" + json.dumps(told).encode())


def read(file: Path) -> ExactVectors | None:
    """Return what a file holds, mapped; None where there is none, or it is not as it was written."""
    try:
        with file.open("rb") as opened:
            told = _told(opened)
            place = 4 * told["count"] * told["dimension"]
            opened.seek(place)
            starts = opened.read(4 * (told["state"]["chunks"] + 2))
            if _structure(told, starts) != told["structure"]:
                return None
            whole = mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ)
        vectors = np.frombuffer(whole, "<f4", place // 4).reshape(told["count"], told["dimension"])
        return ExactVectors(VectorState(**told["state"]), np.frombuffer(starts, "<u4"), vectors, whole)
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def intact(file: Path) -> bool:
    """Whether the file is whole, or there is none; it may be of another state of the library."""
    try:
        with file.open("rb") as opened:
            told = _told(opened)
            left = 4 * (told["count"] * told["dimension"] + told["state"]["chunks"] + 2)
            opened.seek(0)
            digest = hashlib.sha256()
            while left and (part := opened.read(min(_PART, left))):
                digest.update(part)
                left -= len(part)
            return bool(not left and digest.hexdigest() == told["all"])
    except FileNotFoundError:
        return True
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return False


def _told(opened: BinaryIO) -> dict[str, Any]:
    """Return the line behind the numbers; raises ValueError where it does not fit what is before it."""
    length = os.fstat(opened.fileno()).st_size
    opened.seek(max(0, length - _MOST_TOLD))
    line = opened.read().rpartition(b"\n")[2]
    told = json.loads(line)
    numbers = (told["count"], told["dimension"], told["state"]["chunks"])
    if not all(type(number) is int and number >= 0 for number in numbers):
        raise ValueError("no counts")
    if 4 * (told["count"] * told["dimension"] + told["state"]["chunks"] + 2) + 1 + len(line) != length:
        raise ValueError("another length")
    return dict(told)


def _structure(told: dict[str, Any], starts: bytes) -> str:
    """Return the digest of where vectors begin, and of what is told of them."""
    facts = {name: value for name, value in told.items() if name not in ("structure", "all")}
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode() + starts).hexdigest()
