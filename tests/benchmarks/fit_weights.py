"""Fit the weights of a sentence's features, and measure them on articles that they were not fitted on.

    python tests/benchmarks/fit_weights.py [--questions FILE.jsonl --corpus FOLDER] [--sentences FILE.npz]
        [--common PENALTY] [--own PENALTY] [--write FILE.toml]

The default is the seeds and their questions. Questions are those of `beleg eval`; the models are those that are set
(BELEG_EMBEDDER, BELEG_LLM), without that the embedded ones. Prints how often the right sentence is first, among
three, among the eight that the LLM reads; how often the first quote is right (cited), anything is answered, and
what has no answer is refused: by the weights in use, by weights fitted on all, and by weights fitted on the
articles other than the question's, also for each article. The number in a row's name is the threshold under which
is refused; the last row has the one at which the fit refuses as many as the weights in use do. `--sentences` keeps
what was looked up, which takes the LLM minutes; `--write` makes a file like `rag/answering/feature_weights.toml`,
of the weights fitted on all and that threshold.

The three steps:

1. Conditional logit: each question's right sentences against its others, so that only what tells them apart counts.
   The weights of a pair of languages are common ones plus the pair's own, both with a ridge penalty (`--common`,
   `--own`): a pair with few questions stays near what holds for all.
2. Preselection: the score is brought to a chance by logistic regression over all sentences of all questions, those
   without an answer too, so that sentences of different languages compare and one threshold does for all.
3. Support: the same with the LLM's likelihood beside the score, over the eight sentences that it would have read.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import click
import labelled_sentences
import numpy as np
from labelled_sentences import Sentences
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import log_expit

from rag.answering.feature_weights import PAIRS, PRESELECTION, SUPPORT, FittedWeights, Weights, shipped
from rag.answering.features import likelihood_column
from rag.answering.sentence_selection import READ

SEEDS = Path(__file__).parents[2] / "seeds"
COLUMNS = ("first", "of three", "of eight", "cited", "answered", "refused")
Array = NDArray[np.float64]


def of_questions(sentences: Sentences, chosen: NDArray[np.bool_]) -> Iterator[NDArray[np.intp]]:
    """Yield the places of each chosen question's sentences."""
    for question in np.flatnonzero(chosen):
        places = np.flatnonzero(sentences.question == question)
        if len(places):
            yield places


# --- fitting ---------------------------------------------------------------------------


def fitted(sentences: Sentences, chosen: NDArray[np.bool_], common: float, own: float) -> dict[str, Weights]:
    """Return the weights by pair of languages, fitted on the chosen questions, shape (questions,)."""
    by_pair = conditional_logit(sentences, chosen & sentences.answerable, common, own)
    of_pair = np.array([PAIRS.index(pair) for pair in sentences.pair])
    scores = np.einsum("ij,ij->i", sentences.features, by_pair[of_pair])
    every = np.concatenate(list(of_questions(sentences, chosen)))
    slope, constant = logistic(np.column_stack([scores[every], np.ones(len(every))]), sentences.right[every])
    preselection = slope * by_pair
    preselection[:, -1] += constant

    columns, right = [], []
    for places in of_questions(sentences, chosen):
        read = places[np.argsort(-scores[places], kind="stable")[:READ]]
        columns.append(np.column_stack([scores[read], np.ones(len(read)), likelihood_column(sentences.scores[read])]))
        right.append(sentences.right[read])
    slope, constant, likelihood = logistic(np.concatenate(columns), np.concatenate(right))
    support = np.column_stack([slope * by_pair, np.full(len(PAIRS), likelihood)])
    support[:, len(PRESELECTION) - 1] += constant
    return {
        pair: Weights(tuple(preselection[at].round(2).tolist()), tuple(support[at].round(2).tolist()))
        for at, pair in enumerate(PAIRS)
    }


def conditional_logit(sentences: Sentences, chosen: NDArray[np.bool_], common: float, own: float) -> Array:
    """Return weights, shape (PAIRS, PRESELECTION), under which right sentences score more than their rivals."""
    pools = [places for places in of_questions(sentences, chosen) if sentences.right[places].any()]
    every = np.concatenate(pools)
    features, right = sentences.features[every], sentences.right[every]
    starts = np.concatenate([[0], np.cumsum([len(places) for places in pools])[:-1]])
    pool = np.repeat(np.arange(len(pools)), [len(places) for places in pools])
    of_pair = (sentences.pair[every][:, None] == np.array(PAIRS)).astype(float)  # (sentences, PAIRS)
    size = len(PRESELECTION)

    def loss(flat: Array) -> tuple[float, Array]:
        weights = flat.reshape(1 + len(PAIRS), size)  # the common ones, then what each pair adds
        scores = np.einsum("ij,ij->i", features, weights[0] + of_pair @ weights[1:])
        whole = np.logaddexp.reduceat(scores, starts)
        best = np.logaddexp.reduceat(np.where(right, scores, -np.inf), starts)
        slopes = np.exp(scores - whole[pool]) - np.where(right, np.exp(scores - best[pool]), 0.0)
        penalty = np.repeat([common, *[own] * len(PAIRS)], size).reshape(weights.shape)
        pairs = of_pair.T @ (slopes[:, None] * features)
        gradient = np.concatenate([pairs.sum(axis=0)[None], pairs]) + penalty * weights
        return float((whole - best).sum() + (penalty * weights**2).sum() / 2), gradient.ravel()

    weights = minimize(loss, np.zeros((1 + len(PAIRS)) * size), jac=True, method="L-BFGS-B").x.reshape(-1, size)
    found: Array = weights[0] + weights[1:]
    return found


def logistic(columns: Array, right: NDArray[np.bool_]) -> Array:
    """Return the coefficients of a logistic regression, nearly without penalty; the columns hold the constant."""
    signs = np.where(right, 1.0, -1.0)

    def loss(weights: Array) -> tuple[float, Array]:
        margins = signs * (columns @ weights)
        gradient = -(columns.T @ (signs * np.exp(log_expit(-margins)))) + 1e-3 * weights
        return float(-log_expit(margins).sum() + 1e-3 * (weights**2).sum() / 2), gradient

    found: Array = minimize(loss, np.zeros(columns.shape[1]), jac=True, method="L-BFGS-B").x
    return found


# --- measuring -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Outcome:
    """What weights make of a question: where the right sentence comes, and how sure the first one is."""

    answerable: bool
    rank: int  # of the right one by support, from 1; 0 where the LLM does not read it
    support: float


def outcome(sentences: Sentences, places: NDArray[np.intp], by_pair: Mapping[str, Weights]) -> Outcome:
    weights = [by_pair[pair] for pair in sentences.pair[places]]
    features = sentences.features[places]
    first = np.einsum("ij,ij->i", features, np.array([row.preselection for row in weights]))
    read = np.argsort(-first, kind="stable")[:READ]
    columns = np.column_stack([features[read], likelihood_column(sentences.scores[places][read])])
    worth = np.einsum("ij,ij->i", columns, np.array([weights[at].support for at in read]))
    right = sentences.right[places][read][np.argsort(-worth, kind="stable")]
    rank = int(right.argmax()) + 1 if right.any() else 0
    answerable = bool(sentences.answerable[sentences.question[places[0]]])
    return Outcome(answerable, rank, float(1 / (1 + np.exp(-worth.max()))))


def figures(name: str, outcomes: Sequence[Outcome], refuse: float) -> str:
    known = [one for one in outcomes if one.answerable]
    answered = [one for one in known if one.support >= refuse]
    shares = [
        *(share(0 < one.rank <= most for one in known) for most in (1, 3, READ)),
        sum(one.rank == 1 for one in answered) / max(1, len(known)),
        len(answered) / max(1, len(known)),
        refused(outcomes, refuse),
    ]
    cells = "".join(f"{each:9.3f}" for each in shares)
    return f"{name:36}{cells}{len(known):6} +{len(outcomes) - len(known):4}"


def share(held: Iterable[bool]) -> float:
    values = list(held)
    return sum(values) / max(1, len(values))


def refused(outcomes: Sequence[Outcome], refuse: float) -> float:
    """Return the share of the questions without an answer that get none."""
    return share(one.support < refuse for one in outcomes if not one.answerable)


def as_strict(outcomes: Sequence[Outcome], others: Sequence[Outcome], refuse: float) -> float:
    """Return the least threshold, in hundredths, at which as many are refused as of the others at theirs."""
    wanted = refused(others, refuse)
    return next(at / 100 for at in range(101) if refused(outcomes, at / 100) >= wanted)


@dataclass(frozen=True, slots=True)
class Report:
    """Lines of figures, and the threshold for the fitted weights that refuses as many as the weights in use do."""

    lines: list[str]
    refuse: float


def compared(sentences: Sentences, in_use: FittedWeights, common: float, own: float) -> Report:
    """Measure the weights in use, and those fitted here, for each article and for all."""
    everything = np.ones(len(sentences.ids), dtype=bool)
    refuse = in_use.thresholds.refuse
    lines = [f"{'':36}" + "".join(f"{name:>9}" for name in COLUMNS)]

    def outcomes(chosen: NDArray[np.bool_], by_pair: Mapping[str, Weights]) -> list[Outcome]:
        return [outcome(sentences, places, by_pair) for places in of_questions(sentences, chosen)]

    held_out: list[Outcome] = []
    for article in sorted(set(sentences.articles)):
        left_out = sentences.articles == article
        found = outcomes(left_out, fitted(sentences, ~left_out, common, own))
        lines.append(figures(str(article), outcomes(left_out, in_use.by_pair), refuse))
        lines.append(figures("  fitted on the others", found, refuse))
        held_out += found
    now = outcomes(everything, in_use.by_pair)
    every = outcomes(everything, fitted(sentences, everything, common, own))
    strict = as_strict(held_out, now, refuse)
    lines.append(figures(f"all, by the weights in use, {refuse:.2f}", now, refuse))
    lines.append(figures(f"all, fitted on all, {refuse:.2f}: no measure", every, refuse))
    lines.append(figures(f"all, fitted on the others, {refuse:.2f}", held_out, refuse))
    lines.append(figures(f"all, fitted on the others, {strict:.2f}", held_out, strict))
    return Report(lines, strict)


# --- the file --------------------------------------------------------------------------


def as_toml(by_pair: Mapping[str, Weights], fitted_with: Mapping[str, str], thresholds: Mapping[str, float]) -> str:
    """Return weights as a file that `rag.answering.feature_weights.load` reads."""
    lines = ["# What each feature of a sentence is worth, by the languages of question and passage.", "", "[fitted]"]
    lines += [f"{name} = {json.dumps(text)}" for name, text in fitted_with.items()]
    lines += ["", "[thresholds]", *(f"{name} = {value}" for name, value in thresholds.items())]
    for table, names in (("preselection", PRESELECTION), ("support", SUPPORT)):
        lines += ["", f"[{table}]"]
        for at, name in enumerate(names):
            row = ", ".join(f"{pair} = {getattr(by_pair[pair], table)[at]:6.2f}" for pair in PAIRS)
            lines.append(f"{name:21} = {{ {row} }}")
    return "\n".join(lines) + "\n"


@click.command(help=__doc__)
@click.option("--questions", type=click.Path(path_type=Path, exists=True), default=SEEDS / "questions.jsonl")
@click.option("--corpus", type=click.Path(path_type=Path, exists=True), default=SEEDS)
@click.option("--sentences", "kept", type=click.Path(path_type=Path), help="Keep what was looked up, or use it: .npz.")
@click.option("--common", default=0.3, show_default=True, help="Ridge penalty on the weights of all pairs.")
@click.option("--own", default=10.0, show_default=True, help="Ridge penalty on what a pair adds to them.")
@click.option("--write", type=click.Path(path_type=Path, dir_okay=False), help="Write the weights fitted on all.")
def main(questions: Path, corpus: Path, kept: Path | None, common: float, own: float, write: Path | None) -> None:
    if kept is not None and kept.exists():
        sentences = labelled_sentences.load(kept)
    else:
        sentences = labelled_sentences.looked_up(questions, corpus)
        if kept is not None:
            labelled_sentences.save(kept, sentences)
    in_use = shipped()
    print(f"{questions.name}: {len(sentences.ids)} questions, {len(sentences.right)} sentences")
    print(*sentences.models, sep=", ")
    report = compared(sentences, in_use, common, own)
    print("\n".join(report.lines))
    if write is not None:
        embedder, llm = map(str, sentences.models)
        origin = {
            "embedder": embedder,
            "llm": llm,
            "questions": f"{questions.name} of {questions.parent.name}/, {len(sentences.ids)} questions",
            "method": f"tests/benchmarks/fit_weights.py --common {common:g} --own {own:g}",
        }
        by_pair = fitted(sentences, np.ones(len(sentences.ids), dtype=bool), common, own)
        write.write_text(
            as_toml(by_pair, origin, in_use.thresholds.model_dump() | {"refuse": report.refuse}), encoding="utf-8"
        )


if __name__ == "__main__":
    main()
