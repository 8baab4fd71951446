"""What happened, written down for when something goes wrong: times, versions, settings, where in the code.

A log is sent to others. So never a word of a document or of a question enters it, nor a file's
name, unless the person sets `log = "full"`: what may hold such words is passed as `Words`, and of
an exception only its type and the places in the code are written, since messages quote what failed.

Nothing is written before `start`: a program that uses the engine has no log of ours unless it asks.
This module is light; `logging` is imported once there is something to log.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from rag import __version__
from rag.system.log_words import FILE as FILE
from rag.system.log_words import Words as Words
from rag.system.log_words import words
from rag.system.private_files import private_folder, private_opener
from rag.text.sanitize import one_line

if TYPE_CHECKING:
    import logging
    import threading

Level = Literal["on", "full", "off"]
FAULTS = "faults.log"
MOST_BYTES = 1_000_000  # of a file; then it becomes beleg.log.1, and that one beleg.log.2, …
_NAMED = 200  # characters of an exception's message that are told
_PACKAGES = ("llama-cpp-python", "onnxruntime", "faiss-cpu", "tokenizers", "numpy", "textual")


@dataclass(frozen=True, slots=True)
class _Log:
    """A log that is being written. `faults` is the file that the interpreter writes to when it dies."""

    folder: Path
    level: Level
    began: float
    faults: int | None


_log: _Log | None = None
_tell: Callable[[str], None] | None = None


def start(folder: Path, level: Level, command: str, settings: Mapping[str, object]) -> None:
    """Write a log to `folder` from now on, and there too where the process dies of a fault in native code.

    Any number of processes may write to the same. A folder that cannot be written to is no
    error: then there is no log.
    """
    global _log
    stop()
    faults = None
    if level != "off":
        with suppress(OSError):
            private_folder(folder)
            faults = _catch_faults(folder / FAULTS)
    _log = _Log(folder, level, time.monotonic(), faults)
    if level == "off":
        return
    import platform
    import threading

    from rag.system.log_file import LogFile

    root = logger("")
    root.addHandler(LogFile(folder / FILE, MOST_BYTES, level == "full"))
    root.setLevel("INFO")
    threading.excepthook = _thread_failed
    python = f"Python {platform.python_version()}, {platform.system()} {platform.machine()}"
    root.info("begin: beleg %s, %s, command %s", __version__, python, command)
    root.info("settings: %s", ", ".join(f"{key} = {value}" for key, value in settings.items()))


def begun() -> bool:
    """Whether `start` was called, and `stop` not yet."""
    return _log is not None


def stop(code: int | None = None) -> None:
    """End the log, with the exit code if there is one."""
    global _log
    if _log is None:
        return
    if _log.level != "off":
        import threading

        root = logger("")
        if code is not None:
            root.info("end: exit code %d after %.1f s", code, time.monotonic() - _log.began)
        for handler in [each for each in root.handlers if each.name == FILE]:
            root.removeHandler(handler)
        threading.excepthook = threading.__excepthook__
    if _log.faults is not None:
        import faulthandler

        faulthandler.disable()
        os.close(_log.faults)
    _log = None


def _catch_faults(file: Path) -> int | None:
    """Have the interpreter write where it was when it dies of a signal; not where somebody else has it do so."""
    import faulthandler

    if faulthandler.is_enabled():
        return None
    if file.is_file() and file.stat().st_size > MOST_BYTES:
        file.replace(file.with_name(f"{file.name}.1"))
    handle = private_opener(str(file), os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    faulthandler.enable(handle, all_threads=True)
    return handle


def logger(name: str) -> logging.Logger:
    """Return the logger `beleg.NAME`. Numbers and texts that are passed to it are shown as they are: see `Words`."""
    import logging

    root = logging.getLogger("beleg")
    root.propagate = False
    if not root.handlers:
        root.addHandler(logging.NullHandler())  # else Python prints warnings across a full screen
    return root.getChild(name) if name else root


def report(error: BaseException) -> str:
    """Log an error that should not have been; return what the person is to do about it."""
    log = logger("unexpected")
    log.error("%s: %s", type(error).__name__, Words(error), exc_info=error)
    log.info("versions: %s", _versions())
    if _log is None or _log.level == "off":
        return "Please report this."
    return f"Please report this, with {_log.folder / FILE} and what `beleg doctor` prints."


def unexpected(error: BaseException) -> str:
    """Log an error that should not have been; return the sentence that tells of it."""
    return f"It failed unexpectedly ({named(error)}). {report(error)}"


def named(error: BaseException) -> str:
    """Return an exception's type and what it says, on a line."""
    message = one_line(words(error), _NAMED)
    return f"{type(error).__name__}: {message}" if message else type(error).__name__


def notice(text: str) -> None:
    """Tell the person something in passing, on whatever shows the engine's work; it enters the log too."""
    logger("notice").info("%s", text)
    if _tell is not None:
        _tell(text)


def listen(tell: Callable[[str], None] | None) -> None:
    """Have notices told by `tell`, the last one given: an engine must not print across a full screen."""
    global _tell
    _tell = tell


def _versions() -> str:
    import platform
    from importlib.metadata import PackageNotFoundError, version

    found = []
    for package in _PACKAGES:
        with suppress(PackageNotFoundError):
            found.append(f"{package} {version(package)}")
    return ", ".join([f"beleg {__version__}", f"Python {sys.version.split()[0]}", platform.platform(), *found])


def _thread_failed(failed: threading.ExceptHookArgs) -> Any:
    """Log what ended a thread; Python would print it, across a full screen too."""
    if isinstance(failed.exc_value, Exception):  # not one that is being stopped
        told = unexpected(failed.exc_value)
        if _tell is not None:
            _tell(told)
