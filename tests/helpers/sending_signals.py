"""Sends signals to real runs of the command at chosen moments, and says what became of them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from project import HELPERS, ROOT

# What the installed command does; told a descriptor, it says there when it begins: before, Python itself begins.
MAIN = """
import os, sys
from tui.command import main
if (told := sys.argv.pop(1)) != "-":
    os.write(int(told), b".")
sys.exit(main())
"""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a run ended: its exit code, what it wrote, and the seconds it took, after the signal if it got one."""

    code: int
    out: str
    err: str
    seconds: float
    signalled: bool  # False where it had ended before


def environment(**more: str) -> dict[str, str]:
    """Return an environment in which nothing is set but `more`."""
    paths = os.pathsep.join([str(ROOT), str(HELPERS), *filter(None, [os.environ.get("PYTHONPATH")])])
    clean = {key: value for key, value in os.environ.items() if not key.startswith("BELEG_")}
    return clean | {"PYTHONPATH": paths} | more


def moments(seconds: float, count: int, kinds: Sequence[signal.Signals]) -> Iterator[tuple[float, signal.Signals]]:
    """Yield so many moments of a run that takes so long, from its beginning to nearly its end, each with a signal."""
    for n in range(count):
        yield 0.05 + 0.85 * seconds * n / max(1, count - 1), kinds[n % len(kinds)]


def run(
    arguments: Sequence[str],
    where: Path,
    settings: dict[str, str],
    after: float | None = None,
    kind: signal.Signals = signal.SIGINT,
    typed: str = "",
) -> Ended:
    """Run `beleg` in a folder; send it a signal so many seconds after it began, unless that is None."""
    reading, writing = os.pipe()
    process = subprocess.Popen(
        [sys.executable, "-c", MAIN, str(writing), *arguments],
        cwd=where,
        env=environment(**settings),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        pass_fds=[writing],
        preexec_fn=heed,
    )
    try:
        os.close(writing)
        os.read(reading, 1)
        begun = time.monotonic()
        sent = False
        if after is None:
            out, err = process.communicate(typed, timeout=120)
        else:
            assert process.stdin is not None
            process.stdin.write(typed)
            process.stdin.flush()  # and left open: there may be more to come
            try:
                process.wait(timeout=after)
            except subprocess.TimeoutExpired:
                begun, sent = time.monotonic(), True
                process.send_signal(kind)
            out, err = process.communicate(timeout=60)
    finally:
        process.kill()
        os.close(reading)
    return Ended(process.returncode, out, err, time.monotonic() - begun, sent)


def heed() -> None:
    """Let a child heed signals, however the tests were started."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
