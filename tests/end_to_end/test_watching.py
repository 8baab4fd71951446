"""Held: `beleg index --watch` keeps a folder in step, whatever becomes of its files, until it is stopped."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sending_signals import MAIN, environment, heed

from rag.answering.assistant import Answered, Assistant
from rag.cli.main import main
from rag.index.library import Library
from rag.settings import Settings

PATIENCE = 60.0  # seconds


class Watching:
    """A run of the command that watches a folder, and what it says."""

    def __init__(self, place: Path, cache: Path) -> None:
        self.docs, self.library, self._said = place / "docs", place / "library", place / "said"
        self.docs.mkdir()
        self.write("a.txt", "The mill of Aldern burned down in 1907.")
        settings = {"BELEG_CACHE": str(cache), "BELEG_LIBRARY": str(self.library), "BELEG_STATE": str(place / "state")}
        self._stream = self._said.open("wb")
        self.process = subprocess.Popen(
            [sys.executable, "-c", MAIN, "-", "index", "--watch", "docs"],
            cwd=place, env=environment(**settings), stdin=subprocess.DEVNULL, stdout=self._stream, stderr=self._stream,
            preexec_fn=heed,
        )  # fmt: skip

    def write(self, name: str, text: str) -> None:
        (self.docs / name).parent.mkdir(parents=True, exist_ok=True)
        (self.docs / name).write_text(text, encoding="utf-8")

    def said(self) -> str:
        return self._said.read_text(encoding="utf-8")

    def until(self, true: Callable[[], bool]) -> None:
        ends = time.monotonic() + PATIENCE
        while not true():
            assert self.process.poll() is None and time.monotonic() < ends, self.said()
            time.sleep(0.1)

    def until_said(self, words: str) -> None:
        self.until(lambda: words in self.said())

    def names(self) -> list[str]:
        with Library(self.library) as library:
            return [entry.name for entry in library.entries()]

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        self._stream.close()


@pytest.fixture
def watching(tmp_path: Path, cache: Path) -> Iterator[Watching]:
    run = Watching(tmp_path, cache)
    try:
        run.until_said("watching docs")
        time.sleep(1.5)  # until it does: it looks through the folder once more then
        yield run
    finally:
        run.end()


def test_what_is_written_changed_moved_excluded_and_deleted_is_so_in_the_library_and_told(watching: Watching) -> None:
    watching.write("deep/b.txt", "The ferry sank in 1911.")
    watching.until_said("new: deep/b.txt")
    watching.write("deep/b.txt", "The ferry was raised in 1912.")
    watching.until_said("changed: deep/b.txt")
    (watching.docs / "deep").rename(watching.docs / "moved")
    watching.until_said("moved: ")
    assert watching.names() == ["a.txt", "moved/b.txt"]
    watching.write("c.txt", "The organ was sold.")
    watching.write(".belegignore", "moved/\n")
    watching.until_said("removed: moved/b.txt (it is excluded now)")
    watching.until(lambda: watching.names() == ["a.txt", "c.txt"])
    (watching.docs / "c.txt").unlink()
    watching.until_said("removed: c.txt (its file is gone)")
    assert watching.said().count("new: deep/b.txt") == 1


def test_a_damaged_file_is_named_once_and_mended_later(watching: Watching) -> None:
    watching.write("broken.pdf", "%PDF-1.4 and then nothing")
    watching.until_said("broken.pdf: ")
    watching.write("b.txt", "The ferry sank in 1911.")
    watching.until_said("new: b.txt")
    (watching.docs / "broken.pdf").rename(watching.docs / "notes.txt")
    watching.until_said("new: notes.txt")
    assert watching.said().count("broken.pdf: ") == 1


def test_a_folder_that_vanishes_and_comes_back_keeps_its_documents_and_is_watched_again(watching: Watching) -> None:
    aside = watching.docs.with_name("aside")
    watching.docs.rename(aside)
    watching.until_said("gone, or not mounted")
    assert watching.names() == ["a.txt"]
    shutil.copytree(aside, watching.docs)
    time.sleep(1.5)
    watching.write("b.txt", "The ferry sank in 1911.")
    watching.until_said("new: b.txt")
    assert watching.names() == ["a.txt", "b.txt"]


@pytest.mark.parametrize("kind", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_at_once_when_it_is_stopped(watching: Watching, kind: signal.Signals) -> None:
    began = time.monotonic()
    watching.process.send_signal(kind)
    assert watching.process.wait(timeout=20) == 130
    assert time.monotonic() - began < 4
    assert watching.said().endswith("beleg: stopped\n") and "Traceback" not in watching.said()


def test_what_is_asked_beside_it_is_answered_from_the_new_text(watching: Watching, cache: Path) -> None:
    question = "When did the mill of Aldern burn down?"
    settings = Settings(library=watching.library, cache=cache, threads=2)
    with Library(watching.library) as library, Assistant(settings, library) as assistant:
        for year in ("1907", "1911"):
            watching.write("a.txt", f"The mill of Aldern burned down in {year}.")
            if year != "1907":
                watching.until_said("changed: a.txt")
            *_, last = assistant.ask(question)
            assert isinstance(last, Answered) and year in last.answer.text


def test_nothing_is_done_where_nothing_of_a_document_has_changed(watching: Watching) -> None:
    before = watching.said()
    watching.write(".hidden/b.txt", "Nobody should read this.")
    watching.write("picture.png", "PNG")
    os.utime(watching.docs / "a.txt")
    time.sleep(3)
    assert watching.said() == before


@pytest.mark.parametrize("paths", [["docs/a.txt"], ["docs/*.txt"], ["docs", "nowhere"], ["--rebuild"]])
def test_only_folders_are_watched(paths: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "a.txt").write_text("The mill burned down.", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert main(["index", "--watch", *paths]) == 2
    assert not (tmp_path / "library").exists()
