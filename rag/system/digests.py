"""Content digests: what a file holds, in 64 characters: sha256, read once for as long as the file stays as it is."""

from __future__ import annotations

import hashlib
import re
from contextlib import suppress
from pathlib import Path

from rag.system.atomic_write import write_private
from rag.system.private_files import private_folder

_FOLDER = "digests"


def sha256(file: Path) -> str:
    """Return the sha256 of a file's content, in hex. Raises OSError."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def known_sha256(file: Path, cache: Path) -> str:
    """Return the sha256 of a file, from the cache where size and time of change are what they were. Raises OSError.

    For files that take seconds to read. A cache that cannot be written to is no error.
    """
    facts = file.stat()
    key = hashlib.sha256(f"{file.absolute()}|{facts.st_size}|{facts.st_mtime_ns}".encode()).hexdigest()[:24]
    kept = cache / _FOLDER / key
    with suppress(OSError, ValueError):
        if re.fullmatch("[0-9a-f]{64}", known := kept.read_text(encoding="ascii")):
            return known
    made = sha256(file)
    with suppress(OSError):
        private_folder(kept.parent)
        write_private(kept, made.encode())
    return made
