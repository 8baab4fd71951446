"""Fit what tells the kinds of questions apart, and measure it on questions that it was not fitted on.

    python tests/benchmarks/fit_question_kinds.py [--write FILE.npz]

The questions are those of `question_kinds/`, a line each under the name of their kind: training.txt is fitted on,
heldout.txt and heldout_everyday.txt were written independently and are only measured on. The embedder is the one that
is set. Prints, for the fit with the embedder's vectors and for the one without, at the threshold chosen: how many
ordinary questions are taken for another kind, how many of the others are recognised, and how many as their kind; how
many keyword queries of words that were not fitted on are taken for another kind (`keyword_queries.py`); then how often
the subject is found, and every held-out question that went wrong. Without `--write` the weights in use are measured;
with it they are fitted anew and written.

Every question is fitted on in several forms: with another word for "document", another verb, another subject, with a
slip of the keyboard, in small letters, with small talk before it; keyword queries and questions made of templates
(`everyday_questions.py`) join the ordinary ones. The threshold is the least at which, in three folds by question or
template, one ordinary question of 250 is taken for another kind, and one keyword query of 500. The weights are kept in
a byte each. Seeds are fixed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import click
import numpy as np
from labelled_questions import Labelled, everyday, forms, keywords, labelled
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse import csr_array, hstack

from rag.answering import question_kinds
from rag.answering.question_kinds import KINDS, PROBE, Array, Fit, Kind, best_run, chances, decided, surface, tokens
from rag.models.bundled import load_embedder
from rag.models.embedder import Embedder
from rag.settings import load
from rag.text.language import read
from rag.text.wordlists import FUNCTION_WORDS

Table = tuple[csr_array, Array]  # of the surface, and the rest

_FOLDS = 3
_MISTAKEN = 1 / 250  # of ordinary questions
_MISTAKEN_KEYWORDS = 1 / 500
_KEYWORDS = 1500  # queries fitted on
_MEASURED = 6000  # queries
EVERYDAY = "heldout_everyday.txt"

# --- the fit -----------------------------------------------------------------------------


def softmax_fit(table: Table, kinds: NDArray[np.int64], ridge: float) -> Array:
    """Return the weights of a softmax regression with a bias: shape (features + 1, kinds)."""
    surfaces, vectors = table
    across = csr_array(surfaces.T)
    split, size, count = surfaces.shape[1], surfaces.shape[1] + vectors.shape[1], len(KINDS)
    target = np.eye(count, dtype=np.float32)[kinds]

    def loss(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        weights = flat.reshape(size, count).astype(np.float32)
        scores = surfaces @ weights[:split] + vectors @ weights[split:]
        scores -= scores.max(axis=1, keepdims=True)
        powers = np.exp(scores)
        share = powers / powers.sum(axis=1, keepdims=True)
        cost = -float(np.log(np.maximum((share * target).sum(axis=1), 1e-12)).sum())
        slope = np.vstack([across @ (share - target), vectors.T @ (share - target)]) + ridge * weights
        return cost + ridge / 2 * float((weights**2).sum()), slope.astype(np.float64).ravel()

    found = minimize(loss, np.zeros(size * count), jac=True, method="L-BFGS-B", options={"maxiter": 120})
    return np.asarray(found.x, dtype=np.float32).reshape(size, count)


def logistic_fit(table: csr_array, wanted: Array, ridge: float) -> Array:
    """Return the weights of a logistic regression with a bias: shape (features + 1,)."""
    table = csr_array(hstack([table, np.ones((table.shape[0], 1), dtype=np.float32)]))
    across = csr_array(table.T)

    def loss(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        scores = table @ flat.astype(np.float32)
        share = 1 / (1 + np.exp(-scores))
        cost = float(np.logaddexp(0, np.where(wanted > 0, -scores, scores)).sum())
        return cost + ridge / 2 * float((flat**2).sum()), (across @ (share - wanted) + ridge * flat).astype(float)

    found = minimize(loss, np.zeros(table.shape[1]), jac=True, method="L-BFGS-B", options={"maxiter": 300})
    return np.asarray(found.x, dtype=np.float32)


def table_of(rows: Sequence[Labelled], embedder: Embedder | None) -> Table:
    """Return the features of questions: those of the surface, and the vectors if there is an embedder, with a bias."""
    surfaces = csr_array(np.stack([surface(row.text) for row in rows]))
    bias = np.ones((len(rows), 1), dtype=np.float32)
    if embedder is None:
        return surfaces, bias
    return surfaces, np.hstack([embedder.encode([row.text for row in rows], "query"), bias])


def _rows(table: Table, where: NDArray[np.bool_]) -> Table:
    return csr_array(table[0][where]), table[1][where]


def _each(table: Table) -> Array:
    """Return the features, without the bias, as `chances` takes them."""
    return np.hstack([table[0].toarray(), table[1][:, :-1]])


def threshold(rows: Sequence[Labelled], table: Table, sorts: Sequence[Sequence[Labelled]]) -> float:
    """Return the chance of another kind from which an ordinary question is rarely taken for one.

    `rows` begin with those of the `sorts`: written ones, keyword queries, everyday ones. No group is of two sorts.
    """
    kinds = np.array([KINDS.index(row.kind) for row in rows])
    groups = np.array([row.group for row in rows])
    chance = np.random.default_rng(7)
    shuffled = [chance.permutation(len({row.group for row in sort})) for sort in sorts]
    fold = np.concatenate(shuffled)[groups] % _FOLDS
    sort_of = np.repeat(range(len(sorts)), [len(sort) for sort in sorts])
    places = np.arange(len(rows))
    ordinary: list[list[float]] = [[] for _ in sorts]
    for number in range(_FOLDS):
        weights = softmax_fit(_rows(table, fold != number), kinds[fold != number], RIDGE)
        test = (fold == number) & (kinds == 0) & (places < len(sort_of))
        for place, row in zip(places[test], _each(_rows(table, test)), strict=True):
            ordinary[sort_of[place]].append(1 - float(chances(row, weights)[0]))
        print("fold", number, flush=True)
    shares = (_MISTAKEN, _MISTAKEN_KEYWORDS, _MISTAKEN)
    least = max(_exceeded(values, share) for values, share in zip(ordinary, shares, strict=True))
    return min(0.98, max(0.5, least + 1e-3))


def _exceeded(values: Sequence[float], share: float) -> float:
    """Return the value that this share of all exceeds."""
    return sorted(values, reverse=True)[int(len(values) * share)]


RIDGE = 0.1


def fitted(embedder: Embedder) -> Fit:
    written = labelled("training.txt")
    queries = keywords(_KEYWORDS, False, len(written))
    sorts = (written, queries, everyday(len(written) + len(queries)))
    varied = forms(written)
    rows = [*(row for sort in sorts for row in sort), *varied[len(written) :]]
    kinds = np.array([KINDS.index(row.kind) for row in rows])
    found = []
    for which in (embedder, None):
        table = table_of(rows, which)
        found.append((softmax_fit(table, kinds, RIDGE), threshold(rows, table, sorts)))
    (weights, least), (blind, least_blind) = found
    probe = embedder.encode([PROBE], "query")[0]
    return Fit(weights, blind, _subject_fit(varied), probe, least, least_blind)


def _subject_fit(rows: Sequence[Labelled]) -> Array:
    table, wanted = [], []
    for row in rows:
        if row.kind in ("count", "which", "list", "summary", "contents"):
            words = read(row.text)
            table += tokens(words, row.kind)
            wanted += [float(row.span[0] <= word.start and word.end <= row.span[1]) for word in words]
    return logistic_fit(csr_array(np.stack(table)), np.array(wanted, dtype=np.float32), 0.01)


def write(fit: Fit, path: Path) -> None:
    """Write weights, in a byte each."""
    scales = [float(np.abs(each).max()) / 127 for each in (fit.weights, fit.blind, fit.subject)]
    rounded = [
        np.round(each / scale).astype(np.int8)
        for each, scale in zip((fit.weights, fit.blind, fit.subject), scales, strict=True)
    ]
    weights, blind, subject = rounded
    np.savez_compressed(
        path,
        weights=weights,
        blind=blind,
        subject=subject,
        probe=fit.probe,
        scales=np.array(scales),
        least=np.array([fit.least, fit.least_blind]),
    )


# --- the measure -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Measured:
    """Of held-out questions: ordinary ones taken for another kind, others recognised as another, and as their own.

    `mistaken`, `recognised` and `right` are shares; `wrong` are the questions, each with its kind and the one found.
    """

    mistaken: float
    recognised: float
    right: float
    wrong: tuple[tuple[str, Kind, Kind], ...]


def measured(rows: Sequence[Labelled], fit: Fit, embedder: Embedder | None) -> Measured:
    weights, least = (fit.weights, fit.least) if embedder else (fit.blind, fit.least_blind)
    found = [decided(chances(features, weights), least) for features in _each(table_of(rows, embedder))]
    pairs = list(zip(rows, found, strict=True))
    ordinary = [kind for row, kind in pairs if row.kind == "ordinary"]
    others = [(row.kind, kind) for row, kind in pairs if row.kind != "ordinary"]
    asked = max(len(others), 1)
    return Measured(
        sum(kind != "ordinary" for kind in ordinary) / len(ordinary),
        sum(kind != "ordinary" for _, kind in others) / asked,
        sum(wanted == kind for wanted, kind in others) / asked,
        tuple((row.text, row.kind, kind) for row, kind in pairs if row.kind != kind),
    )


def subjects_found(rows: Sequence[Labelled], fit: Fit) -> tuple[float, list[str]]:
    """Return the share of subjects that are found, to the words that carry content, and what went wrong."""
    wrong, asked = [], [row for row in rows if row.kind in ("count", "which", "list", "summary")]
    for row in asked:
        words = read(row.text)
        start, end = best_run([float(each @ fit.subject[:-1] + fit.subject[-1]) for each in tokens(words, row.kind)])
        got = row.text[words[start].start : words[end - 1].end] if end > start else ""
        if _content(got) != _content(row.text[slice(*row.span)]):
            wrong.append(f"{row.text}  ->  {got or '(nothing)'}")
    return 1 - len(wrong) / len(asked), wrong


def _content(subject: str) -> list[str]:
    small = FUNCTION_WORDS["de"] | FUNCTION_WORDS["en"] | {"my", "meine", "all", "alle"}
    return [word.low for word in read(subject) if word.low not in small]


@cache
def heldout(name: str = "heldout.txt") -> tuple[Labelled, ...]:
    return tuple(labelled(name))


@click.command()
@click.option("--write", "file", type=click.Path(path_type=Path), help="Fit anew, and write the weights there.")
def main(file: Path | None) -> None:
    """Measure the weights in use, or fit new ones and measure those."""
    embedder = load_embedder(load({}))
    if file:
        write(fitted(embedder), file)
    fit = question_kinds.load(file) if file else question_kinds.shipped()
    for name, which, least in (("with vectors", embedder, fit.least), ("without", None, fit.least_blind)):
        print(f"{name}, threshold {least:.2f}")
        for rows in (heldout(), heldout(EVERYDAY)):
            found = measured(rows, fit, which)
            print(
                f"    ordinary mistaken {found.mistaken:.3f}  others recognised {found.recognised:.3f}"
                f"  as their kind {found.right:.3f}  of {len(rows)}"
            )
            for text, wanted, kind in found.wrong:
                print(f"    {wanted} -> {kind}: {text}")
        queries = measured(keywords(_MEASURED, True), fit, which)
        print(f"    keyword queries of held-out words mistaken {queries.mistaken:.4f} of {_MEASURED}")
        for text, _, kind in queries.wrong:
            print(f"    keywords -> {kind}: {text}")
    share, wrong = subjects_found(heldout(), fit)
    print(f"subjects found {share:.3f}", *wrong, sep="\n    ")


if __name__ == "__main__":
    main()
