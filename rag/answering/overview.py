"""Overview: answers to questions about the library as a whole, from what Beleg knows of it.

Which documents mention a thing is looked up, not guessed (`rag.index.mentions`), and each is shown with the sentence
that does; what there is, is shown by titles and first sentences. What Beleg cannot do it says. Nothing is weighed
here and no LLM reads: a quote either holds the words or begins its document.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from rag.answering.attribution import Statement
from rag.answering.overview_words import says
from rag.answering.question_kinds import PROBE, Kind, kind_of, subject
from rag.answering.sentence_selection import Quote
from rag.documents.document import Document
from rag.index.copies import copies
from rag.index.hybrid_search import SearchQuery, require
from rag.index.library import Library
from rag.index.mentions import MOST_SHOWN, Mentioning, Mentions, begun_with, entitled, mentioning
from rag.index.store import Store
from rag.models.embedder import Embedder
from rag.system.cancellation import CancelToken
from rag.text.headings import heading
from rag.text.language import words
from rag.text.wordlists import FUNCTION_WORDS

_BEGINNING = 3  # sentences that a document begins with
_NEAREST = 60  # sentences looked at for what comes near without the word
_MOST_NEAR = 3  # documents
_LONGEST_TITLE = 80  # characters
_LONGEST = 400  # characters of a quote
_NEAR = 6.0  # standard deviations above what texts about something else come to
_BRACKETS = re.compile(r"\(([^()]*)\)\s*$")
# Sentences about nothing in particular: how near a thing comes to them is how near it comes to anything.
_ELSEWHERE = (
    PROBE,
    "The committee met on Tuesday and agreed on the next steps.",
    "Der Zug nach Norden hatte zwanzig Minuten Verspätung.",
    "She bought bread, butter and a bag of apples.",
    "The password has to be changed every ninety days.",
    "Das Fenster im zweiten Stock war die ganze Nacht offen.",
    "In 1987 the choir sang in front of two hundred guests.",
    "Die Schrauben werden mit acht Newtonmetern angezogen.",
    "The patient should drink plenty of water.",
    "Nach dem Spiel gab es Streit um den zweiten Elfmeter.",
    "A cold wind came down from the hills in the evening.",
    "Der Antrag ist bis zum Ende des Monats einzureichen.",
)


@dataclass(frozen=True, slots=True)
class Overview:
    """An answer about the library as a whole: statements, and the quotes that their citations count from 1.

    `copies` are the names of copies of the quotes' documents, by those documents' ids.
    """

    status: Literal["about", "not_found"]
    statements: tuple[Statement, ...]
    quotes: tuple[Quote, ...] = ()
    copies: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class _Asked:
    """A question about the whole; `thing` is what it is about."""

    kind: Kind
    thing: str
    language: str
    library: Library
    documents: Collection[str]
    cancel: CancelToken | None

    def mentioning(self, thing: str) -> Mentions:
        return mentioning(thing, self.language, self.library, self.documents, self.cancel)

    def says(self, name: str, **values: object) -> Statement:
        return Statement(says(name, self.language, **values), (), True)


def overview(
    put: SearchQuery,
    whole: str,
    library: Library,
    store: Store,
    embedder: Embedder,
    documents: Collection[str] = (),
    cancel: CancelToken | None = None,
) -> Overview | None:
    """Return the answer to a question about the whole; None for an ordinary one. In the snapshot `store` is of.

    `put` is the question before it was completed to `whole`. Raises LibraryUnusable if one of `documents` is not there,
    or Stopped once `cancel` is cancelled.
    """
    kind = kind_of(put.text, put.language, put.vector, embedder)
    if kind == "ordinary":
        return None
    require(library, documents)
    asked = _Asked(kind, _thing(put.text, whole, kind), put.language, library, documents, cancel)
    if kind == "beyond":
        return Overview("not_found", (asked.says("beyond"),))
    if kind in ("greeting", "thanks", "farewell", "program"):
        return Overview("about", (asked.says(kind),))
    return replace(_shown(asked, store, embedder), copies=copies(library, documents).names)


def _shown(asked: _Asked, store: Store, embedder: Embedder) -> Overview:
    if asked.kind == "summary":
        return _summary(asked)
    if asked.kind == "contents" or not asked.thing:
        return _contents(asked)
    found = asked.mentioning(asked.thing)
    if not found and (shorter := _shorter(asked)):
        whole = asked.says("mention none", of=_count(asked), thing=asked.thing)
        rest = _shown(shorter, store, embedder)
        return replace(rest, statements=(whole, *rest.statements))
    if asked.kind == "list":
        return _list(asked, found)
    near = _near(asked, store, embedder, found.ids) if asked.kind == "which" else []
    return _mentions(asked, found, near)


def _shorter(asked: _Asked) -> _Asked | None:
    """Return the question about the end of a thing that is not mentioned: "Pell" of "the name Pell"."""
    for start, _ in words(asked.thing)[1:]:
        shorter = replace(asked, thing=asked.thing[start:])
        named = any(word.lower() not in _SMALL for word in _words(shorter.thing))
        if named and asked.mentioning(shorter.thing):
            return shorter
    return None


def _thing(text: str, whole: str, kind: Kind) -> str:
    """Return what a question is about; where it names nothing, what it was completed with."""
    found = subject(text, kind)
    if any(word.lower() not in _SMALL for word in _words(found)):
        return found
    completed = _BRACKETS.search(whole) if whole != text else None
    return completed.group(1) if completed else ""


_SMALL = FUNCTION_WORDS["de"] | FUNCTION_WORDS["en"] | {"all", "alle", "alles", "everything", "my", "meine", "meinen"}


def _words(text: str) -> list[str]:
    return [text[start:end] for start, end in words(text)]


# --- what mentions a thing ---------------------------------------------------------------


def _mentions(asked: _Asked, found: Mentions, near: Sequence[Quote]) -> Overview:
    """Answer which documents mention a thing, or how many: each with a sentence that does."""
    of = _count(asked)
    name = "mention" if len(found) > 1 else ("mention one" if found else "mention none")
    head = asked.says(name, count=len(found), of=of, thing=asked.thing)
    quotes = [_mentioned(row, 0) for row in found.shown]
    statements = [head, *_titles(quotes, 1)]
    if len(found) > MOST_SHOWN:
        statements.append(asked.says("more", count=len(found) - MOST_SHOWN))
    if near:
        statements += [asked.says("near"), *_titles(near, len(quotes) + 1)]
    return Overview("about", tuple(statements), (*quotes, *near))


def _list(asked: _Asked, found: Mentions) -> Overview:
    """Answer with the sentences that mention a thing, as far as there are not too many."""
    of = _count(asked)
    if not found:
        return Overview("about", (asked.says("list none", of=of, thing=asked.thing),))
    quotes = [_mentioned(row, at) for row in found.shown for at in range(len(row.mentions))][:MOST_SHOWN]
    said = [Statement(quote.reading.text, (n,), True) for n, quote in enumerate(quotes, 1)]
    head = asked.says("list", count=len(found), of=of, thing=asked.thing)
    shown = len({quote.document.id for quote in quotes})
    more = [asked.says("more", count=len(found) - shown)] if shown < len(found) else []
    return Overview("about", (head, *said, *more), tuple(quotes))


def _mentioned(row: Mentioning, at: int) -> Quote:
    mention, document = row.mentions[at], row.document
    text = document.text[mention.start : mention.end]
    return _shortened(Quote(document, mention.start, mention.end, text, 1.0, mention.marks))


def _titles(quotes: Sequence[Quote], first: int) -> Iterable[Statement]:
    return (Statement(_title(quote.document), (n,), True) for n, quote in enumerate(quotes, first))


def _title(document: Document) -> str:
    title = " ".join(document.title.split())
    return title if len(title) <= _LONGEST_TITLE else title[: _LONGEST_TITLE - 1].rstrip() + "…"


def _count(asked: _Asked) -> int:
    """Return how many documents are asked, copies once."""
    left_out = copies(asked.library, asked.documents).left_out
    every = {entry.id for entry in asked.library.entries()} - left_out
    return len(every & set(asked.documents)) if asked.documents else len(every)


def _near(asked: _Asked, store: Store, embedder: Embedder, found: Collection[str]) -> list[Quote]:
    """Return a sentence each of the documents that come near a thing in meaning, without being `found` by its words."""
    thing, *elsewhere = embedder.encode([asked.thing, *_ELSEWHERE], "query")
    cosines = np.array([float(thing @ each) for each in elsewhere])
    least = float(cosines.mean() + _NEAR * cosines.std())
    nearest = store.nearest(thing, _NEAREST, without=copies(asked.library).left_out)
    near = {chunk: cosine for chunk, cosine in nearest.items() if cosine >= least}
    rows, sentences = asked.library.chunks(near), asked.library.sentences(near)
    quotes: dict[str, Quote] = {}
    for chunk in sorted(near, key=lambda each: (-near[each], each)):
        identity = rows[chunk][0]
        if identity in found or identity in quotes or (asked.documents and identity not in asked.documents):
            continue
        best = max(sentences[chunk], key=lambda each: float(thing @ each.vector))
        document = asked.library.document(identity)
        support = round(float(np.clip(thing @ best.vector, 0, 1)), 4)
        quotes[identity] = Quote(document, best.start, best.end, document.text[best.start : best.end], support)
    return list(quotes.values())[:_MOST_NEAR]


# --- what there is -----------------------------------------------------------------------


def _contents(asked: _Asked) -> Overview:
    """Answer what there is: each title, with the first sentence below it."""
    entries = _entries(asked)
    quotes = [quote for entry in entries[:MOST_SHOWN] for quote in _beginning(asked.library, entry, 1)]
    head = asked.says("contents" if len(entries) != 1 else "contents one", count=len(entries))
    more = [asked.says("more", count=len(entries) - MOST_SHOWN)] if len(entries) > MOST_SHOWN else []
    return Overview("about", (head, *_titles(quotes, 1), *more), tuple(quotes))


def _summary(asked: _Asked) -> Overview:
    """Answer with the beginning of the document that is named, or with what is said of the thing."""
    entries = _entries(asked)
    named = _named(asked) if asked.thing else ([entries[0]] if len(entries) == 1 else [])
    found = asked.mentioning(asked.thing) if asked.thing and not named else Mentions()
    if asked.thing and not named and len(found) < 2:
        begun = _begun(asked, entries)
        named = begun if not found or begun == list(found.ids) else []
    if named:
        quotes = _beginning(asked.library, named[0], _BEGINNING)
        head = asked.says("begins", title=_title(asked.library.document(named[0])))
        said = [Statement(quote.reading.text, (n,), True) for n, quote in enumerate(quotes, 1)]
        return Overview("about", (head, *said), tuple(quotes))
    if not asked.thing:
        return _contents(asked)
    if found:
        return _list(asked, found)
    return Overview("about", (asked.says("no document", thing=_without_article(asked.thing)),))


def _without_article(thing: str) -> str:
    starts = [start for start, end in words(thing) if thing[start:end].lower() not in _SMALL]
    return thing[min(starts, default=0) :]


def _entries(asked: _Asked) -> list[str]:
    """Return the ids of the documents that are asked, by name, copies once."""
    left_out = copies(asked.library, asked.documents).left_out
    return [
        entry.id
        for entry in asked.library.entries()
        if entry.id not in left_out and (not asked.documents or entry.id in asked.documents)
    ]


def _named(asked: _Asked) -> list[str]:
    """Return the document whose file's name or title holds most of what is asked for, the rarer words first.

    Words that no document holds ("article", "report") say only that a document is meant.
    """
    thing = asked.thing.lower()
    entries = {entry.id: entry for entry in asked.library.entries()}
    asked_for = [entries[identity] for identity in _entries(asked)]
    if exact := [entry.id for entry in asked_for if thing in (entry.name.lower(), entry.title.lower())]:
        return exact
    content = [word for word in _words(asked.thing) if word.lower() not in _SMALL]
    held = [asked.mentioning(word) for word in content]
    scores: dict[str, float] = {}
    total = 0.0
    for rows in held:
        if not rows:
            continue
        worth = 1 / len(rows)
        total += worth
        for identity in rows.titled:
            scores[identity] = scores.get(identity, 0.0) + worth
    best = max(scores, key=lambda identity: (scores[identity], identity), default="")
    if best and scores[best] >= total / 2:
        return [best]
    by_title = entitled(asked.thing, asked.language, asked.library, [entry.id for entry in asked_for])
    best = max(by_title, key=lambda identity: (by_title[identity], identity), default="")
    return [best] if best and by_title[best] >= len(content) / 2 else []


def _begun(asked: _Asked, entries: Collection[str]) -> list[str]:
    """Return the one document whose first lines hold most of what is asked for, rarer words first; none where two do.

    Words that begin no document ("letter") say only that a document is meant.
    """
    held = [ids for ids in begun_with(asked.thing, asked.language, asked.library, entries) if ids]
    scores = {identity: sum(1 / len(ids) for ids in held if identity in ids) for identity in set().union(*held)}
    best = max(scores.values(), default=0.0)
    found = [identity for identity, score in scores.items() if score == best]
    return found if len(found) == 1 else []


def _beginning(library: Library, identity: str, most: int) -> list[Quote]:
    """Return the first sentences of a document that are no headings; its first of all where there are only those."""
    document = library.document(identity)
    quotes: list[Quote] = []
    heads: list[Quote] = []
    for chunk in library.openings([identity])[identity]:
        for sentence in library.sentences([chunk])[chunk]:
            quote = Quote(document, sentence.start, sentence.end, document.text[sentence.start : sentence.end], 1.0)
            head = heading(document.text, sentence.start, sentence.end, document.body) is not None
            same = " ".join(quote.text.split()).lstrip("# ") == document.title
            (heads if head or same else quotes).append(_shortened(quote))
            if len(quotes) == most:
                return quotes
    return quotes or heads[:1]


def _shortened(quote: Quote) -> Quote:
    """Cut an over-long quote at white space, before or after the first of its marks, which stays whole."""
    text, start, end = quote.document.text, quote.start, quote.end
    first, marked = quote.marks[0] if quote.marks else (start, start)
    if marked > start + _LONGEST:
        start = text.find(" ", max(start, first - _LONGEST // 2), first) + 1 or first
    if end > start + _LONGEST:
        space = text.rfind(" ", start + 1, start + _LONGEST + 1)
        end = max(space if space > 0 else start + _LONGEST, marked)
    marks = tuple(span for span in quote.marks if start <= span[0] and span[1] <= end)
    return replace(quote, start=start, end=end, text=text[start:end], marks=marks)
