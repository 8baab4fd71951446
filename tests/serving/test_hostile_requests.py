"""What is sent may be anything: it is answered or refused, soon and in words, and the next one is answered."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from serving_beleg import MILL, ask, connected, send

from rag.serving import connection

JSON = {"content-type": "application/json"}


@pytest.fixture(autouse=True)
def _answers_afterwards(port: int) -> Iterator[None]:
    yield
    assert ask(port, "/ask", {"question": MILL}).status == 200


def refused(port: int, path: str, raw: bytes, headers: dict[str, str] = JSON) -> tuple[int, str]:
    reply = send(port, "POST", path, raw, headers)
    assert reply.json["reason"] and reply.json["remedy"] and reply.json["error"]["message"]
    return reply.status, reply.json["reason"]


PATHS = ("/ask", "/search", "/v1/chat/completions")


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "raw",
    [b"", b"{", b"null", b"[]", b'"question"', b"\xff\xfe", b"{}", b"\x00" * 100, b"[" * 100_000, b'{"a":' * 50_000,
     b'{"question":' + b"[" * 50_000 + b"]" * 50_000 + b"}", b'{"question": 1}', b'{"question": null}',
     b'{"question": {"$gt": ""}}', b'{"query": 1}', b'{"query": {"$gt": ""}}', b'{"query": "mill", "top_k": 51}',
     b'{"question": NaN}', b'{"messages": []}', b'{"messages": [{"role": "root"}]}',
     b'{"messages": {"role": "user"}}', b"1" * 5000],
    ids=lambda raw: repr(raw[:20]),
)  # fmt: skip
def test_what_is_no_request_is_refused(port: int, path: str, raw: bytes) -> None:
    assert refused(port, path, raw)[0] == 400


def test_fields_that_are_not_known_are_refused_and_never_shown_whole(port: int) -> None:
    status, reason = refused(port, "/ask", json.dumps({"question": MILL, "x" * 100_000: 1}).encode())
    assert status == 400 and len(reason) < 600


@pytest.mark.parametrize("question", ["", " ", "?!", "\x00\x01", "\u202e", "a" * 2001, "a" * 900_000])
def test_what_is_no_question_is_refused(port: int, question: str) -> None:
    for path, body in (
        ("/ask", {"question": question}),
        ("/search", {"query": question}),
        ("/v1/chat/completions", {"messages": [{"role": "user", "content": question}]}),
    ):
        assert ask(port, path, body).status == 400


@pytest.mark.parametrize(
    "question",
    [
        "\x1b[31mWhen\x00 did the\u202e mill burn down?",
        "When \ud800 did it burn?",
        "mill\r\n\r\nevent: x",
        "the mill\u2028burned\x85down",
    ],
)
def test_control_characters_and_halves_of_characters_break_no_answer(port: int, question: str) -> None:
    raw = json.dumps({"question": question}).encode()
    reply = send(port, "POST", "/ask", raw, JSON | {"accept": "text/event-stream"})
    if reply.status == 400:
        assert reply.json["reason"]
        return
    lines = reply.raw.decode().splitlines()  # as many clients do, at signs that are no line breaks of the protocol
    assert all(line.startswith(("event: ", "data: {", ":")) or not line for line in lines)


def test_a_name_that_is_none_is_told_with_those_that_there_are(port: int) -> None:
    said = refused(port, "/ask", json.dumps({"query": MILL}).encode())[1]
    assert said == "There is no query here; there are: question, documents, tags, since, until, earlier."
    assert ask(port, "/search?q=mill").json["reason"].startswith("There is no q here; there are: query, ")


def test_a_body_of_another_kind_is_refused_as_a_form_of_a_page_would_send_it(port: int) -> None:
    for kind in ("application/x-www-form-urlencoded", "text/plain", "multipart/form-data; boundary=x", ""):
        assert refused(port, "/ask", json.dumps({"question": MILL}).encode(), {"content-type": kind})[0] == 415
    reply = send(port, "POST", "/ask", b"{}", {"content-type": "text/plain"})
    assert "Content-Type: application/json" in reply.json["remedy"]


def test_a_body_that_is_too_large_is_refused_announced_or_not(port: int) -> None:
    with connected(port) as made:
        made.sendall(b"POST /ask HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n")
        made.sendall(b"Content-Length: 99999999999999999999\r\n\r\n")
        assert b" 413 " in made.recv(4096)
    with connected(port) as made:
        made.sendall(b"POST /ask HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n")
        made.sendall(b"Transfer-Encoding: chunked\r\n\r\n")
        got = b""
        try:
            for _ in range(300):
                made.sendall(b"10000\r\n" + b" " * 65536 + b"\r\n")
            got = made.recv(4096)
        except OSError:  # cut off while it was sent
            got = got or b" 413 "
        assert b" 413 " in got


def test_headers_that_are_too_long_or_none_at_all_are_refused(port: int) -> None:
    for sent in (
        b"GET /health HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * 100_000 + b"\r\n\r\n",
        b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 20 + b"\r\n\r\n",
        b"GET /health HTTP/1.1\r\n\r\n",
        b"GET /health HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n",
        b"POST /ask HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
    ):
        with connected(port) as made:
            try:
                made.sendall(sent)
                got = made.recv(4096)
                assert not got or got.startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 431 ")), got
            except OSError:
                pass  # cut off before all was sent


def told(port: int, *sent: bytes) -> tuple[int, dict[str, Any]]:
    """Return the status and the JSON of what is answered to bytes; a part of them is sent after the one before."""
    with connected(port) as made:
        for part in sent:
            made.sendall(part)
            time.sleep(0.1)
        got = http.client.HTTPResponse(made)
        got.begin()
        return got.status, json.loads(got.read())


def test_what_is_no_http_is_told_in_json_with_what_to_do(port: int) -> None:
    status, said = told(port, "GET /search?query=Mühle HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    assert (status, said["code"]) == (400, "no_http") and "%C3%BC" in said["remedy"] and said["error"]["message"]
    status, said = told(port, b"GET /health HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * 9000, b"a" * 9000)
    assert (status, said["code"]) == (431, "headers_too_large")


def test_more_connections_than_are_served_are_told_in_json(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch, connected(port) as first:
        first.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert b" 200 " in first.recv(4096)
        patch.setattr(connection, "MOST_CONNECTIONS", 2)
        reply = ask(port, "/documents")
        assert (reply.status, reply.json["code"]) == (503, "busy") and reply.headers["retry-after"] == "1"


def test_an_upgrade_to_another_protocol_is_no_way_around_who_is_let_in(port: int) -> None:
    with connected(port) as made:
        made.sendall(
            b"GET /documents HTTP/1.1\r\nHost: evil.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
        )
        assert b" 403 " in made.recv(4096)


@pytest.mark.parametrize(
    "path",
    ["/documents/../../etc/passwd/text", "/documents/%2e%2e%2f%2e%2e%2fetc%2fpasswd/text", "/documents/%00/text",
     "/documents//etc/passwd/text", "/documents/%2Fetc%2Fpasswd/text", "/documents/mill.txt%00/text", "/../../x",
     "/documents/" + "a" * 5000 + "/text", "//evil.example/ask", "/ask/../documents/x", "/%ff%fe", "/docs/", "/v1",
     "/v1/models/../../documents"],
)  # fmt: skip
def test_no_path_leads_anywhere_else(port: int, path: str) -> None:
    reply = send(port, "GET", path, None, {})
    assert reply.status == 404 and reply.json["reason"] and b"root:" not in reply.raw
    assert "location" not in reply.headers


@pytest.mark.parametrize(
    "query",
    ["start=-1", "start=x", "end=-5", "start=5&end=4", "start=99999999", "start=1e9", "start=" + "9" * 400, "x=1",
     "start=1&start=2", "start=NaN", "end=1.5", "token=x"],
)  # fmt: skip
def test_a_range_that_is_none_is_refused(port: int, query: str) -> None:
    identity = ask(port, "/documents").json["documents"][0]["id"]
    assert ask(port, f"/documents/{identity}/text?{query}").status == 400


@pytest.mark.parametrize(
    "limits",
    [{"tags": [""]}, {"tags": "work"}, {"tags": ["x"] * 51}, {"since": "yesterday"}, {"since": "2024-13"}, {"until": 5},
     {"since": "2024", "until": "2020"}, {"documents": "mill.txt"}, {"documents": [{}]}, {"tags": ["nothing-has-it"]}],
)  # fmt: skip
def test_limits_that_make_no_sense_are_refused(port: int, limits: dict[str, Any]) -> None:
    reply = ask(port, "/ask", {"question": MILL, **limits})
    assert reply.status == 400 and reply.json["reason"]


def test_documents_that_are_not_there_are_told(port: int) -> None:
    for name in ("whales.txt", "../mill.txt", "/etc/passwd", "\x1b[2J", "a" * 4000):
        reply = ask(port, "/ask", {"question": MILL, "documents": [name]})
        assert reply.status == 404 and len(reply.json["reason"]) < 300 and "\x1b" not in reply.json["reason"]


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "TRACE", "PATCH", "CONNECT", "X" * 50])
def test_no_other_method_does_anything(port: int, method: str) -> None:
    reply = send(port, method, "/ask", None, {})
    assert reply.status == 405 and reply.json["remedy"] and reply.headers["allow"] == "POST"
