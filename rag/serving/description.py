"""What can be asked, as OpenAPI for programs and as a page for people, which loads nothing from elsewhere."""

from __future__ import annotations

import json
import re
from html import escape
from typing import Any

from pydantic import BaseModel

from rag import __version__
from rag.localization import words
from rag.serving.bodies import AskBody, ChatBody, DocumentsQuery, SearchBody, TextQuery
from rag.serving.schema_words import allowed

_PROBLEMS = {
    "400": "What is sent is of no use.",
    "401": "The token is missing or wrong.",
    "403": "The Host or the Origin is a strange one.",
    "408": "The body did not come in time.",
    "413": "The body is too large.",
    "415": "The body is not sent as application/json.",
    "431": "The address and the headers are too long.",
    "429": "Too many requests at once.",
    "503": "Too many questions wait, or the library or a model cannot be used: see reason and remedy.",
}
_STYLE = (
    "body{font:16px/1.5 sans-serif;max-width:50em;margin:2em auto;padding:0 1em}"
    "code{background:#8882;padding:.1em .3em}td,th{text-align:left;vertical-align:top;padding:.1em 1em .1em 0}"
)
_REFERENCE = re.compile(r"#/components/schemas/\w+")
_Field = tuple[str, bool, dict[str, Any]]  # its name, whether it has to be there, and its schema


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
    shapes: dict[str, Any] = described["components"]["schemas"]
    for path, methods in described["paths"].items():
        for method, about in methods.items():
            parts.append(f"<h2><code>{method.upper()} {escape(path)}</code></h2><p>{escape(about['summary'])}.</p>")
            parts.append(f"<p>{escape(about['responses']['200']['description'])}</p>")
            parts.append(_table(_fields(about, shapes)))
    parts.append("<h1>Objects</h1>")
    for name in _within(shapes):
        parts.append(f"<h2><code>{escape(name)}</code></h2><p>{escape(shapes[name]['description'])}</p>")
        parts.append(_table(_of_shape(shapes[name])))
    return "".join(parts) + "</html>"


def _fields(about: dict[str, Any], shapes: dict[str, Any]) -> list[_Field]:
    """Return what is sent to an address."""
    if "requestBody" in about:
        reference = about["requestBody"]["content"]["application/json"]["schema"]["$ref"]
        return _of_shape(shapes[_called(reference)])
    return [(each["name"], each["required"], each["schema"]) for each in about["parameters"]]


def _of_shape(shape: dict[str, Any]) -> list[_Field]:
    required = shape.get("required", [])
    named = [(name, name in required, schema) for name, schema in shape["properties"].items()]
    return sorted(named, key=lambda each: not each[1])  # what is needed stands first


def _table(fields: list[_Field]) -> str:
    if not fields:
        return ""
    rows = "".join(
        f"<tr><td><code>{escape(name)}</code><td>{escape(_kind(schema))}"
        f"<td>{'needed' if needed else _without(schema)}<td>{escape(schema.get('description', ''))}"
        for name, needed, schema in fields
    )
    return f"<table><tr><th>name<th>what it may be<th>without it<th>{rows}</table>"


def _kind(schema: dict[str, Any]) -> str:
    """Return what a value may be, with the names of objects in it."""
    objects = ", ".join(map(_called, _REFERENCE.findall(json.dumps(schema))))
    return allowed(schema, words("en").gettext) + (f" ({objects})" if objects else "")


def _without(schema: dict[str, Any]) -> str:
    default = schema.get("default")
    return "" if default in (None, [], "") else f"<code>{escape(json.dumps(default))}</code>"


def _within(shapes: dict[str, Any]) -> list[str]:
    """Return the names of the objects that others hold."""
    held = {_called(found) for found in _REFERENCE.findall(json.dumps(shapes))}
    return [name for name in shapes if name in held]


def _called(reference: str) -> str:
    return reference.rsplit("/", 1)[1]


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
