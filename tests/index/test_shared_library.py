"""A library that many write: what one has written another reads to the bit, and what is odd is told."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path

import pytest
from library_fixtures import assert_whole, fill, other_embedder
from milvus_server import MilvusServer
from sharing_people import LONG, MILL, NAMES, Person, rows, stored

from rag.documents.document import read
from rag.errors import BelegError, StoreUnusable
from rag.index import shared_collections as kept
from rag.index.library import Library
from rag.index.milvus_client import Milvus, connected
from rag.index.preparation import prepare_document
from rag.index.shared_ledger import FILE
from rag.index.shared_library import behind, follow
from rag.index.stores import send
from rag.index.update import index, refresh
from rag.maintenance.backup import backup, restore
from rag.models.embedder import Embedder
from rag.settings import Settings
from rag.system.milvus_address import parse_milvus


@pytest.fixture
def store(tmp_path: Path) -> str:
    return f"milvus:{tmp_path}/shared.db"


@pytest.fixture
def milvus(store: str) -> Iterator[Milvus]:
    with closing(connected(parse_milvus(store))) as milvus:
        yield milvus


@pytest.fixture
def people(tmp_path: Path, milvus: Milvus, embedder: Embedder) -> Iterator[tuple[Person, Person]]:
    with ExitStack() as held:
        made = []
        for name in ("anna", "ben"):
            library = held.enter_context(Library(tmp_path / name / "library", create=True))
            made.append(Person(tmp_path / name, library, milvus, embedder))
        yield made[0], made[1]


# --- what one has written another reads -------------------------------------------------------


def test_what_one_has_written_another_reads_to_the_bit(people: tuple[Person, Person]) -> None:
    anna, ben = people
    anna.writes(mill=MILL, long=LONG)
    front = "---\ntitle: The ferry\ntags: [water]\ndate: 1911-03-02\n---\n# The ferry\n\nIt sank. Nobody drowned.\n"
    (anna.folder / "ferry.md").write_text(front, encoding="utf-8")
    anna.library.add(prepare_document(read(anna.folder / "ferry.md"), anna.embedder), ["valley"])
    anna.follows()
    ben.follows()
    for name in ("mill.txt", "long.txt", "ferry.md"):
        assert rows(ben.library, name) == rows(anna.library, name)
    assert anna.milvus.count(NAMES.parts) > 3  # the long one is of more than one
    assert_whole(ben.library)
    assert behind(ben.library, ben.milvus, "valley") == ""


def test_both_add_change_and_remove_and_see_each_other(people: tuple[Person, Person]) -> None:
    anna, ben = people
    anna.writes(mill=MILL)
    ben.writes(ferry="The ferry sank in 1911.")
    for person in (anna, ben, anna):
        person.follows()
    assert anna.texts() == ben.texts() == {"mill.txt": MILL, "ferry.txt": "The ferry sank in 1911."}
    anna.writes(mill="The mill was sold in 1950.")
    ben.removes("ferry")
    for person in (anna, ben, anna):
        person.follows()
    assert anna.texts() == ben.texts() == {"mill.txt": "The mill was sold in 1950."}
    named, there = stored(anna.milvus)
    assert len(named) == 1 and there == named  # what was replaced is not kept


def test_nothing_is_sent_or_read_twice(people: tuple[Person, Person], monkeypatch: pytest.MonkeyPatch) -> None:
    anna, ben = people
    anna.writes(mill=MILL)
    for person in (anna, ben, anna):
        person.follows()
    monkeypatch.setattr(Milvus, "upsert", lambda *_: pytest.fail("sent"))
    monkeypatch.setattr(Library, "add", lambda *_: pytest.fail("read"))
    for person in (anna, ben):
        person.follows()


def test_what_two_change_of_one_document_is_as_the_last_has_sent_it(people: tuple[Person, Person]) -> None:
    anna, ben = people
    anna.writes(mill=MILL)
    anna.follows()
    ben.follows()
    anna.library.tag([anna.id("mill")], ["hers"])
    ben.library.tag([ben.id("mill")], ["his"])
    for person in (anna, ben, anna):
        person.follows()
    assert [person.library.entries()[0].tags for person in people] == [("his",), ("his",)]

    anna.removes("mill")
    ben.library.tag([ben.id("mill")], ["later"])
    for person in (anna, ben, anna):
        person.follows()
    assert anna.texts() == ben.texts() == {"mill.txt": MILL}
    anna.library.tag([anna.id("mill")], ["later still"])
    ben.removes("mill")
    for person in (anna, ben, anna):
        person.follows()
    assert anna.texts() == ben.texts() == {}


def test_a_file_on_another_machine_is_no_lost_moved_or_changed_one_here(
    people: tuple[Person, Person], tmp_path: Path
) -> None:
    anna, ben = people
    anna.writes(mill=MILL)
    anna.follows()
    ben.follows()
    (anna.folder / "mill.txt").unlink()  # as on another machine
    ben.writes(ferry="The ferry sank.")
    (ben.folder / "copy.txt").write_text(MILL, encoding="utf-8")
    assert refresh(ben.library, ben.embedder).vanished == []
    report = index([str(tmp_path)], ben.library, ben.embedder, agreed=lambda _: True)
    assert (report.new, report.moved, report.removed) == (["ben/copy.txt"], [], [])


def test_several_who_index_at_once_lose_nothing(
    tmp_path: Path, embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rag.system.logs._tell", lambda _: None)
    with MilvusServer(tmp_path / "served") as server:

        def work(name: str) -> None:
            with (
                Library(tmp_path / name / "library", create=True) as library,
                closing(connected(parse_milvus(server.store))) as milvus,
            ):
                for number in range(4):
                    fill(library, tmp_path / name, {f"{name}{number}.txt": f"{MILL} {name} {number}."}, embedder)
                    begin.wait(60)
                    follow(library, milvus, "valley", name)

        begin = threading.Barrier(3)  # the shared library is made by all three at once
        threads = [threading.Thread(target=work, args=(name,)) for name in ("anna", "ben", "cleo")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(120)
        with (
            Library(tmp_path / "dora", create=True) as library,
            closing(connected(parse_milvus(server.store))) as milvus,
        ):
            follow(library, milvus, "valley", "dora")
            found = {entry.name for entry in library.entries()}
            assert found == {f"{name}{number}.txt" for name in ("anna", "ben", "cleo") for number in range(4)}
            assert_whole(library)


# --- what is odd ----------------------------------------------------------------------------


def test_a_document_that_is_not_whole_is_left_out_and_told_and_the_others_come(
    people: tuple[Person, Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr("rag.system.logs._tell", told.append)
    anna, ben = people
    anna.writes(mill=MILL, ferry="The ferry sank in 1911.")
    anna.follows()
    (row,) = ben.milvus.rows(NAMES.documents, 'name == "mill.txt"', ["version"])
    ben.milvus.delete(NAMES.parts, f'version == "{row["version"]}"')
    ben.follows()
    assert ben.texts() == {"ferry.txt": "The ferry sank in 1911."}
    assert any("mill.txt cannot be read from valley" in line for line in told)
    anna.writes(mill=MILL + " It is a museum.")
    anna.follows()
    ben.follows()
    assert "museum" in ben.texts()["mill.txt"]


def test_what_somebody_else_wrote_there_is_no_document(people: tuple[Person, Person]) -> None:
    anna, ben = people
    anna.writes(mill=MILL)
    anna.follows()
    (row,) = anna.milvus.rows(NAMES.documents, 'name == "mill.txt"', ["id"])
    true = kept.header_of(anna.milvus, NAMES, str(row["id"]))
    assert true is not None
    odd = [
        replace(true, id="0" * 16),  # of another path
        replace(true, id="1" * 16, path="relative.txt"),
        replace(true, id="2" * 16, facts='{"characters": 1099511627776}'),
        replace(true, id="3" * 16, facts=true.facts.replace('"text":', '"text":1')),
        replace(true, id="4" * 16, date="soon", tags='["' + "x" * 200 + '"]'),
        replace(true, id="5" * 16, facts="[" * 10_000),
        replace(true, id="6" * 16, version='" or number >= 0 or version == "'),
        replace(true, id="7" * 16, writer='x" or id != "'),
    ]
    for number, header in enumerate(odd, 2):
        kept.write_header(anna.milvus, NAMES, replace(header, sequence=number))
    ben.follows()
    ben.follows()
    assert ben.texts() == {"mill.txt": MILL}
    assert_whole(ben.library)


def test_a_collection_of_somebody_else_s_is_told_and_not_touched(people: tuple[Person, Person]) -> None:
    from pymilvus import DataType

    def theirs(client: object) -> tuple[object, object]:
        schema, indexes = client.create_schema(), client.prepare_index_params()  # type: ignore[attr-defined]
        schema.add_field("id", DataType.INT64, is_primary=True)
        schema.add_field("theirs", DataType.FLOAT_VECTOR, dim=2)
        indexes.add_index("theirs", index_type="FLAT", metric_type="IP")
        return schema, indexes

    anna, ben = people
    anna.milvus.create(NAMES.documents, theirs)
    anna.milvus.upsert(NAMES.documents, [{"id": 1, "theirs": [1.0, 0.0]}])
    anna.writes(mill=MILL)
    for person in (anna, ben):
        with pytest.raises(StoreUnusable, match=r"no shared library of Beleg's: made otherwise.*another name"):
            person.follows()
    assert anna.milvus.count(NAMES.documents) == 1


def test_a_shared_library_that_is_gone_or_another_takes_nothing_away(people: tuple[Person, Person]) -> None:
    anna, ben = people
    anna.writes(mill=MILL)
    anna.follows()
    for name in (NAMES.documents, NAMES.parts, NAMES.sentences):
        anna.milvus.drop(name)
    with pytest.raises(StoreUnusable, match="not there any more"):
        anna.follows()
    ben.writes(ferry="The ferry sank.")
    ben.follows()
    with pytest.raises(StoreUnusable, match=r"another one of that name.*delete .*shared.sqlite"):
        anna.follows()
    assert anna.texts() == {"mill.txt": MILL}
    (anna.library.folder / FILE).unlink()
    anna.follows()
    ben.follows()
    assert anna.texts() == ben.texts() == {"mill.txt": MILL, "ferry.txt": "The ferry sank."}


def test_vectors_of_another_embedder_are_not_mixed(people: tuple[Person, Person]) -> None:
    anna, ben = people
    anna.writes(mill=MILL)
    anna.follows()
    other = replace(ben, embedder=other_embedder(ben.embedder))
    other.writes(ferry="The ferry sank.")
    with pytest.raises(StoreUnusable, match=r"of the embedder .*, the one in .* of other.*--rebuild"):
        other.follows()


def test_a_copy_that_is_restored_from_a_backup_removes_nothing_and_replaces_nothing(
    people: tuple[Person, Person], tmp_path: Path
) -> None:
    anna, ben = people
    anna.writes(mill=MILL)
    backup(anna.library.folder, tmp_path / "b.zip", "1")
    anna.writes(mill="The mill was sold.", ferry="The ferry sank.")
    anna.follows()
    anna.library.close()
    restore(tmp_path / "b.zip", anna.library.folder, "1", replace=True)
    with Library(anna.library.folder) as library:
        restored = replace(anna, library=library)
        restored.follows()
        ben.follows()
        assert restored.texts() == ben.texts() == {"mill.txt": "The mill was sold.", "ferry.txt": "The ferry sank."}


def test_who_may_not_be_named_is_told(tmp_path: Path, people: tuple[Person, Person], store: str) -> None:
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "writer").write_text("../x", encoding="ascii")
    settings = Settings(library=tmp_path / "anna" / "library", state=tmp_path / "state", store=f"{store}#valley")
    with pytest.raises(BelegError, match="does not say who you are"):
        send(people[0].library, settings)


def test_a_note_that_is_none_is_told(people: tuple[Person, Person], monkeypatch: pytest.MonkeyPatch) -> None:
    anna, ben = people
    anna.writes(mill=MILL)
    anna.follows()
    for told in ("", "[]", json.dumps({"format": 99}), "x", json.dumps({"format": 1, "library": 2}), "[" * 10_000):
        monkeypatch.setattr(Milvus, "note", lambda *_, told=told: told)
        with pytest.raises(StoreUnusable, match="not noted what it is of"):
            ben.follows()
