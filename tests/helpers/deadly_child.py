"""A child on trial that really dies, hangs or eats memory, in the ways named in its environment.

DEADLY is a word for each way of the ladder, apart by blanks; of five the first is on a GPU.
At "live" it does what the real child does, at "fine" it says that all is well.
"""

from __future__ import annotations

import json
import mmap
import os
import signal
import sys
import time

from rag.models.trial_child import run


def main() -> None:
    task = json.loads(sys.stdin.readline())
    runtime = task.get("runtime", {"extra_buffers": True, "flash_attention": True, "threads": None})
    rung = int(not runtime["extra_buffers"]) + int(not runtime["flash_attention"]) + int(runtime["threads"] is not None)
    fates = os.environ["DEADLY"].split()
    rung += len(fates) == 5 and not runtime.get("gpu_layers")
    fate = fates[rung]
    with open(os.environ["DEADLY_LOG"], "a", encoding="utf-8") as log:  # noqa: PTH123
        log.write(fate + "\n")
    _tell({"step": "begun"})
    if fate.startswith("SIG"):
        os.kill(os.getpid(), signal.Signals[fate])
        time.sleep(60)
    elif fate == "hang":
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM, signal.SIGINT])
        time.sleep(600)
    elif fate == "mute":
        os.close(1), os.close(2)
        time.sleep(600)
    elif fate == "eat":
        run({**task, "path": "/nowhere", "seconds": 60}, lambda _: None)  # takes the bounds on
        hoard = []
        while True:
            hoard.append(mmap.mmap(-1, 256 << 20))
    elif fate == "differ":
        _tell({"step": "differs", "why": "its scores differ \x1b[31m" + "!" * 5000})
    elif fate in ("fine", "inexact"):
        _tell({"step": "same", "exact": fate == "fine"})
    elif fate == "babble":
        print("[1, 2]\n{not json\n" + "{" * 100_000 + "\n" + "\0" * 5_000_000)
    else:
        run(task, _tell)


def _tell(step: object) -> None:
    print(json.dumps(step), flush=True)


if __name__ == "__main__":
    main()
