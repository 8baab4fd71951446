"""The child of a trial: it does with a model what Beleg will do, and says how that went.

It reads its task from standard input and writes a line of JSON on standard output for each
step. It may die, hang or run out of memory at any of them: that is what it is for. So what
it is told to use is bounded, and it ends by itself should its parent be gone.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from rag.errors import ModelUnavailable
from rag.localization import N_, gettext, use
from rag.models.generator import STREAMS, as_many
from rag.models.generator import streams as open_streams
from rag.models.llama_model import Model
from rag.models.llama_runtime import Runtime, requantize
from rag.models.llama_sequences import BLOCK, Logits, Streams
from rag.system.parent_process import end_with

# As many tokens a text: 197 in all, read in pieces of every shape that `streams` cuts, the first after a block. No
# number of rows read together is even, since some sums are the same only where all are.
_LENGTHS = (97, 47, 30, 23)
_COMPARED = 64  # tokens at the end of the first text whose likelihoods are compared
_WRITTEN = 3
_CELLS = 512  # tokens of context, of each stream
_TEXT = (
    "The ferry leaves the island at half past six, in winter an hour later, and it takes forty minutes. "
    "Die Fähre braucht vierzig Minuten und kostet 3,20 Euro; Kinder unter sechs Jahren fahren umsonst. "
)
# The least agreement with the plain path, as the cosine of the scores less their mean: rounding costs .001 of it.
_AGREEMENT = 0.98
_SMALLER = N_("Close other programs, or use a smaller model.")
_PLAIN = Runtime(extra_buffers=False, flash_attention=False, threads=1)

Tell = Callable[[dict[str, Any]], None]


def main() -> None:
    """Do the task on standard input; the exit code is 0 unless something takes the process away."""
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what a library prints is no answer

    def tell(step: dict[str, Any]) -> None:
        out.write(json.dumps(step) + "\n")
        out.flush()

    run(json.loads(sys.stdin.readline()), tell)


def run(task: dict[str, Any], tell: Tell) -> None:
    """Do a task within its bounds, and tell how it goes."""
    end_with(task["parent"])
    use(task.get("language", "en"))
    _bound(task["memory"], task["seconds"])
    try:
        if task["do"] == "requantize":
            requantize(Path(task["path"]), Path(task["target"]))
            tell({"step": "done"})
        else:
            try_model(Path(task["path"]), Runtime(**task["runtime"]), task["threads"], tell, task["context"])
    except MemoryError:
        tell(
            {
                "step": "refused",
                "reason": gettext("There is not enough memory for {path}.").format(path=task["path"]),
                "remedy": gettext(_SMALLER),
            }
        )
    except ModelUnavailable as error:
        tell({"step": "refused", "reason": error.reason, "remedy": error.remedy})


def _bound(memory: int, seconds: int) -> None:
    """Limit what this process may take: memory in bytes (0: no limit), time; and leave no core file behind."""
    if sys.platform == "win32":
        return
    import resource
    import signal

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if memory:
        _, most = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (memory if most == resource.RLIM_INFINITY else min(memory, most), most))
    signal.alarm(seconds)  # its parent ends it before, if there still is one
    try:
        Path("/proc/self/oom_score_adj").write_text("1000")  # where memory runs out, it is the first to go
    except OSError:
        return  # not Linux


def try_model(path: Path, runtime: Runtime, threads: int, tell: Tell, context: int = _CELLS) -> None:
    """Read, write and compare; tell "loaded", "read", "written", and last "same" or "differs".

    "exact" beside it is whether a text's scores are the same to the bit alone and beside others.
    """
    tell({"step": "begun"})
    found, exact = _scores(path, runtime, runtime.threads or threads, context, tell)
    if not np.isfinite(found).all():
        tell({"step": "differs", "why": "its scores are no numbers"})
        return
    plain = found if runtime == _PLAIN else _plain_scores(path)
    tell({"step": "compared"})
    agreement = _agreement(found, plain)
    if not agreement >= _AGREEMENT:  # also where it is no number
        tell({"step": "differs", "why": f"its scores differ from the plain ones (cosine {agreement:.3f})"})
        return
    tell({"step": "same", "exact": exact, "agreement": round(agreement, 5)})


def _scores(path: Path, runtime: Runtime, threads: int, context: int, tell: Tell) -> tuple[Logits, bool]:
    """Return the scores of the first text's last tokens, and whether they are the same beside other texts."""
    model = Model(path, path.stem, runtime, check=True)
    tell({"step": "loaded"})
    cells = min(_CELLS, max(512, model.longest))
    kv_type = runtime.kv_type_for(min(context, max(512, model.longest)), model.cell_bytes)
    streams = open_streams(model, as_many(STREAMS, cells, model.cell_bytes), cells, threads, runtime, kv_type)
    try:
        block, *texts = _texts(model)
        wanted = [_COMPARED, *([1] * (len(texts) - 1))]
        streams.read_block(0, block)
        (alone,) = streams.read(texts[:1], [_COMPARED])
        state, length = streams.save(0), streams.lengths[0]
        streams.clear()
        streams.read_block(0, block)
        beside = streams.read(texts, wanted)
        tell({"step": "read"})
        streams.restore(1, state, length)
        written = [_write(streams, stream, int(np.argmax(alone[-1]))) for stream in (0, 1)]
        tell({"step": "written"})
        _fill_template(model)
        return alone, bool(np.array_equal(alone, beside[0]) and np.array_equal(written[0], written[1]))
    finally:
        streams.close()
        model.close()


def _write(streams: Streams, stream: int, token: int) -> Logits:
    """Let a stream write a few tokens on from one; return the scores on the way, shape (tokens, vocabulary)."""
    rows = []
    for _ in range(_WRITTEN):
        (logits,) = streams.read([[token]], [1], first=stream)
        rows.append(logits[-1])
        token = int(np.argmax(logits[-1]))
    return np.stack(rows)


def _plain_scores(path: Path) -> Logits:
    """Return the scores of the first text by the plainest way there is: no layouts, no flash, one thread."""
    model = Model(path, path.stem, _PLAIN)
    streams = Streams(model.handle, 1, _CELLS, 1, flash=False)
    try:
        block, text, *_ = _texts(model)
        (scores,) = streams.read([[*block, *text]], [_COMPARED])
        return scores
    finally:
        streams.close()
        model.close()


def _texts(model: Model) -> list[list[int]]:
    """Return a block, and texts of _LENGTHS tokens, each with other beginnings."""
    tokens = model.beginning() + model.tokens(_TEXT * 5)
    if len(tokens) < BLOCK + max(_LENGTHS):
        raise ModelUnavailable(f"{model.path} cannot take words apart: it has no vocabulary.", "Use another model.")
    return [tokens[-BLOCK:], *(tokens[at : at + length] for at, length in enumerate(_LENGTHS))]


def _fill_template(model: Model) -> None:
    """Fill in the chat template, a foreign program that may never end. That it fails is told when it is needed."""
    if model.metadata.get("tokenizer.chat_template"):
        try:
            model.chat((("system", "a"), ("user", "b")))
        except ModelUnavailable:
            return


def _agreement(found: Logits, plain: Logits) -> float:
    """Return the mean cosine of two tables of scores, row by row, each row less its mean."""
    one, other = (table - table.mean(axis=1, keepdims=True) for table in (found, plain))
    lengths = np.linalg.norm(one, axis=1) * np.linalg.norm(other, axis=1)
    return float(np.mean((one * other).sum(axis=1) / np.maximum(lengths, 1e-30)))


if __name__ == "__main__":
    main()
