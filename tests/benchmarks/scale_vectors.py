"""Which vector index at which size: `python tests/benchmarks/scale_vectors.py TEXTS [SIZES] -o FILE.json`.

TEXTS is a file of sentences, one a line (.gz too, columns apart by tabs are a sentence each). They are embedded
with Beleg's embedder; the last 200 are the queries, the others the vectors. Where more are asked for, more are made of
them: a vector, and half the difference of two others, so that they lie as real ones do, not spread over the sphere.
Each index is measured in this process, one after the other: the share of the ten exactly nearest that is among its
240 best (re-ranked by the exact vectors, as the road does it), the median time of a search in milliseconds with the
threads given and that of processors (of a busy machine only that says something), the bytes of its file, and the
processors' seconds that it takes to be made. `-o` writes all of that, and a plot beside it (FILE.svg).
"""

from __future__ import annotations

import argparse
import gzip
import json
import resource
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray
from scale_plot import plot

Vectors = NDArray[np.float32]
QUERIES, WANTED, POOL = 200, 10, 240
SIZES = (10_000, 100_000, 1_000_000, 5_000_000)
AT_ONCE = 100_000


def texts(file: Path) -> list[str]:
    """Return the sentences of a file, each once, shuffled the same each time."""
    raw = file.read_bytes()
    lines = (gzip.decompress(raw) if file.suffix == ".gz" else raw).decode("utf-8").split("\n")
    found = {part.strip() for line in lines for part in line.split("\t") if len(part.strip()) > 20}
    ordered = np.array(sorted(found), dtype=object)
    return [str(text) for text in np.random.default_rng(7).permutation(ordered)]


def embedded(file: Path, most: int) -> Vectors:
    """Return the vectors of a file's sentences; they are kept beside the temporary files for another run."""
    kept = Path(tempfile.gettempdir()) / f"scale-{file.name}-{most}.npy"
    if not kept.exists():
        from rag.models.bundled import load_embedder  # a machine that has the vectors needs no Beleg
        from rag.settings import load

        np.save(kept, load_embedder(load({})).encode(texts(file)[:most], "document"))
    return np.asarray(np.load(kept))


def batches(real: Vectors, size: int) -> Iterator[Vectors]:
    """Yield `size` vectors: the real ones, then such as are made of them."""
    given = real[:size]
    yield given
    generator = np.random.default_rng(11)
    for at in range(len(given), size, AT_ONCE):
        one, other, third = generator.integers(0, len(real), (3, min(AT_ONCE, size - at)))
        made = real[one] + 0.5 * (real[other] - real[third])
        yield (made / np.linalg.norm(made, axis=1, keepdims=True)).astype(np.float32)


def exact(real: Vectors, size: int, queries: Vectors) -> NDArray[np.int64]:
    """Return the rows of the ten nearest of each query, by comparing all: shape (queries, 10)."""
    heap = faiss.ResultHeap(len(queries), WANTED, keep_max=True)
    at = 0
    for batch in batches(real, size):
        cosines, rows = faiss.knn(queries, batch, WANTED, metric=faiss.METRIC_INNER_PRODUCT)
        heap.add_result(cosines, rows + at)
        at += len(batch)
    heap.finalize()
    return np.asarray(heap.I)


def lists(size: int) -> int:
    """As `rag.index.vector_index` chooses them."""
    return int(1 << round(np.log2(2 * np.sqrt(size))))


def made(kind: str, real: Vectors, size: int) -> Any:
    """Return an index of a kind, as FAISS names it, over `size` vectors."""
    index: Any = faiss.index_factory(real.shape[1], kind, faiss.METRIC_INNER_PRODUCT)
    if not index.is_trained:
        sample = np.concatenate([batch[:: max(1, size // (64 * lists(size)))] for batch in batches(real, size)])
        if kind.startswith("IVF"):
            index.cp.spherical = True
        index.train(sample)
    if kind.startswith("HNSW"):
        index.hnsw.efConstruction = 256
    for batch in batches(real, size):
        index.add(batch)
    return index


def efforts(kind: str) -> list[tuple[str, Callable[[], Any] | None]]:
    """Return the efforts to search with: what they are called, and their parameters."""
    if kind.startswith("HNSW"):
        return [(f"efSearch {n}", lambda n=n: faiss.SearchParametersHNSW(efSearch=n)) for n in (128, 256, 512)]
    if kind.startswith("IVF"):
        count = int(kind.removeprefix("IVF").split(",")[0])
        return [
            (f"{n}/16 of the lists", lambda n=n: faiss.SearchParametersIVF(nprobe=count * n // 16))
            for n in (1, 2, 3, 4)
        ]
    return [("all", None)]


def measured(index: Any, queries: Vectors, nearest: NDArray[np.int64], how: Callable[[], Any] | None) -> dict[str, Any]:
    """Return recall and time of an index at one effort."""
    shares, times, busy = [], [], []
    parameters = how() if how else None
    for query, wanted in zip(queries, nearest, strict=True):
        started, begun = time.perf_counter(), time.process_time()
        _, rows = index.search(query.reshape(1, -1), POOL, params=parameters)
        times.append(time.perf_counter() - started)
        busy.append(time.process_time() - begun)
        shares.append(len(set(rows[0].tolist()) & set(wanted.tolist())) / WANTED)
    ordered = sorted(times)
    return {
        "recall": round(float(np.mean(shares)), 4),
        "ms": round(1000 * statistics.median(times), 2),
        "ms95": round(1000 * ordered[int(0.95 * len(ordered))], 2),
        "cpu_ms": round(1000 * statistics.median(busy), 2),
    }


def kinds(size: int) -> list[str]:
    """Return the kinds of index that are worth a try at a size: what takes hours to make, or gigabytes, is not."""
    flat = ["Flat"] if size <= 1_000_000 else []
    others = [f"IVF{lists(size)},SQ8", "HNSW32_SQ8"] if size <= 100_000 else []
    return [*flat, f"IVF{lists(size)},PQ192x4fs", *others]


def main() -> None:
    """Measure, print a line for each index and effort, and write all to a file."""
    parser = argparse.ArgumentParser()
    parser.add_argument("texts", type=Path)
    parser.add_argument("sizes", type=int, nargs="*", default=SIZES)
    parser.add_argument("--most", type=int, default=100_000, help="sentences that are embedded")
    parser.add_argument("--threads", type=int, default=2, help="to search with")
    parser.add_argument("--making", type=int, default=2, help="threads to make indexes with")
    parser.add_argument("--kinds", nargs="*", help="as FAISS names them, in place of those that are worth a try")
    parser.add_argument("-o", "--output", type=Path)
    given = parser.parse_args()
    vectors = embedded(given.texts, given.most)
    real, queries = vectors[:-QUERIES], np.ascontiguousarray(vectors[-QUERIES:])
    rows = []
    for size in given.sizes:
        faiss.omp_set_num_threads(given.making)
        nearest = exact(real, size, queries)
        for kind in given.kinds or kinds(size):
            faiss.omp_set_num_threads(given.making)
            started = time.process_time()
            index = made(kind, real, size)
            faiss.omp_set_num_threads(given.threads)
            seconds = round(time.process_time() - started)
            held = len(faiss.serialize_index(index)) if size <= 1_000_000 else 0
            for effort, how in efforts(kind):
                row = {"size": size, "real": min(size, len(real)), "kind": kind, "effort": effort}
                row |= measured(index, queries, nearest, how) | {"bytes": held, "made_cpu_s": seconds}
                rows.append(row)
                print(json.dumps(row), flush=True)
            del index
    print(f"most memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.2f} GB")
    if given.output:
        given.output.write_text(json.dumps(rows, indent=1), encoding="utf-8")
        given.output.with_suffix(".svg").write_text(plot(rows), encoding="utf-8")


if __name__ == "__main__":
    main()
