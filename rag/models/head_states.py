"""Head states: what a model has read of the beginning that all its prompts share, kept from one run to the next.

Examples stand before every question. To read them takes a model of a billion parameters some seconds, to load the
state after them a few hundredths of one. A state is bound to the model, the processor and how the model is run: files
of others have other names. A file that is not whole, damaged, or another's under this name is none; against whoever may
write in the cache that is no protection.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rag.system.atomic_write import write_private
from rag.system.private_files import private_folder

MOST = 128 << 20  # bytes of all files together; those used last stay
_DIGEST = 32  # bytes before a state: the sha256 of what it is of, and of itself


@dataclass(frozen=True, slots=True)
class HeadStates:
    """States in `folder`; `bound` is whatever a state depends on beside the tokens that led to it."""

    folder: Path
    bound: str

    def found(self, tokens: Sequence[int]) -> bytes | None:
        """Return the state after these tokens; None where there is none that is whole."""
        file = self._file(tokens)
        try:
            with file.open("rb") as stream:  # in two, so that what is large is there once
                digest = stream.read(_DIGEST)
                state = stream.read() if file.stat().st_size <= MOST + _DIGEST else b""
        except OSError:
            return None
        if not state or self._digest(tokens, state) != digest:
            self.drop(tokens)
            return None
        with suppress(OSError):
            file.touch()
        return state

    def has(self, tokens: Sequence[int]) -> bool:
        """Whether there is a file for these tokens, whole or not."""
        return self._file(tokens).is_file()

    def keep(self, tokens: Sequence[int], state: bytes) -> None:
        """Keep the state after these tokens; if the cache cannot be written to, it is read anew next time."""
        if len(state) > MOST:
            return
        with suppress(OSError):
            private_folder(self.folder)
            write_private(self._file(tokens), self._digest(tokens, state) + state)
            self._make_room()

    def drop(self, tokens: Sequence[int]) -> None:
        """Forget the state after these tokens."""
        with suppress(OSError):
            self._file(tokens).unlink()

    def _make_room(self) -> None:
        files = sorted(self.folder.glob("*.state"), key=lambda file: file.stat().st_mtime, reverse=True)
        total = 0
        for file in files:
            total += file.stat().st_size
            if total > MOST:
                file.unlink()

    def _file(self, tokens: Sequence[int]) -> Path:
        return self.folder / f"{self._digest(tokens).hex()[:32]}.state"

    def _digest(self, tokens: Sequence[int], state: bytes = b"") -> bytes:
        told = hashlib.sha256(self.bound.encode() + b"\0" + np.array(tokens, dtype=np.int64).tobytes() + b"\0")
        told.update(state)
        return told.digest()
