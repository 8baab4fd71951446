"""Files and folders that only the person they belong to can read.

A library holds the documents' texts, and a journal the questions: on a machine that several
people use they are nobody else's. What is there already keeps the mode it has been given.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

FILE_MODE, FOLDER_MODE = 0o600, 0o700


def private_folder(path: Path) -> None:
    """Make a folder, and those above it that are missing, for its owner only (0700). Raises OSError."""
    if path.is_dir():
        return
    if path.parent != path:
        private_folder(path.parent)
    path.mkdir(mode=FOLDER_MODE, exist_ok=True)


def private_file(path: Path) -> None:
    """Make an empty file for its owner only (0600), unless there is one. Raises OSError.

    For writers that open by name, such as SQLite, whose journals take the mode of the file.
    """
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE))


def private_opener(path: str, flags: int) -> int:
    """The `opener` for `open` with which a file that is made is for its owner only (0600)."""
    return os.open(path, flags, FILE_MODE)


def write_private(path: Path, data: bytes, *, durable: bool = False) -> None:
    """Write a file (0600) whole or not at all; with `durable`, so that it outlives a power cut. Raises OSError.

    The folder must be there. Any number of processes may write the same file: one of them is the last.
    """
    import tempfile

    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # made 0600
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            if durable:
                stream.flush()
                os.fsync(stream.fileno())
        Path(temporary).replace(path)
        if durable:
            sync_folder(path.parent)
    except BaseException:
        with suppress(OSError):
            Path(temporary).unlink()
        raise


def sync_folder(folder: Path) -> None:
    """See to it that the names in a folder outlive a power cut, where the system can do that."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
