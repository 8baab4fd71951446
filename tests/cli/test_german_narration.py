"""Held: where the interface is German, what the commands tell a person is; names and values of scripts stay."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from english_messages import left_in
from library_fixtures import fill

from rag.cli.main import main
from rag.index.library import Library
from rag.models.embedder import Embedder

GERMAN = ("--lang", "de")


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which there is nothing of a person's."""
    for name in ("LIBRARY", "MODELS", "STATE"):
        monkeypatch.setenv(f"BELEG_{name}", str(tmp_path / name.lower()))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _lines(text: str) -> list[str]:
    return [" ".join(line.split()) for line in text.split("\n")]


@pytest.mark.usefixtures("german", "place")
def test_the_list_of_models_is_german_and_its_json_is_not(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*GERMAN, "models"]) == 0
    said = capsys.readouterr()
    assert "mitgeliefert" in said.out and "Lizenz" in said.out and "geholte Modelle liegen in" in said.err
    licence = "Gemma Terms of Use"  # is called so in any language
    assert left_in(_lines((said.out + said.err).replace(licence, ""))) == []
    assert main([*GERMAN, "models", "--json"]) == 0
    assert {"embedded", "to pull"} <= {row["state"] for row in json.loads(capsys.readouterr().out)}


@pytest.mark.usefixtures("german")
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["fragen.csv"], "fragen.csv kann nicht sagen, was die richtigen Antworten sind. Eine .jsonl-Datei"),
        (["fragen.jsonl", "-o", "a.txt"], "a.txt endet nicht auf .jsonl. Eine .jsonl-Datei angeben."),
        (["fragen.jsonl", "-o", "nirgends/a.jsonl"], "In den Ordner nirgends lässt sich a.jsonl nicht schreiben."),
        (["fragen.jsonl", "--compare", "fragen.jsonl"], "fragen.jsonl ist kein Ergebnis von `beleg eval`."),
    ],
)
def test_what_is_wrong_with_an_evaluation_is_said_in_german(
    place: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    (place / "fragen.jsonl").write_text('{"question": "Wann?", "answer": "1907"}\n', encoding="utf-8")
    assert main([*GERMAN, "eval", *arguments]) == 2
    told = capsys.readouterr().err
    assert said in told and left_in(_lines(told)) == []


@pytest.mark.usefixtures("german")
def test_the_details_of_documents_are_german(
    place: Path, capsys: pytest.CaptureFixture[str], embedder: Embedder
) -> None:
    with Library(place / "library", create=True) as library:
        fill(library, place, {"muehle.txt": "Die Mühle brannte 1907 ab."}, embedder)
        library.tag([entry.id for entry in library.entries()], ["Ort"])
    assert main([*GERMAN, "documents", "--details"]) == 0
    said = capsys.readouterr().out
    assert "Schlagwörter: Ort" in said and "26 Zeichen" in said and left_in(_lines(said)) == []


@pytest.mark.usefixtures("german", "place")
def test_the_doctor_says_in_german_what_there_is_and_what_to_do_and_to_scripts_all_in_english(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main([*GERMAN, "doctor"]) in (0, 4)
    said = capsys.readouterr()
    assert "→ Eine anlegen: beleg index ORDNER" in said.out
    assert re.search(r"^\d+ defekt, \d+ zu prüfen, \d+ in Ordnung$", said.err, re.MULTILINE)
    remedies = [line for line in _lines(said.out) if line.startswith("→")]
    assert len(remedies) > 0 and left_in(remedies) == []
    topics = re.findall(r"^\w.*", said.out, re.MULTILINE)
    assert {"Versionen", "Arbeitsspeicher", "Einstellungen", "Laufzeit des LLM", "Speicher"} <= set(topics)
    assert "  Kerne: " in said.out and "Embedder vorbereitet: " in said.out and " MB frei\n" in said.out
    assert "  mode: quote (Vorgabe)\n" in said.out and " (aus den Optionen)\n" in said.out
    main([*GERMAN, "doctor", "--json"])
    said = capsys.readouterr()
    assert "Make one: beleg index FOLDER" in {each["remedy"] for each in json.loads(said.out)}
    facts = [each["topic"] + ": " + each["name"] for each in json.loads(said.out)]
    assert {"memory: memory", "processor: cores", "models: embedder prepared"} <= set(facts)
    assert "defekt" in said.err
