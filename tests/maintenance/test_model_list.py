"""Held: what is listed of models says which is in use, where it is, and whether there is memory for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.maintenance.model_list import as_table, listed
from rag.models.pulled import FileFacts, Pulled, write_record
from rag.settings import Settings

BIG = 64_000_000_000


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A folder with an embedder of the catalogue and an LLM of one's own in it."""
    for name, role in (("multilingual-e5-small", "embedder"), ("own-writer", "llm")):
        (tmp_path / name).mkdir()
        facts = {f"{name}.gguf": FileFacts(5_000_000, "a" * 64)}
        write_record(tmp_path, Pulled(name, role, "hub:a/b", "main", False, "", facts))  # type: ignore[arg-type]
    return tmp_path


def line(settings: Settings, name: str, memory: int = BIG) -> str:
    (found,) = [row for row in as_table(listed(settings), memory).splitlines() if name in row]
    return found


def test_a_model_that_is_here_is_pulled_and_the_one_in_use_has_a_star(store: Path) -> None:
    settings, e5 = Settings(models=store, llm="own-writer"), "multilingual-e5-small"
    assert line(settings, "own-writer").startswith("* own-writer")
    assert "pulled, unverified" in line(settings, "own-writer")
    assert line(settings, e5).startswith("  ") and "5 MB" in line(settings, e5)
    assert line(settings, "smollm2").startswith("  ")
    settings = Settings(models=store, embedder=store / e5)
    assert line(settings, e5).startswith("*") and line(settings, "smollm2").startswith("*")


def test_a_model_that_needs_more_memory_than_there_is_is_marked(store: Path) -> None:
    settings = Settings(models=store)
    assert "3.4 GB!" in line(settings, "qwen3-4b", 2_000_000_000)
    assert "!" not in line(settings, "qwen3-4b") and "!" not in line(settings, "qwen3-4b", 0)


def test_what_the_settings_name_besides_is_listed_as_it_is(store: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.gguf").write_bytes(bytes(7_000_000))
    server = "openai:http://127.0.0.1:1/v1#x"
    assert "yours" in line(Settings(models=store, llm=str(tmp_path / "mine.gguf")), "mine.gguf")
    assert "missing" in line(Settings(models=store, llm="/nowhere/mine.gguf"), "mine.gguf")
    assert "missing" in line(Settings(models=store, llm="zyx"), "zyx")
    assert "server" in line(Settings(models=store, llm=server), server)


def test_nothing_in_a_name_is_obeyed_by_a_terminal(store: Path) -> None:
    assert "\x1b" not in as_table(listed(Settings(models=store, llm="/a/\x1b[31m.gguf")), BIG)


def test_a_folder_of_models_that_is_not_there_is_no_error(tmp_path: Path) -> None:
    assert "to pull" in line(Settings(models=tmp_path / "none"), "qwen3-4b")
