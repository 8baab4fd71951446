"""Conversations have names of a person's; a file from before that is read as it is, and brought up to date whole."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from full_answer import answer
from project import HELPERS
from saved_conversations import as_format_1, saved_file

from rag.conversations.schema import SCHEMA, SCHEMAS
from rag.conversations.store import FILE, LONGEST_NAME, Conversations
from rag.errors import LibraryUnusable
from rag.index.schema import strangers
from rag.maintenance.integrity_check import conversation_findings


@pytest.fixture
def two(tmp_path: Path) -> Conversations:
    """Two conversations: the first of two turns, the second of one."""
    conversations = Conversations(tmp_path)
    for identity, question in (("1", "How many marks?"), ("2", "Where is it?"), ("1", "And then?")):
        conversations.save(identity, answer(question))
    return conversations


def titles(conversations: Conversations, search: str = "") -> list[str]:
    return [heading.title for heading in conversations.headings(search)]


def rows(folder: Path) -> list[object]:
    with closing(saved_file(folder)) as db:
        return [db.execute(f"SELECT * FROM {table}").fetchall() for table in ("turns", "texts", "uses")]


# --- names ---------------------------------------------------------------------------------


def test_a_name_stands_for_the_first_question_wherever_a_conversation_is_named(two: Conversations) -> None:
    two.rename("1", " The mill\n of  Husum ")
    assert titles(two) == ["The mill of Husum", "Where is it?"]
    assert two.open("1").title == two.name("1") == "The mill of Husum"
    two.save("1", answer("Once more?"))
    assert titles(two) == ["The mill of Husum", "Where is it?"] and two.open("1").title == "The mill of Husum"


def test_a_conversation_is_found_by_its_name_and_still_by_its_questions(two: Conversations) -> None:
    two.rename("2", "Ausflug nach Husum")
    assert titles(two, "HUSUM") == titles(two, "where husum") == ["Ausflug nach Husum"]


def test_an_empty_name_gives_the_first_question_back(two: Conversations) -> None:
    two.rename("1", "The mill")
    two.rename("1", "  \n")
    assert titles(two) == ["How many marks?", "Where is it?"] and two.name("1") == ""


def test_a_name_of_any_text_is_kept_on_one_line_and_cut(two: Conversations) -> None:
    two.rename("1", "\x1b[31mred\ud83d" + "x" * 1000)
    assert "\x1b" not in two.name("1") and len(two.name("1")) == LONGEST_NAME


def test_what_is_not_saved_has_no_name_and_no_file_is_made_for_one(tmp_path: Path, two: Conversations) -> None:
    for conversations in (two, Conversations(tmp_path / "none")):
        with pytest.raises(LibraryUnusable, match="not saved"):
            conversations.rename("3", "A name")
    assert not (tmp_path / "none").exists()


def test_a_name_goes_with_its_conversation(tmp_path: Path, two: Conversations) -> None:
    two.rename("1", "The wine cellar")
    two.delete("1")
    assert b"wine cellar" not in b"".join(file.read_bytes() for file in tmp_path.iterdir())
    two.save("1", answer("Anew?"))
    assert titles(two)[0] == "Anew?"


# --- a file of format 1 ----------------------------------------------------------------------


def test_an_older_file_is_read_as_it_is_and_nothing_is_written_in_it(tmp_path: Path, two: Conversations) -> None:
    as_format_1(tmp_path)
    before = (tmp_path / FILE).read_bytes()
    assert titles(two, "marks") == ["How many marks?", "Where is it?"]
    assert [turn.answer.question for turn in two.open("1").turns] == ["How many marks?", "And then?"]
    assert (two.name("1"), two.latest()) == ("", "1") and conversation_findings(tmp_path) == []
    assert (tmp_path / FILE).read_bytes() == before


@pytest.mark.parametrize("write", ["save", "rename", "delete"])
def test_what_is_first_written_brings_an_older_file_up_to_date_and_nothing_is_lost(
    tmp_path: Path, two: Conversations, write: str
) -> None:
    as_format_1(tmp_path)
    before, turns = rows(tmp_path), two.open("1").turns
    if write == "save":
        two.save("3", answer("A third?"))
    elif write == "rename":
        two.rename("1", "The mill")
        assert rows(tmp_path) == before
    else:
        two.delete("2")
    assert two.open("1").turns == turns
    with closing(saved_file(tmp_path)) as db:
        assert strangers(db, SCHEMA) == [] and db.execute("PRAGMA user_version").fetchone() == (2,)
    assert conversation_findings(tmp_path) == []
    assert list(tmp_path.glob("*format*")) == []  # no copy, which would keep what is deleted later


def test_an_older_file_with_other_tables_than_its_format_has_stays_as_it_is(tmp_path: Path, two: Conversations) -> None:
    as_format_1(tmp_path)
    with closing(saved_file(tmp_path)) as db:
        db.execute("CREATE TRIGGER evil AFTER INSERT ON turns BEGIN DELETE FROM turns; END")
    with pytest.raises(LibraryUnusable, match="differs in evil"):
        two.save("3", answer())
    with closing(saved_file(tmp_path)) as db:
        assert db.execute("SELECT count(*) FROM turns").fetchone() == (3,)
        assert db.execute("PRAGMA user_version").fetchone() == (1,)


_MIGRATING = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from rag.conversations import store
from full_answer import answer
real = store.climb
def climb(db):
    real(db)
    print("here", flush=True)
    sys.stdin.readline()
store.climb = climb
store.Conversations(Path(sys.argv[1])).save("3", answer())
"""


def test_a_process_killed_in_the_step_has_changed_nothing_and_the_next_does_it(
    tmp_path: Path, two: Conversations
) -> None:
    as_format_1(tmp_path)
    before = rows(tmp_path)
    command = [sys.executable, "-c", _MIGRATING, str(tmp_path), str(HELPERS)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None and process.stdout.readline() == "here\n"
        os.kill(process.pid, signal.SIGKILL)
    assert rows(tmp_path) == before
    with closing(saved_file(tmp_path)) as db:
        assert strangers(db, SCHEMAS[1]) == []
    two.rename("1", "The mill")
    assert titles(two) == ["The mill", "Where is it?"]


def test_a_damaged_name_is_told(tmp_path: Path, two: Conversations) -> None:
    with closing(sqlite3.connect(tmp_path / FILE, isolation_level=None)) as db:
        db.execute("INSERT INTO names VALUES ('1', x'00')")
    with pytest.raises(LibraryUnusable, match="damaged"):
        two.headings()


# --- the line that holds what was looked for -------------------------------------------------


@pytest.mark.parametrize(
    ("search", "hit"),
    [
        ("", ""),
        ("marks", ""),  # the title holds it, and is shown anyway
        ("first sentence", "The first sentence of all."),
        ("FERRY", "… reads comes, before the ferry sank."),
        ("fa\u0308hre", "Die Fähre kam an."),
        ("bridge.pdf", "Title of bridge.pdf"),
        ("marks fähre", "Die Fähre kam an."),
    ],
)
def test_a_conversation_that_is_found_shows_the_line_that_holds_the_words(
    tmp_path: Path, search: str, hit: str
) -> None:
    text = "The first sentence of all.\nAnd more that nobody reads comes, before the ferry sank.\nDie Fähre kam an."
    conversations = Conversations(tmp_path)
    conversations.save("1", answer("How many marks?"))
    conversations.save("1", replace(answer("And then?"), text=text))
    (heading,) = conversations.headings(search)
    assert heading.hit == hit


def test_a_name_that_holds_the_words_is_hit_enough(two: Conversations) -> None:
    two.rename("1", "The 9,000")
    two.rename("2", "Nothing")
    assert [row.hit for row in two.headings("9,000")] == ["", "9,000 marks. [2]"]


@pytest.mark.parametrize("damage", ["'{'", "x'fffe00'", "CAST(x'ff' AS TEXT)", "7", "'[]'", "'{}'"])
def test_a_damaged_answer_has_no_line_and_is_in_the_list(tmp_path: Path, two: Conversations, damage: str) -> None:
    with closing(saved_file(tmp_path)) as db:
        db.execute(f"UPDATE turns SET answer = {damage}")
    assert [(row.id, row.hit) for row in two.headings("9,000")] == [("1", ""), ("2", "")]
