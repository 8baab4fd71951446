"""What is asked, and what limits it, has one name, by whatever way it is asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from inspect import signature
from typing import Any

import pytest

from rag.cli.searching import search
from rag.index.library import Entry
from rag.serving.bodies import AskBody, DocumentsQuery, SearchBody, TextQuery
from rag.serving.model_context.records import ListedDocument
from rag.serving.model_context.tools import ReadingTools
from rag.serving.requests import Question, Search

_LIMITS = {"documents", "tags", "since", "until"}


def _arguments(tool: Callable[..., Any]) -> set[str]:
    return {*signature(tool).parameters} - {"self", "context"}


@pytest.mark.parametrize(
    ("tool", "body", "names"),
    [
        (ReadingTools.ask, AskBody, {"question", "earlier"} | _LIMITS),
        (ReadingTools.search, SearchBody, {"query", "top_k"} | _LIMITS),
        (ReadingTools.documents, DocumentsQuery, {"offset", "limit", "tags", "since", "until"}),
        (ReadingTools.read, TextQuery, {"start", "end"}),
    ],
)
def test_arguments_are_called_the_same_over_http_and_by_mcp(
    tool: Callable[..., Any], body: type[AskBody], names: set[str]
) -> None:
    assert _arguments(tool) & {*body.model_fields} == names
    assert _arguments(tool) - names <= {"named", "document_id"} and {*body.model_fields} - names <= {"documents"}


def test_python_and_the_command_call_them_so_too() -> None:
    assert {"query", "top_k"} <= {field.name for field in fields(Search)}
    assert "earlier" in {field.name for field in fields(Question)}
    assert {"top_k", "tag", "since", "until"} <= {parameter.name for parameter in search.params}


def test_a_listed_document_is_told_of_in_the_words_of_the_list() -> None:
    assert {*ListedDocument.model_fields} <= {field.name for field in fields(Entry)}
