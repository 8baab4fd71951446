"""Held: a line that makes no sense is told in the language of the interface, with what was typed as it was typed."""

from __future__ import annotations

import ast
from importlib.util import find_spec
from pathlib import Path

import click
import pytest

from rag.cli.main import main
from rag.cli.usage_errors import MESSAGES, told

_TOLD = {
    "ask --nosuch x": "Die Option '--nosuch' gibt es nicht.",
    "index --exklude x": "Die Option '--exklude' gibt es nicht. Ist '--exclude' gemeint?",
    "ask --lib x": "Die Option '--lib' gibt es nicht. Ist eines davon gemeint: '--library', '--llm'?",
    "nosuch": "Den Befehl 'nosuch' gibt es nicht.",
    "asks x": "Den Befehl 'asks' gibt es nicht. Ist 'ask' gemeint?",
    "ask --mode": "Zur Option '--mode' fehlt der Wert.",
    "ask --json=3 x": "Die Option '--json' nimmt keinen Wert.",
    "ask --mode x y": "Ungültiger Wert für '--mode': 'x' ist nicht dabei. Möglich: 'quote', 'compose'.",
    "search": "Das Argument 'SUCHE' fehlt.",
    "completion": "Das Argument '{bash|fish|zsh}' fehlt.",
    "copy": "Die Option '--to' fehlt.",
    "search -k x y": "Ungültiger Wert für '-k' / '--top-k': 'x' ist keine ganze Zahl.",
    "search -k 99 y": "Ungültiger Wert für '-k' / '--top-k': 99 liegt nicht im Bereich 1<=x<=50.",
    "show a b": "Ein Argument ist zu viel: b",
    "show a b c": "Diese Argumente sind zu viel: b c",
    "mcp --allow-index /none": "Ungültiger Wert für '--allow-index': '/none' gibt es nicht (verlangt: Ordner).",
    f"--library {__file__} ask x": f"Ungültiger Wert für '--library': '{__file__}' ist eine Datei (verlangt: Ordner).",
    "eval . -o .": "Ungültiger Wert für '-o' / '--output': '.' ist ein Ordner (verlangt: Datei).",
}


@pytest.mark.usefixtures("german")
@pytest.mark.parametrize("line", _TOLD)
def test_what_is_wrong_with_a_line_is_told_in_german(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--lang", "de", *line.split()]) == 2
    assert capsys.readouterr().err.splitlines()[-1] == f"Fehler: {_TOLD[line]}"


@pytest.mark.usefixtures("german")
def test_how_the_command_is_used_stands_above(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["search", "--lang", "de"]) == 2
    above = "Aufruf: beleg search [OPTIONEN] SUCHE\nHilfe dazu: beleg search --help\n\n"
    assert capsys.readouterr().err == above + "Fehler: Das Argument 'SUCHE' fehlt.\n"


def test_in_english_it_is_what_click_says(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["search", "-k", "99", "x"]) == 2
    assert capsys.readouterr().err == (
        "Usage: beleg search [OPTIONS] QUERY\nTry 'beleg search --help' for help.\n\n"
        "Error: Invalid value for '-k' / '--top-k': 99 is not in the range 1<=x<=50.\n"
    )


@pytest.mark.usefixtures("german")
@pytest.mark.parametrize("typed", ["it's", 'a"b', "a\\", "{name}", "{0}", "%s", "a' is not one of b", "ä\n\\d(*"])
def test_whatever_was_typed_is_told_as_it_was(typed: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--lang", "de", typed]) == 2
    assert f"Fehler: Den Befehl {typed!r} gibt es nicht." in capsys.readouterr().err
    assert main(["--lang", "de", "ask", "--mode", typed, "x"]) == 2
    assert f"Ungültiger Wert für '--mode': {typed!r} ist nicht dabei." in capsys.readouterr().err


@pytest.mark.usefixtures("german")
def test_what_is_not_known_of_click_is_told_as_click_says_it() -> None:
    assert told(click.UsageError("There is no such thing.")) == "Fehler: There is no such thing."
    assert told(click.FileError("x.txt", "gone")) == "Fehler: Could not open file 'x.txt': gone"


def test_every_message_that_is_taken_apart_is_one_that_click_makes() -> None:
    spec = find_spec("click")
    assert spec is not None and spec.submodule_search_locations
    modules = Path(spec.submodule_search_locations[0]).glob("*.py")
    texts = {
        node.value
        for module in modules
        for node in ast.walk(ast.parse(module.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert set(MESSAGES) <= texts
