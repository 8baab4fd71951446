"""Held: what is begun in the background goes on beside, and what came of it is had when it is asked for."""

from __future__ import annotations

import subprocess
import sys
import threading
import time

import pytest

from rag.system import background
from rag.system.background import begun, together


def test_what_is_begun_goes_on_beside_whoever_began_it() -> None:
    here = threading.Event()

    def work() -> int:
        assert here.wait(20)
        return threading.get_ident()

    wait = begun(work)
    here.set()  # which only happens if it was not waited for
    assert wait() != threading.get_ident()
    assert wait() == wait()


def test_what_fails_is_raised_where_it_is_waited_for() -> None:
    def work() -> int:
        raise LookupError("nothing there")

    wait = begun(work)
    with pytest.raises(LookupError, match="nothing there"):
        wait()


def test_a_process_does_not_end_in_the_midst_of_it() -> None:
    code = (
        "import time\n"
        "from rag.system.background import begun\n"
        "begun(lambda: (time.sleep(0.5), print('whole', flush=True)))\n"
        "raise SystemExit(3)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (3, "whole\n")


@pytest.mark.parametrize("threads", [0, 1, 2, 9])
def test_what_is_done_together_comes_back_in_its_order_by_however_many_threads(
    threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(background, "threads_beside", lambda: threads)
    works = [lambda at=at: (time.sleep(0.02 / (at + 1)), at)[1] for at in range(5)]  # type: ignore[misc]
    assert together(lambda: "first", works) == ("first", [0, 1, 2, 3, 4])
    assert together(lambda: "first", []) == ("first", [])


def test_work_beside_goes_on_while_the_first_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background, "threads_beside", lambda: 1)
    done = threading.Event()
    assert together(lambda: done.wait(10), [done.set]) == (True, [None])


@pytest.mark.parametrize("threads", [0, 1])
def test_what_fails_of_work_that_is_done_together_is_raised(threads: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background, "threads_beside", lambda: threads)

    def fails() -> int:
        raise ValueError("beside")

    with pytest.raises(ValueError, match="beside"):
        together(lambda: 1, [lambda: 1, fails, lambda: 2])
    with pytest.raises(ValueError, match="beside"):
        together(fails, [lambda: 1])
