"""A retriever for LangChain, over a library of Beleg. Needs beleg[langchain]."""

from __future__ import annotations

from typing import Any

from langchain_core.callbacks import AsyncCallbackManagerForRetrieverRun, CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict

from rag.index.hybrid_search import Passage
from rag.integrations.passages import facts, found, found_meanwhile
from rag.serving.requests import Limited, Search
from rag.serving.service import Service


class BelegRetriever(BaseRetriever):
    """Passages for a question, in German and English for one in either; `k` of them, or what the settings say for 0.

    A document's `page_content` is the passage to the letter; `metadata` says where it stands ("source", "start",
    "end", "page"), under which headings ("context"), and how well it was found ("score"). `limited` says which
    documents are asked (`tags` is LangChain's own field, for its traces). Whoever opened the service closes it. May be
    asked from several threads and tasks at once: they take turns.
    """

    model_config = ConfigDict(extra="forbid")  # a limit by a name that is none would ask all documents, unsaid

    service: Service
    k: int = 0
    limited: Limited = Limited()

    def _get_relevant_documents(
        self,
        query: str,
        *,
        run_manager: CallbackManagerForRetrieverRun,  # noqa: ARG002 (LangChain gives it by name)
    ) -> list[Document]:
        return _documents(found(self.service, self._search(query)))

    async def _aget_relevant_documents(
        self,
        query: str,
        *,
        run_manager: AsyncCallbackManagerForRetrieverRun,  # noqa: ARG002
    ) -> list[Document]:
        return _documents(await found_meanwhile(self.service, self._search(query)))

    def _search(self, query: str) -> Search:
        return Search(query, self.k, self.limited)


def _documents(passages: list[Passage]) -> list[Document]:
    return [
        Document(page_content=passage.chunk.text, id=_id(known := facts(passage)), metadata=known)
        for passage in passages
    ]


def _id(known: dict[str, Any]) -> str:
    return f"{known['document_id']}:{known['start']}-{known['end']}"
