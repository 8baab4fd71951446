"""How long does a rebuild hold the lock that writers wait for? Vectors are random: only the library's work is measured.

python tests/benchmarks/rebuild_lock.py --documents 1000
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import click
import numpy as np

from rag.documents.document import document_id, read
from rag.index.library import Library
from rag.index.preparation import prepare_document
from rag.index.update import rebuild
from rag.models.embedder import Kind, Vectors

SEEDS = Path(__file__).parent.parent.parent / "seeds"


@dataclass(frozen=True)
class Random:
    """Unit vectors of no meaning, at once."""

    name: str
    dimension: int = 384
    max_tokens: int = 256

    @property
    def fingerprint(self) -> str:
        return self.name

    def encode(self, texts: Sequence[str], kind: Kind) -> Vectors:  # noqa: ARG002 - an embedder has kinds
        vectors = np.random.default_rng(len(texts)).standard_normal((len(texts), self.dimension))
        return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


class Timed(Library):
    """A library that notes how long its transactions last."""

    longest = 0.0

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with super()._transaction():
            started = time.perf_counter()
            yield
        self.longest = max(self.longest, time.perf_counter() - started)


@click.command(help=__doc__)
@click.option("--documents", default=1000, show_default=True)
def main(documents: int) -> None:
    seeds = [read(path) for path in sorted(SEEDS.glob("*.md"))]
    with tempfile.TemporaryDirectory() as folder, Timed(Path(folder), create=True) as library:
        library.claim(Random("one"))
        for number in range(documents):
            path = Path(f"/{number}.md")
            document = replace(seeds[number % len(seeds)], id=document_id(path), path=str(path), name=path.name)
            library.add(prepare_document(document, Random("one")))
        size = library.file.stat().st_size
        added, library.longest = library.longest, 0.0
        started = time.perf_counter()
        rebuild(library, Random("other"), lambda _: None)
        whole = time.perf_counter() - started
        count = library.count()[1]
    print(f"{documents} documents, {count} chunks, {size / 1e6:.0f} MB")
    print(f"a rebuild of {whole:.1f} s (without embedding) held the lock for {library.longest:.2f} s")
    print(f"adding one document held it for {added:.3f} s at most")


if __name__ == "__main__":
    main()
