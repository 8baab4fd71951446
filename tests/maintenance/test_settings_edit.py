"""Held: one line of the settings file changes, and only once what depends on it is done."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from rag.errors import UsageError
from rag.maintenance.settings_edit import changed

TEXT = """# mine
mode = "quote"  # for now
llm = "old.gguf"  # the writer

[keys]
documents = "f2"  # a key
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "settings.toml").write_text(TEXT, encoding="utf-8")
    return tmp_path / "settings.toml"


def set_(file: Path, key: str, value: str | None) -> str:
    with changed(file, key, value):
        pass
    return file.read_text(encoding="utf-8")


def test_a_value_is_changed_and_all_else_stays(file: Path) -> None:
    assert set_(file, "llm", "qwen3-4b") == TEXT.replace("old.gguf", "qwen3-4b")


def test_a_value_that_was_not_there_comes_before_the_tables(file: Path) -> None:
    made = set_(file, "reader", "/a/reader")
    assert made.replace('reader = "/a/reader"\n', "").split() == TEXT.split()
    assert made.index("reader =") < made.index("[keys]")


def test_a_value_is_taken_out(file: Path) -> None:
    assert set_(file, "llm", None) == TEXT.replace('llm = "old.gguf"  # the writer\n', "")
    assert set_(file, "llm", None) == file.read_text(encoding="utf-8")


@pytest.mark.parametrize("value", ['a"b', "a\\b", "Müller's\n", "\x07", "C:\\models\\new.gguf"])
def test_any_value_is_read_back_as_it_was_given(value: str, file: Path) -> None:
    import tomllib

    assert tomllib.loads(set_(file, "llm", value))["llm"] == value


def test_a_file_that_was_not_there_is_made_for_its_owner_only(tmp_path: Path) -> None:
    file = tmp_path / "beleg" / "settings.toml"
    assert set_(file, "llm", "qwen3-4b") == 'llm = "qwen3-4b"\n'
    assert stat.S_IMODE(file.stat().st_mode) == 0o600 and stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_a_file_keeps_the_mode_it_was_given_and_a_link_stays_one(file: Path, tmp_path: Path) -> None:
    file.chmod(0o640)
    link = tmp_path / "link.toml"
    link.symlink_to(file)
    set_(link, "llm", "qwen3-4b")
    assert link.is_symlink() and "qwen3-4b" in file.read_text() and stat.S_IMODE(file.stat().st_mode) == 0o640


def test_what_fails_in_between_leaves_the_file_as_it_was(file: Path, tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), changed(file, "llm", "new.gguf"):
        assert file.read_text() == TEXT
        _ = 1 // 0
    assert file.read_text() == TEXT and [*tmp_path.iterdir()] == [file]


def test_what_the_disk_does_to_the_work_in_between_is_not_taken_for_a_fault_of_the_file(file: Path) -> None:
    with pytest.raises(OSError, match="of the work"), changed(file, "llm", "new.gguf"):
        raise OSError(28, "of the work")
    assert file.read_text() == TEXT


def test_a_file_that_cannot_be_written_is_named_before_anything_is_done(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="cannot be"), changed(tmp_path / "file" / "settings.toml", "llm", "x"):
        pytest.fail("the block was run")


@pytest.mark.parametrize("text", ["mode =", "[" * 5000, 'llm = "a"\nllm = "b"', "\ufeff= 3"])
def test_a_file_that_makes_no_sense_is_named_and_stays(text: str, file: Path) -> None:
    file.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError) as caught, changed(file, "llm", "new.gguf"):
        pytest.fail("the block was run")
    assert str(file) in caught.value.reason and file.read_text(encoding="utf-8") == text
