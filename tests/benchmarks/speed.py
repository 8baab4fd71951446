"""How long the command takes, from the shell to the end: `python tests/benchmarks/speed.py [RUNS]`.

Makes a library of the seeds in a temporary folder, asks once to warm the disk cache, then
prints the median and the range of each. Compare figures of one run only.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SEEDS = Path(__file__).parents[2] / "seeds"
QUESTION = "How many North Korean troops are in Kursk?"


def seconds(command: list[str]) -> float:
    """Run a command; return how long it took, in seconds."""
    started = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - started


def main(runs: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        beleg = [sys.executable, "-m", "rag", "--library", folder]
        print(f"index the seeds, first time    {seconds([*beleg, 'index', str(SEEDS)]):.2f} s (models prepared if new)")
        jobs = {
            "index the seeds, unchanged": [*beleg, "index", str(SEEDS)],
            "ask, shell to end of answer": [*beleg, "ask", QUESTION],
            "search": [*beleg, "search", QUESTION],
            "--help": [*beleg, "--help"],
        }
        for name, command in jobs.items():
            seconds(command)
            times = [seconds(command) for _ in range(runs)]
            print(f"{name:30} {statistics.median(times):.2f} s ({min(times):.2f} to {max(times):.2f}, {runs} runs)")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
