"""Listens: the only place of Beleg that does, and only where `beleg serve` asks for it."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import uvicorn
from starlette.types import ASGIApp

from rag.errors import UsageError
from rag.localization import gettext
from rag.serving.access import LARGEST_HEADERS, Access
from rag.serving.application import application
from rag.serving.connection import MOST_CONNECTIONS, PatientConnection
from rag.serving.service import SECONDS_TO_CLOSE, Service

_MOST_UNSENT = 131_072  # bytes of an answer that the system holds for a client that does not read
_TO_REST = 15  # seconds that a connection may lie idle between requests
_TO_SAY_SO = 0.7  # of the seconds to close: until then what runs has ended, and its end is being sent
_WAIT = 0.02  # seconds


def listener(host: str, port: int) -> socket.socket:
    """Return a socket that listens. Raises UsageError where that cannot be."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0][0]
        made = socket.create_server((host, port), family=family, backlog=MOST_CONNECTIONS)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _MOST_UNSENT)  # and so of each connection
        return made
    except (OSError, UnicodeError, OverflowError) as error:
        said = error.strerror if isinstance(error, OSError) and error.strerror else type(error).__name__
        raise UsageError(
            gettext("{host}, port {port}, cannot be listened at: {reason}.").format(host=host, port=port, reason=said),
            gettext("Name another one: --port 0 takes any that is free."),
        ) from error


@contextmanager
def serving(service: Service, access: Access, at: socket.socket) -> Iterator[threading.Thread]:
    """Answer what is asked at a socket, in the thread that is yielded; at the end close all, the service too."""
    with answering(application(service, access), service, at) as thread:
        yield thread


@contextmanager
def answering(
    app: ASGIApp, service: Service, at: socket.socket, lifespan: Literal["on", "off"] = "off"
) -> Iterator[threading.Thread]:
    """Have an application answer at a socket, as `serving` does; `lifespan` is on where it has a start and an end."""
    config = uvicorn.Config(
        app,
        http=PatientConnection,
        ws="none",
        loop="asyncio",
        lifespan=lifespan,
        log_config=None,
        log_level="critical",
        access_log=False,
        server_header=False,
        date_header=False,
        proxy_headers=False,
        h11_max_incomplete_event_size=LARGEST_HEADERS,
        timeout_keep_alive=_TO_REST,
        timeout_graceful_shutdown=int(SECONDS_TO_CLOSE * _TO_SAY_SO),
    )
    server = uvicorn.Server(config)
    # In a thread of its own: signals are for the main one, which waits for them.
    thread = threading.Thread(target=server.run, args=([at],), name="beleg-serve", daemon=True)
    thread.start()
    try:
        while not server.started and thread.is_alive():
            time.sleep(_WAIT)
        yield thread
    finally:
        ends = time.monotonic() + SECONDS_TO_CLOSE
        server.should_exit = True
        service.close(SECONDS_TO_CLOSE * _TO_SAY_SO)
        thread.join(max(0.0, ends - time.monotonic() - 2 * _WAIT))
