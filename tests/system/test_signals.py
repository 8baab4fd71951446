"""Held: a signal stops a program wherever it is, once and in order; what was ignored stays ignored."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from sending_signals import environment, heed

from rag.system import signals

pytestmark = pytest.mark.slow

_HARD = 5.0  # seconds that a busy machine may take for what takes some hundredths of a second

_BEGIN = """
import ctypes, os, signal, sys, threading, time
from rag.system import cancellation
from rag.system import signals
from rag.system.cancellation import Stopped, deferred
patience, signals._PATIENCE = signals._PATIENCE, 30.0  # a busy machine may keep Python itself waiting

def hang():  # in native code, which no signal interrupts and Python's handlers do not run in
    mutex, lock = ctypes.create_string_buffer(64), ctypes.CDLL(None).pthread_mutex_lock
    lock(mutex), lock(mutex)

def main():
    with signals.heeded() as cancel:
        try:
            work(cancel)
        except Stopped:
            print("raised", flush=True)
            raise

def begin():
    print("now", flush=True)
"""


_END = """
try:
    main()
except Stopped:
    print("stopped", flush=True)
    sys.exit(130)
print("ended", flush=True)
"""


@contextmanager
def program(work: str, prepare: Callable[[], None] = heed) -> Iterator[subprocess.Popen[str]]:
    """Run a program whose `work` heeds signals, from where it says that it has begun."""
    command = [sys.executable, "-c", _BEGIN + work + _END]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, env=environment(), stdin=pipe, stdout=pipe, stderr=pipe, text=True, preexec_fn=prepare
    ) as process:
        try:
            assert process.stdout is not None and process.stdout.readline() == "now\n"
            yield process
        finally:
            process.kill()


def ended(process: subprocess.Popen[str], kind: signal.Signals = signal.SIGINT) -> tuple[int, str, str]:
    """Send a signal; return the exit code, and what was written since."""
    began = time.monotonic()
    process.send_signal(kind)
    out, err = process.communicate(timeout=20)
    assert time.monotonic() - began < _HARD
    return process.returncode, out, err


# --- where it is ------------------------------------------------------------------------


@pytest.mark.parametrize("kind", signals.SIGNALS)
def test_it_is_stopped_while_it_waits_or_computes(kind: signal.Signals) -> None:
    for work in ("time.sleep(60)", "while True: pass", "sys.stdin.readline()", "threading.Event().wait()"):
        with program(f"def work(cancel):\n begin()\n {work}") as process:
            assert ended(process, kind) == (130, "raised\nstopped\n", "")


def test_a_signal_that_comes_just_before_native_code_begins_to_wait_ends_its_waiting() -> None:
    work = """
def work(cancel):
    threading.Timer(0.3, lambda: signal.pthread_kill(threading.get_ident(), signal.SIGINT)).start()
    begin()
    ctypes.CDLL(None).pause()  # until a signal comes to this thread, as readline's select for a key does
"""
    with program(work) as process:
        began = time.monotonic()
        out, err = process.communicate(timeout=20)
        assert (process.returncode, out, err) == (130, "raised\nstopped\n", "")
        assert time.monotonic() - began < _HARD


def test_what_is_deferred_is_done_whole_and_then_it_stops() -> None:
    work = """
def work(cancel):
    with deferred():
        with deferred():
            begin()
            while not cancel.cancelled:
                time.sleep(0.01)
        print("written", flush=True)
    print("not reached", flush=True)
"""
    with program(work) as process:
        assert ended(process) == (130, "written\nraised\nstopped\n", "")


LOST = {
    "a callback of native code": """
def work(cancel):
    @ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)
    def compare(*_):
        begin()
        while not cancel.cancelled:
            time.sleep(0.01)
        return 0
    array = (ctypes.c_int * 2)(1, 2)
    ctypes.CDLL(None).qsort(array, 2, 4, compare)
    time.sleep(60)
""",
    "a finalizer": """
class Dying:
    def __del__(self):
        begin()
        time.sleep(60)
def work(cancel):
    Dying()
    time.sleep(60)
""",
    "the callback of a weak reference": """
import weakref
class Dying: pass
def work(cancel):
    one = Dying()
    other = weakref.ref(one, lambda _: (begin(), time.sleep(60)))
    del one
    time.sleep(60)
""",
}


@pytest.mark.parametrize("work", LOST.values(), ids=LOST.keys())
def test_where_python_drops_what_is_raised_it_is_raised_again_and_nothing_is_complained_of(work: str) -> None:
    with program(work) as process:
        assert ended(process) == (130, "raised\nstopped\n", "")


def test_native_code_that_asks_nobody_is_not_waited_for() -> None:
    with program(
        "def work(cancel):\n signals._PATIENCE = patience\n threading.Timer(0.2, begin).start()\n hang()"
    ) as process:
        assert ended(process) == (130, "", "beleg: stopped\n")


def test_native_code_that_asks_the_token_ends_by_itself() -> None:
    work = """
def work(cancel):
    thread = threading.Thread(target=lambda: (cancel.wait(60), begin_again()))
    begin_again = lambda: print("asked", flush=True)
    thread.start()
    with deferred():
        begin()
        while thread.is_alive():
            time.sleep(0.01)
"""
    with program(work) as process:
        assert ended(process) == (130, "asked\nraised\nstopped\n", "")


def test_an_error_that_came_of_being_stopped_is_told_as_a_stop() -> None:
    work = """
def work(cancel):
    try:
        begin()
        time.sleep(60)
    except BaseException:
        raise ImportError("numpy failed to import")  # as native modules make of it
"""
    with program(work) as process:
        assert ended(process) == (130, "stopped\n", "")


# --- again, and not at all --------------------------------------------------------------

STUBBORN = """
def work(cancel):
    with deferred():
        begin()
        while True:
            time.sleep(0.01)
            if cancel.cancelled:
                print("heard", flush=True)
                time.sleep(60)
"""


@pytest.mark.parametrize("second", [signal.SIGINT, signal.SIGTERM])
def test_a_second_signal_ends_the_process_at_once(second: signal.Signals) -> None:
    with program(STUBBORN) as process:
        assert process.stdout is not None
        process.send_signal(signal.SIGTERM)
        assert process.stdout.readline() == "heard\n"
        time.sleep(2 * signals._SAME)
        assert ended(process, second) == (130, "", "beleg: stopped\n")


def test_two_signals_in_the_same_moment_are_one() -> None:
    work = """
def work(cancel):
    with deferred():
        begin()
        cancel.wait(60)
        time.sleep(0.5)
        print("written", flush=True)
"""
    with program(work) as process:
        process.send_signal(signal.SIGTERM)  # as `timeout` does
        assert ended(process, signal.SIGTERM) == (130, "written\nraised\nstopped\n", "")


def ignore() -> None:
    heed()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)


def test_what_was_ignored_from_the_beginning_stays_so_and_sigterm_stops() -> None:
    work = """
def work(cancel):
    begin()
    until = time.monotonic() + 0.5
    while time.monotonic() < until:
        time.sleep(0.01)
    print("undisturbed", flush=True)
    time.sleep(60)
"""
    with program(work, ignore) as process:
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGHUP)
        assert process.stdout is not None and process.stdout.readline() == "undisturbed\n"
        assert ended(process, signal.SIGTERM) == (130, "raised\nstopped\n", "")


@pytest.mark.usefixtures("heeding")
def test_afterwards_signals_are_whose_they_were() -> None:
    before = {each: signal.getsignal(each) for each in signals.SIGNALS}
    hook, threads = sys.unraisablehook, threading.active_count()
    for error in (None, KeyError("x")):
        try:
            with signals.heeded() as cancel:
                assert signal.getsignal(signal.SIGTERM) != before[signal.SIGTERM]
                if error:
                    raise error
        except KeyError as raised:
            assert raised is error
        assert not cancel.cancelled
        assert {each: signal.getsignal(each) for each in signals.SIGNALS} == before
        assert sys.unraisablehook is hook and threading.active_count() == threads
    assert signal.set_wakeup_fd(-1) == -1


@pytest.mark.parametrize("kind", signals.SIGNALS)
def test_after_the_last_thing_a_process_does_a_signal_changes_nothing(kind: signal.Signals) -> None:
    work = """
class Late:
    def __del__(self, write=os.write, sleep=time.sleep):  # Python has reset its handlers by then
        write(1, b"now\\n")
        sleep(0.3)
        write(1, b"whole\\n")
late = Late()
def main():
    with signals.heeded(last=True):
        pass
    sys.exit(0)
"""
    with program(work) as process:
        assert ended(process, kind) == (0, "whole\n", "")


def test_in_another_thread_there_is_a_token_and_no_signal() -> None:
    seen: list[tuple[bool, bool]] = []

    def work() -> None:
        before = signal.getsignal(signal.SIGINT)
        with signals.heeded() as cancel:
            seen.append((cancel.cancelled, signal.getsignal(signal.SIGINT) is before))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [(False, True)]
