"""The vector index: the nearest sentence vectors, found by FAISS.

The index is a cache of what the library holds, and follows it: vectors bear the id of their chunk, which is given
once. What is kept in a file is of some state of the library; what came after is read from the library and compared
whole, what left is passed over. The file is written anew when that has become too much. Missing or damaged, it is
made anew, and nothing is lost.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.index import vector_file
from rag.index.library import Library
from rag.index.rows import Vectors, VectorState, inner_products, joined
from rag.index.vector_file import FILE, Stored, intact
from rag.system.background import threads_beside
from rag.system.cores import usable_cores

__all__ = ["FILE", "VectorIndex", "intact", "open_index", "renew_index"]

# So many vectors are read from the library at each opening rather than kept in a file.
FRESH = 20_000
_FRESH_SHARE = 0.05  # of those in the file, where that is more
# Up to so many every one is compared (exact, ~10 ms per 50,000 at 384 dimensions). Beyond, those in the lists that
# are nearest (IVF: Sivic and Zisserman, "Video Google", 2003), each two numbers in 4 bits (product quantization: Jégou
# et al., 2011; read from registers: André et al., "Quicker ADC", 2019): that finds what 8 bits a number find, in a
# fourth of the time and the memory. How much of the nearest, by the share of the lists that is looked at:
# `tests/benchmarks/SCALE.md`.
FLAT_UP_TO = 100_000
_PROBED = 3 / 16  # of the lists: finds .97 of the ten nearest of 300,000 (as listed there)
# Of as many, whose lists are longer and more, fewer: finds .985 of the ten nearest passages of five million sentences,
# where 3/16 find .989 and take a third longer.
_MANY, _PROBED_OF_MANY = 2_000_000, 2.5 / 16
_TRAINED_ON = 64  # vectors for each list

Ids = NDArray[np.int64]
_NOTHING = np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.float32)


@dataclass(frozen=True, slots=True)
class VectorIndex:
    """Inner-product search over a library's sentences. Made once for each `state` of the library."""

    state: VectorState
    _stored: Stored | None
    _fresh: tuple[Ids, Vectors]  # of the chunks that came after
    _gone: tuple[tuple[int, int], ...]  # spans of ids of chunks that left after
    _vectors_of: Callable[[Collection[int]], tuple[Ids, Vectors]]  # of chunks, as the library has them

    def nearest(
        self, vector: Vectors, most: int, within: Collection[int] | None = None, without: Collection[int] = ()
    ) -> dict[int, float]:
        """Return the best cosine of the chunks that the `most` nearest sentences lie in, by chunk id, best first.

        With `within`, only those chunks are looked at, with `without`, none of those. In a large library some of
        the nearest may be missed; the cosines of those that are found are reckoned of the vectors in the library.
        """
        allowed = self._allowed(within, without)
        listed, fresh = self._listed(vector, most, allowed), _compared(*self._fresh, vector, most, allowed)
        chunks, cosines = np.concatenate([listed[0], fresh[0]]), np.concatenate([listed[1], fresh[1]])
        best = np.lexsort((chunks, -cosines))  # of a chunk the first is the best
        _, first = np.unique(chunks[best], return_index=True)
        best = best[np.sort(first)][:most]
        return dict(zip(chunks[best].tolist(), cosines[best].tolist(), strict=True))

    def _allowed(self, within: Collection[int] | None, without: Collection[int]) -> NDArray[np.bool_] | None:
        """Return which ids of chunks may be found; None where all may."""
        if within is None and not without and not self._gone:
            return None
        allowed = np.full(self.state.chunks + 1, within is None)
        if within is not None:
            allowed[np.fromiter(within, np.int64, len(within))] = True
        allowed[np.fromiter(without, np.int64, len(without))] = False
        for first, last in self._gone:
            allowed[first : last + 1] = False
        return allowed

    def _listed(self, vector: Vectors, most: int, allowed: NDArray[np.bool_] | None) -> tuple[Ids, Vectors]:
        """Return the chunks and cosines of the nearest sentences that are kept in the file."""
        if self._stored is None or not self._stored.count:
            return _NOTHING
        import faiss  # a small library keeps no file, and never needs it

        index, how, more = self._stored.index, faiss.SearchParameters, dict[str, Any]()
        if self._stored.trained:  # of few that are allowed, few lie in the lists that are nearest
            probed = _PROBED if self._stored.count <= _MANY else _PROBED_OF_MANY
            share = 1.0 if allowed is None else max(float(allowed.mean()), 1e-6)
            how, more["nprobe"] = faiss.SearchParametersIVF, int(min(index.nlist, index.nlist * probed / share))
        if allowed is not None:
            selector: Any = faiss.IDSelectorBitmap
            more["sel"] = selector(np.packbits(allowed, bitorder="little"))
        with _fewer_threads():
            near, ids = index.search(vector.reshape(1, -1), min(most, index.ntotal), params=how(**more))
        if self._stored.trained:  # what lists keep of a vector only tells which to look at
            chunks, vectors = self._vectors_of(set(ids[0][ids[0] >= 0].tolist()))
            return (chunks, inner_products(vectors, vector)) if len(chunks) else _NOTHING
        return ids[0][ids[0] >= 0], near[0][ids[0] >= 0]

    @property
    def outgrown(self) -> bool:
        """Whether so much has come or gone since the file was written that it should be written anew."""
        kept = self._stored.count if self._stored is not None else 0
        moved = len(self._fresh[0]) + sum(last - first + 1 for first, last in self._gone)
        return moved > max(FRESH, _FRESH_SHARE * kept)

    @property
    def in_lists(self) -> bool:
        """Whether it keeps less of a vector than there is, so that those it finds are read and compared again."""
        return self._stored is not None and self._stored.trained > 0

    def followed(self, library: Library, state: VectorState) -> VectorIndex:
        """Return the index of a later state of its library, in its snapshot."""
        gone = (*self._gone, *library.removed(self.state.removals))
        ids, vectors = joined(self._fresh, library.vectors(self.state.chunks))
        left = np.ones(len(ids), dtype=np.bool_)
        for first, last in gone:
            left &= (ids < first) | (ids > last)
        kept = self._stored.state.chunks if self._stored is not None else 0
        spans = tuple((first, min(last, kept)) for first, last in gone if first <= kept)
        return replace(self, state=state, _fresh=(ids[left], vectors[left]), _gone=spans)


@contextmanager
def _fewer_threads() -> Iterator[None]:
    """Leave FAISS no cores that words are looked for by meanwhile: its threads wait for each other, and spin."""
    import faiss

    before = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(max(1, min(before, usable_cores() - threads_beside())))
    try:
        yield
    finally:
        faiss.omp_set_num_threads(before)


def open_index(library: Library, known: VectorIndex | None = None) -> VectorIndex:
    """Return the index of the library as it is now, or in the snapshot: by what is `known` or in the file.

    Only where there is none, and the library is large, is one made and written here.
    """
    with library.snapshot():
        state = library.vector_state
        if known is not None and known.state == state:
            return known
        index = _following(library, state, known)
        made = None if index is not None and not _without_file(index) else _made(library, state)
    if made is None:
        assert index is not None
        return index
    if not library.read_only:
        vector_file.write(library.folder / FILE, made)
    return _of(library, made)


def renew_index(library: Library) -> None:
    """Bring the files of the indexes up to date where they have fallen behind too far.

    That is to be done after documents were added, not while one asks.
    """
    library.renew_words()
    index = open_index(library)
    if index.outgrown and not library.read_only:
        with library.snapshot():
            made = _made(library, library.vector_state)
        vector_file.write(library.folder / FILE, made)
        index = _of(library, made)
    if index.in_lists:
        library.renew_exact_vectors()


def _without_file(index: VectorIndex) -> bool:
    return index.outgrown and index._stored is None


def _following(library: Library, state: VectorState, known: VectorIndex | None) -> VectorIndex | None:
    """Return the index of a state by an earlier one; None where there is none, and nothing was asked to be made."""
    if known is not None and known.state.leads_to(state):
        return known.followed(library, state)
    stored = vector_file.read(library.folder / FILE)
    if stored is not None and stored.state.leads_to(state):
        return _of(library, stored).followed(library, state)
    if library.sentence_count() > FRESH:
        return None
    nothing = (np.zeros(0, dtype=np.int64), np.zeros((0, 1), dtype=np.float32))
    start = VectorIndex(
        VectorState(state.library, state.embedder, 0, state.removals), None, nothing, (), library.vectors_of
    )
    return start.followed(library, state)


def _of(library: Library, stored: Stored) -> VectorIndex:
    nothing = (np.zeros(0, dtype=np.int64), np.zeros((0, stored.dimension), dtype=np.float32))
    return VectorIndex(stored.state, stored, nothing, (), library.vectors_of)


def _compared(
    ids: Ids, vectors: Vectors, vector: Vectors, most: int, allowed: NDArray[np.bool_] | None
) -> tuple[Ids, Vectors]:
    """Return the chunks and cosines of the nearest of these sentences, by comparing all."""
    if allowed is not None:
        ids, vectors = ids[allowed[ids]], vectors[allowed[ids]]
    if not len(ids):
        return _NOTHING
    cosines = vectors @ vector
    best = np.argpartition(-cosines, min(most, len(ids)) - 1)[:most]
    return ids[best], cosines[best]


# --- making one ----------------------------------------------------------------------------


def _made(library: Library, state: VectorState) -> Stored:
    """Return an index of all vectors in a library, in its snapshot."""
    count = library.sentence_count()
    if count <= FLAT_UP_TO:
        ids, vectors = library.vectors()
        return Stored(_flat(ids, vectors), state, count, vectors.shape[1], 0)
    index = _trained(library, count)
    for ids, vectors in library.vectors_in_parts():
        index.add_with_ids(vectors, ids)
    return Stored(index, state, count, index.d, count)


def _trained(library: Library, count: int) -> Any:
    """Return an empty index of lists, chosen by a share of the vectors that is spread over the library."""
    import faiss

    lists = 1 << round(np.log2(2 * np.sqrt(count)))
    sample = library.vector_sample(max(1, count // (lists * _TRAINED_ON)))
    dimension = sample.shape[1]
    parts = dimension // 2 if dimension % 2 == 0 else dimension
    index: Any = faiss.index_factory(dimension, f"IVF{lists},PQ{parts}x4fs", faiss.METRIC_INNER_PRODUCT)
    index.cp.spherical = True
    index.train(sample)
    return index


def _flat(ids: Ids, vectors: Vectors) -> Any:
    import faiss

    index = faiss.IndexIDMap(faiss.IndexFlatIP(vectors.shape[1]))
    if len(ids):
        index.add_with_ids(np.ascontiguousarray(vectors), ids)
    return index
