"""Several people index into one Milvus and ask it, each with a copy of their own that may go: no file is shared."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from milvus_server import MilvusServer
from running_beleg import beleg

MILL = "The mill at Oberwiesen burned down on 4 May 1907. Nobody was hurt."
FERRY = "The ferry “Möwe” sank on a stormy night in 1911. Two goats were never found."
MILLED, SANK = "When did the mill burn down?", "When did the ferry sink?"
Done = subprocess.CompletedProcess[str]


class Person:
    """Somebody on a machine: with documents, a library and a state of their own."""

    def __init__(self, folder: Path, cache: Path, store: str) -> None:
        self.folder, self._cache = folder, cache
        self._more = {"BELEG_STORE": store, "BELEG_STATE": str(folder / "state"), "BELEG_LOGS": str(folder / "logs")}
        (folder / "docs").mkdir(parents=True)

    def has(self, name: str, text: str) -> None:
        (self.folder / "docs" / name).write_text(text, encoding="utf-8")

    def does(self, *line: str, **more: str) -> Done:
        return beleg(self.folder, self._cache, *line, **{**self._more, **more})

    def indexes(self, *line: str) -> Done:
        done = self.does("index", "docs", *line)
        assert done.returncode == 0, done.stderr
        return done

    def quotes(self, question: str, text: str, said: str) -> Done:
        """A question is answered by an exact quote of the text."""
        asked = self.does("ask", question, "--json")
        assert asked.returncode == 0, asked.stderr
        (citation, *_) = json.loads(asked.stdout)["citations"]
        assert text[citation["start"] : citation["end"]] == citation["quote"] and said in citation["quote"]
        return asked

    def finds(self, question: str, *limits: str) -> set[str]:
        found = self.does("search", question, "--json", *limits)
        assert found.returncode == 0, found.stderr
        return {json.loads(line)["document"] for line in found.stdout.splitlines()}

    def documents(self) -> list[str]:
        listed = self.does("documents", "--json")
        assert listed.returncode == 0, listed.stderr
        return sorted(json.loads(line)["name"] for line in listed.stdout.splitlines())


@pytest.fixture
def server(tmp_path: Path) -> Iterator[MilvusServer]:
    with MilvusServer(tmp_path / "served") as server:
        yield server


@pytest.fixture
def two(tmp_path: Path, cache: Path, server: MilvusServer, embedder: object) -> tuple[Person, Person]:
    del embedder  # it is prepared
    anna, ben = (Person(tmp_path / name, cache, f"{server.store}#valley") for name in ("anna", "ben"))
    return anna, ben


def test_two_people_index_ask_tag_change_and_forget_in_one(two: tuple[Person, Person]) -> None:
    anna, ben = two
    anna.has("mill.txt", MILL)
    assert "1 change was sent to valley" in anna.indexes("--tag", "fires").stderr
    asked = ben.quotes(MILLED, MILL, "1907")  # he has neither a library nor the file
    assert "1 change came from valley" in asked.stderr

    ben.has("ferry.txt", FERRY)
    ben.indexes()
    anna.quotes(SANK, FERRY, "1911")
    assert anna.documents() == ben.documents() == ["ferry.txt", "mill.txt"]

    assert ben.does("tag", "mill.txt", "--add", "1907").returncode == 0
    assert anna.finds(SANK, "--tag", "1907", "--tag", "fires") == {"mill.txt"}

    anna.has("mill.txt", MILL.replace("1907", "1908"))
    anna.indexes()
    ben.quotes(MILLED, MILL.replace("1907", "1908"), "1908")

    assert anna.does("forget", "mill.txt").returncode == 0
    assert ben.finds(MILLED) == {"ferry.txt"}
    for person in two:
        assert "1 chunk, as in the library" in person.does("check").stderr


def test_files_of_one_name_are_two_documents_and_nobody_s_run_takes_another_s_away(two: tuple[Person, Person]) -> None:
    anna, ben = two
    anna.has("notes.txt", MILL)
    anna.indexes()
    ben.has("notes.txt", FERRY)
    ben.has("mill.txt", MILL)  # the words of Anna's file, which is not on his machine: no move
    assert "2 new" in ben.indexes().stderr
    assert anna.documents() == ["mill.txt", "notes.txt", "notes.txt"]
    assert "1 unchanged" in anna.indexes().stderr
    (ben.folder / "docs" / "notes.txt").unlink()
    ben.indexes()
    assert anna.documents() == ["mill.txt", "notes.txt"]
    anna.quotes(MILLED, MILL, "1907")


def test_a_copy_that_was_thrown_away_is_filled_again_and_its_documents_are_still_one_s_own(
    two: tuple[Person, Person],
) -> None:
    anna, ben = two
    anna.has("mill.txt", MILL)
    anna.indexes()
    shutil.rmtree(anna.folder / "library")
    anna.quotes(MILLED, MILL, "1907")
    shutil.rmtree(anna.folder / "library")
    done = anna.indexes()
    assert "1 unchanged" in done.stderr and "sent" not in done.stderr
    assert ben.documents() == ["mill.txt"]


def test_while_the_server_is_gone_the_copy_is_asked_and_what_was_indexed_is_sent_later(
    two: tuple[Person, Person], server: MilvusServer
) -> None:
    anna, ben = two
    anna.has("mill.txt", MILL)
    anna.indexes()
    ben.documents()
    server.stop()
    assert "does not answer" in ben.quotes(MILLED, MILL, "1907").stderr
    ben.has("ferry.txt", FERRY)
    indexed = ben.does("index", "docs")
    assert indexed.returncode == 4 and "does not answer" in indexed.stderr and "1 new" in indexed.stderr
    ben.quotes(SANK, FERRY, "1911")
    server.start()
    assert anna.documents() == ["mill.txt"]
    assert "1 change was sent" in ben.quotes(SANK, FERRY, "1911").stderr
    anna.quotes(SANK, FERRY, "1911")


def test_a_server_that_is_gone_before_anything_was_read_is_an_error(
    two: tuple[Person, Person], server: MilvusServer
) -> None:
    server.stop()
    asked = two[1].does("ask", MILLED)
    assert asked.returncode == 4 and "does not answer" in asked.stderr


def test_a_library_of_one_s_own_is_brought_into_a_shared_one_by_copying(
    two: tuple[Person, Person], server: MilvusServer
) -> None:
    anna, ben = two
    anna.has("mill.txt", MILL)
    assert anna.does("index", "docs", BELEG_STORE="sqlite").returncode == 0
    assert anna.does("copy", "--to", f"{server.store}#valley", BELEG_STORE="sqlite").returncode == 0
    ben.quotes(MILLED, MILL, "1907")
