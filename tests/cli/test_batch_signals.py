"""Held: signals end a batch as they should."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from batch_commands import WHOLE, Place, meanwhile
from fake_assistant import Told, records
from sending_signals import environment, heed

from rag.batch.progress import Progress

# --- signals ----------------------------------------------------------------------------


@pytest.mark.usefixtures("heeding")
@pytest.mark.parametrize("kind", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("made", [2, 3], ids=["while it is asked", "while its answer is written down"])
@pytest.mark.parametrize("output", [True, False])
def test_a_signal_ends_the_run_after_what_is_on_disk(
    place: Place, monkeypatch: pytest.MonkeyPatch, kind: signal.Signals, made: int, output: bool
) -> None:
    asked: list[str] = []
    before = signal.getsignal(kind)
    count = Progress.add

    def act(_: Told, question: str) -> None:
        asked.append(question)
        if len(asked) == 3 and made == 2:
            os.kill(os.getpid(), kind)

    def add(self: Progress, status: str) -> None:
        if len(asked) == 3:
            os.kill(os.getpid(), kind)
        count(self, status)

    meanwhile(monkeypatch, act)
    monkeypatch.setattr(Progress, "add", add)
    assert place.batch(*(["-o", "answers.jsonl"] if output else [])) == 130
    monkeypatch.undo()
    assert len(asked) == 3 and signal.getsignal(kind) == before
    assert place.err.endswith("beleg: stopped\n")
    if output:
        assert len(records(place.folder / "answers.jsonl.part")) == 1 + made
        assert "stopped before the end; --resume goes on" in place.err
    else:
        ids = [json.loads(line)["id"] for line in place.out.splitlines()]
        assert len(ids) == made and ids == [identity for identity in WHOLE if identity in ids]
        assert "--resume" not in place.err


@pytest.mark.usefixtures("heeding")
def test_a_run_that_a_signal_stopped_goes_on(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        meanwhile(patch, lambda told, _: signal.raise_signal(signal.SIGTERM) if len(told.groups) == 2 else None)
        assert place.batch("-q", "-o", "answers.jsonl") == 130 and place.err == "beleg: stopped\n"
    assert place.batch("--resume", "-o", "answers.jsonl") == 3 and place.answers() == WHOLE


HANGING = """
import sys, time
import rag.answering.assistant, rag.cli.main
from fake_assistant import ROWS, Told
from rag.system.cancellation import deferred

class Hanging(Told):
    def _answer(self, asked):
        if asked.question == ROWS[4]["question"]:
            with deferred():  # as in a call of native code that asks nobody
                print("now", flush=True)
                time.sleep(60)
        return super()._answer(asked)

rag.answering.assistant.Assistant = Hanging
sys.exit(rag.cli.main.main(sys.argv[1:]))
"""


def test_a_second_ctrl_c_ends_the_process_and_leaves_what_was_counted(place: Place, small_library: Path) -> None:
    command = [sys.executable, "-c", HANGING, "batch", "questions.jsonl", "-o", "answers.jsonl"]
    settings = environment(BELEG_LIBRARY=str(small_library))
    with subprocess.Popen(
        command, env=settings, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=heed
    ) as process:
        assert process.stdout is not None and process.stderr is not None
        assert process.stdout.readline() == "now\n"
        process.send_signal(signal.SIGINT)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.5)
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 130
        assert process.stderr.read().endswith("beleg: stopped\n")
    assert len(records(place.folder / "answers.jsonl.part")) > 1
    assert place.batch("--resume", "-o", "answers.jsonl") == 3 and place.answers() == WHOLE
