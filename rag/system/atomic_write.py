"""Atomic writes: files that are there whole or not at all, whatever ends the process that writes them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from rag.system.private_files import FILE_MODE

_AS_OTHERS = 0o666  # less what the person's umask takes away


@contextmanager
def atomic_write(
    path: Path, *, private: bool = False, durable: bool = False, beside: Path | None = None
) -> Iterator[Path]:
    """Give the block an empty file to fill, which takes the place of `path` at its end. Raises OSError.

    If the block raises, `path` stays as it was and the other file goes. With `private` the
    file is for its owner only (0600), else as the person's other files are; with `durable`
    it outlives a power cut. The file to fill has a name that no other has, so that any number
    of processes may write the same path, and the last one wins. Whoever keeps others out can
    name it (`beside`, in the same file system): a killed process then leaves one to be found again.
    """
    unfinished = beside or path.with_name(f".{path.name[:60]}.{os.urandom(6).hex()}")
    if beside is not None:
        beside.unlink(missing_ok=True)
    os.close(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE if private else _AS_OTHERS))
    try:
        yield unfinished
        if durable:
            with unfinished.open("rb") as file:
                os.fsync(file.fileno())
        unfinished.replace(path)
        if durable:
            sync_folder(path.parent)
    finally:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)


def write_private(path: Path, data: bytes, *, durable: bool = False) -> None:
    """Write a file (0600) whole or not at all. Raises OSError. The folder must be there."""
    with atomic_write(path, private=True, durable=durable) as unfinished:
        unfinished.write_bytes(data)


def sync_folder(folder: Path) -> None:
    """See to it that the names in a folder outlive a power cut, where the system can do that."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
