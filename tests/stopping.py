"""Sends signals to real runs of the command at chosen moments, and says what became of them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

MAIN = "import sys; from tui.command import main; sys.exit(main())"


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
    tests = Path(__file__).parent
    paths = os.pathsep.join([str(tests.parent), str(tests), *filter(None, [os.environ.get("PYTHONPATH")])])
    clean = {key: value for key, value in os.environ.items() if not key.startswith("BELEG_")}
    return clean | {"PYTHONPATH": paths} | more


def run(
    arguments: Sequence[str],
    where: Path,
    settings: dict[str, str],
    after: float | None = None,
    kind: signal.Signals = signal.SIGINT,
    typed: str = "",
) -> Ended:
    """Run `beleg` in a folder; send it a signal so many seconds after it began, unless that is None."""
    begun = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-c", MAIN, *arguments],
        cwd=where,
        env=environment(**settings),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=heed,
    )
    try:
        assert process.stdin is not None
        if typed:
            process.stdin.write(typed)
            process.stdin.flush()
        elif after is None:
            process.stdin.close()
        if after is not None:
            try:
                process.wait(timeout=after - (time.monotonic() - begun))
            except subprocess.TimeoutExpired:
                begun = time.monotonic()
                process.send_signal(kind)
        sent = process.returncode is None
        out, err = process.communicate(timeout=120)
    finally:
        process.kill()
    return Ended(process.returncode, out, err, time.monotonic() - begun, sent)


def heed() -> None:
    """Let a child heed signals, however the tests were started."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
