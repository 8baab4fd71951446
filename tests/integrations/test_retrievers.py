"""The retrievers of LangChain and LlamaIndex, by these packages themselves, on real models."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from held_service import held, waiting
from langchain_core.documents import Document
from langchain_core.runnables import RunnableLambda
from llama_index.core.schema import MetadataMode, NodeRelationship, QueryBundle

from rag.errors import NoSuchDocument, UsageError
from rag.index.library import Library
from rag.integrations import langchain, llamaindex
from rag.integrations.passages import found_meanwhile
from rag.serving.requests import Limited, Search
from rag.serving.service import Service
from rag.settings import Settings

_FRAMEWORKS = ("langchain_core", "llama_index", "rag.integrations")
_MILL, _BRIDGE = "When did the mill burn down?", "Wie teuer war die Brücke?"


@pytest.fixture(scope="module")
def service(small_library: Path, cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    state = tmp_path_factory.mktemp("state")
    with Service(Settings(library=small_library, cache=cache, state=state, threads=2)) as opened:
        yield opened


def _stands_there(text: str, known: dict[str, object], library: Path) -> bool:
    with Library(library) as opened:
        document = opened.document(str(known["document_id"]))
    return document.text[known["start"] : known["end"]] == text and document.path == known["source"]  # type: ignore[misc]


def test_langchain_gets_passages_to_the_letter_with_their_place(service: Service, small_library: Path) -> None:
    documents = langchain.BelegRetriever(service=service, k=2).invoke(_MILL)
    assert [each.metadata["document"] for each in documents] == ["mill.txt", "bridge.txt"]
    assert all(_stands_there(each.page_content, each.metadata, small_library) for each in documents)
    scores = [each.metadata["score"] for each in documents]
    assert scores == sorted(scores, reverse=True) and {"context", "page", "title", "date"} <= {*documents[0].metadata}


@pytest.mark.parametrize("limit", [{"documents": ["mill.txt"]}, {"since": "2024"}, {"tag": "work"}])
def test_a_limit_by_a_name_that_is_none_is_refused_and_does_not_ask_all_documents(
    service: Service, limit: dict[str, object]
) -> None:
    with pytest.raises(ValueError, match="Extra inputs are not permitted"):
        langchain.BelegRetriever(service=service, **limit)


async def test_langchain_asks_asynchronously_in_a_chain_and_many_at_once(service: Service) -> None:
    def first(documents: list[Document]) -> str:
        return str(documents[0].metadata["document"])

    chain = langchain.BelegRetriever(service=service, k=1) | RunnableLambda(first)
    assert await chain.abatch([_MILL, _BRIDGE] * 3) == ["mill.txt", "bridge.txt"] * 3


def test_llamaindex_gets_nodes_with_scores_and_their_place(service: Service, small_library: Path) -> None:
    found = llamaindex.BelegRetriever(service, k=2).retrieve(_BRIDGE)
    assert [each.node.metadata["document"] for each in found] == ["bridge.txt", "mill.txt"]
    assert found[0].score is not None and found[0].score > (found[1].score or 0)
    for each in found:
        node = each.node
        assert _stands_there(node.get_content(MetadataMode.NONE), node.metadata, small_library)
        assert node.relationships[NodeRelationship.SOURCE].node_id == node.metadata["document_id"]  # type: ignore[union-attr]
        assert node.metadata["source"] not in node.get_content(MetadataMode.LLM)


async def test_llamaindex_asks_asynchronously(service: Service) -> None:
    (found,) = await llamaindex.BelegRetriever(service, k=1).aretrieve(QueryBundle(_MILL))
    assert found.node.metadata["document"] == "mill.txt"


def test_a_retriever_is_limited_to_the_documents_that_are_named(service: Service) -> None:
    only = Limited(documents=("bridge.txt",))
    (document,) = langchain.BelegRetriever(service=service, k=5, limited=only).invoke(_MILL)
    (node,) = llamaindex.BelegRetriever(service, k=5, limited=only).retrieve(_MILL)
    assert document.metadata["document"] == node.node.metadata["document"] == "bridge.txt"


def test_what_goes_wrong_is_an_error_of_beleg(service: Service) -> None:
    with pytest.raises(UsageError, match="The question is empty"):
        langchain.BelegRetriever(service=service).invoke(" ! ")
    with pytest.raises(NoSuchDocument):
        llamaindex.BelegRetriever(service, limited=Limited(documents=("absent.txt",))).retrieve(_MILL)


async def test_a_task_that_is_cancelled_stops_its_search(service: Service) -> None:
    with held(service):
        task = asyncio.create_task(found_meanwhile(service, Search(_MILL)))
        while waiting(service) != [False]:
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        async with asyncio.timeout(10):
            while waiting(service) != [True]:
                await asyncio.sleep(0.01)


@pytest.mark.parametrize("module", ["rag.cli.main", "tui.command", "tui.app", "rag.serving.service"])
def test_nothing_of_beleg_imports_the_frameworks(module: str) -> None:
    code = f"import sys, {module}; print([name for name in {_FRAMEWORKS!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"
