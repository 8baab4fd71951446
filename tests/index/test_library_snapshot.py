"""A question reads one state of the library, whatever is written meanwhile; and only with the library's embedder."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from library_fixtures import fill, other_embedder

from rag.answering.assistant import Answer, Answered, Asked, Assistant
from rag.cli.main import main
from rag.documents.chunking import split
from rag.documents.document import Document, document_id, read
from rag.errors import LibraryUnusable
from rag.index.library import Library
from rag.index.library_file import LibraryFile
from rag.index.preparation import prepare_document
from rag.index.update import rebuild
from rag.models.embedder import Embedder
from rag.settings import Settings

MILL = "The mill at Oberwiesen burned down on 4 May 1907. Nobody was hurt. The miller moved to Husum. "
TEXTS = {
    "mill.txt": MILL + "Since 1952 the mill has been a museum. " * 30,
    "ferry.txt": "The ferry sank on a stormy night. Its captain swam ashore. Two goats were never found.",
}
LATER = "Nothing of what was written here is true any longer, as far as anybody knows. " * 3 + TEXTS["mill.txt"][::-1]
QUESTION = "When did the mill at Oberwiesen burn down?"


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder, cache: Path) -> Iterator[Assistant]:
    """One assistant for all: loading the models takes a while."""
    folder = tmp_path_factory.mktemp("snapshot")
    with Library(folder / "library", create=True) as library:
        fill(library, folder, TEXTS, embedder)
        settings = Settings(library=folder / "library", cache=cache, threads=1)
        with Assistant(settings, library) as assistant:
            yield assistant


@pytest.fixture
def assistant(opened: Assistant) -> Assistant:
    """The assistant, over the texts as they were at first."""
    with Library(opened.library.folder) as library:
        fill(library, library.folder.parent, TEXTS, opened.embedder)
    return opened


@pytest.fixture
def folder(assistant: Assistant) -> Path:
    """Where the texts lie, and the library's folder."""
    return assistant.library.folder.parent


def answered(assistant: Assistant, question: str = QUESTION, earlier: tuple[Answer, ...] = ()) -> Answer:
    *_, last = assistant.ask(question, (), earlier)
    assert isinstance(last, Answered)
    return last.answer


def lasting(answer: Answer | Any) -> Answer:
    assert isinstance(answer, Answer)
    return replace(answer, timings=None, prompts=(), passages=tuple(replace(p, sentences=()) for p in answer.passages))  # type: ignore[arg-type]


def replaced(folder: Path, embedder: Embedder) -> None:
    """Replace the mill's document from another connection."""
    (folder.parent / "mill.txt").write_text(LATER, encoding="utf-8")
    document = read(folder.parent / "mill.txt")
    with Library(folder) as other:
        other.add(prepare_document(document, embedder))


def replaced_after(step: str, assistant: Assistant, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Have the document replaced when the library was first read by `step`; return where that is noted."""
    done: list[str] = []
    real = getattr(assistant.library, step)

    def reading(*given: Any, **more: Any) -> Any:
        found = real(*given, **more)
        if not done:
            done.append(step)
            replaced(assistant.library.folder, assistant.embedder)
        return found

    monkeypatch.setattr(assistant.library, step, reading)
    return done


@pytest.mark.parametrize("step", ["lexical_begun", "chunks", "sentences", "document", "holding"])
def test_an_answer_is_of_one_state_though_a_document_is_replaced_between_two_readings(
    step: str, assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = answered(assistant)
    assert "4 May 1907" in expected.text
    done = replaced_after(step, assistant, monkeypatch)
    assert lasting(answered(assistant)) == lasting(expected)
    assert done == [step]
    after = assistant.retrieve(QUESTION)
    assert {passage.document.text for passage in after.passages} == {LATER, TEXTS["ferry.txt"]}


@pytest.mark.parametrize("step", ["sentences", "holding"])
def test_what_was_looked_up_is_answered_as_it_was_though_the_document_is_replaced_before_and_while_it_is(
    step: str, assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = answered(assistant)
    done = replaced_after(step, assistant, monkeypatch)
    found = assistant.look_up(QUESTION)
    assert done == [step]
    (made,) = assistant.together([Asked(QUESTION, retrieval=found)])
    assert lasting(made) == lasting(expected)


def test_a_follow_up_is_of_one_state_too(assistant: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    first = answered(assistant)
    expected = answered(assistant, "And who was hurt there?", (first,))
    assert expected.standalone != expected.question
    replaced_after("holding", assistant, monkeypatch)
    assert lasting(answered(assistant, "And who was hurt there?", (first,))) == lasting(expected)


def test_a_question_that_is_left_half_way_holds_no_state_of_the_library(assistant: Assistant, folder: Path) -> None:
    events = assistant.ask(QUESTION)
    next(events)
    next(events)
    replaced(folder / "library", assistant.embedder)
    assert assistant.library.document(identity(folder)).text == LATER
    events.close()


def identity(folder: Path) -> str:
    return read(folder / "mill.txt").id


def test_a_snapshot_lasts_to_its_end_through_others_in_it_and_holds_no_writer_up(
    assistant: Assistant, folder: Path
) -> None:
    library = assistant.library
    with library.snapshot():
        stamp, before = library.stamp, library.count()
        with library.snapshot():
            assert library.document(identity(folder)).text == TEXTS["mill.txt"]
        replaced(folder / "library", assistant.embedder)
        assert (library.stamp, library.count()) == (stamp, before)
        assert library.document(identity(folder)).text == TEXTS["mill.txt"]
    assert library.stamp != stamp
    assert library.document(identity(folder)).text == LATER


def test_a_snapshot_ends_when_its_generator_is_closed_or_fails(assistant: Assistant, folder: Path) -> None:
    library = assistant.library

    def reading() -> Iterator[Document]:
        with library.snapshot():
            yield library.document(identity(folder))

    rows = reading()
    next(rows)
    with pytest.raises(ZeroDivisionError), library.snapshot():
        raise ZeroDivisionError
    rows.close()
    replaced(folder / "library", assistant.embedder)
    assert next(reading()).text == LATER
    library.remove(identity(folder))  # which a snapshot left open would not allow


# --- documents that a question is limited to ----------------------------------------------------


def test_a_question_limited_to_a_document_that_has_moved_is_refused_not_asked_of_the_others(
    assistant: Assistant, folder: Path
) -> None:
    ids = [entry.id for entry in assistant.library.entries()]
    assert {passage.document.id for passage in assistant.retrieve(QUESTION, ids).passages} == set(ids)
    moved = folder / "elsewhere" / "mill.txt"
    with Library(folder / "library") as other:
        other.move(identity(folder), document_id(moved), str(moved), "mill.txt")
    for documents in (ids, [identity(folder)]):
        with pytest.raises(LibraryUnusable, match="has left the library, or was moved"):
            list(assistant.ask(QUESTION, documents))
    found = assistant.retrieve(QUESTION, [document_id(moved)])
    assert {passage.document.id for passage in found.passages} == {document_id(moved)}
    assistant.library.remove(document_id(moved))


def test_a_document_in_which_there_is_nothing_to_find_is_there_all_the_same(assistant: Assistant, folder: Path) -> None:
    (folder / "empty.md").write_text("###", encoding="utf-8")
    document = read(folder / "empty.md")
    assistant.library.add(prepare_document(document, assistant.embedder))
    assert split(document) == [] and assistant.retrieve(QUESTION, [document.id]).passages == ()
    assistant.library.remove(document.id)


# --- the embedder ---------------------------------------------------------------------------


def test_an_open_assistant_notices_at_its_next_question_that_the_library_belongs_to_another_embedder(
    assistant: Assistant, folder: Path
) -> None:
    answered(assistant)
    other = other_embedder(assistant.embedder)
    with Library(folder / "library") as library:
        rebuild(library, other, lambda _: None)
    with pytest.raises(LibraryUnusable, match=r"rebuilt meanwhile with the embedder other.*index --rebuild"):
        answered(assistant)
    (made,) = assistant.together([Asked(QUESTION)])
    assert isinstance(made, LibraryUnusable)
    with Library(folder / "library") as library:
        rebuild(library, assistant.embedder, lambda _: None)
    assert "4 May 1907" in answered(assistant).text


def test_a_search_does_not_use_the_embedder_of_before_though_the_library_is_rebuilt_as_it_begins(
    tmp_path: Path, embedder: Embedder, cache: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("BELEG_CACHE", str(cache))
    folder = tmp_path / "library"
    with Library(folder, create=True) as library:
        fill(library, tmp_path, {"mill.txt": "The mill burned down on 4 May 1907. Nobody was hurt."}, embedder)
    snapshot = LibraryFile.snapshot

    def rebuilt_before_the_last(self: LibraryFile) -> AbstractContextManager[None]:
        if sys._getframe(1).f_code.co_name == "search":  # the command is about to read
            with Library(folder) as other:
                rebuild(other, other_embedder(embedder), lambda _: None)
        return snapshot(self)

    with monkeypatch.context() as patch:
        patch.setattr(LibraryFile, "snapshot", rebuilt_before_the_last)
        assert main(["--library", str(folder), "search", "When did the mill burn down?"]) == 4
    assert "embedder other" in capsys.readouterr().err
