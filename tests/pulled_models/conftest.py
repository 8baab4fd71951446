"""The LLMs that write, pulled once from wherever they can be had, and a library of documents in two languages."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from running_beleg import beleg

from rag.index.library import Library
from rag.index.update import index
from rag.models.embedder import Embedder
from rag.models.pulled import path_of, record_of

DOCUMENTS = Path(__file__).with_name("documents")


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of pulled models; BELEG_TEST_MODELS can name one that is kept between runs."""
    kept = os.environ.get("BELEG_TEST_MODELS")
    return Path(kept) if kept else tmp_path_factory.mktemp("models")


def pulled(store: Path, cache: Path, name: str) -> Path:
    """Pull a model of the catalogue, as a person does, unless it is here; return its file."""
    store.mkdir(parents=True, exist_ok=True)
    done = beleg(store, cache, "models", "pull", "--quiet", name, BELEG_MODELS=str(store))
    assert done.returncode == 0, done.stderr
    model = record_of(store, name)
    assert model is not None and model.verified
    return path_of(store, model)


@pytest.fixture(scope="session")
def larger(store: Path, cache: Path) -> Path:
    """The file of Qwen2.5-Coder-1.5B-Instruct, which writes."""
    return pulled(store, cache, "qwen2.5-coder-1.5b")


@pytest.fixture(scope="session")
def smaller(store: Path, cache: Path) -> Path:
    """The file of Qwen2.5-Coder-0.5B-Instruct, which is not let write."""
    return pulled(store, cache, "qwen2.5-coder-0.5b")


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Path:
    folder = tmp_path_factory.mktemp("library")
    with Library(folder, create=True) as made:
        index([str(DOCUMENTS)], made, embedder)
    return folder
