"""Verdicts of trials: what they are about, and where they are kept.

A file a verdict in the cache's folder `trials`. A cache can be written by others: what is read back is
checked, and what does not fit is no verdict.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import platform
import re
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, get_args

from rag.errors import ModelUnavailable
from rag.models.llama_runtime import ALL_LAYERS, KvType, Runtime
from rag.system.atomic_write import write_private
from rag.system.private_files import private_folder

_FOLDER = "trials"
_BACKEND = re.compile(r"ggml-(cuda|hip|metal|vulkan|sycl|musa|cann|opencl)\b")
_LARGEST = 100_000  # bytes of a file that is read


@dataclass(frozen=True, slots=True)
class Key:
    """What a verdict is about. If any of it changes, it is asked anew."""

    llama_cpp: str  # the files of the library: names, sizes, times of change
    processor: str  # its name and flags, and the system's version
    model: str  # the file: path, size, time of change
    settings: str

    @property
    def digest(self) -> str:
        return hashlib.sha256(json.dumps(asdict(self)).encode()).hexdigest()[:24]


@dataclass(frozen=True, slots=True)
class Attempt:
    """One way that was tried, and what became of it: "same", or what went wrong."""

    runtime: Runtime
    outcome: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a model is run here: `runtime` is None where it cannot be.

    `exact` is whether its sums are the same, to the bit, whatever is read beside.
    """

    key: Key
    runtime: Runtime | None
    exact: bool
    attempts: tuple[Attempt, ...]
    made: str  # ISO 8601, UTC


def keep(cache: Path, verdict: Verdict) -> None:
    """Keep a verdict, unless the cache cannot be written to: then it is asked again next time."""
    with suppress(OSError):
        private_folder(cache / _FOLDER)
        write_private(_file(cache, verdict.key), json.dumps(asdict(verdict)).encode())


def kept(cache: Path, key: Key) -> Verdict | None:
    """Return the verdict on just this, if one is kept."""
    verdict = _read(_file(cache, key))
    return verdict if verdict is not None and verdict.key == key else None


def verdicts(cache: Path) -> list[Verdict]:
    """Return the verdicts that are kept in the cache, newest first."""
    try:
        files = sorted((cache / _FOLDER).glob("*.json"))
    except OSError:
        return []
    return sorted(filter(None, map(_read, files)), key=lambda verdict: verdict.made, reverse=True)


def _file(cache: Path, key: Key) -> Path:
    return cache / _FOLDER / f"{key.digest}.json"


def _read(file: Path) -> Verdict | None:
    try:
        with file.open("rb") as stream:
            row = json.loads(stream.read(_LARGEST))
        key = Key(**{name: str(value) for name, value in row["key"].items()})
        attempts = tuple(Attempt(_runtime(each["runtime"]), str(each["outcome"])) for each in row["attempts"])
        runtime = None if row["runtime"] is None else _runtime(row["runtime"])
        return Verdict(key, runtime, row["exact"] is True, attempts, str(row["made"]))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _runtime(row: dict[str, Any]) -> Runtime:
    """Raises TypeError or ValueError for what is no runtime."""
    runtime = Runtime(**row)
    if not all(
        isinstance(value, bool) for value in (runtime.extra_buffers, runtime.flash_attention, runtime.even_rows)
    ):
        raise TypeError
    if runtime.threads is not None and not (type(runtime.threads) is int and 1 <= runtime.threads <= 256):
        raise ValueError
    if not (type(runtime.gpu_layers) is int and 0 <= runtime.gpu_layers <= ALL_LAYERS):
        raise ValueError
    if runtime.kv_type not in (None, *get_args(KvType)):
        raise ValueError
    return runtime


# --- what it is about ------------------------------------------------------------------


def key_of(path: Path, settings: str) -> Key:
    """Return what a verdict on the model in `path` is about. Raises ModelUnavailable where there is no such file."""
    try:
        facts = path.stat()
    except OSError as error:
        raise ModelUnavailable(f"There is no model file {path}.", "Name a .gguf file with --llm.") from error
    return Key(
        llama_cpp=build(),
        processor=f"{processor()} {platform.system()} {platform.release()}",
        model=f"{path} {facts.st_size} {facts.st_mtime_ns}",
        settings=settings,
    )


def build() -> str:
    """Return what tells this build of llama.cpp from others, without loading it. Raises ModelUnavailable."""
    folders = _folders()
    try:
        files = _libraries()
        facts = [(file.name, (stat := file.stat()).st_size, stat.st_mtime_ns) for file in files]
    except OSError:
        facts = []
    if not facts:
        raise ModelUnavailable(
            "The package llama-cpp-python is not installed whole.", "Install Beleg anew; is LLAMA_CPP_LIB_PATH set?"
        )
    return hashlib.sha256(json.dumps([folders, facts]).encode()).hexdigest()[:24]


def gpu_backends() -> tuple[str, ...]:
    """Return the kinds of GPU that this build of llama.cpp can use, by its libraries, without loading any."""
    try:
        names = [file.name for file in _libraries()]
    except OSError:
        return ()
    return tuple(sorted({match[1] for name in names if (match := _BACKEND.search(name))}))


def _folders() -> list[str]:
    """Return the folders that llama.cpp's libraries are in."""
    named = os.environ.get("LLAMA_CPP_LIB_PATH")  # where llama-cpp-python looks first
    spec = importlib.util.find_spec("llama_cpp")
    inside = [str(Path(folder, "lib")) for folder in (spec.submodule_search_locations or ())] if spec else []
    return inside if named is None else [named]


def _libraries() -> list[Path]:
    """Raises OSError where there are none."""
    return [file for folder in _folders() for file in sorted(Path(folder).iterdir())]


def processor() -> str:
    """Return the processor's name and a digest of what it can do."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").partition("\n\n")[0].splitlines()
    except OSError:  # not Linux
        return f"{platform.machine()} {platform.processor()}"
    facts = {name.strip(): value.strip() for name, colon, value in (line.partition(":") for line in lines) if colon}
    able = facts.get("flags") or facts.get("Features") or ""
    digest = hashlib.sha256(" ".join(sorted(able.split())).encode()).hexdigest()[:12]
    return f"{platform.machine()} {facts.get('model name', '')} {digest}"
