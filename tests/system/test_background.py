"""Held: what is begun in the background goes on beside, and what came of it is had when it is asked for."""

from __future__ import annotations

import subprocess
import sys
import threading

import pytest

from rag.system.background import begun


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
