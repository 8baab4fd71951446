"""How far long work is: a share that never falls and is never all, and a time left that follows the machine."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from rag.system import long_work
from rag.system.long_work import Pace, Step

PLAN = (("load", 5.0), ("graft", 10.0), ("measure", 5.0))


@pytest.fixture
def told() -> Iterator[list[Step | None]]:
    steps: list[Step | None] = []
    long_work.listen(steps.append)
    yield steps
    long_work.listen(None)


def shares(slowness: float, *, counted: bool = False) -> list[tuple[float, float, float]]:
    """Return (time, share, left) a moment apart, on a machine that takes so many times the planned seconds."""
    pace, now, seen = Pace(0.0), 0.0, []
    for at, (_, seconds) in enumerate(PLAN):
        pace.told(Step(PLAN, at), now)
        for tenth in range(int(10 * seconds * slowness)):
            if counted and tenth:
                pace.told(Step(PLAN, at, tenth / (10 * seconds * slowness)), now)
            seen.append((now, pace.share(now), pace.left(now)))
            now += 0.1
    return seen


@pytest.mark.parametrize("counted", [False, True])
@pytest.mark.parametrize("slowness", [0.3, 1.0, 2.5, 8.0])
def test_a_bar_never_runs_backwards_and_is_never_full(slowness: float, counted: bool) -> None:
    found = [share for _, share, _ in shares(slowness, counted=counted)]
    assert found == sorted(found) and found[0] == 0.0 and found[-1] < 1.0
    assert found[-1] > 0.7


@pytest.mark.parametrize("slowness", [0.5, 1.0, 2.5])
def test_the_time_left_is_about_right_once_some_of_the_work_is_done(slowness: float) -> None:
    whole = 20 * slowness
    for now, _, left in shares(slowness):
        if whole * 0.3 < now < whole * 0.9:
            assert left == pytest.approx(whole - now, rel=0.5, abs=2)


def test_a_step_that_takes_longer_than_planned_goes_on_ever_slower(told: list[Step | None]) -> None:
    assert told == []
    pace = Pace(0.0)
    pace.told(Step(PLAN, 0), 0.0)
    found = [pace.share(now) for now in (4.0, 8.0, 16.0, 32.0, 300.0)]
    assert found == sorted(found) and found[-1] <= 0.25 + 1e-9 and pace.left(300.0) > 15


def test_the_steps_of_a_plan_are_told_as_they_begin_and_its_end(told: list[Step | None]) -> None:
    with long_work.planned():
        long_work.step("measure")  # nothing is planned yet
        long_work.begin(PLAN)
        long_work.step("graft")
        assert list(long_work.counted(range(1000), upto=0.5)) == list(range(1000))
        long_work.step("no such step")
    long_work.step("load")
    assert told == [Step(PLAN, 0), Step(PLAN, 1), Step(PLAN, 1), Step(PLAN, 1, 0.25), Step(PLAN, 1), None]


def test_a_plan_ends_where_its_work_fails(told: list[Step | None]) -> None:
    with pytest.raises(ValueError, match="broken"), long_work.planned():
        long_work.begin(PLAN)
        raise ValueError("broken")
    assert told[-1] is None
