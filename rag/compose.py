"""An answer's statements: quotes as they are, or written by the model and then checked.

What the model writes is believed sentence by sentence. A statement stays if the sentences
it cites hold its numbers and names; otherwise the quote it should have been takes its
place, or, if there is none, it goes. If nothing the model wrote stands, the answer is the
quotes: `compose` is never worse founded than `quote`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from rag import prompts
from rag.embedder import Embedder
from rag.evidence import Quote
from rag.generator import Generator
from rag.search import Passage, Query
from rag.verify import Claim, Statement, claims, missing

_ANSWER_TOKENS = 220
_NEAR = 0.5  # the least cosine of a statement with a sentence that backs it, with an embedder that knows both


@dataclass(frozen=True, slots=True)
class Composed:
    """The statements of an answer; the n of their citations count `quotes` from 1."""

    statements: list[Statement]
    quotes: list[Quote]


def quoted(quotes: Sequence[Quote]) -> Composed:
    """Make an answer of the quotes themselves, one statement each."""
    statements = [Statement(" ".join(quote.text.split()), (n,), True) for n, quote in enumerate(quotes, 1)]
    return Composed(statements, list(quotes))


def compose(
    query: Query, passages: Sequence[Passage], quotes: Sequence[Quote], generator: Generator, embedder: Embedder
) -> Composed:
    """Let the model write from the passages; return what of it can be proven.

    `quotes` are what quote mode would answer. Where that is nothing, so is this: the model
    is not asked to write about what the documents do not say.
    """
    if not quotes:
        return Composed([], [])
    shown = in_document_order(passages, quotes)
    written, sent = _write(query, shown, generator)
    if prompts.NOT_FOUND in written.upper():
        return quoted(quotes)
    return check(claims(written, query.language), shown[:sent], quotes, embedder)


def in_document_order(passages: Sequence[Passage], quotes: Sequence[Quote]) -> list[Passage]:
    """Return the passages as the model reads them: by document, then by place in it."""
    first = {quote.document.id: rank for rank, quote in reversed(list(enumerate(quotes)))}
    return sorted(passages, key=lambda p: (first.get(p.document.id, len(quotes)), p.document.id, p.chunk.start))


def _write(query: Query, passages: Sequence[Passage], generator: Generator) -> tuple[str, int]:
    """Return what the model writes, and how many of the passages it was sent: as many as fit."""
    shown = [(_heading(passage), passage.shown) for passage in passages]
    room = generator.context - _ANSWER_TOKENS
    while True:
        prompt = generator.chat_prompt(prompts.compose(query.text, shown, query.language))
        if len(prompt) <= room or len(shown) == 1:
            break
        shown.pop()  # numbers of the passages before it stay what they are
    return "".join(generator.stream(prompt, most=_ANSWER_TOKENS)), len(shown)


def _heading(passage: Passage) -> str:
    return ", ".join(filter(None, (passage.document.title, passage.document.date)))


def check(
    written: Sequence[Claim], passages: Sequence[Passage], quotes: Sequence[Quote], embedder: Embedder
) -> Composed:
    """Keep the claims that the passages they cite back; put quotes in place of the others.

    A claim that cites nothing, or a passage that was not sent, is not kept as it is.
    """
    statements: list[Statement] = []
    used: list[Quote] = []
    for claim in written:
        if any(claim.text == statement.text for statement in statements):
            continue  # a small model says things twice
        cited = [passages[n - 1] for n in claim.cites if 1 <= n <= len(passages)]
        backing = _backing(claim.text, cited, embedder) if len(cited) == len(claim.cites) else []
        if backing:
            statements.append(Statement(claim.text, _number(backing, quotes, used), True))
        elif spare := _spare(cited, quotes, used):
            statements.append(Statement(" ".join(spare.text.split()), _number([spare], quotes, used), True))
    return Composed(statements, used) if statements else quoted(quotes)


def _backing(claim: str, cited: Sequence[Passage], embedder: Embedder) -> list[Quote]:
    """Return the one or two sentences of the cited passages that hold all of the claim, or none."""
    if not cited:
        return []
    vector = embedder.encode([claim], "query")[0]
    rows = [(float(vector @ s.vector), passage, s) for passage in cited for s in passage.sentences]
    rows.sort(key=lambda row: (-row[0], row[1].rank, row[2].start))
    near = [
        Quote(passage.document, s.start, s.end, passage.document.text[s.start : s.end], float(np.clip(cosine, 0, 1)))
        for cosine, passage, s in rows[:4]
        if cosine >= _NEAR
    ]
    # One sentence that holds it all, or the nearest together with one other.
    for chosen in [*([quote] for quote in near), *([near[0], other] for other in near[1:])]:
        if not missing(claim, [quote.text for quote in chosen]):
            return chosen
    return []


def _spare(cited: Sequence[Passage], quotes: Sequence[Quote], used: Sequence[Quote]) -> Quote | None:
    """Return the best quote not used yet, from a cited passage if the claim cites one."""
    taken = {(quote.document.id, quote.start) for quote in used}
    free = [quote for quote in quotes if (quote.document.id, quote.start) not in taken]
    inside = [
        quote
        for quote in free
        if any(p.document.id == quote.document.id and p.chunk.start <= quote.start < p.chunk.end for p in cited)
    ]
    return next(iter(inside or ([] if cited else free)), None)


def _number(backing: Sequence[Quote], quotes: Sequence[Quote], used: list[Quote]) -> tuple[int, ...]:
    """Add the quotes to `used` where they are not there yet; return their numbers."""
    numbers = []
    for quote in backing:
        known = next((q for q in quotes if (q.document.id, q.start) == (quote.document.id, quote.start)), None)
        quote = replace(quote, support=known.support, marks=known.marks) if known else quote
        places = [(q.document.id, q.start) for q in used]
        if (quote.document.id, quote.start) not in places:
            used.append(quote)
            places.append((quote.document.id, quote.start))
        at = places.index((quote.document.id, quote.start))
        if quote.end > used[at].end:  # quote mode had cut it short, but all of it was looked at
            used[at] = quote
        numbers.append(at + 1)
    return tuple(dict.fromkeys(numbers))
