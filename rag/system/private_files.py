"""Files and folders that only the person they belong to can read.

A library holds the documents' texts, and a journal the questions: on a machine that several
people use they are nobody else's. What is there already keeps the mode it has been given.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

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


def open_to_write(path: Path, start: int) -> BinaryIO:
    """Open a file, made for its owner only (0600) if there is none, to be written from the byte `start` on.

    What lies there of it before stays, the rest goes. Raises OSError.
    """
    private_file(path)
    stream = path.open("r+b")
    try:
        stream.seek(start)
        stream.truncate()
    except OSError:
        stream.close()
        raise
    return stream
