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
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

_K1, _B = 1.2, 0.75
_LEAST_IDF = 1e-6  # of what more than half of all chunks hold, as in FTS5
_LEAST_SCORE = 5e-324  # more than none
_MOST_TIMES = 255  # that a term is counted in a chunk
_SCORED = 100  # times as many chunks as are wanted are scored by all terms, where not all were looked at
_SPARSE = 64  # times as many postings as chunks: these are looked up in those, and else those gone through

Rows = Sequence[tuple[int, str]]  # ids of chunks, ascending, and their terms, apart by spaces
Hashes = NDArray[np.uint64]
Floats = NDArray[np.float64]
Places = NDArray[np.int64]  # of chunks, counted from the first


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

    def of(self, terms: Collection[str]) -> dict[str, tuple[slice, float]]:
        """Return where the postings of each term lie, and what it is worth at most in a chunk, without its idf.

        One that occurs nowhere is left out.
        """
        wanted = np.array([hashed(term) for term in terms], dtype=np.uint64)
        if not len(self.hashes):
            return {}
        places = np.minimum(np.searchsorted(self.hashes, wanted), len(self.hashes) - 1)
        there = (self.hashes[places] == wanted).tolist()
        spans = map(slice, self.starts[places].tolist(), self.starts[places + 1].tolist())
        facts = zip(spans, self.most[places].tolist(), strict=True)
        return {term: found for term, found, held in zip(terms, facts, there, strict=True) if held}

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
    there = postings.of(asked.worth.keys())
    highest = {term: asked.worth[term] * slack * most for term, (_, most) in there.items()}
    terms = sorted((term for term in highest if highest[term]), key=lambda term: (-highest[term], term))
    rest = np.append(np.cumsum([highest[term] for term in terms][::-1])[::-1], 0.0).tolist()
    spans = [there[term][0] for term in terms]
    if asked.among is not None:
        done, chosen, low = 0, asked.among, 0.0
        scores = np.zeros(len(postings.lengths), dtype=np.float64)
    else:
        done, chosen, scores, low = _looked_up(postings, norms, asked, list(zip(terms, spans, strict=True)), rest)
    wanted = np.zeros(len(scores), dtype=np.bool_)
    wanted[chosen] = True
    for at in range(done, len(terms)):
        held, times = _held(postings, spans[at], chosen, wanted)
        worth = np.asarray(times / (times + norms[held]), dtype=np.float64)
        scores[held] += asked.worth[terms[at]] * (_K1 + 1) * worth
        values = scores[chosen]
        low = _lowest(values, asked.most, low)
        kept = values + rest[at + 1] >= low
        wanted[chosen[~kept]] = False
        chosen = chosen[kept]
    values = scores[chosen]
    chosen, values = chosen[values > 0], values[values > 0]
    order = np.lexsort((chosen, -values))[: asked.most]
    return dict(zip((chosen[order] + postings.first).tolist(), values[order].tolist(), strict=True))


def _looked_up(
    postings: Postings,
    norms: NDArray[np.float32],
    asked: Asked,
    terms: Sequence[tuple[str, slice]],
    rest: Sequence[float],
) -> tuple[int, Places, Floats, float]:
    """Return by how many of the terms, the first, chunks were looked for, those that may be the best, and their scores.

    The last is what a chunk needs to be among the best. The scores are of all chunks, counted from the first. `rest` is
    what each term and those after it are worth at most together.
    """
    scores = np.zeros(len(postings.lengths), dtype=np.float64)
    high, low, looked = np.zeros(0, dtype=np.int64), _LEAST_SCORE, 0  # the chunks with `low` and more, the best so far
    for at, (term, span) in enumerate(terms):
        looked += span.stop - span.start
        if len(high) >= asked.most and (looked > asked.enough or rest[at] < min(low, rest[0] / 2)):
            chosen = np.flatnonzero(scores >= max(low - rest[at], _LEAST_SCORE))
            chosen = chosen[asked.allowed[chosen]]
            if looked > asked.enough and len(chosen) > _SCORED * asked.most:
                first = _SCORED * asked.most
                chosen = chosen[np.argpartition(-scores[chosen], first - 1)[:first]]
            return at, chosen, scores, low
        ids = np.minimum(postings.ids[span], len(scores) - 1).astype(np.int64)
        times = postings.times[span]
        before = scores.take(ids, mode="clip")  # which asks less than an index in brackets
        now = before + asked.worth[term] * (_K1 + 1) * times / (times + norms.take(ids, mode="clip"))
        scores[ids] = now
        risen = ids[(now >= low) & (before < low)]
        high = np.concatenate([high, risen[asked.allowed[risen]]])
        values = scores[high]
        low = _lowest(values, asked.most, low)
        high = high[values >= low]
    return len(terms), np.flatnonzero((scores > 0) & asked.allowed), scores, low


def _lowest(values: Floats, most: int, low: float) -> float:
    """Return the least of the `most` best values, none of which is below `low`; `low` where there are fewer."""
    high = values[values >= low]  # far fewer than all, as a rule
    return float(np.partition(high, -most)[-most]) if len(high) >= most else low


def _held(
    postings: Postings, span: slice, chosen: Places, wanted: NDArray[np.bool_]
) -> tuple[Places, NDArray[np.uint8]]:
    """Return in which of the chosen chunks, which are those `wanted`, a term occurs, and how often."""
    ids = postings.ids[span]
    if _SPARSE * len(chosen) < len(ids):
        at = np.searchsorted(ids, chosen.astype(np.uint32))
        at[at == len(ids)] = 0
        at = at[ids[at] == chosen]
    else:
        at = np.flatnonzero(wanted.take(ids, mode="clip"))
    return np.minimum(ids[at], len(wanted) - 1).astype(np.int64), postings.times[span][at]


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
