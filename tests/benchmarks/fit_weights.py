"""Fit what a sentence's signs and a reader's judgement are worth, and measure it on documents left out of the fit.

    python tests/benchmarks/fit_weights.py [--material FOLDER] [--ordinary FOLDER] [--sentences FILE.npz] \
        [--write FILE.toml]
    python tests/benchmarks/fit_weights.py --questions FILE.jsonl --corpus FOLDER [--sentences FILE.npz]

Fitted is on the reading material that the reader was not trained on: all its passages become the documents of a
library, and the questions of the held-out ones are asked, each of some of the documents. Each third question with an
answer is asked once more with the sentences that answer left out: such ones are the hardest to refuse. And on ordinary
documents (invoices, minutes, timetables: each folder is a library, with its questions in a file beside it): of these
support is made a chance, for the passages of the material are shorter, better formed and more alike. Models are
those that are set (BELEG_EMBEDDER, BELEG_READER), without that the embedded ones. `--write` makes a file like
`rag/answering/feature_weights.toml`. With `--questions` (those of `beleg eval`) nothing is fitted: the weights in use
are measured. `--sentences` keeps what was looked up and
read, of ordinary documents in files beside it; `--refuse` sets the three thresholds, which are otherwise
such that .80, .90 and .97 of the questions whose right sentence is first are answered.

Printed is, by pair of languages, how often the right sentence is first and among three; how many questions without an
answer are refused where nine of ten with one are answered, those that come so (natural) and those of which only the
right sentence is missing (hard); what each of the three thresholds answers and refuses; and in ten bins of questions
how sure the first sentence is said to be against how often it is right. All figures of a fit are of documents that
were left out of it, a fifth at a time.

The three steps:

1. Conditional logit: each question's right sentences against its others, so that only what tells them apart counts.
   The weights of a pair of languages are common ones plus the pair's own, both with a ridge penalty (`--common`,
   `--own`): a pair with few questions stays near what holds for all.
2. Calibration: a logistic regression over each question's best three sentences, of those without an answer too, on
   that score, on the share that the reader gives the sentence of all, and on the signs, these with a ridge penalty
   (`--signs`): what no sentence of a pool has cannot tell them apart, and yet tells whether any answers.
3. Scaling: one more, over the best sentence of each question as it is asked, without the hard ones, and as if a
   certain share of the questions had an answer (`--answerable`): a third of the material's were written to have none,
   which is more than people ask of their own documents.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import click
import labelled_sentences
import numpy as np
from evidence_fit import (
    ANSWERABLE,
    Array,
    Penalties,
    Pool,
    Weights,
    balanced,
    fitted,
    pools,
    without_right,
)
from labelled_sentences import Sentences

from rag.answering.feature_weights import PAIRS, SUPPORT, shipped
from rag.batch.question_file import read
from rag.evaluation.run import golds
from rag.index.library import Library
from rag.models.bundled import load_embedder, load_reader
from rag.settings import load as load_settings

FOLDS = 5
ANSWERED = {"careful": 0.80, "balanced": 0.90, "eager": 0.97}  # of the questions whose right sentence is first
FURTHER = {"further": 0.2, "least_further": 0.1}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What weights make of a question: where its right sentence comes, how sure the first one is."""

    pair: int
    answerable: bool
    hard: bool
    rank: int  # from 1; 0 where it is not found
    support: float


def outcome(pool: Pool, weights: Mapping[str, Sequence[float] | Array]) -> Outcome:
    table = np.array([weights[pair] for pair in PAIRS])
    worth = np.einsum("ij,ij->i", pool.columns, table[pool.pairs])
    right = pool.right[np.argsort(-worth, kind="stable")]
    rank = int(right.argmax()) + 1 if right.any() else 0
    return Outcome(pool.pair, pool.answerable, pool.hard, rank, float(1 / (1 + np.exp(-worth.max()))))


def measured(pools: Sequence[Pool], weights: Mapping[str, Sequence[float] | Array]) -> list[Outcome]:
    """Return the outcomes of the questions, and of all with an answer once more without it."""
    hard = filter(None, map(without_right, pools))
    return [outcome(pool, weights) for pool in [*pools, *hard]]


def held_out(
    pools: Sequence[Pool], penalties: Penalties, answerable: float = ANSWERABLE, ordinary: Sequence[Pool] = ()
) -> tuple[list[Outcome], list[Outcome]]:
    """Return the outcomes of both by weights that were fitted on other documents, a fifth left out at a time."""
    documents = sorted({pool.document for pool in [*pools, *ordinary]})
    order = np.random.default_rng(0).permutation(len(documents))
    fold = {documents[place]: number % FOLDS for number, place in enumerate(order)}
    found: tuple[list[Outcome], list[Outcome]] = ([], [])
    for out in range(FOLDS):
        kept, left = zip(*(_parted(each, fold, out) for each in (pools, ordinary)), strict=True)
        weights = fitted(kept[0], penalties, answerable, kept[1])
        for outcomes, each in zip(found, left, strict=True):
            outcomes += measured(each, weights)
    return found


def _parted(pools: Sequence[Pool], fold: Mapping[str, int], out: int) -> tuple[list[Pool], list[Pool]]:
    """Return the questions of the documents that are fitted on, and of those that are left out."""
    left = [fold[pool.document] == out for pool in pools]
    kept = [pool for pool, is_left in zip(pools, left, strict=True) if not is_left]
    return kept, [pool for pool, is_left in zip(pools, left, strict=True) if is_left]


def share(held: Iterator[bool] | Sequence[bool]) -> float:
    values = list(held)
    return sum(values) / max(1, len(values))


def least(outcomes: Sequence[Outcome], answered: float) -> float:
    """Return the highest support in thousandths at which that share of the questions is answered."""
    supports = np.sort([one.support for one in outcomes])
    if not len(supports):
        return 0.0
    return float(np.floor(1000 * supports[int(np.floor((1 - answered) * len(supports) + 1e-9))]) / 1000)


def table(outcomes: Sequence[Outcome]) -> str:
    """Return the figures by pair of languages, and of all."""
    lines = [f"{'':8}{'n':>11}{'first':>8}{'three':>8}   refused at .90 answered: natural, hard"]
    for at, name in [*enumerate(PAIRS), (-1, "all")]:
        mine = [one for one in outcomes if at in (-1, one.pair)]
        known = [one for one in mine if one.answerable]
        others = [one for one in mine if not one.answerable and not one.hard]
        if not known:
            continue
        limit = least(known, 0.9)
        cells = [
            *(share(0 < one.rank <= most for one in known) for most in (1, 3)),
            share(one.support < limit for one in others),
            share(one.support < limit for one in mine if one.hard),
        ]
        lines.append(f"{name:8}{len(known):6} +{len(others):3}" + "".join(f"{each:8.3f}" for each in cells))
    return "\n".join(lines)


def thresholds(outcomes: Sequence[Outcome], refuse: Mapping[str, float]) -> str:
    """Return what each threshold answers and refuses, of all questions."""
    lines = [f"{'':9}{'refuse':>7}{'answered':>10}{'rightly':>9}{'refused: natural':>18}{'hard':>7}"]
    known = [one for one in outcomes if one.answerable]
    for name, limit in refuse.items():
        answered = [one for one in known if one.support >= limit]
        cells = [
            f"{len(answered) / max(1, len(known)):10.3f}",
            f"{sum(one.rank == 1 for one in answered) / max(1, len(known)):9.3f}",
            f"{share(one.support < limit for one in outcomes if not one.answerable and not one.hard):18.3f}",
            f"{share(one.support < limit for one in outcomes if one.hard):7.3f}",
        ]
        lines.append(f"{name:9}{limit:7.3f}{''.join(cells)}")
    return "\n".join(lines)


def bins(outcomes: Sequence[Outcome], answerable: float | None = None) -> str:
    """Return ten bins of as many questions each, the hard ones left out: mean support, share right, difference.

    With `answerable`, questions count so much that those with an answer are that share of all.
    """
    natural = sorted((one for one in outcomes if not one.hard), key=lambda one: one.support)
    known = [one.answerable for one in natural]
    often = np.ones(len(known)) if answerable is None else balanced(known, answerable)
    supports, right = np.array([(one.support, one.rank == 1) for one in natural], dtype=float).reshape(-1, 2).T
    lines = [f"{'n':>5}{'support':>9}{'right':>7}{'off':>7}"]
    worst = whole = 0.0
    for part in np.array_split(np.arange(len(natural)), 10):
        if len(part):
            support, share = (float(np.average(each[part], weights=often[part])) for each in (supports, right))
            worst, whole = max(worst, abs(share - support)), whole + abs(share - support) * float(often[part].sum())
            lines.append(f"{len(part):5}{support:9.3f}{share:7.3f}{share - support:+7.3f}")
    lines.append(f"largest difference {worst:.3f}, expected calibration error {whole / max(1, len(natural)):.3f}")
    return "\n".join(lines)


def report(outcomes: Sequence[Outcome], refuse: Mapping[str, float], answerable: float | None = None) -> str:
    return "\n\n".join([table(outcomes), thresholds(outcomes, refuse), bins(outcomes, answerable)])


# --- the file --------------------------------------------------------------------------


def as_toml(weights: Weights, fitted_with: Mapping[str, str], refuse: Mapping[str, float]) -> str:
    """Return weights as a file that `rag.answering.feature_weights.load` reads."""
    lines = ["# What each feature of a sentence is worth, by the languages of question and passage.", "", "[fitted]"]
    lines += [f"{name} = {json.dumps(text)}" for name, text in fitted_with.items()]
    for heading, values in (("thresholds", FURTHER), ("thresholds.refuse", refuse)):
        lines += ["", f"[{heading}]", *(f"{name} = {value}" for name, value in values.items())]
    lines += ["", "[support]"]
    for at, name in enumerate(SUPPORT):
        row = ", ".join(f"{pair} = {weights[pair][at]:7.3f}" for pair in PAIRS)
        lines.append(f"{name:21} = {{ {row} }}")
    return "\n".join(lines) + "\n"


def _looked_up(material: Path, every: int, questions: Path | None, corpus: Path | None) -> Sentences:
    if questions is not None:
        if corpus is None:
            raise click.UsageError("--questions needs the --corpus that they are about.")
        file = read(questions, strict=True)

        def right_in(library: Library) -> Mapping[str, labelled_sentences.Gold]:
            right, bad = golds(file.questions, library)
            if bad:
                raise SystemExit(f"{file.name}, line {bad[0].line}: {bad[0].reason}")
            return right

        return labelled_sentences.looked_up(corpus, file.questions, right_in)
    import reading_material

    with TemporaryDirectory() as folder:
        asked, right = reading_material.asked(reading_material.written(material), Path(folder), every)
        return labelled_sentences.looked_up(Path(folder), asked, lambda _: right)


def _sentences(kept: Path | None, looked_up: partial[Sentences]) -> Sentences:
    """Return the sentences, from the file where there is one, as the reader that is set finds them."""
    found = labelled_sentences.load(kept) if kept is not None and kept.exists() else looked_up()
    settings = load_settings({})
    read_now = labelled_sentences.read_by(found, load_reader(settings, load_embedder(settings)))
    if kept is not None and (read_now is not found or not kept.exists()):
        labelled_sentences.save(kept, read_now)
    return read_now


def _ordinary(folder: Path, kept: Path | None) -> list[Pool]:
    """Return the questions on the libraries of a folder."""
    found: list[Pool] = []
    for library in sorted(each for each in folder.iterdir() if each.is_dir()):
        file = kept and kept.with_stem(f"{kept.stem}-{library.name}")
        questions = library.with_suffix(".jsonl")
        found += pools(_sentences(file, partial(_looked_up, folder, 1, questions, library)))
    return found


@click.command(help=__doc__)
@click.option("--material", type=click.Path(path_type=Path, exists=True), help="Default: tools/reader/data.")
@click.option(
    "--ordinary",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    default=Path(__file__).with_name("ordinary_documents") / "fitted",
    help="Libraries of ordinary documents, each with FOLDER.jsonl beside it. Default: ordinary_documents/fitted.",
)
@click.option("--every", default=1, show_default=True, help="Ask about each so manieth held-out passage only.")
@click.option("--questions", type=click.Path(path_type=Path, exists=True), help="Measure with these, and fit nothing.")
@click.option("--corpus", type=click.Path(path_type=Path, exists=True), help="The documents that they are about.")
@click.option("--sentences", "kept", type=click.Path(path_type=Path), help="Keep what was looked up, or use it: .npz.")
@click.option(
    "--common", default=Penalties().common, show_default=True, help="Ridge penalty on the weights of all pairs."
)
@click.option("--own", default=Penalties().own, show_default=True, help="Ridge penalty on what a pair adds to them.")
@click.option(
    "--signs", default=Penalties().signs, show_default=True, help="Ridge penalty on signs in the calibration."
)
@click.option("--answerable", default=ANSWERABLE, show_default=True, help="Share of questions with an answer.")
@click.option("--refuse", nargs=3, type=click.FloatRange(0, 1), help="Thresholds: careful, balanced, eager.")
@click.option("--write", type=click.Path(path_type=Path, dir_okay=False), help="Write the weights fitted on all.")
def main(
    material: Path | None,
    ordinary: Path,
    every: int,
    questions: Path | None,
    corpus: Path | None,
    kept: Path | None,
    common: float,
    own: float,
    signs: float,
    answerable: float,
    refuse: tuple[float, float, float] | None,
    write: Path | None,
) -> None:
    material = material or Path(__file__).parents[2] / "tools" / "reader" / "data"
    sentences = _sentences(kept, partial(_looked_up, material, every, questions, corpus))
    asked = pools(sentences)
    print(f"{len(asked)} questions, {len(sentences.right)} sentences; {sentences.embedder}, {sentences.reader}\n")
    if questions is not None:
        print(report(measured(asked, shipped().by_pair), shipped().thresholds.refuse))
        return
    penalties = Penalties(common, own, signs)
    common_ones = _ordinary(ordinary, kept)
    of_material, of_ordinary = held_out(asked, penalties, answerable, common_ones)
    outcomes = of_ordinary or of_material
    found = [one for one in outcomes if one.rank == 1]  # it is no loss to refuse what would be answered wrongly
    limits = refuse or [least(found, answered) for answered in ANSWERED.values()]
    chosen = dict(zip(ANSWERED, limits, strict=True))
    if common_ones:
        print(f"the reading material:\n{table(of_material)}\n\n{len(common_ones)} questions on ordinary documents:")
    print(report(outcomes, chosen, answerable))
    if write is not None:
        origin = {
            "embedder": str(sentences.embedder),
            "reader": str(sentences.reader),
            "questions": f"{len(asked)} held-out ones of {material.parent.name}/{material.name}"
            + (f", {len(common_ones)} on ordinary documents" if common_ones else ""),
            "method": f"tests/benchmarks/fit_weights.py --common {common:g} --own {own:g} --signs {signs:g} "
            f"--answerable {answerable:g} --every {every}",
        }
        write.write_text(as_toml(fitted(asked, penalties, answerable, common_ones), origin, chosen), encoding="utf-8")


if __name__ == "__main__":
    main()
