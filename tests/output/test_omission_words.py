"""Held: whatever a reader says that it left out has words in the interface's language, and stays English in JSON."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from project import ROOT

from rag.documents.readers.extraction import Omission
from rag.output.omission_words import ADVICE, WHAT, told, what_was


def _counted(file: Path) -> Iterator[str]:
    """Yield what a reader counts by a name that is written there: left_out["images"], Omission("images", …)."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        named: list[ast.expr] = []
        if isinstance(node, ast.Subscript) and ast.unparse(node.value).endswith("left_out"):
            named = [node.slice]
        elif isinstance(node, ast.Call) and ast.unparse(node.func) == "Omission":
            named = node.args[:1]
        for each in named:
            parts = [each.body, each.orelse] if isinstance(each, ast.IfExp) else [each]
            yield from (str(part.value) for part in parts if isinstance(part, ast.Constant))


def test_all_that_readers_count_is_known() -> None:
    files = [*(ROOT / "rag" / "documents").rglob("*.py")]
    counted = {name for file in files for name in _counted(file)}
    assert len(counted) > 20
    assert counted - WHAT == set()


@pytest.mark.usefixtures("german")
@pytest.mark.parametrize(
    ("omission", "words"),
    [
        (Omission("images", 1200), "Bilder: 1.200"),
        (Omission("pages without text", 6, 10, "read them with --ocr"), "Seiten ohne Text: 6 von 10 (mit --ocr lesen)"),
        (Omission("images in scan in may.docx", 2), "Bilder in scan in may.docx: 2"),
        (Omission("cells after the first 1,000,000", 3), "cells after the first 1,000,000: 3"),
        (Omission("", 3, None, "a.zip\x1b[31m"), ": 3 (a.zip\N{REPLACEMENT CHARACTER}[31m)"),
    ],
)
def test_what_was_left_out_is_said_in_german(omission: Omission, words: str) -> None:
    assert told(omission) == words


@pytest.mark.usefixtures("german")
def test_each_has_german_words() -> None:
    assert [what for what in WHAT if what_was(what) == what] == []
    assert all(told(Omission("images", 1, None, advice)) != f"Bilder: 1 ({advice})" for advice in ADVICE)


@pytest.mark.parametrize("total", [None, 10])
def test_in_english_it_is_what_it_was(total: int | None) -> None:
    omission = Omission("images", 3, total, "split the file")
    assert told(omission) == str(omission)
