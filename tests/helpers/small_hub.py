"""A hub of a few files on the loopback interface, as huggingface_hub asks one, which fails where it is told to."""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@dataclass
class SmallHub:
    """What the hub holds ("owner/name/file": content), how it fails, and what it was asked (method, path, range)."""

    files: dict[str, bytes]
    cut_at: list[int] = field(default_factory=list)  # where in the file the next answers end
    answers: list[tuple[int, str]] = field(default_factory=list)  # status and Retry-After given before all else
    sent: dict[str, bytes] = field(default_factory=dict)  # what comes instead of a file
    large: bool = True  # files are listed with their sha256, as large ones are
    ranges: bool = True
    stall: float = 0.0  # seconds in which nothing comes after a cut, instead of the end
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    url: str = ""

    def gets(self) -> list[str]:
        """Return the ranges of the files that were asked for."""
        return [wanted for method, path, wanted in self.asked if method == "GET" and "/resolve/" in path]


@contextmanager
def serving(hub: SmallHub) -> Iterator[SmallHub]:
    """Serve, while the block runs."""
    handler = type("Handler", (_Handler,), {"hub": hub})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    server.block_on_close = False
    hub.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    hub: SmallHub
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: Any) -> None:
        pass

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def do_GET(self) -> None:
        self._answer(body=True)

    def _answer(self, body: bool) -> None:
        hub, path = self.hub, unquote(urlsplit(self.path).path)
        hub.asked.append((self.command, path, self.headers.get("Range", "")))
        if hub.answers:
            status, wait = hub.answers.pop(0)
            self._end(status, {"Retry-After": wait} if wait else {}, b"")
        elif match := re.fullmatch(r"/api/models/([^/]+/[^/]+)(?:/revision/[^/]+)?", path):
            self._list(match[1])
        elif match := re.fullmatch(r"/([^/]+/[^/]+)/resolve/[^/]+/(.+)", path):
            self._file(f"{match[1]}/{match[2]}", body)
        else:
            self._end(404, {"X-Error-Code": "RepoNotFound"}, b"")

    def _list(self, repo: str) -> None:
        names = [name for name in self.hub.files if name.startswith(f"{repo}/")]
        if not names:
            self._end(404, {"X-Error-Code": "RepoNotFound"}, b"")
            return
        siblings = [self._sibling(name.removeprefix(f"{repo}/"), self.hub.files[name]) for name in names]
        facts = {"id": repo, "modelId": repo, "sha": COMMIT, "siblings": siblings, "tags": [], "private": False}
        self._end(200, {"Content-Type": "application/json"}, json.dumps(facts).encode())

    def _sibling(self, name: str, content: bytes) -> dict[str, Any]:
        row: dict[str, Any] = {"rfilename": name, "size": len(content), "blobId": blob_id(content)}
        if name.endswith((".safetensors", ".gguf", ".bin")):
            row["lfs"] = {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content), "pointerSize": 130}
        return row

    def _file(self, name: str, body: bool) -> None:
        hub = self.hub
        if name not in hub.files:
            self._end(404, {"X-Error-Code": "EntryNotFound", "X-Repo-Commit": COMMIT}, b"")
            return
        content = hub.files[name]
        etag = hashlib.sha256(content).hexdigest() if hub.large else blob_id(content)
        facts = {"ETag": f'"{etag}"', "X-Repo-Commit": COMMIT, "X-Linked-Size": str(len(content))}
        content = hub.sent.get(name, content)
        match = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        start = int(match[1]) if match and hub.ranges else 0
        if start:
            facts["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
        self.send_response(206 if start else 200)
        for key, value in {**facts, "Content-Length": str(len(content) - start)}.items():
            self.send_header(key, value)
        self.end_headers()
        if body:
            self._send(content, start)

    def _send(self, content: bytes, start: int) -> None:
        end = self.hub.cut_at.pop(0) if self.hub.cut_at else len(content)
        self.wfile.write(content[start : max(start, end)])
        self.wfile.flush()
        if end < len(content):
            if self.hub.stall:
                threading.Event().wait(self.hub.stall)
            self.close_connection = True

    def _end(self, status: int, facts: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for key, value in {**facts, "Content-Length": str(len(body))}.items():
            self.send_header(key, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


def blob_id(content: bytes) -> str:
    """Return git's hash of a file."""
    return hashlib.sha1(b"blob %d\0%s" % (len(content), content), usedforsecurity=False).hexdigest()
