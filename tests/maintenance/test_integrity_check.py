"""A whole library has no findings; each kind of damage is found, with what to do about it, and nothing is changed."""

from __future__ import annotations

import os
import shutil
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from full_answer import answer
from library_fixtures import fill, other_embedder

from rag.cli.main import main
from rag.conversations.store import FILE as CONVERSATIONS
from rag.conversations.store import Conversations
from rag.errors import LibraryUnusable
from rag.index.library import FILE, Library
from rag.index.update import rebuild
from rag.index.vector_index import FILE as VECTORS
from rag.index.vector_index import open_index
from rag.maintenance.integrity_check import check, vector_findings
from rag.models.embedder import Embedder

TEXTS = {
    "mill.txt": "Die alte Mühle ist 1907 abgebrannt. Niemand kam zu Schaden. Der Müller zog nach Husum. " * 12,
    "ferry.txt": "The ferry sank on a stormy night. Its captain swam ashore. Two goats were never found.",
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Path:
    folder = tmp_path_factory.mktemp("check")
    with Library(folder / "library", create=True) as library:
        fill(library, folder, TEXTS, embedder)
        open_index(library)
    Conversations(folder / "library").save("1", answer())
    return folder / "library"


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    """A copy of a library of two documents with a conversation."""
    return shutil.copytree(made, tmp_path / "library")


def changed(folder: Path, *statements: str, file: str = FILE) -> None:
    with closing(sqlite3.connect(folder / file, isolation_level=None)) as db:
        for statement in statements:
            db.execute(statement)


def test_a_whole_library_has_no_findings_and_is_not_changed(folder: Path) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert check(folder) == []
    assert {name: (folder / name).read_bytes() for name in before} == before


def test_the_seeds_have_no_findings(seed_library: Path) -> None:
    assert check(seed_library) == []


def test_nobody_waits_for_a_check_and_it_waits_for_nobody(folder: Path) -> None:
    with Library(folder) as library, library._transaction():
        library._db.execute("DELETE FROM sentences")
        assert check(folder) == []
        library._db.execute("ROLLBACK")
        library._db.execute("BEGIN IMMEDIATE")


RESTORE, REBUILD, INDEX = "beleg restore", "beleg index --rebuild", "Index its file again"
DAMAGES: dict[str, tuple[str, str, str]] = {
    "a passage too long": ('UPDATE chunks SET "end" = "end" + 1', "joined, are not its text", REBUILD),
    "a passage that is gone": (
        "DELETE FROM chunks WHERE id = (SELECT max(id) FROM chunks WHERE document_id ="
        " (SELECT id FROM documents WHERE name = 'mill.txt'))",
        "joined, are not its text",
        REBUILD,
    ),
    "a passage that is no span": ("UPDATE chunks SET start = 'zero' WHERE id = 1", "no spans of text", REBUILD),
    "a sentence outside": ('UPDATE sentences SET "end" = 100000 WHERE id = 2', "outside of its passage", REBUILD),
    "a sentence turned around": ('UPDATE sentences SET "end" = start WHERE id = 2', "outside of its passage", REBUILD),
    "sentences that overlap": (
        "UPDATE sentences SET start = (SELECT start FROM sentences WHERE id = 1) WHERE id = 2",
        "not in order",
        REBUILD,
    ),
    "a vector cut off": ("UPDATE sentences SET vector = substr(vector, 1, 800) WHERE id = 1", "2 sizes", REBUILD),
    "a vector of zeros": ("UPDATE sentences SET vector = zeroblob(1536) WHERE id = 1", "not of length 1", REBUILD),
    "a vector of nothing": ("UPDATE sentences SET vector = x''", "vector is none", REBUILD),
    "a vector that is text": ("UPDATE sentences SET vector = 'abcd'", "vector is none", REBUILD),
    "words that are gone": ("DELETE FROM pieces WHERE rowid = 1", "pieces: 1 passages have no words", REBUILD),
    "words of nothing": ("INSERT INTO stems (rowid, words) VALUES (99, 'a')", "1 words no passage", REBUILD),
    "damaged words": ("UPDATE glosses_content SET c0 = 'other words' WHERE id = 1", "glosses", REBUILD),
    "a sentence of nothing": ("UPDATE sentences SET chunk_id = 99 WHERE id = 1", "belong to nothing", REBUILD),
    "a text cut off": ("UPDATE documents SET text = substr(text, 1, 20)", "joined, are not its text", REBUILD),
    "a text that is none": ("UPDATE documents SET text = x'00ff'", "should be text", INDEX),
    "pages that are none": ("UPDATE documents SET pages = '{'", "pages are no numbers", INDEX),
    "pages outside": ("UPDATE documents SET pages = '[0, 99999]'", "outside of its text", INDEX),
    "a text that begins outside": ("UPDATE documents SET body = 99999", "outside of itself", INDEX),
    "a size that is none": ("UPDATE documents SET size = 'large'", "no number", INDEX),
    "a time that is none": ("UPDATE documents SET modified = 1.5", "no number", INDEX),
    "a tag that is none": ("INSERT INTO tags SELECT id, x'00ff' FROM documents", "a tag is no text", INDEX),
    "a reading that is none": ("UPDATE documents SET about = '[]'", "how it was read", INDEX),
    "a reading without end": ("UPDATE documents SET about = '" + "[" * 50_000 + "'", "how it was read", INDEX),
    "a reading that is a word": ("UPDATE documents SET about = '\"cp1252\"'", "how it was read", INDEX),
    "a doubt that is none": ("UPDATE documents SET about = '{\"doubts\": 3}'", "how it was read", INDEX),
    "tags that are none": ('UPDATE documents SET about = \'{"tags": "work"}\'', "how it was read", INDEX),
    "a tag of the file that is none": ("UPDATE documents SET about = '{\"tags\": [3]}'", "how it was read", INDEX),
    "an omission that is none": (
        'UPDATE documents SET about = \'{"omissions": [["images", "three"]]}\'',
        "how it was read",
        INDEX,
    ),
    "a tag of nothing": ("INSERT INTO tags VALUES ('nobody', 'work')", "belong to nothing", REBUILD),
    "a copy of another text": ("UPDATE documents SET content = 'f'", "tells copies", REBUILD),
    "another table": ("CREATE TABLE more (name TEXT)", "other tables than Beleg makes: more", RESTORE),
    "a missing index": ("DROP INDEX sentences_of_chunk", "sentences_of_chunk", RESTORE),
    "a newer format": ("UPDATE meta SET value = '5' WHERE key = 'format'", "format 5", "Update Beleg"),
    "no format": ("DELETE FROM meta", "format 0", RESTORE),
}


@pytest.mark.parametrize("kind", DAMAGES)
def test_each_damage_is_found_with_what_to_do(kind: str, folder: Path) -> None:
    statement, said, remedy = DAMAGES[kind]
    changed(folder, statement)
    found = check(folder)
    assert any(said in finding.what and remedy in finding.remedy for finding in found), found


@pytest.mark.parametrize("kind", [kind for kind, (_, _, remedy) in DAMAGES.items() if remedy == REBUILD])
def test_what_a_rebuild_is_said_to_mend_it_mends(kind: str, folder: Path, embedder: Embedder) -> None:
    changed(folder, DAMAGES[kind][0])
    with Library(folder) as library:
        rebuild(library, embedder, lambda _: None)
    assert check(folder) == []


@pytest.mark.parametrize("damage", ["flipped", "cut off", "no database"])
def test_a_damaged_file_is_found(damage: str, folder: Path) -> None:
    raw = (folder / FILE).read_bytes()
    middle = len(raw) // 2
    (folder / FILE).write_bytes(
        {
            "flipped": raw[:8192] + os.urandom(middle) + raw[8192 + middle :],
            "cut off": raw[:middle],
            "no database": b"Dear diary, " * 1000,
        }[damage]
    )
    found = check(folder)
    assert found and all(RESTORE in finding.remedy for finding in found)


@pytest.mark.usefixtures("vectors_in_a_file")
def test_what_lies_beside_is_looked_at_too(folder: Path) -> None:
    with Library(folder) as library:
        open_index(library)
    raw = (folder / VECTORS).read_bytes()
    (folder / VECTORS).write_bytes(raw[:-1] + bytes([raw[-1] ^ 1]))
    changed(folder, "UPDATE turns SET answer = '{}'", file=CONVERSATIONS)
    left = folder / f".{VECTORS}.abc123"
    left.touch()
    (folder / ".beleg-young").mkdir()
    os.utime(left, (time.time() - 7200,) * 2)
    cache, talk, rest = check(folder)
    assert "vectors.faiss is damaged" in cache.what and "Delete it" in cache.remedy
    assert "conversations" in talk.what and "Move the file away" in talk.remedy
    assert left.name in rest.what
    changed(folder, "DROP TABLE uses", file=CONVERSATIONS)
    assert any("other tables than Beleg makes" in finding.what for finding in check(folder))


def test_an_index_of_an_earlier_state_is_no_damage(folder: Path, embedder: Embedder) -> None:
    with Library(folder) as library:
        fill(library, folder.parent, {"later.txt": "A later text."}, embedder)
    assert check(folder) == []


def test_vectors_are_compared_with_what_their_sentences_give(folder: Path, embedder: Embedder) -> None:
    told: list[str] = []
    with Library(folder) as library:
        assert vector_findings(library, embedder, told.append) == []
        assert told == sorted(TEXTS)
        with library._transaction():
            library._db.execute(
                "UPDATE sentences SET vector = (SELECT vector FROM sentences WHERE id = 2) WHERE id = 1"
            )
        assert check(folder) == []
        (finding,) = vector_findings(library, embedder, told.append)
        assert "1 of" in finding.what and REBUILD in finding.remedy
        rebuild(library, other_embedder(embedder), lambda _: None)
        with pytest.raises(LibraryUnusable, match="embedder other"):
            vector_findings(library, embedder, told.append)


def test_comparing_vectors_leaves_an_empty_library_as_it_is(tmp_path: Path, embedder: Embedder) -> None:
    with Library(tmp_path / "library", create=True) as library:
        before = library.stamp
        assert vector_findings(library, embedder, print) == []
        assert library.stamp == before


@pytest.mark.parametrize("create", ["", "later"])
def test_without_a_library_there_is_nothing_to_check(create: str, tmp_path: Path) -> None:
    if create:
        (tmp_path / "library").mkdir()
    with pytest.raises(LibraryUnusable, match="There is no library"):
        check(tmp_path / "library")


def test_the_command_says_what_it_found_and_exits_4(
    folder: Path, cache: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BELEG_CACHE", str(cache))
    monkeypatch.setenv("BELEG_LIBRARY", str(folder))
    run: Callable[..., int] = lambda *arguments: main(["check", *arguments])  # noqa: E731
    assert run() == 0 and capsys.readouterr().out == ""
    assert run("--vectors") == 0 and capsys.readouterr().out == ""
    changed(folder, "UPDATE documents SET name = 'a' || char(27) || '[31m', body = 99999 WHERE name = 'mill.txt'")
    assert run("--vectors") == 4
    out, said = capsys.readouterr()
    assert out.count("\n") == 1 and "outside of itself" in out and "\x1b" not in out
    assert "1 finding" in said
