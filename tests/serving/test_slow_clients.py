"""Who keeps the server waiting is cut off, and keeps nobody else waiting."""

from __future__ import annotations

import select
import socket
import time

import pytest
from serving_beleg import MILL, ask, connected

from rag.serving import bodies, connection

SOON = 8.0  # seconds: the limits of these tests, and a machine that has much else to do


@pytest.fixture(autouse=True)
def _little_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "SECONDS_FOR_HEADERS", 1.0)
    monkeypatch.setattr(connection, "SECONDS_TO_SEND", 1.5)
    monkeypatch.setattr(bodies, "SECONDS_FOR_BODY", 1.0)


def ends(made: socket.socket, trickle: bytes = b"") -> bytes:
    """Return what comes until the server ends the connection, while a byte is sent now and then."""
    got, began = b"", time.monotonic()
    while time.monotonic() - began < SOON:
        try:
            if trickle:
                made.send(trickle)
            if select.select([made], [], [], 0.2)[0]:
                part = made.recv(65536)
                if not part:
                    return got
                got += part
        except OSError:
            return got
    raise AssertionError("it was not cut off")


def test_a_connection_that_says_nothing_is_cut_off(port: int) -> None:
    with connected(port) as made:
        assert ends(made) == b""


def test_headers_that_never_end_are_cut_off(port: int) -> None:
    with connected(port) as made:
        made.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\n")
        assert ends(made, b"X") == b""


def test_headers_that_never_end_are_cut_off_after_a_request_that_was_answered_too(port: int) -> None:
    with connected(port) as made:
        made.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert b" 200 " in made.recv(4096)
        made.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\n")
        assert b"HTTP" not in ends(made, b"X")


def test_a_connection_may_rest_between_requests(port: int) -> None:
    with connected(port) as made:
        for _ in range(2):
            made.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
            got = b""
            while b"waiting" not in got:  # the last of what it says
                got += made.recv(4096)
            assert got.startswith(b"HTTP/1.1 200 ")
            time.sleep(2.5)


def test_a_body_that_never_ends_is_told_and_cut_off(port: int) -> None:
    with connected(port) as made:
        made.sendall(b"POST /ask HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n")
        made.sendall(b"Content-Length: 5000\r\n\r\n{")
        assert ends(made, b" ").startswith(b"HTTP/1.1 408 ")


def test_a_body_that_nobody_wants_is_cut_off(port: int) -> None:
    with connected(port) as made:
        made.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5000\r\n\r\n")
        assert b" 200 " in ends(made, b" ")


def test_a_reader_that_does_not_read_is_cut_off(port: int) -> None:
    with connected(port) as made:
        made.sendall(b"GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n" * 200)
        heard = select.poll()
        heard.register(made, select.POLLHUP | select.POLLERR)
        assert heard.poll(SOON * 1000), "it was not cut off"


def test_a_hundred_slow_ones_keep_nobody_waiting(port: int) -> None:
    slow = [socket.create_connection(("127.0.0.1", port)) for _ in range(100)]
    try:
        for made in slow:
            made.sendall(b"POST /ask HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n")
        assert ask(port, "/ask", {"question": MILL}).status == 200
        for made in slow:
            assert ends(made) == b""
    finally:
        for made in slow:
            made.close()
