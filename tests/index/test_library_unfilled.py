"""A library whose maker was killed before there was a table in it counts as none: it is filled, not refused."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from running_beleg import about, doctor
from textual.message import Message

from rag.cli.main import main
from rag.conversations.store import FILE as CONVERSATIONS
from rag.index.library import FILE
from rag.maintenance.integrity_check import check
from rag.settings import Settings
from tui.engine import Engine
from tui.messages import Counted, Offered

KINDS = ("empty", "header only")


@pytest.fixture(params=KINDS)
def unfilled(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The folder of a library as a kill leaves it between the making of the file and that of its tables."""
    folder = tmp_path / "library"
    folder.mkdir()
    for name in (FILE, CONVERSATIONS):
        (folder / name).touch()
        if request.param == "header only":
            with closing(sqlite3.connect(folder / name)) as db:
                db.execute("PRAGMA journal_mode = WAL")
    return folder


def test_it_is_filled_by_the_next_index(
    unfilled: Path, tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("BELEG_CACHE", str(cache))
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "mill.txt").write_text("The mill burned down in 1907.", encoding="utf-8")
    library = ["--library", str(unfilled)]
    assert main([*library, "documents"]) == 4 and "Make one: beleg index" in capsys.readouterr().err
    assert main([*library, "index", str(tmp_path / "docs")]) == 0
    assert main([*library, "documents"]) == 0 and "mill.txt" in capsys.readouterr().out
    assert check(unfilled) == []


def test_check_and_doctor_say_that_it_is_not_yet_filled(unfilled: Path, cache: Path) -> None:
    before = {path.name: path.read_bytes() for path in unfilled.iterdir()}
    (finding,) = check(unfilled)
    assert finding.what == f"{FILE} was made, and is not yet filled" and "beleg index" in finding.remedy
    code, findings, _ = doctor(BELEG_LIBRARY=str(unfilled), BELEG_CACHE=str(cache))
    assert code == 0
    assert [each["value"] for each in about(findings, "library", "content")] == ["made, not yet filled"]
    assert [each["value"] for each in about(findings, "conversations", "content")] == ["made, not yet filled"]
    assert {name: (unfilled / name).read_bytes() for name in before} == before


def test_the_chat_opens_on_it_as_on_no_library(unfilled: Path, tmp_path: Path) -> None:
    engine, messages = opened(unfilled, tmp_path)
    _, of_none = opened(tmp_path / "none", tmp_path)
    assert [type(message) for message in messages] == [type(message) for message in of_none] == [Counted, Offered]
    assert isinstance(messages[0], Counted) and messages[0].documents == messages[0].chunks == 0
    assert engine.entries() == []


def opened(library: Path, folder: Path) -> tuple[Engine, list[Message]]:
    """Return the engine of a chat that has been opened on a library, and what it told."""
    settings = Settings(library=library, cache=folder / "cache", state=folder / "state", models=folder / "models")
    engine, messages = Engine(settings), list[Message]()
    engine.load(settings, messages.append)
    return engine, messages
