"""Held: `beleg models try` measures an LLM, says what it is let do, and keeps that, whatever the disk does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ferry_drafts import ToldChecker
from scripted_writer import ScriptedWriter, copied, posed

from rag.cli import try_model as command
from rag.cli.main import main
from rag.models.admission import admission_of

KEY = "ab" * 32


class Bench:
    """The command with a writer whose answers are known; what it printed."""

    def __init__(self, state: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.state, self._capsys = state, capsys
        self.writer = ScriptedWriter()
        self.llm: Any = None
        monkeypatch.setenv("BELEG_STATE", str(state))
        monkeypatch.setattr(command, "_opened", self._opened)
        monkeypatch.setattr(command, "_asked", lambda *_: (posed(), ToldChecker()))

    def _opened(self, settings: Any, _cancel: Any) -> tuple[ScriptedWriter, str]:
        self.llm = settings.llm
        return self.writer, KEY

    def __call__(self, *arguments: str) -> int:
        code = main(["models", "try", *arguments])
        self.out, self.err = self._capsys.readouterr()
        return code


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Bench:
    return Bench(tmp_path / "state", monkeypatch, capsys)


def test_what_is_found_is_printed_and_kept(bench: Bench) -> None:
    assert bench("model.gguf") == 0
    assert str(bench.llm).endswith("model.gguf")
    assert "writing: German and English" in bench.out
    kept = admission_of(bench.state, KEY)
    assert kept is not None
    assert (kept.writes, kept.judges, kept.languages) == (True, True, ("de", "en"))
    assert kept.figures["right"] == 1.0
    assert bench.writer.closed


def test_without_a_name_the_llm_in_use_is_tried(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    assert bench() == 0
    assert bench.llm is None
    monkeypatch.setenv("BELEG_LLM", "mine.gguf")
    assert bench() == 0
    assert str(bench.llm).endswith("mine.gguf")


def test_settings_may_stand_anywhere_on_the_line(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    for number, place in enumerate(("before", "between", "after")):
        line = ["models", "try"]
        line[number:number] = ["--llm", f"{place}.gguf"]
        assert main(line) == 0
        assert str(bench.llm).endswith(f"{place}.gguf")
    capsys.readouterr()


def test_for_scripts_it_is_one_object_and_nothing_else(bench: Bench) -> None:
    assert bench("--json") == 0
    found = json.loads(bench.out)
    assert found["writes"] is True
    assert len(found["sentences"]) == 42


def test_a_later_trial_takes_the_place_of_an_earlier_one(bench: Bench) -> None:
    bench()
    bench.writer = ScriptedWriter(says=copied)
    assert bench("--show") == 0
    kept = admission_of(bench.state, KEY)
    assert kept is not None
    assert not kept.writes
    assert "de-en other language" in bench.out


def test_what_cannot_be_kept_is_printed_all_the_same(bench: Bench) -> None:
    bench.state.write_text("in the way", encoding="utf-8")
    assert bench() == 4
    assert "writing: German and English" in bench.out
    assert "cannot be kept" in bench.err and str(bench.state) in bench.err


def test_a_model_that_is_not_there_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "try", str(tmp_path / "no.gguf")]) == 4
    assert "no.gguf" in capsys.readouterr().err
