"""Grounded generation: an answer's statements, quotes as they are or written by the model and then checked.

What the model writes is believed sentence by sentence. A statement stays if the sentences
it cites hold its numbers and names; otherwise the quote it should have been takes its
place, or, if there is none, it goes. If nothing the model wrote stands, the answer is the
quotes: `compose` is never worse founded than `quote`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from rag.answering import prompts
from rag.answering.attribution import Claim, Statement, claims, missing
from rag.answering.prompt_context import excerpts
from rag.answering.query import Query
from rag.answering.sentence_selection import Quote, Selection
from rag.index.hybrid_search import Passage
from rag.models.embedder import Embedder
from rag.models.embedder_ability import on_fitted_scale
from rag.models.generator import Generator
from rag.models.greedy_decoder import Ending, Pieces, Written
from rag.models.reading_progress import Progress
from rag.system.cancellation import CancelToken

ANSWER_TOKENS = 220
_MOST = 5  # sentences; it is asked for three at most
_UNCITED = 3  # sentences: as many quotes are put in their place, and there are no more quotes
_CIRCLE = 9  # words at least, that a circle takes
_ENDS = (".", "!", "?", "…", "]", "\n")  # where a sentence may be at its end
_GIVEN_UP = re.compile(rf"\b{prompts.NOT_FOUND}\b|\A\W*(?i:{prompts.NOT_FOUND})\b")  # not: "was not found"
_OPEN_MARKER = re.compile(r"\s*[\[【][\d,\s]*$")  # "[1" that may still become "[12]"
_BEGUN = 12  # characters of a sentence after which the one before it is surely at its end
_NEAR = 0.5  # the least cosine of a statement with a sentence that backs it, with an embedder that knows both


@dataclass(frozen=True, slots=True)
class Prompt:
    """What the model is to write an answer from: its tokens, and the passages in it as it numbers them, from 1."""

    tokens: tuple[int, ...]
    passages: tuple[Passage, ...]
    language: str


@dataclass(frozen=True, slots=True)
class Composed:
    """The statements of an answer; the n of their citations count `quotes` from 1."""

    statements: list[Statement]
    quotes: list[Quote]


def quoted(quotes: Sequence[Quote]) -> Composed:
    """Make an answer of the quotes themselves, one statement each."""
    statements = [Statement(quote.reading.text, (n,), True) for n, quote in enumerate(quotes, 1)]
    return Composed(statements, list(quotes))


def prompt(query: Query, passages: Sequence[Passage], selection: Selection, generator: Generator) -> Prompt | None:
    """Return what the model is to answer, with as many excerpts of the passages as fit.

    None where quote mode would find nothing: it is not asked to write about what the documents
    do not say. Raises ModelUnavailable where the model has no chat template.
    """
    if not selection.quotes:
        return None
    shown = excerpts(passages, selection)
    texts = [(_heading(excerpt.passage), excerpt.text) for excerpt in shown]
    room = generator.context - ANSWER_TOKENS
    while True:
        tokens = generator.chat_prompt(prompts.compose(query.text, texts, query.language))
        if len(tokens) <= room or len(texts) == 1:
            return Prompt(tuple(tokens), tuple(excerpt.passage for excerpt in shown[: len(texts)]), query.language)
        texts.pop()  # numbers of the excerpts before it stay what they are


def _heading(passage: Passage) -> str:
    return ", ".join(filter(None, (passage.chunk.context or passage.document.title, passage.document.date)))


def write(asked: Prompt, generator: Generator, progress: Progress | None, cancel: CancelToken) -> Pieces:
    """Let the model write an answer; yield it as it grows, and return why it ended."""
    ends = partial(enough, language=asked.language)
    return generator.stream(asked.tokens, most=ANSWER_TOKENS, enough=ends, progress=progress, cancel=cancel)


def write_together(asked: Sequence[Prompt], generator: Generator, cancel: CancelToken) -> list[Written]:
    """Let the model write the answers to all prompts side by side, each as `write` does."""

    def ends(place: int, text: str) -> bool:
        return enough(text, asked[place].language)

    return generator.write([each.tokens for each in asked], most=ANSWER_TOKENS, enough=ends, cancel=cancel)


def compose(
    pieces: Pieces, language: str, passages: Sequence[Passage], quotes: Sequence[Quote], embedder: Embedder
) -> Iterator[Composed]:
    """Yield what is proven so far of a text that cites `passages`, after each statement, while it is written.

    What is yielded only grows; the last is the answer. Where nothing written stands, that is the quotes.
    """
    proof = Proof(passages, quotes, embedder, language)
    for claim in claims_as_written(pieces, language):
        if proof.keep(claim):
            yield proof.made()
    if not proof.statements:
        yield quoted(quotes)


def claims_as_written(pieces: Pieces, language: str) -> Iterator[Claim]:
    """Yield the sentences of a text as it grows, each as soon as another has clearly begun after it."""
    text, given = "", 0
    found: list[Claim] = []
    while True:
        try:
            text += next(pieces)
        except StopIteration as end:
            ending: Ending = end.value
            break
        found = claims(_OPEN_MARKER.sub("", text), language)
        if len(found) > given + 1 and len(found[-1].text) >= _BEGUN:
            yield from found[given:-1]
            given = len(found) - 1
    if ending == "stopped":  # in the midst of a sentence, perhaps: half a sentence may say the opposite
        yield from found[given:-1]
        return
    cut = ending == "length" and not text.endswith(_ENDS)
    yield from claims(text, language)[given : -1 if cut else None]


def enough(text: str, language: str) -> bool:
    """Whether nothing more can come of it: the model has given up, said a lot, or goes round in circles."""
    if _GIVEN_UP.search(text) or _circles([word for word in text.split() if any(map(str.isalnum, word))]):
        return True
    if not text.endswith(_ENDS):
        return False
    said = [claim for claim in claims(text, language) if len(claim.text) >= _BEGUN]
    uncited = len(said) > _UNCITED and not any(claim.cites for claim in said)
    return uncited or len(said) > _MOST or len(set(said)) < len(said) - 1


def _circles(words: list[str]) -> bool:
    """Whether the last words are the same few over and over: three times, and more of those that are very few."""
    for period in range(1, len(words) // 3 + 1):
        times = max(3, -(-_CIRCLE // period))
        tail = words[-period * times :]
        if len(tail) == period * times and tail == words[-period:] * times:
            return True
    return False


class Proof:
    """Keeps the claims that the passages they cite back; puts quotes in place of the others."""

    def __init__(self, passages: Sequence[Passage], quotes: Sequence[Quote], embedder: Embedder, language: str) -> None:
        self._passages, self._quotes, self._embedder, self._language = passages, quotes, embedder, language
        self.statements: list[Statement] = []
        self._used: list[Quote] = []

    def keep(self, claim: Claim) -> bool:
        """Add what stands of a claim: itself, the quote it should have been, or nothing (False).

        A claim that cites nothing, or a passage that was not sent, is not kept as it is.
        """
        if any(claim.text == statement.text for statement in self.statements):
            return False  # a small model says things twice
        cited = [self._passages[n - 1] for n in claim.cites if 1 <= n <= len(self._passages)]
        known = len(cited) == len(claim.cites)
        backing = _backing(claim.text, cited, self._embedder, self._language) if known else []
        text = claim.text
        if not backing and (spare := _spare(cited, self._quotes, self._used)):
            backing, text = [spare], spare.reading.text
        if backing:
            self.statements.append(Statement(text, _number(backing, self._quotes, self._used), True))
        return bool(backing)

    def made(self) -> Composed:
        """Return what is proven so far."""
        return Composed(list(self.statements), list(self._used))


def _backing(claim: str, cited: Sequence[Passage], embedder: Embedder, language: str) -> list[Quote]:
    """Return the one or two sentences of the cited passages that hold all of the claim, in `language`, or none."""
    if not cited:
        return []
    vector = embedder.encode([claim], "query")[0]
    rows = []
    for passage in cited:
        found = np.array([float(vector @ s.vector) for s in passage.sentences])
        scaled = on_fitted_scale(embedder.abilities, language, passage.chunk.language, found)
        rows += [(float(cosine), passage, s) for cosine, s in zip(scaled, passage.sentences, strict=True)]
    rows.sort(key=lambda row: (-row[0], row[1].rank, row[2].start))
    near = [
        Quote(passage.document, s.start, s.end, passage.document.text[s.start : s.end], float(np.clip(cosine, 0, 1)))
        for cosine, passage, s in rows[:4]
        if cosine >= _NEAR
    ]
    # One sentence that holds it all, or the nearest together with one other.
    for chosen in [*([quote] for quote in near), *([near[0], other] for other in near[1:])]:
        if not missing(claim, [quote.reading.text for quote in chosen]):
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
