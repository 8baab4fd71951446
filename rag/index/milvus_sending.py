"""Milvus is sent what its library holds, and follows it from there.

What is sent is noted in Milvus itself, beside what was sent: up to which chunk, and up to which removal. Chunks are
sent in the order of their ids, which are given once; each is written in place of the one with its id. So whoever is
killed in the middle, or meets a server that is gone, goes on from the note, and what was sent twice is there once.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import replace

from rag.errors import StoreUnusable
from rag.index import milvus_collections as kept
from rag.index.library import Library
from rag.index.milvus_client import Milvus
from rag.index.milvus_collections import Chunk, Collections
from rag.index.rows import VectorState
from rag.index.schema import WORDS
from rag.localization import gettext, ngettext
from rag.system.locks import preparing
from rag.system.logs import notice

_AT_ONCE, _SENTENCES = 500, 2_000  # chunks, sentences: some megabytes
_LOCK = "milvus.lock"  # in the library's folder, while it is sent
Look = Callable[[], object]


def settle(library: Library, milvus: Milvus, anew: bool, look: Look) -> VectorState | None:
    """See that the library's collections are there, hers, whole and up to date; return the state that they are of.

    With `anew` those of another embedder, and those that lack something, are made anew; else that is an error.
    None where there is nothing to be sent, and nothing was. Raises StoreUnusable, or what `look` raises.
    """
    now = library.vector_state
    names = Collections.of(now.library)
    dimension = _dimension(library)
    if len(gone := kept.missing(milvus, names)) == 2:
        if not dimension:
            return None
        _make(library, milvus, names, dimension)
    elif gone or (reason := _unlike(milvus, names, now, dimension)):
        # Whoever was killed while they were made left one, or two without a note, and nothing in them.
        unfinished = gone or _empty(milvus, {names.chunks, names.sentences})
        if gone:
            reason = gettext("{name} is missing").format(name=gone[0])
        if not (anew or unfinished) or not _hers(milvus, names, now):
            raise _not_hers(milvus, names, reason)
        _drop(milvus, names, "" if unfinished else reason)
        if not dimension:
            return None
        _make(library, milvus, names, dimension)
    state = follow(library, milvus, names, look)
    if lacks := _lacking(library, milvus, names, state, sentences=anew):
        if not anew:
            raise _not_hers(milvus, names, lacks)
        _drop(milvus, names, lacks)
        _make(library, milvus, names, dimension)
        return follow(library, milvus, names, look)
    return state


def follow(library: Library, milvus: Milvus, names: Collections, look: Look) -> VectorState:
    """Send what was added since the note in Milvus, take away what left, and return the state that it is then of.

    `look` is called between parts and may raise to stop that. Raises StoreUnusable.
    """
    if (held := _noted(milvus, names)) == library.vector_state:
        return held
    if library.read_only:
        raise StoreUnusable(
            gettext("Milvus at {place} is not up to date, and the library in {folder} can only be read.").format(
                place=milvus.shown, folder=library.folder
            ),
            gettext("Have whoever may write there index or ask once, or search the library itself: --store sqlite"),
        )
    with preparing(library.folder / _LOCK, gettext("the copy in Milvus")):
        held, sent, left = _noted(milvus, names), 0, 0
        while True:
            look()
            with library.snapshot():
                now = library.vector_state
                _check(held, now, milvus)
                for first, last in library.removed(held.removals):
                    kept.delete(milvus, names, first, last)
                    left += 1
                chunks = list(_chunks(library, held.chunks))
            _send(milvus, names, chunks)
            sent += len(chunks)
            held = replace(now, chunks=chunks[-1].id if len(chunks) == _AT_ONCE else now.chunks)
            kept.note(milvus, names, held)
            if held == now:
                break
            notice(gettext("{n} of about {total} chunks are sent to Milvus").format(n=sent, total=now.chunks))
    if sent or left:
        kept.index_now(milvus, names)
        said = ngettext("{n} chunk was sent to Milvus at {place}", "{n} chunks were sent to Milvus at {place}", sent)
        notice(said.format(n=sent, place=milvus.shown))
    return held


def differences(library: Library, milvus: Milvus) -> str:
    """Return how what Milvus holds differs from the library, "" where it does not. Raises StoreUnusable."""
    now = library.vector_state
    names = Collections.of(now.library)
    if gone := kept.missing(milvus, names):
        return gettext("{name} is missing").format(name=gone[0])
    if (held := kept.noted(milvus, names)) is None or held != now:
        return gettext("it is not up to date")
    return _lacking(library, milvus, names, now, sentences=True)


def _dimension(library: Library) -> int:
    """Return how many numbers a vector has; 0 where there are none."""
    ids, vectors = library.vectors(0, _AT_ONCE)
    return int(vectors.shape[1]) if len(ids) else 0


# --- whose collections these are ------------------------------------------------------------


def _make(library: Library, milvus: Milvus, names: Collections, dimension: int) -> None:
    now = library.vector_state
    kept.make(milvus, names, replace(now, chunks=0), dimension)


def _drop(milvus: Milvus, names: Collections, reason: str) -> None:
    if reason:
        notice(gettext("{name} in Milvus is made anew ({reason})").format(name=names.chunks, reason=reason))
    kept.drop(milvus, names)


def _empty(milvus: Milvus, collections: Collection[str]) -> bool:
    """Whether collections hold nothing; of one that is not made as Beleg makes it that is not known."""
    try:
        return all(milvus.count(name) == 0 for name in collections)
    except StoreUnusable:
        return False


def _unlike(milvus: Milvus, names: Collections, now: VectorState, dimension: int) -> str:
    """Return why the collections that are there cannot follow on, "" where they can."""
    if dimension and (differ := kept.odd(milvus, names, dimension)):
        return gettext("made otherwise: {what}").format(what=differ)
    held = kept.noted(milvus, names)
    if held is None:
        return gettext("it is not noted what it is of")
    if held.library != now.library:
        return gettext("it is of another library")
    if held.embedder != now.embedder:
        return gettext("its vectors are of another embedder")
    return ""


def _hers(milvus: Milvus, names: Collections, now: VectorState) -> bool:
    """Whether collections are the library's own, or hold nothing: then they may be dropped."""
    there = {names.chunks, names.sentences} - {*kept.missing(milvus, names)}
    try:
        if names.chunks in there and (held := kept.noted(milvus, names)) is not None:
            return held.library == now.library
    except StoreUnusable:  # it has no such fields, or cannot be loaded
        return False
    return _empty(milvus, there)


def _not_hers(milvus: Milvus, names: Collections, reason: str) -> StoreUnusable:
    return StoreUnusable(
        gettext("The collection {name} of Milvus at {place} does not hold what the library does: {reason}.").format(
            name=names.chunks, place=milvus.shown, reason=reason
        ),
        gettext(
            "`beleg index` with a path makes it anew where it is the library's own; drop or rename one that is not."
        ),
    )


def _noted(milvus: Milvus, names: Collections) -> VectorState:
    held = kept.noted(milvus, names)
    if held is None:
        raise _not_hers(milvus, names, gettext("it is not noted what it is of"))
    return held


def _check(held: VectorState, now: VectorState, milvus: Milvus) -> None:
    """Raise StoreUnusable where the library is behind what was sent, or no longer the same."""
    if (held.library, held.embedder) != (now.library, now.embedder):
        raise StoreUnusable(
            gettext("Milvus at {place} holds the library as another embedder made it.").format(place=milvus.shown),
            gettext("`beleg index` with a path makes it anew, with the present one."),
        )
    if held.chunks > now.chunks or held.removals > now.removals:
        raise StoreUnusable(
            gettext("Milvus at {place} holds a later state of the library than this one.").format(place=milvus.shown),
            gettext("Ask again; where this is a copy of the library, give it a store of its own, or --store sqlite."),
        )


def _lacking(library: Library, milvus: Milvus, names: Collections, state: VectorState, *, sentences: bool) -> str:
    """Return how the numbers of rows differ from the library's, "" where they do not, or it has changed meanwhile."""
    with library.snapshot():
        if library.vector_state != state:
            return ""
        pairs = [(milvus.count(names.chunks) - 1, library.count()[1], gettext("{n} of {total} chunks"))]
        if sentences:
            pairs.append((milvus.count(names.sentences), library.sentence_count(), gettext("{n} of {total} sentences")))
    return ", ".join(said.format(n=there, total=wanted) for there, wanted, said in pairs if there != wanted)


# --- what is sent ---------------------------------------------------------------------------


def _chunks(library: Library, after: int) -> Iterator[Chunk]:
    """Yield the first chunks with an id above `after`, as they are sent."""
    rows = library.chunks_to_send(after, _AT_ONCE)
    first = {document: min(ids) for document, ids in library.openings({row[1] for row in rows}).items() if ids}
    sentences = library.sentences([row[0] for row in rows])
    for identity, document, language, *words in rows:
        vectors = [sentence.vector for sentence in sentences[identity]]
        yield Chunk(identity, first[document], language, dict(zip(WORDS, words, strict=True)), vectors)


def _send(milvus: Milvus, names: Collections, chunks: list[Chunk]) -> None:
    if not chunks:
        return
    sentences = [row for chunk in chunks for row in kept.sentence_rows(chunk)]
    for at in range(0, len(sentences), _SENTENCES):
        milvus.upsert(names.sentences, sentences[at : at + _SENTENCES])
    milvus.upsert(names.chunks, [kept.chunk_row(chunk) for chunk in chunks])
