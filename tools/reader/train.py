"""Train the reader.

    python tools/reader/train.py [--material FILE …] [--steps 1000] [--out FOLDER] [--begin CHECKPOINT]

Reads tools/reader/data, trains on the processor, writes a checkpoint every 50 steps and figures on the passages that
are held out (a seventh of what was written by hand, told by their titles). The seed fixes what is drawn and what the
heads start from.
"""

from __future__ import annotations

import hashlib
import json
import math
import random
import time
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import click
import numpy as np
import torch
from batches import Batch, Tokens, batches
from code_switching import Switcher
from examples import Drawing, Example, Shares
from material import Passage, read
from network import Network, from_embedder

DATA = Path(__file__).parent / "data"
HELD_OUT = 7  # about every so manieth written passage
_SPAN = 0.3  # what finding the answering words counts beside finding the sentence


def losses(network: Network, batch: Batch) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the summed loss of the sentences and that of the answering words."""
    with torch.autocast("cpu", dtype=torch.bfloat16):
        hidden = network.encoded(batch.embeddings, batch.segments, batch.bias)
    hidden = hidden.float()
    scores = network.scored(hidden, batch.sentences)
    chosen = torch.zeros(())
    for question in range(batch.questions):
        mine = batch.owner == question
        everything = torch.cat([torch.zeros(1), scores[mine]])
        right = torch.cat([torch.tensor([not bool(batch.right[mine].any())]), batch.right[mine]])
        chosen = chosen + torch.logsumexp(everything, 0) - torch.logsumexp(everything[right], 0)
    spans = torch.zeros(())
    if batch.spans:
        ends = network.ends(hidden)
        for text, low, high, first, last in batch.spans:
            for column, at in ((0, first), (1, last)):
                row = ends[text, low:high, column]
                spans = spans + torch.logsumexp(row, 0) - row[at - low]
    return chosen, spans / 2


def held_out(passages: Sequence[Passage]) -> tuple[list[Passage], list[Passage]]:
    """Return the passages to train on, and those to measure with: the same ones whatever is added."""
    parts: tuple[list[Passage], list[Passage]] = ([], [])
    for passage in passages:
        digest = hashlib.sha256(passage.title.encode()).digest()
        parts[passage.written and digest[0] % HELD_OUT == 0].append(passage)
    return parts


@torch.no_grad()
def measured(network: Network, tokens: Tokens, passages: Sequence[Passage]) -> dict[str, float]:
    """Return figures on whole passages: right sentence first, its span's overlap, and the none-score's worth (AUC)."""
    first = overlap = answerable = 0
    best: list[float] = []
    known: list[bool] = []
    plain = Shares(0, 0, 0, 0, 0, 0, 0, 0)
    drawing = Drawing(passages, _NoSwitch(), plain, random.Random(0))  # type: ignore[arg-type]
    examples = [drawing.example(p, q) for p in passages for q in p.questions]
    for batch in batches(examples, tokens):
        with torch.autocast("cpu", dtype=torch.bfloat16):
            hidden = network.encoded(batch.embeddings, batch.segments, batch.bias)
        hidden = hidden.float()
        scores, ends = network.scored(hidden, batch.sentences), network.ends(hidden)
        spans = {text: span for text, *span in batch.spans}
        for question in range(batch.questions):
            mine = batch.owner == question
            values, right = scores[mine], batch.right[mine]
            best.append(float(values.max()))
            known.append(bool(right.any()))
            if right.any():
                answerable += 1
                first += bool(right[values.argmax()])
                text = int(torch.nonzero(mine)[0, 0])
                if text in spans:
                    low, high, a, b = spans[text]
                    begin = int(ends[text, low:high, 0].argmax()) + low
                    end = int(ends[text, low:high, 1].argmax()) + low
                    overlap += begin <= b and a <= end
    scores_of, flags = np.array(best), np.array(known)
    yes, no = scores_of[flags], scores_of[~flags]
    auc = float((yes[:, None] > no[None]).mean()) if len(yes) and len(no) else math.nan
    line = np.sort(yes)[int(0.1 * len(yes))] if len(yes) else 0.0
    return {
        "first": first / max(1, answerable),
        "span": overlap / max(1, answerable),
        "auc": auc,
        "refused at .9": float((no < line).mean()) if len(no) else math.nan,
        "questions": len(examples),
    }


class _NoSwitch:
    pass


def mixed(
    written: Iterator[Example], collected: Iterator[Example], share: float, draw: random.Random
) -> Iterator[Example]:
    while True:
        yield next(written if draw.random() < share else collected)


def parameters(network: Network, rate: float) -> list[dict[str, Any]]:
    heads = [p for n, p in network.named_parameters() if n.split(".")[0] in ("pools", "dense", "score", "ends")]
    encoder = [p for n, p in network.named_parameters() if n.split(".")[0] not in ("pools", "dense", "score", "ends")]
    return [{"params": encoder, "lr": rate, "top": rate}, {"params": heads, "lr": 3 * rate, "top": 3 * rate}]


@click.command(help=__doc__)
@click.option("--material", type=click.Path(path_type=Path, exists=True), multiple=True)
@click.option("--steps", default=1000, show_default=True)
@click.option("--questions", default=16, show_default=True, help="Questions a step.")
@click.option("--rate", default=1e-4, show_default=True)
@click.option("--written", default=0.6, show_default=True, help="Share of examples from what was written by hand.")
@click.option("--out", type=click.Path(path_type=Path), default=Path("reader-training"), show_default=True)
@click.option("--begin", type=click.Path(path_type=Path, exists=True), help="A checkpoint to go on from.")
@click.option("--seed", default=1, show_default=True)
@click.option("--constant", is_flag=True, help="Do not lower the rate towards the end: more is to follow.")
def main(
    material: Sequence[Path],
    steps: int,
    questions: int,
    rate: float,
    written: float,
    out: Path,
    begin: Path | None,
    seed: int,
    constant: bool,
) -> None:
    torch.manual_seed(seed)
    draw = random.Random(seed)
    out.mkdir(parents=True, exist_ok=True)
    tokens, bert = Tokens.of_embedder()
    network = from_embedder(bert)
    if begin:
        network.load_state_dict(torch.load(begin, weights_only=True))
    passages, kept = held_out(read(material or DATA.iterdir()))
    switcher = Switcher()
    parts = [[p for p in passages if p.written], [p for p in passages if not p.written]]
    drawings = [iter(Drawing(part, switcher, Shares(), random.Random(seed + at))) for at, part in enumerate(parts)]
    share = written if all(parts) else float(bool(parts[0]))
    examples = mixed(drawings[0], drawings[1], share, draw)
    print(
        f"{sum(len(p.questions) for p in passages)} questions, {sum(len(p.questions) for p in kept)} held out",
        flush=True,
    )
    optimiser = torch.optim.AdamW(parameters(network, rate), weight_decay=0.01)
    began, sums = time.time(), np.zeros(3)
    for step in range(1, steps + 1):
        factor = min(1.0, step / 40) * (1.0 if constant else 0.5 * (1 + math.cos(math.pi * step / (steps + 1))))
        for group in optimiser.param_groups:
            group["lr"] = group["top"] * factor
        for batch in batches(list(islice(examples, questions)), tokens):
            chosen, spans = losses(network, batch)
            ((chosen + _SPAN * spans) / questions).backward()
            sums += (float(chosen.detach()), float(spans.detach()), batch.questions)
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        optimiser.zero_grad()
        if step % 10 == 0:
            print(
                f"{step} {sums[0] / sums[2]:.3f} {sums[1] / sums[2]:.3f} {(time.time() - began) / step:.2f} s",
                flush=True,
            )
            sums[:] = 0
        if step % 50 == 0 or step == steps:
            torch.save(network.state_dict(), out / "checkpoint.pt")
        if (step % 200 == 0 or step == steps) and kept:
            print(json.dumps(measured(network, tokens, kept)), flush=True)


if __name__ == "__main__":
    main()
