"""The vector index: the nearest sentence vectors, found by FAISS.

The index is a cache of what the library holds: it is kept in a file beside it, stamped
with the content it was made from and a checksum. Missing, stale or damaged, it is made
anew, and nothing is lost.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.index.copies import copies
from rag.index.library import Library
from rag.index.rows import Vectors
from rag.system.atomic_write import write_private

FILE = "vectors.faiss"
# Up to this many vectors every one is compared (exact, ~10 ms per 50,000 at 384 dimensions);
# beyond, a graph is searched (Malkov and Yashunin, "HNSW", 2016).
FLAT_UP_TO = 100_000
_LINKS, _EFFORT = 32, 256


class VectorIndex:
    """Inner-product search over a library's sentences, those of copies once.

    It is made once for each state of the library, which `stamp` names.
    """

    def __init__(self, index: Any, chunk_ids: NDArray[np.int64], stamp: str) -> None:
        self._index = index
        self._chunk_ids = chunk_ids
        self.stamp = stamp

    def nearest(self, vector: Vectors, most: int) -> dict[int, float]:
        """Return the best cosine of the chunks that the `most` nearest sentences lie in, by chunk id."""
        if not len(self._chunk_ids):
            return {}
        cosines, rows = self._index.search(vector.reshape(1, -1), min(most, len(self._chunk_ids)))
        found: dict[int, float] = {}
        for row, cosine in zip(rows[0], cosines[0], strict=True):
            if row >= 0:
                found.setdefault(int(self._chunk_ids[row]), float(cosine))
        return found


def open_index(library: Library, known: VectorIndex | None = None) -> VectorIndex:
    """Return the index of the library as it is now, or in the snapshot: `known`, or from the cache if that is good."""
    file = library.folder / FILE
    with library.snapshot():
        stamp = library.stamp
        if known is not None and known.stamp == stamp:
            return known
        if (cached := _read(file, stamp)) is not None:
            return cached
        chunk_ids, vectors = library.vectors(copies(library).left_out)
    made = VectorIndex(_make(vectors), chunk_ids, stamp)
    if not library.read_only:
        _write(file, made)
    return made


def _make(vectors: Vectors) -> Any:
    import faiss

    if len(vectors) <= FLAT_UP_TO:
        index: Any = faiss.IndexFlatIP(vectors.shape[1])
    else:
        index = faiss.IndexHNSWFlat(vectors.shape[1], _LINKS, faiss.METRIC_INNER_PRODUCT)
        index.hnsw.efConstruction = index.hnsw.efSearch = _EFFORT
    index.add(vectors)
    return index


def _write(file: Path, made: VectorIndex) -> None:
    """Write the cache whole or not at all; a folder that cannot be written to is no error."""
    import faiss

    payload = made._chunk_ids.tobytes() + faiss.serialize_index(made._index).tobytes()
    head = {"stamp": made.stamp, "count": len(made._chunk_ids), "sha256": hashlib.sha256(payload).hexdigest()}
    with contextlib.suppress(OSError):
        write_private(file, json.dumps(head).encode() + b"\n" + payload)


def _read(file: Path, stamp: str) -> VectorIndex | None:
    import faiss

    found = _payload(file)
    if found is None or found[0]["stamp"] != stamp:
        return None
    head, payload = found
    try:
        split = int(head["count"]) * 8
        index = faiss.deserialize_index(np.frombuffer(payload[split:], dtype=np.uint8))
        return VectorIndex(index, np.frombuffer(payload[:split], dtype=np.int64), stamp)
    except (ValueError, KeyError, TypeError, RuntimeError):
        return None


def intact(file: Path) -> bool:
    """Whether the cache is whole, or there is none; it may be of another state of the library."""
    return not file.exists() or _payload(file) is not None


def _payload(file: Path) -> tuple[dict[str, Any], bytes] | None:
    try:
        line, _, payload = file.read_bytes().partition(b"\n")
        head = json.loads(line)
        return (head, payload) if head["stamp"] and head["sha256"] == hashlib.sha256(payload).hexdigest() else None
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
