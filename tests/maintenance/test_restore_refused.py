"""Held: what is no backup is refused, and nothing is lost; the commands say so."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import sqlite3
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from backups import content, files
from library_fixtures import as_format

from rag.cli.main import main
from rag.conversations.store import FILE as CONVERSATIONS
from rag.errors import LibraryUnusable
from rag.index.library import FILE
from rag.maintenance import backup as backups
from rag.maintenance.backup import restore
from rag.maintenance.integrity_check import check

# --- what is no backup ------------------------------------------------------------------------


def repacked(kept: Path, change: Callable[[dict[str, bytes]], None], promise: bool = True) -> None:
    """Change the files of a backup; with `promise`, the manifest says of them what is true."""
    with zipfile.ZipFile(kept) as packed:
        parts = {name: packed.read(name) for name in packed.namelist()}
    change(parts)
    if promise:
        manifest = json.loads(parts["manifest.json"])
        manifest["files"] = {
            name: {"size": len(raw), "sha256": hashlib.sha256(raw).hexdigest()}
            for name, raw in parts.items()
            if name != "manifest.json"
        }
        parts["manifest.json"] = json.dumps(manifest).encode()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, raw in parts.items():
            packed.writestr(name, raw)


def sql(*statements: str, name: str = FILE) -> Callable[[dict[str, bytes]], None]:
    def change(parts: dict[str, bytes]) -> None:
        with closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
            db.deserialize(parts[name])
            for statement in statements:
                db.execute(statement)
            parts[name] = db.serialize()

    return change


def small_pages(parts: dict[str, bytes]) -> None:
    with tempfile.NamedTemporaryFile() as file:
        file.write(parts[FILE])
        file.flush()
        with closing(sqlite3.connect(file.name, isolation_level=None)) as db:
            db.execute("PRAGMA page_size = 1024")
            db.execute("VACUUM")
        parts[FILE] = Path(file.name).read_bytes()


def flipped(parts: dict[str, bytes]) -> None:
    raw = bytearray(parts[FILE])
    raw[len(raw) // 2 : len(raw) // 2 + 4000] = os.urandom(4000)
    parts[FILE] = bytes(raw)


HOSTILE: dict[str, Callable[[dict[str, bytes]], None]] = {
    "a trigger": sql("CREATE TRIGGER t AFTER DELETE ON documents BEGIN DELETE FROM chunks; END"),
    "a view": sql("CREATE VIEW v AS SELECT text FROM documents"),
    "a view in the place of a table": sql(
        "DROP TABLE meta",
        "CREATE VIEW meta AS WITH RECURSIVE n(key, value) AS"
        " (SELECT 'format', '3' UNION ALL SELECT * FROM n) SELECT * FROM n",
    ),
    "another table": sql("CREATE TABLE more (name TEXT)"),
    "a missing table": sql("DROP TABLE sentences"),
    "a column that computes": sql("ALTER TABLE documents ADD COLUMN more AS (upper(text))"),
    "an index that computes": sql("CREATE INDEX more ON documents (upper(text))"),
    "no words": sql("DELETE FROM stems"),
    "passages that are not the text": sql('UPDATE chunks SET "end" = "end" + 5'),
    "a text that is none": sql("UPDATE documents SET text = x'00ff'"),
    "a text that is another": sql("UPDATE documents SET text = 'short'"),
    "a vector of zeros": sql("UPDATE sentences SET vector = zeroblob(length(vector)) WHERE id = 1"),
    "a vector of words": sql("UPDATE sentences SET vector = 'abc'"),
    "a vector that is no number": sql("UPDATE sentences SET vector = x'0000c07f' WHERE id = 1"),
    "pages without end": sql("UPDATE documents SET pages = '" + "[" * 50_000 + "'"),
    "sentences of nothing": sql("PRAGMA foreign_keys = OFF", "UPDATE sentences SET chunk_id = 99"),
    "a newer format": sql("UPDATE meta SET value = '5' WHERE key = 'format'"),
    "no format": sql("DELETE FROM meta"),
    "pages of another size": small_pages,
    "damage": flipped,
    "no database": lambda parts: parts.update({FILE: b"Dear diary, " * 1000}),
    "an empty file": lambda parts: parts.update({FILE: b""}),
    "conversations with a trigger": sql(
        "CREATE TRIGGER t AFTER INSERT ON turns BEGIN DELETE FROM texts; END", name=CONVERSATIONS
    ),
    "a damaged conversation": sql("UPDATE turns SET answer = '{}'", name=CONVERSATIONS),
    "a text that unpacks without end": sql(
        "UPDATE texts SET text = x'" + __import__("zlib").compress(b"a" * 300_000_000, 9).hex() + "'",
        name=CONVERSATIONS,
    ),
    "another name": lambda parts: parts.update({"../../evil": b"evil"}),
    "an absolute name": lambda parts: parts.update({"/tmp/evil": b"evil"}),
    "no library": lambda parts: parts.pop(FILE) and None,
    "a bomb": lambda parts: parts.update({FILE: b"\0" * 50_000_000}),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_what_is_no_backup_of_beleg_is_refused_and_nothing_is_touched(kind: str, folder: Path, kept: Path) -> None:
    repacked(kept, HOSTILE[kind])
    before = files(folder)
    with pytest.raises(LibraryUnusable) as raised:
        restore(kept, folder, "0.1.0", replace=True)
    assert ("Update Beleg" if kind == "a newer format" else "Nothing was changed") in raised.value.remedy
    assert files(folder) == before
    assert not [path for path in folder.iterdir() if path.is_dir()]
    assert not Path("/tmp/evil").exists()


@pytest.mark.parametrize(
    "change",
    [
        lambda parts: parts.update({FILE: parts[FILE] + b"\0" * 4096}),
        lambda parts: parts.update({CONVERSATIONS: parts[CONVERSATIONS][:-1] + b"\1"}),
        lambda parts: parts.update({"manifest.json": b"[" * 60_000}),
        lambda parts: parts.update({"manifest.json": b"{}"}),
        lambda parts: parts.update({"manifest.json": b" " * 70_000 + parts["manifest.json"]}),
        lambda parts: parts.pop("manifest.json"),
        lambda parts: parts.pop(CONVERSATIONS),
    ],
)
def test_what_is_not_what_its_manifest_says_is_refused(
    change: Callable[[dict[str, bytes]], None], kept: Path, tmp_path: Path
) -> None:
    repacked(kept, change, promise=False)
    with pytest.raises(LibraryUnusable, match="is no backup, or a damaged one"):
        restore(kept, tmp_path / "other", "0.1.0")
    assert list((tmp_path / "other").iterdir()) == []


def test_a_file_that_lies_about_its_size_and_one_given_twice_are_refused(kept: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(kept, "a") as packed, pytest.warns(UserWarning, match="Duplicate"):
        packed.writestr(FILE, b"another")
    with pytest.raises(LibraryUnusable, match="is no backup"):
        restore(kept, tmp_path / "other", "0.1.0")


@pytest.mark.parametrize("way", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_a_backup_that_is_packed_in_another_way_is_refused(way: int, kept: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(kept) as packed:
        parts = {name: packed.read(name) for name in packed.namelist()}
    with zipfile.ZipFile(kept, "w", way) as packed:
        for name, raw in parts.items():
            packed.writestr(name, raw)
    raw = bytearray(kept.read_bytes())
    raw[len(raw) // 2 : len(raw) // 2 + 400] = os.urandom(400)  # which LZMA has an error of its own for
    kept.write_bytes(raw)
    with pytest.raises(LibraryUnusable, match="packed in a way that Beleg does not use"):
        restore(kept, tmp_path / "other", "0.1.0")


@pytest.mark.parametrize("cut", [0, 10, 0.5, 0.99])
def test_a_backup_that_is_cut_off_or_flipped_is_refused(cut: float, kept: Path, tmp_path: Path) -> None:
    raw = kept.read_bytes()
    kept.write_bytes(raw[: int(cut if cut > 1 else cut * len(raw))])
    with pytest.raises(LibraryUnusable, match="is no backup"):
        restore(kept, tmp_path / "other", "0.1.0")
    for place in range(0, len(raw), max(1, len(raw) // 25)):
        kept.write_bytes(raw[:place] + bytes([raw[place] ^ 0xFF]) + raw[place + 1 :])
        try:
            restore(kept, tmp_path / "flipped", "0.1.0")
        except LibraryUnusable:
            continue
        assert check(tmp_path / "flipped") == []  # a byte that nobody reads, such as a file's date
        shutil.rmtree(tmp_path / "flipped")


def test_without_room_nothing_is_unpacked(kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    room = shutil.disk_usage(tmp_path)._replace(free=10_000)
    monkeypatch.setattr(backups.shutil, "disk_usage", lambda _: room)
    with pytest.raises(LibraryUnusable, match="not enough room"):
        restore(kept, tmp_path / "other", "0.1.0")


@pytest.mark.parametrize("version", [1, 2])
def test_a_backup_of_an_older_format_is_brought_up_to_date(
    folder: Path, kept: Path, tmp_path: Path, version: int
) -> None:
    def older(parts: dict[str, bytes]) -> None:
        as_format(version, folder / FILE, tmp_path / "older")
        parts[FILE] = (tmp_path / "older").read_bytes()

    repacked(kept, older)
    restore(kept, tmp_path / "other", "0.1.0")
    assert content(tmp_path / "other") == content(folder)


# --- the commands -----------------------------------------------------------------------------


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]) -> Iterator[Callable[..., tuple[int, str, str]]]:
    def run(*arguments: object) -> tuple[int, str, str]:
        code = main([str(argument) for argument in arguments])
        return (code, *capsys.readouterr())

    yield run


def test_the_commands_keep_bring_back_and_check(
    folder: Path, tmp_path: Path, lines: Callable[..., tuple[int, str, str]]
) -> None:
    code, out, said = lines("backup", tmp_path / "k.zip", "--library", folder)
    assert (code, out) == (0, "") and said.startswith("2 documents and 2 answers are in ")
    assert lines("backup", tmp_path / "k.zip", "--library", folder)[0] == 2
    assert lines("restore", tmp_path / "k.zip", "--library", tmp_path / "other")[0] == 0
    assert lines("restore", tmp_path / "k.zip", "--library", tmp_path / "other")[0] == 2
    code, out, said = lines("restore", "--replace", tmp_path / "k.zip", "--library", tmp_path / "other")
    assert code == 0 and "what was there is kept in" in said
    assert lines("check", "--library", tmp_path / "other") == (0, "", "store: the library itself\nall is well\n")
    assert lines("restore", tmp_path / "none.zip", "--library", tmp_path / "other")[0] == 2
    (tmp_path / "diary.zip").write_bytes(io.BytesIO(b"Dear diary").getvalue())
    code, out, said = lines("restore", tmp_path / "diary.zip", "--library", tmp_path / "new")
    assert code == 4 and "is no backup" in said
