"""The file of the vector index: written whole, mapped when it is read, and told whole without being read.

(Lists are read, once: they are small, and FAISS cannot map them as they are kept.)

It is what FAISS writes, so that FAISS can map it, and behind that a line of JSON: of which state of the library it
is, and two digests. The one is of all that FAISS takes at its word (sizes, centroids, ids of a small index) and is
checked at each opening (ids in lists are only looked up in the library); the other of everything, which takes as long
as reading it, for `beleg check`.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from rag.index.rows import VectorState
from rag.system.atomic_write import atomic_write

FILE = "vectors.faiss"
_MOST_TOLD = 4096  # bytes of the line behind the index
_PART = 1 << 24


@dataclass(frozen=True, slots=True)
class Stored:
    """An index as it is kept: the vectors of which state it holds, how many, and of how many numbers each.

    `trained` is how many vectors there were when its lists were chosen; 0 where it has none.
    """

    index: Any  # faiss
    state: VectorState
    count: int
    dimension: int
    trained: int


def write(file: Path, stored: Stored) -> None:
    """Write an index whole or not at all; a folder that cannot be written to is no error."""
    import faiss

    with contextlib.suppress(OSError, RuntimeError), atomic_write(file, private=True) as unfinished:
        faiss.write_index(stored.index, str(unfinished))
        size = unfinished.stat().st_size
        numbers = {name: getattr(stored, name) for name in ("count", "dimension", "trained")}
        told = {"state": asdict(stored.state), **numbers, "size": size, "bulk": list(_bulk(stored, size))}
        with unfinished.open("rb") as written:
            if stored.trained and not _as_lists(written, told):  # as another FAISS writes them: all is looked at
                told["bulk"] = [size, size]
            told |= {"structure": _structure(written, told), "all": _digest(written, [(0, size)])}
        with unfinished.open("ab") as end:
            end.write(b"\n" + json.dumps(told).encode())


def read(file: Path) -> Stored | None:
    """Return the index in a file, mapped; None where there is none, or it is not as it was written."""
    try:
        with file.open("rb") as opened:
            told = _told(opened)
            if told["trained"] and sys.platform == "linux":  # all of it will be read: the disk may begin
                os.posix_fadvise(opened.fileno(), 0, 0, os.POSIX_FADV_WILLNEED)
            if _structure(opened, told) != told["structure"]:
                return None
        import faiss  # a small library keeps no file: its questions need not wait for this

        index = faiss.read_index(str(file), 0 if told["trained"] else faiss.IO_FLAG_MMAP_IFC)
        state = VectorState(**told["state"])
        return Stored(index, state, told["count"], told["dimension"], told["trained"])
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, RecursionError):
        return None


def intact(file: Path) -> bool:
    """Whether the file is whole, or there is none; it may be of another state of the library."""
    try:
        with file.open("rb") as opened:
            told = _told(opened)
            return bool(_digest(opened, [(0, told["size"])]) == told["all"])
    except FileNotFoundError:
        return True
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return False


def _told(opened: BinaryIO) -> dict[str, Any]:
    """Return the line behind the index; raises ValueError where it does not fit what is before it."""
    length = os.fstat(opened.fileno()).st_size
    opened.seek(max(0, length - _MOST_TOLD))
    line = opened.read().rpartition(b"\n")[2]
    told = json.loads(line)
    start, end = told["bulk"]
    numbers = (told["size"], start, end, told["count"], told["dimension"], told["trained"])
    if not all(type(number) is int for number in numbers) or told["size"] + 1 + len(line) != length:
        raise ValueError("another length")
    if not 0 <= start <= end <= told["size"]:
        raise ValueError("a span that is not within")
    return dict(told)


def _bulk(stored: Stored, size: int) -> tuple[int, int]:
    """Return where the vectors lie in a file of that size: whatever is there, FAISS reads a number.

    Lists are the last that is written. Of vectors that are all compared, ids follow, 8 bytes each after their count.
    """
    if stored.trained:
        import faiss

        lists: Any = faiss.downcast_InvertedLists(stored.index.invlists)
        counts = np.array([lists.list_size(number) for number in range(lists.nlist)])
        blocks = -(-counts // lists.n_per_block) * lists.block_size
        return max(0, size - int((8 + 8 * counts + 8 + blocks).sum())), size
    end = size - 8 - 8 * stored.count
    return end - 4 * stored.count * stored.dimension, end


def _as_lists(opened: BinaryIO, told: dict[str, Any]) -> bool:
    try:
        return bool(_lengths(opened, *told["bulk"]))
    except ValueError:
        return False


def _lengths(opened: BinaryIO, start: int, end: int) -> bytes:
    """Return the lengths that lie between lists: of a list's ids, 8 bytes each, and of its codes in bytes, by turns.

    Raises ValueError where they do not lead from the start to the end.
    """
    lengths, width = bytearray(), 8
    while start < end:
        length = os.pread(opened.fileno(), 8, start)
        lengths += length
        start += 8 + width * int.from_bytes(length, "little")
        width = 9 - width
    if start != end:
        raise ValueError("lists that do not end where they should")
    return bytes(lengths)


def _structure(opened: BinaryIO, told: dict[str, Any]) -> str:
    """Return the digest of what is outside of the bulk, of the lengths in it, and of what is told of it."""
    start, end = told["bulk"]
    lengths = _lengths(opened, start, end) if told["trained"] else b""
    facts = {name: value for name, value in told.items() if name not in ("structure", "all")}
    more = json.dumps(facts, sort_keys=True).encode() + lengths
    return _digest(opened, [(0, start), (end, told["size"])], more)


def _digest(opened: BinaryIO, spans: list[tuple[int, int]], more: bytes = b"") -> str:
    digest = hashlib.sha256(more)
    for part in _parts(opened, spans):
        digest.update(part)
    return digest.hexdigest()


def _parts(opened: BinaryIO, spans: list[tuple[int, int]]) -> Iterator[bytes]:
    for start, end in spans:
        opened.seek(start)
        while start < end:
            part = opened.read(min(_PART, end - start))
            if not part:
                raise ValueError("it ends before its end")
            start += len(part)
            yield part
