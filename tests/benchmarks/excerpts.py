"""How much a model that writes is given, and whether the answer is in it.

    python tests/benchmarks/excerpts.py QUESTIONS CORPUS --passages de --questions en [--every N]

QUESTIONS and CORPUS are as for retrieval.py; of the questions every Nth is asked. Prints, for
the retrieved passages whole, for the best eight sentences alone, and for the excerpts of
them, in how many questions the answer lies inside, and their mean length in characters.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from rag.answering import sentence_selection
from rag.answering.assistant import Assistant
from rag.answering.prompt_context import GAP, excerpts
from rag.answering.sentence_selection import Selection
from rag.index.hybrid_search import Passage
from rag.index.library import Library
from rag.index.update import index
from rag.models.bundled import load_embedder
from rag.settings import load

Span = tuple[str, int, int]  # a document's name, and from where to where


def given(passages: list[Passage], selection: Selection) -> dict[str, set[Span]]:
    """Return what could be given to the model."""
    return {
        "passages": {(p.document.name, p.chunk.start, p.chunk.end) for p in passages},
        "read": {(o.passage.document.name, o.start, o.end) for o in selection.read},
        "excerpts": set(shown(passages, selection)),
    }


def shown(passages: list[Passage], selection: Selection) -> Iterator[Span]:
    for excerpt in excerpts(passages, selection):
        document = excerpt.passage.document
        at = excerpt.passage.chunk.start
        for part in excerpt.text.split(GAP):
            at = document.text.index(part, at)
            yield document.name, at, at + len(part)
            at += len(part)


def holds(spans: set[Span], row: dict[str, Any], written: str) -> bool:
    start = row["start"][written]
    return any(
        name == row["document"] and begin < start + len(row["answer"][written]) and end > start
        for name, begin, end in spans
    )


@click.command(help=__doc__)
@click.argument("questions", type=click.Path(path_type=Path, exists=True))
@click.argument("corpus", type=click.Path(path_type=Path, exists=True))
@click.option("--passages", "written", required=True)
@click.option("--questions", "asked", required=True)
@click.option("--every", default=1, show_default=True, help="Ask every so many questions only.")
def main(questions: Path, corpus: Path, written: str, asked: str, every: int) -> None:
    rows = [json.loads(line) for line in questions.read_text(encoding="utf-8").splitlines() if line.strip()]
    rows = [row for row in rows if asked in row["question"] and written in row["start"]][::every]
    counts = dict.fromkeys(("passages", "read", "excerpts"), 0)
    lengths = dict.fromkeys(counts, 0)
    with tempfile.TemporaryDirectory() as folder:
        settings = load({"library": folder})
        with Library(settings.library, create=True) as library:
            index([str(corpus)], library, load_embedder(settings))
            with Assistant(settings, library) as assistant:
                for row in rows:
                    found = assistant.retrieve(row["question"][asked])
                    (weighed,) = found.weighed
                    selection = sentence_selection.select(weighed, assistant.reader)
                    for name, spans in given(list(found.passages), selection).items():
                        counts[name] += holds(spans, row, written)
                        lengths[name] += sum(end - start for _, start, end in spans)
    print(f"{len(rows)} questions, {asked} on {written}")
    for name, count in counts.items():
        print(f"{name:9} {count / max(1, len(rows)):.3f}  {lengths[name] / max(1, len(rows)):5.0f} characters")


if __name__ == "__main__":
    main()
