"""Fit what tells a follow-up question, and measure it on pairs of questions that it was not fitted on.

    python tests/benchmarks/fit_followups.py [--write FILE.toml]

Fits the weights of `rag/answering/followup_features.py` by logistic regression with a ridge penalty, on the pairs of
`followup_dialogues/training.txt` and development.txt, each twice: with what was quoted before and without; and on
those of topics_training.txt, where the questions before are asked, so that it is known what they quote and which
documents hold the words of a question. Prints how many follow-ups are told, and how many questions that stand alone
are left alone: by the rules alone, by the fit in ten folds, and in heldout.txt and topics_heldout.txt. `--write`
makes a file like `rag/answering/followup_weights.toml`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import click
import numpy as np
from followups import TEXTS_OF, library_of, of_topics
from numpy.typing import NDArray
from scipy.optimize import minimize

from rag.answering.answer import Answer, Answered, quoted_words
from rag.answering.followup_features import FEATURES, LEAST, NO_GROUND, Ground, features, ruled
from rag.answering.followup_grounds import ground
from rag.text.language import detect

FOLDER = Path(__file__).with_name("followup_dialogues")
_RIDGE = 1.0
_FOLDS = 10
_DEAR = 1.5  # what a question that stands alone counts: one completed wrongly is worse than one left short


@dataclass(frozen=True, slots=True)
class Pair:
    """A question, the one before it with what was quoted for that, and whether it hangs on it."""

    question: str
    before: str
    quoted: str
    hangs: bool
    ground: Ground = NO_GROUND


def pairs(name: str) -> Iterator[Pair]:
    """Yield the pairs of a file of FOLDER."""
    before = quoted = ""
    for line in (FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        text = line[2:].split(" | ")[0]
        if line.startswith("? "):
            before, quoted = text, ""
        elif line.startswith("! "):
            quoted = text
        elif line[:2] in ("> ", "= "):
            yield Pair(text, before, quoted, line[0] == ">")


def grounded(name: str) -> Iterator[Pair]:
    """Yield the pairs of a file of questions on texts, with what the last question before quotes from them."""
    with library_of(FOLDER / TEXTS_OF[name]) as assistant:
        known: dict[str, Answer] = {}
        for each in of_topics(name):
            before = each.before[-1]
            if before not in known:
                *_, last = assistant.ask(before)
                assert isinstance(last, Answered)
                known[before] = last.answer
            earlier = [known[before]]
            held = ground(each.question, earlier, assistant.library)
            yield Pair(each.question, before, quoted_words(earlier), each.hangs, held)


def table(rows: Sequence[Pair]) -> NDArray[np.float64]:
    """Return the features: shape (pairs, FEATURES)."""
    found = []
    for row in rows:
        values = features(row.question, detect(row.question, ("de", "en")), row.before, row.quoted, row.ground)
        found.append([values[name] for name in FEATURES])
    return np.array(found)


def fit(values: NDArray[np.float64], wanted: NDArray[np.bool_]) -> NDArray[np.float64]:
    signs = np.where(wanted, 1.0, -1.0)
    counts = np.where(wanted, 1.0, _DEAR)
    penalty = np.array([0.0 if name == "constant" else _RIDGE for name in FEATURES])

    def loss(weights: NDArray[np.float64]) -> float:
        margins = signs * (values @ weights)
        return float((counts * np.logaddexp(0, -margins)).sum() + (penalty * weights**2).sum() / 2)

    return np.asarray(minimize(loss, np.zeros(len(FEATURES)), method="BFGS").x)


def undecided(rows: Sequence[Pair]) -> NDArray[np.bool_]:
    """Return which pairs the rules leave to the fit."""
    return np.array([_ruled(row) is None for row in rows])


def _ruled(row: Pair) -> bool | None:
    return ruled(row.question, detect(row.question, ("de", "en")), row.before, row.ground)


def told(name: str, rows: Sequence[Pair], chances: NDArray[np.float64], least: float) -> tuple[float, float]:
    """Return the shares of follow-ups that are told, and of others left alone; print them."""
    wanted = np.array([row.hangs for row in rows])
    rules = [_ruled(row) for row in rows]
    found = np.array([chance >= least if rule is None else rule for rule, chance in zip(rules, chances, strict=True)])
    hanging, alone = float(found[wanted].mean()), float((~found[~wanted]).mean())
    print(f"{name:26} follow-ups told {hanging:.3f} of {wanted.sum()}  left alone {alone:.3f} of {(~wanted).sum()}")
    return hanging, alone


def chances(values: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(1 / (1 + np.exp(-values @ weights)))


@click.command()
@click.option("--write", "file", type=click.Path(path_type=Path), help="Write the weights there.")
def main(file: Path | None) -> None:
    """Fit the weights and measure them."""
    own = [*pairs("training"), *pairs("development")]
    own += grounded("topics_training")
    rows = [*own, *(replace(row, quoted="") for row in own if row.quoted and row.ground == NO_GROUND)]
    values, wanted, free = table(rows), np.array([row.hangs for row in rows]), undecided(rows)
    groups = np.array([hash_of(row.before) for row in rows])
    crossed = np.zeros(len(rows))
    for fold in range(_FOLDS):
        weights = fit(values[free & (groups != fold)], wanted[free & (groups != fold)])
        crossed[groups == fold] = chances(values[groups == fold], weights)
    weights = fit(values[free], wanted[free])
    kept = list(pairs("heldout"))
    held = chances(table(kept), weights)
    of_topic = np.array([row.ground != NO_GROUND for row in own])
    for name, which in (("", ~of_topic), (" topics", of_topic)):
        some = [row for row, one in zip(own, which, strict=True) if one]
        told(f"rules, training{name}", some, np.zeros(len(some)), LEAST)
        for least in (0.5, 0.6, LEAST, 0.8):
            told(f"fit, folds{name}, {least:.2f}", some, crossed[: len(own)][which], least)
    told("rules, held out", kept, np.zeros(len(kept)), LEAST)
    told(f"fit, held out, {LEAST:.2f}", kept, held, LEAST)
    topics = list(grounded("topics_heldout"))
    told("rules, held out topics", topics, np.zeros(len(topics)), LEAST)
    told(f"fit, held out topics, {LEAST:.2f}", topics, chances(table(topics), weights), LEAST)
    lines = [f"{name} = {weight:.4f}" for name, weight in zip(FEATURES, weights, strict=True)]
    if file:
        head = 'fitted = "tests/benchmarks/fit_followups.py, on its training, development and topics\' training pairs"'
        file.write_text("\n".join([head, "", "[weights]", *lines, ""]), encoding="utf-8")


def hash_of(before: str) -> int:
    """Return the fold of a question before: what follows one question stays together."""
    return sum(map(ord, before)) % _FOLDS


if __name__ == "__main__":
    main()
