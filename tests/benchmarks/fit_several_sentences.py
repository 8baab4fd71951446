"""Fit what tells questions that take several sentences at once, and measure it on questions it was not fitted on.

    python tests/benchmarks/fit_several_sentences.py [--write FILE.npz]

The questions are those of `several_sentences/`, a line each under "several" or "ordinary": training.txt is fitted on,
heldout.txt was written afterwards, of other topics, and is only measured on. The ordinary questions of
`question_kinds/` are fitted on and measured on too, but for those that `not_ordinary.txt` names; those by which
embedders are measured, each with the sentence that answers it, are fitted on. Prints precision and recall, how many
ordinary questions of each sort are taken for ones that take several sentences, and every one that went wrong. Without
`--write` the weights in use are measured; with it they are fitted anew and written.

Every question is fitted on in the forms of `fit_question_kinds.forms`: with slips of the keyboard, in small letters,
without its last sign. The threshold is the least at which, in five folds by question, one ordinary question of 100 is
mistaken. The weights are kept in a byte each.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import click
import fit_question_kinds
import numpy as np
from fit_question_kinds import Labelled, forms, logistic_fit
from numpy.typing import NDArray
from scipy.sparse import csr_array, vstack

from rag.answering import several_sentences
from rag.answering.question_kinds import Array
from rag.answering.several_sentences import LANGUAGES, Fit, chance, features
from rag.models.embedder_ability import QUESTIONS
from rag.text.language import detect

FOLDER = Path(__file__).with_name("several_sentences")
SEEDS = Path(__file__).parents[2] / "seeds" / "questions.jsonl"

_FOLDS = 5
_MISTAKEN = 1 / 100  # of ordinary questions
_RIDGE = 0.03


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, and whether it takes several sentences."""

    text: str
    several: bool

    @property
    def language(self) -> str:
        return detect(self.text, LANGUAGES)


@cache
def asked(name: str) -> tuple[Asked, ...]:
    """Return the questions of a file of FOLDER."""
    found: list[Asked] = []
    several = False
    for line in (FOLDER / name).read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            several = ("ordinary", "several").index(line[3:]) == 1
        elif line and not line.startswith("#"):
            found.append(Asked(line, several))
    return tuple(found)


@cache
def of_question_kinds(name: str) -> tuple[Asked, ...]:
    """Return the ordinary questions of a file of question_kinds/ that one sentence answers."""
    others = {each.text for each in asked("not_ordinary.txt")}
    rows = fit_question_kinds.labelled(name)
    return tuple(Asked(row.text, False) for row in rows if row.kind == "ordinary" and row.text not in others)


@cache
def parallel() -> tuple[Asked, ...]:
    """Return the questions that embedders are measured by, each of which has a sentence that answers it."""
    rows = [line.split("\t") for line in QUESTIONS.read_text(encoding="utf-8").splitlines()]
    return tuple(Asked(row[1], False) for row in rows if row[0] in LANGUAGES)


@cache
def of_seeds() -> tuple[Asked, ...]:
    """Return the questions of the seeds, all of which one sentence answers."""
    lines = SEEDS.read_text(encoding="utf-8").splitlines()
    return tuple(Asked(json.loads(line)["question"], False) for line in lines)


# --- the fit -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """The forms of questions: features, whether several are wanted, the question each is a form of."""

    features: csr_array
    wanted: Array
    question: NDArray[np.int64]


def table_of(rows: Sequence[Asked]) -> Table:
    varied = forms([Labelled(row.text, "ordinary", (0, 0), number) for number, row in enumerate(rows)])
    question = np.array([form.group for form in varied])
    wanted = np.array([rows[number].several for number in question], dtype=np.float32)
    tongues = [rows[number].language for number in question]
    held = [csr_array(features(form.text, each)[None]) for form, each in zip(varied, tongues, strict=True)]
    return Table(csr_array(vstack(held)), wanted, question)


def chances_in_folds(table: Table, questions: int) -> Array:
    """Return the chance of each question as it was written, by weights fitted without it: shape (questions,)."""
    fold = np.random.default_rng(7).permutation(questions) % _FOLDS
    found = np.zeros(questions, dtype=np.float32)
    for number in range(_FOLDS):
        kept = fold[table.question] != number
        weights = logistic_fit(csr_array(table.features[kept]), table.wanted[kept], _RIDGE)
        scores = table.features[:questions] @ weights[:-1] + weights[-1]  # the first forms are the questions themselves
        found = np.where(fold == number, 1 / (1 + np.exp(-scores)), found)
    return found


def threshold(chances: Array, several: NDArray[np.bool_]) -> float:
    """Return the chance from which an ordinary question is rarely mistaken."""
    ordered = sorted((float(each) for each in chances[~several]), reverse=True)
    return min(0.98, max(0.5, ordered[int(len(ordered) * _MISTAKEN)] + 1e-3))


def fitted() -> Fit:
    rows = [*asked("training.txt"), *of_question_kinds("training.txt"), *parallel()]
    several = np.array([row.several for row in rows])
    table = table_of(rows)
    chances = chances_in_folds(table, len(rows))
    least = threshold(chances, several)
    print(f"{len(rows)} questions, recall in folds {(chances[several] >= least).mean():.3f}", flush=True)
    return Fit(logistic_fit(table.features, table.wanted, _RIDGE), least)


def write(fit: Fit, path: Path) -> None:
    """Write weights, in a byte each."""
    scale = float(np.abs(fit.weights).max()) / 127
    weights = np.round(fit.weights / scale).astype(np.int8)
    np.savez_compressed(path, weights=weights, scale=np.float32(scale), least=np.float32(fit.least))


# --- the measure -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Measured:
    """Shares: ordinary questions mistaken, those for several recognised, and how many taken for such are."""

    mistaken: float
    recall: float
    precision: float
    wrong: tuple[tuple[str, float], ...]  # question, chance


def measured(rows: Sequence[Asked], fit: Fit) -> Measured:
    chances = [chance(row.text, row.language, fit) for row in rows]
    pairs = [(row, each >= fit.least) for row, each in zip(rows, chances, strict=True)]
    right = sum(row.several and found for row, found in pairs)
    taken = sum(found for _, found in pairs)
    ordinary = sum(not row.several for row in rows)
    return Measured(
        (taken - right) / max(ordinary, 1),
        right / max(len(rows) - ordinary, 1),
        right / max(taken, 1),
        tuple((row.text, each) for (row, found), each in zip(pairs, chances, strict=True) if row.several != found),
    )


@click.command()
@click.option("--write", "file", type=click.Path(path_type=Path), help="Fit anew, and write the weights there.")
def main(file: Path | None) -> None:
    """Measure the weights in use, or fit new ones and measure those."""
    if file:
        write(fitted(), file)
    fit = several_sentences.load(file) if file else several_sentences.shipped()
    print(f"threshold {fit.least:.2f}")
    parts = {
        "held out": asked("heldout.txt"),
        "question_kinds": of_question_kinds("heldout.txt"),
        "seeds": of_seeds(),
    }
    for name, rows in parts.items():
        found = measured(rows, fit)
        print(
            f"{name:15} {len(rows):4}  ordinary mistaken {found.mistaken:.3f}"
            f"  recall {found.recall:.3f}  precision {found.precision:.3f}"
        )
        for text, each in found.wrong:
            print(f"    {each:.2f}  {text}")


if __name__ == "__main__":
    main()
