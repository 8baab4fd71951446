"""Model files that are broken, each in a way of its own, made from a whole one."""

from __future__ import annotations

import os
import struct
from collections.abc import Callable
from pathlib import Path

_COUNTS = struct.Struct("<IQQ")  # after the magic: version, number of tensors, number of key-value pairs
_UINT32 = 4


def _cut_in_half(raw: bytearray) -> None:
    del raw[len(raw) // 2 :]


def _nothing_but_noise(raw: bytearray) -> None:
    raw[4:] = os.urandom(100_000)


def _counts(tensors: int | None, pairs: int | None) -> Callable[[bytearray], None]:
    def change(raw: bytearray) -> None:
        version, had_tensors, had_pairs = _COUNTS.unpack_from(raw, 4)
        _COUNTS.pack_into(
            raw, 4, version, had_tensors if tensors is None else tensors, had_pairs if pairs is None else pairs
        )

    return change


def _unknown_architecture(raw: bytearray) -> None:
    at = raw.index(b"general.architecture") + len("general.architecture") + 4 + 8
    raw[at : at + 5] = b"lllll"


def _endless_name(raw: bytearray) -> None:
    struct.pack_into("<Q", raw, 4 + _COUNTS.size, 1 << 62)  # the length of the first key


def _number(key: str, value: int) -> Callable[[bytearray], None]:
    """Give a whole number among the key-value pairs another value."""

    def change(raw: bytearray) -> None:
        at = raw.index(key.encode()) + len(key)
        assert struct.unpack_from("<I", raw, at) == (_UINT32,)
        struct.pack_into("<I", raw, at + 4, value)

    return change


def _tensor_beyond_the_end(raw: bytearray) -> None:
    name = b"blk.0.attn_q.weight"
    at = raw.index(name) + len(name) + 4 + 2 * 8 + 4  # dimensions, sizes, kind
    struct.pack_into("<Q", raw, at, 1 << 40)


def _weights_of_noise(raw: bytearray) -> None:
    half = len(raw) // 2
    raw[half:] = os.urandom(len(raw) - half)


BROKEN: dict[str, Callable[[bytearray], None]] = {
    "cut in half": _cut_in_half,
    "nothing but noise": _nothing_but_noise,
    "a billion billion tensors": _counts(1 << 60, None),
    "a billion billion facts": _counts(None, 1 << 60),
    "no tensors": _counts(0, None),
    "an unknown architecture": _unknown_architecture,
    "a name without end": _endless_name,
    "no heads": _number("llama.attention.head_count", 0),
    "more heads than width": _number("llama.attention.head_count", 1 << 30),
    "no layers": _number("llama.block_count", 0),
    "a billion layers": _number("llama.block_count", 1 << 30),
    "another width": _number("llama.embedding_length", 1 << 20),
    "a tensor beyond the end": _tensor_beyond_the_end,
    "weights of noise": _weights_of_noise,
}


def make(kind: str, change: Callable[[bytearray], None], whole: Path, folder: Path) -> Path:
    """Write a broken copy of a whole model."""
    raw = bytearray(whole.read_bytes())
    change(raw)
    file = folder / f"{kind}.gguf"
    file.write_bytes(raw)
    return file
