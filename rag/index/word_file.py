"""The file of the word index: written whole, mapped when it is read, and told whole without being read.

Arrays, one behind the other, and behind them a line of JSON: of which state of the library they are, where each
lies, and two digests. The one is of all but the postings themselves (which may be wrong, but lead nowhere else) and is
checked at each opening; the other of everything, which takes as long as reading it, for `beleg check`.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import mmap
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from rag.index.postings import Postings
from rag.index.rows import VectorState
from rag.system.atomic_write import atomic_write

FILE = "words.index"
_MOST_TOLD = 16_384  # bytes of the line behind the arrays
_PART = 1 << 24
_ALIGNED = 64
_ARRAYS = {"hashes": "<u8", "starts": "<i8", "most": "<f4", "lengths": "<u4", "ids": "<u4", "times": "|u1"}
_BULK = ("ids", "times")


@dataclass(frozen=True, slots=True, eq=False)
class Words:
    """The words of the chunks of a library up to `state`, from the one that is the first in each of `tables`.

    `written` tells of each chunk, counted from the first, in which of the `languages` it is, from 1; 0 is no chunk.
    """

    state: VectorState
    languages: tuple[str, ...]
    written: NDArray[np.uint8]
    tables: dict[str, Postings]


def write(file: Path, words: Words) -> None:
    """Write them whole or not at all; a folder that cannot be written to is no error."""
    with contextlib.suppress(OSError), atomic_write(file, private=True) as unfinished:
        with unfinished.open("wb") as opened:
            told: dict[str, Any] = {"state": asdict(words.state), "languages": words.languages, "tables": {}}
            told["written"] = _put(opened, words.written, "|u1")
            for name, postings in words.tables.items():
                arrays = {field: _put(opened, getattr(postings, field), kind) for field, kind in _ARRAYS.items()}
                told["tables"][name] = {"first": postings.first, "mean": postings.mean, **arrays}
            told["size"] = opened.tell()
        with unfinished.open("rb") as opened:
            told |= {"structure": _structure(opened, told), "all": _digest(opened, [(0, told["size"])])}
        with unfinished.open("ab") as end:
            end.write(b"\n" + json.dumps(told).encode())


def _put(opened: BinaryIO, array: NDArray[Any], kind: str) -> list[int]:
    """Write an array, and return where it lies and how many numbers it has."""
    opened.write(b"\0" * (-opened.tell() % _ALIGNED))
    start = opened.tell()
    for at in range(0, len(array), _PART):
        opened.write(np.ascontiguousarray(array[at : at + _PART], dtype=kind).data)
    return [start, len(array)]


def read(file: Path) -> Words | None:
    """Return what a file holds, mapped; None where there is none, or it is not as it was written."""
    try:
        with file.open("rb") as opened:
            told = _told(opened)
            if _structure(opened, told) != told["structure"]:
                return None
            whole = mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ)
        tables = {
            name: Postings(
                **{field: _array(whole, facts[field], kind) for field, kind in _ARRAYS.items()},
                first=facts["first"],
                mean=facts["mean"],
            )
            for name, facts in told["tables"].items()
        }
        written = _array(whole, told["written"], "|u1")
        return Words(VectorState(**told["state"]), tuple(told["languages"]), written, tables)
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def _array(whole: mmap.mmap, place: list[int], kind: str) -> NDArray[Any]:
    return np.frombuffer(whole, dtype=kind, count=place[1], offset=place[0])


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
    """Return the line behind the arrays; raises ValueError where it does not fit what is before it."""
    length = os.fstat(opened.fileno()).st_size
    opened.seek(max(0, length - _MOST_TOLD))
    line = opened.read().rpartition(b"\n")[2]
    told = json.loads(line)
    if type(told["size"]) is not int or told["size"] + 1 + len(line) != length:
        raise ValueError("another length")
    return dict(told)


def _structure(opened: BinaryIO, told: dict[str, Any]) -> str:
    """Return the digest of what is outside of the postings, and of what is told of it."""
    spans, at = [], 0
    for facts in told["tables"].values():
        for field in _BULK:
            start, length = facts[field]
            spans.append((at, start))
            at = start + length * np.dtype(_ARRAYS[field]).itemsize
    facts = {name: value for name, value in told.items() if name not in ("structure", "all")}
    return _digest(opened, [*spans, (at, told["size"])], json.dumps(facts, sort_keys=True).encode())


def _digest(opened: BinaryIO, spans: list[tuple[int, int]], more: bytes = b"") -> str:
    digest = hashlib.sha256(more)
    for start, end in spans:
        opened.seek(start)
        while start < end:
            part = opened.read(min(_PART, end - start))
            if not part:
                raise ValueError("it ends before its end")
            start += len(part)
            digest.update(part)
    return digest.hexdigest()
