"""Fit what tells the kinds of questions apart, and measure it on questions that it was not fitted on.

    python tests/benchmarks/fit_question_kinds.py [--write FILE.npz]

The questions are those of `question_kinds/`, a line each under the name of their kind: training.txt is fitted on,
heldout.txt was written independently and is only measured on. The embedder is the one that is set. Prints, for the
fit with the embedder's vectors and for the one without, at the threshold chosen: how many ordinary questions are taken
for another kind, how many of the others are recognised, and how many as their kind; then how often the subject is
found, and every held-out question that went wrong. Without `--write` the weights in use are measured; with it they
are fitted anew and written.

Every question is fitted on in several forms: with another word for "document", another verb, another subject, with a
slip of the keyboard, in small letters. The threshold is the least at which, in three folds by question, one ordinary
question of 250 is taken for another kind. The weights are kept in a byte each. Seeds are fixed.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse import csr_array, hstack

from rag.answering import question_kinds
from rag.answering.question_kinds import KINDS, PROBE, Array, Fit, Kind, best_run, chances, decided, surface, tokens
from rag.models.bundled import load_embedder
from rag.models.embedder import Embedder
from rag.settings import load
from rag.text.language import detect, read
from rag.text.wordlists import FUNCTION_WORDS

FOLDER = Path(__file__).with_name("question_kinds")
Table = tuple[csr_array, Array]  # of the surface, and the rest

_FORMS = 5  # of each question
_FOLDS = 3
_MISTAKEN = 1 / 250  # of ordinary questions
_SAME = (  # what stands for the same, so that no fit hangs on one of them
    "articles documents files texts reports papers sources pdfs notes letters records entries",
    "article document file text report paper source pdf note letter record entry",
    "artikel dokumente dateien texte berichte unterlagen quellen pdfs notizen briefe aufsätze schriften",
    "artikeln dokumenten dateien texten berichten unterlagen quellen pdfs notizen briefen aufsätzen schriften",
)
_VERBS = (
    "mention|talk about|deal with|refer to|discuss|cover|touch on|say something about|name|speak of|are about|concern"
    "|bring up|contain|have to do with|treat|go into|describe|are concerned with|write about|report on",
    "erwähnen|nennen|behandeln|enthalten|berühren|betreffen|beschreiben|streifen|thematisieren|besprechen",
)


@dataclass(frozen=True, slots=True)
class Labelled:
    """A question with its kind and the span of its subject, (0, 0) where it has none."""

    text: str
    kind: Kind
    span: tuple[int, int]
    group: int  # forms of one question share it


def labelled(name: str) -> list[Labelled]:
    """Return the questions of a file of FOLDER."""
    found: list[Labelled] = []
    kind: Kind = "ordinary"
    for line in (FOLDER / name).read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            kind = KINDS[KINDS.index(line[3:])]
        elif line and not line.startswith("#"):
            found.append(_parsed(line, kind, len(found)))
    return found


def _parsed(line: str, kind: Kind, group: int) -> Labelled:
    start, end = line.find("["), line.find("]")
    span = (start, end - 1) if start >= 0 else (0, 0)
    return Labelled(line.replace("[", "").replace("]", ""), kind, span, group)


# --- forms of a question -----------------------------------------------------------------


def forms(rows: Sequence[Labelled]) -> list[Labelled]:
    """Return the questions, each with _FORMS - 1 others like it."""
    chance = random.Random(7)
    subjects: dict[str, list[str]] = {"de": [], "en": []}
    for row in rows:
        if row.span[1]:
            subjects[detect(row.text, ("de", "en"))].append(row.text[slice(*row.span)])
    found = list(rows)
    for row in rows:
        for _ in range(_FORMS - 1):
            found.append(_varied(row, subjects[detect(row.text, ("de", "en"))], chance))
    return found


def _varied(row: Labelled, subjects: Sequence[str], chance: random.Random) -> Labelled:
    line = row.text
    if row.span[1]:
        own = row.text[slice(*row.span)]
        alike = [one for one in subjects if _begins(one) == _begins(own)] or [own]
        line = f"{line[: row.span[0]]}[{chance.choice(alike)}]{line[row.span[1] :]}"
    line = _other_words(line, row.kind, chance)
    if chance.random() < 0.25:
        line = line.lower()
    if chance.random() < 0.25:
        line = line.rstrip("?.!") or line
    if chance.random() < 0.25:
        line = _slip(line, chance)
    return _parsed(line, row.kind, row.group)


def _begins(subject: str) -> str:
    first = subject.split()[0]
    return first.lower() if re.fullmatch("(?i)the|my|de[rnms]|die|das|meine?", first) else ""


def _other_words(line: str, kind: Kind, chance: random.Random) -> str:
    for words in _SAME:
        alike = words.split()
        pattern = rf"\b({'|'.join(alike)})\b(?![^\[]*\])"
        line = re.sub(pattern, lambda match: _like(chance.choice(alike), match[0]), line, flags=re.I)  # noqa: B023
    if kind in ("count", "which"):
        for verbs in _VERBS:
            line = re.sub(rf"\b({verbs}) (?=\[)", lambda _: chance.choice(verbs.split("|")) + " ", line)  # noqa: B023
    return line


def _like(word: str, other: str) -> str:
    return word.capitalize() if other[0].isupper() else word


def _slip(line: str, chance: random.Random) -> str:
    """Leave out, double or exchange a letter within a word outside of brackets."""
    places = [m.start() for m in re.finditer(r"(?<=\w)\w(?=\w)(?![^\[]*\])", line)]
    if not places:
        return line
    at = chance.choice(places)
    return chance.choice(
        [
            line[:at] + line[at + 1 :],
            line[:at] + line[at] + line[at:],
            line[:at] + line[at + 1] + line[at] + line[at + 2 :],
        ]
    )


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


def threshold(rows: Sequence[Labelled], table: Table, originals: int) -> float:
    """Return the chance of another kind from which an ordinary question is rarely taken for one."""
    kinds = np.array([KINDS.index(row.kind) for row in rows])
    groups = np.array([row.group for row in rows])
    fold = np.random.default_rng(7).permutation(originals)[groups] % _FOLDS
    ordinary: list[float] = []
    for number in range(_FOLDS):
        weights = softmax_fit(_rows(table, fold != number), kinds[fold != number], RIDGE)
        test = (fold == number) & (kinds == 0) & (np.arange(len(rows)) < originals)
        ordinary += [1 - float(chances(row, weights)[0]) for row in _each(_rows(table, test))]
        print("fold", number, flush=True)
    ordered = sorted(ordinary, reverse=True)
    return min(0.98, max(0.5, ordered[int(len(ordered) * _MISTAKEN)] + 1e-3))


RIDGE = 0.1


def fitted(embedder: Embedder) -> Fit:
    originals = labelled("training.txt")
    rows = forms(originals)
    kinds = np.array([KINDS.index(row.kind) for row in rows])
    found = []
    for which in (embedder, None):
        table = table_of(rows, which)
        found.append((softmax_fit(table, kinds, RIDGE), threshold(rows, table, len(originals))))
    (weights, least), (blind, least_blind) = found
    probe = embedder.encode([PROBE], "query")[0]
    return Fit(weights, blind, _subject_fit(rows), probe, least, least_blind)


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
    return Measured(
        sum(kind != "ordinary" for kind in ordinary) / len(ordinary),
        sum(kind != "ordinary" for _, kind in others) / len(others),
        sum(wanted == kind for wanted, kind in others) / len(others),
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
def heldout() -> tuple[Labelled, ...]:
    return tuple(labelled("heldout.txt"))


@click.command()
@click.option("--write", "file", type=click.Path(path_type=Path), help="Fit anew, and write the weights there.")
def main(file: Path | None) -> None:
    """Measure the weights in use, or fit new ones and measure those."""
    embedder = load_embedder(load({}))
    if file:
        write(fitted(embedder), file)
    fit = question_kinds.load(file) if file else question_kinds.shipped()
    for name, which, least in (("with vectors", embedder, fit.least), ("without", None, fit.least_blind)):
        found = measured(heldout(), fit, which)
        print(
            f"{name:13} threshold {least:.2f}  ordinary mistaken {found.mistaken:.3f}  others recognised"
            f" {found.recognised:.3f}  as their kind {found.right:.3f}  of {len(heldout())}"
        )
        for text, wanted, kind in found.wrong:
            print(f"    {wanted} -> {kind}: {text}")
    share, wrong = subjects_found(heldout(), fit)
    print(f"subjects found {share:.3f}", *wrong, sep="\n    ")


if __name__ == "__main__":
    main()
