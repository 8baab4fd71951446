"""Signals, that is Ctrl-C, SIGTERM and a closed terminal: they end a command soon, in order, wherever it is.

Python hands a signal to the main thread between two of its own steps, and raising there is
the prompt way to stop imports, embedding, walks and waits. Three things keep it from that,
and a thread that hears of each signal at once (by the wakeup descriptor) sees to them:

- native code that takes long: it asks the token, which is cancelled at once. If the main
  thread has not come back to Python within _PATIENCE, the process ends there; all that is
  written is written so that it may end anywhere.
- callbacks and finalizers, in which Python drops what is raised: it is raised again.
- a program that takes long to stop in order: a second signal ends it at once.

What was ignored when the program began (under nohup, or in the background of a script) stays so.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import NoReturn

from rag.system.cancellation import CancelToken, Stopped, acts, interrupt

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
STOPPED = 130  # the exit code of what Ctrl-C ended, and of what any other signal did
_PATIENCE = 0.15  # seconds after that
_WITH_A_SCREEN = 1.95  # the same: a terminal that is left as it is then is of no use any more
_AGAIN = 0.05  # seconds until it is sent to the main thread once more
_SAME = 0.2  # seconds within which two signals are one: `timeout` sends it to the process, and to its group
_END, _LOST = 0, 255  # sent to the watching thread as if they were signals


@contextmanager
def heeded(last: bool = False) -> Iterator[CancelToken]:
    """Let signals stop what this block does: its token is cancelled, and Stopped raised in the main thread.

    Whatever else is raised after that came of it, and is Stopped too. Outside the main
    thread, which alone can take signals, the token is an ordinary one. With `last` the block is
    all that the process does: a signal while the interpreter ends finds nothing to stop, and is ignored.
    """
    token = CancelToken()
    if threading.current_thread() is not threading.main_thread():
        yield token
        return
    watch = _Watch(token, last)
    try:
        yield token
    except BaseException:
        if token.cancelled:
            raise Stopped from None
        raise
    finally:
        watch.end()


def end_process() -> NoReturn:
    """End the process as one that was stopped, without waiting for anything."""
    with suppress(OSError):
        os.write(sys.__stderr__.fileno() if sys.__stderr__ else 2, b"beleg: stopped\n")
    os._exit(STOPPED)


class _Watch:
    """Takes the signals from when it is made until `end`."""

    def __init__(self, token: CancelToken, last: bool) -> None:
        self._token = token
        self._last = last
        self._heard = threading.Event()  # by the main thread
        self._number = 0  # of the signal that it heard
        self._lost = False  # what was raised in it
        self._reader, self._writer = os.pipe()
        os.set_blocking(self._writer, False)
        self._hook, sys.unraisablehook = sys.unraisablehook, self._unraisable
        found = {each: signal.getsignal(each) for each in SIGNALS}
        self._before = {each: handler for each, handler in found.items() if handler not in (signal.SIG_IGN, None)}
        for each in self._before:  # from here on a signal may come
            signal.signal(each, self._hear)
        self._thread = threading.Thread(target=self._watch, name="beleg-signals", daemon=True)
        self._wakeup = signal.set_wakeup_fd(self._writer, warn_on_full_buffer=False)
        self._thread.start()

    def end(self) -> None:
        """Leave the signals to whoever had them before, or to nobody."""
        for each, before in self._before.items():  # Python resets what it handles as it ends, not what is ignored
            signal.signal(each, signal.SIG_IGN if self._last else before)
        signal.set_wakeup_fd(self._wakeup)
        sys.unraisablehook = self._hook
        os.write(self._writer, bytes([_END]))
        self._thread.join()
        os.close(self._writer)
        os.close(self._reader)

    def _hear(self, number: int, _frame: FrameType | None) -> None:
        """Take a signal in the main thread; only the first one interrupts it, unless that was lost."""
        again = self._heard.is_set() and not self._lost
        self._lost = False
        self._number = number
        self._token.cancel()
        self._heard.set()
        if not again:
            interrupt()

    def _unraisable(self, args: sys.UnraisableHookArgs) -> None:
        if args.exc_type is Stopped:
            self._lost = True
            os.write(self._writer, bytes([_LOST]))
        else:
            self._hook(args)

    def _watch(self) -> None:
        began, sent = 0.0, False
        while (byte := os.read(self._reader, 1)[0]) != _END:
            if byte == _LOST:
                sent = True
                time.sleep(0.002)  # until the callback that lost it has returned
                signal.pthread_kill(threading.main_thread().ident or 0, self._number)
            elif byte not in self._before:
                continue
            elif sent:
                sent = False
            elif not began:
                began = time.monotonic()
                self._token.cancel()
                if not self._heard.wait(_AGAIN):  # it came just before the main thread began to wait, for a key say
                    sent = True
                    signal.pthread_kill(threading.main_thread().ident or 0, byte)
                if not self._heard.wait(_WITH_A_SCREEN if acts() else _PATIENCE):
                    end_process()
            elif time.monotonic() - began > _SAME:
                end_process()
