"""Held: a token of cancellation is cancelled with those above it, and waits end."""

from __future__ import annotations

import signal
import threading
import time
from contextlib import suppress

import click
import pytest
from click import ClickException

from rag.cli.main import main
from rag.errors import BelegError
from rag.system.cancellation import CancelToken, Stopped, deferred, instead, interrupt

_HARD = 5.0  # seconds that a busy machine may take for what takes some hundredths of a second

# --- tokens -----------------------------------------------------------------------------


def test_a_token_is_cancelled_with_any_above_it_and_cancels_none_of_them() -> None:
    above, other = CancelToken(), CancelToken()
    token = CancelToken(above, None, other)
    child = CancelToken(token)
    child.cancel()
    assert child.cancelled and not (token.cancelled or above.cancelled or other.cancelled)
    other.cancel()
    assert token.cancelled and not above.cancelled
    with pytest.raises(Stopped):
        token.check()
    above.check()


@pytest.mark.parametrize("parent", [True, False])
def test_waiting_ends_when_it_is_cancelled_and_says_so(parent: bool) -> None:
    above = CancelToken()
    token = CancelToken(above) if parent else above
    assert not token.wait(0.01)
    timer = threading.Timer(0.05, above.cancel)
    timer.start()
    began = time.monotonic()
    assert token.wait(60) and time.monotonic() - began < _HARD
    timer.join()


def test_what_another_thread_defers_keeps_nothing_back_here() -> None:
    inside, leave = threading.Event(), threading.Event()

    def work() -> None:
        with deferred():
            inside.set()
            leave.wait(20)

    thread = threading.Thread(target=work)
    thread.start()
    inside.wait(20)
    with pytest.raises(Stopped):
        interrupt()
    leave.set()
    thread.join()


def test_a_failure_in_what_is_deferred_is_raised_as_it_is() -> None:
    with pytest.raises(OSError, match="full"), deferred():
        raise OSError("full")


def test_a_stop_that_waits_for_what_fails_is_raised_from_that_and_not_in_the_next_block() -> None:
    with pytest.raises(Stopped) as caught, deferred(), deferred():
        interrupt()
        raise OSError("full")
    assert str(caught.value.__cause__) == "full"
    with deferred():
        pass


def test_a_failure_that_is_caught_within_what_is_deferred_keeps_the_stop() -> None:
    with pytest.raises(Stopped), deferred(), suppress(OSError), deferred():
        interrupt()
        raise OSError("full")


def test_what_is_done_instead_is_done_also_where_what_is_deferred_fails() -> None:
    done: list[str] = []
    with pytest.raises(OSError, match="full"), instead(lambda: done.append("quit")), deferred():
        interrupt()
        raise OSError("full")
    assert done == ["quit"]


@pytest.mark.usefixtures("heeding")
@pytest.mark.parametrize("error", [BelegError("The model failed.", "Ask again."), ClickException("no"), KeyError("x")])
def test_an_error_that_came_of_a_stop_is_the_stop(error: Exception, capsys: pytest.CaptureFixture[str]) -> None:
    @click.command()
    def failing() -> None:
        try:
            signal.raise_signal(signal.SIGINT)
        except Stopped:
            raise error from None

    assert main([], failing) == 130
    assert capsys.readouterr().err == "beleg: stopped\n"


def test_a_stop_is_no_exception_that_could_be_taken_for_a_failure() -> None:
    assert not issubclass(Stopped, Exception)
