"""Held: a disk that fails or is full loses nothing that was counted, and is told, not thrown."""

from __future__ import annotations

import errno
import json
from pathlib import Path
from typing import Any

import pytest
from fake_assistant import names, records
from journal_fixtures import FORMS, IDS, opened, record, resumed, run

from rag.batch import journal
from rag.batch.journal import Form
from rag.errors import BelegError, UsageError
from rag.output.csv_sheet import as_csv


class Disk:
    """A disk that has room for so many bytes more."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, room: int) -> None:
        self.room = room
        really = Path.open

        def open_(path: Path, mode: str = "r", buffering: int = -1) -> Any:
            file: Any = really(path, mode, buffering)
            return Full(file, self, raw=buffering == 0) if mode in ("wb", "ab") else file

        monkeypatch.setattr(Path, "open", open_)


class Full:
    """A file on that disk: it takes what there is room for, and then no more."""

    def __init__(self, file: Any, disk: Disk, raw: bool) -> None:
        self._file, self._disk, self._raw = file, disk, raw

    def write(self, data: Any) -> int:
        taken = min(len(data), self._disk.room)
        self._disk.room -= taken
        self._file.write(data[:taken])
        if taken < len(data) and not (self._raw and taken):
            self._file.flush()
            raise OSError(errno.ENOSPC, "No space left on device")
        return taken

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def __enter__(self) -> Full:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()


@pytest.mark.parametrize("form", [None, as_csv])
@pytest.mark.usefixtures("no_sync")
def test_a_disk_that_is_full_at_any_byte_loses_nothing_that_was_counted(path: Path, form: Form | None) -> None:
    run(path, *map(record, IDS), form=form, whole=True)
    whole = path.read_bytes()
    path.unlink()
    room, full = 0, True
    while full:
        counted, full = [], False
        with pytest.MonkeyPatch.context() as patch:
            Disk(patch, room)
            try:
                with opened(path, form) as ledger:
                    ledger.begin()
                    for identity in ("ä/1", "a", "=c", "d"):
                        ledger.add(record(identity))
                        counted.append(identity)
                    ledger.finish(True)
            except BelegError as error:
                full = True
                assert "No space left" in str(error) and "--resume" in error.remedy and error.exit_code == 4
                assert not [name for name in names(path.parent) if name.endswith(".new")]
        if full:
            assert set(counted) <= set(resumed(path, form))
        assert path.read_bytes() == whole and names(path.parent) == [path.name], room
        path.unlink()
        room += 13
    assert room > len(whole)


@pytest.mark.usefixtures("no_sync")
def test_a_disk_that_is_full_when_a_run_is_taken_up_again_loses_nothing_either(path: Path) -> None:
    run(path, *map(record, IDS), whole=True)
    whole = path.read_bytes()
    path.unlink()
    run(path, record("d"), record("a"), record("ä/1"))
    left = path.read_bytes(), path.with_name("answers.jsonl.part").read_bytes()
    for room in range(0, len(whole) * 2, 17):
        path.write_bytes(left[0])
        path.with_name("answers.jsonl.part").write_bytes(left[1])
        with pytest.MonkeyPatch.context() as patch:
            Disk(patch, room)
            with opened(path) as ledger:
                try:
                    ledger.resume()
                except BelegError as error:
                    assert "No space left" in str(error)
        assert set(resumed(path)) == {"d", "a", "ä/1"} and path.read_bytes() == whole, room


def test_where_nothing_can_be_written_the_reason_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    for name in ("missing/answers.jsonl", "file/answers.jsonl", "x" * 251 + ".jsonl", "x" * 300 + ".jsonl"):
        for begin in (True, False):
            with opened(tmp_path / name) as ledger, pytest.raises(BelegError, match="cannot be written"):
                ledger.begin() if begin else ledger.resume()
    assert names(tmp_path) == ["file"]


def test_a_folder_in_the_place_of_a_file_is_told_and_stays(path: Path) -> None:
    path.with_name("answers.jsonl.part").mkdir()
    with opened(path) as ledger, pytest.raises(UsageError):
        ledger.begin()
    with opened(path) as ledger, pytest.raises(UsageError, match="cannot be read"):
        ledger.resume()
    path.with_name("answers.jsonl.part").rmdir()
    path.mkdir()
    (path / "mine").write_text("", encoding="utf-8")
    with opened(path) as ledger, pytest.raises(BelegError):
        ledger.resume()
    assert (path / "mine").exists()


def test_a_folder_that_answers_would_be_kept_in_is_told(path: Path) -> None:
    path.write_text("earlier", encoding="utf-8")
    path.with_name("answers.jsonl.old").mkdir()
    with opened(path) as ledger, pytest.raises(BelegError, match="cannot be written"):
        ledger.begin()
    assert path.read_text(encoding="utf-8") == "earlier"


def test_a_failing_sync_is_a_failure_to_write(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with opened(path) as ledger:
        ledger.begin()

        def failing(_: int) -> None:
            raise OSError(errno.EIO, "Input/output error")

        with monkeypatch.context() as patch:
            patch.setattr(journal.os, "fsync", failing)
            with pytest.raises(BelegError, match="Input/output error"):
                ledger.add(record("a"))
        assert not ledger.records  # it was not counted


ODD = ("", "../../etc", "a\\b", 'x"y', "<b>", "=1+1", "ü\u2028", "🜨" * 20, "\ud800 half")


@pytest.mark.parametrize("ending", [".jsonl", *FORMS])
def test_any_id_and_any_text_comes_back_as_it_was(tmp_path: Path, ending: str) -> None:
    path, form = tmp_path / f"answers{ending}", FORMS.get(ending)
    made = [record(identity, answer=f"{identity} \udfff \0 \x85 \u2028 \r\n") for identity in ODD]
    with opened(path, form, ODD) as ledger:
        ledger.begin()
        for each in reversed(made[1:]):
            ledger.add(each)
    with opened(path, form, ODD) as ledger:
        ledger.resume()
        assert [ledger.records[identity]["answer"] for identity in ODD[1:]] == [each["answer"] for each in made[1:]]
        ledger.add(made[0])
        ledger.finish(True)
    assert names(tmp_path) == [path.name]
    path.read_text(encoding="utf-8")
    if form is None:
        assert [(row["id"], row["answer"]) for row in records(path)] == [(row["id"], row["answer"]) for row in made]
        assert all(json.loads(line) for line in path.read_bytes().splitlines())
