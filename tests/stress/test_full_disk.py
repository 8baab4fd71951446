"""Held: where a disk is full, that is said, nothing is torn or lost, and with room again all goes on."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import corpus
import pytest
from full_disk import Disk, small_disk
from operations import ASKED, untimed
from running import Done, Place, Write, files, intact, number, queried
from shelf import QUERIES, References, state


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    """A disk of 24 MB."""
    with small_disk(tmp_path / "disk", 24) as made:
        yield made


def on(disk: Disk, references: References) -> Place:
    """Return a place on the disk, with its temporary files elsewhere: what is looked at is what is to stay."""
    return Place(disk.folder, references.cache, disk.folder.with_name("tmp"))


def told(done: Done) -> None:
    """The failure was told in a sentence, and was one of the promised kind."""
    assert done.complaints() == []
    assert done.code in (0, 4, 5), f"{done.code}: {done.err}"
    if done.code == 4:
        assert "beleg: " in done.err, done.err


def indexed(references: References, disk: Disk, kilobytes: int, *, compare: bool) -> str:
    """Index with so much room, and then with enough; return how it went at first."""
    place = on(disk, references)
    corpus.write(place.folder / "docs", references.count)
    shutil.rmtree(place.library, ignore_errors=True)
    first = place.run("index", "docs", before=disk.leave(kilobytes))
    told(first)
    held = state(place.library)
    if (place.library / "library.sqlite").exists():
        assert intact(place.library / "library.sqlite") == []
    names = {corpus.name(n) for n in range(first.counted)}
    assert names <= {name for name, _ in held} or first.code == 5, "what was counted is not there"
    disk.clear()
    again = place.run("index", "docs")
    assert again.code == 0 and again.complaints() == [], again.err
    assert state(place.library) == state(references.whole().library)
    assert references.leftovers(place) == []
    assert not compare or references.compared(place, QUERIES[1]) == []
    return f"{first.code} with {len(held)}"


def test_indexing_onto_a_full_disk_is_told_and_goes_on_with_room(references: References, disk: Disk) -> None:
    assert indexed(references, disk, 300, compare=False) != f"0 with {references.count}"


@pytest.mark.stress
@pytest.mark.timeout(0)
def test_wherever_the_disk_becomes_full_indexing_loses_nothing(
    many_references: References, disk: Disk, write: Write
) -> None:
    rooms = [0, 8, 64, 150, 300, 500, 700, 1000, 1500, 2500]
    ways = {room: indexed(many_references, disk, room, compare=True) for room in rooms[: number("ROOMS", len(rooms))]}
    print(f"\non {disk.way}, KB of room and how it ended: {ways}")
    write("full-disk-index", {"way": disk.way, "ended": ways})


@pytest.mark.stress
@pytest.mark.timeout(0)
def test_wherever_the_disk_becomes_full_a_batch_loses_no_answer(
    tmp_path: Path, many_references: References, disk: Disk, write: Write
) -> None:
    place = Place(tmp_path, many_references.cache)
    shutil.copytree(many_references.whole().library, place.library)
    (tmp_path / "questions.txt").write_text("\n".join(corpus.questions(ASKED)), encoding="utf-8")
    whole = place.run("batch", "questions.txt", "-o", "whole.jsonl")
    wanted, ways = untimed(tmp_path / "whole.jsonl"), {}
    answers = disk.folder / "answers.jsonl"
    for room in [0, 4, 8, 16, 24, 32, 48][: number("ROOMS", 7)]:
        for ending in (".jsonl", ".html"):
            answers = disk.folder / f"answers{ending}"
            done = place.run("batch", "questions.txt", "-o", str(answers), before=disk.leave(room))
            assert done.complaints() == [] and done.code in (whole.code, 4), f"{done.code}: {done.err}"
            rows = []
            for file in disk.folder.glob("answers.*"):
                lines = file.read_bytes().split(b"\n")[:-1] if file.suffix != ".html" else []
                rows += [row for row in map(json.loads, lines) if "question" in row]
            assert done.code == whole.code or done.counted <= len({row["id"] for row in rows}), done.err
            disk.clear()
            if done.code != whole.code:
                again = place.run("batch", "questions.txt", "-o", str(answers), "--resume")
                assert again.code == whole.code, again.err
            assert ending != ".jsonl" or untimed(answers) == wanted
            assert [name for name in files(disk.folder) if name != answers.name] == []
            answers.unlink()
            ways[f"{room} {ending}"] = f"{done.code} after {done.counted}"
    print(f"\non {disk.way}, KB of room and how it ended: {ways}")
    write("full-disk-batch", {"way": disk.way, "ended": ways})


@pytest.mark.stress
@pytest.mark.timeout(0)
def test_wherever_the_disk_becomes_full_a_conversation_goes_on_and_is_saved_whole_or_not(
    many_references: References, disk: Disk, write: Write
) -> None:
    place, ways = on(disk, many_references), {}
    for room in [0, 8, 48, 96, 160, 256][: number("ROOMS", 6)]:
        shutil.copytree(many_references.whole().library, place.library, dirs_exist_ok=True)
        typed = "\n".join([*corpus.questions(ASKED), ""])
        done = place.run("chat", "--plain", "--continue", typed=typed, before=disk.leave(room))
        assert done.complaints() == [] and done.code in (0, 3, 4), f"{done.code}: {done.err}"
        disk.clear()
        file = place.library / "conversations.sqlite"
        assert not file.exists() or intact(file) == []
        turns = len(queried(file, "SELECT id FROM turns"))
        lost = done.err.count("not saved")
        assert done.code == 4 or turns + lost == ASKED, f"{turns} saved, {lost} said not to be: {done.err}"
        again = place.run("chat", "--plain", "--continue", typed=f"{corpus.questions(1)[0]}\n")
        assert again.code in (0, 3) and again.complaints() == [], again.err
        assert len(queried(file, "SELECT id FROM turns")) == turns + 1
        ways[room] = f"{turns} saved, {lost} told"
        shutil.rmtree(place.library)
    print(f"\non {disk.way}, KB of room and what was saved: {ways}")
    write("full-disk-conversation", {"way": disk.way, "ended": ways})


@pytest.mark.stress
@pytest.mark.timeout(0)
def test_a_log_that_cannot_be_written_keeps_nobody_from_an_answer(
    tmp_path: Path, many_references: References, disk: Disk
) -> None:
    place = Place(tmp_path, many_references.cache)
    shutil.copytree(many_references.whole().library, place.library)
    question = corpus.questions(1)[0]
    well = place.run("ask", "--json", question)
    if not disk.mounted:
        pytest.skip("only a mounted disk can be full for the log alone")
    disk.leave(0)
    states = {"XDG_STATE_HOME": str(disk.folder), "XDG_CONFIG_HOME": str(disk.folder)}
    full = place.run("ask", "--json", question, **states)
    assert full.complaints() == [] and full.code == well.code, full.err
    assert {**json.loads(full.out), "timings": 0} == {**json.loads(well.out), "timings": 0}
    # Where errors are logged, an error is told as well as ever.
    wrong = place.run("search", "", **states)
    assert wrong.code == 2 and wrong.complaints() == [], wrong.err
