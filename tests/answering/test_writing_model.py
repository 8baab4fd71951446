"""Held: an LLM that a trial was against is never loaded to write, and one that nobody tried is checked as it writes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from rag.answering import writing_model
from rag.answering.writing_model import WritingModel
from rag.errors import ModelUnavailable
from rag.models.admission import Admission, keep
from rag.models.bundled import LLM_SHA256, admission_for
from rag.settings import Settings
from rag.system.cancellation import CancelToken

MAY_NOT = Admission(False, False, (), {"right": 0.2}, "2025-01-02T03:04:05+00:00")


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings whose LLM must not be loaded."""

    def loaded(_: Settings) -> None:
        raise AssertionError("it is loaded")

    monkeypatch.setattr(writing_model, "Loading", loaded)
    return Settings(state=tmp_path / "state", cache=tmp_path / "cache")


def test_one_that_may_not_write_is_not_loaded(settings: Settings) -> None:
    keep(settings.state, LLM_SHA256, MAY_NOT)
    model = WritingModel(settings)
    assert model.begin() is None and model.loaded(CancelToken()) is None and not model.busy
    model.close()


def test_one_that_nobody_tried_is_loaded(settings: Settings) -> None:
    assert admission_for(settings) is None
    with pytest.raises(AssertionError, match="it is loaded"):
        WritingModel(settings).begin()


def test_what_is_wrong_with_a_file_shows_when_it_is_loaded(settings: Settings, tmp_path: Path) -> None:
    missing = replace(settings, llm=str(tmp_path / "none.gguf"))
    with pytest.raises(ModelUnavailable):
        admission_for(missing)
    with pytest.raises(AssertionError, match="it is loaded"):
        WritingModel(missing).begin()


def test_of_a_server_nobody_knows_before_it_is_asked(settings: Settings) -> None:
    assert admission_for(replace(settings, llm="openai:http://127.0.0.1:9/v1#m")) is None
