"""Word alignment: which words of a sentence stand for which of its translation, learned from the pairs alone.

IBM Model 1 (Brown et al., "The Mathematics of Statistical Machine Translation", 1993) in
both directions, with a null word, with the prior that translations keep near the diagonal
(Dyer et al., "A Simple, Fast, and Effective Reparameterization of IBM Model 2", 2013), and
trained so that the two directions agree (Liang et al., "Alignment by Agreement", 2006):
a link counts as far as both believe in it. Words that are spelled alike get a small head
start, which is what settles names that occur once.

Agreement is hard on compounds: "Außenminister" can agree with one of "foreign minister"
only. So the last rounds let every target word go to the source word it believes in, and a
link also carries that belief, for whoever wants to grow phrases from the agreed links.

Every pair of positions of every sentence pair is a *cell*; all cells lie in flat arrays, so
that one round of expectation and maximisation is a few passes of numpy over them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int32]
Floats = NDArray[np.float32]

ROUNDS_APART, ROUNDS_TOGETHER, ROUNDS_GROWING = 3, 4, 2
_NULL = 0.1  # how often a word is expected to have no counterpart
_STEEPNESS = 4.0  # how fast links become unlikely away from the diagonal
_SAME, _ALIKE = 2.0, 0.3  # head start, in occurrences, of words spelled the same, or alike
_BELIEVED = 0.05
_LEAST = 1e-9


@dataclass(frozen=True, slots=True)
class Links:
    """Links between tokens, numbered through all sentences of a side; arrays of shape (links,).

    `agreed` is the belief, from 0 to 1, that both directions share; `grown` that of the
    target word alone. Links that nobody believes in are left out.
    """

    source: Ints
    target: Ints
    agreed: Floats
    grown: Floats


@dataclass(frozen=True, slots=True)
class Cells:
    """All pairs of positions. Arrays have shape (cells,) unless said otherwise.

    `source` and `target` number the tokens of all sentences on their side from 0;
    `kind` numbers the different word pairs, whose words are `kind_source` and `kind_target`.
    """

    source: Ints
    target: Ints
    kind: Ints
    kind_source: Ints
    kind_target: Ints
    prior_source: Floats  # chance that this source position, or its rivals, gave the target word
    prior_target: Floats
    source_words: Ints  # shape (source tokens,)
    target_words: Ints  # shape (target tokens,)


def links(
    pairs: Sequence[tuple[Sequence[str], Sequence[str]]], progress: Callable[[str], None] = lambda _: None
) -> Links:
    """Return the links of all pairs. Same pairs, same links."""
    source_ids, source_names = _numbered([pair[0] for pair in pairs])
    target_ids, target_names = _numbered([pair[1] for pair in pairs])
    progress(f"{len(pairs)} pairs, {len(source_names)} and {len(target_names)} different words")
    cells = _cells(source_ids, target_ids)
    progress(f"{len(cells.kind)} cells, {len(cells.kind_source)} different word pairs")
    start = _head_start(cells, source_names, target_names)
    forward = backward = start + 1.0
    null = (np.full(len(target_names), 1.0, np.float32), np.full(len(source_names), 1.0, np.float32))
    seen = np.zeros(0, dtype=np.float32)
    for number in range(ROUNDS_APART + ROUNDS_TOGETHER):
        by_target, none_target = _posterior(cells, forward, null[0], towards_target=True)
        by_source, none_source = _posterior(cells, backward, null[1], towards_target=False)
        together = number >= ROUNDS_APART
        seen = by_target * by_source
        forward = _counts(cells, seen if together else by_target) + start
        backward = _counts(cells, seen if together else by_source) + start
        null = (
            np.bincount(cells.target_words, none_target, len(target_names)).astype(np.float32),
            np.bincount(cells.source_words, none_source, len(source_names)).astype(np.float32),
        )
        progress(f"round {number + 1}: {float(seen.sum()):.0f} links")
    for number in range(ROUNDS_GROWING):
        forward = _counts(cells, by_target) + start
        null = (np.bincount(cells.target_words, none_target, len(target_names)).astype(np.float32), null[1])
        by_target, none_target = _posterior(cells, forward, null[0], towards_target=True)
        progress(f"growing {number + 1}: {float(by_target.sum()):.0f} target words have a source")
    kept = (seen > _BELIEVED) | (by_target > 0.5)
    return Links(cells.source[kept], cells.target[kept], seen[kept], by_target[kept])


def _numbered(sentences: Sequence[Sequence[str]]) -> tuple[list[Ints], list[str]]:
    known: dict[str, int] = {}
    ids = [np.array([known.setdefault(word, len(known)) for word in row], dtype=np.int32) for row in sentences]
    return ids, list(known)


def _cells(source: Sequence[Ints], target: Sequence[Ints]) -> Cells:
    words = max(int(row.max(initial=0)) for row in target) + 1
    rows: list[tuple[NDArray[np.int32], ...]] = []
    slopes: list[tuple[Floats, Floats]] = []
    source_at = target_at = 0
    keys = []
    for left, right in zip(source, target, strict=True):
        m, n = len(left), len(right)
        i, j = np.tile(np.arange(m, dtype=np.int32), n), np.repeat(np.arange(n, dtype=np.int32), m)
        rows.append((i + np.int32(source_at), j + np.int32(target_at)))
        near = np.exp(-_STEEPNESS * np.abs((i + 0.5) / m - (j + 0.5) / n)).astype(np.float32).reshape(n, m)
        slopes.append(((near / near.sum(1, keepdims=True)).ravel(), (near / near.sum(0, keepdims=True)).ravel()))
        keys.append(left[i].astype(np.int64) * words + right[j])
        source_at, target_at = source_at + m, target_at + n
    different, kind = np.unique(np.concatenate(keys), return_inverse=True)
    return Cells(
        source=np.concatenate([row[0] for row in rows]),
        target=np.concatenate([row[1] for row in rows]),
        kind=kind.astype(np.int32),
        kind_source=(different // words).astype(np.int32),
        kind_target=(different % words).astype(np.int32),
        prior_source=np.concatenate([row[0] for row in slopes]),
        prior_target=np.concatenate([row[1] for row in slopes]),
        source_words=np.concatenate(source),
        target_words=np.concatenate(target),
    )


def _head_start(cells: Cells, source: Sequence[str], target: Sequence[str]) -> Floats:
    """Return what each kind of word pair is worth before any evidence, in occurrences; shape (kinds,)."""
    same = {word: number for number, word in enumerate(target)}
    twin = np.array([same.get(word, -1) for word in source], dtype=np.int32)
    heads: dict[str, int] = {}
    head_source = np.array([heads.setdefault(word[:4], len(heads)) for word in source], dtype=np.int32)
    head_target = np.array([heads.setdefault(word[:4], len(heads)) for word in target], dtype=np.int32)
    long_source = np.array([len(word) >= 5 for word in source])
    alike = (head_source[cells.kind_source] == head_target[cells.kind_target]) & long_source[cells.kind_source]
    start = np.where(alike, np.float32(_ALIKE), np.float32(0.01))
    start[twin[cells.kind_source] == cells.kind_target] = _SAME
    return start.astype(np.float32)


def _posterior(cells: Cells, counts: Floats, null: Floats, *, towards_target: bool) -> tuple[Floats, Floats]:
    """Return each cell's chance to be the link of its target (or source) token, and each token's to have none."""
    given, words = (
        (cells.kind_source, cells.target_words) if towards_target else (cells.kind_target, cells.source_words)
    )
    total = np.bincount(given, counts).astype(np.float32)
    chance = (counts / np.maximum(total[given], _LEAST))[cells.kind]
    chance *= cells.prior_source if towards_target else cells.prior_target
    chance *= np.float32(1 - _NULL)
    alone = np.float32(_NULL) * (null / np.maximum(null.sum(), _LEAST))[words]
    token = cells.target if towards_target else cells.source
    whole = (np.bincount(token, chance, len(words)) + alone).astype(np.float32)
    return chance / np.maximum(whole[token], _LEAST), alone / np.maximum(whole, _LEAST)


def _counts(cells: Cells, belief: Floats) -> Floats:
    return np.bincount(cells.kind, belief, len(cells.kind_source)).astype(np.float32)
