"""How far a long piece of work is that is done once, such as preparing a model: its steps are told as they begin.

A plan names the steps with the seconds that each took where it was measured. How fast this machine is shows as they go.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar

T = TypeVar("T")
Plan = Sequence[tuple[str, float]]
_TRUSTED = 0.06  # of the plan: the measured seconds weigh as much as so much of it done here
_STEADY = 0.8  # of a step's time that goes by evenly; what it takes beyond that only nears the step's end
_EVERY = 500  # items that are counted, after which it is told how far it is


@dataclass(frozen=True, slots=True)
class Step:
    """Step `at` of the plan is begun, and `done` of it is done, a share of 1, where that can be counted."""

    plan: tuple[tuple[str, float], ...]
    at: int
    done: float = 0.0


_tell: Callable[[Step | None], None] | None = None
_plan: tuple[tuple[str, float], ...] = ()
_at = 0


def listen(tell: Callable[[Step | None], None] | None) -> None:
    """Have steps told by `tell`, the last one given; None where a plan has ended."""
    global _tell
    _tell = tell


@contextmanager
def planned() -> Iterator[None]:
    """Whatever plan is begun within has ended afterwards."""
    try:
        yield
    finally:
        global _plan
        if _plan:
            _plan = ()
            if _tell is not None:
                _tell(None)


def begin(plan: Plan) -> None:
    """Begin the work of a plan with its first step."""
    global _plan
    _plan = tuple(plan)
    step(_plan[0][0])


def step(name: str) -> None:
    """Begin a step of the plan that has begun; without a plan, nothing is told."""
    global _at
    _at = next((at for at, (each, _) in enumerate(_plan) if each == name), _at)
    within(0.0)


def within(done: float) -> None:
    """Tell that a share of the present step is done, from 0 to 1."""
    if _plan and _tell is not None:
        _tell(Step(_plan, _at, done))


def counted(items: Sequence[T], *, upto: float = 1.0) -> Iterator[T]:
    """Yield the items, and tell with them how much of the present step is done: `upto` after the last."""
    for at, item in enumerate(items):
        if at % _EVERY == 0:
            within(upto * at / len(items))
        yield item


@dataclass(slots=True)
class Pace:
    """How far a plan is at any moment, and how long the rest will take; its share never falls, and is below 1."""

    began: float
    _since: float = 0.0  # when the present step began
    _step: Step | None = None
    _slowness: float = 1.0  # seconds for each that was planned, as it was when the step began
    _shown: float = field(default=0.0)

    def told(self, step: Step, now: float) -> None:
        """Take in what a step tells."""
        if self._step is None or step.at != self._step.at:
            self._step, self._since = step, now
            self._slowness = self._measured(self._before(), now)
        self._step = step

    def share(self, now: float) -> float:
        """Return how much is done, from 0 to below 1."""
        self._shown = max(self._shown, self._done(now) / self._whole())
        return min(self._shown, 0.99)

    def left(self, now: float) -> float:
        """Return the seconds that the rest will take, as far as one can tell."""
        done = self._done(now)
        return max(1.0, (self._whole() - done) * self._measured(done, now))

    def _whole(self) -> float:
        return sum(seconds for _, seconds in self._step.plan) if self._step is not None else 1.0

    def _before(self) -> float:
        return sum(seconds for _, seconds in self._step.plan[: self._step.at]) if self._step is not None else 0.0

    def _measured(self, done: float, now: float) -> float:
        trusted = _TRUSTED * self._whole()
        return (now - self.began + trusted) / (done + trusted)

    def _done(self, now: float) -> float:
        """Return the planned seconds that are done: of a step that does not count, by the time that it has had."""
        if self._step is None:
            return 0.0
        seconds = self._step.plan[self._step.at][1]
        return self._before() + seconds * (self._step.done or self._by_time(now, seconds))

    def _by_time(self, now: float, seconds: float) -> float:
        had = max(0.0, now - self._since) / max(0.01, seconds * self._slowness)
        return had if had < _STEADY else 1 - (1 - _STEADY) * math.exp(-(had - _STEADY) / (1 - _STEADY))
