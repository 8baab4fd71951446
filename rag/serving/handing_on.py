"""From the thread of the models to the event loop: results as they come, and the end where the client has gone."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import Any, TypeVar

from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from rag.serving.requests import Work
from rag.serving.service import Came, Ended, Service
from rag.system.cancellation import CancelToken, Stopped

T = TypeVar("T")
_ALIVE = 10.0  # seconds after which a stream that has nothing to say says so
Queue = asyncio.Queue[Came[T] | Ended]


class Gone(Exception):
    """The client has gone: there is nobody to answer."""


class Running(AsyncIterator[T | None]):
    """The results of work as they come, None where a while passes without. Close it: that stops the work."""

    def __init__(self, service: Service, work: Work[T], client: str, request: Request) -> None:
        """Begin the work. Raises Busy."""
        self._came: Queue[T] = asyncio.Queue()
        self._cancel = CancelToken()
        loop = asyncio.get_running_loop()

        def tell(each: Came[T] | Ended) -> None:
            with suppress(RuntimeError):  # the loop has ended, and everybody has gone
                loop.call_soon_threadsafe(self._came.put_nowait, each)

        service.begin(work, tell, client, self._cancel)
        self._watch = asyncio.create_task(_until_gone(request, self._came))

    async def __anext__(self) -> T | None:
        try:
            each = await asyncio.wait_for(self._came.get(), _ALIVE)
        except TimeoutError:
            return None
        if isinstance(each, Came):
            return each.value
        if isinstance(each.error, Stopped):
            raise Gone
        if each.error is not None:
            raise each.error
        raise StopAsyncIteration

    def close(self) -> None:
        """Stop the work, if it goes on, and look after the client no more."""
        self._cancel.cancel()
        self._watch.cancel()


async def _until_gone(request: Request, came: Queue[Any]) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
    came.put_nowait(Ended(Stopped()))


class EventStream:
    """A response that goes on: server-sent events."""

    def __init__(self, parts: AsyncIterator[bytes], close: Callable[[], None]) -> None:
        self._parts = parts
        self._close = close

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        headers = [
            (b"content-type", b"text/event-stream; charset=utf-8"),
            (b"cache-control", b"no-store"),
            (b"x-content-type-options", b"nosniff"),
        ]
        try:
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            async for part in self._parts:
                await send({"type": "http.response.body", "body": part, "more_body": True})
            await send({"type": "http.response.body", "body": b""})
        except Gone:
            pass
        finally:
            self._close()


def server_sent(data: dict[str, Any] | str, event: str = "") -> bytes:
    """Return an event as it is sent; data on one line, whatever it holds, also for who takes U+2028 for its end."""
    line = data if isinstance(data, str) else json.dumps(data, allow_nan=False, separators=(",", ":"))
    return (f"event: {event}\n" if event else "").encode() + b"data: " + line.encode("ascii") + b"\n\n"


def as_json(data: object) -> str:
    """Return JSON on one line; what no JSON can hold, as NaN, is not in it."""
    return json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def encoded(text: str) -> bytes:
    """Return text in UTF-8; halves of characters are no text."""
    return text.encode("utf-8", "replace")
