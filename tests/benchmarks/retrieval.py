"""What each retriever finds: `python tests/benchmarks/retrieval.py QUESTIONS CORPUS --passages de --questions en`.

QUESTIONS is a .jsonl file of objects with `question`, `answer` and `start` (character offset),
each an object by language, and `document`, a file name in the folder CORPUS; those without
an answer in the passages' language are left out. Prints recall@1 / @5 (the answer lies inside
one of the first k chunks) of each retriever alone, and of search as built.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from rag.index import hybrid_search
from rag.index.library import Library
from rag.index.sqlite_store import SqliteStore
from rag.index.update import index
from rag.index.vector_index import open_index
from rag.models.bundled import load_embedder
from rag.settings import load
from rag.text.char_ngrams import pieces
from rag.text.language import stems

Ranking = Callable[[hybrid_search.SearchQuery], list[int]]


def ranked(scores: dict[int, float]) -> list[int]:
    return sorted(scores, key=lambda chunk: (-scores[chunk], chunk))[:5]


def rankings(library: Library, written: str) -> dict[str, Ranking]:
    """Return what each retriever puts first, as chunk ids."""
    near = open_index(library)

    def by_gloss(query: hybrid_search.SearchQuery) -> list[int]:
        english = [stem for options in query.terms for stem in options]
        table, language = ("stems", "en") if written == "en" else ("glosses", None)
        return ranked(library.lexical(table, english, 100, language))

    return {
        "embedding": lambda query: ranked(near.nearest(query.vector, 500)),
        "stems": lambda query: ranked(library.lexical("stems", stems(query.text, written), 100, written)),
        "glosses": by_gloss,
        "pieces": lambda query: ranked(library.lexical("pieces", pieces(query.text), 100)),
    }


def recall(found: list[list[bool]], most: int) -> float:
    return sum(any(row[:most]) for row in found) / max(1, len(found))


@click.command(help=__doc__)
@click.argument("questions", type=click.Path(path_type=Path, exists=True))
@click.argument("corpus", type=click.Path(path_type=Path, exists=True))
@click.option("--passages", "written", required=True)
@click.option("--questions", "asked", required=True)
def main(questions: Path, corpus: Path, written: str, asked: str) -> None:
    embedder = load_embedder(load({}))
    rows: list[dict[str, Any]] = [json.loads(line) for line in questions.read_text(encoding="utf-8").splitlines()]
    rows = [row for row in rows if written in row["start"]]
    with tempfile.TemporaryDirectory() as folder, Library(Path(folder), create=True) as library:
        index([str(corpus)], library, embedder)
        names = {entry.id: entry.name for entry in library.entries()}
        chunks = library.chunks({int(chunk) for chunk in library.vectors()[0]})
        store, by = SqliteStore.of(library), rankings(library, written)
        hits: dict[str, list[list[bool]]] = {name: [] for name in [*by, "search"]}
        for row in rows:
            query = hybrid_search.prepare(row["question"][asked], library, embedder)
            start, name = row["start"][written], row["document"]
            end = start + len(row["answer"][written])
            for retriever, ranking in by.items():
                spans = [(names[chunks[c][0]], *chunks[c][1:3]) for c in ranking(query)]
                hits[retriever].append([n == name and a <= start and end <= b for n, a, b in spans])
            spans = [
                (p.document.name, p.chunk.start, p.chunk.end) for p in hybrid_search.find(query, library, store, 5)
            ]
            hits["search"].append([n == name and a <= start and end <= b for n, a, b in spans])
    print(f"{asked} -> {written}, {len(rows)} questions")
    for name, found in hits.items():
        print(f"{name:10} {recall(found, 1):.3f} / {recall(found, 5):.3f}")


if __name__ == "__main__":
    main()
