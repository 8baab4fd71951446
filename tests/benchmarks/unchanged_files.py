"""How long `beleg index` takes over files that are as they were.

    BELEG_CACHE=.beleg/cache python tests/benchmarks/unchanged_files.py 10000

Makes so many short files and a library of them in a temporary folder (some minutes: every sentence is
embedded), and then says how long the next runs take from the shell to their end.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

_PLACES = ("bridge", "mill", "ferry", "organ", "school", "well", "tower", "barn")
_LONG_AGO = 1_600_000_000  # seconds


def main(count: int) -> None:
    """Make the files and the library; print the seconds of each run."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        for number in range(count):
            file = folder / "notes" / f"{number // 100:03}" / f"note{number:05}.txt"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(f"The {_PLACES[number % 8]} of village {number} was sold in {1700 + number % 320}.\n")
            os.utime(file, (_LONG_AGO, _LONG_AGO))
        for run, more in (("first", ()), ("unchanged", ()), ("unchanged", ()), ("--read-all", ("--read-all",))):
            began = time.monotonic()
            command = [sys.executable, "-m", "rag", "--library", str(folder / "library"), "index", *more, "notes"]
            subprocess.run(command, cwd=folder, check=True, stderr=subprocess.DEVNULL)
            print(f"{run}: {time.monotonic() - began:.2f} s for {count:,} files", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
