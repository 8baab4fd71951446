"""A server over a library, in this process or one of its own, and what asks it, whole or byte by byte."""

from __future__ import annotations

import http.client
import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.serving.access import access_for
from rag.serving.listening import listener, serving
from rag.serving.service import Limits, Service
from rag.settings import Settings

MILL = "When did the mill burn down?"
BRIDGE = "Wann wurde die Brücke eröffnet?"


@dataclass(frozen=True)
class Server:
    """A server that runs in this process."""

    port: int
    service: Service


@dataclass(frozen=True)
class Reply:
    """What came back."""

    status: int
    headers: dict[str, str]
    raw: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.raw)


@contextmanager
def served(
    settings: Settings, limits: Limits | None = None, token: str = "", host: str = "127.0.0.1"
) -> Iterator[Server]:
    """Answer at a free port, until the block ends."""
    with listener(host, 0) as at:
        port = at.getsockname()[1]
        service = Service(settings, limits)
        with serving(service, access_for(host, (), token), at):
            yield Server(port, service)


@contextmanager
def running(settings: Settings, *arguments: str, **more: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """Run the command in a process of its own; yield it and its port, once it answers."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith("BELEG_")}
    named = {"BELEG_CACHE": settings.cache, "BELEG_LIBRARY": settings.library, "BELEG_STATE": settings.state}
    named["BELEG_LOGS"] = settings.state / "logs"
    environment = clean | {key: str(value) for key, value in named.items()} | {"BELEG_LANG": "en"} | more
    command = [sys.executable, "-m", "tui.entry", "serve", "--port", "0", *arguments]
    process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stderr is not None
        said = process.stderr.readline()
        found = re.search(r"http://\S+:(\d+)", said)
        assert found, said + process.stderr.read()
        yield process, int(found[1])
    finally:
        process.kill()
        process.wait(20)


def ask(port: int, path: str, body: Any = None, **headers: str) -> Reply:
    """Send a request: a POST of JSON where there is a body. An underscore in a header's name is a dash."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else None
    named = {"content-type": "application/json"} if raw is not None else {}
    return send(port, "POST" if raw is not None else "GET", path, raw, named | headers)


def send(port: int, method: str, path: str, raw: bytes | None, headers: Mapping[str, str]) -> Reply:
    """Send a request as it is given."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.putrequest(method, path, skip_host="host" in headers, skip_accept_encoding=True)
        for name, value in headers.items():
            connection.putheader(name.replace("_", "-"), value)
        if raw is not None:
            connection.putheader("content-length", str(len(raw)))
        connection.endheaders(raw)
        got = connection.getresponse()
        return Reply(got.status, {name.lower(): value for name, value in got.getheaders()}, got.read())
    finally:
        connection.close()


@contextmanager
def connected(port: int) -> Iterator[socket.socket]:
    """A connection, for whoever sends its own bytes."""
    with socket.socket() as made:
        made.settimeout(30)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        made.connect(("127.0.0.1", port))
        yield made


def events(raw: bytes) -> list[tuple[str, Any]]:
    """Return server-sent events: their names, and what they hold."""
    found = []
    for block in raw.decode().split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if "data" in fields:
            held = fields["data"]
            found.append((fields.get("event", ""), held if held == "[DONE]" else json.loads(held)))
    return found


def copied(library: Path, cache: Path, folder: Path) -> Settings:
    """Return settings of a copy of a library."""
    import shutil

    shutil.copytree(library, folder / "library")
    return Settings(library=folder / "library", cache=cache, state=folder / "state", threads=2)
