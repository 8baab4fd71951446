"""What the tests of hard times share: libraries that were never disturbed, and where figures go."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest
from running import REPOSITORY, Write, number
from shelf import References

FIGURES = REPOSITORY / ".beleg/stress"


@pytest.fixture(scope="session")
def prepared(cache: Path, embedder: object) -> Path:  # noqa: ARG001 (it is what fills the cache)
    """A cache with the prepared embedder in it; the LLM is prepared within a second."""
    return cache


@pytest.fixture(scope="session")
def seed() -> int:
    """What everything random here is drawn from: BELEG_STRESS_SEED, or another one each day."""
    return number("SEED", int(time.strftime("%Y%m%d")))


@pytest.fixture(scope="session")
def references(tmp_path_factory: pytest.TempPathFactory, prepared: Path) -> References:
    """Undisturbed libraries of the few documents that the short form needs."""
    return References(tmp_path_factory.mktemp("references"), prepared, 4)


@pytest.fixture(scope="session")
def many_references(tmp_path_factory: pytest.TempPathFactory, prepared: Path) -> References:
    """Undisturbed libraries of as many documents as the long form needs."""
    return References(tmp_path_factory.mktemp("references"), prepared, number("DOCUMENTS", 16))


@pytest.fixture(scope="session")
def write() -> Write:
    """Keep figures, by name, as JSON for the report."""

    def write_(name: str, figures: Any) -> None:
        FIGURES.mkdir(parents=True, exist_ok=True)
        head = {"date": time.strftime("%Y-%m-%d %H:%M"), "processors": os.cpu_count()}
        (FIGURES / f"{name}.json").write_text(json.dumps(head | {"figures": figures}, indent=1, ensure_ascii=False))

    return write_
