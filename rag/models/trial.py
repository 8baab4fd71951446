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
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rag.errors import ModelUnavailable
from rag.localization import N_, gettext, interface_language
from rag.models.llama_runtime import ALL_LAYERS, KvType, Runtime, size_matters
from rag.models.trial_verdicts import Attempt, Key, Verdict, gpu_backends, keep, kept, key_of
from rag.system.cancellation import CancelToken
from rag.system.child_process import Ended, run_child
from rag.system.logs import logger, notice
from rag.system.memory_facts import memory_fact
from rag.text.sanitize import one_line

CHILD = "rag.models.trial_child"
_VERSION = 2  # of what the child does: raised, every model is tried again
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
_WAYS = (
    N_("with everything on"),
    N_("without extra buffers"),
    N_("without flash attention"),
    N_("in one thread"),
)
_WHERE = {"begun": "while it loads", "loaded": "while it reads", "read": "while it writes"}
SAME = N_("same")
NEARLY = N_("same, but not to the bit beside other texts")
_KILLED = "is ended by the system"  # which is what happens where memory runs out
_LATE = "takes too long"


def way(runtime: Runtime, said: Callable[[str], str] = str) -> str:
    """Return what is left out to be safe, in words, and what a person asked for beside; in English for the log."""
    plain = replace(runtime, gpu_layers=0, kv_type=None, even_rows=False)
    told = said(_WAYS[LADDER.index(plain)] if plain in LADDER else N_("in another way"))
    if runtime.gpu_layers:
        on = N_("{way} on the GPU") if runtime.gpu_layers >= ALL_LAYERS else N_("{way} and {n} layers on the GPU")
        told = said(on).format(way=told, n=runtime.gpu_layers)
    if runtime.even_rows:
        told = said(N_("{way}, in even rows")).format(way=told)
    return (
        told if runtime.kv_type is None else said(N_("{way}, context as {type}")).format(way=told, type=runtime.kv_type)
    )


def ladder(gpu_layers: int = 0, kv_type: KvType | None = None) -> tuple[Runtime, ...]:
    """Return the ways to try, the safest last: on the GPU if there are layers for it, and in any case without."""
    asked = tuple(replace(each, kv_type=kv_type) for each in LADDER)
    return (replace(asked[0], gpu_layers=gpu_layers), *asked) if gpu_layers else asked


def layers(asked: int | None) -> int:
    """Return how many layers of a model go to a GPU: as many as are asked for, or all if llama.cpp can use one."""
    return asked if asked is not None else (ALL_LAYERS if gpu_backends() else 0)


def admitted(
    path: Path,
    cache: Path,
    *,
    threads: int,
    gpu_layers: int = 0,
    kv_type: KvType | None = None,
    context: int = 4096,
    cancel: CancelToken | None = None,
    child: str = CHILD,
) -> Runtime:
    """Return how to run the model in `path`, by the verdict that is kept, or by a trial now.

    On a GPU sums depend on company, and that is taken: who has one would have it used.
    Raises ModelUnavailable where the model cannot be run, with what happened and what to
    do, and Stopped once `cancel` is cancelled.
    """
    key = key_of(path, settings_of(threads, gpu_layers, kv_type, context))
    verdict = kept(cache, key)
    if verdict is None:
        _fits(path)
        if path.stat().st_size > _LONG:
            notice(gettext("trying the LLM on this processor, once: that may take a minute"))
        conditions = {"threads": threads, "context": context}
        verdict = _tried(path, key, ladder(gpu_layers, kv_type), conditions, child, cancel)
        # What a full or busy machine brings about need not be so next time.
        if verdict.runtime is not None or not verdict.attempts[-1].outcome.startswith((_KILLED, _LATE)):
            keep(cache, verdict)
    if verdict.runtime is None:
        raise _refusal(path, verdict.attempts[-1].outcome)
    return verdict.runtime


def settings_of(threads: int, gpu_layers: int = 0, kv_type: KvType | None = None, context: int = 4096) -> str:
    """Return what of the settings a verdict is about."""
    kept_as = f"by size {context}" if size_matters(kv_type, context) else kv_type or "f16"
    return f"{_VERSION} threads {threads} gpu {gpu_layers} context {kept_as}"


def _refusal(path: Path, outcome: str) -> ModelUnavailable:
    if outcome.startswith(_KILLED):
        return ModelUnavailable(
            gettext("{path} cannot be run here: llama.cpp {outcome}, as happens where memory runs out.").format(
                path=path, outcome=outcome
            ),
            gettext("Close other programs, use a smaller model, or set a smaller context."),
        )
    return ModelUnavailable(
        gettext("{path} cannot be run here: llama.cpp {outcome}, even in its plainest way.").format(
            path=path, outcome=outcome
        ),
        gettext(
            "If other models run, this file is at fault; if none does, build llama.cpp for this "
            "processor: pip install --force-reinstall --no-cache-dir --no-deps --no-binary "
            "llama-cpp-python llama-cpp-python"
        ),
    )


def _fits(path: Path) -> None:
    """Raises ModelUnavailable for a file that is larger than all memory there is."""
    size, there = path.stat().st_size, memory_fact("MemTotal")
    if there and size > there:
        raise ModelUnavailable(
            gettext("{path} has {size:.0f} GB, and this machine has {there:.0f} GB of memory.").format(
                path=path, size=size / _GIGABYTE, there=there / _GIGABYTE
            ),
            gettext("Use a smaller model."),
        )


def _tried(
    path: Path,
    key: Key,
    ways: Sequence[Runtime],
    conditions: dict[str, int],
    child: str,
    cancel: CancelToken | None,
) -> Verdict:
    """Try one way after the other until one reads rightly, and to the bit unless on a GPU; return the verdict.

    If none is exact, the first that reads rightly is taken. Raises ModelUnavailable where
    the file itself is at fault.
    """
    size = path.stat().st_size
    seconds = _SECONDS * (1 + size / _GIGABYTE)
    attempts: list[Attempt] = []
    left = list(ways)
    while left:
        runtime = left.pop(0)
        task = {"do": "try", "path": str(path), "runtime": asdict(runtime), **conditions}
        began = time.perf_counter()
        # A GPU's driver takes addresses for all memory there is.
        outcome = _outcome(_ran(child, task, seconds, 0 if runtime.gpu_layers else _allowed(size), cancel))
        attempts.append(Attempt(runtime, outcome))
        logger("models").info("the trial %s: %s after %.1f s", way(runtime), outcome, time.perf_counter() - began)
        enough = outcome == SAME or (outcome == NEARLY and runtime.gpu_layers > 0)
        # How a model is loaded depends on the extra buffers, beside the GPU, only.
        if enough or (outcome.endswith(_WHERE["begun"]) and not runtime.extra_buffers):
            break
        if outcome == NEARLY and not runtime.even_rows:
            left.insert(0, replace(runtime, even_rows=True))
    made = datetime.now(UTC).isoformat(timespec="seconds")
    right = [attempt for attempt in attempts if attempt.outcome in (SAME, NEARLY)]
    if not right:
        return Verdict(key, None, False, tuple(attempts), made)
    best = min(right, key=lambda attempt: attempt.outcome != SAME)
    return Verdict(key, best.runtime, best.outcome == SAME, tuple(attempts), made)


def _ran(child: str, task: dict[str, Any], seconds: float, memory: int, cancel: CancelToken | None) -> Ended:
    try:
        return run_child(
            child, task | {"language": interface_language()}, seconds=seconds, memory=memory, cancel=cancel
        )
    except OSError as error:
        raise ModelUnavailable(
            gettext("No process can be begun in which to try {path}: {error}.").format(
                path=task["path"], error=error.strerror
            ),
            gettext("Close other programs."),
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
    free = memory_fact("MemAvailable")
    return min(2 * size, size + free) + _ROOM if free else 0
