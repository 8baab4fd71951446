"""Held: an LLM is found by its name, and what is wrong with a name or a record is said with the way out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rag.errors import ModelUnavailable
from rag.models import pulled as models
from rag.models.bundled import load_generator
from rag.models.pulled import FileFacts, Pulled, llm_file, path_of, pulled, record_of, write_record
from rag.settings import Settings
from rag.system.digests import sha256

NAME, FILE = "qwen2.5-coder-0.5b", "writer.gguf"


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A folder with one model that was pulled."""
    folder = tmp_path / "models" / NAME
    folder.mkdir(parents=True)
    (folder / FILE).write_bytes(b"GGUF and more")
    facts = FileFacts(13, sha256(folder / FILE))
    write_record(tmp_path / "models", Pulled(NAME, "llm", "hub:a/b", "main", True, "2026-01-01", {FILE: facts}))
    return tmp_path / "models"


def refused(given: str, store: Path) -> ModelUnavailable:
    with pytest.raises(ModelUnavailable) as caught:
        llm_file(given, store, store.parent / "cache")
    assert caught.value.remedy
    return caught.value


def test_a_name_leads_to_its_file_and_a_path_to_itself(store: Path) -> None:
    assert llm_file(NAME, store, store.parent / "cache") == store / NAME / FILE
    assert llm_file("/somewhere/else.gguf", store, store.parent / "cache") == Path("/somewhere/else.gguf")
    assert [model.name for model in pulled(store)] == [NAME]


def test_a_name_of_the_catalogue_that_is_not_here_is_said_with_how_to_have_it(store: Path) -> None:
    assert "beleg models pull qwen3-4b (2,497 MB)" in refused("qwen3-4b", store).remedy


def test_a_name_of_nothing_is_said_with_the_names_there_are(store: Path) -> None:
    error = refused("writer", store)
    assert "writer" in error.reason and "./writer" in error.remedy
    assert NAME in error.remedy and "qwen3-4b" in error.remedy and "bge-m3" not in error.remedy


def test_a_model_of_another_role_is_no_llm(store: Path) -> None:
    assert "bge-m3 is no LLM" in refused("bge-m3", store).reason


@pytest.mark.parametrize("given", ["", "..", "a b", "\x1b[31m", "x" * 500])
def test_what_is_no_name_at_all_is_said_to_be_none(given: str, store: Path) -> None:
    assert "There is no LLM" in refused(given, store).reason


def test_a_file_that_was_changed_since_is_refused(store: Path) -> None:
    (store / NAME / FILE).write_bytes(b"GGUF and other")
    error = refused(NAME, store)
    assert "not the file that was pulled" in error.reason and f"beleg models pull {NAME}" in error.remedy


def test_a_file_that_is_gone_is_said_to_be(store: Path) -> None:
    (store / NAME / FILE).unlink()
    assert "cannot be read" in refused(NAME, store).reason


def test_compose_says_so_of_a_name_of_nothing(store: Path) -> None:
    with pytest.raises(ModelUnavailable, match="There is no LLM of the name zyx"):
        load_generator(Settings(cache=store.parent / "cache", models=store, llm="zyx"))


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", "[" * 100_000, '{"format": 1}', json.dumps({"format": 9}), "\x00"],
)
def test_a_record_that_is_none_is_said_to_be_and_listed_nowhere(text: str, store: Path) -> None:
    (store / f"{NAME}.json").write_text(text)
    with pytest.raises(ModelUnavailable, match="is not what Beleg writes"):
        record_of(store, NAME)
    assert pulled(store) == []


def test_a_record_whose_files_lead_elsewhere_is_refused(store: Path) -> None:
    row = json.loads((store / f"{NAME}.json").read_text())
    row["files"] = {"../../../etc/passwd": row["files"][FILE]}
    (store / f"{NAME}.json").write_text(json.dumps(row))
    assert "is not what Beleg writes" in refused(NAME, store).reason


def test_what_is_removed_is_gone_but_for_its_record(store: Path) -> None:
    (store / f"{NAME}{models.UNFINISHED}").mkdir()
    assert models.remove(store, NAME) == 13
    assert [path.name for path in store.iterdir()] == [f"{NAME}.json"] and pulled(store) == []
    assert record_of(store, NAME) is not None
    assert models.remove(store, NAME) == 0


def test_an_embedder_is_named_by_its_folder(store: Path) -> None:
    model = Pulled("bge-m3", "embedder", "hub:a/b", "main", True, "", {"model.safetensors": FileFacts(1, "a" * 64)})
    assert path_of(store, model) == store / "bge-m3"
