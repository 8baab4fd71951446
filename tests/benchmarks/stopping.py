"""How long a stop takes: from the signal to the end of the process, at moments all over real runs.

    python tests/benchmarks/stopping.py [--count N] [--cache FOLDER] [COMMAND ...]

Each command is run once undisturbed, and then N times, stopped at moments from its beginning
to nearly its end, by SIGINT and SIGTERM in turn. Told are the seconds of the undisturbed run, how many of
the runs were stopped, the median, the 90th percentile and the longest of the times, in
milliseconds, and how many ended otherwise than they have to: with 130 and one line.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import statistics
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "helpers"))

from sending_signals import moments, run

SEEDS = Path(__file__).parent.parent.parent / "seeds"
TROOPS = "How many North Korean troops are in Kursk?"
KINDS = (signal.SIGINT, signal.SIGTERM)
COMMANDS = {
    "ask": (["ask", TROOPS], ""),
    "compose": (["--mode", "compose", "ask", TROOPS], ""),
    "search": (["search", TROOPS], ""),
    "batch": (["batch", "questions.jsonl", "-o", "answers.jsonl"], ""),
    "eval": (["eval", "questions.jsonl", "-o", "run.jsonl"], ""),
    "index": (["index", str(SEEDS), "--library", "other"], ""),
    "chat": (["chat", "--plain", "--continue"], f"{TROOPS}\n" * 3),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=12)
    parser.add_argument("--cache", type=Path, help="prepared models, so that they are not prepared first")
    parser.add_argument("commands", nargs="*", metavar="COMMAND", default=list(COMMANDS), help=" ".join(COMMANDS))
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        settings = {"BELEG_CACHE": str(given.cache or place / "cache"), "BELEG_LIBRARY": str(place / "library")}
        rows = (SEEDS / "questions.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
        (place / "questions.jsonl").write_text("".join(rows[:8]), encoding="utf-8")
        for arguments in (["index", str(SEEDS)], ["ask", TROOPS]):  # the models are prepared, and files at hand
            assert run(arguments, place, settings).code == 0
        print(f"load before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
        print(f"{'':10} {'whole':>7} {'stopped':>8} {'median':>7} {'p90':>6} {'longest':>8} {'wrong':>6}")
        for name in given.commands:
            tell(name, given.count, place, settings)
        print(f"load after: {os.getloadavg()[0]:.1f}")


def tell(name: str, count: int, place: Path, settings: dict[str, str]) -> None:
    """Stop a command at so many moments; print a row of the table."""
    arguments, typed = COMMANDS[name]
    whole = run(arguments, place, settings, typed=typed)
    assert whole.code in (0, 3), whole
    times, wrong = [], []
    for after, kind in moments(whole.seconds, count, KINDS):
        for made in ("answers.jsonl", "answers.jsonl.part", "run.jsonl"):
            (place / made).unlink(missing_ok=True)
        shutil.rmtree(place / "other", ignore_errors=True)
        ended = run(arguments, place, settings, after, kind, typed)
        if ended.signalled:
            times.append(1000 * ended.seconds)
            if ended.code != 130 or not ended.err.endswith("beleg: stopped\n") or "Traceback" in ended.err:
                wrong.append(ended)
    ninth = sorted(times)[int(0.9 * (len(times) - 1))]
    figures = f"{statistics.median(times):7.0f} {ninth:6.0f} {max(times):8.0f} {len(wrong):6}"
    print(f"{name:10} {whole.seconds:6.1f}s {len(times):8} {figures}", flush=True)
    for ended in wrong:
        print(ended)


if __name__ == "__main__":
    main()
