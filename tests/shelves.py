"""Libraries of a few short texts, filled without walking folders, and a second embedder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rag.chunks import split
from rag.documents import read
from rag.embedder import Embedder, Kind, Vectors
from rag.library import Library


def fill(library: Library, folder: Path, texts: Mapping[str, str], embedder: Embedder) -> None:
    """Write the texts, by file name, into the folder, and put them into a new library."""
    library.claim(embedder)
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
        document = read(folder / name)
        library.add(document, split(document), embedder)


@dataclass
class _Turned:
    """A real second embedder: another's vectors, turned around."""

    inner: Embedder
    name: str
    fingerprint: str = "other"

    @property
    def dimension(self) -> int:
        return self.inner.dimension

    @property
    def max_tokens(self) -> int:
        return self.inner.max_tokens

    def encode(self, texts: Sequence[str], kind: Kind) -> Vectors:
        return np.ascontiguousarray(-self.inner.encode(texts, kind))


def other_embedder(inner: Embedder, name: str = "other") -> Embedder:
    """Return an embedder whose vectors do not compare with those of `inner`."""
    return _Turned(inner, name)
