"""A server that speaks chat completions as badly as a test wants it to, on the loopback interface."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

MODELS = {"object": "list", "data": [{"id": "tiny", "owned_by": "me"}, {"id": "other"}]}


@dataclass
class Seen:
    """What a server was asked."""

    bodies: list[dict[str, Any]] = field(default_factory=list)
    headers: list[Mapping[str, str]] = field(default_factory=list)
    hung_up: threading.Event = field(default_factory=threading.Event)  # a client went in the midst of an answer
    closing: threading.Event = field(default_factory=threading.Event)
    url: str = ""

    @property
    def llm(self) -> str:
        """What --llm would be."""
        return f"openai:{self.url}"


class Handler(BaseHTTPRequestHandler):
    """One connection, with what a test answers by."""

    seen: Seen
    body: dict[str, Any]
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the name that is called
        """Say nothing."""

    def whole(self, status: int, content: bytes | object, **headers: str) -> None:
        """Answer with a whole body; what is no bytes as JSON."""
        raw = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(raw)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(raw)

    def stream(self) -> None:
        """Begin to answer with events, until the connection is closed."""
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True

    def event(self, data: str | object) -> None:
        """Send an event; what is no string as JSON."""
        text = data if isinstance(data, str) else json.dumps(data)
        self.wfile.write(f"data: {text}\n\n".encode())
        self.wfile.flush()

    def say(self, *texts: str, reason: str = "stop") -> None:
        """Send a whole text."""
        self.stream()
        for text in texts:
            self.event(piece(text))
        self.event(piece("", reason))
        self.event("[DONE]")

    def wait(self, seconds: float = 20) -> None:
        """Wait until the test is over."""
        self.seen.closing.wait(seconds)


def piece(text: str | None, reason: str | None = None, **more: object) -> dict[str, object]:
    """Return an event of a text."""
    return {"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": reason, **more}]}


def odds(token: str, **tokens: float) -> dict[str, object]:
    """Return the log odds of a token and of those that could have stood there; a name's "_" is a space."""
    told = [{"token": name.replace("_", " "), "logprob": value} for name, value in tokens.items()]
    own = next((each["logprob"] for each in told if each["token"] == token), -1.0)
    return {"content": [{"token": token, "logprob": own, "top_logprobs": told}]}


Answer = Callable[[Handler], None]


@contextmanager
def serving(
    post: Answer,
    get: Answer = lambda handler: handler.whole(200, MODELS),
    port: int = 0,
    tls: ssl.SSLContext | None = None,
) -> Iterator[Seen]:
    """Serve until the block ends: `post` answers chat completions, `get` the list of models."""
    seen = Seen()

    class Here(Handler):
        def do_GET(self) -> None:
            self._answer(get)

        def do_POST(self) -> None:
            self.body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            seen.bodies.append(self.body)
            self._answer(post)

        def _answer(self, answer: Answer) -> None:
            seen.headers.append(dict(self.headers.items()))
            try:
                answer(self)
            except OSError:
                seen.hung_up.set()
                self.close_connection = True

    Here.seen = seen
    server = ThreadingHTTPServer(("127.0.0.1", port), Here)
    server.daemon_threads = True
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    seen.url = f"{'https' if tls else 'http'}://127.0.0.1:{server.server_port}/v1"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield seen
    finally:
        seen.closing.set()
        with suppress(OSError):
            server.shutdown()
        server.server_close()
        thread.join()
