"""The tools that read: search, ask, documents, read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import aclosing
from typing import Annotated, Any

from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError
from pydantic import Field

from rag.answering.answer import Answered, Event, Retrieved, Searching, Writing
from rag.documents.tags import MOST
from rag.errors import UsageError
from rag.index.hybrid_search import Passage
from rag.index.metadata_filter import wanted
from rag.localization import gettext, ngettext
from rag.serving.model_context.arriving import arriving, told
from rag.serving.model_context.records import (
    AnswerGiven,
    FoundPassages,
    ListedDocument,
    ListedDocuments,
    TextRange,
    answer_given,
    passage_found,
)
from rag.serving.opened import Opened
from rag.serving.requests import MOST_EARLIER, Limited, Question, Search, Work, answering
from rag.serving.service import Service, asked, sought
from rag.system.cancellation import CancelToken
from rag.text.sanitize import one_line

_MOST_LISTED = 200  # documents at once
_MOST_NAMED = 1_000  # that a question is limited to
_SESSION = "mcp-session-id"

Documents = Annotated[
    list[str], Field(description="Only these documents, by id or name; all without.", max_length=_MOST_NAMED)
]
Tags = Annotated[list[str], Field(description="Only documents with all of these tags.", max_length=MOST)]
Since = Annotated[str, Field(description="Only documents dated from then on: 2024, 2024-06 or 2024-06-30.")]
Until = Annotated[str, Field(description="Only documents dated up to then.")]


class ReadingTools:
    """What may be asked of a library; nothing of it changes anything."""

    def __init__(self, service: Service) -> None:
        self._service = service

    async def search(
        self,
        query: Annotated[str, Field(description="A question or words, in German or English.")],
        context: Context[Any, Any],
        top_k: Annotated[int, Field(ge=1, le=50, description="How many passages.")] = 5,
        documents: Documents = [],  # noqa: B006 (nobody changes it; clients are shown it)
        tags: Tags = [],  # noqa: B006
        since: Since = "",
        until: Until = "",
    ) -> FoundPassages:
        """Find passages of the documents for a question, in German and English for one in either."""
        with told(self._service):
            search = sought(Search(query, top_k, limited(documents, tags, since, until)))
            async with aclosing(arriving(self._service, _passages(search), _client(context))) as found:
                return FoundPassages(passages=[passage_found(passage) async for passage in found])

    async def ask(
        self,
        question: Annotated[str, Field(description="A question, in German or English.")],
        context: Context[Any, Any],
        earlier: Annotated[
            list[str],
            Field(
                description="Questions asked before, oldest first, that a follow-up stands on.", max_length=MOST_EARLIER
            ),
        ] = [],  # noqa: B006
        documents: Documents = [],  # noqa: B006
        tags: Tags = [],  # noqa: B006
        since: Since = "",
        until: Until = "",
    ) -> AnswerGiven:
        """Answer a question from the documents, with exact quotes as evidence, or refuse where they do not say."""
        with told(self._service):
            work = answering(asked(Question(question, tuple(earlier), limited(documents, tags, since, until))))
            async with aclosing(arriving(self._service, work, _client(context))) as events:
                step = 0
                async for event in events:
                    if isinstance(event, Answered):
                        return answer_given(event.answer)
                    step += 1
                    await context.report_progress(step, None, _progress(event))
        raise ToolError(gettext("The question was not answered."))

    def documents(
        self,
        named: Annotated[str, Field(description="Only documents with this in their name or title.")] = "",
        tags: Tags = [],  # noqa: B006
        since: Since = "",
        until: Until = "",
        offset: Annotated[int, Field(ge=0, description="How many to leave out at the beginning.")] = 0,
        limit: Annotated[int, Field(ge=1, le=_MOST_LISTED, description="How many to list.")] = _MOST_LISTED,
    ) -> ListedDocuments:
        """List the documents of the library, with their ids, dates and tags."""
        with told(self._service):
            found = [
                row
                for row in self._service.documents(limited([], tags, since, until))
                if named.casefold() in f"{row['name']}\n{row['title']}".casefold()
            ]
        return ListedDocuments(total=len(found), documents=list(map(_listed, found[offset : offset + limit])))

    def read(
        self,
        document_id: Annotated[str, Field(description="As search, ask and documents give it.")],
        start: Annotated[int, Field(ge=0, description="From this character.")] = 0,
        end: Annotated[int | None, Field(ge=0, description="Up to this one.")] = None,
    ) -> TextRange:
        """Read a part of a document's text, to the letter: what `start` and `end` of passages and quotes count in."""
        with told(self._service):
            return TextRange(**self._service.text(document_id, start, end))


def limited(documents: list[str], tags: list[str], since: str, until: str) -> Limited:
    """Return which documents are asked. Raises UsageError for what is no tag or no date."""
    try:
        return Limited(tuple(documents), wanted(tags, since or None, until or None))
    except ValueError as error:
        raise UsageError(str(error), "") from error


def _passages(search: Search) -> Work[Passage]:
    def work(opened: Opened, cancel: CancelToken) -> Iterator[Passage]:
        cancel.check()
        yield from opened.assistant.find(search.query, search.top_k, search.limited.ids(opened.assistant.library))

    return work


def _client(context: Context[Any, Any]) -> str:
    """Return whose turn it is: a session's, which a client may choose, so that it gains it no more than a turn."""
    return (context.headers or {}).get(_SESSION, "")


def _progress(event: Event) -> str:
    match event:
        case Searching(question):
            return gettext("searching: {question}").format(question=one_line(question))
        case Retrieved(passages):
            n = len(passages)
            return ngettext("reading {n} passage …", "reading {n} passages …", n).format(n=n)
        case Writing(text, _, _):
            return one_line(text)
    return ""


def _listed(row: dict[str, Any]) -> ListedDocument:
    return ListedDocument(**{name: row[name] for name in ListedDocument.model_fields})
