"""A deleted conversation can be taken back as it was, in this program; in the file nothing is left of it."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from full_answer import BRIDGE, answer, document
from saved_conversations import as_format_1, saved_file

from rag.conversations import deleting
from rag.conversations.deleting import Deleted
from rag.conversations.store import FILE, Conversations
from rag.errors import LibraryUnusable


@pytest.fixture
def three(tmp_path: Path) -> Conversations:
    """Three conversations, whose turns were asked in turn; the first two share a text, and the second has a name."""
    conversations = Conversations(tmp_path)
    own = document(BRIDGE, "own.pdf")
    for n in range(6):
        sources = (own, own) if n % 3 == 1 else (document(), document())
        conversations.save("abc"[n % 3], answer(f"Question {n}, of the wine cellar?", *sources))
    conversations.rename("b", "The bridge")
    return conversations


def dump(folder: Path) -> list[str]:
    with closing(saved_file(folder)) as db:
        return sorted(db.iterdump())


def deleted(conversations: Conversations, identity: str) -> Deleted:
    found = conversations.delete(identity)
    assert found is not None
    return found


@pytest.mark.parametrize("identity", ["a", "b", "c"])
def test_it_comes_back_with_ids_times_texts_and_name(tmp_path: Path, three: Conversations, identity: str) -> None:
    before, turns, headings = dump(tmp_path), three.open(identity).turns, three.headings()
    gone = deleted(three, identity)
    assert identity not in {heading.id for heading in three.headings()}
    three.restore(gone)
    assert dump(tmp_path) == before
    assert three.open(identity).turns == turns and three.headings() == headings


def test_all_come_back_the_last_first(tmp_path: Path, three: Conversations) -> None:
    before = dump(tmp_path)
    gone = [deleted(three, identity) for identity in "cab"]
    assert three.headings() == []
    for each in reversed(gone):
        three.restore(each)
    assert dump(tmp_path) == before


def test_until_then_nothing_of_it_can_be_read_from_the_file(tmp_path: Path, three: Conversations) -> None:
    for identity in "abc":
        assert deleted(three, identity)
    raw = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert b"wine cellar" not in raw and b"The bridge" not in raw


def test_turns_that_were_saved_since_stay_and_are_the_newer_ones(three: Conversations) -> None:
    first = deleted(three, "c")
    second = deleted(three, "b")
    for n in range(3):  # which are given the ids that are free
        three.save("new", answer(f"New {n}?"))
    three.save("a", answer("Gone on?"))
    three.restore(second)
    three.restore(first)
    assert [(row.id, row.turns) for row in three.headings()] == [("a", 3), ("new", 3), ("c", 2), ("b", 2)]
    assert [turn.answer.question for turn in three.open("new").turns] == ["New 0?", "New 1?", "New 2?"]
    assert [turn.answer.question[:10] for turn in three.open("a").turns] == ["Question 0", "Question 3", "Gone on?"]
    assert three.open("b").turns[1].answer.citations[0].quote.document.name == "own.pdf"


def test_a_turn_that_was_saved_in_it_since_follows_its_last(three: Conversations) -> None:
    gone = deleted(three, "c")
    for n in range(3):  # an answer that was under way when it was deleted, and two more
        three.save("c", answer(f"Under way {n}?"))
    three.restore(gone)
    questions = [turn.answer.question[:11].strip("?, ") for turn in three.open("c").turns]
    assert questions == ["Question 2", "Question 5", "Under way 0", "Under way 1", "Under way 2"]


def test_it_is_put_back_once(three: Conversations) -> None:
    gone = deleted(three, "a")
    three.restore(gone)
    with pytest.raises(LibraryUnusable, match="there again already"):
        three.restore(gone)
    assert len(three.open("a").turns) == 2


def test_where_the_file_is_gone_it_cannot_come_back_and_no_file_is_made(tmp_path: Path, three: Conversations) -> None:
    gone = deleted(three, "a")
    (tmp_path / FILE).unlink()
    with pytest.raises(LibraryUnusable, match="cannot be taken back"):
        three.restore(gone)
    assert not (tmp_path / FILE).exists()


def test_what_is_not_there_or_was_saved_before_names_is_no_error(tmp_path: Path, three: Conversations) -> None:
    assert three.delete("none") is None and Conversations(tmp_path / "none").delete("a") is None
    as_format_1(tmp_path)
    turns = three.open("b").turns
    three.restore(deleted(three, "b"))
    assert three.open("b").turns == turns


@pytest.mark.parametrize("damage", ["answer = CAST(x'ff' AS TEXT)", "question = CAST(x'ff' AS TEXT)"])
def test_one_so_damaged_that_it_cannot_be_read_is_deleted_for_good(
    tmp_path: Path, three: Conversations, damage: str
) -> None:
    with closing(saved_file(tmp_path)) as db:
        db.execute(f"UPDATE turns SET {damage} WHERE conversation = 'a'")
    assert three.delete("a") is None
    assert {row.id for row in three.headings()} == {"b", "c"}


def test_one_too_long_to_be_kept_is_deleted_for_good(three: Conversations, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deleting, "MOST_KEPT", 100)
    assert three.delete("a") is None
    assert {row.id for row in three.headings()} == {"b", "c"}
