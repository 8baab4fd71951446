"""What `beleg doctor` finds about the machine: versions, processor, memory, terminal, and whether native code runs.

Nothing native is loaded in this process: a library that does not get along with the
processor ends the one it is loaded in.
"""

from __future__ import annotations

import locale
import os
import platform
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from rag import __version__
from rag.localization import N_, gettext, number, pgettext
from rag.maintenance.findings import Finding
from rag.system.child_process import PYTHON, environment

_FLAGS = re.compile(r"avx\w*|amx\w*|f16c|fma|bmi2|sse4_2|asimd\w*|neon|sve\w*|i8mm|bf16")
_NATIVE = {
    "llama_cpp": "import llama_cpp; print(llama_cpp.llama_print_system_info().decode())",
    "onnxruntime": "import onnxruntime; print(onnxruntime.__version__)",
    "faiss": "import faiss; print(faiss.get_compile_options())",
    "numpy": "import numpy; print(numpy.__version__)",
}
_SECONDS = 120  # for a library to load, from a slow disk
_MEGABYTE = 1 << 20
_NEEDED = 800  # megabytes of memory that a question takes
_ANEW = N_("Install Beleg anew with pip.")


def versions() -> Iterator[Finding]:
    """Yield the versions of Beleg, Python, the system and the packages that Beleg needs."""
    topic = "versions"
    here = gettext("{version} in {folder}").format(version=__version__, folder=Path(__file__).parent)
    yield Finding(topic, "beleg", here)
    yield Finding(topic, "Python", f"{platform.python_implementation()} {platform.python_version()}, {sys.executable}")
    yield Finding(topic, pgettext("doctor", "system"), platform.platform())
    for name in _packages():
        try:
            yield Finding(topic, name, metadata.version(name))
        except metadata.PackageNotFoundError:
            yield Finding(topic, name, gettext("not installed"), "broken", gettext(_ANEW))
    import sqlite3

    yield Finding(topic, "SQLite", sqlite3.sqlite_version)


def _packages() -> list[str]:
    try:
        lines = metadata.requires("beleg") or []
    except metadata.PackageNotFoundError:  # run from its source
        lines = ["llama-cpp-python", "onnxruntime", "faiss-cpu", "tokenizers", "numpy", "torch", "textual"]
    named = (re.match(r"[\w.-]+", line) for line in lines if "extra ==" not in line)
    return sorted({match[0] for match in named if match}, key=str.lower)


def native_code() -> Iterator[Finding]:
    """Yield what becomes of loading each native library, in a process of its own."""
    topic = "native code"
    started = {
        name: subprocess.Popen(
            [*PYTHON, "-c", code],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            env=environment(),
        )
        for name, code in _NATIVE.items()
    }
    for name, process in started.items():
        try:
            out, err = process.communicate(timeout=_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            late = gettext("does not load within {n} s").format(n=_SECONDS)
            yield Finding(topic, name, late, "broken", gettext("Is the disk at fault?"))
            continue
        told, code = out.decode("utf-8", "replace").strip(), process.returncode
        if code < 0:
            remedy = gettext("It was built for another processor: build it on this one.") + " " + gettext(_ANEW)
            ended = gettext("ends with {signal} when loaded").format(signal=signal.Signals(-code).name)
            yield Finding(topic, name, ended, "broken", remedy)
        elif code:
            last = err.decode("utf-8", "replace").strip().rpartition("\n")[2]
            failed = gettext("cannot be loaded: {reason}").format(reason=last)
            yield Finding(topic, name, failed, "broken", gettext(_ANEW))
        elif "AMX_INT8 = 1" in told:
            yield Finding(
                topic, name, told, "notice", gettext("Built with AMX, which compilers get wrong: see the README.")
            )
        else:
            yield Finding(topic, name, told)


def processor() -> Iterator[Finding]:
    """Yield the processor's name, what it can do that matters here, and how much of it this process may use."""
    topic = "processor"
    facts = _cpuinfo()
    model = facts.get("model name") or platform.processor() or platform.machine()
    yield Finding(topic, pgettext("doctor", "model"), model)
    able = facts.get("flags") or facts.get("Features") or ""
    flags = " ".join(sorted(filter(_FLAGS.fullmatch, able.split())))
    yield Finding(topic, pgettext("doctor", "flags"), flags or gettext("unknown"))
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    cores = gettext("{n}, of which this process may use {usable}").format(n=os.cpu_count(), usable=usable)
    yield Finding(topic, gettext("cores"), cores)
    if limit := _text(Path("/sys/fs/cgroup/cpu.max")):
        yield Finding(topic, gettext("limit of the container"), limit)


def memory() -> Iterator[Finding]:
    """Yield how much memory there is, and what limits it."""
    topic = "memory"
    facts = dict(re.findall(r"^(\w+):\s+(\d+) kB", _text(Path("/proc/meminfo")), re.M))
    if "MemTotal" in facts:
        total, free = (int(facts.get(name, 0)) // 1024 for name in ("MemTotal", "MemAvailable"))
        short = free < _NEEDED
        remedy = gettext("A question takes {n} MB: close other programs.").format(n=_NEEDED) if short else ""
        value = gettext("{total} MB, {free} MB of them free").format(total=number(total), free=number(free))
        yield Finding(topic, pgettext("doctor", "memory"), value, "notice" if short else "fine", remedy)
    elif hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
        yield Finding(topic, pgettext("doctor", "memory"), f"{number(pages // _MEGABYTE)} MB")
    if limit := _text(Path("/sys/fs/cgroup/memory.max")):
        yield Finding(topic, gettext("limit of the container"), limit)


def terminal() -> Iterator[Finding]:
    """Yield what the chat finds where it is to draw."""
    topic = "terminal"
    streams = {
        pgettext("doctor", "input"): sys.__stdin__,
        pgettext("doctor", "output"): sys.__stdout__,
        pgettext("doctor", "errors"): sys.__stderr__,
    }
    told = [name for name, stream in streams.items() if stream is not None and stream.isatty()]
    yield Finding(topic, gettext("is one for"), ", ".join(told) or gettext("nothing: a pipe or a file"))
    for name in ("TERM", "TERM_PROGRAM", "COLORTERM", "NO_COLOR", "TMUX", "SSH_TTY"):
        if (value := os.environ.get(name)) is not None:
            yield Finding(topic, name, value)
    if told and os.environ.get("TERM", "") in ("", "dumb"):
        remedy = gettext("Use `beleg chat --plain`, or set TERM: xterm-256color say.")
        yield Finding(topic, gettext("full screen"), gettext("no"), "notice", remedy)
    size = shutil.get_terminal_size()
    small = size.columns < 60 or size.lines < 15
    remedy = gettext("The chat wants 60 columns and 15 lines at least.") if small else ""
    yield Finding(topic, gettext("size"), f"{size.columns} × {size.lines}", "notice" if small else "fine", remedy)
    encoding = locale.getpreferredencoding(False)
    plain = encoding.lower().replace("-", "") != "utf8"
    remedy = gettext("Set LANG to a locale with UTF-8: C.UTF-8 say.") if plain else ""
    yield Finding(topic, gettext("encoding"), encoding, "notice" if plain else "fine", remedy)


def signals() -> Iterator[Finding]:
    """Yield whether Ctrl-C can stop anything."""
    ignored = signal.getsignal(signal.SIGINT) == signal.SIG_IGN
    remedy = (
        gettext("The program was begun in the background, or under nohup: `kill` without -INT stops it.")
        if ignored
        else ""
    )
    value = gettext("ignored") if ignored else gettext("stops what is being done")
    yield Finding("signals", gettext("Ctrl-C"), value, "notice" if ignored else "fine", remedy)


def _cpuinfo() -> dict[str, str]:
    first = _text(Path("/proc/cpuinfo")).partition("\n\n")[0]
    pairs = (line.partition(":") for line in first.splitlines())
    return {name.strip(): value.strip() for name, _, value in pairs}


def _text(file: Path) -> str:
    """Return what a file of the system says, or "" where there is none."""
    try:
        return file.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
