"""Fit what the signs of a statement are worth, and measure it on quotes that it was not fitted on.

    python tests/benchmarks/fit_faithfulness.py [--features FILE.npz] [--held-out] [--write FILE.toml]

Fits the trees of `rag/answering/faithfulness_weights.toml` on the statements of tests/answering/faithfulness, two
thirds of the quotes, and on some made of them by a noun from elsewhere. Prints, over ten folds of these quotes, the
AUC (the chance that a supported statement comes before one that is not) and how many supported statements pass where
one in ten, or 3 in a hundred, of the others do; where a number or name is missing, none passes. `--held-out` prints
the same, and by kind and pair of languages, for the third of the quotes that no weight or feature was chosen by.
`--features` keeps what was computed.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import click
import numpy as np
from boosted_trees import Boosting, Split, boosted, worth
from numpy.typing import NDArray

from rag.answering.faithfulness import Check, Checker, problems
from rag.answering.faithfulness_alignment import side
from rag.answering.faithfulness_features import NAMES, SIGNS
from rag.lexicon.senses import part_of_speech
from rag.models.bundled import load_embedder, load_reader
from rag.models.reader.calibration import auc
from rag.settings import load as load_settings

FOLDER = Path(__file__).parents[1] / "answering" / "faithfulness"
PASSING = {"usual": 0.10, "strict": 0.03}  # of the unsupported ones
HOW = Boosting(trees=200, rate=0.045)
_FOLDS = 10
_LEAST = -30.0
_EVERY = 6  # of so many supported statements one is changed
Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Row:
    """A labelled statement; `number` is its quote's, by which it is told what it is for."""

    check: Check
    supported: bool
    kind: str
    number: int

    @property
    def held_out(self) -> bool:
        return self.number % 3 == 0


def rows() -> Iterator[Row]:
    """Yield all labelled statements."""
    for file in sorted(FOLDER.glob("*.jsonl")):
        for line in file.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            languages = row["statement_lang"], row["quote_lang"]
            check = Check(row["statement"], row["quote"], row["before"], row["question"], *languages)
            number = int(hashlib.sha256(row["quote"].encode()).hexdigest(), 16)
            yield Row(check, row["label"] == "supported", row["kind"], number)


def invented(own: Sequence[Row]) -> Iterator[Row]:
    """Yield supported statements with a noun from elsewhere in one's place, in the question too.

    In the labelled statements those that are supported say things in other words more often than the others do, which
    were made by a small change: from them alone, no word is learned to need one of the quote's.
    """
    random = np.random.default_rng(0)
    supported = [row for row in own if row.supported]
    nouns = {
        language: sorted(
            {word for row in supported for word in _nouns(row) if row.check.statement_language == language}
        )
        for language in ("de", "en")
    }
    for row in supported[::_EVERY]:
        mine = _nouns(row)
        others = [noun for noun in nouns[row.check.statement_language] if noun not in row.check.statement]
        if mine and others:
            old, new = str(random.choice(mine)), str(random.choice(others))
            texts = [re.sub(rf"\b{old}\b", new, text) for text in (row.check.statement, row.check.question)]
            yield replace(row, check=replace(row.check, statement=texts[0], question=texts[1]), supported=False)


def _nouns(row: Row) -> list[str]:
    """Return the nouns of a statement that are no name; in German those that do not begin it."""
    found = [token for token in side(row.check.statement, row.check.statement_language).tokens if not token.term.name]
    if row.check.statement_language == "de":
        return [token.word.text for token in found if token.term.noun]
    return [token.word.text for token in found if part_of_speech(token.word.low) == "n"]


def table(wanted: Sequence[Row], kept: Path | None) -> Array:
    """Return the features, shape (rows, NAMES), from the file where it has them."""
    if kept is not None and kept.exists():
        return np.asarray(np.load(kept, allow_pickle=False)["features"])
    settings = load_settings({})
    embedder = load_embedder(settings)
    checker = Checker(load_reader(settings, embedder), embedder)
    with click.progressbar(wanted) as each:
        found = np.array([checker.features(row.check) for row in each])
    if kept is not None:
        np.savez_compressed(kept, features=found)
    return found


def scored(fitted: tuple[float, list[Split]], values: Array) -> Array:
    """Return the logits of rows."""
    constant, trees = fitted
    return np.asarray(constant + sum(worth(tree, values) for tree in trees))


def crossed(values: Array, every: Sequence[Row], count: int) -> Array:
    """Return the scores of the first `count` rows by trees that were fitted on other quotes."""
    quotes = sorted({row.number for row in every})
    order = np.random.default_rng(0).permutation(len(quotes))
    fold = {quotes[place]: at % _FOLDS for at, place in enumerate(order)}
    folds, supported = np.array([fold[row.number] for row in every]), labels(every)
    found = np.zeros(len(every))
    for out in range(_FOLDS):
        fitted = boosted(values[folds != out], supported[folds != out], SIGNS, HOW)
        found[folds == out] = scored(fitted, values[folds == out])
    return found[:count]


def vetoed(scores: Array, wanted: Sequence[Row]) -> Array:
    """Return scores with the least there is where a number or name is missing: such a statement passes nowhere."""
    return np.where([bool(problems(row.check)) for row in wanted], _LEAST, scores)


def labels(wanted: Sequence[Row]) -> NDArray[np.bool_]:
    return np.array([row.supported for row in wanted])


def limit(scores: Array, supported: NDArray[np.bool_], passing: float) -> float:
    """Return the least score at which no more than that share of the unsupported passes."""
    others = np.sort(scores[~supported])[::-1]
    return float(np.nextafter(others[int(passing * len(others))], np.inf))


def figures(name: str, scores: Array, wanted: Sequence[Row], limits: dict[str, float]) -> str:
    supported = labels(wanted)
    cells = [
        f"{which}: {(scores[~supported] >= least).mean():.3f} of the unsupported pass, "
        f"{(scores[supported] >= least).mean():.3f} of the supported"
        for which, least in limits.items()
    ]
    return f"{name}: {len(wanted)} statements, AUC {auc(scores, supported):.3f}; " + "; ".join(cells)


def groups(scores: Array, wanted: Sequence[Row], least: float) -> str:
    """Return the share that passes by kind, and by languages."""
    lines = []
    for what in ("kind", "languages"):
        keys = [
            (
                row.kind if what == "kind" else f"{row.check.quote_language}-{row.check.statement_language}",
                row.supported,
            )
            for row in wanted
        ]
        for key in sorted({*keys}, key=lambda key: (not key[1], key[0])):
            mine = np.array([each == key for each in keys])
            lines.append(
                f"  {'+' if key[1] else '-'} {key[0]:32}{mine.sum():4}  pass {(scores[mine] >= least).mean():.2f}"
            )
    return "\n".join(lines)


def as_toml(fitted: tuple[float, list[Split]], limits: dict[str, float], about: dict[str, str]) -> str:
    """Return a file that `rag.answering.faithfulness_weights.load` reads."""
    chances = {name: float(1 / (1 + np.exp(-value))) for name, value in limits.items()}
    lines = ["# What signs of a statement are worth for its being supported by its quote.", ""]
    lines += [f"constant = {fitted[0]:.5f}", "trees = [", *(f"  {as_inline(tree)}," for tree in fitted[1]), "]"]
    lines += ["", "[fitted]", *(f"{name} = {json.dumps(text)}" for name, text in about.items())]
    return "\n".join([*lines, "", "[limits]  # on support", *(f"{k} = {v:.4f}" for k, v in chances.items()), ""])


def as_inline(tree: Split | float) -> str:
    if isinstance(tree, float):
        return f"{tree:.5f}"
    sides = f"below = {as_inline(tree.below)}, above = {as_inline(tree.above)}"
    return f'{{ feature = "{NAMES[tree.feature]}", at = {tree.at:.4f}, {sides} }}'


@click.command(help=__doc__)
@click.option("--features", "kept", type=click.Path(path_type=Path), help="Keep what was computed, or use it: .npz.")
@click.option("--held-out", "final", is_flag=True, help="Measure on the quotes that are held out.")
@click.option("--write", "file", type=click.Path(path_type=Path, dir_okay=False), help="Write the weights there.")
def main(kept: Path | None, final: bool, file: Path | None) -> None:
    every = list(rows())
    own = [row for row in every if not row.held_out]
    changed = list(invented(own))
    values = np.vstack([table(own, kept), table(changed, kept and kept.with_suffix(".invented.npz"))])
    alone = crossed(values, [*own, *changed], len(own))
    scores = vetoed(alone, own)
    limits = {name: limit(scores, labels(own), passing) for name, passing in PASSING.items()}
    print(f"AUC without missing numbers and names {auc(alone, labels(own)):.3f}")
    print(figures("folds", scores, own, limits))
    fitted = boosted(values, labels([*own, *changed]), SIGNS, HOW)
    if final:
        others = [row for row in every if row.held_out]
        found = vetoed(scored(fitted, table(others, kept and kept.with_suffix(".held-out.npz"))), others)
        print(figures("held out", found, others, limits))
        print(groups(found, others, limits["usual"]))
    if file is not None:
        settings = load_settings({})
        embedder = load_embedder(settings)
        reader = load_reader(settings, embedder)
        about = {
            "embedder": f"{embedder.name} ({embedder.fingerprint})",
            "reader": f"{reader.name} ({reader.fingerprint})",
            "questions": f"{len(own)} statements of tests/answering/faithfulness, {len(changed)} made of them",
            "method": "tests/benchmarks/fit_faithfulness.py",
        }
        file.write_text(as_toml(fitted, limits, about), encoding="utf-8")


if __name__ == "__main__":
    main()
