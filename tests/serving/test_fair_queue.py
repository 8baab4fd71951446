"""Clients take turns, and a full queue says so."""

from __future__ import annotations

import threading

import pytest

from rag.errors import Busy
from rag.serving.fair_queue import FairQueue


def taken(waiting: FairQueue[str]) -> list[str | None]:
    return [waiting.take() for _ in range(len(waiting))]


def test_a_client_with_many_questions_does_not_keep_others_waiting() -> None:
    waiting: FairQueue[str] = FairQueue(100, 100)
    for n in range(5):
        waiting.put("greedy", f"g{n}")
    assert waiting.take() == "g0"
    waiting.put("b", "b0")
    waiting.put("c", "c0")
    waiting.put("b", "b1")
    assert taken(waiting) == ["g1", "b0", "c0", "g2", "b1", "g3", "g4"]


def test_a_full_queue_refuses_what_comes_and_keeps_what_waits() -> None:
    waiting: FairQueue[str] = FairQueue(3, 2)
    waiting.put("a", "1")
    waiting.put("a", "2")
    with pytest.raises(Busy):
        waiting.put("a", "3")
    waiting.put("b", "4")
    with pytest.raises(Busy, match=r"\(3\)"):
        waiting.put("c", "5")
    assert taken(waiting) == ["1", "4", "2"]


def test_what_nobody_waits_for_any_more_gives_way_where_the_queue_is_full() -> None:
    gone: set[str] = set()
    waiting: FairQueue[str] = FairQueue(2, 2, gone.__contains__)
    waiting.put("a", "1")
    waiting.put("a", "2")
    gone.add("1")
    waiting.put("b", "3")
    assert taken(waiting) == ["2", "3"]


def test_whoever_waits_for_work_hears_of_the_end() -> None:
    waiting: FairQueue[str] = FairQueue(2, 2)
    heard: list[str | None] = []
    thread = threading.Thread(target=lambda: heard.append(waiting.take()))
    thread.start()
    assert waiting.close() == []
    thread.join(5)
    assert heard == [None]
    with pytest.raises(Busy, match="stopping"):
        waiting.put("a", "1")
