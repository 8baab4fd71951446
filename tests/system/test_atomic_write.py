"""Held: a file is there whole or not at all, with the mode it should have, and nothing is left beside it."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from rag.system.atomic_write import atomic_write, write_private


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture(autouse=True)
def _umask_of_most() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


def test_what_the_block_wrote_takes_the_place_of_what_was_there(tmp_path: Path) -> None:
    file = tmp_path / "a.md"
    file.write_text("before", encoding="utf-8")
    with atomic_write(file) as unfinished:
        unfinished.write_text("after", encoding="utf-8")
        assert file.read_text(encoding="utf-8") == "before"
    assert file.read_text(encoding="utf-8") == "after" and list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize("beside", [None, "named.part"])
@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_where_the_block_raises_nothing_has_changed(tmp_path: Path, beside: str | None, error: BaseException) -> None:
    file = tmp_path / "a.md"
    file.write_text("before", encoding="utf-8")
    part = tmp_path / beside if beside else None
    with pytest.raises(type(error)), atomic_write(file, beside=part) as unfinished:
        unfinished.write_text("half", encoding="utf-8")
        raise error
    assert file.read_text(encoding="utf-8") == "before" and list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize(("private", "wanted"), [(True, 0o600), (False, 0o644)])
def test_it_is_its_owner_s_alone_only_where_that_is_asked_for(tmp_path: Path, private: bool, wanted: int) -> None:
    with atomic_write(tmp_path / "a", private=private) as unfinished:
        assert mode(unfinished) == wanted  # from the first moment
    assert mode(tmp_path / "a") == wanted


def test_a_disk_that_fails_at_the_end_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "state.json"
    write_private(file, b"before", durable=True)
    assert file.read_bytes() == b"before" and mode(file) == 0o600

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_private(file, b"after", durable=True)
    assert file.read_bytes() == b"before" and list(tmp_path.iterdir()) == [file]


def test_what_a_killed_process_left_under_the_named_file_is_no_obstacle(tmp_path: Path) -> None:
    code = (
        "import os, sys; from pathlib import Path; from rag.system.atomic_write import atomic_write\n"
        "file = Path(sys.argv[1])\n"
        "with atomic_write(file, beside=file.with_name('a.part')) as part:\n"
        "    part.write_text('half'); os._exit(9)\n"
    )
    file = tmp_path / "a"
    for _ in range(2):
        assert subprocess.run([sys.executable, "-c", code, str(file)]).returncode == 9
        assert [path.name for path in tmp_path.iterdir()] == ["a.part"]
    with atomic_write(file, beside=tmp_path / "a.part") as part:
        part.write_text("whole", encoding="utf-8")
    assert file.read_text(encoding="utf-8") == "whole" and list(tmp_path.iterdir()) == [file]


def test_many_may_write_one_path_at_once_and_one_of_them_is_the_last(tmp_path: Path) -> None:
    contents = [bytes([number]) * 10_000 for number in range(40)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda content: write_private(tmp_path / "a", content), contents))
    assert (tmp_path / "a").read_bytes() in contents and list(tmp_path.iterdir()) == [tmp_path / "a"]


def test_a_name_of_the_greatest_length_can_be_written(tmp_path: Path) -> None:
    file = tmp_path / ("n" * 255)
    write_private(file, b"x")
    assert file.read_bytes() == b"x"
