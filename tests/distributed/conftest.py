"""A Ray of two workers."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import pytest

from rag.distributed.workers import Connected, Workers, connected
from rag.settings import Settings


@pytest.fixture(scope="session")
def two_workers(cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connected]:
    """Two workers on this machine, for all tests of one process: beginning Ray takes ten seconds."""
    ours = {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}  # workers import helpers of the tests, too
    settings = Settings(library=tmp_path_factory.mktemp("ray") / "library", cache=cache, threads=2)
    with patch.dict(os.environ, ours), connected(Workers(here=2), settings) as workers:
        yield workers
