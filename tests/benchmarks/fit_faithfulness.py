"""Fit what tells sentences that their quotes support, and measure it on sentences that it was not fitted on.

    python tests/benchmarks/fit_faithfulness.py [--write rag/answering/faithfulness_weights.toml]

The sentences are those of `tests/answering/written`: models wrote them from sentences that answer a question,
and each was labelled. Those of `*-heldout.jsonl` are only measured on. `known` are the weights where the model told how
sure it was of its words, `unknown` those for any other. The limit is the least at which, in ten folds by quote, so many
of those that are shown are wrong (`--wrong`; `--wrong-unknown` where it is not known). Prints what would be
shown at some limits.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from rag.answering.drafts import Draft, Drafted
from rag.answering.faithfulness import Check, rules_out, signs
from rag.answering.faithfulness_weights import NAMES
from rag.answering.grounded_generation import may_stand
from rag.answering.quote_context import Given

FOLDER = Path(__file__).parents[1] / "answering" / "written"
_FOLDS = 10
_RIDGE = 3.0
Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Rows:
    """Labelled sentences: their signs with the surety last (0 where it is not known), and what is true of each."""

    signs: Array
    sure: NDArray[np.bool_]  # whether the surety is known
    supported: NDArray[np.bool_]
    good: NDArray[np.bool_]  # supported, right and fluent
    may: NDArray[np.bool_]  # whether it is in the language and holds the figures that answer
    quotes: tuple[str, ...]

    def of(self, chosen: NDArray[np.bool_]) -> Rows:
        quotes = tuple(quote for quote, kept in zip(self.quotes, chosen, strict=True) if kept)
        return Rows(
            self.signs[chosen], self.sure[chosen], self.supported[chosen], self.good[chosen], self.may[chosen], quotes
        )


def check_of(row: dict[str, Any]) -> Check:
    return Check(
        row["statement"],
        row["quote"],
        row["before"],
        row["question"],
        row["statement_lang"],
        row["quote_lang"],
        row["answering"],
        row.get("surety"),
    )


def draft_of(row: dict[str, Any]) -> Draft:
    told = Given(row["quote"], row["answering"], row["before"], "", row["quote_lang"])
    return Draft(row["question"], row["statement_lang"], (), (told,))


def read(files: Sequence[Path]) -> Rows:
    rows = [json.loads(line) for file in files for line in file.read_text("utf-8").splitlines()]
    checks = [check_of(row) for row in rows]
    return Rows(
        np.array([[*signs(check), check.surety or 0.0] for check in checks]),
        np.array([check.surety is not None for check in checks]),
        np.array([row["supported"] for row in rows]),
        np.array([row["supported"] and row["right"] and row["fluent"] for row in rows]),
        np.array([_may(row, check) for row, check in zip(rows, checks, strict=True)]),
        tuple(row["quote"] for row in rows),
    )


def _may(row: dict[str, Any], check: Check) -> bool:
    return may_stand(draft_of(row), Drafted(row["statement"])) and not rules_out(check)


def fit(values: Array, supported: NDArray[np.bool_]) -> Array:
    """Return the weights (signs, then the bias) of a logistic regression."""
    spread = values.std(0) + 1e-9
    scaled = np.hstack([values / spread, np.ones((len(values), 1))])
    towards = np.where(supported, 1.0, -1.0)

    def loss(weights: Array) -> tuple[float, Array]:
        margin = towards * (scaled @ weights)
        pull = -(scaled.T @ (towards / (1 + np.exp(margin))))
        kept = np.append(weights[:-1], 0.0)
        return float(np.logaddexp(0, -margin).sum() + _RIDGE * (kept @ kept)), pull + 2 * _RIDGE * kept

    found: Array = minimize(loss, np.zeros(scaled.shape[1]), jac=True).x
    return np.round(found / np.append(spread, 1.0), 3)  # as they are written


def chances(weights: Array, values: Array) -> Array:
    found: Array = 1 / (1 + np.exp(-(values @ weights[:-1] + weights[-1])))
    return found


def folded(rows: Rows, columns: slice) -> Array:
    """Return each row's chance by weights fitted on other quotes."""
    order = {quote: place for place, quote in enumerate(sorted(set(rows.quotes)))}
    fold = np.array([order[quote] % _FOLDS for quote in rows.quotes])
    found = np.zeros(len(fold))
    for number in range(_FOLDS):
        apart = fold == number
        found[apart] = chances(fit(rows.signs[~apart, columns], rows.supported[~apart]), rows.signs[apart, columns])
    return found


def auc(found: Array, supported: NDArray[np.bool_]) -> float:
    good, others = found[supported], found[~supported]
    return float((good[:, None] > others).mean() + 0.5 * (good[:, None] == others).mean())


def limit_of(found: Array, rows: Rows, wrong: float) -> float:
    """Return the least chance from which so many of what is shown are wrong."""
    order = np.argsort(-found, kind="stable")
    order = order[rows.may[order]]
    share = np.cumsum(~rows.supported[order]) / np.arange(1, len(order) + 1)
    last = np.append(np.diff(found[order]) != 0, True)  # of those that are equally likely: all are shown, or none
    allowed = np.flatnonzero((share <= wrong) & last)
    return math.ceil(1000 * float(found[order[allowed[-1]]])) / 1000 if len(allowed) else 1.0


def tell(name: str, found: Array, rows: Rows, limits: Sequence[float]) -> None:
    click.echo(f"{name}: {len(found)}, {rows.supported.sum()} supported, AUC {auc(found, rows.supported):.3f}")
    for limit in limits:
        shown = rows.may & (found >= limit)
        wrong, good = int((shown & ~rows.supported).sum()), int((shown & rows.good).sum())
        click.echo(f"  from {limit:.2f}: {shown.sum()} shown, {wrong} wrong, {good} of {rows.good.sum()} good ones")


@click.command(help=__doc__)
@click.option("--write", type=click.Path(path_type=Path))
@click.option("--wrong", default=0.03, show_default=True)
@click.option("--wrong-unknown", default=0.1, show_default=True)
def main(write: Path | None, wrong: float, wrong_unknown: float) -> None:
    files = sorted(FOLDER.glob("*.jsonl"))
    held = read([file for file in files if "heldout" in file.name])
    rows = read([file for file in files if "heldout" not in file.name])
    if set(rows.quotes) & set(held.quotes):
        raise click.ClickException("Quotes that are held out are fitted on.")
    lines: list[str] = []
    for name, part, apart, columns, most in (
        ("known", rows.of(rows.sure), held.of(held.sure), slice(None), wrong),
        ("unknown", rows, held, slice(0, -1), wrong_unknown),
    ):
        across = folded(part, columns)
        weights = fit(part.signs[:, columns], part.supported)
        chosen = limit_of(across, part, most)
        limits = (chosen, 0.7, 0.75, 0.8, 0.85, 0.9)
        tell(f"{name}, in folds", across, part, limits)
        tell(f"{name}, held out", chances(weights, apart.signs[:, columns]), apart, limits)
        named = zip((*NAMES, *(["surety"] if name == "known" else [])), weights[:-1], strict=True)
        lines += [
            f"\n[{name}]",
            f"limit = {chosen:.3f}",
            f"bias = {weights[-1]:.3f}",
            *(f"{each} = {value:.3f}" for each, value in named),
        ]
    if write:
        about = [
            "# What each sign that a statement is supported by its quote is worth.",
            "",
            "[fitted]",
            f'statements = "{len(rows.supported)} of tests/answering/written"',
            f'method = "tests/benchmarks/fit_faithfulness.py --wrong {wrong} --wrong-unknown {wrong_unknown}"',
        ]
        write.write_text("\n".join([*about, *lines, ""]), encoding="utf-8")


if __name__ == "__main__":
    main()
