"""Held: a question limited to some documents is asked of these alone, or refused."""

from __future__ import annotations

import pytest
from seed_questions import TROOPS, answered

from rag.answering.assistant import Assistant
from rag.errors import LibraryUnusable
from rag.index import hybrid_search
from rag.index.sqlite_store import SqliteStore

# --- limits ---------------------------------------------------------------------------------


def ids(assistant: Assistant, *names: str) -> list[str]:
    found = {entry.name: entry.id for entry in assistant.library.entries()}
    return [found[name] for name in names]


def test_only_the_documents_that_are_chosen_are_searched_and_quoted(assistant: Assistant) -> None:
    chosen = ids(assistant, "kursk-background.md")
    answer = answered(assistant.ask(TROOPS, chosen))
    assert answer.status == "answered" and answer.limited == (1, 6)
    assert answered(assistant.ask(TROOPS)).limited is None
    assert {passage.document.id for passage in answer.passages} == set(chosen)
    assert {citation.quote.document.id for citation in answer.citations} == set(chosen)
    assert len(answered(assistant.ask(TROOPS)).passages) == 5
    assert len({passage.document.id for passage in answered(assistant.ask(TROOPS)).passages}) > 1


def test_a_document_that_says_nothing_of_it_is_not_quoted(assistant: Assistant) -> None:
    answer = answered(assistant.ask(TROOPS, ids(assistant, "rosetta-stone.md")))
    assert answer.status == "not_found"
    assert [passage.document.name for passage in answer.passages] == ["rosetta-stone.md"] * 5


@pytest.mark.parametrize("names", [("rosetta-stone.md",), ("faehre-broemmersee.txt", "hestray-wind-farm.md")])
def test_a_chosen_document_s_passages_are_found_though_all_others_are_nearer(
    assistant: Assistant, monkeypatch: pytest.MonkeyPatch, names: tuple[str, ...]
) -> None:
    chosen = ids(assistant, *names)
    monkeypatch.setattr(hybrid_search, "_POOL", 2)
    library = assistant.library
    store = SqliteStore.of(library)
    query = hybrid_search.prepare(TROOPS, library, assistant.embedder)
    near = store.nearest(query.vector, 2 * 4)
    assert not library.chunks_of(chosen) & set(near)
    passages = hybrid_search.find(query, library, store, 5, chosen)
    assert len(passages) == 5
    assert {passage.document.id for passage in passages} <= set(chosen)
    assert [passage.score for passage in passages] == sorted((passage.score for passage in passages), reverse=True)
    assert len({(passage.document.id, passage.chunk.start) for passage in passages}) == 5


def test_a_chosen_document_with_fewer_chunks_gives_all_it_has(assistant: Assistant) -> None:
    chosen = ids(assistant, "kursk-lage.txt")
    count = len(assistant.library.chunks_of(chosen))
    query = hybrid_search.prepare(TROOPS, assistant.library, assistant.embedder)
    found = hybrid_search.find(query, assistant.library, SqliteStore.of(assistant.library), 50, chosen)
    assert len(found) == count > 5


@pytest.mark.parametrize("question", [TROOPS, "What is in here?", "Which documents mention whales?"])
def test_a_question_limited_to_a_document_that_is_not_there_is_refused_and_not_called_unanswered(
    assistant: Assistant, question: str
) -> None:
    with pytest.raises(LibraryUnusable, match="has left the library, or was moved"):
        answered(assistant.ask(question, ["nothing"]))
