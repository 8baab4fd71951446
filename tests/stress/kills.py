"""Kill -9 at random moments, and look at what is left.

An operation is run to its end once, undisturbed: that gives how long it takes, and the state it ends in. Then it
is started again and again and killed at a moment drawn uniformly from that time, mostly several times in a row, each
run going on from what the one before left; after every kill the state is looked at, and at the end of each row
an undisturbed run must end in the state of one that was never killed.
"""

from __future__ import annotations

import random
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from running import Done, Place


class Operation(Protocol):
    """Something that is killed. Methods that look at a place return what is wrong there, [] if nothing is."""

    name: str
    row: int  # kills in a row at most

    def begin(self, place: Place) -> None:
        """Lay out a place before the first run."""
        ...

    def run(self, place: Place, kill_after: float | None) -> Done:
        """Start it, or go on with it."""
        ...

    def after_kill(self, place: Place, done: Done, /) -> tuple[str, list[str]]:
        """Return how far it had come, in a word, and what is wrong."""
        ...

    def after_end(self, place: Place, done: Done) -> list[str]:
        """Look at the state that an undisturbed run has ended in."""
        ...


@dataclass(slots=True)
class Tally:
    """What became of the rounds of one operation."""

    operation: str
    kills: int = 0
    rows: int = 0
    seconds: float = 0.0
    undisturbed_s: float = 0.0
    reported: int = 0  # things counted as done before a kill, over all kills
    reached: dict[str, int] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    def told(self) -> str:
        reached = ", ".join(f"{count} {what}" for what, count in sorted(self.reached.items()))
        return (
            f"{self.operation:12} {self.kills:4} kills in {self.rows} rows over {self.undisturbed_s:.1f} s; "
            f"{self.reported} things reported done before; reached: {reached}; {len(self.wrong)} wrong; "
            f"{self.seconds:.0f} s"
        )


def rounds(
    operation: Operation,
    count: int,
    seed: int,
    folder: Path,
    cache: Path,
    tell: Callable[[str], None] = print,
    takes: float = 0.0,
) -> Tally:
    """Kill an operation `count` times; keep the places where something was wrong.

    `takes` are the seconds it takes undisturbed; without it that is measured first.
    """
    chance, tally, began = random.Random(f"{operation.name} {seed}"), Tally(operation.name), time.monotonic()
    tally.undisturbed_s = takes or _undisturbed(operation, folder, cache, tally)
    while tally.kills < count:
        place = Place(folder / f"{operation.name}-{tally.rows}", cache)
        operation.begin(place)
        tally.rows += 1
        wrong = _row(operation, place, chance, min(chance.randint(1, operation.row), count - tally.kills), tally)
        if wrong:
            tally.wrong += [f"{operation.name}, seed {seed}, {place.folder.name}: {each}" for each in wrong]
            tell("\n".join(tally.wrong[-len(wrong) :]))
        else:
            shutil.rmtree(place.folder)
    tally.seconds = time.monotonic() - began
    tell(tally.told())
    return tally


def _undisturbed(operation: Operation, folder: Path, cache: Path, tally: Tally) -> float:
    """Run it to its end; return how many seconds that takes."""
    place = Place(folder / f"{operation.name}-whole", cache)
    operation.begin(place)
    done = operation.run(place, None)
    tally.wrong += [f"undisturbed: {each}" for each in done.complaints() + operation.after_end(place, done)]
    return done.seconds


def _row(operation: Operation, place: Place, chance: random.Random, kills: int, tally: Tally) -> list[str]:
    """Kill it so many times, unless it is done before; then let it be. Return what was wrong."""
    wrong: list[str] = []
    for _ in range(kills):
        after = chance.uniform(0, tally.undisturbed_s)
        done = operation.run(place, after)
        if done.code is not None:  # it was quicker this time: others use the processor too
            tally.undisturbed_s = (tally.undisturbed_s + done.seconds) / 2
            break
        tally.kills += 1
        tally.reported += done.counted
        reached, found = operation.after_kill(place, done)
        tally.reached[reached] = tally.reached.get(reached, 0) + 1
        wrong += [f"killed after {after:.3f} s ({reached}): {each}" for each in done.complaints() + found]
    done = operation.run(place, None)
    return wrong + [f"gone on with: {each}" for each in done.complaints() + operation.after_end(place, done)]
