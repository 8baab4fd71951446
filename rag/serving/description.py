"""What can be asked, as OpenAPI for programs and as a page for people, which loads nothing from elsewhere."""

from __future__ import annotations

from html import escape
from typing import Any

from pydantic import BaseModel

from rag import __version__
from rag.serving.bodies import AskBody, ChatBody, DocumentsQuery, SearchBody, TextQuery

_PROBLEMS = {
    "400": "What is sent is of no use.",
    "401": "The token is missing or wrong.",
    "403": "The Host or the Origin is a strange one.",
    "408": "The body did not come in time.",
    "413": "The body is too large.",
    "415": "The body is not sent as application/json.",
    "429": "Too many requests at once.",
    "503": "Too many questions wait, or the library or a model cannot be used: see reason and remedy.",
}
_STYLE = (
    "body{font:16px/1.5 sans-serif;max-width:50em;margin:2em auto;padding:0 1em}"
    "code{background:#8882;padding:.1em .3em}"
)


def description() -> dict[str, Any]:
    """Return the description in the terms of OpenAPI 3.1."""
    shapes: dict[str, Any] = {}
    paths = {
        "/ask": {
            "post": _posted(
                AskBody,
                shapes,
                "Answer a question with the exact quotes that say so",
                "The record that `beleg ask --json` prints, with each document's id. With Accept: text/event-stream "
                "the events searching, retrieved, writing and answered (or error) as they come.",
            )
        },
        "/search": {
            "get": _queried(SearchBody, "Find passages"),
            "post": _posted(SearchBody, shapes, "Find passages", "The passages, the best first."),
        },
        "/documents": {"get": _queried(DocumentsQuery, "List the documents")},
        "/documents/{id}/text": {"get": _queried(TextQuery, "Read a part of a document's text", "id")},
        "/health": {"get": _queried(None, "Say whether it answers; needs no token")},
        "/v1/models": {"get": _queried(None, "List the models, as OpenAI's clients ask: beleg")},
        "/v1/chat/completions": {
            "post": _posted(
                ChatBody,
                shapes,
                "Answer the last user message, as OpenAI's clients ask; those before it make it a follow-up",
                "A chat completion, whose annotations cite documents; with `stream` chunks, and [DONE] at the end.",
            )
        },
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": "Beleg", "version": __version__, "description": "A library of documents that answers."},
        "paths": paths,
        "components": {
            "schemas": shapes,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{"token": []}, {}],
    }


def page() -> str:
    """Return the description as a page."""
    parts = [
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Beleg</title><style>{_STYLE}</style>',
        "<h1>Beleg</h1><p>What can be asked here, for programs: <a href=/openapi.json>openapi.json</a>. "
        "Errors are JSON with <code>reason</code> and <code>remedy</code>.</p>",
    ]
    described = description()
    for path, methods in described["paths"].items():
        for method, about in methods.items():
            parts.append(f"<h2><code>{method.upper()} {escape(path)}</code></h2><p>{escape(about['summary'])}.</p>")
            parts.append(f"<p>{escape(about['responses']['200']['description'])}</p>")
            fields = _fields(about, described["components"]["schemas"])
            parts.append(f"<ul>{''.join(f'<li><code>{escape(name)}</code></li>' for name in fields)}</ul>")
    return "".join(parts) + "</html>"


def _fields(about: dict[str, Any], shapes: dict[str, Any]) -> list[str]:
    if "requestBody" in about:
        name = about["requestBody"]["content"]["application/json"]["schema"]["$ref"].rsplit("/", 1)[1]
        return list(shapes[name]["properties"])
    return [each["name"] for each in about["parameters"]]


def _posted(shape: type[BaseModel], shapes: dict[str, Any], summary: str, answer: str) -> dict[str, Any]:
    made = shape.model_json_schema(ref_template="#/components/schemas/{model}")
    shapes.update(made.pop("$defs", {}))
    shapes[shape.__name__] = made
    reference = {"$ref": f"#/components/schemas/{shape.__name__}"}
    return {
        "summary": summary,
        "requestBody": {"required": True, "content": {"application/json": {"schema": reference}}},
        "responses": _responses(answer),
    }


def _queried(shape: type[BaseModel] | None, summary: str, *in_path: str) -> dict[str, Any]:
    properties = shape.model_json_schema()["properties"] if shape is not None else {}
    required = shape.model_json_schema().get("required", []) if shape is not None else []
    parameters = [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in in_path]
    parameters += [
        {"name": name, "in": "query", "required": name in required, "schema": schema}
        for name, schema in properties.items()
    ]
    return {"summary": summary, "parameters": parameters, "responses": _responses("What was asked for.")}


def _responses(answer: str) -> dict[str, Any]:
    problems = {status: {"description": said} for status, said in _PROBLEMS.items()}
    return {"200": {"description": answer}, **problems}
