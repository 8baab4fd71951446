"""Held: a file is read once for as long as it stays as it is, and what a cache says is checked."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from rag.system import digests
from rag.system.digests import known_sha256


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "model.gguf"
    path.write_bytes(b"GGUF 1")
    return path


def expected(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def test_a_file_is_read_once(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert known_sha256(file, tmp_path / "cache") == expected(b"GGUF 1")
    monkeypatch.delattr(digests, "sha256")
    assert known_sha256(file, tmp_path / "cache") == expected(b"GGUF 1")


def test_it_is_read_again_once_it_has_changed(file: Path, tmp_path: Path) -> None:
    known_sha256(file, tmp_path / "cache")
    file.write_bytes(b"GGUF 2")
    os.utime(file, ns=(1, 1))
    assert known_sha256(file, tmp_path / "cache") == expected(b"GGUF 2")


@pytest.mark.parametrize("kept", [b"", b"zz", b"\xff", b"0" * 65, b"0" * 63 + b"\n"])
def test_what_the_cache_holds_is_checked(file: Path, tmp_path: Path, kept: bytes) -> None:
    known_sha256(file, tmp_path / "cache")
    (stored,) = (tmp_path / "cache" / "digests").iterdir()
    stored.write_bytes(kept)
    assert known_sha256(file, tmp_path / "cache") == expected(b"GGUF 1")


def test_a_cache_that_cannot_be_written_to_is_no_error(file: Path, tmp_path: Path) -> None:
    (tmp_path / "cache").touch()
    assert known_sha256(file, tmp_path / "cache") == expected(b"GGUF 1")


def test_a_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OSError):
        known_sha256(tmp_path / "none", tmp_path / "cache")
