"""Whether a model can be run here at all, found out in a child process before it is run in this one.

llama.cpp is native code: a model file, a processor or a build that it does not get along
with ends the process, and no exception says so. So the first time a model file meets this
build of llama.cpp on this processor, a child loads it, reads and writes a little in the
shapes that `streams` uses, and compares the scores with those of the plainest way. If the
child dies, hangs or finds other scores, the next safer way is tried, and in the end the model
is refused with the reason. The verdict is kept (`trial_verdicts`), and asked anew when
anything it is about has changed.
"""

from __future__ import annotations

import signal
import time
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rag.errors import ModelUnavailable
from rag.models.llama_runtime import Runtime
from rag.models.trial_verdicts import Attempt, Key, Verdict, keep, kept, key_of
from rag.system.cancellation import CancelToken
from rag.system.child_process import Ended, run_child
from rag.system.logs import logger, notice
from rag.text.sanitize import one_line

CHILD = "rag.models.trial_child"
_VERSION = 1  # of what the child does: raised, every model is tried again
_SECONDS = 60  # for the trial of a small model, and as many again a gigabyte
_GIGABYTE = 1 << 30
_LONG = 256 << 20  # bytes of a model whose trial is told of
_ROOM = 4 * _GIGABYTE  # addresses for Python, libraries, what a model reads and writes in

# From all that llama.cpp can do to the plainest way, and how a person is told.
LADDER = (
    Runtime(),
    Runtime(extra_buffers=False),
    Runtime(extra_buffers=False, flash_attention=False),
    Runtime(extra_buffers=False, flash_attention=False, threads=1),
)
_WAYS = ("with everything on", "without extra buffers", "without flash attention", "in one thread")
_WHERE = {"begun": "while it loads", "loaded": "while it reads", "read": "while it writes"}
SAME = "same"
NEARLY = "same, but not to the bit beside other texts"
_KILLED = "is ended by the system"  # which is what happens where memory runs out
_LATE = "takes too long"


def way(runtime: Runtime) -> str:
    """Return what is left out to be safe, in words."""
    return _WAYS[LADDER.index(runtime)] if runtime in LADDER else "in another way"


def admitted(
    path: Path,
    cache: Path,
    *,
    threads: int,
    cancel: CancelToken | None = None,
    child: str = CHILD,
) -> Runtime:
    """Return how to run the model in `path`, by the verdict that is kept, or by a trial now.

    Raises ModelUnavailable where the model cannot be run, with what happened and what to
    do, and Stopped once `cancel` is cancelled.
    """
    key = key_of(path, f"{_VERSION} threads {threads}")
    verdict = kept(cache, key)
    if verdict is None:
        _fits(path)
        if path.stat().st_size > _LONG:
            notice("trying the LLM on this processor, once: that may take a minute")
        verdict = _tried(path, key, threads, child, cancel)
        # What a full or busy machine brings about need not be so next time.
        if verdict.runtime is not None or not verdict.attempts[-1].outcome.startswith((_KILLED, _LATE)):
            keep(cache, verdict)
    if verdict.runtime is None:
        raise _refusal(path, verdict.attempts[-1].outcome)
    return verdict.runtime


def _refusal(path: Path, outcome: str) -> ModelUnavailable:
    if outcome.startswith(_KILLED):
        return ModelUnavailable(
            f"{path} cannot be run here: llama.cpp {outcome}, as happens where memory runs out.",
            "Close other programs, use a smaller model, or set a smaller context.",
        )
    return ModelUnavailable(
        f"{path} cannot be run here: llama.cpp {outcome}, even in its plainest way.",
        "If other models run, this file is at fault; if none does, build llama.cpp for this processor: "
        "pip install --force-reinstall --no-cache-dir --no-deps --no-binary llama-cpp-python llama-cpp-python",
    )


def _fits(path: Path) -> None:
    """Raises ModelUnavailable for a file that is larger than all memory there is."""
    size, there = path.stat().st_size, _memory("MemTotal")
    if there and size > there:
        raise ModelUnavailable(
            f"{path} has {size / _GIGABYTE:.0f} GB, and this machine has {there / _GIGABYTE:.0f} GB of memory.",
            "Use a smaller model.",
        )


def _tried(path: Path, key: Key, threads: int, child: str, cancel: CancelToken | None) -> Verdict:
    """Try one way after the other until one reads rightly, and to the bit; return the verdict.

    If none is exact, the first that reads rightly is taken. Raises ModelUnavailable where
    the file itself is at fault.
    """
    size = path.stat().st_size
    seconds = _SECONDS * (1 + size / _GIGABYTE)
    attempts: list[Attempt] = []
    for runtime in LADDER:
        task = {"do": "try", "path": str(path), "runtime": asdict(runtime), "threads": threads}
        began = time.perf_counter()
        outcome = _outcome(_ran(child, task, seconds, _allowed(size), cancel))
        attempts.append(Attempt(runtime, outcome))
        logger("models").info("the trial %s: %s after %.1f s", way(runtime), outcome, time.perf_counter() - began)
        # How a model is loaded depends on the extra buffers only.
        if outcome == SAME or (outcome.endswith(_WHERE["begun"]) and not runtime.extra_buffers):
            break
    made = datetime.now(UTC).isoformat(timespec="seconds")
    right = [attempt for attempt in attempts if attempt.outcome in (SAME, NEARLY)]
    if not right:
        return Verdict(key, None, False, tuple(attempts), made)
    best = min(right, key=lambda attempt: attempt.outcome != SAME)
    return Verdict(key, best.runtime, best.outcome == SAME, tuple(attempts), made)


def _ran(child: str, task: dict[str, Any], seconds: float, memory: int, cancel: CancelToken | None) -> Ended:
    try:
        return run_child(child, task, seconds=seconds, memory=memory, cancel=cancel)
    except OSError as error:
        raise ModelUnavailable(
            f"No process can be begun in which to try {task['path']}: {error.strerror}.", "Close other programs."
        ) from error


def _outcome(ended: Ended) -> str:
    """Return what became of a trial, to be said of llama.cpp.

    Raises ModelUnavailable where the child has said in good order what is wrong with the file.
    """
    last = ended.steps[-1] if ended.steps else {}
    step = last.get("step")
    if ended.returned and step == "same":
        return SAME if last.get("exact") is True else NEARLY
    if ended.returned and step == "refused":
        raise ModelUnavailable(_words(last.get("reason")), _words(last.get("remedy")))
    if ended.returned and step == "differs":
        return f"reads wrongly ({_words(last.get('why'))})"
    where = _WHERE.get(str(step), "at its end" if step else "before it begins")
    if ended.late:
        return f"{_LATE} {where}"
    if ended.signal == getattr(signal, "SIGKILL", None) or "bad_alloc" in ended.errors:
        return f"{_KILLED} {where}"
    if ended.signal is not None:
        return f"dies of {_name(ended.signal)} {where}"
    return f"fails with code {ended.code} {where}"


def _words(value: object) -> str:
    """Return what a child said as one line of bounded length: it may speak with a broken tongue."""
    return one_line(value, 500) if isinstance(value, str) else "it does not say why"


def _name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _allowed(size: int) -> int:
    """Return how many bytes of addresses the trial of a model of `size` bytes may take; 0 is no limit.

    The file counts twice, mapped and in layouts for the processor, unless less memory than that is left.
    """
    free = _memory("MemAvailable")
    return min(2 * size, size + free) + _ROOM if free else 0


def _memory(name: str) -> int:
    """Return a figure of /proc/meminfo in bytes; 0 where there is none."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return 0
    rows = (line.split() for line in lines if line.startswith(f"{name}:"))
    return next((int(row[1]) * 1024 for row in rows), 0)
