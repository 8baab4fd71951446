"""A retriever for LlamaIndex, over a library of Beleg. Needs beleg[llamaindex]."""

from __future__ import annotations

from llama_index.core.base.base_retriever import BaseRetriever
from llama_index.core.schema import NodeRelationship, NodeWithScore, QueryBundle, RelatedNodeInfo, TextNode

from rag.index.hybrid_search import Passage
from rag.integrations.passages import facts, found, found_meanwhile
from rag.serving.requests import Limited, Search
from rag.serving.service import Service

_FOR_A_WRITER = {"title", "date", "context"}  # of what is known of a passage: the rest says nothing to an LLM


class BelegRetriever(BaseRetriever):
    """Passages for a question, in German and English for one in either; `k` of them, or what the settings say for 0.

    A node's text is the passage to the letter; `metadata` says where it stands ("source", "start", "end", "page")
    and under which headings ("context"). Whoever opened the service closes it. May be asked from several threads
    and tasks at once: they take turns.
    """

    def __init__(self, service: Service, k: int = 0, limited: Limited | None = None) -> None:
        super().__init__()
        self._service = service
        self._k = k
        self._limited = limited or Limited()

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        return [_node(passage) for passage in found(self._service, self._search(query_bundle))]

    async def _aretrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        return [_node(passage) for passage in await found_meanwhile(self._service, self._search(query_bundle))]

    def _search(self, query: QueryBundle) -> Search:
        return Search(query.query_str, self._k, self._limited)


def _node(passage: Passage) -> NodeWithScore:
    known, chunk = facts(passage), passage.chunk
    beside = sorted({*known} - _FOR_A_WRITER)
    node = TextNode(
        id_=f"{passage.document.id}:{chunk.start}-{chunk.end}",
        text=chunk.text,
        start_char_idx=chunk.start,
        end_char_idx=chunk.end,
        metadata=known,
        excluded_llm_metadata_keys=beside,
        excluded_embed_metadata_keys=beside,
        relationships={NodeRelationship.SOURCE: RelatedNodeInfo(node_id=passage.document.id)},
    )
    return NodeWithScore(node=node, score=passage.score)
