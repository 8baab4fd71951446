"""A library of two documents, and a server over it that the tests of a file share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from serving_beleg import copied, served

from rag.settings import Settings


@pytest.fixture
def here(tmp_path: Path, small_library: Path, cache: Path) -> Settings:
    """Settings of a copy of the library, of this test's own."""
    return copied(small_library, cache, tmp_path)


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory, small_library: Path, cache: Path) -> Iterator[int]:
    """The port of a server that nothing is changed of."""
    with served(copied(small_library, cache, tmp_path_factory.mktemp("served"))) as server:
        yield server.port
