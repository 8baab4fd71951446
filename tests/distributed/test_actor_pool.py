"""Held: results come in order, or as they are done; who dies is begun anew, and what kills workers is told."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sleeping_actor import Sleeper

from rag.distributed.actor_pool import ActorPool, WorkerDied
from rag.distributed.workers import Connected
from rag.system.cancellation import CancelToken, Stopped

pytestmark = pytest.mark.slow


@pytest.fixture
def pool(two_workers: Connected, tmp_path: Path) -> Iterator[ActorPool]:
    with ActorPool(Sleeper, (str(tmp_path),), two_workers, lambda: None) as pool:
        pool.ask_each()
        yield pool


def test_results_come_in_order_though_the_first_takes_longest(pool: ActorPool) -> None:
    given = [60, 1, 2, 3, 1, 1, 2, 30, 1, 1]
    done = [(item, result()) for item, result in pool.spread(given)]
    assert [item for item, _ in done] == [value for _, (value, _) in done] == given
    assert len({process for _, (_, process) in done}) == 2


def test_what_is_free_gets_the_next_while_another_is_busy(pool: ActorPool) -> None:
    done = [result() for _, result in pool.spread_unordered([200, *[1] * 9])]
    assert done[-1][0] == 200 and len({process for value, process in done if value == 1}) == 1


def test_no_more_is_read_ahead_than_workers_need(pool: ActorPool) -> None:
    taken = itertools.count()
    results = pool.spread(next(taken) * 0 for _ in range(1000))
    next(results)
    assert next(taken) < 20


def test_a_worker_that_died_is_begun_anew_and_its_work_is_done(pool: ActorPool) -> None:
    given: list[int | str] = [5, "dies once", 5, 6, 7]
    assert [result()[0] for _, result in pool.spread(given)] == given


def test_what_kills_each_worker_is_told_and_the_rest_is_done(pool: ActorPool) -> None:
    done = []
    for item, result in pool.spread([1, "dies", 2, 3]):
        try:
            done.append(result()[0])
        except WorkerDied:
            done.append(f"{item}!")
    assert done == [1, "dies!", 2, 3]


def test_an_error_of_the_work_itself_is_raised_as_it_is(pool: ActorPool) -> None:
    (_, result), *_ = pool.spread(["fails"])
    with pytest.raises(ZeroDivisionError, match="of its own"):
        result()


def test_whoever_stops_does_not_wait_for_the_workers(two_workers: Connected, tmp_path: Path) -> None:
    cancel = CancelToken()
    began = time.monotonic()
    with ActorPool(Sleeper, (str(tmp_path),), two_workers, cancel.check) as pool:
        pool.ask_each()
        cancel.cancel()
        with pytest.raises(Stopped):
            list(pool.spread([6000]))
    assert time.monotonic() - began < 50
