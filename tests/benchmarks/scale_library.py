"""How large a library one machine bears: `python tests/benchmarks/scale_library.py TEXTS PASSAGES FOLDER`.

TEXTS is as in `scale_vectors.py`. Passages of five of its sentences each, of one language, ten a document, are written
to a library in FOLDER by the code that indexing writes with; what is searched by (terms, vectors) was made of each
sentence once, by the code that indexing makes it with, so that only chance puts the sentences beside each other. Where
there are more passages than the sentences give, vectors are as in `scale_vectors.py`. A library that is there already
is measured as it is. Printed is a line of JSON for what was measured: the library's size, and in a process of its own
each: opening; the first search, the median search (half of the questions are whole sentences); adding a document. On a
busy machine the seconds of processors say more than those of the clock, and both only beside another run's.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import faiss
import numpy as np
from numpy.typing import NDArray
from project import SEEDS
from scale_vectors import Vectors, embedded, texts

from rag.documents.chunking import Chunk
from rag.documents.document import read
from rag.index.exact_vectors import FILE as EXACT_FILE
from rag.index.hybrid_search import find, prepare
from rag.index.library import Library
from rag.index.preparation import prepare_document, recipe
from rag.index.rows import Prepared, PreparedChunk
from rag.index.search_terms import search_terms
from rag.index.sqlite_store import SqliteStore
from rag.index.vector_index import FILE, VectorIndex, open_index, renew_index
from rag.index.word_index import FILE as WORD_FILE
from rag.models.bundled import load_embedder
from rag.models.embedder import Embedder
from rag.settings import load
from rag.text.char_ngrams import pieces
from rag.text.language import detect

SENTENCES, PASSAGES = 5, 10  # of a passage, of a document
QUESTIONS = 40
ADDED = 6
TOLD = 20_000  # passages: how often it is told how far the writing is
FILES = ("library.sqlite", FILE, WORD_FILE, EXACT_FILE)
TABLES = ("stems", "glosses", "pieces")


@dataclass(frozen=True, slots=True)
class Material:
    """What passages are put together of: sentences, each with its language, terms by table, and vector."""

    said: list[str]
    languages: list[str]
    terms: list[dict[str, str]]
    vectors: Vectors


def material(file: Path, most: int) -> Material:
    """Return a file's sentences and what indexing makes of each; kept beside the temporary files for another run."""
    vectors = embedded(file, most)
    said = texts(file)[: len(vectors)]
    kept = Path(tempfile.gettempdir()) / f"scale-{file.name}-{most}-terms.json"
    if not kept.exists():
        languages = [detect(text, ("de", "en")) for text in said]
        made = [search_terms(text, language) for text, language in zip(said, languages, strict=True)]
        kept.write_text(json.dumps([languages, made]), encoding="utf-8")
    languages, terms = json.loads(kept.read_text(encoding="utf-8"))
    return Material(said, languages, terms, vectors)


def documents(given: Material, passages: int) -> Iterator[Prepared]:
    """Yield documents with everything that is written of them."""
    embedder, generator = load_embedder(load({})), np.random.default_rng(5)
    rows = {language: [row for row, own in enumerate(given.languages) if own == language] for language in ("de", "en")}
    like, used = read(SEEDS / "kursk-background.md"), np.zeros(len(given.said), dtype=np.bool_)
    for number in range(passages // PASSAGES):
        language = ("de", "en")[number % 2]
        identity, chunks, written = hashlib.sha256(str(number).encode()).hexdigest()[:16], [], ""
        chosen = generator.choice(rows[language], (PASSAGES, SENTENCES))
        vectors = like_them(given.vectors, chosen, used, generator)
        for own, passage in zip(vectors, chosen.tolist(), strict=True):
            start, spans = len(written), []
            for row in passage:
                spans.append((len(written), len(written) + len(given.said[row])))
                written += f"{given.said[row]} "
            chunk = Chunk(identity, start, len(written), "", "", language)
            words = {table: " ".join(given.terms[row][table] for row in passage) for table in TABLES}
            chunks.append(PreparedChunk(chunk, tuple(spans), own, words))
        facts = {"id": identity, "path": f"/made/{number}.txt", "name": f"{number}.txt", "title": f"Document {number}"}
        facts |= {"sha256": identity, "language": language, "text": written}
        document = replace(like, **facts, date=None, body=0, pages=(0,), tags=())
        yield Prepared(document, tuple(chunks), embedder, recipe())


def like_them(
    real: Vectors, rows: NDArray[np.int64], used: NDArray[np.bool_], generator: np.random.Generator
) -> Vectors:
    """Return the vectors of sentences; of one that was `used` before, one like it, as in `scale_vectors.batches`."""
    vectors = real[rows]
    again = used[rows]
    one, other = generator.integers(0, len(real), (2, int(again.sum())))
    vectors[again] += 0.5 * (real[one] - real[other])
    used[rows] = True
    return np.asarray(vectors / np.linalg.norm(vectors, axis=-1, keepdims=True), dtype=np.float32)


def write(folder: Path, file: Path, passages: int, most: int) -> None:
    """Write the library and its index; print how long each took."""
    given = material(file, most)
    started = time.perf_counter()
    slowest = 0.0
    with Library(folder, create=True) as library:
        library.claim(load_embedder(load({})))
        for number, document in enumerate(documents(given, passages), 1):
            begun = time.perf_counter()
            library.add(document)
            slowest = max(slowest, time.perf_counter() - begun)
            if number % (TOLD // PASSAGES) == 0:
                tell(passages=number * PASSAGES, s=round(time.perf_counter() - started), slowest_s=round(slowest, 2))
        written = time.perf_counter()
        renew_index(library)
    tell(written_s=round(written - started), index_s=round(time.perf_counter() - written))


def tell(**facts: object) -> None:
    print(json.dumps(facts), flush=True)


def questions(file: Path, most: int) -> list[str]:
    """Return questions as people ask them, and whole sentences, which have many words."""
    asked = [json.loads(line)["question"] for line in (SEEDS / "questions.jsonl").read_text("utf-8").splitlines()]
    return [*asked[: QUESTIONS // 2], *texts(file)[most : most + QUESTIONS // 2]]


def resident() -> float:
    """Return the gigabytes that this process holds at most."""
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6, 2)


def search(folder: Path, file: Path, most: int) -> None:
    """Search, and print how long it took."""
    embedder, before = load_embedder(load({})), resident()
    started = time.perf_counter()
    with Library(folder) as library:
        index = open_index(library)
        opened = time.perf_counter()
        rows = [_timed(question, library, index, embedder) for question in questions(file, most)]
        agreed = [_as_unlimited(library, question) for question in questions(file, most)[:: QUESTIONS // 10]]
    tell(
        opened_ms=round(1000 * (opened - started)),
        first_ms=round(1000 * sum(rows[0][:2])),
        **_spread("find", [row[1] for row in rows[1:]]),
        **_spread("find_short", [row[1] for row in rows[1 : QUESTIONS // 2]]),
        **_spread("find_long", [row[1] for row in rows[QUESTIONS // 2 :]]),
        **_spread("find_cpu", [row[3] for row in rows[1:]]),
        **_spread("vectors", [row[2] for row in rows[1:]]),
        **_spread("embedding", [row[0] for row in rows[1:]]),
        first_10_as_fts5=round(statistics.mean(each[0] for each in agreed), 3),
        first_60_as_fts5=round(statistics.mean(each[1] for each in agreed), 3),
        fts5_ms=round(1000 * statistics.median(each[2] for each in agreed)),
        words_ms=round(1000 * statistics.median(each[3] for each in agreed), 1),
        resident_gb=resident(),
        of_that_models_gb=before,
    )


def _timed(question: str, library: Library, index: VectorIndex, embedder: Embedder) -> tuple[float, ...]:
    """Return the seconds of a question: embedded, searched, searched by vectors; and the processors' of search."""
    begun = time.perf_counter()
    query = prepare(question, library, embedder)
    embedded_at = time.perf_counter()
    with library.snapshot():
        index.nearest(query.vector, 240)
        near, busy = time.perf_counter(), time.process_time()
        find(query, library, SqliteStore(library, index), 5)
        found = time.perf_counter()
    return embedded_at - begun, found - near, near - embedded_at, time.process_time() - busy


def _spread(name: str, seconds: list[float]) -> dict[str, float]:
    """Return the median, and what 95 of 100 keep below, in milliseconds."""
    ordered = sorted(seconds)
    return {
        f"{name}_ms": round(1000 * statistics.median(ordered), 1),
        f"{name}_95_ms": round(1000 * ordered[int(0.95 * len(ordered))], 1),
    }


def _as_unlimited(library: Library, question: str) -> tuple[float, float, float, float]:
    """Return how much of what FTS5 finds by all of a question's pieces is found, and the seconds of both."""
    asked = pieces(question)
    begun = time.perf_counter()
    found = list(library.lexical("pieces", asked, 60))
    between = time.perf_counter()
    like = list(by_fts5(library, "pieces", asked))
    seconds = time.perf_counter() - between, between - begun
    return *(len(set(found[:n]) & set(like[:n])) / max(1, len(like[:n])) for n in (10, 60)), *seconds


def by_fts5(library: Library, table: str, tokens: list[str]) -> dict[int, float]:
    """Return what FTS5 finds, whatever index of words there is."""
    kept, library._words = library._words, (library.vector_state, None)
    try:
        return library.lexical(table, tokens, 60)
    finally:
        library._words = kept


def recall(folder: Path, file: Path, most: int) -> None:
    """Print how many of the ten passages with the nearest sentences the index finds, by comparing every vector."""
    asked = load_embedder(load({})).encode(questions(file, most), "query")
    heap = faiss.ResultHeap(len(asked), 10 * SENTENCES, keep_max=True)
    with Library(folder) as library, library.snapshot():
        index, after = open_index(library), 0
        while len((batch := library.vectors(after, 20_000))[0]):
            cosines, rows = faiss.knn(asked, batch[1], 10 * SENTENCES, metric=faiss.METRIC_INNER_PRODUCT)
            heap.add_result(cosines, batch[0][rows])
            after = int(batch[0][-1])
        heap.finalize()
        shares = []
        for vector, chunks in zip(asked, heap.I.tolist(), strict=True):
            nearest = list(dict.fromkeys(chunks))[:10]
            shares.append(len(set(nearest) & set(list(index.nearest(vector, 240))[:60])) / len(nearest))
    tell(recall_at_10=round(statistics.mean(shares), 4))


@dataclass(frozen=True, slots=True)
class Own:
    """The embedder that a library names, whichever made it: how long things take does not depend on it."""

    fingerprint: str
    name: str = "of the library"


def add(folder: Path) -> None:
    """Add a document, and print how long it took until it can be found: as the first that is done, and then again."""
    embedder = load_embedder(load({}))
    rows = []
    with Library(folder) as library, tempfile.TemporaryDirectory() as place:
        index, own = open_index(library), Own(library.vector_state.embedder)
        file = Path(place) / "new.txt"
        file.write_text("The mill burned down in 1907. Nobody was hurt.", encoding="utf-8")
        for _ in range(ADDED):
            started, busy = time.perf_counter(), time.process_time()
            prepared = replace(prepare_document(read(file), embedder), embedder=own)
            library.add(prepared)
            index = open_index(library, index)
            query = prepare("When did the mill burn down?", library, embedder)
            found = find(query, library, SqliteStore(library, index), 1)[0].document.id
            rows.append((time.perf_counter() - started, time.process_time() - busy))
            library.remove(prepared.document.id)
            assert found == prepared.document.id
    first, later = rows[0], rows[1:]
    tell(
        first_added_and_found_ms=round(1000 * first[0]),
        first_added_and_found_cpu_ms=round(1000 * first[1]),
        added_and_found_ms=round(1000 * statistics.median(row[0] for row in later)),
        added_and_found_cpu_ms=round(1000 * statistics.median(row[1] for row in later)),
    )


def opening(folder: Path) -> None:
    """Open the library with its indexes twice: after Linux was told to forget its files, and then as they are kept."""
    for file in (path for name in FILES if (path := folder / name).exists()):
        with file.open("rb") as opened:
            os.posix_fadvise(opened.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    importlib.import_module("faiss")
    for kind in ("cold", "warm"):
        started, busy = time.perf_counter(), time.process_time()
        with Library(folder) as library, library.snapshot():
            index = open_index(library)
            library.languages()
            seconds = time.perf_counter() - started, time.process_time() - busy
            tell(opened=kind, ms=round(1000 * seconds[0]), cpu_ms=round(1000 * seconds[1]))
        del index


def main() -> None:
    """Write what is not there, and measure each thing in a process of its own."""
    parser = argparse.ArgumentParser()
    parser.add_argument("texts", type=Path)
    parser.add_argument("passages", type=int)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--most", type=int, default=100_000, help="sentences that are embedded")
    parser.add_argument("--only", choices=["write", "search", "recall", "add", "open"])
    given = parser.parse_args()
    if given.only == "write":
        write(given.folder, given.texts, given.passages, given.most)
    elif given.only == "search":
        search(given.folder, given.texts, given.most)
    elif given.only == "recall":
        recall(given.folder, given.texts, given.most)
    elif given.only == "add":
        add(given.folder)
    elif given.only == "open":
        opening(given.folder)
    else:
        there = (given.folder / "library.sqlite").exists()
        for part in (*(() if there else ("write",)), "open", "search", "recall", "add"):
            subprocess.run([sys.executable, *sys.argv, "--only", part], check=True)
        files = [given.folder / name for name in ("library.sqlite", FILE, WORD_FILE)]
        kept = {file.name: file.stat() for file in files if file.exists()}
        tell(**{f"{file}_gb": round(stat.st_size / 1e9, 2) for file, stat in kept.items()})


if __name__ == "__main__":
    main()
