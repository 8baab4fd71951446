"""Held: a damaged file of conversations is told, and what is whole in it opens."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from full_answer import answer, document
from saved_conversations import facts, saved_file

from rag.conversations.store import FILE, Conversations, new_id
from rag.documents.document import Document
from rag.errors import LibraryUnusable


def _run(statement: str) -> Callable[[sqlite3.Connection], object]:
    return lambda db: db.execute(statement)


DAMAGES = {
    "no JSON": _run("UPDATE turns SET answer = substr(answer, 1, 100) WHERE n = 1"),
    "no text": _run("UPDATE turns SET answer = 7 WHERE n = 1"),
    "bytes": _run("UPDATE turns SET answer = x'fffe00' WHERE n = 1"),
    "text that is no text": _run("UPDATE turns SET answer = CAST(x'ff' AS TEXT) WHERE n = 1"),
    "deeply nested": _run(f"UPDATE turns SET answer = '{'[' * 200_000}' WHERE n = 1"),
    "another kind of JSON": _run("UPDATE turns SET answer = '[]' WHERE n = 1"),
    "a missing snapshot": _run("DELETE FROM texts WHERE rowid = 1"),
    "a snapshot of another text": _run("UPDATE texts SET text = (SELECT text FROM texts WHERE rowid = 2)"),
    "a snapshot cut off": _run("UPDATE texts SET text = substr(text, 1, 20)"),
    "a snapshot that is a number": _run("UPDATE texts SET text = 7"),
    "a missing turn": _run("DELETE FROM turns WHERE n = 1"),
    "a time that is none": _run("UPDATE turns SET saved = 'yesterday'"),
    "a missing table": _run("DROP TABLE uses"),
    "a missing field": facts(lambda facts: facts.pop("prompts")),
    "a status that is none": facts(lambda facts: facts.update(status="maybe")),
    "a status that is no text": facts(lambda facts: facts.update(status=[])),
    "a mode that is none": facts(lambda facts: facts.update(mode="other")),
    "a question that is none": facts(lambda facts: facts.update(question=None)),
    "timings too few": facts(lambda facts: facts["timings"].pop()),
    "timings of words": facts(lambda facts: facts.update(timings=["a", "b", "c"])),
    "a statement too short": facts(lambda facts: facts["statements"][0].pop()),
    "a statement that is a number": facts(lambda facts: facts.update(statements=[1])),
    "a citation of a word": facts(lambda facts: facts["statements"].append(["a", ["1"], True])),
    "support that is a truth": facts(lambda facts: facts["citations"][0].update(support=True)),
    "a quote elsewhere": facts(lambda facts: facts["citations"][0].update(span=[21, 61])),
    "a quote of other words": facts(lambda facts: facts["citations"][0].update(text="Nobody paid.")),
    "a quote of another document": facts(lambda facts: facts["citations"][0].update(document=1)),
    "a document that is not there": facts(lambda facts: facts["citations"][0].update(document=2)),
    "a document before the first": facts(lambda facts: facts["citations"][0].update(document=-1)),
    "a mark outside": facts(lambda facts: facts["citations"][0].update(marks=[[0, 10_000]])),
    "a mark turned around": facts(lambda facts: facts["citations"][0].update(marks=[[30, 20]])),
    "a mark of one": facts(lambda facts: facts["citations"][0].update(marks=[[30]])),
    "a passage outside": facts(lambda facts: facts["passages"][0].update(span=[-5, 10])),
    "a retriever that is a number": facts(lambda facts: facts["passages"][0].update(by=[1])),
    "pages that are none": facts(lambda facts: facts["documents"][0].update(pages=0)),
    "support of an answer that is none": facts(lambda facts: facts.update(support=None)),
    "a declined sentence that is a word": facts(lambda facts: facts.update(declined="Nobody paid.")),
    "a declined sentence outside": facts(lambda facts: facts["declined"].update(span=[0, 10_000])),
    "a declined sentence of no document": facts(lambda facts: facts["declined"].update(document=2)),
    "considered sentences that are none": facts(lambda facts: facts.update(considered=3)),
    "a considered sentence outside": facts(lambda facts: facts["considered"][0].update(span=[0, 10_000])),
    "a declined sentence without support": facts(lambda facts: facts["declined"].pop("support")),
    "a date that is a number": facts(lambda facts: facts["documents"][0].update(date=1907)),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
def test_a_damaged_conversation_is_an_error_and_never_a_half_one(
    tmp_path: Path, damage: Callable[[sqlite3.Connection], object]
) -> None:
    conversations = Conversations(tmp_path)
    conversations.save("1", answer())
    conversations.save("1", answer("And then?"))
    db = saved_file(tmp_path)
    damage(db)
    db.close()
    with pytest.raises(LibraryUnusable) as raised:
        conversations.open("1")
    assert str(tmp_path / FILE) in raised.value.reason
    assert "Move the file away" in raised.value.remedy


def _calls(conversations: Conversations) -> list[Callable[[], object]]:
    return [
        lambda: conversations.save("1", answer()),
        conversations.headings,
        lambda: conversations.open("1"),
        conversations.latest,
        lambda: conversations.questions(1),
        lambda: conversations.delete("1"),
    ]


def _damaged_file(folder: Path, kind: str) -> None:
    file = folder / FILE
    if kind == "no database":
        file.write_bytes(b"Dear diary, this is no database. " * 100)
    elif kind == "another database":
        with closing(saved_file(folder)) as db:
            db.execute("CREATE TABLE recipes (name TEXT)")
    elif kind == "a later format":
        with closing(saved_file(folder)) as db:
            db.execute("PRAGMA user_version = 99")
    elif kind == "cut off":
        file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    elif kind == "header overwritten":
        file.write_bytes(b"\0" * 200 + file.read_bytes()[200:])


@pytest.mark.parametrize("kind", ["no database", "another database", "a later format", "cut off", "header overwritten"])
def test_a_file_that_is_no_file_of_conversations_is_an_error_of_every_call(tmp_path: Path, kind: str) -> None:
    if kind != "another database":
        Conversations(tmp_path).save("1", answer("What?", document(os.urandom(20_000).hex()), document()))
    _damaged_file(tmp_path, kind)
    before = (tmp_path / FILE).read_bytes()
    for call in _calls(Conversations(tmp_path)):
        with pytest.raises(LibraryUnusable, match="cannot be used") as raised:
            call()
        assert ("Update Beleg" if kind == "a later format" else "Move the file away") in raised.value.remedy
    if kind != "another database":  # that one is only brought into another way of writing
        assert (tmp_path / FILE).read_bytes() == before


@pytest.mark.parametrize("kind", ["empty", "header only"])
def test_a_file_that_was_not_yet_filled_when_a_process_was_killed_is_filled(tmp_path: Path, kind: str) -> None:
    (tmp_path / FILE).touch()
    if kind == "header only":
        db = saved_file(tmp_path)
        db.execute("PRAGMA journal_mode = WAL")
        db.close()
    conversations = Conversations(tmp_path)
    assert conversations.headings() == []
    conversations.save("1", answer())
    assert len(conversations.open("1").turns) == 1


def _long(number: int) -> Document:
    return document(f"{number}" + "a" * 80_000_000, f"{number}.txt")


def test_a_conversation_that_unpacks_to_more_than_any_memory_is_refused_and_the_others_open(tmp_path: Path) -> None:
    conversations = Conversations(tmp_path)
    conversations.save("other", answer())
    for number in range(0, 4, 2):
        conversations.save("1", answer("How many?", _long(number), _long(number + 1)))
    assert (tmp_path / FILE).stat().st_size < 2_000_000
    with pytest.raises(LibraryUnusable, match="more than 300 MB of text"):
        conversations.open("1")
    assert len(conversations.open("other").turns) == 1


_SCARCE = """
import resource, sys
from pathlib import Path
from rag.conversations.store import Conversations
from rag.errors import LibraryUnusable
taken = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (taken + 60_000_000,) * 2)
try:
    Conversations(Path(sys.argv[1])).open("1")
except LibraryUnusable as error:
    print(error.reason)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the limit is Linux's")
def test_where_memory_is_scarce_a_conversation_that_does_not_fit_is_an_error(tmp_path: Path) -> None:
    Conversations(tmp_path).save("1", answer("How many?", _long(1), document()))
    done = subprocess.run([sys.executable, "-c", _SCARCE, str(tmp_path)], capture_output=True, text=True, timeout=60)
    assert "takes more memory than there is" in done.stdout, done.stderr


def test_only_the_texts_that_a_turn_names_are_unpacked(tmp_path: Path) -> None:
    conversations = Conversations(tmp_path)
    conversations.save("1", answer())
    with closing(saved_file(tmp_path)) as db:
        db.execute("INSERT INTO texts VALUES ('f', x'00')")
        db.execute("INSERT INTO uses VALUES (1, 'f')")
    assert len(conversations.open("1").turns) == 1


def test_an_answer_longer_than_any_is_not_unpacked(tmp_path: Path) -> None:
    conversations = Conversations(tmp_path)
    conversations.save("1", answer())
    _run("UPDATE turns SET answer = '[' || replace(hex(zeroblob(3400000)), '00', '[],') || '[]]'")(
        db := saved_file(tmp_path)
    )
    db.close()
    with pytest.raises(LibraryUnusable, match="longer than any"):
        conversations.open("1")


def test_a_damaged_row_makes_the_list_an_error_too(tmp_path: Path) -> None:
    conversations = Conversations(tmp_path)
    conversations.save("1", answer())
    db = saved_file(tmp_path)
    db.execute("UPDATE turns SET question = x'00'")
    db.close()
    with pytest.raises(LibraryUnusable, match="damaged"):
        conversations.headings()
    with pytest.raises(LibraryUnusable, match="damaged"):
        conversations.questions(1)


def test_a_folder_that_cannot_be_is_an_error_that_says_what_to_look_for(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(LibraryUnusable, match="cannot be used") as raised:
        Conversations(tmp_path / "file").save("1", answer())
    assert "write in the folder" in raised.value.remedy
    (tmp_path / FILE).mkdir()
    with pytest.raises(LibraryUnusable, match="cannot be used"):
        Conversations(tmp_path).headings()


def test_reading_needs_no_right_to_write_and_waits_for_no_writer(tmp_path: Path) -> None:
    kept = Conversations(tmp_path)
    identity = new_id()
    kept.save(identity, answer())
    with sqlite3.connect(tmp_path / FILE, isolation_level=None) as writer:
        writer.execute("BEGIN IMMEDIATE")
        started = time.monotonic()
        assert kept.latest() == identity and len(kept.open(identity).turns) == 1
        assert time.monotonic() - started < 2
        writer.execute("ROLLBACK")
    writer.close()
