"""How a client reaches the MCP server: by the standard streams of a process, or over HTTP on this machine.

The event loop runs in a thread of its own: signals are for the main one, which waits for them.
"""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from mcp.server.mcpserver import MCPServer
from mcp.server.transport_security import TransportSecuritySettings
from starlette.types import ASGIApp, Receive, Scope, Send

from rag.serving.access import Access
from rag.serving.guard import Guard
from rag.serving.listening import answering
from rag.serving.service import Service

PATH = "/mcp"
_HOSTS = ("127.0.0.1", "localhost", "[::1]")
_LARGEST_BODY = 1_000_000  # bytes of a request
_MOST_SESSIONS = 64
_IDLE = 1800.0  # seconds after which a session that nobody uses ends


def over_standard_streams(server: MCPServer[None]) -> threading.Thread:
    """Serve the client at the standard streams; return the thread, which ends with the client.

    Standard output is the protocol's: whatever else would be written there goes to standard error.
    """
    thread = threading.Thread(target=lambda: asyncio.run(server.run_stdio_async()), name="beleg-mcp", daemon=True)
    thread.start()
    return thread


@contextmanager
def over_http(
    server: MCPServer[None], service: Service, access: Access, at: socket.socket
) -> Iterator[threading.Thread]:
    """Serve clients at a socket that listens, in the thread that is yielded; at the end close the service, too."""
    app = _application(server, access, at.getsockname()[1])
    with answering(app, service, at, lifespan="on") as thread:  # the SDK's sessions begin and end with it
        yield thread


def _application(server: MCPServer[None], access: Access, port: int) -> ASGIApp:
    names = [name for host in _HOSTS for name in (host, f"{host}:{port}")]
    security = TransportSecuritySettings(allowed_hosts=names, allowed_origins=[f"http://{name}" for name in names])
    inner = server.streamable_http_app(
        streamable_http_path=PATH,
        transport_security=security,
        max_request_body_size=_LARGEST_BODY,
        session_idle_timeout=_IDLE,
        max_sessions=_MOST_SESSIONS,
    )
    guarded = Guard(inner, access)

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        layer: Any = guarded if scope["type"] == "http" else inner  # the start and the end are the SDK's own
        await layer(scope, receive, send)

    return application
