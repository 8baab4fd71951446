"""How soon the chat is there: `python tests/benchmarks/first_paint.py [RUNS]`.

Runs `beleg` in a pseudo-terminal over a library of the seeds and prints the medians of the
seconds from the command to the first paint, to the models being ready, and from ctrl+q to
the end of the process; then the same for quitting while an answer is being made.
"""

from __future__ import annotations

import fcntl
import os
import pty
import select
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import time
from pathlib import Path

SEEDS = Path(__file__).parents[2] / "seeds"
BELEG = Path(sys.executable).with_name("beleg")
ROWS, COLUMNS = 40, 140


class Chat:
    """The command in a pseudo-terminal."""

    def __init__(self, library: str) -> None:
        self.started = time.perf_counter()
        self._pid, self._terminal = pty.fork()
        if not self._pid:
            os.environ["TERM"] = "xterm-256color"
            os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # what pip installs is compiled: the first run does that
            os.execv(BELEG, [str(BELEG), "--library", library])
        fcntl.ioctl(self._terminal, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        self._drawn = b""

    def drawn(self, *texts: bytes) -> float:
        """Wait until all of these have been drawn since the last call; return the seconds since the start."""
        while not all(text in self._drawn for text in texts):
            if not select.select([self._terminal], [], [], 60)[0]:
                raise TimeoutError(f"never drawn: {texts!r}")
            self._drawn += os.read(self._terminal, 65536)
        self._drawn = b""
        return time.perf_counter() - self.started

    def type(self, keys: bytes) -> None:
        os.write(self._terminal, keys)

    def quit(self) -> float:
        """Quit; return how many seconds that took."""
        started = time.perf_counter()
        self.type(b"\x11")
        while True:
            try:
                if not os.read(self._terminal, 65536):
                    break
            except OSError:  # how Linux tells that the other side is gone
                break
        os.waitpid(self._pid, 0)
        os.close(self._terminal)
        return time.perf_counter() - started


def main(runs: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([BELEG, "--library", folder, "index", SEEDS], check=True, capture_output=True)
        rows = []
        for _ in range(runs + 1):  # the first warms the disk cache
            chat = Chat(folder)
            painted = chat.drawn(b"Ask your documents")
            ready = chat.drawn(b"beleg-reader")
            idle = chat.quit()
            chat = Chat(folder)
            chat.drawn(b"beleg-reader")
            chat.type(b"How many North Korean troops are in Kursk?\r")
            chat.drawn(b"reading")
            rows.append((painted, ready, idle, chat.quit()))
    names = ("first paint", "models ready", "quit", "quit while it answers")
    for name, times in zip(names, zip(*rows[1:], strict=True), strict=True):
        print(f"{name:22} {statistics.median(times):.2f} s ({min(times):.2f} to {max(times):.2f}, {runs} runs)")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 7)
