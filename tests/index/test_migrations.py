"""A library of an older format is brought up to date after a copy, whole or not at all; a newer one is refused."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from library_fixtures import as_format, fill

from rag.conversations.store import FILE as CONVERSATIONS
from rag.conversations.store import Conversations
from rag.errors import LibraryUnusable
from rag.index import migrations
from rag.index.library import FILE, Library
from rag.index.preparation import recipe
from rag.index.schema import FORMAT, SCHEMA, strangers
from rag.maintenance.integrity_check import check
from rag.models.embedder import Embedder

TEXTS = {
    "mill.txt": "Die alte Mühle ist 1907 abgebrannt. Niemand kam zu Schaden. Der Müller zog nach Husum.",
    "ferry.txt": "The ferry sank on a stormy night. Its captain swam ashore. Two goats were never found.",
}


@pytest.fixture
def present(tmp_path: Path, embedder: Embedder) -> Path:
    """The folder of a library of this format."""
    with Library(tmp_path / "present", create=True) as library:
        fill(library, tmp_path, TEXTS, embedder)
    return tmp_path / "present"


@pytest.fixture(params=[1, 2, 3])
def version(request: pytest.FixtureRequest) -> int:
    """An older format."""
    return int(request.param)


@pytest.fixture
def old(tmp_path: Path, present: Path, version: int) -> Path:
    """The folder of a library of an older format."""
    (tmp_path / "old").mkdir()
    as_format(version, present / FILE, tmp_path / "old" / FILE)
    return tmp_path / "old"


def copies(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if ".format-" in path.name)


def test_its_texts_sentences_and_vectors_stay_and_its_words_are_made_anew(
    old: Path, present: Path, version: int, embedder: Embedder
) -> None:
    with Library(old) as library, Library(present) as like:
        assert [(e.id, e.name, e.chunks, e.content) for e in library.entries()] == [
            (e.id, e.name, e.chunks, e.content) for e in like.entries()
        ]
        for entry in like.entries():
            assert library.document(entry.id) == like.document(entry.id)
        assert np.array_equal(library.vectors()[1], like.vectors()[1])
        for table, words in (("stems", ["alt"]), ("glosses", ["mill"]), ("pieces", ["<goa"])):
            assert library.lexical(table, words, 9) == like.lexical(table, words, 9) != {}
            assert library.holding(table, words) == like.holding(table, words)
        assert strangers(library._db, SCHEMA) == []
        assert library._db.execute("PRAGMA foreign_key_check").fetchall() == []
        assert library._db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert library.stamp != like.stamp
        library.claim(embedder)
        if version == 1:
            assert set(library.known(recipe()).values()) == {""}  # they are read anew when they are indexed next
        else:
            assert library.known(recipe()) == like.known(recipe())
        fill(library, old.parent, {"mill.txt": "A new text."}, embedder)


def test_its_documents_have_no_tags_and_say_nothing_of_how_their_files_were_read(old: Path) -> None:
    with Library(old) as library:
        for entry in library.entries():
            assert (entry.size, entry.modified, entry.tags, entry.omissions) == (None, None, (), ())
            library.tag([entry.id], ["work"])
        assert {entry.tags for entry in library.entries()} == {("work",)}
    assert check(old) == []


def test_a_copy_is_kept_beside_it_and_told_once(old: Path, version: int) -> None:
    with Library(old) as library:
        notice = library.notice
        (copy,) = copies(old)
        assert str(copy) in notice and f"format {version}" in notice and f"format {FORMAT}" in notice
    assert copy.name.startswith(f"library.format-{version}.20") and copy.stat().st_mode & 0o777 == 0o600
    with closing(sqlite3.connect(f"file:{copy}?mode=ro", uri=True)) as db:
        assert strangers(db, migrations.LIBRARY.schemas[version]) == []
        assert {row[0] for row in db.execute("SELECT text FROM documents")} == set(TEXTS.values())
    with Library(old) as library:
        assert library.notice == ""
    assert copies(old) == [copy]


def test_a_copy_never_takes_the_place_of_another(old: Path) -> None:
    whole = (old / FILE).read_bytes()
    Library(old).close()
    (old / FILE).write_bytes(whole)
    Library(old).close()
    second, first = copies(old)
    assert second.name == first.name.replace(".sqlite", ".2.sqlite")


def test_without_room_for_the_copy_nothing_is_done(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = (old / FILE).read_bytes()

    def full(*_: object) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(migrations, "_copied", full)
    with pytest.raises(LibraryUnusable, match="the disk is full"):
        Library(old)
    assert (old / FILE).read_bytes() == before


@pytest.mark.parametrize(("version", "step"), [(1, "search_terms"), (1, "content_digest"), (2, "content_digest")])
def test_a_step_that_fails_leaves_the_old_library(
    old: Path, version: int, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_: object) -> dict[str, str]:
        raise ValueError("words of no language")

    monkeypatch.setattr(migrations, step, failing)
    with pytest.raises(LibraryUnusable, match="words of no language"):
        Library(old)
    monkeypatch.undo()
    with closing(sqlite3.connect(old / FILE)) as db:
        assert strangers(db, migrations.LIBRARY.schemas[version]) == []
    with Library(old) as library:
        assert len(library.entries()) == 2


_MIGRATING = """
import sys
from pathlib import Path
from rag.index import migrations
from rag.index.library import Library
from rag.system import atomic_write
where, calls = sys.argv[2], []
def told(name, real):
    def step(*given):
        made = real(*given)
        calls.append(name)
        if calls.count(name) == (2 if name in ("search_terms", "content_digest") else 1) and name == where:
            print("here", flush=True)
            sys.stdin.readline()
        return made
    return step
for module, name in (
    *((migrations, each) for each in ("_copied", "empty_words", "search_terms", "content_digest")),
    (atomic_write, "sync_folder"),
):
    setattr(module, name, told(name, getattr(module, name)))
Library(Path(sys.argv[1]))
"""


_STEPS = [(1, step) for step in ("sync_folder", "_copied", "empty_words", "search_terms", "content_digest")]


@pytest.mark.parametrize(("version", "where"), [*_STEPS, (2, "_copied"), (2, "content_digest"), (3, "_copied")])
def test_one_that_is_killed_has_not_happened_and_happens_next_time(version: int, where: str, old: Path) -> None:
    command = [sys.executable, "-c", _MIGRATING, str(old), where]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None and process.stdout.readline() == "here\n"
        os.kill(process.pid, signal.SIGKILL)
    with closing(sqlite3.connect(old / FILE)) as db:
        assert strangers(db, migrations.LIBRARY.schemas[version]) == []
        assert {row[0] for row in db.execute("SELECT text FROM documents")} == set(TEXTS.values())
    with Library(old) as library:
        assert f"format {version}" in library.notice
        assert {library.document(entry.id).text for entry in library.entries()} == set(TEXTS.values())
    assert all(path.stat().st_size for path in copies(old))


def test_two_programs_at_once_make_it_once(old: Path) -> None:
    command = [
        sys.executable,
        "-c",
        "import sys; from pathlib import Path; from rag.index.library import Library; "
        "print(Library(Path(sys.argv[1])).notice != '')",
        str(old),
    ]
    runs = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    told = sorted(run.communicate()[0].strip() for run in runs)
    assert told in (["False", "True"], ["True"] * 1) and [run.returncode for run in runs] == [0, 0]
    assert len(copies(old)) == 1


@pytest.mark.parametrize(
    "change",
    [
        "CREATE TRIGGER evil AFTER DELETE ON documents BEGIN DELETE FROM chunks; END",
        "CREATE VIEW stolen AS SELECT text FROM documents",
        "DROP TABLE pieces",
        "ALTER TABLE documents ADD COLUMN more TEXT",
    ],
)
def test_a_file_with_other_tables_than_its_format_has_stays_as_it_is(old: Path, change: str) -> None:
    with closing(sqlite3.connect(old / FILE)) as db:
        db.execute(change)
        db.commit()
    with pytest.raises(LibraryUnusable, match="differs in"):
        Library(old)
    assert copies(old) == []


def test_one_that_can_only_be_read_says_where_it_is_brought_up_to_date(
    old: Path, version: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rag.index.library_file.writable", lambda _: False)
    with pytest.raises(LibraryUnusable, match=f"format {version}") as raised:
        Library(old)
    assert "--library" in raised.value.remedy and copies(old) == []


@pytest.mark.parametrize(
    ("version", "said"), [(str(FORMAT + 1), "newer Beleg"), ("0", "no library"), ("two", "no library")]
)
def test_a_newer_one_is_refused_with_the_advice_to_update_and_another_is_none(
    present: Path, version: str, said: str
) -> None:
    with closing(sqlite3.connect(present / FILE)) as db:
        db.execute("UPDATE meta SET value = ? WHERE key = 'format'", (version,))
        db.commit()
    with pytest.raises(LibraryUnusable, match=said) as raised:
        Library(present)
    assert "anew" not in str(raised.value) and "away" not in str(raised.value)


@pytest.mark.parametrize(("version", "said"), [(3, "newer Beleg"), (0, "no Beleg has made")])
def test_conversations_of_another_format_are_refused_and_stay(tmp_path: Path, version: int, said: str) -> None:
    from full_answer import answer

    Conversations(tmp_path).save("1", answer())
    with closing(sqlite3.connect(tmp_path / CONVERSATIONS)) as db:
        db.execute(f"PRAGMA user_version = {version}")
    with pytest.raises(LibraryUnusable, match=said):
        Conversations(tmp_path).headings()
    with pytest.raises(LibraryUnusable, match=said):
        Conversations(tmp_path).save("1", answer())
    with closing(sqlite3.connect(tmp_path / CONVERSATIONS)) as db:
        assert db.execute("SELECT count(*) FROM turns").fetchone() == (1,)
