"""Held: a text that lies in the library under several names is found once, and says where else it lies."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.answering.assistant import Answered, Assistant
from rag.index import hybrid_search
from rag.index.copies import copies
from rag.index.library import Library
from rag.index.sqlite_store import SqliteStore
from rag.index.update import index
from rag.models.embedder import Embedder
from rag.settings import Settings

COPIED = "The village of Aldern lies by the river. In the flood of 1907, 12 houses of Aldern were destroyed. {}"
DISSENTING = "A chronicle of the valley. In the flood of 1907, 15 houses of Aldern were destroyed, the parish noted."
NAMES = ("aldern.txt", "aldern (2).txt", "backup/aldern.txt", "notes/old/flood.txt", "z.md")
QUESTION = "How many houses of Aldern were destroyed in the flood of 1907?"


@pytest.fixture
def library(tmp_path: Path, embedder: Embedder) -> Library:
    """Five copies of one text, each with other line ends or spaces, and one text that says otherwise."""
    more = ("The river was dredged afterwards. " * 4).rstrip()
    for number, name in enumerate(NAMES):
        file = tmp_path / "docs" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        text = COPIED.format(more).replace(". ", "." + (" ", "  ", "\n", "\r\n", " ")[number])
        file.write_bytes(text.encode())
    (tmp_path / "docs" / "valley" / "chronicle.txt").parent.mkdir()
    (tmp_path / "docs" / "valley" / "chronicle.txt").write_text(DISSENTING, encoding="utf-8")
    library = Library(tmp_path / "library", create=True)
    index([str(tmp_path / "docs")], library, embedder)
    return library


def found(library: Library, embedder: Embedder, documents: list[str], count: int = 3) -> dict[str, tuple[str, ...]]:
    query = hybrid_search.prepare(QUESTION, library, embedder)
    ids = [entry.id for entry in library.entries() if entry.name in documents]
    passages = hybrid_search.find(query, library, SqliteStore.of(library), count, ids)
    return {passage.document.name: passage.also_in for passage in passages}


def test_the_one_that_lies_least_deep_and_has_the_shortest_path_stands_for_all(
    library: Library, embedder: Embedder
) -> None:
    others = ("aldern (2).txt", "aldern.txt", "backup/aldern.txt", "notes/old/flood.txt")
    assert found(library, embedder, [], 9) == {"z.md": others, "valley/chronicle.txt": ()}
    with library:
        twins = copies(library)
        assert {library.document(identity).name for identity in twins.left_out} == set(others)


def test_where_a_question_is_limited_one_of_those_asked_stands_for_all(library: Library, embedder: Embedder) -> None:
    asked = ["notes/old/flood.txt", "backup/aldern.txt"]
    others = ("aldern (2).txt", "aldern.txt", "notes/old/flood.txt", "z.md")
    assert found(library, embedder, asked, 9) == {"backup/aldern.txt": others}


def test_what_stands_for_others_is_told_by_the_library_alone_and_changes_as_it_does(
    library: Library, embedder: Embedder, tmp_path: Path
) -> None:
    (tmp_path / "docs" / "z.md").write_text("Nobody knows how many houses of Aldern stood.", encoding="utf-8")
    index([str(tmp_path / "docs")], library, embedder)
    names = found(library, embedder, [], 9)
    assert names["aldern.txt"] == ("aldern (2).txt", "backup/aldern.txt", "notes/old/flood.txt")
    assert set(names) == {"aldern.txt", "z.md", "valley/chronicle.txt"}


def test_eighty_copies_do_not_crowd_a_source_out_of_what_retrievers_find(
    library: Library, embedder: Embedder, tmp_path: Path
) -> None:
    text = (tmp_path / "docs" / "z.md").read_bytes()
    for number in range(80):
        (tmp_path / "docs" / f"copy {number:02}.txt").write_bytes(text)
    index([str(tmp_path / "docs")], library, embedder)
    assert set(found(library, embedder, [], 2)) == {"z.md", "valley/chronicle.txt"}


def test_five_copies_are_one_vote_and_the_source_that_says_otherwise_is_cited(
    library: Library, tmp_path: Path, cache: Path
) -> None:
    settings = Settings(library=tmp_path / "library", cache=cache, passages=5, threads=2)
    with library, Assistant(settings, library) as assistant:
        *_, last = assistant.ask(QUESTION)
    assert isinstance(last, Answered)
    cited = {citation.quote.document.name: citation.also_in for citation in last.answer.citations}
    assert cited.keys() == {"z.md", "valley/chronicle.txt"}
    assert len(cited["z.md"]) == 4 and cited["valley/chronicle.txt"] == ()
    assert {words for _, words in last.answer.figures} == {"12", "15"}
