"""Stream: batches drawn from the material without end, in this process or in several beside it."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from batches import Batch, aligned, batch, grouped, rows
from code_switching import Switcher
from examples import Drawing, Example, Shares
from material import Passage
from torch.utils.data import DataLoader, IterableDataset, get_worker_info
from vocabulary import Tokens

Pair = tuple[Batch, Batch | None]  # the second is a teacher's


@dataclass(frozen=True, slots=True)
class Source:
    """What is drawn from: `written` is the share of examples from what was written by hand, `size` tokens a batch."""

    passages: Sequence[Passage]
    tokens: Tokens
    teacher: Tokens | None
    switcher: Switcher
    written: float
    size: int
    seed: int

    def batches(self, seed: int) -> Iterator[Pair]:
        draw = random.Random(seed)
        for group in grouped(self._examples(draw), self.tokens, self.size, draw):
            own = [each for _, each in group]
            if self.teacher is None:
                yield batch(own), None
            else:
                theirs = [rows(example.before or example, self.teacher) for example, _ in group]
                yield batch(own), aligned(theirs, own)

    def _examples(self, draw: random.Random) -> Iterator[Example]:
        parts = [[p for p in self.passages if p.written], [p for p in self.passages if not p.written]]
        drawings = [iter(Drawing(part, self.switcher, Shares(), random.Random(draw.random()))) for part in parts]
        share = self.written if all(parts) else float(bool(parts[0]))
        while True:
            yield next(drawings[draw.random() >= share])


class _Stream(IterableDataset):  # type: ignore[misc]  # torch is not looked into
    def __init__(self, source: Source) -> None:
        self._source = source

    def __iter__(self) -> Iterator[Pair]:
        worker = get_worker_info()
        return self._source.batches(1000 * self._source.seed + (worker.id if worker else 0))


def stream(source: Source, workers: int) -> Iterator[Pair]:
    """Yield batches; several processes draw each from its own seed, and are listened to in turn."""
    if not workers:
        return iter(_Stream(source))
    return iter(
        DataLoader(
            _Stream(source), batch_size=None, num_workers=workers, prefetch_factor=8, multiprocessing_context="fork"
        )
    )
