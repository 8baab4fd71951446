"""Held: what goes wrong is said in the language of the interface, and before the settings are read, too."""

from __future__ import annotations

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
    for language, said in (("de", "Die Einstellung context aus"), ("en", "The setting context from")):
        monkeypatch.setenv("BELEG_LANG", language)
        assert main(["ask", "Wer?"]) == 2
        assert said in capsys.readouterr().err


def test_a_command_speaks_the_language_of_the_one_before_no_longer(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ask", "Wer?", "--since", "x", "--lang", "de"]) == 2
    assert main(["ask", "Wer?", "--since", "x"]) == 2
    assert interface_language() == "en"
    first, second = capsys.readouterr().err.splitlines()
    assert "kein Datum" in first and "is no date" in second
