"""A backup is whole or not there, and one that is brought back was checked before anything was touched."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
import zipfile
from contextlib import closing
from pathlib import Path

import pytest
from backups import TEXTS, content
from full_answer import answer
from library_fixtures import fill

from rag.conversations.store import FILE as CONVERSATIONS
from rag.conversations.store import Conversations
from rag.errors import LibraryUnusable, UsageError
from rag.index.library import FILE, Library
from rag.index.vector_index import open_index
from rag.maintenance.backup import backup, restore
from rag.maintenance.integrity_check import check
from rag.models.embedder import Embedder


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

    monkeypatch.setattr("os.fsync", full)
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
        assert index.state != reader.vector_state
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
    with pytest.raises(UsageError, match="1 answer already"):
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
