"""Held: two runs never write one file at once, and none is locked out by one that is gone."""

from __future__ import annotations

import errno
import signal
import subprocess
import sys
from pathlib import Path

import filelock
import pytest
from journal_fixtures import FACTS, opened, record, resumed, run

from rag.batch.journal import Ledger
from rag.errors import BelegError, UsageError


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "answers.jsonl"


def test_a_second_run_to_the_same_file_is_refused_while_the_first_is_at_work_and_not_after_it(path: Path) -> None:
    with opened(path) as first:
        first.begin()
        first.add(record("a"))
        before = path.read_bytes()
        for go_on in (Ledger.begin, Ledger.resume):
            with opened(path) as second, pytest.raises(UsageError, match="Another run is writing"):
                go_on(second)
        assert path.read_bytes() == before
        first.add(record("ä/1"))
    assert resumed(path) == ["a", "ä/1"]
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_a_run_that_was_killed_locks_nobody_out(path: Path) -> None:
    script = (
        "import os, signal, sys; from pathlib import Path; from rag.batch.journal import Ledger\n"
        f"ledger = Ledger(Path(sys.argv[1]), [], {FACTS!r}, None); ledger.begin()\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    assert subprocess.run([sys.executable, "-c", script, str(path)]).returncode == -signal.SIGKILL
    assert path.with_name(path.name + ".lock").exists()
    assert resumed(path) == []


def test_a_link_to_the_answers_is_no_way_around(path: Path, tmp_path: Path) -> None:
    run(path, record("a"))
    (tmp_path / "link.jsonl").symlink_to(path)
    with opened(path) as first:
        first.resume()
        with opened(tmp_path / "link.jsonl") as second, pytest.raises(UsageError, match="Another run is writing"):
            second.resume()


def test_another_run_comes_in_only_when_the_journal_is_gone(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[bool] = []
    release = filelock.FileLock.release
    monkeypatch.setattr(
        filelock.FileLock,
        "release",
        lambda *args, **more: (seen.append(opened(path).journal.exists()), release(*args, **more)),
    )
    resumed(path)
    assert seen and not any(seen)


def test_a_folder_that_cannot_be_looked_into_is_told(tmp_path: Path) -> None:
    with (
        opened(tmp_path / ("x" * 300) / "answers.jsonl") as ledger,
        pytest.raises(BelegError, match="cannot be written"),
    ):
        ledger.begin()


def test_where_files_cannot_be_locked_a_run_goes_on_without(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_locks(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(filelock.FileLock, "acquire", no_locks)
    run(path, record("a"))
    assert resumed(path) == ["a"]
