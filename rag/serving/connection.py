"""A connection that is cut off where the other end keeps it waiting, and told in JSON where what it sends is no HTTP.

uvicorn waits for ever for a header that does not end, a body that nobody reads, and a reader that does not read.
"""

from __future__ import annotations

import asyncio
import socket
import struct
import sys
import time
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from rag.serving.access import headers_too_large, no_http, too_many
from rag.serving.guard import tell, told

SECONDS_FOR_HEADERS = 10.0
SECONDS_TO_SEND = 20.0  # a request whole, or an answer's next bytes to be taken
MOST_CONNECTIONS = 512
_LOOK = 0.5  # seconds
_TOO_LARGE = 431  # the status that h11 hints at
_AT_ONCE = struct.pack("ii", 1, 0)  # linger: yes, for no second


async def _full(_scope: Any, _receive: Any, send: Any) -> None:
    await tell(too_many(), send)


class PatientConnection(H11Protocol):
    """uvicorn's connection, with an end to its patience."""

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self._phase = ""  # what is waited for
        self._since = 0.0
        self._unsent = 0
        self._stalled_since = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._since = self._stalled_since = time.monotonic()
        self._look()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        super().connection_lost(exc)

    def handle_events(self) -> None:
        """Answer what has come; too many at once are told so in the form of all problems, unlike by uvicorn's limit."""
        full = max(len(self.connections), len(self.tasks)) >= MOST_CONNECTIONS
        self.app = _full if full else self.config.loaded_app
        super().handle_events()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 (uvicorn's words, which are the same for anything)
        """Tell, in the form of all problems, that this was no HTTP; uvicorn calls it while it handles h11's error."""
        if self.conn.our_state not in (h11.IDLE, h11.SEND_RESPONSE):  # an answer was begun: no other fits behind it
            self.transport.close()
            return
        error = sys.exc_info()[1]
        too_large = isinstance(error, h11.RemoteProtocolError) and error.error_status_hint == _TOO_LARGE
        problem = headers_too_large() if too_large else no_http()
        headers, body = told(problem)
        for event in (
            h11.Response(status_code=problem.status, headers=headers),
            h11.Data(data=body),
            h11.EndOfMessage(),
        ):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()

    def _look(self) -> None:
        """Look whether the other end still does its part; drop it where it has not for too long."""
        now = time.monotonic()
        phase = self._waited_for()
        if phase != self._phase:
            self._phase, self._since = phase, now
        unsent = self.transport.get_write_buffer_size()
        if not unsent or unsent < self._unsent:
            self._stalled_since = now
        self._unsent = unsent
        too_long = {"headers": SECONDS_FOR_HEADERS, "body": SECONDS_TO_SEND}.get(phase, now)
        if now - self._since > too_long or now - self._stalled_since > SECONDS_TO_SEND:
            self._drop()
            return
        self._timer = self.loop.call_later(_LOOK, self._look)

    def _drop(self) -> None:
        """End the connection at once; the system, too, forgets what the other end did not take."""
        self.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
        self.transport.abort()

    def _waited_for(self) -> str:
        """Return what the other end owes: a request's headers, or its body; "" while it waits itself, or rests.

        It may rest between requests as long as uvicorn's own timer lets it.
        """
        if self.conn.their_state is h11.SEND_BODY:
            return "body"
        if self.conn.their_state is h11.IDLE and self.timeout_keep_alive_task is None:
            return "headers"
        return ""
