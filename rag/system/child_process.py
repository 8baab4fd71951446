"""A child process for what may die: it is given a task, bounded in time and memory, and watched.

It is a module of Beleg's, run by the same Python with the same places to import from, but never
with the present folder among them, in which anybody's files may lie.
"""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rag.system.cancellation import CancelToken

_MOST = 1 << 20  # bytes that are taken of what a child says; more is nonsense
_LOOK = 0.05  # seconds between two looks whether to stop
_GRACE = 10  # seconds after which a child without a parent ends by itself
PYTHON = (sys.executable, "-P")  # without the present folder among the places to import from


@dataclass(frozen=True, slots=True)
class Ended:
    """How a child ended: what it said, a mapping a line, and its exit code or the signal that ended it."""

    steps: tuple[Mapping[str, Any], ...]
    code: int
    late: bool  # whether it was ended for taking too long
    errors: str  # the end of what it wrote on standard error

    @property
    def returned(self) -> bool:
        """Whether it came to its end in good order."""
        return self.code == 0 and not self.late

    @property
    def signal(self) -> int | None:
        """The signal that ended it, which was not sent from here."""
        return -self.code if self.code < 0 and not self.late else None


def environment() -> dict[str, str]:
    """Return the environment in which PYTHON imports from the places that this process does."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join(map(os.path.abspath, filter(None, sys.path)))}


def run_child(
    module: str,
    task: Mapping[str, Any],
    *,
    seconds: float,
    memory: int = 0,
    cancel: CancelToken | None = None,
) -> Ended:
    """Run a module with a task (JSON) on its standard input; return how it ended.

    It is told to take `memory` bytes at most (0: no limit) and is killed after `seconds`.
    Raises Stopped once `cancel` is cancelled, and OSError where no process can be made.
    """
    given = {**task, "memory": memory, "seconds": int(seconds) + _GRACE, "parent": os.getpid()}
    with subprocess.Popen(
        [*PYTHON, "-m", module],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
        start_new_session=True,  # Ctrl-C is meant for the parent, which ends the child
    ) as child:
        try:
            assert child.stdin is not None
            with contextlib.suppress(BrokenPipeError):  # it has died already: that shows below
                child.stdin.write(json.dumps(given).encode() + b"\n")
                child.stdin.close()
            said, errors, late = _listen(child, time.monotonic() + seconds, cancel or CancelToken())
        finally:
            child.kill()
        code = child.wait()
    return Ended(tuple(_lines(said)), code, late, errors.decode("utf-8", "replace")[-4000:])


def _listen(child: subprocess.Popen[bytes], ends: float, cancel: CancelToken) -> tuple[bytes, bytes, bool]:
    """Return what the child says on its two outputs until it ends, and whether time was up before."""
    heard: dict[int, bytes] = {}
    with selectors.DefaultSelector() as selector:
        for stream in filter(None, (child.stdout, child.stderr)):
            heard[stream.fileno()] = b""
            selector.register(stream.fileno(), selectors.EVENT_READ)
        late = False
        while selector.get_map() and not late:
            cancel.check()
            for key, _ in selector.select(_LOOK):
                part = os.read(key.fd, 65536)
                if part:
                    heard[key.fd] = (heard[key.fd] + part)[-_MOST:]
                else:
                    selector.unregister(key.fd)
            late = time.monotonic() >= ends
    while child.poll() is None and not late:  # it has closed its outputs and goes on all the same
        cancel.check()
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(_LOOK)
        late = time.monotonic() >= ends
    said, errors = heard.values()
    return said, errors, late and child.poll() is None


def _lines(said: bytes) -> list[Mapping[str, Any]]:
    """Return the lines that are JSON objects; what else a broken child says is passed over."""
    found: list[Mapping[str, Any]] = []
    for text in said.splitlines():
        try:
            line = json.loads(text)
        except (ValueError, RecursionError):
            continue
        if isinstance(line, dict):
            found.append(line)
    return found
