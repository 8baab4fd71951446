"""Held: a reader from elsewhere gives its own numbers, is prepared once, and what is wrong with one is named."""

from __future__ import annotations

import json
import logging
import os
import pickle
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tiny_readers
from project import ROOT

from rag.errors import ModelUnavailable
from rag.models.reader.calibration import UNFIT
from rag.models.reader.foreign_preparation import open_foreign_reader
from rag.models.reader.foreign_reader import ForeignReader, read_manifest, titled
from rag.models.reader.reader import LIMIT, Text
from rag.system.cancellation import CancelToken, Stopped

pytestmark = pytest.mark.slow

KINDS: dict[str, Callable[[Path], Path]] = {
    "bert spans": tiny_readers.save_bert_spans,
    "deberta spans": tiny_readers.save_deberta_spans,
    "xlm-roberta pairs": tiny_readers.save_xlm_roberta_pairs,
    "bert pairs": tiny_readers.save_bert_pairs,
}
QUESTION = "Wie viele Gäste kamen?"
MILL = Text("Mill", ("The mill at Oberwiesen burned down in 1907.", "Nobody knows why (or who was there).", "3.5 %"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("readers")


@pytest.fixture(scope="module")
def saved(folder: Path) -> dict[str, Path]:
    return {kind: save(folder / kind) for kind, save in KINDS.items()}


@pytest.fixture(scope="module")
def opened(saved: dict[str, Path], folder: Path) -> dict[str, ForeignReader]:
    return {kind: open_foreign_reader(path, folder / "cache", threads=1) for kind, path in saved.items()}


def originals(folder: Path) -> tuple[Any, Any]:
    """The model and its tokenizer, as transformers loads them."""
    from transformers import AutoModelForQuestionAnswering, AutoModelForSequenceClassification, AutoTokenizer

    loader = AutoModelForQuestionAnswering if "spans" in folder.name else AutoModelForSequenceClassification
    return loader.from_pretrained(folder).eval(), AutoTokenizer.from_pretrained(folder)


# --- the numbers -----------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["xlm-roberta pairs", "bert pairs"])
def test_a_sentence_is_worth_what_the_cross_encoder_gives_it_after_its_title_and_the_one_before(
    kind: str, saved: dict[str, Path], opened: dict[str, ForeignReader]
) -> None:
    model, tokenizer = originals(saved[kind])
    one, two, three = MILL.sentences
    wanted = [
        model(**tokenizer(QUESTION, passage, return_tensors="pt")).logits.item()
        for passage in (f"Mill. {one}", f"Mill. {one} {two}", f"Mill. {two} {three}")
    ]
    scores, spans = opened[kind].judged(QUESTION, MILL)
    assert scores == pytest.approx(wanted, abs=2e-3) and len(set(wanted)) == 3
    assert spans == (None, None, None)


@pytest.mark.parametrize("kind", ["bert spans", "deberta spans"])
def test_a_sentence_is_worth_its_best_span_less_no_answer(
    kind: str, saved: dict[str, Path], opened: dict[str, ForeignReader]
) -> None:
    model, tokenizer = originals(saved[kind])
    passage = " ".join([titled(MILL.title), *MILL.sentences])
    features = tokenizer(QUESTION, passage, return_tensors="pt", return_offsets_mapping=True)
    offsets, parts = features.pop("offset_mapping")[0].tolist(), features.sequence_ids(0)
    computed = model(**features)
    starts, ends = computed.start_logits[0].tolist(), computed.end_logits[0].tolist()
    scores, spans = opened[kind].judged(QUESTION, MILL)
    at = len(titled(MILL.title)) + 1
    for sentence, score, span in zip(MILL.sentences, scores, spans, strict=True):
        inside = [
            place
            for place, (low, high) in enumerate(offsets)
            if parts[place] == 1
            and at < high <= at + len(sentence)
            and any(c.isalnum() or c == "%" for c in passage[low:high])
        ]
        best = max(starts[i] + ends[j] for i in inside for j in inside if i <= j < i + 30)
        assert score == pytest.approx(best - starts[0] - ends[0], abs=5e-3)
        assert span is not None and 0 <= span.start < span.end <= len(sentence)
        at += len(sentence) + 1


def test_positions_that_are_counted_from_behind_the_padding_are_left_out(opened: dict[str, ForeignReader]) -> None:
    longest = {kind: reader._manifest.max_tokens for kind, reader in opened.items()}
    assert longest == {"bert spans": 96, "deberta spans": 300, "xlm-roberta pairs": 302 - 2, "bert pairs": 96}


@pytest.mark.parametrize("kind", KINDS)
def test_long_questions_titles_and_passages_are_read_as_far_as_there_is_room(
    kind: str, opened: dict[str, ForeignReader]
) -> None:
    long = "Numbers and names appear in reports of 1907. " * 40
    text = Text(long, ("", *MILL.sentences * 20, long, MILL.sentences[0]))
    for question in (QUESTION, long, "", "🙂" * 500):
        (reading,) = opened[kind].read(question, [text])
        assert reading.scores.shape == (len(text.sentences),) and np.isfinite(reading.scores).all()
        assert reading.scores[0] == -LIMIT < reading.scores[1:].min()
        assert reading.spans[0] is None
        for sentence, span in zip(text.sentences, reading.spans, strict=True):
            assert span is None or 0 <= span.start < span.end <= len(sentence)


@pytest.mark.parametrize("kind", KINDS)
def test_a_text_read_with_others_is_read_as_it_is_alone(kind: str, opened: dict[str, ForeignReader]) -> None:
    texts = [MILL, Text("", MILL.sentences * 9), Text("", ())]
    for text, together in zip(texts, opened[kind].read(QUESTION, texts), strict=True):
        (alone,) = opened[kind].read(QUESTION, [text])
        assert np.array_equal(alone.scores, together.scores) and alone.spans == together.spans


# --- kept ------------------------------------------------------------------------------


def test_a_prepared_reader_opens_without_torch_and_says_the_same(
    saved: dict[str, Path], opened: dict[str, ForeignReader], folder: Path
) -> None:
    kind = "deberta spans"
    code = (
        "import sys; from pathlib import Path; from rag.models.reader.foreign_preparation import open_foreign_reader\n"
        "from rag.models.reader.reader import Text\n"
        "reader = open_foreign_reader(Path(sys.argv[1]), Path(sys.argv[2]), 1)\n"
        "print(reader.read('Who?', [Text('', ('The mill burned.',))])[0].scores.tolist(), reader.fingerprint)\n"
        "print([name for name in ('torch', 'transformers', 'onnx') if name in sys.modules])"
    )
    command = [sys.executable, "-c", code, str(saved[kind]), str(folder / "cache")]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    (reading,) = opened[kind].read("Who?", [Text("", ("The mill burned.",))])
    assert ran.stdout.splitlines() == [f"{reading.scores.tolist()} {opened[kind].fingerprint}", "[]"], ran.stderr


@pytest.mark.usefixtures("opened")
def test_a_reader_is_prepared_once_and_known_by_its_files(saved: dict[str, Path], folder: Path, tmp_path: Path) -> None:
    one = open_foreign_reader(saved["bert spans"], folder / "cache", threads=1)
    prepared = folder / "cache" / "readers" / one.fingerprint
    before = {path.name: path.stat().st_mtime_ns for path in prepared.iterdir()}
    assert set(before) == {"manifest.json", "model.onnx", "model.onnx.data", "tokenizer.json"}
    copy = Path(shutil.copytree(saved["bert spans"], tmp_path / "copy"))
    assert open_foreign_reader(copy, folder / "cache", threads=1).fingerprint == one.fingerprint
    assert {path.name: path.stat().st_mtime_ns for path in prepared.iterdir()} == before
    names = {path.name for path in (folder / "cache" / "readers").iterdir() if path.is_dir()}
    assert len(names) == len(KINDS)


@pytest.mark.usefixtures("opened")
def test_one_that_cannot_tell_is_warned_of_whenever_it_is_opened(saved: dict[str, Path], folder: Path) -> None:
    told: list[str] = []

    class Ear(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            told.append(record.getMessage())

    ear = Ear(level=logging.WARNING)
    logging.getLogger("beleg").addHandler(ear)
    try:
        readers = [open_foreign_reader(path, folder / "cache", threads=1) for path in saved.values()]
    finally:
        logging.getLogger("beleg").removeHandler(ear)
    found = [reader._manifest.auc for reader in readers]
    assert len(told) == sum(auc < UNFIT for auc in found) > 0  # random weights: most are about .5
    assert all("cannot tell" in line for line in told)


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"fingerprint": 3}', '{"scale": NaN}', "cut", "gone"])
def test_what_is_damaged_in_the_cache_is_named_and_its_remedy_helps(
    damage: str, opened: dict[str, ForeignReader], saved: dict[str, Path], folder: Path, tmp_path: Path
) -> None:
    name = opened["bert pairs"].fingerprint
    cache = tmp_path / "cache"
    shutil.copytree(folder / "cache" / "readers", cache / "readers")
    prepared = cache / "readers" / name
    match damage:
        case "cut":
            os.truncate(prepared / "model.onnx", 5000)
        case "gone":
            (prepared / "tokenizer.json").unlink()
        case _:
            (prepared / "manifest.json").write_text(damage, encoding="utf-8")
    with pytest.raises(ModelUnavailable) as caught:
        open_foreign_reader(saved["bert pairs"], cache, threads=1)
    assert str(prepared) in caught.value.reason and "Delete that folder" in caught.value.remedy


def test_a_manifest_that_promises_no_sense_is_refused(opened: dict[str, ForeignReader], folder: Path) -> None:
    kept = folder / "cache" / "readers" / opened["bert pairs"].fingerprint / "manifest.json"
    whole = kept.read_text(encoding="utf-8")
    for change in ({"scale": -1.0}, {"max_tokens": 0}, {"kind": "guesses"}, {"colour": "red"}, {"shift": "0"}):
        kept.write_text(json.dumps({**json.loads(whole), **change}), encoding="utf-8")
        with pytest.raises(ModelUnavailable):
            read_manifest(kept.parent)
    kept.write_text(whole, encoding="utf-8")


def test_preparing_is_ended_when_it_is_cancelled_and_leaves_nothing(saved: dict[str, Path], tmp_path: Path) -> None:
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Stopped):
        open_foreign_reader(saved["bert pairs"], tmp_path, 1, cancel)
    assert list((tmp_path / "readers").iterdir()) == []


# --- what is wrong is named ------------------------------------------------------------


def unavailable(folder: Path, cache: Path) -> ModelUnavailable:
    """Return the error that opening raises; it names a remedy and leaves no half-made files."""
    with pytest.raises(ModelUnavailable) as caught:
        open_foreign_reader(folder, cache, threads=1)
    assert caught.value.reason and caught.value.remedy
    assert not [path for path in cache.glob("readers/*") if path.suffix != ".stamp"]
    return caught.value


@pytest.fixture
def copy(saved: dict[str, Path], tmp_path: Path) -> Path:
    return Path(shutil.copytree(saved["bert spans"], tmp_path / "copied"))


@pytest.mark.parametrize(
    "config",
    [
        *("", "{", "[]", "null", "{}", "[" * 100_000, '{"architectures": null}', '{"architectures": [3]}'),
        '{"architectures": ["BertModel"]}',
        '{"architectures": []}',
        '{"architectures": ["MadeUpForQuestionAnswering"], "model_type": "made-up"}',
        '{"architectures": ["BertForQuestionAnswering"], "model_type": "bert", "hidden_size": -1}',
        '{"architectures": ["BertForQuestionAnswering"], "model_type": "bert", "num_hidden_layers": "many"}',
    ],
)
def test_a_folder_that_holds_no_reader_is_named(config: str, copy: Path, tmp_path: Path) -> None:
    (copy / "config.json").write_text(config, encoding="utf-8")
    assert str(copy) in unavailable(copy, tmp_path / "cache").reason


def test_a_folder_without_anything_is_named(tmp_path: Path, model_folder: Path) -> None:
    (tmp_path / "letters").mkdir()
    for folder in (tmp_path / "letters", tmp_path / "nowhere"):
        assert str(folder) in unavailable(folder, tmp_path / "cache").reason
    assert "BertModel" in unavailable(model_folder, tmp_path / "cache").reason  # an embedder is no reader


def test_one_that_tells_classes_apart_is_refused(tmp_path: Path) -> None:
    folder = tiny_readers.save_xlm_roberta_pairs(tmp_path / "classes pairs", labels=3)
    assert "3 classes" in unavailable(folder, tmp_path / "cache").reason


@pytest.mark.parametrize("damage", ["cut", "no head", "no numbers", "no tokenizer", "noise for a tokenizer"])
def test_damaged_files_are_named(damage: str, copy: Path, tmp_path: Path) -> None:
    from safetensors.numpy import load_file, save_file

    weights = load_file(copy / "model.safetensors")
    match damage:
        case "cut":
            os.truncate(copy / "model.safetensors", 5000)
        case "no head":
            kept = {name: value for name, value in weights.items() if "qa_outputs" not in name}
            save_file(kept, copy / "model.safetensors", {"format": "pt"})
        case "no numbers":
            spoilt = {name: np.full_like(value, np.nan) for name, value in weights.items()}
            save_file(spoilt, copy / "model.safetensors", {"format": "pt"})
        case "no tokenizer":
            for file in copy.glob("tokenizer*"):
                file.unlink()
        case _:
            (copy / "tokenizer.json").write_bytes(bytes(range(256)))
    assert str(copy) in unavailable(copy, tmp_path / "cache").reason


def test_code_in_weights_or_beside_them_is_not_run(copy: Path, tmp_path: Path) -> None:
    witness = tmp_path / "run"

    class Bomb:
        def __reduce__(self) -> tuple[Any, ...]:
            return os.system, (f"touch '{witness}'",)

    (copy / "model.safetensors").unlink()
    (copy / "pytorch_model.bin").write_bytes(pickle.dumps({"a": Bomb()}))
    unavailable(copy, tmp_path / "cache")
    config = json.loads((copy / "config.json").read_text(encoding="utf-8"))
    config["auto_map"] = {"AutoModelForQuestionAnswering": "theirs.Model", "AutoConfig": "theirs.Config"}
    config["model_type"] = "theirs"
    (copy / "config.json").write_text(json.dumps(config), encoding="utf-8")
    (copy / "theirs.py").write_text(f"open({str(witness)!r}, 'w')", encoding="utf-8")
    unavailable(copy, tmp_path / "cache")
    assert not witness.exists()


def test_a_cache_that_cannot_be_written_is_named(copy: Path, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file", encoding="utf-8")
    with pytest.raises(ModelUnavailable, match="BELEG_CACHE"):
        open_foreign_reader(copy, tmp_path / "cache", threads=1)
