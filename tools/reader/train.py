"""Train the reader.

    python tools/reader/train.py [--material FILE …] [--steps 1000] [--out FOLDER] [--begin CHECKPOINT]

Reads tools/reader/data, trains on the processor or an accelerator (`--device cuda`), writes a checkpoint every so many
steps and figures on the passages that are held out (a seventh of what was written by hand, told by their titles). The
seed fixes what is drawn and what the heads start from. With `--teacher`, it also learns what a network that was trained
before makes of the same examples, read in their own language.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import torch
from learning import Losses, losses, on_device, scored
from material import files, held_out, read
from measuring import measured
from network import Network
from stream import Pair, Source, stream
from torch import nn
from vocabulary import Encoder, of_embedder, packed

DATA = Path(__file__).parent / "data"
_WARMING = 0.03  # of the time
_HEADS = ("pools", "dense", "score", "ends")
FILE = click.Path(path_type=Path, exists=True)


@dataclass(frozen=True, slots=True)
class Plan:
    """How long, how fast and towards what: `heed` is what the teacher counts beside the material, from 0 to 1."""

    steps: int
    seconds: float
    questions: int
    rate: float
    heed: float
    every: int
    out: Path

    def progress(self, step: int, began: float) -> float:
        return max(step / self.steps, (time.monotonic() - began) / self.seconds)


@dataclass(frozen=True, slots=True)
class Model:
    """A network and the embeddings of its tokens, on a device."""

    network: Network
    table: nn.Embedding
    device: str

    @classmethod
    def of(cls, encoder: Encoder, begin: Path | None, dropout: float, device: str) -> Model:
        """Return an encoder's, its network from a checkpoint if there is one."""
        state = torch.load(begin, weights_only=True, map_location="cpu") if begin else encoder.network.state_dict()
        table = nn.Embedding.from_pretrained(encoder.table, freeze=True).to(device)
        return cls(Network.of(state, dropout).to(device), table, device)

    def save(self, folder: Path) -> None:
        state = {name: value.half().cpu() for name, value in self.network.state_dict().items()}
        torch.save(state, folder / "checkpoint.pt")


def parameters(network: Network, rate: float) -> list[dict[str, Any]]:
    """Return the network's, its heads with three times the rate."""
    heads = [p for n, p in network.named_parameters() if n.split(".")[0] in _HEADS]
    encoder = [p for n, p in network.named_parameters() if n.split(".")[0] not in _HEADS]
    return [{"params": encoder, "lr": rate, "top": rate}, {"params": heads, "lr": 3 * rate, "top": 3 * rate}]


def step(model: Model, teacher: Model | None, batches: Iterator[Pair], plan: Plan) -> Losses:
    """Add the gradients of at least so many questions; return their losses."""
    parts: list[Pair] = []
    while sum(own.questions for own, _ in parts) < plan.questions:
        parts.append(next(batches))
    asked, summed = sum(own.questions for own, _ in parts), Losses()
    model.network.train()
    for own, other in parts:
        hints = None
        if teacher and other:
            hints = scored(teacher.network, teacher.table, on_device(other, teacher.device))
        found = losses(model.network, model.table, on_device(own, model.device), hints)
        (found.total(plan.heed if teacher else 0.0) / asked).backward()
        summed = summed.plus(found)
    return summed


def train(
    model: Model, teacher: Model | None, batches: Iterator[Pair], plan: Plan, measure: Callable[[], dict[str, float]]
) -> None:
    """Train until the plan's end, printing losses and figures and writing checkpoints."""
    optimiser = torch.optim.AdamW(parameters(model.network, plan.rate), weight_decay=0.01)
    began, sums, number = time.monotonic(), Losses(), 0
    while (progress := plan.progress(number, began)) < 1:
        factor = min(1.0, progress / _WARMING + 0.02) * 0.5 * (1 + math.cos(math.pi * progress))
        for group in optimiser.param_groups:
            group["lr"] = group["top"] * factor
        sums = sums.plus(step(model, teacher, batches, plan))
        torch.nn.utils.clip_grad_norm_(model.network.parameters(), 1.0)
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        number += 1
        if number % max(1, plan.every // 4) == 0:
            print(f"{number} {sums} {(time.monotonic() - began) / number:.3f} s", flush=True)
            sums = Losses()
        if number % plan.every == 0:
            model.save(plan.out)
            print(json.dumps(measure()), flush=True)
    model.save(plan.out)
    print(json.dumps(measure()), flush=True)


@click.command(help=__doc__)
@click.option("--material", type=FILE, multiple=True)
@click.option("--steps", default=1000, show_default=True)
@click.option("--seconds", default=1e9, help="Be done after so long, if the steps are not.")
@click.option("--questions", default=16, show_default=True, help="Questions a step, at least.")
@click.option("--size", default=3600, show_default=True, help="Tokens that are computed at once.")
@click.option("--rate", default=1e-4, show_default=True)
@click.option("--dropout", default=0.0, show_default=True)
@click.option("--written", default=0.65, show_default=True, help="Share of examples from what was written by hand.")
@click.option("--out", type=click.Path(path_type=Path), default=Path("reader-training"), show_default=True)
@click.option("--begin", type=FILE, help="A checkpoint to go on from.")
@click.option("--packed", "folder", type=FILE, help="What pack.py wrote; otherwise Beleg's embedder is opened.")
@click.option("--teacher", type=FILE, help="What pack.py wrote, of a teacher.")
@click.option("--taught", type=FILE, help="The teacher's checkpoint.")
@click.option("--heed", default=0.7, show_default=True, help="What the teacher counts beside the material.")
@click.option("--device", default="cpu", show_default=True)
@click.option("--workers", default=0, show_default=True, help="Processes that draw examples.")
@click.option("--every", default=200, show_default=True, help="Steps between measurements.")
@click.option("--seed", default=1, show_default=True)
def main(
    material: Sequence[Path],
    size: int,
    dropout: float,
    written: float,
    begin: Path | None,
    folder: Path | None,
    teacher: Path | None,
    taught: Path | None,
    device: str,
    workers: int,
    seed: int,
    **plan: Any,
) -> None:
    torch.manual_seed(seed)
    chosen = Plan(**plan)
    chosen.out.mkdir(parents=True, exist_ok=True)
    passages, kept = held_out(read(material or files(DATA)))
    print(f"{_count(passages)} questions, {_count(kept)} held out", flush=True)
    own = packed(folder) if folder else of_embedder()
    other = packed(teacher) if teacher else None
    listening = other.tokens if other else None
    batches = stream(Source(passages, own.tokens, listening, own.switcher, written, size, seed), workers)
    model = Model.of(own, begin, dropout, device)
    master = Model.of(other, taught, 0.0, device) if other else None
    train(
        model,
        master,
        batches,
        chosen,
        lambda: measured(model.network, model.table, own.tokens, kept, device, 4 * size),
    )


def _count(passages: Sequence[Any]) -> int:
    return sum(len(passage.questions) for passage in passages)


if __name__ == "__main__":
    main()
