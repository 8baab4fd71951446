"""Held: wherever a run is killed, it goes on from there, and its file is the one of a run that was not.

A process of its own runs the command with a scripted assistant, and kills itself at its n-th
step on the disk, for every n: before, within and after each write, sync, replacement and
removal. Processes are forked from one that has imported everything; it says what became of them.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from fake_assistant import ROWS, names, untimed, write_rows
from project import HELPERS, ROOT
from running_beleg import beleg

pytestmark = pytest.mark.slow
# Enough that a run cannot be over before a signal reaches it.
MANY = [
    {**row, **{key: f"{row[key]}-{again}" for key in ("id", "conversation") if key in row}}
    for again in range(40)
    for row in ROWS
]

DRIVER = r"""
import json, os, signal, sys
from pathlib import Path
import rag.answering.assistant, rag.batch.runner, rag.batch.journal, rag.batch.progress
import rag.cli.main, rag.output.report.page, rag.output.csv_sheet
import filelock, rag.system.log_file
from rag.text.language import detect

detect("What takes long to load is loaded here, and not anew in every process that is forked.")
from fake_assistant import Told

rag.answering.assistant.Assistant = Told
folder, ending = Path(sys.argv[1]), sys.argv[2]
answers = folder / f"answers{ending}"
really_open, sync, replace, unlink = Path.open, os.fsync, Path.replace, Path.unlink


class Dying:
    def __init__(self, at):
        self.left = at

    def step(self):
        self.left -= 1
        return self.left == 0

    def die_at(self):
        if self.step():
            os.kill(os.getpid(), signal.SIGKILL)


class File:
    def __init__(self, file, dying):
        self._file, self._dying = file, dying

    def write(self, data):
        if self._dying.step():
            self._file.write(data[: len(data) // 2])
            self._file.flush()
            os.kill(os.getpid(), signal.SIGKILL)
        written = self._file.write(data)
        self._file.flush()
        self._dying.die_at()
        return written

    def __getattr__(self, name):
        return getattr(self._file, name)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._file.close()


def run(at, *more):
    # Return the exit code, or None if it was killed, and how many answers were counted.
    reading, counting = os.pipe()
    child = os.fork()
    if child == 0:
        dying = Dying(at)

        def opened(path, mode="r", *rest, **named):
            file = really_open(path, mode, *rest, **named)
            return File(file, dying) if mode in ("wb", "ab") else file

        def both(function):
            def around(*given, **named):
                dying.die_at()
                made = function(*given, **named)
                dying.die_at()
                return made
            return around

        Path.open, os.fsync, Path.replace, Path.unlink = opened, both(sync), both(replace), both(unlink)
        rag.batch.journal.os.fsync = os.fsync
        count = rag.batch.progress.Progress.add
        rag.batch.progress.Progress.add = lambda self, status: (os.write(counting, b"."), count(self, status))[1]
        sys.stderr = open(os.devnull, "w")
        given = ["batch", str(folder / "questions.jsonl"), "-o", str(answers), "--library", str(folder / "library")]
        os._exit(rag.cli.main.main([*given, *more]))
    os.close(counting)
    counted = 0
    while some := os.read(reading, 100):
        counted += len(some)
    os.close(reading)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return (None if code == -signal.SIGKILL else code), counted


def held():
    # Return how many answers can be read from the files.
    part = answers.with_name(answers.name + ".part")
    if part.exists():
        return max(0, part.read_bytes().count(b"\n") - 1)
    return answers.read_bytes().count(b"\n") if answers.exists() and answers.read_bytes() != before else 0


def clear():
    for file in folder.glob("answers*"):
        file.unlink()


before = b"an earlier run's\n"
said, code, at = [], None, 0
while code is None:
    at += 1
    clear()
    answers.write_bytes(before)
    code, counted = run(at)
    on_disk, again = held(), None
    kept = before in [file.read_bytes() for file in folder.glob("answers*")]
    if code is None:
        if answers.exists() and answers.read_bytes() == before:
            again, _ = run(0)  # it was killed before it began
        else:
            again, _ = run(at * 7 % 31 + 1, "--resume")
            if again is None:
                on_disk = min(on_disk, held())
                again, _ = run(0, "--resume")
        if again == 2 and not list(folder.glob("*.part")):
            again = 3  # a finished run of another form says that there is nothing to go on with
    files = {file.name: file.read_text(encoding="utf-8") for file in sorted(folder.glob("answers*"))}
    said.append({"code": code, "counted": counted, "on_disk": on_disk, "again": again, "kept": kept, "files": files})
print(json.dumps(said))
"""


@pytest.fixture
def place(tmp_path: Path, small_library: Path) -> Path:
    """A folder with a library of two documents, and questions."""
    shutil.copytree(small_library, tmp_path / "library")
    write_rows(tmp_path / "questions.jsonl", ROWS)
    return tmp_path


def driven(folder: Path, ending: str) -> list[dict[str, Any]]:
    """Run the driver; return what became of each run."""
    paths = os.pathsep.join(map(str, (HELPERS, ROOT)))
    clean = {key: value for key, value in os.environ.items() if not key.startswith("BELEG_")}
    done = subprocess.run(
        [sys.executable, "-c", DRIVER, str(folder), ending],
        env=clean | {"PYTHONPATH": paths},
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert done.returncode == 0, done.stderr
    runs: list[dict[str, Any]] = json.loads(done.stdout)
    return runs


@pytest.mark.parametrize("ending", [".jsonl", ".csv", pytest.param(".html", marks=pytest.mark.stress)])
def test_a_run_killed_at_any_step_ends_in_the_same_file_when_it_is_taken_up_again(place: Path, ending: str) -> None:
    *killed, last = driven(place, ending)
    whole = last["files"][f"answers{ending}"]
    assert last["code"] == 3 and last["counted"] == len(ROWS) and len(killed) > 5 * len(ROWS)
    assert set(last["files"]) == {f"answers{ending}", f"answers{ending}.old"}
    for at, run in enumerate(killed, 1):
        assert run["code"] is None and run["kept"], at
        assert run["on_disk"] >= run["counted"], at  # what was counted is there
        assert run["again"] == 3, at
        assert run["files"] == last["files"] and whole, at
    assert {run["counted"] for run in killed} == set(range(len(ROWS) + 1))


def on_any_processor() -> None:
    """Run where there is room, and not where whoever waits for the process does (see the suite's conftest)."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, range(os.cpu_count() or 1))


def stopped(place: Path, cache: Path, kind: signal.Signals, more: int, *flags: str) -> bool:
    """Run the command, with the real models, and send the signal once it has so many answers more.

    False if the last answers came before the signal did, which a busy machine may take its time for.
    """
    journal = place / "night.jsonl.part"

    def lines() -> int:
        return journal.read_bytes().count(b"\n") if journal.exists() else 0

    enough = max(1, lines()) + more
    command = [sys.executable, "-m", "rag", "batch", "questions.jsonl", "-o", "night.jsonl", *flags]
    environment = os.environ | {"BELEG_CACHE": str(cache), "BELEG_LIBRARY": str(place / "library")}
    process = subprocess.Popen(
        command, cwd=place, env=environment, stderr=subprocess.PIPE, text=True, preexec_fn=on_any_processor
    )
    try:
        until = time.monotonic() + 120
        while lines() < enough and process.poll() is None and time.monotonic() < until:
            time.sleep(0.005)
        process.send_signal(kind)
        _, told = process.communicate(timeout=60)
    finally:
        process.kill()
    if process.returncode == 3:
        return False
    assert process.returncode == 130 and "--resume goes on" in told and "Traceback" not in told, told
    assert len(untimed(place / "night.jsonl")) < len(MANY)
    assert lines() >= enough and journal.read_bytes().endswith(b"\n")
    return True


def test_a_run_stopped_by_signals_goes_on_and_gives_the_answers_of_one_that_was_not(place: Path, cache: Path) -> None:
    write_rows(place / "questions.jsonl", MANY)
    assert beleg(place, cache, "batch", "questions.jsonl", "-o", "whole.jsonl").returncode == 3
    for _ in range(5):
        for file in place.glob("night*"):
            file.unlink()
        if stopped(place, cache, signal.SIGINT, 1) and stopped(place, cache, signal.SIGTERM, 2, "--resume"):
            break
    else:
        pytest.fail("no run was stopped before it had ended")
    done = beleg(place, cache, "batch", "questions.jsonl", "-o", "night.jsonl", "--resume")
    assert done.returncode == 3 and "answers are there already" in done.stderr
    assert untimed(place / "night.jsonl") == untimed(place / "whole.jsonl")
    assert [name for name in names(place) if name.startswith("night")] == ["night.jsonl"]
