"""Prompt context: what a model that writes is given of the passages, the weighed sentences and what is around them.

Reading is what a laptop is slow at, and a small model loses its way in long prompts. The sentences
that were read to choose quotes, with their heading and the one they stand after, are two fifths
of five passages, and hold the answer nearly as often (tests/benchmarks/QUALITY.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from rag.answering.sentence_selection import Quote, Selection
from rag.index.hybrid_search import Passage
from rag.index.library import Sentence
from rag.text.normalization import normalized
from rag.text.paragraphs import apart

GAP = "\n…\n"  # where something is left out


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Some sentences of a passage, as they are read."""

    passage: Passage
    text: str


def excerpts(passages: Sequence[Passage], selection: Selection) -> list[Excerpt]:
    """Return an excerpt of each passage that was weighed, in the order in which the model reads them."""
    chosen: dict[int, set[int]] = {}  # by a passage's rank, where sentences start
    for option in selection.read:
        starts = chosen.setdefault(option.passage.rank, set())
        starts.update(sentence.start for sentence in (*option.after, option.sentence))
    found = [passage for passage in passages if passage.rank in chosen]
    return [
        Excerpt(passage, _text(passage, chosen[passage.rank])) for passage in in_document_order(found, selection.quotes)
    ]


def in_document_order(passages: Sequence[Passage], quotes: Sequence[Quote]) -> list[Passage]:
    """Return the passages by document, the best quoted first, and by place in it."""
    first = {quote.document.id: rank for rank, quote in reversed(list(enumerate(quotes)))}
    return sorted(passages, key=lambda p: (first.get(p.document.id, len(quotes)), p.document.id, p.chunk.start))


def _text(passage: Passage, starts: set[int]) -> str:
    """Return the sentences that start there, as they are read; neighbours together, a gap between others."""
    runs: list[list[Sentence]] = []
    beside = False
    for sentence in passage.sentences:
        wanted = sentence.start in starts
        if wanted and beside:
            runs[-1].append(sentence)
        elif wanted:
            runs.append([sentence])
        beside = wanted
    return GAP.join(_read(passage.document.text, run) for run in runs)


def _read(text: str, run: Sequence[Sentence]) -> str:
    """Return neighbouring sentences; what began a line does so still."""
    parts = [normalized(text, run[0].start, run[0].end).text]
    for before, sentence in pairwise(run):
        breaks = "\n\n" if apart(text, before.end, sentence.start) else "\n"
        parts.append(breaks if "\n" in text[before.end : sentence.start] else " ")
        parts.append(normalized(text, sentence.start, sentence.end).text)
    return "".join(parts)
