"""Held: what a reader left out, and what it was not sure of, is told as files are indexed and listed afterwards."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from rag.cli.main import main
from rag.documents import document as documents
from rag.documents.readers import Extract, Omission
from rag.index.library import Library

Lines = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, cache: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Lines:
    """Run the command on a library of two files, whose reader leaves things out and doubts an encoding."""
    left_out = {
        "scan.txt": Extract(
            "The mill burned down.",
            omissions=(Omission("images", 12), Omission("pages without text", 6, 10, "scanned? read them with --ocr")),
        ),
        "notes.txt": Extract(
            "The ferry sank.",
            omissions=(Omission("images", 1),),
            encoding="windows-1252",
            doubts="it may be iso-8859-2\x1b[31m",
        ),
    }
    for name in left_out:
        (tmp_path / "docs" / name).parent.mkdir(exist_ok=True)
        (tmp_path / "docs" / name).write_text(name, encoding="utf-8")
    monkeypatch.setattr("rag.index.update.ReaderProcess.extract", lambda _, __, raw: left_out[raw.decode()])
    for name, value in {"LIBRARY": tmp_path / "library", "CACHE": cache, "STATE": tmp_path / "state"}.items():
        monkeypatch.setenv(f"BELEG_{name}", str(value))

    def told(*arguments: str) -> tuple[int, str, str]:
        capfd.readouterr()
        return (main(list(arguments)), *capfd.readouterr())

    return told


def test_what_was_left_out_is_counted_over_the_run_and_a_doubt_is_named(run: Lines, tmp_path: Path) -> None:
    code, out, err = run("index", str(tmp_path / "docs"))
    assert (code, out) == (0, "")
    assert "left out: 13 images, 6 pages without text (`beleg documents --details`)" in err
    assert "notes.txt: read as windows-1252; it may be iso-8859-2" in err and "\x1b[31m" not in err
    assert "left out" not in run("index", str(tmp_path / "docs"))[2]


def test_each_document_is_listed_with_what_was_left_out_of_it_and_how_it_was_read(run: Lines, tmp_path: Path) -> None:
    run("index", str(tmp_path / "docs"))
    with Library(tmp_path / "library") as library:
        library.tag([library.entries()[0].id], ["work", "sea"])
        library.touch(library.entries()[1].id, 2_500_000, 1_700_000_000_000_000_000)
    assert "images" not in run("documents")[1]
    lines = [line.strip() for line in run("documents", "--details")[1].splitlines()]
    assert [line for line in lines if " chunk" not in line] == [
        "changed " + lines[1].split("changed ")[1],
        "tags: sea, work",
        "read as windows-1252; it may be iso-8859-2�[31m",
        "left out: images: 1",
        "2.5 MB, changed 2023-11-14 22:13 UTC, 21 characters",
        "left out: images: 12",
        "left out: pages without text: 6 of 10 (scanned? read them with --ocr)",
    ]


def test_as_json_all_of_it_is_told(run: Lines, tmp_path: Path) -> None:
    run("index", str(tmp_path / "docs"))
    notes, scan = map(json.loads, run("documents", "--json")[1].splitlines())
    assert scan["omissions"] == [
        {"what": "images", "count": 12, "total": None, "advice": ""},
        {"what": "pages without text", "count": 6, "total": 10, "advice": "scanned? read them with --ocr"},
    ]
    assert (notes["encoding"], notes["tags"], notes["size"]) == ("windows-1252", [], None)
    assert notes["modified"] == (tmp_path / "docs" / "notes.txt").stat().st_mtime_ns
    assert documents.content_digest("The mill burned down.") == scan["content"]
