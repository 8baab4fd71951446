"""A backup is whole or not there, and one that is brought back was checked before anything was touched."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from full_answer import answer
from library_fixtures import as_format_1, fill

from rag.cli.main import main
from rag.conversations.store import FILE as CONVERSATIONS
from rag.conversations.store import Conversations
from rag.errors import LibraryUnusable, UsageError
from rag.index.library import FILE, Library
from rag.index.vector_index import open_index
from rag.maintenance import backup as backups
from rag.maintenance.backup import backup, restore
from rag.maintenance.integrity_check import check
from rag.models.embedder import Embedder

TEXTS = {
    "mill.txt": "Die alte Mühle ist 1907 abgebrannt. Niemand kam zu Schaden. Der Müller zog nach Husum.",
    "ferry.txt": "The ferry sank on a stormy night. Its captain swam ashore. Two goats were never found.",
}


@pytest.fixture
def folder(tmp_path: Path, embedder: Embedder) -> Path:
    """The folder of a library of two documents, with a conversation of two turns."""
    with Library(tmp_path / "library", create=True) as library:
        fill(library, tmp_path, TEXTS, embedder)
        open_index(library)
    for question in ("What?", "And then?"):
        Conversations(tmp_path / "library").save("1", answer(question))
    return tmp_path / "library"


@pytest.fixture
def kept(tmp_path: Path, folder: Path) -> Path:
    """A backup of it."""
    backup(folder, tmp_path / "kept.zip", "0.1.0")
    return tmp_path / "kept.zip"


def content(folder: Path) -> dict[str, Any]:
    """What a folder holds, but for the library's id."""
    with Library(folder) as library:
        documents = [library.document(entry.id) for entry in library.entries()]
        rows, vectors = library.vectors()
        words = [library.lexical(table, ["<mil", "mill", "captain"], 9) for table in ("stems", "glosses", "pieces")]
    saved = Conversations(folder)
    turns = [saved.open(heading.id) for heading in saved.headings()]
    return {"documents": documents, "vectors": (rows.tolist(), vectors.tolist()), "words": words, "turns": turns}


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def test_what_is_brought_back_is_what_was_kept(folder: Path, kept: Path, tmp_path: Path) -> None:
    made = restore(kept, tmp_path / "other", "0.1.0")
    assert (made.documents, made.turns, made.before) == (2, 2, None)
    assert content(tmp_path / "other") == content(folder)
    assert check(tmp_path / "other") == []
    with Library(folder) as one, Library(tmp_path / "other") as other:
        assert one.stamp != other.stamp
    assert {path.name.removesuffix("-wal").removesuffix("-shm") for path in (tmp_path / "other").iterdir()} == {
        *(FILE, CONVERSATIONS),
    }
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "other").iterdir()} == {0o600}
    assert (tmp_path / "other").stat().st_mode & 0o777 == 0o700


def test_it_is_one_private_file_with_a_manifest_of_hashes(kept: Path, tmp_path: Path) -> None:
    assert kept.stat().st_mode & 0o777 == 0o600
    with zipfile.ZipFile(kept) as packed:
        assert packed.namelist() == ["manifest.json", FILE, CONVERSATIONS]
        promised = json.loads(packed.read("manifest.json"))["files"]
        for name in (FILE, CONVERSATIONS):
            assert hashlib.sha256(packed.read(name)).hexdigest() == promised[name]["sha256"]
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".beleg-")]


def test_nothing_of_what_was_forgotten_is_in_it(folder: Path, tmp_path: Path) -> None:
    with Library(folder) as library:
        library.remove(next(entry.id for entry in library.entries() if entry.name == "ferry.txt"))
    backup(folder, tmp_path / "kept.zip", "0.1.0")
    with zipfile.ZipFile(tmp_path / "kept.zip") as packed:
        assert b"stormy night" not in packed.read(FILE) and "Mühle".encode() in packed.read(FILE)


def test_a_backup_takes_no_other_file_s_place_and_none_is_left_half_way(
    folder: Path, kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = kept.read_bytes()
    with pytest.raises(UsageError, match="already"):
        backup(folder, kept, "0.1.0")
    assert kept.read_bytes() == before

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(backups.os, "fsync", full)
    with pytest.raises(LibraryUnusable, match="the disk is full"):
        backup(folder, tmp_path / "never.zip", "0.1.0")
    assert {path.name for path in tmp_path.iterdir() if path.is_file()} == {"kept.zip", *TEXTS}
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]
    with pytest.raises(LibraryUnusable, match="There is no library"):
        backup(tmp_path / "nowhere", tmp_path / "never.zip", "0.1.0")


_WRITING = """
import sys
from pathlib import Path
from rag.index.library import Library
with Library(Path(sys.argv[1])) as library:
    for number in range(100_000):
        if number == 10:
            print("go", flush=True)
        library._db.execute("BEGIN IMMEDIATE")
        library._db.execute("UPDATE documents SET title = ?", (str(number),))
        library._db.execute("UPDATE meta SET value = ? WHERE key = 'generation'", (str(number),))
        library._db.execute("COMMIT")
"""


def test_it_is_of_one_moment_though_another_program_writes_all_the_time(folder: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-c", _WRITING, str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None and process.stdout.readline() == "go\n"
        for number in range(5):
            backup(folder, tmp_path / f"{number}.zip", "0.1.0")
        assert process.poll() is None
        process.kill()
    seen = set()
    for number in range(5):
        restore(tmp_path / f"{number}.zip", tmp_path / str(number), "0.1.0")
        with Library(tmp_path / str(number)) as library:
            titles = {entry.title for entry in library.entries()}
            seen |= titles
            assert titles == {library.stamp.split("-")[1]}
    assert len(seen) > 1


# --- taking another's place -----------------------------------------------------------------


def test_a_library_with_documents_gives_way_only_when_told_and_is_kept(
    folder: Path, kept: Path, tmp_path: Path, embedder: Embedder
) -> None:
    with Library(folder) as library:
        fill(library, tmp_path, {"later.txt": "A later text."}, embedder)
    later = content(folder)
    with pytest.raises(UsageError, match=r"3 documents already.*--replace"):
        restore(kept, folder, "0.1.0")
    assert content(folder) == later
    made = restore(kept, folder, "0.1.0", replace=True)
    assert {document.name for document in content(folder)["documents"]} == set(TEXTS)
    assert made.before is not None and made.before.parent == folder
    restore(made.before, tmp_path / "back", "0.1.0")
    assert content(tmp_path / "back") == later


def test_who_has_it_open_sees_the_old_state_to_the_end_of_a_question_and_then_the_new(
    folder: Path, kept: Path, tmp_path: Path, embedder: Embedder
) -> None:
    with Library(folder) as reader, Library(folder) as writer:
        fill(writer, tmp_path, {"later.txt": "A later text."}, embedder)
        index = open_index(reader)
        with reader.snapshot():
            assert len(reader.entries()) == 3
            restore(kept, folder, "0.1.0", replace=True)
            assert len(reader.entries()) == 3
        assert len(reader.entries()) == len(writer.entries()) == 2
        assert index.stamp != reader.stamp
        fill(writer, tmp_path, {"third.txt": "A third text."}, embedder)
        assert len(reader.entries()) == 3
    assert check(folder) == []


@pytest.mark.parametrize("damage", ["library", "conversations", "no database"])
def test_a_damaged_library_gives_way_only_when_told_and_is_kept_as_it_lies(
    damage: str, folder: Path, kept: Path
) -> None:
    file = folder / (CONVERSATIONS if damage == "conversations" else FILE)
    raw = file.read_bytes()
    broken = b"nothing" * 500 if damage == "no database" else raw[:4096] + os.urandom(len(raw) - 4096)
    file.write_bytes(broken)
    with pytest.raises(UsageError, match="--replace"):
        restore(kept, folder, "0.1.0")
    assert file.read_bytes() == broken
    made = restore(kept, folder, "0.1.0", replace=True)
    assert made.before is not None and (made.before / file.name).read_bytes() == broken
    assert check(folder) == [] and len(content(folder)["turns"]) == 1


@pytest.mark.parametrize(
    ("name", "statement"),
    [
        (FILE, "DROP TABLE documents"),
        (FILE, "DROP TABLE meta"),
        (FILE, "DROP INDEX sentences_of_chunk"),
        (FILE, "UPDATE documents SET body = 99999"),
        (CONVERSATIONS, "DROP TABLE turns"),
        (CONVERSATIONS, "UPDATE turns SET answer = '{}'"),
    ],
)
def test_where_check_advises_to_bring_back_a_backup_that_can_be_done(
    name: str, statement: str, folder: Path, kept: Path
) -> None:
    with closing(sqlite3.connect(folder / name, isolation_level=None)) as db:
        db.execute("PRAGMA foreign_keys = OFF")
        db.execute(statement)
    assert check(folder)
    made = restore(kept, folder, "0.1.0", replace=True)
    assert made.before is not None and made.before.is_dir()
    with closing(sqlite3.connect(made.before / name)) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert check(folder) == [] and len(content(folder)["turns"]) == 1


def test_an_empty_library_gives_way_unasked_and_conversations_of_none_stay(folder: Path, tmp_path: Path) -> None:
    (folder / CONVERSATIONS).unlink()
    backup(folder, tmp_path / "bare.zip", "0.1.0")
    Library(tmp_path / "empty", create=True).close()
    assert restore(tmp_path / "bare.zip", tmp_path / "empty", "0.1.0").turns == 0
    Conversations(tmp_path / "talked").save("1", answer())
    with pytest.raises(UsageError, match="1 turns already"):
        restore(tmp_path / "bare.zip", tmp_path / "talked", "0.1.0")


_RESTORING = """
import sys
from pathlib import Path
from rag.maintenance import backup
where, real = sys.argv[3], getattr(backup, sys.argv[3])
calls = []
def told(*given, **more):
    made = real(*given, **more)
    calls.append(1)
    if len(calls) == int(sys.argv[4]):
        print("here", flush=True)
        sys.stdin.readline()
    return made
setattr(backup, where, told)
backup.restore(Path(sys.argv[1]), Path(sys.argv[2]), "0.1.0", replace=True)
"""


@pytest.mark.parametrize(
    ("where", "call"), [("_unpacked", 1), ("_seen", 1), ("_kept_beside", 1), ("_put", 1), ("_put", 2)]
)
def test_a_restore_that_is_killed_leaves_each_file_whole(
    where: str, call: int, folder: Path, kept: Path, tmp_path: Path, embedder: Embedder
) -> None:
    with Library(folder) as library:
        fill(library, tmp_path, {"later.txt": "A later text."}, embedder)
    command = [sys.executable, "-c", _RESTORING, str(kept), str(folder), where, str(call)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None and process.stdout.readline() == "here\n"
        os.kill(process.pid, signal.SIGKILL)
    assert check(folder) == []
    assert len(content(folder)["documents"]) == (2 if call == 2 else 3)
    restore(kept, folder, "0.1.0", replace=True)
    assert len(content(folder)["documents"]) == 2


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
        " (SELECT 'format', '2' UNION ALL SELECT * FROM n) SELECT * FROM n",
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
    "a newer format": sql("UPDATE meta SET value = '3' WHERE key = 'format'"),
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


def test_a_backup_of_an_older_format_is_brought_up_to_date(folder: Path, kept: Path, tmp_path: Path) -> None:
    def older(parts: dict[str, bytes]) -> None:
        as_format_1(folder / FILE, tmp_path / "older")
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
    assert lines("check", "--library", tmp_path / "other") == (0, "", "all is well\n")
    assert lines("restore", tmp_path / "none.zip", "--library", tmp_path / "other")[0] == 2
    (tmp_path / "diary.zip").write_bytes(io.BytesIO(b"Dear diary").getvalue())
    code, out, said = lines("restore", tmp_path / "diary.zip", "--library", tmp_path / "new")
    assert code == 4 and "is no backup" in said
