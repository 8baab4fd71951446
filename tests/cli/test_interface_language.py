"""Held: what goes wrong is said in the language of the interface, and before the settings are read, too."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from rag.cli.main import main
from rag.localization import interface_language

pytestmark = pytest.mark.usefixtures("german")  # whose end brings English back


def test_a_library_that_is_not_there_is_told_in_german(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--lang", "de", "--library", str(tmp_path / "none"), "ask", "Wer?"]) == 4
    said = f"beleg: In {tmp_path / 'none'} ist keine Bibliothek. Eine anlegen: beleg index ORDNER-MIT-DOKUMENTEN\n"
    assert capsys.readouterr().err == said


def test_a_model_file_that_is_not_there_is_told_in_german(
    small_library: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "none.gguf"
    arguments = [
        "ask",
        "Wer?",
        "--lang",
        "de",
        "--library",
        str(small_library),
        "--mode",
        "compose",
        "--llm",
        str(file),
    ]
    assert main(arguments) == 4
    assert f"beleg: Es gibt keine Modelldatei {file}. Eine .gguf-Datei mit --llm angeben." in capsys.readouterr().err


def test_what_is_wrong_with_the_line_itself_is_told_in_the_language_that_it_asks_for(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["ask", "Wer?", "--since", "gestern", "--lang", "de"]) == 2
    assert "beleg: „gestern“ ist kein Datum" in capsys.readouterr().err


def test_what_is_wrong_with_a_setting_is_told_in_the_language_of_the_environment(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("BELEG_CONTEXT", "many")
    for language, said in (
        ("de", "Die Einstellung context aus der Umgebung ist"),
        ("en", "The setting context from the environment is"),
    ):
        monkeypatch.setenv("BELEG_LANG", language)
        assert main(["ask", "Wer?"]) == 2
        assert said in capsys.readouterr().err


def test_a_command_speaks_the_language_of_the_one_before_no_longer(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ask", "Wer?", "--since", "x", "--lang", "de"]) == 2
    assert main(["ask", "Wer?", "--since", "x"]) == 2
    assert interface_language() == "en"
    first, second = capsys.readouterr().err.splitlines()
    assert "kein Datum" in first and "is no date" in second


def test_a_damaged_library_is_told_in_german_to_the_end(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "library.sqlite").write_bytes(b"no library of anything" * 400)
    assert main(["--lang", "de", "--library", str(tmp_path), "documents"]) == 4
    said = capsys.readouterr().err
    assert said.startswith(f"beleg: Die Bibliothek in {tmp_path} ist nicht zu verwenden:") and "The library" not in said


def test_what_is_done_to_a_library_is_told_in_german(
    small_library: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    there = ["--lang", "de", "--library", str(small_library)]
    assert main([*there, "show", "nowhere.txt"]) == 2
    assert main([*there, "forget", "nowhere.txt"]) == 2
    assert main([*there, "backup", str(tmp_path / "kept.zip")]) == 0
    assert main([*there, "restore", str(tmp_path / "kept.zip")]) == 2
    said = capsys.readouterr().err.splitlines()
    assert said[0].startswith("beleg: nowhere.txt steht für 0 Dokumente.")
    assert said[1].startswith("beleg: In der Bibliothek gibt es kein Dokument nowhere.txt.")
    assert re.match(r"\d Dokumente? und 0 Antworten sind in ", said[2])
    assert re.match(r"beleg: In \S+ (ist|sind) schon \d Dokument", said[3])


def test_what_indexing_did_is_told_in_german(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "notiz.txt").write_text("Die Mühle brannte 1907 ab.", encoding="utf-8")
    there = ["--lang", "de", "--library", str(tmp_path / "library")]
    assert main(["index", str(tmp_path / "notiz.txt"), *there]) == 0
    said = capsys.readouterr().err
    assert "1 neu, 0 geändert, 0 unverändert, 0 verschoben, 0 entfernt, 0 unlesbar" in said
    assert f"Bibliothek: 1 Dokument, 1 Passage in {tmp_path / 'library'}" in said
