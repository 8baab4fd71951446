"""Saved conversations: whole answers with the documents as they were, whatever becomes of these; or an error."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import fields, replace
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

import pytest
from full_answer import BRIDGE, MILL, answer, document, passage
from hypothesis import given, settings
from hypothesis import strategies as st
from project import HELPERS
from saved_conversations import facts, saved_file

from rag.answering.assistant import Answer, Citation, Timings
from rag.answering.sentence_selection import Quote
from rag.conversations.serialization import key, packed, unpacked
from rag.conversations.store import FILE, Conversations, new_id
from rag.errors import LibraryUnusable


def without_vectors(whole: Answer) -> Answer:
    return replace(whole, passages=tuple(replace(row, sentences=()) for row in whole.passages))


# --- an answer comes back ----------------------------------------------------------------


def test_a_saved_answer_comes_back_whole(tmp_path: Path) -> None:
    conversations, identity, whole = Conversations(tmp_path), new_id(), answer()
    turn = conversations.save(identity, whole)
    assert turn.answer is whole
    opened = conversations.open(identity)
    assert opened.id == identity
    assert opened.title == "How many marks?"
    assert [row.answer for row in opened.turns] == [without_vectors(whole)]
    assert [row.when for row in opened.turns] == [turn.when]
    assert turn.when.endswith("+00:00") and "." not in turn.when


def test_every_field_of_an_answer_is_in_the_answer_that_these_tests_save() -> None:
    """So that a field that is added to an answer cannot be forgotten here, or in what is saved."""
    whole = answer()
    rows: list[Any] = [whole, whole.timings, *whole.citations[:1], whole.citations[0].quote, whole.passages[0]]
    for row in [*rows, whole.passages[0].chunk, whole.statements[0], whole.citations[0].quote.document]:
        assert [field.name for field in fields(row) if field.compare and not getattr(row, field.name)] == []


def test_an_answer_that_found_nothing_comes_back_whole(tmp_path: Path) -> None:
    conversations = Conversations(tmp_path)
    nothing = replace(answer(), status="not_found", mode="quote", text="I found no sentence that answers this.")
    nothing = replace(nothing, prompts=(), statements=(), citations=(), figures=())
    unsearched = replace(nothing, passages=(), support=0.0, declined=None, considered=())
    conversations.save("1", nothing)
    conversations.save("2", unsearched)
    assert conversations.open("1").turns[0].answer == without_vectors(nothing)
    assert conversations.open("2").turns[0].answer == unsearched


def test_a_turn_saved_before_answers_told_their_support_comes_back_without_it(tmp_path: Path) -> None:
    conversations = Conversations(tmp_path)
    conversations.save("1", answer())
    with closing(saved_file(tmp_path)) as db:
        facts(lambda facts: [facts.pop(name) for name in ("support", "declined", "considered", "care")])(db)
    (turn,) = conversations.open("1").turns
    before = replace(without_vectors(answer()), support=0.0, declined=None, considered=(), care="balanced")
    assert turn.answer == before


def test_the_document_of_a_quote_is_the_one_of_its_passage(tmp_path: Path) -> None:
    conversations = Conversations(tmp_path)
    conversations.save("1", answer())
    loaded = conversations.open("1").turns[0].answer
    assert loaded.citations[0].quote.document is loaded.passages[0].document


@given(
    text=st.text(st.characters(), min_size=1),
    question=st.text(),
    floats=st.tuples(*[st.floats(allow_nan=False)] * 3),
    data=st.data(),
)
@settings(max_examples=200, deadline=None)
def test_any_text_and_any_span_come_back_as_they_were(
    text: str, question: str, floats: tuple[float, float, float], data: st.DataObject
) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    source = document(text)
    whole = replace(
        answer(question),
        text=text,
        citations=(Citation(1, Quote(source, start, end, text[start:end], floats[0], ((start, end),), text), 1),),
        passages=(passage(source, start, end),),
        timings=Timings(*floats),
        support=floats[1],
        declined=Quote(source, start, end, text[start:end], floats[2]),
        considered=(Quote(source, start, end, text[start:end], floats[2]),) * 2,
    )
    facts, texts = packed(whole)
    assert texts == {key(text): text}
    again = unpacked(facts, texts)
    assert again == without_vectors(whole)
    assert again.declined
    for row in [*(citation.quote for citation in again.citations), again.declined, *again.considered]:
        assert row.text == row.document.text[row.start : row.end]


def test_turns_come_back_in_the_order_they_were_asked_in(tmp_path: Path) -> None:
    conversations = Conversations(tmp_path)
    for number in range(12):
        conversations.save("a" if number % 2 else "b", answer(f"Question {number}?"))
    assert [turn.answer.question for turn in conversations.open("a").turns] == [
        f"Question {n}?" for n in range(1, 12, 2)
    ]


def test_a_quote_is_shown_as_it_was_although_the_document_has_changed(tmp_path: Path) -> None:
    """The same file, first with one text, then with another, then under another name with the first."""
    conversations = Conversations(tmp_path)
    before, after = document(MILL), document(MILL.upper())
    renamed = replace(before, name="moved/mühle.txt", title="Another title")
    for source in (before, after, renamed):
        conversations.save("1", answer("What?", source, source))
    found = [turn.answer.citations[0].quote.document for turn in conversations.open("1").turns]
    assert found == [before, after, renamed]


def test_a_text_is_kept_once_however_many_answers_share_it(tmp_path: Path) -> None:
    conversations = Conversations(tmp_path)
    for identity in ("1", "1", "2"):
        conversations.save(identity, answer())
    db = saved_file(tmp_path)
    assert db.execute("SELECT count(*) FROM texts").fetchone() == (2,)
    db.close()


def test_a_long_text_is_kept_compressed(tmp_path: Path) -> None:
    long = document(MILL + "Und noch ein Satz über die Mühle. " * 30_000)
    Conversations(tmp_path).save("1", answer("What?", long, long))
    assert (tmp_path / FILE).stat().st_size < 100_000


# --- the list ----------------------------------------------------------------------------


def test_the_list_is_newest_first_by_the_last_turn(tmp_path: Path) -> None:
    conversations = Conversations(tmp_path)
    for identity, question in [("a", "First?"), ("b", "Second?"), ("c", "Third?"), ("a", "And then?")]:
        last = conversations.save(identity, answer(question))
    assert [(row.id, row.title, row.turns) for row in conversations.headings()] == [
        ("a", "First?", 2),
        ("c", "Third?", 1),
        ("b", "Second?", 1),
    ]
    assert conversations.headings()[0].updated == last.when
    assert conversations.latest() == "a"
    assert conversations.questions(9) == ["First?", "Second?", "Third?", "And then?"]
    assert conversations.questions(2) == ["Third?", "And then?"]
    conversations.delete("a")
    assert conversations.questions(9) == ["Second?", "Third?"]


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("", ["2", "1"]),
        ("  ", ["2", "1"]),
        ("MÜHLE", ["1"]),
        ("mu\u0308hle", ["1"]),
        ("muhle", []),
        ("strasse", ["2"]),
        ("STRASSE wo", ["2"]),
        ("wann 11.000", ["1"]),
        ("wann straße", []),
        ("title bridge.pdf", ["2", "1"]),
        ("brannte", []),
        ("%", []),
        ("_", []),
        ("wer mühle", ["1"]),
    ],
)
def test_every_word_must_occur_in_questions_answers_or_cited_documents(
    tmp_path: Path, search: str, found: list[str]
) -> None:
    conversations = Conversations(tmp_path)
    conversations.save("1", answer("Wann brann die Mühle?"))
    conversations.save("2", answer("Wo ist die Straße?", document(BRIDGE, "bridge.pdf"), document(BRIDGE, "x.pdf")))
    conversations.save("1", answer("Wer war's?"))
    assert sorted(row.id for row in conversations.headings(search)) == sorted(found)


def test_before_anything_is_saved_there_is_no_file_and_the_list_is_empty(tmp_path: Path) -> None:
    conversations = Conversations(tmp_path / "none")
    assert conversations.headings() == []
    assert conversations.questions(9) == []
    assert conversations.latest() is None
    conversations.delete("1")
    with pytest.raises(LibraryUnusable, match="not saved"):
        conversations.open("1")
    assert not (tmp_path / "none").exists()
    conversations.save("1", answer())
    assert (tmp_path / "none" / FILE).is_file()


def test_an_id_is_new_each_time() -> None:
    assert len({new_id() for _ in range(100)}) == 100


# --- deleting ----------------------------------------------------------------------------


def test_a_deleted_conversation_takes_along_the_texts_only_it_had_need_of(tmp_path: Path) -> None:
    conversations = Conversations(tmp_path)
    shared, own = document(), document(BRIDGE, "own.pdf")
    conversations.save("1", answer("Where is the wine cellar?", shared, own))
    conversations.save("1", answer("Where?", own, own))
    conversations.save("2", answer("When?", shared, shared))
    conversations.delete("1")
    assert [row.id for row in conversations.headings()] == ["2"]
    assert conversations.open("2").turns[0].answer.citations[0].quote.document == shared
    with pytest.raises(LibraryUnusable, match="not saved") as raised:
        conversations.open("1")
    assert raised.value.remedy
    db = saved_file(tmp_path)
    assert db.execute("SELECT sha256 FROM texts").fetchall() == [(key(shared.text),)]
    db.close()


def test_nothing_of_a_deleted_conversation_can_be_read_from_the_file(tmp_path: Path) -> None:
    conversations = Conversations(tmp_path)
    conversations.save("1", answer("Where is the wine cellar?"))
    conversations.save("2", answer())
    conversations.delete("1")
    assert b"wine cellar" not in b"".join(file.read_bytes() for file in tmp_path.iterdir())


def test_deleting_what_is_not_there_is_no_error(tmp_path: Path) -> None:
    conversations = Conversations(tmp_path)
    conversations.save("1", answer())
    conversations.delete("2")
    assert conversations.latest() == "1"


# --- several at once, and killed ------------------------------------------------------------


def _save_along(folder: Path, identity: str, together: Barrier) -> None:
    for number in range(30):
        together.wait(60)
        conversations = Conversations(folder / str(number % 15))
        conversations.save(identity, answer(f"{identity} {number}"))
        conversations.headings()


def test_processes_may_make_a_file_and_write_in_it_at_once(tmp_path: Path) -> None:
    spawn = multiprocessing.get_context("spawn")
    together = spawn.Barrier(3)
    processes = [spawn.Process(target=_save_along, args=(tmp_path, identity, together)) for identity in "aab"]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0, 0]
    for number in range(15):
        found = {row.id: row.turns for row in Conversations(tmp_path / str(number)).headings()}
        assert found == {"a": 4, "b": 2}


def test_several_threads_may_use_the_same_conversations_at_once(tmp_path: Path) -> None:
    conversations = Conversations(tmp_path)

    def use(number: int) -> None:
        identity = f"{number % 3}"
        conversations.save(identity, answer(f"Question {number}?"))
        conversations.headings("question")
        if identity == "0":
            conversations.delete("0")
        else:
            assert conversations.open(identity).title.startswith("Question")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(use, range(39)))
    assert sorted((row.id, row.turns) for row in conversations.headings()) == [("1", 13), ("2", 13)]


_SAVE_ON = """
import sys
from pathlib import Path
from typing import Any
sys.path.insert(0, sys.argv[2])
from full_answer import answer
from rag.conversations.store import Conversations
while True:
    print(flush=True)
    Conversations(Path(sys.argv[1])).save("1", answer())
"""


def test_a_process_killed_while_it_saves_leaves_every_turn_whole(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _SAVE_ON, str(tmp_path), str(HELPERS)]
    for wait in (0.01, 0.04, 0.1):
        process = subprocess.Popen(command, stdout=subprocess.PIPE)
        assert process.stdout and process.stdout.readline()
        time.sleep(wait)
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
    conversations = Conversations(tmp_path)
    turns = conversations.open("1").turns if conversations.latest() else ()
    assert all(turn.answer == without_vectors(answer()) for turn in turns)
    conversations.save("1", answer())
    assert len(conversations.open("1").turns) == len(turns) + 1
