"""Held: a model is tried in a child before it is run here; no child's death is ours, and its verdict lasts.

The models are real, whole and broken, and the children that die really die.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from broken_models import BROKEN, make

from rag.errors import ModelUnavailable
from rag.models import generator, llama_sequences, trial, trial_verdicts
from rag.models.bundled import load_generator
from rag.models.llama_runtime import Runtime
from rag.models.trial import LADDER, admitted, settings_of
from rag.models.trial_verdicts import kept, key_of, verdicts
from rag.models.writer import Task
from rag.settings import Settings
from rag.system.cancellation import CancelToken, Stopped

pytestmark = pytest.mark.slow

Fates = Callable[..., None]
DEADLY = "deadly_child"


@pytest.fixture(scope="module")
def whole(cache: Path) -> Path:
    """The embedded LLM, prepared."""
    loaded = load_generator(Settings(cache=cache, threads=2))
    loaded.close()
    return loaded.path


@pytest.fixture
def fates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fates:
    """Says what befalls the child on each way of the ladder."""
    monkeypatch.setenv("DEADLY_LOG", str(tmp_path / "ran"))
    return lambda *words: monkeypatch.setenv("DEADLY", " ".join(words))


def ran(tmp_path: Path) -> list[str]:
    """Return what has befallen children so far."""
    file = tmp_path / "ran"
    return file.read_text().split() if file.exists() else []


def deadly(path: Path, tmp_path: Path) -> Runtime:
    return admitted(path, tmp_path, threads=2, child=DEADLY)


# --- the whole model -----------------------------------------------------------------


def test_the_embedded_model_is_admitted_with_everything_on_or_a_safer_way_and_its_sums_are_exact(
    whole: Path, tmp_path: Path
) -> None:
    assert admitted(whole, tmp_path, threads=2) in LADDER
    (verdict,) = verdicts(tmp_path)
    assert verdict.exact and verdict.attempts[-1].outcome == "same"


@pytest.mark.parametrize("runtime", LADDER)
def test_every_way_of_the_ladder_reads_as_the_plainest_does(runtime: Runtime, whole: Path) -> None:
    task = {"do": "try", "path": str(whole), "threads": 2, "context": 4096}
    fields = {name: getattr(runtime, name) for name in ("extra_buffers", "flash_attention", "threads")}
    ended = trial.run_child(trial.CHILD, {**task, "runtime": fields}, seconds=120)
    assert ended.steps[-1]["step"] == "same" and ended.steps[-1]["exact"] is True, ended


def test_scores_of_another_text_would_be_told_apart(whole: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from rag.models import trial_child

    steps: list[dict[str, object]] = []
    plain = trial_child._plain_scores(whole)
    monkeypatch.setattr(trial_child, "_plain_scores", lambda _: plain[::-1])
    trial_child.try_model(whole, Runtime(), 2, steps.append)
    assert steps[-1]["step"] == "differs"


# --- what befalls it -----------------------------------------------------------------


@pytest.mark.parametrize("death", ["SIGSEGV", "SIGKILL", "SIGILL", "SIGABRT", "eat", "differ", "babble"])
def test_a_way_that_kills_the_child_is_left_for_a_safer_one(
    death: str, whole: Path, tmp_path: Path, fates: Fates
) -> None:
    second = "live" if death == "SIGSEGV" else "fine"
    fates(death, second, "fine", "fine")
    assert deadly(whole, tmp_path) == LADDER[1]
    assert ran(tmp_path) == [death, second]
    (verdict,) = verdicts(tmp_path)
    assert [attempt.outcome == "same" for attempt in verdict.attempts] == [False, True]
    assert all(attempt.outcome.isprintable() and len(attempt.outcome) < 600 for attempt in verdict.attempts)
    assert death in verdict.attempts[0].outcome or death in ("SIGKILL", "eat", "differ", "babble")


@pytest.mark.parametrize("silence", ["hang", "mute"])
def test_a_child_that_hangs_is_ended(
    silence: str, whole: Path, tmp_path: Path, fates: Fates, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trial, "_SECONDS", 1)
    fates(silence, "SIGSEGV", "live", "live")
    began = time.monotonic()
    with pytest.raises(ModelUnavailable, match="dies of SIGSEGV"):
        deadly(whole, tmp_path)
    assert time.monotonic() - began < 30 and ran(tmp_path) == [silence, "SIGSEGV"]


def test_a_model_that_dies_in_every_way_is_refused_in_a_sentence_and_not_tried_again(
    whole: Path, tmp_path: Path, fates: Fates
) -> None:
    fates("differ", "differ", "differ", "differ")
    for _ in range(2):
        with pytest.raises(ModelUnavailable) as caught:
            deadly(whole, tmp_path)
        assert str(whole) in caught.value.reason and "scores differ" in caught.value.reason and caught.value.remedy
        assert str(caught.value).isprintable()
    assert ran(tmp_path) == ["differ"] * 4


@pytest.mark.parametrize("lack", ["SIGKILL", "hang"])
def test_what_a_full_or_busy_machine_brings_about_is_no_lasting_verdict(
    lack: str, whole: Path, tmp_path: Path, fates: Fates, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trial, "_SECONDS", 0.5)
    fates(lack, lack, lack, lack)
    with pytest.raises(ModelUnavailable):
        deadly(whole, tmp_path)
    assert verdicts(tmp_path) == []


def test_a_model_that_needs_a_safer_way_answers_in_it(
    whole: Path, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    verdict = kept(cache, key_of(whole, settings_of(2)))
    assert verdict is not None and verdict.runtime == LADDER[0]
    mine = tmp_path / "cache"
    shutil.copytree(whole.parent, mine / "llms", copy_function=shutil.copy2)
    (copy,) = (mine / "llms").glob("*.gguf")
    made = replace(verdict, key=key_of(copy, settings_of(2)), runtime=LADDER[-1])
    trial_verdicts.keep(mine, made)
    opened: list[bool] = []
    real = llama_sequences.Streams

    def open_streams(*args: Any, flash: bool, **rest: Any) -> llama_sequences.Streams:
        opened.append(flash)
        return real(*args, flash=flash, **rest)

    monkeypatch.setattr(generator, "Streams", open_streams)
    safe = load_generator(Settings(cache=mine, threads=2))
    ((_, written),) = safe.write([Task((("user", "Why did the mill burn down?"),), 2)])
    assert written.text and opened == [False]
    safe.close()


@pytest.mark.parametrize(
    ("words", "taken", "exact"),
    [
        (["inexact", "fine"], 1, True),
        (["inexact"] * 4, 0, False),
        (["SIGSEGV", "inexact", "differ", "SIGSEGV"], 1, False),
    ],
)
def test_a_way_whose_sums_do_not_depend_on_company_is_preferred(
    words: list[str], taken: int, exact: bool, whole: Path, tmp_path: Path, fates: Fates
) -> None:
    fates(*words)
    assert deadly(whole, tmp_path) == LADDER[taken]
    twice = [word for word in words for _ in range(1 + (word == "inexact"))]  # the second time in even rows
    assert verdicts(tmp_path)[0].exact == exact and ran(tmp_path) == twice


def test_a_trial_ends_at_once_when_told_to_stop(whole: Path, tmp_path: Path, fates: Fates) -> None:
    fates("hang", "hang", "hang", "hang")
    stop = CancelToken()
    threading.Timer(1.0, stop.cancel).start()
    began = time.monotonic()
    with pytest.raises(Stopped):
        admitted(whole, tmp_path, threads=2, child=DEADLY, cancel=stop)
    assert time.monotonic() - began < 3


def test_no_module_of_the_present_folder_is_run(
    whole: Path, tmp_path: Path, fates: Fates, monkeypatch: pytest.MonkeyPatch
) -> None:
    fates("fine", "fine", "fine", "fine")
    for name in ("json.py", "rag.py", "numpy.py"):
        (tmp_path / name).write_text("raise SystemExit(7)", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert deadly(whole, tmp_path) == LADDER[0]


# --- the verdict -----------------------------------------------------------------------


def test_a_verdict_is_kept_and_no_child_is_run_again(whole: Path, tmp_path: Path, fates: Fates) -> None:
    fates("fine", "fine", "fine", "fine")
    deadly(whole, tmp_path)
    fates("SIGSEGV", "SIGSEGV", "SIGSEGV", "SIGSEGV")
    assert deadly(whole, tmp_path) == LADDER[0]
    assert ran(tmp_path) == ["fine"]
    (file,) = (tmp_path / "trials").iterdir()
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_library_that_the_environment_names_is_another_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = trial_verdicts.build()
    monkeypatch.setenv("LLAMA_CPP_LIB_PATH", str(tmp_path))
    with pytest.raises(ModelUnavailable, match="not installed whole"):
        trial_verdicts.build()
    (tmp_path / "libllama.so").write_bytes(b"another")
    assert trial_verdicts.build() != here


@pytest.mark.parametrize("part", ["library", "processor", "file", "threads", "way of trying"])
def test_a_verdict_is_asked_anew_when_what_it_is_about_changes(
    part: str, whole: Path, tmp_path: Path, fates: Fates, monkeypatch: pytest.MonkeyPatch
) -> None:
    fates("fine", "fine", "fine", "fine")
    model = tmp_path / "model.gguf"
    model.hardlink_to(whole)
    threads = 2
    admitted(model, tmp_path, threads=threads, child=DEADLY)
    if part == "library":
        monkeypatch.setattr(trial_verdicts, "build", lambda: "another build")
    elif part == "processor":
        monkeypatch.setattr(trial_verdicts, "processor", lambda: "another processor")
    elif part == "file":
        model.unlink()
        shutil.copyfile(whole, model)
    elif part == "threads":
        threads = 1
    else:
        monkeypatch.setattr(trial, "_VERSION", 99)
    admitted(model, tmp_path, threads=threads, child=DEADLY)
    assert ran(tmp_path) == ["fine", "fine"]


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", "null", '{"key": 1}', "{" * 50_000, '{"key": {}, "runtime": {"threads": 0}}']
)
def test_a_damaged_verdict_is_none(text: str, whole: Path, tmp_path: Path) -> None:
    key = key_of(whole, settings_of(2))
    (tmp_path / "trials").mkdir()
    (tmp_path / "trials" / f"{key.digest}.json").write_text(text, encoding="utf-8")
    assert kept(tmp_path, key) is None and verdicts(tmp_path) == []


@pytest.mark.parametrize(
    "runtime",
    [
        {"threads": -1},
        {"extra_buffers": 1},
        {"gpu": True},
        {"gpu_layers": -1},
        {"kv_type": "q4"},
        {"kv_type": []},
        "fast",
    ],
)
def test_a_verdict_that_was_tampered_with_is_none(runtime: object, whole: Path, cache: Path, tmp_path: Path) -> None:
    key = key_of(whole, settings_of(2))
    row = json.loads((cache / "trials" / f"{key.digest}.json").read_text())
    (tmp_path / "trials").mkdir()
    file = tmp_path / "trials" / f"{key.digest}.json"
    file.write_text(json.dumps(row))
    assert kept(tmp_path, key) is not None
    row["runtime"] = {**row["runtime"], **runtime} if isinstance(runtime, dict) else runtime
    file.write_text(json.dumps(row))
    assert kept(tmp_path, key) is None


def test_where_the_cache_cannot_be_written_the_model_is_admitted_all_the_same(whole: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    assert admitted(whole, tmp_path / "file", threads=2) in LADDER


def test_a_kept_verdict_costs_next_to_nothing(whole: Path, cache: Path) -> None:
    began = time.perf_counter()
    admitted(whole, cache, threads=2)
    assert time.perf_counter() - began < 0.05  # .0003 where it was measured


# --- broken files ------------------------------------------------------------------------


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_model_is_refused_in_a_sentence(kind: str, whole: Path, tmp_path: Path) -> None:
    path = make(kind, BROKEN[kind], whole, tmp_path)
    with pytest.raises(ModelUnavailable) as caught:
        load_generator(Settings(cache=tmp_path / "cache", llm=str(path), threads=2))
    assert str(path) in caught.value.reason and caught.value.remedy
    path.unlink()


def test_a_model_larger_than_all_memory_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "giant.gguf"
    path.write_bytes(b"GGUF")
    with path.open("r+b") as file:
        file.truncate(1 << 43)
    began = time.monotonic()
    with pytest.raises(ModelUnavailable, match="8192 GB"):
        load_generator(Settings(cache=tmp_path / "cache", llm=str(path), threads=2))
    assert time.monotonic() - began < 2


def test_the_command_says_what_is_wrong_with_a_broken_model_and_ends(
    whole: Path, cache: Path, seed_library: Path, tmp_path: Path
) -> None:
    path = make("no layers", BROKEN["no layers"], whole, tmp_path)
    command = [sys.executable, "-m", "rag", "--library", str(seed_library), "--llm", str(path), "ask", "Who?"]
    command[3:3] = ["--mode", "compose"]
    environment = {**os.environ, "BELEG_CACHE": str(cache)}
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, env=environment)
    assert (done.returncode, done.stdout) == (4, "")
    assert done.stderr.startswith(f"beleg: {path} cannot be run here") and len(done.stderr.splitlines()) == 1
