"""Postings: in which chunks each term of a table occurs, how often, and the best chunks for a question by BM25.

An inverted index in a few arrays, so that it can lie in a file and be mapped. It scores as SQLite's FTS5 does (k1 and b
are its own), which looks at every chunk that holds any term of a question: with a million of them that takes seconds.
Here terms come in the order of what they can be worth at most, and only chunks that hold one of the first are looked
at, until no other chunk can be among the best (MaxScore: Turtle and Flood, "Query Evaluation: Strategies and
Optimizations", 1995), or until enough was looked at; what is found is scored by all terms.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

_K1, _B = 1.2, 0.75
_LEAST_IDF = 1e-6  # of what more than half of all chunks hold, as in FTS5
_MOST_TIMES = 255  # that a term is counted in a chunk
_SCORED = 100  # times as many chunks as are wanted are scored by all terms, where not all were looked at

Rows = Sequence[tuple[int, str]]  # ids of chunks, ascending, and their terms, apart by spaces
Hashes = NDArray[np.uint64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Postings:
    """Where the terms of a table occur in chunks `first`, `first` + 1 …

    `hashes` are those of the terms, ascending. Term i occurs in `ids[starts[i] : starts[i + 1]]`, ascending, counted
    from `first`, each so often as `times` says; `most` is what it is worth at most in one. `lengths` are how many terms
    each chunk has, `mean` what that was, over all chunks, when `most` was reckoned.
    """

    first: int
    hashes: Hashes
    starts: NDArray[np.int64]
    most: NDArray[np.float32]
    ids: NDArray[np.uint32]
    times: NDArray[np.uint8]
    lengths: NDArray[np.uint32]
    mean: float

    def of(self, term: str) -> slice:
        """Return where the postings of a term lie; nothing for one that occurs nowhere."""
        wanted = hashed(term)
        at = int(np.searchsorted(self.hashes, wanted))
        if at == len(self.hashes) or self.hashes[at] != wanted:
            return slice(0, 0)
        return slice(int(self.starts[at]), int(self.starts[at + 1]))

    def worth(self, term: str) -> float:
        """Return what a term is worth at most in a chunk, without its idf."""
        wanted = hashed(term)
        at = int(np.searchsorted(self.hashes, wanted))
        return float(self.most[at]) if at < len(self.hashes) and self.hashes[at] == wanted else 0.0

    def norms(self, mean: float) -> NDArray[np.float32]:
        """Return for each chunk what its length takes from the worth of its terms; `mean` is that of all lengths."""
        return _norms(self.lengths, mean)


def _norms(lengths: NDArray[np.uint32], mean: float) -> NDArray[np.float32]:
    return np.asarray(_K1 * (1 - _B + _B * lengths / max(mean, 1e-9)), dtype=np.float32)


def idf(held: int, total: int) -> float:
    """Return what a term that `held` of `total` chunks hold is worth."""
    return max(float(np.log((total - held + 0.5) / (held + 0.5))), _LEAST_IDF)


@lru_cache(maxsize=10_000)
def hashed(term: str) -> np.uint64:
    """Return what stands for a term: two of a million are taken for one another once in forty million libraries."""
    return np.uint64(int.from_bytes(hashlib.blake2b(term.encode("utf-8", "surrogatepass"), digest_size=8).digest()))


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """What is asked of postings: the idf of each term, how many chunks are wanted, and which may be found.

    `allowed` says it of each chunk, counted from the first; `among` are those chunks themselves, ascending, where they
    are few. No more than `enough` postings are looked at where as many as are wanted were found by then.
    """

    worth: Mapping[str, float]
    most: int
    allowed: NDArray[np.bool_]
    among: NDArray[np.int64] | None = None
    enough: int = 1 << 62


def best(postings: Postings, norms: NDArray[np.float32], mean: float, asked: Asked) -> dict[int, float]:
    """Return the scores of the best chunks, by id; `norms` are those of `mean`."""
    slack = (_K1 + 1) * max(1.0, mean / postings.mean if postings.mean else 1.0) * 1.000001
    highest = {term: value * slack * postings.worth(term) for term, value in asked.worth.items()}
    terms = sorted((term for term in highest if highest[term]), key=lambda term: (-highest[term], term))
    rest = np.append(np.cumsum([highest[term] for term in terms][::-1])[::-1], 0.0).tolist()
    if asked.among is not None:
        done, chosen = 0, asked.among
        values = np.zeros(len(chosen), dtype=np.float64)
    else:
        done, chosen, values = _looked_up(postings, norms, asked, terms, rest)
    for at, term in enumerate(terms[done:], done):
        values += asked.worth[term] * (_K1 + 1) * _in(postings, postings.of(term), chosen, norms)
        chosen, values = _contending(chosen, values, asked.most, rest[at + 1])
    held = values > 0
    chosen, values = chosen[held], values[held]
    order = np.lexsort((chosen, -values))[: asked.most]
    return dict(zip((chosen[order] + postings.first).tolist(), values[order].tolist(), strict=True))


def _looked_up(
    postings: Postings, norms: NDArray[np.float32], asked: Asked, terms: Sequence[str], rest: Sequence[float]
) -> tuple[int, NDArray[np.int64], Floats]:
    """Return by how many of the terms, the first, chunks were looked for, those that may be the best, and their scores.

    `rest` is what each term and those after it are worth at most together.
    """
    scores = np.zeros(len(postings.lengths), dtype=np.float64)
    found, looked = np.zeros(0, dtype=np.int64), 0
    for at, term in enumerate(terms):
        span = postings.of(term)
        looked += span.stop - span.start
        if len(found) >= asked.most and (looked > asked.enough or rest[at] < rest[0] / 2):
            values = scores[found]
            if looked > asked.enough:
                best_so_far = np.argpartition(-values, min(_SCORED * asked.most, len(found)) - 1)
                found = found[best_so_far[: _SCORED * asked.most]]
                return at, *_contending(found, scores[found], asked.most, rest[at])
            if rest[at] < np.partition(values, -asked.most)[-asked.most]:
                return at, *_contending(found, values, asked.most, rest[at])
            found, _ = _contending(found, values, asked.most, rest[at])
        ids = np.minimum(postings.ids[span], len(scores) - 1).astype(np.int64)
        kept = asked.allowed[ids]
        ids, times = ids[kept], postings.times[span][kept]
        before = scores[ids]
        scores[ids] = before + asked.worth[term] * (_K1 + 1) * times / (times + norms[ids])
        found = np.concatenate([found, ids[before == 0]])
    return len(terms), found, scores[found]


def _contending(chosen: NDArray[np.int64], values: Floats, most: int, rest: float) -> tuple[NDArray[np.int64], Floats]:
    """Return those chunks, and their scores, that may be among the best once they get up to `rest` more."""
    if len(chosen) <= most:
        return chosen, values
    kept = values + rest >= np.partition(values, -most)[-most]
    return chosen[kept], values[kept]


def _in(postings: Postings, span: slice, chosen: NDArray[np.int64], norms: NDArray[np.float32]) -> Floats:
    """Return what a term is worth in chosen chunks, without its idf."""
    ids = postings.ids[span]
    at = np.searchsorted(ids, chosen)
    at[at == len(ids)] = 0
    times = np.where(ids[at] == chosen, postings.times[span][at], 0)
    return np.asarray(times / (times + norms[chosen]), dtype=np.float64)


# --- making them -----------------------------------------------------------------------------

Space = Callable[[str, np.dtype, int], NDArray]  # type: ignore[type-arg]  # where arrays of a name, type and length go


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """Postings of some chunks, by term, then chunk."""

    terms: NDArray[np.uint32]
    ids: NDArray[np.uint32]
    times: NDArray[np.uint8]


def made(first: int, batches: Iterable[Rows], last: int, space: Space | None = None) -> Postings:
    """Return the postings of chunks `first` to `last`, of which `batches` give the terms of those that there are.

    Arrays that grow with how much is said are made in `space`.
    """
    numbers: defaultdict[str, int] = defaultdict()
    numbers.default_factory = numbers.__len__
    lengths = np.zeros(last - first + 1, dtype=np.uint32)
    there = 0
    parts = []
    for number, rows in enumerate(batches):
        there += len(rows)
        parts.append(_part(rows, first, numbers, lengths, number, space))
    mean = float(lengths.sum()) / max(there, 1)
    hashes = np.array([hashed.__wrapped__(term) for term in numbers], dtype=np.uint64)
    order = np.argsort(hashes)
    held = np.zeros(len(numbers), dtype=np.int64)
    for part in parts:
        held += np.bincount(part.terms, minlength=len(numbers))
    starts = np.append(0, np.cumsum(held[order]))
    place = np.empty(len(numbers), dtype=np.int64)  # where the next posting of each term goes
    place[order] = starts[:-1]
    space = space or _in_memory
    ids = space("ids", np.dtype(np.uint32), int(starts[-1]))
    times = space("times", np.dtype(np.uint8), int(starts[-1]))
    most = np.zeros(len(numbers), dtype=np.float32)
    norms = _norms(lengths, mean)
    for part in parts:
        begins = np.flatnonzero(np.diff(part.terms, prepend=np.uint32(0xFFFFFFFF)))
        present = part.terms[begins]
        counts = np.diff(np.append(begins, len(part.terms)))
        where = np.repeat(place[present] - begins, counts) + np.arange(len(part.terms))
        ids[where], times[where] = part.ids, part.times
        place[present] += counts
        if len(begins):
            worth = part.times / (part.times + norms[part.ids])
            most[present] = np.maximum(most[present], np.maximum.reduceat(worth, begins))
    return Postings(first, hashes[order], starts, most[order], ids, times, lengths, mean)


def _part(
    rows: Rows,
    first: int,
    numbers: defaultdict[str, int],
    lengths: NDArray[np.uint32],
    number: int,
    space: Space | None,
) -> _Part:
    split = [terms.split() for _, terms in rows]
    counts = np.array([len(terms) for terms in split], dtype=np.int64)
    places = np.array([chunk for chunk, _ in rows], dtype=np.int64) - first
    lengths[places] = counts
    terms = np.fromiter(map(numbers.__getitem__, _chained(split)), np.int64, int(counts.sum()))
    keys, times = np.unique((terms << 32) | np.repeat(places, counts), return_counts=True)
    arrays = (
        ("terms", (keys >> 32).astype(np.uint32)),
        ("ids", (keys & 0xFFFFFFFF).astype(np.uint32)),
        ("times", np.minimum(times, _MOST_TIMES).astype(np.uint8)),
    )
    if space is None:
        return _Part(*(array for _, array in arrays))
    kept = []
    for name, array in arrays:
        target = space(f"{number}-{name}", array.dtype, len(array))
        target[:] = array
        kept.append(target)
    return _Part(*kept)


def _chained(split: Sequence[Sequence[str]]) -> Iterator[str]:
    for terms in split:
        yield from terms


def _in_memory(_: str, dtype: np.dtype, length: int) -> NDArray:  # type: ignore[type-arg]
    return np.empty(length, dtype)
