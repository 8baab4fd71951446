"""How llama.cpp is run, and what it keeps for the whole process: its log, its tool that stores a model anew.

llama.cpp prints on standard error unless a log callback is set, and would write across a
full screen. There is one such callback a process; it is set before anything is loaded.

Its threads meet some hundred times a token. Whoever comes first spins, by default for so
long that two programs on two processors each wait for threads that the other one keeps from
running: then both take five times as long as their share. A short spin costs nothing measurable.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from rag.errors import ModelUnavailable
from rag.localization import gettext
from rag.system.memory_facts import memory_fact

os.environ.setdefault("GOMP_SPINCOUNT", "1000")  # read when llama.cpp's libraries are loaded
_LOG_ERROR = 4


KvType = Literal["f16", "q8_0"]
ALL_LAYERS = 1_000  # more than any model has
_LONG = 8192  # tokens of context up to which what they take of memory is not looked at
_SHARE = 4  # a context that would take more than one in so many bytes of all memory is kept in half as many


@dataclass(frozen=True, slots=True)
class Runtime:
    """What of llama.cpp is used: all of it, or less where a trial found that less is safe (see `trial`).

    Extra buffers hold weights in layouts for the processor at hand (AMX tiles, repacked
    rows). `threads` None is as many as the settings say. `kv_type` is how what was read is
    kept, None as its size asks for (`kv_type_for`); `gpu_layers` of a model are on a GPU;
    `even_rows`: see `llama_sequences`.
    """

    extra_buffers: bool = True
    flash_attention: bool = True
    threads: int | None = None
    gpu_layers: int = 0
    kv_type: KvType | None = None
    even_rows: bool = False

    def kv_type_for(self, context: int, cell_bytes: int) -> KvType:
        """Return how a context of so many tokens is kept, each of which takes `cell_bytes` as f16."""
        if not self.flash_attention:
            return "f16"  # llama.cpp can do no other
        if self.kv_type is not None:
            return self.kv_type
        there = memory_fact("MemTotal")
        return "q8_0" if context > _LONG and there and context * cell_bytes > there // _SHARE else "f16"


def size_matters(kv_type: KvType | None, context: int) -> bool:
    """Whether the context decides how it is kept."""
    return kv_type is None and context > _LONG


_callback: Any = None
_hear: Callable[[str], None] | None = None


def listen(hear: Callable[[str], None] | None) -> None:
    """Keep llama.cpp's prints off the terminal; errors go to `hear`, the last one given."""
    global _callback, _hear
    _hear = hear
    if _callback is None:
        import llama_cpp

        def on_log(level: int, text: bytes, _: object) -> None:
            if level == _LOG_ERROR and _hear is not None:
                _hear(text.decode("utf-8", "replace").strip())

        _callback = llama_cpp.llama_log_callback(on_log)
        llama_cpp.llama_log_set(_callback, None)


def requantize(source: Path, target: Path) -> None:
    """Write the model in `source` to `target` with its weights stored as Q8_0."""
    import llama_cpp

    listen(None)
    parameters = llama_cpp.llama_model_quantize_default_params()
    parameters.ftype = llama_cpp.LLAMA_FTYPE_MOSTLY_Q8_0
    parameters.allow_requantize = True
    if llama_cpp.llama_model_quantize(str(source).encode(), str(target).encode(), ctypes.byref(parameters)):
        raise ModelUnavailable(
            gettext("{source} cannot be prepared in {parent}.").format(source=source, parent=target.parent),
            gettext("Is the disk full?"),
        )
