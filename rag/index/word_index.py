"""The word index: what the tables of words find in a large library, found sooner.

SQLite's FTS5 finds the same in a small one, and stays the truth: its rows are what this cache is made of, and it
follows the library as the vector index does. What is kept in a file is of some state of the library; what came after is
indexed in memory, what left is passed over. How rare a word is, is counted with what left until the file is written
anew, and that is when too much has come or gone. Missing or damaged, FTS5 is asked.
"""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from rag.index import postings as post
from rag.index import word_file
from rag.index.postings import Asked, Rows
from rag.index.rows import VectorState
from rag.index.schema import WORDS
from rag.index.word_file import FILE, Words, intact

__all__ = ["FILE", "WordIndex", "follow", "intact", "renewed"]

LEAST = 1_000  # chunks: with fewer FTS5 is asked, in ~50 ms
BESIDE = 50_000  # chunks: with fewer all words of a question take a few ms, and no thread is started for them
FRESH = 4_000  # so many chunks are indexed in memory rather than kept in the file (~1 s)
_FRESH_SHARE = 0.01  # of those in the file, where that is more
# Postings of a table that a question looks at, where they find as many as are wanted: of a million chunks it then finds
# nearly what it finds by all (`tests/benchmarks/SCALE.md`).
ENOUGH = 300_000
_FEW = 4_000  # chunks that a question is limited to: each of them is scored
_AT_ONCE = 10_000  # chunks that are read from the library
_PARTS = 8  # in memory, before they become one


class Rowed(Protocol):
    """A library, as far as its words are indexed."""

    folder: Path

    def words_of(self, table: str, after: int, most: int) -> list[tuple[int, str]]: ...
    def languages_of(self, after: int) -> list[tuple[int, str]]: ...
    def removed(self, after: int) -> list[tuple[int, int]]: ...


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """The words of some chunks, with what is reckoned of them once: how their lengths weigh at the `means`."""

    words: Words
    norms: dict[str, NDArray[np.float32]]


@dataclass(frozen=True, slots=True, eq=False)
class WordIndex:
    """The words of a library's chunks. Made once for each `state` of the library; `total` chunks, gone ones too."""

    state: VectorState
    _parts: tuple[_Part, ...]  # that of the file, and those that came after
    _gone: tuple[tuple[int, int], ...]  # spans of ids of chunks that left after
    _means: dict[str, float]  # lengths of chunks
    total: int

    def best(
        self,
        table: str,
        terms: Collection[str],
        most: int,
        language: str | None = None,
        within: Collection[int] | None = None,
        without: Collection[int] = (),
    ) -> dict[int, float]:
        """Return the BM25 scores of the best chunks that hold any of the terms, by chunk id.

        With `language`, only chunks in it are looked at, with `within`, only those, with `without`, none of those.
        """
        held = self.holding(table, terms)
        worth = {term: post.idf(count, self.total) for term, count in held.items()}
        found: dict[int, float] = {}
        for part in self._parts:
            own = part.words.tables[table]
            allowed = self._allowed(part.words, language, within, without)
            among = np.flatnonzero(allowed) if within is not None and len(within) <= _FEW else None
            asked = Asked(worth, most, allowed, among, ENOUGH)
            found |= post.best(own, part.norms[table], self._means[table], asked)
        ordered = sorted(found, key=lambda chunk: (-found[chunk], chunk))[:most]
        return {chunk: found[chunk] for chunk in ordered}

    def _allowed(
        self, words: Words, language: str | None, within: Collection[int] | None, without: Collection[int]
    ) -> NDArray[np.bool_]:
        """Return which of a part's chunks may be found."""
        first, count = _first(words), len(words.written)
        if language is None:
            allowed = words.written > 0
        elif language in words.languages:
            allowed = words.written == words.languages.index(language) + 1
        else:
            allowed = np.zeros(count, dtype=np.bool_)
        if within is not None:
            chosen = np.zeros(count, dtype=np.bool_)
            chosen[_places(within, first, count)] = True
            allowed &= chosen
        allowed[_places(without, first, count)] = False
        for start, end in self._gone:
            allowed[max(0, start - first) : max(0, end + 1 - first)] = False
        return allowed

    def holding(self, table: str, terms: Collection[str]) -> dict[str, int]:
        """Return in how many chunks each of the terms occurs; those in none are left out."""
        counts: dict[str, int] = {}
        for part in self._parts:
            for term, (span, _) in part.words.tables[table].of(terms).items():
                counts[term] = counts.get(term, 0) + span.stop - span.start
        return {term: counts[term] for term in terms if term in counts}

    @property
    def languages(self) -> set[str]:
        """The languages that chunks are written in."""
        found: set[str] = set()
        for part in self._parts:
            present = np.bincount(part.words.written[self._allowed(part.words, None, None, ())])
            found |= {part.words.languages[number - 1] for number in np.flatnonzero(present).tolist() if number}
        return found

    def followed(self, library: Rowed, state: VectorState) -> WordIndex:
        """Return the index of a later state of its library, in its snapshot."""
        gone = (*self._gone, *library.removed(self.state.removals))
        words = [part.words for part in self._parts]
        if len(words) > _PARTS:
            del words[1:]
        after = words[-1].state.chunks
        if state.chunks > after:
            words.append(_made(library, after, state))
        return _index(state, words, gone)


def _outgrown(kept: Words, chunks: int, gone: Collection[tuple[int, int]]) -> bool:
    last = kept.state.chunks
    left = sum(min(end, last) - start + 1 for start, end in gone if start <= last)
    return chunks - last + left > max(FRESH, _FRESH_SHARE * last)


def _index(state: VectorState, words: list[Words], gone: tuple[tuple[int, int], ...]) -> WordIndex:
    total = sum(int(np.count_nonzero(each.written)) for each in words)
    said = {table: sum(int(each.tables[table].lengths.sum()) for each in words) for table in WORDS}
    means = {table: said[table] / max(total, 1) for table in WORDS}
    parts = [_Part(each, {table: each.tables[table].norms(means[table]) for table in WORDS}) for each in words]
    return WordIndex(state, tuple(parts), gone, means, total)


def _first(words: Words) -> int:
    return words.tables[WORDS[0]].first


def _places(ids: Collection[int], first: int, count: int) -> NDArray[np.int64]:
    places = np.fromiter(ids, np.int64, len(ids)) - first
    return places[(places >= 0) & (places < count)]


def follow(library: Rowed, state: VectorState, known: WordIndex | None) -> WordIndex | None:
    """Return the index of a state of the library, in its snapshot; None where it is small, or has none that fits."""
    if state.chunks < LEAST:
        return None
    if known is None:
        kept = word_file.read(library.folder / FILE)
        if kept is None or not kept.state.leads_to(state):
            return None
        known = _index(kept.state, [kept], ())
    if known.state == state:
        return known
    if not known.state.leads_to(state):
        return None
    gone = (*known._gone, *library.removed(known.state.removals))
    if _outgrown(known._parts[0].words, state.chunks, gone):
        return None
    return known.followed(library, state)


def renewed(library: Rowed, state: VectorState) -> None:
    """Write the file anew, of a state of the library, in its snapshot."""
    with suppress(OSError), tempfile.TemporaryDirectory(prefix=".beleg-words-", dir=library.folder) as place:
        word_file.write(library.folder / FILE, _made(library, 0, state, Path(place)))


def _made(library: Rowed, after: int, state: VectorState, place: Path | None = None) -> Words:
    """Return the words of the chunks with ids above `after`; what is large lies in a folder, where one is given."""
    written = np.zeros(state.chunks - after, dtype=np.uint8)
    numbers: dict[str, int] = {}
    for chunk, language in library.languages_of(after):
        written[chunk - after - 1] = numbers.setdefault(language, len(numbers) + 1)
    tables = {}
    for table in WORDS:

        def space(name: str, dtype: Any, length: int, table: str = table) -> Any:
            assert place is not None
            return np.memmap(place / f"{table}-{name}", dtype, "w+", shape=(max(length, 1),))[:length]

        batches = _batches(library, table, after)
        tables[table] = post.made(after + 1, batches, state.chunks, space if place is not None else None)
    return Words(state, tuple(numbers), written, tables)


def _batches(library: Rowed, table: str, after: int) -> Iterator[Rows]:
    while rows := library.words_of(table, after, _AT_ONCE):
        after = rows[-1][0]
        yield rows
