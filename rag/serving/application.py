"""The addresses that can be asked, and what is answered there."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from rag import __version__
from rag.answering.assistant import Answer, Answered, Event, Writing
from rag.errors import BelegError
from rag.localization import gettext
from rag.serving import chat_completions as openai
from rag.serving.access import Access
from rag.serving.bodies import AskBody, ChatBody, DocumentsQuery, SearchBody, TextQuery, read_body, read_query
from rag.serving.description import description, page
from rag.serving.guard import Guard
from rag.serving.handing_on import EventStream, Gone, Running, as_json, encoded, server_sent
from rag.serving.problems import Problem, Refused, problem_of
from rag.serving.requests import answer_record, answering, event_record, finding
from rag.serving.service import Service, asked, sought
from rag.system import logs

_PAGE_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_NOBODY = 499  # a status that nobody reads


def application(service: Service, access: Access) -> ASGIApp:
    """Return what answers requests by a service."""
    routes = [
        Route("/ask", _ask, methods=["POST"]),
        Route("/search", _search, methods=["GET", "POST"]),
        Route("/documents", _documents, methods=["GET"]),
        Route("/documents/{identity}/text", _text, methods=["GET"]),
        Route("/health", _health, methods=["GET"]),
        Route("/v1/chat/completions", _chat, methods=["POST"]),
        Route("/v1/models", _models, methods=["GET"]),
        Route("/v1/models/{name}", _model, methods=["GET"]),
        Route("/openapi.json", _openapi, methods=["GET"]),
        Route("/docs", _docs, methods=["GET"]),
    ]
    failures: dict[Any, Callable[[Request, Any], Awaitable[Response]]] = {
        Refused: _refused,
        BelegError: _failed,
        HTTPException: _no_such_thing,
        ClientDisconnect: _gone,
        Gone: _gone,
        Exception: _unexpected,
    }
    app = Starlette(routes=routes, exception_handlers=failures)
    app.router.redirect_slashes = False
    app.state.service = service
    return Guard(app, access)


# --- asking ------------------------------------------------------------------------------


async def _ask(request: Request) -> Response | EventStream:
    question = asked((await read_body(request, AskBody)).asked())
    running = Running(_service(request), answering(question), _client(request), request)
    identity = _new_id()
    if "text/event-stream" in request.headers.get("accept", ""):
        return EventStream(_events(running, identity), running.close)
    return _json(answer_record(identity, await _answer(running)))


async def _events(running: Running[Event], identity: str) -> AsyncIterator[bytes]:
    """Yield the road's own events; one that fails ends with the event "error"."""
    try:
        async for event in running:
            if event is None:
                yield b": waiting\n\n"
            else:
                name, held = event_record(identity, event)
                yield server_sent(held, name)
    except BelegError as error:
        yield server_sent(problem_of(error).as_json(), "error")


async def _answer(running: Running[Event]) -> Answer:
    try:
        async for event in running:
            if isinstance(event, Answered):
                return event.answer
    finally:
        running.close()
    raise BelegError(gettext("The question was not answered."), gettext("Ask again."))


async def _chat(request: Request) -> Response | EventStream:
    body = await read_body(request, ChatBody)
    _only_model(body.model)
    question = asked(body.asked())
    running = Running(_service(request), answering(question), _client(request), request)
    identity = _new_id()
    base = f"{request.url.scheme}://{request.headers['host']}"
    if not body.stream:
        return _json(openai.completion(identity, await _answer(running), base))
    usage = bool(body.stream_options and body.stream_options.include_usage)
    return EventStream(_chunks(running, identity, base, usage), running.close)


async def _chunks(running: Running[Event], identity: str, base: str, usage: bool) -> AsyncIterator[bytes]:
    yield server_sent(openai.chunk(identity, {"role": "assistant", "content": ""}))
    said = ""
    try:
        async for event in running:
            if event is None:
                yield b": waiting\n\n"
            elif isinstance(event, Writing):
                said += event.delta
                yield server_sent(openai.chunk(identity, {"content": event.delta}))
            elif isinstance(event, Answered):
                answer = event.answer
                if rest := answer.text.removeprefix(said):
                    yield server_sent(openai.chunk(identity, {"content": rest}))
                cited = {"annotations": openai.annotated(answer, base)}
                yield server_sent({**openai.chunk(identity, cited), "beleg": answer_record(identity, answer)})
                yield server_sent(openai.chunk(identity, {}, "stop"))
    except BelegError as error:
        yield server_sent(problem_of(error).as_json())
    else:
        if usage:
            yield server_sent(openai.usage_chunk(identity))
    yield server_sent("[DONE]")


async def _search(request: Request) -> Response:
    if request.method == "POST":
        body = await read_body(request, SearchBody)
    else:
        body = read_query(request, SearchBody)
    search = sought(body.sought())
    running = Running(_service(request), finding(search), _client(request), request)
    try:
        passages = [passage async for passage in running if passage is not None]
    finally:
        running.close()
    return _json({"query": search.query, "passages": passages})


# --- reading -----------------------------------------------------------------------------


async def _documents(request: Request) -> Response:
    query = read_query(request, DocumentsQuery)
    entries = await asyncio.to_thread(_service(request).documents, query.limited())
    some = entries[query.offset : query.offset + query.limit]
    return _json({"total": len(entries), "offset": query.offset, "documents": some})


async def _text(request: Request) -> Response:
    query = read_query(request, TextQuery)
    identity = request.path_params["identity"]
    return _json(await asyncio.to_thread(_service(request).text, identity, query.start, query.end))


async def _health(request: Request) -> Response:
    service = _service(request)
    state = {"status": "ok" if service.alive else "stopping", "version": __version__, "waiting": service.waiting}
    return _json(state, 200 if service.alive else 503)


async def _models(_: Request) -> Response:
    return _json(openai.models())


async def _model(request: Request) -> Response:
    _only_model(request.path_params["name"])
    return _json(openai.model())


async def _openapi(_: Request) -> Response:
    return _json(description())


async def _docs(_: Request) -> Response:
    return HTMLResponse(page(), headers={"content-security-policy": _PAGE_POLICY})


# --- what goes wrong ---------------------------------------------------------------------


async def _refused(_: Request, error: Refused) -> Response:
    return told(error.problem)


async def _failed(_: Request, error: BelegError) -> Response:
    logs.logger("serve").warning("%s: %s", type(error).__name__, logs.Words(error))
    return told(problem_of(error))


async def _no_such_thing(_: Request, error: HTTPException) -> Response:
    remedy = gettext("The page /docs says what can be asked.")
    if error.status_code == 405:
        response = told(Problem(405, gettext("This cannot be asked in this way (method)."), remedy, "wrong_method"))
        response.headers.update(error.headers or {})  # which methods there are
        return response
    return told(Problem(error.status_code, gettext("There is nothing at this address."), remedy, "not_found"))


async def _gone(_: Request, __: Exception) -> Response:
    return Response(status_code=_NOBODY)


async def _unexpected(_: Request, error: Exception) -> Response:
    return told(problem_of(BelegError(logs.unexpected(error))))


def told(problem: Problem) -> Response:
    """Return a problem as a response."""
    response = _json(problem.as_json(), problem.status)
    if problem.status in (429, 503):
        response.headers["retry-after"] = "1"
    if problem.status == 401:
        response.headers["www-authenticate"] = "Bearer"
    if problem.status in (408, 413):
        response.headers["connection"] = "close"
    return response


def _json(data: object, status: int = 200) -> Response:
    return Response(encoded(as_json(data)), status, media_type="application/json")


def _only_model(name: str) -> None:
    if name != openai.MODEL:
        problem = Problem(
            404, gettext("There is no such model here."), gettext("The only one is called beleg."), "model_not_found"
        )
        raise Refused(problem)


def _service(request: Request) -> Service:
    service = request.app.state.service
    assert isinstance(service, Service)
    return service


def _client(request: Request) -> str:
    """Return whose turn it is: an address, the key and the program that it gives."""
    address = request.client.host if request.client else ""
    given = f"{request.headers.get('authorization', '')}\n{request.headers.get('user-agent', '')}"
    return f"{address} {hashlib.sha256(given.encode('utf-8', 'replace')).hexdigest()[:16]}"


def _new_id() -> str:
    return secrets.token_hex(8)
