"""A million hostile inputs: python tests/stress/fuzz.py --cases 1000000.

Cases run in processes of their own, some thousand a process, so that a crash of native code ends one of them
and is told as what it is. A case that takes longer than ten seconds is a failure. Where a process dies or
hangs, it is run again with every case written down before it is tried.
"""

from __future__ import annotations

import argparse
import faulthandler
import json
import os
import pickle
import random
import signal
import subprocess
import sys
import time
import traceback
import warnings
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "helpers"), str(HERE.parents[1])]

_SLOW = 10.0  # seconds a case may take
_AT_ONCE = {"questions": 20_000, "markers": 20_000, "gold": 20_000, "settings": 10_000, "packing": 10_000}
_BATCH = 2_000  # cases a process, of those that are not named


class Hung(BaseException):
    """A case took too long; not an Exception, so that nobody takes it for a damaged file."""


def work(name: str, seed: int, count: int, trace: Path | None) -> dict[str, Any]:
    """Try `count` cases of a target in this process; return what became of them."""
    import hypothesis
    from hypothesis import HealthCheck, Phase, Verbosity
    from targets import TARGETS

    target, tried, last = TARGETS[name], [0], [None]

    @hypothesis.settings(
        max_examples=count,
        database=None,
        deadline=None,
        verbosity=Verbosity.quiet,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink],
        report_multiple_bugs=False,
    )
    @hypothesis.seed(seed)
    @hypothesis.given(target.cases())
    def each(case: Any) -> None:
        tried[0] += 1
        if trace is not None:
            trace.write_bytes(pickle.dumps(case))
        signal.setitimer(signal.ITIMER_REAL, _SLOW)
        try:
            target.check(case)
        except BaseException:
            last[0] = case
            raise
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)

    def hung(*_: object) -> None:
        raise Hung

    signal.signal(signal.SIGALRM, hung)
    began, wrong = time.monotonic(), ""
    try:
        each()
    except (Exception, Hung):
        wrong = traceback.format_exc()
    found = {"target": name, "seed": seed, "cases": tried[0], "seconds": round(time.monotonic() - began, 1)}
    return found | ({"wrong": wrong[-3000:], "case": repr(last[0])[:3000]} if wrong else {})


def start(name: str, seed: int, count: int, trace: Path | None = None) -> dict[str, Any]:
    """Let a process work; return what it says, or how it ended."""
    command = [sys.executable, "-X", "faulthandler", str(Path(__file__)), "--work", name, str(seed), str(count)]
    command += ["--trace", str(trace)] if trace else []
    environment = os.environ | {"PYTHONHASHSEED": "0"}
    try:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300 + count * 0.5)
    except subprocess.TimeoutExpired:
        how, said = "it hung", ""
    else:
        with suppress(ValueError):
            return json.loads(done.stdout.splitlines()[-1] if done.stdout else "")
        how, said = f"it ended with {done.returncode}", done.stderr[-2000:]
    if trace is None:
        again = Path(f"{name}-{seed}.case").absolute()
        start(name, seed, count, again)
        said += f"\nits case: {again} (a pickle)"
    return {"target": name, "seed": seed, "cases": 0, "seconds": 0.0, "wrong": f"{how}\n{said}", "case": ""}


def run(cases: int, seed: int, chosen: list[str], processes: int) -> dict[str, Any]:
    """Try cases of the chosen targets; return the figures of each, and what was wrong."""
    from targets import parts

    jobs = []
    for name, count in parts(chosen, cases).items():
        size = _AT_ONCE.get(name, _BATCH)
        jobs += [(name, seed * 1000 + at // size, min(size, count - at)) for at in range(0, count, size)]
    random.Random(seed).shuffle(jobs)
    began, figures, wrong = time.monotonic(), {name: [0, 0.0] for name in chosen}, []
    with ThreadPoolExecutor(processes) as pool:
        for done in pool.map(lambda job: start(*job), jobs):
            figures[done["target"]][0] += done["cases"]
            figures[done["target"]][1] += done["seconds"]
            if done.get("wrong"):
                wrong.append(done)
                print(f"{done['target']}, seed {done['seed']}: {done['wrong']}\n{done['case']}", flush=True)
    for name, (count, seconds) in figures.items():
        print(f"{name:12} {count:8,} cases {seconds:8.1f} s {1000 * seconds / max(1, count):8.2f} ms a case")
    total = sum(count for count, _ in figures.values())
    print(
        f"{'all':12} {total:8,} cases in {time.monotonic() - began:.0f} s, {len(wrong)} wrong, seed {seed}", flush=True
    )
    return {"cases": total, "seconds": time.monotonic() - began, "seed": seed, "targets": figures, "wrong": wrong}


def main() -> int:
    """Read the command line; return 1 where something was wrong."""
    from targets import TARGETS

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=int(time.strftime("%Y%m%d")))
    parser.add_argument("--target", action="append", choices=TARGETS)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--trace", type=Path)
    parser.add_argument("--work", nargs=3, metavar=("TARGET", "SEED", "CASES"), help="in this process")
    given = parser.parse_args()
    if given.work:
        faulthandler.enable()
        warnings.simplefilter("ignore")
        name, seed, count = given.work
        print(json.dumps(work(name, int(seed), int(count), given.trace)))
        return 0
    return 1 if run(given.cases, given.seed, given.target or list(TARGETS), given.processes)["wrong"] else 0


if __name__ == "__main__":
    sys.exit(main())
