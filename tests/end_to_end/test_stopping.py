"""Held: a signal at any moment of a real run ends it soon, with 130, one line and nothing false, and it can go on.

Runs of the command with the embedded models over the seeds, each sent a signal some time after it has
begun. A few moments in the suite, many under `-m stress`; tests/benchmarks/stopping.py tells how long it takes.
"""

from __future__ import annotations

import json
import os
import pty
import shutil
import signal
import sqlite3
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fake_assistant import names, records, untimed, write_rows
from project import SEEDS
from sending_signals import MAIN, Ended, environment, heed, moments, run

from rag.conversations.store import Conversations
from rag.evaluation.run import read_run
from rag.index.library import FILE, Library

# Two hundredths of a second to three tenths is what a stop takes (see the benchmark). This is for a
# machine whose processors have ten times as much to do, and tells a stop from a wait all the same.
BOUND = 4.0  # seconds
TROOPS = "How many North Korean troops are in Kursk?"
KINDS = (signal.SIGINT, signal.SIGTERM)
few_and_many = pytest.mark.parametrize("count", [2, pytest.param(12, marks=pytest.mark.stress)])


@pytest.fixture
def place(tmp_path: Path, seed_library: Path) -> Path:
    """A folder with a library of the seeds, and questions."""
    shutil.copytree(seed_library, tmp_path / "library")
    rows = [json.loads(line) for line in (SEEDS / "questions.jsonl").read_text(encoding="utf-8").splitlines()]
    write_rows(tmp_path / "questions.jsonl", rows[:4])
    return tmp_path


@pytest.fixture
def settings_(place: Path, cache: Path) -> dict[str, str]:
    return {"BELEG_CACHE": str(cache), "BELEG_LIBRARY": str(place / "library"), "BELEG_STATE": str(place / "state")}


def stopped(ended: Ended) -> bool:
    """Whether it was stopped, as it has to be; False if it was quicker than the signal, and had done all it does."""
    if not ended.signalled or ended.code in (0, 3):  # that most were stopped is held where this is counted
        return False
    assert ended.code == 130, ended
    assert ended.err.endswith("beleg: stopped\n") and "Traceback" not in ended.err and "rror:" not in ended.err, ended
    assert ended.seconds < BOUND, ended
    return True


@few_and_many
@pytest.mark.parametrize(
    "command", ["ask", "chat", *(pytest.param(name, marks=pytest.mark.stress) for name in ("compose", "search"))]
)
def test_what_asks_is_stopped_at_any_moment(place: Path, settings_: dict[str, str], command: str, count: int) -> None:
    arguments = {
        "ask": ["ask", TROOPS],
        "compose": ["--mode", "compose", "ask", TROOPS],
        "search": ["search", TROOPS],
        "chat": ["chat", "--plain", "--continue"],  # which saves, in a pipe too
    }[command]
    typed = f"{TROOPS}\n" * 3 if command == "chat" else ""
    whole = run(arguments, place, settings_, typed=typed)
    assert whole.code == 0, whole
    times = 0
    for after, kind in moments(whole.seconds, count, KINDS):
        found = run(arguments, place, settings_, after, kind, typed)
        times += stopped(found)
        if command != "chat":
            assert whole.out.startswith(found.out) or not found.signalled
    assert times >= count // 2
    for heading in Conversations(place / "library").headings():
        turns = Conversations(place / "library").open(heading.id).turns
        assert turns and all(turn.answer.status == "answered" for turn in turns)


@pytest.mark.stress  # the suite stops a batch of the real models in test_batch_crash
@few_and_many
def test_a_batch_stopped_at_any_moment_goes_on_and_ends_as_one_that_was_not(
    place: Path, settings_: dict[str, str], count: int
) -> None:
    whole = run(["batch", "questions.jsonl", "-o", "whole.jsonl"], place, settings_)
    assert whole.code in (0, 3), whole
    times = 0
    for after, kind in moments(whole.seconds, count, KINDS):
        for file in place.glob("night*"):
            file.unlink()
        found = run(["batch", "questions.jsonl", "-o", "night.jsonl"], place, settings_, after, kind)
        if stopped(found):
            times += 1
            assert_nothing_false(place)
            more = ["--resume"] if (place / "night.jsonl.part").exists() else []
            done = run(["batch", "questions.jsonl", "-o", "night.jsonl", *more], place, settings_)
            assert done.code == whole.code, done
        assert untimed(place / "night.jsonl") == untimed(place / "whole.jsonl")
        assert [name for name in names(place) if name.startswith("night")] == ["night.jsonl"]
    assert times >= count // 2


def assert_nothing_false(place: Path) -> None:
    """Hold that what a stopped run has counted is what one that was not has, and no question failed by the stop."""
    whole = {row["id"]: row for row in untimed(place / "whole.jsonl")}
    if (place / "night.jsonl").exists():
        answers = untimed(place / "night.jsonl")
        assert [row["id"] for row in answers] == list(whole)[: len(answers)]
        counted = [{**row, "timings": 0} for row in records(place / "night.jsonl.part")[1:]]
        for row in [*answers, *counted]:
            assert row == whole[row["id"]]


@pytest.mark.stress
def test_a_batch_stopped_again_and_again_ends_as_one_that_was_not(place: Path, settings_: dict[str, str]) -> None:
    whole = run(["batch", "questions.jsonl", "-o", "whole.jsonl"], place, settings_)
    found, times = None, 0
    while found is None or found.code == 130:
        more = ["--resume"] if (place / "night.jsonl.part").exists() else []
        after = 0.6 * whole.seconds if times < 3 else None
        found = run(["batch", "questions.jsonl", "-o", "night.jsonl", *more], place, settings_, after, KINDS[times % 2])
        times += stopped(found)
    assert times and found.code == whole.code
    assert untimed(place / "night.jsonl") == untimed(place / "whole.jsonl")


@pytest.mark.stress
@few_and_many
def test_an_evaluation_stopped_at_any_moment_writes_what_was_answered_or_nothing(
    place: Path, settings_: dict[str, str], count: int
) -> None:
    arguments = ["eval", "questions.jsonl", "-q", "--json", "-o", "run.jsonl"]
    whole = run(arguments, place, settings_)
    assert whole.code == 0, whole
    rows = {row["id"]: told(row) for row in read_run(place / "run.jsonl")}
    times = 0
    for after, kind in moments(whole.seconds, count, KINDS):
        before = (place / "run.jsonl").read_bytes()
        if not stopped(found := run(arguments, place, settings_, after, kind)):
            continue
        times += 1
        if not found.out:  # it was stopped before it had an answer, or as it was about to tell of them
            assert (place / "run.jsonl").read_bytes() == before
            continue
        kept = {row["id"]: told(row) for row in read_run(place / "run.jsonl")}
        assert kept == {identity: rows[identity] for identity in kept}
        assert json.loads(found.out)["figures"]["error"]["value"] == 0
    assert times >= count // 2


def told(row: dict[str, Any]) -> dict[str, Any]:
    """Return a judged record but for how long it took."""
    return {**row, "timings": 0, "scores": {**row["scores"], "seconds": 0}}


@few_and_many
def test_indexing_stopped_at_any_moment_leaves_whole_documents_and_goes_on(
    place: Path, settings_: dict[str, str], count: int
) -> None:
    names_ = ("kursk-lage.txt", "rosetta-stone.md", "kursk-background.md")
    (place / "articles").mkdir()
    for name in names_:
        shutil.copy(SEEDS / name, place / "articles" / name)
    whole = run(["index", "articles", "--library", "whole"], place, settings_)
    assert whole.code == 0, whole
    expected = held(place / "whole")
    assert set(expected) == set(names_)
    times = 0
    for after, kind in moments(whole.seconds, count, KINDS):
        shutil.rmtree(place / "other", ignore_errors=True)
        if not stopped(run(["index", "articles", "--library", "other"], place, settings_, after, kind)):
            continue
        times += 1
        if (place / "other" / FILE).exists():
            found = held(place / "other")
            assert found == {name: expected[name] for name in found}
        assert run(["index", "articles", "--library", "other"], place, settings_).code == 0
        assert held(place / "other") == expected
    assert times >= count // 2


def held(folder: Path) -> dict[str, list[Any]]:
    """Return all that a library holds of each document, by its name."""
    with sqlite3.connect(folder / FILE) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        if not db.execute("SELECT 1 FROM sqlite_master WHERE name = 'documents'").fetchone():
            return {}
        found: dict[str, list[Any]] = {}
        for name, sha in db.execute("SELECT name, sha256 FROM documents"):
            found[name] = [sha]
        rows = db.execute(
            'SELECT documents.name, chunks.start, chunks."end", sentences.start, sentences."end", vector FROM sentences'
            " JOIN chunks ON chunks.id = chunk_id JOIN documents ON documents.id = document_id"
            ' ORDER BY documents.name, chunks.start, sentences.start, sentences."end"'
        )
        for name, *row in rows:
            found[name].append(row)
    db.close()
    with Library(folder) as library:
        assert {entry.name for entry in library.entries()} == set(found)
    return found


def test_under_nohup_a_batch_runs_to_its_end(place: Path, settings_: dict[str, str]) -> None:
    command = [
        "nohup",
        sys.executable,
        "-c",
        MAIN,
        "-",
        "batch",
        "questions.jsonl",
        "-o",
        "night.jsonl",
        "--limit",
        "2",
    ]
    process = subprocess.Popen(
        command,
        cwd=place,
        env=environment(**settings_),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=ignore,
    )
    while process.poll() is None:  # the terminal is closed, and closed, and someone presses Ctrl-C
        process.send_signal(signal.SIGHUP)
        process.send_signal(signal.SIGINT)
        time.sleep(0.05)
    assert process.returncode in (0, 3)
    assert len(records(place / "night.jsonl")) == 2 and not (place / "night.jsonl.part").exists()


def ignore() -> None:
    """What a shell without job control does for what it runs in the background; nohup itself ignores SIGHUP."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)


@few_and_many
def test_a_signal_to_the_chat_leaves_the_terminal_as_it_was(settings_: dict[str, str], count: int) -> None:
    for n in range(count):
        on_a_terminal(settings_, (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)[n % 3], 0.4 * n)


def on_a_terminal(settings_: dict[str, str], kind: signal.Signals, after: float) -> None:
    """Run the chat on a terminal, and send it a signal so many seconds after it has taken the screen."""
    master, slave = pty.openpty()
    before, written = termios.tcgetattr(slave), bytearray()
    process = subprocess.Popen(
        [sys.executable, "-c", MAIN, "-"],
        stdin=slave,
        stdout=slave,
        stderr=slave,
        env=environment(TERM="xterm-256color", **settings_),
        preexec_fn=heed,
    )
    reading = threading.Thread(target=read_all, args=(master, written), daemon=True)
    reading.start()
    try:
        until(lambda: b"\x1b[?1049h" in written)  # the screen is its own
        time.sleep(after)
        began = time.monotonic()
        process.send_signal(kind)
        assert process.wait(60) == 130 and time.monotonic() - began < BOUND
        until(lambda: written.endswith(b"beleg: stopped\r\n"))
        assert written.rindex(b"\x1b[?1049l") > written.rindex(b"\x1b[?1049h") and b"Traceback" not in written
        assert termios.tcgetattr(slave) == before
    finally:
        process.kill()
        os.close(slave)
        os.close(master)
        reading.join(5)


def read_all(file: int, into: bytearray) -> None:
    try:
        while part := os.read(file, 65536):
            into += part
    except OSError:  # the terminal has gone
        return


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)
