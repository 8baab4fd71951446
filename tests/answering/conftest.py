"""What tests of answering share."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from seed_questions import TROOPS

from rag.answering import drafts
from rag.answering.assistant import Assistant, Event
from rag.index.library import Library
from rag.settings import Settings


@pytest.fixture(scope="module")
def settings_(tmp_path_factory: pytest.TempPathFactory, seed_library: Path, cache: Path) -> Settings:
    """Settings for a copy of the library of the seeds."""
    folder = shutil.copytree(seed_library, tmp_path_factory.mktemp("answer") / "library")
    return Settings(library=Path(folder), cache=cache, threads=2)


@pytest.fixture(scope="module")
def assistant(settings_: Settings) -> Iterator[Assistant]:
    """One assistant for all: loading the models takes a while."""
    with Library(settings_.library) as library, Assistant(settings_, library) as assistant:
        assert assistant.model
        yield assistant


@pytest.fixture(scope="module")
def events(assistant: Assistant) -> list[Event]:
    """The events of a question that three quotes answer."""
    return list(assistant.ask(TROOPS))


@pytest.fixture
def writing(assistant: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the LLM write the answers, of a few words: what is held is what it reads."""
    monkeypatch.setattr(drafts, "MOST", 20)
    monkeypatch.setattr(assistant, "settings", replace(assistant.settings, mode="compose"))
