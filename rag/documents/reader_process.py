"""Documents read in a process of their own, so that a file can end or exhaust no more than that.

One process reads one file after the other: the format libraries take longer to import than
most files take to read. If it dies, hangs or wants too much, that file is unreadable, and the
next one gets a new process. What it answers is looked at before it is believed: whoever has
got hold of a parser writes the answers.
"""

from __future__ import annotations

import json
import math
import os
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rag.documents import readers
from rag.documents.reader_child import REPLY, REQUEST
from rag.documents.readers import LONGEST, Extract, Omission, Unreadable, clean
from rag.localization import gettext, interface_language

_PROGRAM = (
    "import sys; sys.path[:] = sys.argv[6:]; "
    "from rag.documents.reader_child import main; main(*map(int, sys.argv[1:5]), sys.argv[5])"
)
_PIECE = 1 << 20  # bytes
_LOOK = 0.1  # seconds between looks whether to stop
_MOST_OMISSIONS = 100
_MOST_FACTS = 16_000_000  # bytes: a million pages
_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")


@dataclass(frozen=True, slots=True)
class Limits:
    """What reading one document may take: seconds (more for large files), and bytes of address space.

    The largest file that is read, 200 MB, is held once as it is and once unpacked.
    """

    seconds: float = 120
    seconds_per_megabyte: float = 2
    memory: int = 3_000_000_000

    def time(self, size: int) -> float:
        """Return the seconds for a document of `size` bytes."""
        return self.seconds + self.seconds_per_megabyte * size / 1e6


class ReaderProcess:
    """Reads documents in a child process. Use as a context manager, and in one thread: the child ends with that.

    `look` is called ten times a second while a document is waited for, and may raise to stop that.
    """

    def __init__(self, limits: Limits | None = None, look: Callable[[], object] = lambda: None) -> None:
        self._limits = limits or Limits()
        self._look = look
        self._child: _Child | None = None

    def __enter__(self) -> ReaderProcess:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the child, whatever it is doing."""
        if self._child is not None:
            self._child.end()
            self._child = None

    def extract(self, suffix: str, raw: bytes) -> Extract:
        """Read bytes as the format of an ending in READERS; plain text in this process, for it is only decoded.

        Raises Unreadable, also where the child died of it or was ended.
        """
        if readers.READERS[suffix] is readers.read_text:
            return readers.extract(suffix, raw)
        seconds = self._limits.time(len(raw))
        try:
            if self._child is None or not self._child.alive():
                self.close()
                self._child = _Child(self._limits.memory)
            return self._exchange(self._child, suffix, raw, seconds)
        except BaseException as error:
            if not isinstance(error, _Told):
                self.close()  # it is in the middle of something
            raise

    def _exchange(self, child: _Child, suffix: str, raw: bytes, seconds: float) -> Extract:
        until = time.monotonic() + seconds
        ending = suffix.encode()
        try:
            head = REQUEST.pack(math.ceil(seconds), len(ending), len(raw))
            child.send(head + ending, until, self._look)
            child.send(raw, until, self._look)
            length, size = REPLY.unpack(child.receive(REPLY.size, until, self._look))
            if length > _MOST_FACTS or size > 4 * LONGEST:
                raise Unreadable(gettext("its reader gave an answer that makes no sense"))
            facts = child.receive(length, until, self._look)
            text = child.receive(size, until, self._look)
        except TimeoutError as error:
            raise Unreadable(_too_slow(seconds)) from error
        except EOFError as error:
            raise Unreadable(self._death(child, seconds)) from error
        try:
            return self._believed(facts, text)
        finally:
            if b'"last": true' in facts:  # it ends by itself now
                self.close()

    def _death(self, child: _Child, seconds: float) -> str:
        code = child.end(patience=1)  # its pipe has ended: it is just dying
        if code == -signal.SIGALRM:
            return _too_slow(seconds)
        if code < 0:
            names = {int(known): known.name for known in signal.Signals}
            name = names.get(-code, f"signal {-code}")
            return gettext("its reader was killed ({signal})").format(signal=name)
        return gettext("its reader ended before it was done (exit code {code})").format(code=code)

    def _believed(self, packed: bytes, text: bytes) -> Extract:
        """Return what the child says, once it is of the right kind and size."""
        try:
            facts = json.loads(packed)
            if facts.get("memory"):
                raise Unreadable(
                    gettext("reading it needs more than {memory:.2g} GB of memory").format(
                        memory=self._limits.memory / 1e9
                    )
                )
            if "unreadable" in facts:
                raise _Told(clean(str(facts["unreadable"])[:500]))
            return _extract(facts, text.decode())
        except (ValueError, AttributeError, KeyError, TypeError, RecursionError) as error:
            raise Unreadable(gettext("its reader gave an answer that makes no sense")) from error


class _Told(Unreadable):
    """What the child says of a file after which it goes on."""


def _too_slow(seconds: float) -> str:
    return gettext("reading it took more than {seconds:.0f} s").format(seconds=seconds)


def _extract(facts: dict[str, Any], text: str) -> Extract:
    """Return the facts and the text as an Extract. Raises ValueError for what no reader gives."""
    title, date, pages = (facts[name] for name in ("title", "date", "pages"))
    said = [facts[name] for name in ("why_empty", "encoding", "doubts")]
    omissions = facts["omissions"]
    sound = (
        isinstance(title, str)
        and (date is None or (isinstance(date, str) and _DATE.fullmatch(date)))
        and all(isinstance(words, str) for words in said)
        and len(title) + sum(map(len, said)) <= 3000
        and isinstance(omissions, list)
        and len(omissions) <= _MOST_OMISSIONS
        and all(map(_is_omission, omissions))
        and isinstance(pages, list)
        and all(type(page) is int for page in pages)
        and pages[:1] == [0]
        and pages == sorted(pages)
        and pages[-1] <= len(text) <= LONGEST
        and text == clean(text)
    )
    if not sound:
        raise ValueError
    why, encoding, doubts = map(clean, said)
    left_out = tuple(Omission(clean(what), count, total, clean(advice)) for what, count, total, advice in omissions)
    return Extract(text, clean(title), date, tuple(pages), why, left_out, encoding, doubts)


def _is_omission(row: Any) -> bool:
    """Return whether a value is the four parts of an Omission."""
    return (
        isinstance(row, list)
        and len(row) == 4
        and isinstance(row[0], str)
        and isinstance(row[3], str)
        and len(row[0]) + len(row[3]) <= 500
        and type(row[1]) is int
        and (row[2] is None or type(row[2]) is int)
    )


class _Child:
    """The process and its two pipes. Raises Unreadable where it cannot be started."""

    def __init__(self, memory: int) -> None:
        requests, self._requests = os.pipe()
        self._replies, replies = os.pipe()
        numbers = (requests, replies, memory, os.getpid())
        command = [sys.executable, "-I", "-c", _PROGRAM, *map(str, numbers), interface_language(), *sys.path]
        # Threads would each reserve address space, and gain nothing here.
        environment = os.environ | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
        nowhere = subprocess.DEVNULL
        try:
            self._process = subprocess.Popen(
                command, stdin=nowhere, stdout=nowhere, stderr=nowhere, env=environment, pass_fds=(requests, replies)
            )
        except OSError as error:
            os.close(self._requests)
            os.close(self._replies)
            raise Unreadable(
                gettext("its reader could not be started ({error})").format(error=error.strerror or error)
            ) from error
        finally:
            os.close(requests)
            os.close(replies)
        self._ended = False
        os.set_blocking(self._requests, False)
        os.set_blocking(self._replies, False)

    def send(self, raw: bytes, until: float, look: Callable[[], object]) -> None:
        """Send bytes. Raises TimeoutError, and EOFError where the child is no more."""
        rest = memoryview(raw)
        while rest:
            _wait(self._requests, select.POLLOUT, until, look)
            try:
                rest = rest[os.write(self._requests, rest[:_PIECE]) :]
            except BrokenPipeError as error:
                raise EOFError from error

    def receive(self, size: int, until: float, look: Callable[[], object]) -> bytes:
        """Return that many bytes. Raises TimeoutError, and EOFError where the child is no more."""
        parts = []
        while size:
            _wait(self._replies, select.POLLIN, until, look)
            part = os.read(self._replies, min(size, _PIECE))
            if not part:
                raise EOFError
            parts.append(part)
            size -= len(part)
        return b"".join(parts)

    def alive(self) -> bool:
        return self._process.poll() is None

    def end(self, patience: float = 0) -> int:
        """End the process if it has not ended by itself, after `patience` seconds; return how it did, as Popen does."""
        if not self._ended:
            self._ended = True
            os.close(self._requests)
            os.close(self._replies)
            try:
                self._process.wait(patience)
            except subprocess.TimeoutExpired:
                self._process.kill()
        return self._process.wait()


def _wait(pipe: int, event: int, until: float, look: Callable[[], object]) -> None:
    poll = select.poll()
    poll.register(pipe, event)
    while time.monotonic() < until:
        if poll.poll(_LOOK * 1000):
            return
        look()
    raise TimeoutError
