"""What stands before all addresses: who is let in, and what is logged of a request."""

from __future__ import annotations

import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rag.serving.access import Access, Rates, refusal, too_long, too_often
from rag.serving.handing_on import as_json, encoded
from rag.serving.problems import Problem
from rag.system import logs

_SHOWN = 10  # letters of a method, which may be any
_NO_STORE = [(b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff")]


class Guard:
    """Lets in who may ask. An ASGI application around another."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self._app = app
        self._access = access
        self._rates = Rates()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        began, status = time.monotonic(), 0

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", []), *_NO_STORE]
            await send(message)

        try:
            if (problem := self._problem(scope)) is not None:
                await tell(problem, watched)
            else:
                await self._app(scope, receive, watched)
        finally:
            seconds = time.monotonic() - began
            path = logs.Words(scope["path"])
            logs.logger("serve").info("%s %s: %d, %.2f s", scope["method"][:_SHOWN], path, status, seconds)

    def _problem(self, scope: Scope) -> Problem | None:
        address = scope["client"][0] if scope["client"] else ""
        if not self._rates.allow(address):
            return too_often()
        headers = scope["headers"]
        too_much = too_long(scope["raw_path"], scope["query_string"], headers)
        return too_much or refusal(self._access, scope["path"], headers)


def told(problem: Problem) -> tuple[list[tuple[bytes, bytes]], bytes]:
    """Return the headers and the body of a response that says why a request is not heard; the connection ends then."""
    body = encoded(as_json(problem.as_json()))
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
    ]
    if problem.status == 401:
        headers.append((b"www-authenticate", b"Bearer"))
    if problem.status in (429, 503):
        headers.append((b"retry-after", b"1"))
    return headers, body


async def tell(problem: Problem, send: Send) -> None:
    """Send such a response."""
    headers, body = told(problem)
    await send({"type": "http.response.start", "status": problem.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
