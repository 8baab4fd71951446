"""Held: who waits for a batch is told how far it is, and no stream that fails stops the batch."""

from __future__ import annotations

import gc
import io
import os
import re
import struct
import sys
import time
from contextlib import suppress
from typing import Any

import pytest

from rag.batch.progress import Progress


class Clock:
    """A clock that goes on when it is told to."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def run(
    progress: Progress, clock: Clock, seconds: float, answered: int = 0, not_found: int = 0, error: int = 0
) -> None:
    """Add so many answers, evenly within so many seconds."""
    statuses = ["answered"] * answered + ["not_found"] * not_found + ["error"] * error
    for status in statuses:
        clock.seconds += seconds / len(statuses)
        progress.add(status)


def last(total: int, seconds: float, done: int = 0, **counts: int) -> str:
    """Return the last line of a run that is ended after these answers."""
    clock, stream = Clock(), io.StringIO()
    with Progress(total, done, stream=stream, now=clock) as progress:
        run(progress, clock, seconds, **counts)
    return stream.getvalue().splitlines()[-1]


# --- lines -------------------------------------------------------------------------------


def test_a_line_says_how_far_it_is_how_fast_and_how_long_it_takes_yet() -> None:
    said = last(500, 24.1304, answered=30, not_found=6, error=1)
    assert said == ("37 of 500 done: 30 answered, 6 not found, 1 error, 92 questions a minute, about 5 min left")


@pytest.mark.parametrize(
    ("total", "seconds", "counts", "end"),
    [
        (2, 60, {"answered": 1}, "1 answered, 0 not found, 0 errors, 1 question a minute, about 1 min left"),
        (2, 61, {"answered": 1}, ", less than 1 question a minute, about 1 min left"),
        (9, 60, {"error": 2}, "2 errors, 2 questions a minute, about 4 min left"),
        (9, 8, {"answered": 1}, ", about 1 min left"),
        (9, 7.4, {"answered": 1}, ", less than a minute left"),
        (60, 60, {"answered": 1}, ", about 59 min left"),
        (61, 60, {"answered": 1}, ", about 1 h left"),
        (131, 60, {"answered": 1}, ", about 2 h 10 min left"),
        (61, 59.8, {"answered": 1}, ", about 1 h left"),
        (2, 60, {"answered": 2}, "0 errors, 2 questions a minute"),
        (2, 0, {"answered": 1}, "1 answered, 0 not found, 0 errors"),
    ],
)
def test_a_line_has_its_words_in_the_right_number(total: int, seconds: float, counts: Any, end: str) -> None:
    assert last(total, seconds, **counts).endswith(end)


def test_lines_come_at_most_every_five_seconds_and_one_at_the_end() -> None:
    clock, stream = Clock(), io.StringIO()
    with Progress(100, stream=stream, now=clock) as progress:
        run(progress, clock, 12, answered=12)
        assert [line.split()[0] for line in stream.getvalue().splitlines()] == ["5", "10"]
    assert [line.split()[0] for line in stream.getvalue().splitlines()] == ["5", "10", "12"]
    assert stream.getvalue().endswith("left\n")


def test_a_quick_run_has_its_one_line_at_the_end() -> None:
    clock, stream = Clock(), io.StringIO()
    with Progress(3, stream=stream, now=clock) as progress:
        run(progress, clock, 3, answered=3)
        assert stream.getvalue() == ""
    assert stream.getvalue() == "3 of 3 done: 3 answered, 0 not found, 0 errors, 60 questions a minute\n"


def test_the_last_line_is_not_said_twice() -> None:
    clock, stream = Clock(), io.StringIO()
    with Progress(1, stream=stream, now=clock) as progress:
        run(progress, clock, 9, answered=1)
        progress.close()
    progress.close()
    assert len(stream.getvalue().splitlines()) == 1


@pytest.mark.parametrize("kind", [io.StringIO, Terminal])
def test_after_the_end_nothing_more_is_said(kind: type[io.StringIO]) -> None:
    clock, stream = Clock(), kind()
    with Progress(9, stream=stream, now=clock) as progress:
        run(progress, clock, 2, answered=2)
    said = stream.getvalue()
    run(progress, clock, 60, answered=2)
    progress.close()
    assert stream.getvalue() == said


def test_a_run_that_is_stopped_says_how_far_it_came() -> None:
    clock, stream = Clock(), io.StringIO()
    with suppress(KeyboardInterrupt), Progress(9, stream=stream, now=clock) as progress:
        run(progress, clock, 2, answered=2)
        raise KeyboardInterrupt
    assert stream.getvalue().startswith("2 of 9 done: 2 answered,")


def test_what_an_earlier_run_did_counts_but_not_in_the_rate() -> None:
    clock, stream = Clock(), io.StringIO()
    already = {"answered": 80, "error": 10}
    with Progress(100, 90, stream=stream, now=clock, already=already) as progress:
        run(progress, clock, 60, answered=1, not_found=1)
        assert progress.counts == {"answered": 81, "not_found": 1, "about": 0, "error": 10}
    assert stream.getvalue().splitlines()[-1] == (
        "92 of 100 done: 81 answered, 1 not found, 10 errors, 2 questions a minute, about 4 min left"
    )
    assert already == {"answered": 80, "error": 10}


def test_where_nothing_was_left_to_do_there_is_no_rate() -> None:
    clock, stream = Clock(), io.StringIO()
    with Progress(5, 5, stream=stream, now=clock, already={"answered": 5}):
        clock.seconds += 60
    assert stream.getvalue() == "5 of 5 done: 5 answered, 0 not found, 0 errors\n"


@pytest.mark.parametrize("kind", [io.StringIO, Terminal])
def test_quiet_is_quiet_and_counts_all_the_same(kind: type[io.StringIO]) -> None:
    clock, stream = Clock(), kind()
    with Progress(9, stream=stream, quiet=True, now=clock) as progress:
        run(progress, clock, 60, answered=2, error=1)
    assert stream.getvalue() == ""
    assert progress.counts == {"answered": 2, "not_found": 0, "about": 0, "error": 1}


# --- a bar -------------------------------------------------------------------------------


def frames(stream: io.StringIO) -> list[str]:
    """Return what the bar's line was, one after the other."""
    return [frame.rstrip() for frame in stream.getvalue().split("\r")]


def test_on_a_terminal_a_bar_says_it_and_goes_away() -> None:
    clock, stream = Clock(), Terminal()
    with Progress(500, 10, stream=stream, now=clock, already={"answered": 10}) as progress:
        run(progress, clock, 10, answered=9, not_found=6)
        time.sleep(0.15)  # a bar is painted ten times a second at most
        run(progress, clock, 1, error=1)
        shown = [frame for frame in frames(stream) if frame]
    assert re.fullmatch(r"10/500 \S*\s+10 answered, 0 not found, 0 errors", shown[0])
    assert re.fullmatch(r"26/500 \S+\s+19 answered, 6 not found, 1 error, 87/min, about 5 min left", shown[-1])
    assert "\n" not in stream.getvalue()
    assert frames(stream)[-2:] == ["", ""]  # the line is cleared


def test_a_bar_says_so_where_it_is_slow() -> None:
    clock, stream = Clock(), Terminal()
    with Progress(2, stream=stream, now=clock) as progress:
        time.sleep(0.15)
        run(progress, clock, 90, answered=1)
    assert "<1/min, about 2 min left" in stream.getvalue()


@pytest.mark.skipif(os.name != "posix", reason="pseudo-terminals")
@pytest.mark.parametrize("columns", [80, 140])
def test_a_bar_is_as_wide_as_its_terminal_and_80_columns_are_enough(columns: int) -> None:
    import fcntl
    import termios

    reader, writer = os.openpty()
    fcntl.ioctl(writer, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    clock = Clock()
    with os.fdopen(writer, "w", encoding="utf-8") as stream, Progress(5000, stream=stream, now=clock) as progress:
        run(progress, clock, 800, answered=1000, not_found=200, error=33)
        time.sleep(0.15)
        run(progress, clock, 1, error=1)
    said = b""
    with suppress(OSError):  # which is how a terminal ends that was closed
        while part := os.read(reader, 1 << 16):
            said += part
    os.close(reader)
    shown = [frame for frame in said.decode("utf-8").split("\r") if frame.strip()]
    assert shown[-1].startswith("1234/5000 ")
    assert shown[-1].endswith(" 1000 answered, 200 not found, 34 errors, 92/min, about 41 min left")
    assert columns - 1 <= len(shown[-1]) <= columns


# --- streams that fail -------------------------------------------------------------------


class Broken(io.StringIO):
    """A stream on which nothing can be written, of which no one knows before whether it is a terminal."""

    def __init__(self, error: Exception, terminal: bool) -> None:
        super().__init__()
        self.error, self.terminal = error, terminal

    def isatty(self) -> bool:
        return self.terminal

    def write(self, _text: str) -> int:
        raise self.error

    def flush(self) -> None:
        raise self.error


@pytest.fixture
def complaints(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What Python would say on standard error of errors where none can be raised."""
    found: list[Any] = []
    monkeypatch.setattr(sys, "unraisablehook", found.append)
    return found


@pytest.mark.parametrize("terminal", [True, False])
@pytest.mark.parametrize(
    "error", [BrokenPipeError(32, "gone"), OSError(5, "gone"), OSError(28, "full"), ValueError("closed"), ValueError()]
)
def test_a_stream_that_fails_stops_nothing(error: Exception, terminal: bool, complaints: list[Any]) -> None:
    clock = Clock()
    with Progress(9, stream=Broken(error, terminal), now=clock) as progress:
        run(progress, clock, 60, answered=2)
        time.sleep(0.15)
        run(progress, clock, 60, error=1)
    assert progress.counts == {"answered": 2, "not_found": 0, "about": 0, "error": 1}
    del progress
    gc.collect()
    assert complaints == []


@pytest.mark.parametrize("kind", [io.StringIO, Terminal])
@pytest.mark.parametrize("early", [True, False])
def test_a_stream_that_is_closed_stops_nothing(kind: type[io.StringIO], early: bool) -> None:
    clock, stream = Clock(), kind()
    if early:
        stream.close()
    with Progress(9, stream=stream, now=clock) as progress:
        stream.close()
        run(progress, clock, 60, answered=2)
    assert progress.counts["answered"] == 2


def test_a_pipe_that_no_one_reads_stops_nothing() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    stream, clock = os.fdopen(writer, "w", encoding="utf-8"), Clock()
    with Progress(9, stream=stream, now=clock) as progress:
        run(progress, clock, 60, answered=4)
    assert progress.counts["answered"] == 4
    with pytest.raises(BrokenPipeError):  # it was broken indeed
        stream.close()


def test_a_stream_without_the_letters_of_a_bar_is_no_error() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    stream.isatty = lambda: True  # type: ignore[method-assign]
    clock = Clock()
    with Progress(9, stream=stream, now=clock) as progress:
        time.sleep(0.15)
        run(progress, clock, 60, answered=4)
    assert b"1/9 " in raw.getvalue()


def test_another_error_than_of_the_stream_is_not_swallowed() -> None:
    with pytest.raises(KeyError):
        Progress(9, stream=io.StringIO()).add("unknown")
