"""Held: a server that fails, lies, floods or never ends costs a bounded time and ends in a sentence that names it."""

from __future__ import annotations

import logging
import shutil
import socket
import ssl
import subprocess
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import formatdate
from pathlib import Path

import pytest
from chat_server import MODELS, Answer, Handler, Seen, piece, serving
from test_openai_server import one, task, writing

from rag.errors import ModelUnavailable, UsageError
from rag.models.openai_http import Limits
from rag.models.openai_server import open_server
from rag.models.writer import Written
from rag.system.server_address import is_server, parse_address

KEY = "sk-secret-0123456789abcdef"
IMPATIENT = Limits(connect=1, first=0.5, between=0.4, whole=1.5, listing=0.5, waits=(0.01, 0.02), longest_wait=0.05)


@pytest.fixture(autouse=True)
def _no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "BELEG_OPENAI_KEY"):
        monkeypatch.delenv(name, raising=False)


@contextmanager
def soon(seconds: float = 8) -> Iterator[None]:
    began = time.monotonic()
    yield
    assert time.monotonic() - began < seconds


def failure(post: Answer, limits: Limits = IMPATIENT) -> tuple[str, Seen]:
    """Return what is said of a server that answers so."""
    with writing(post, limits) as (server, seen), soon(), pytest.raises(ModelUnavailable) as raised:
        one(server, task())
    assert seen.url in str(raised.value) and len(str(raised.value)) < 700 and raised.value.remedy
    assert str(raised.value).isprintable()
    return str(raised.value), seen


def streamed(*datas: str | object, forever: bool = False) -> Answer:
    def answer(handler: Handler) -> None:
        handler.stream()
        for data in datas:
            handler.event(data)
        while forever:
            for data in datas:
                handler.event(data)

    return answer


def raw(content: bytes, *, then_wait: bool = False) -> Answer:
    def answer(handler: Handler) -> None:
        handler.close_connection = True
        handler.wfile.write(content)
        handler.wfile.flush()
        if then_wait:
            handler.wait()

    return answer


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"


def flood(handler: Handler) -> None:
    handler.stream()
    while True:
        handler.wfile.write(b"data: " + b"x" * 65536)


def drip(handler: Handler) -> None:
    handler.stream()
    while not handler.seen.closing.wait(0.1):
        handler.wfile.write(b": still here\n\n")


def drip_events(handler: Handler) -> None:
    handler.stream()
    while not handler.seen.closing.wait(0.1):
        handler.event(piece(""))


@pytest.mark.parametrize(
    ("post", "words"),
    [
        pytest.param(streamed("{no json"), "no JSON", id="no JSON"),
        pytest.param(streamed("[" * 100_000), "no JSON", id="deep JSON"),
        pytest.param(streamed("9" * 10_000), "no JSON", id="a number without end"),
        pytest.param(streamed([1, 2]), "no part of a chat", id="a list"),
        pytest.param(streamed({"choices": "x"}), "no part of a chat", id="choices of text"),
        pytest.param(streamed({"choices": [{"delta": []}]}), "no part of a chat", id="a delta of another type"),
        pytest.param(streamed(piece(7)), "no part of a chat", id="a number as text"),  # type: ignore[arg-type]
        pytest.param(streamed(piece("x", 7)), "no part of a chat", id="a number as reason"),  # type: ignore[arg-type]
        pytest.param(streamed({"error": {"message": "out of\x1b[31m memory"}}), "out of�[31m memory", id="an error"),
        pytest.param(streamed(piece("half a ")), "breaks off", id="a text cut off"),
        pytest.param(streamed({"choices": [], "x": "y" * 9000}, forever=True), "far more", id="events without end"),
        pytest.param(flood, "does not stream as asked", id="a line without end"),
        pytest.param(drip, "nothing came for 0.5 s", id="comments for ever"),
        pytest.param(drip_events, "not whole after 1.5 s", id="events that say nothing for ever"),
        pytest.param(lambda handler: handler.wait(), "nothing came for 0.5 s", id="silence"),
        pytest.param(raw(HEAD, then_wait=True), "nothing came for 0.5 s", id="half a head"),
        pytest.param(raw(b"SSH-2.0-nothing here\r\n"), "no proper HTTP", id="another protocol"),
        pytest.param(raw(HEAD + b"X: " + b"y" * 1_000_000), "connection|no proper", id="a head without end"),
        pytest.param(raw(HEAD + b"Content-Length: 99\r\n\r\ndata: "), "no proper HTTP", id="less than was promised"),
        pytest.param(raw(b""), "no proper HTTP", id="nothing"),
        pytest.param(
            raw(HEAD + b"Content-Encoding: gzip\r\n\r\n" + b"\x1f\x8b"), "packed", id="a packed answer"
        ),
        pytest.param(lambda handler: handler.whole(200, {"choices": []}), "does not stream", id="a whole answer"),
        pytest.param(lambda handler: handler.whole(500, b"x" * 5_000_000), "more than 65,536", id="a huge error"),
        pytest.param(
            lambda handler: handler.whole(404, {"error": "no model \x1b]0;you\x07 here" + "!" * 999}),
            "answers 404: no model �]0;you� here!!",
            id="control characters",
        ),
        pytest.param(lambda handler: handler.whole(500, b"<h1>\xff\x00</h1>"), "answers 500: <h1>", id="a page"),
    ],
)  # fmt: skip
def test_each_fault_is_told_within_a_bounded_time(post: Answer, words: str) -> None:
    told, _ = failure(post)
    assert any(each in told for each in words.split("|")), told


@pytest.mark.parametrize("content", ["\ud83d", "a\x00b", "\x1b[2J", "x\u202ey"])
def test_what_no_terminal_or_file_should_get_is_replaced_in_a_text(content: str) -> None:
    with writing(streamed(piece(content, "stop"))) as (server, _):
        text = one(server, task()).text
    assert text.encode() and len(text) == len(content) and ("�" in text or "?" in text)


def test_a_text_of_one_endless_piece_is_cut() -> None:
    with writing(streamed(piece("x" * 500_000, "stop"))) as (server, _):
        written = one(server, task(most=10))
    assert (len(written.text), written.ending) == (4096 + 160, "length")


@pytest.mark.parametrize(
    ("listing", "words"),
    [
        ([1], "no list of models"),
        ({"data": {}}, "no list of models"),
        ({"data": []}, "has no model"),
        ({"data": [7, {"id": 5}, {"id": ""}, {"id": "x" * 9000}]}, "has no model"),
        (b"<html>", "no JSON"),
        (b"x" * 9_000_000, "more than"),
    ],
)
def test_a_list_of_models_that_is_none_is_refused(listing: object, words: str) -> None:
    refused = pytest.raises(ModelUnavailable, match=words)
    with serving(flood, lambda handler: handler.whole(200, listing)) as seen, soon(), refused:
        open_server(seen.llm, context=512, limits=IMPATIENT)


def test_a_server_that_is_not_there_or_says_nothing_is_named_with_what_to_do() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent, soon():
        port = silent.getsockname()[1]
        with pytest.raises(ModelUnavailable, match=rf"127\.0\.0\.1:{port}/v1 .*within 0\.5 seconds\. See whether"):
            open_server(f"openai:http://127.0.0.1:{port}", context=512, limits=IMPATIENT)
    with soon(), pytest.raises(ModelUnavailable, match="connection refused"):
        open_server(f"openai:http://127.0.0.1:{port}", context=512)


def test_what_is_spoken_to_in_tls_and_does_not_speak_it_is_named() -> None:
    with serving(flood) as seen, soon(), pytest.raises(ModelUnavailable, match="no connection"):
        open_server(seen.llm.replace("http:", "https:"), context=512, limits=IMPATIENT)


def test_over_tls_a_server_must_show_a_certificate_that_is_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if shutil.which("openssl") is None:
        pytest.skip("needs openssl, to make a certificate")
    shown, private = tmp_path / "shown.pem", tmp_path / "private.pem"
    command = f"openssl req -x509 -newkey rsa:2048 -nodes -keyout {private} -out {shown} -days 2 -subj /CN=a"
    subprocess.run([*command.split(), "-addext", "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(shown, private)
    with serving(lambda handler: handler.say("x"), tls=tls) as seen:
        monkeypatch.delenv("SSL_CERT_FILE", raising=False)
        with pytest.raises(ModelUnavailable, match="certificate verify failed"):
            open_server(seen.llm, context=512)
        monkeypatch.setenv("SSL_CERT_FILE", str(shown))
        server = open_server(seen.llm, context=512)
        assert one(server, task()).text == "x"
        server.close()
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "missing.pem"))
        with pytest.raises(UsageError, match="SSL_CERT_FILE"):
            open_server(seen.llm, context=512)


# --- again ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "later",
    [{}, {"Retry_After": "0"}, {"Retry_After": "99999999"}, {"Retry_After": formatdate()}, {"Retry_After": "x"}],
)
@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_server_is_asked_again_some_times(status: int, later: dict[str, str]) -> None:
    def answer(handler: Handler) -> None:
        if len(handler.seen.bodies) < 3:
            handler.whole(status, {"error": {"message": "Loading model"}}, **later)
        else:
            handler.say("x")

    with writing(answer) as (server, seen), soon(3):
        assert one(server, task()) == Written("x", "end")
        assert len(seen.bodies) == 3


def test_a_server_that_stays_busy_is_given_up_with_its_own_words() -> None:
    told, seen = failure(lambda handler: handler.whole(503, {"error": {"message": "Loading model"}}))
    assert "503: Loading model" in told and len(seen.bodies) == len(IMPATIENT.waits) + 1


def test_a_model_that_is_being_loaded_is_waited_for_when_the_server_is_opened() -> None:
    def models(handler: Handler) -> None:
        busy = len(handler.seen.headers) < 3
        handler.whole(503 if busy else 200, {"error": "Loading"} if busy else MODELS)

    with writing(lambda handler: handler.say("x"), get=models) as (server, _):
        assert one(server, task()).text == "x"


def test_a_server_that_is_being_started_anew_is_asked_again() -> None:
    with serving(
        lambda handler: handler.say("x"), lambda handler: handler.whole(200, MODELS, Connection="close")
    ) as first:
        server = open_server(first.llm, context=512, limits=Limits(waits=(0.1,) * 30))
    found: list[Written] = []
    asking = threading.Thread(target=lambda: found.append(one(server, task())))
    asking.start()
    time.sleep(0.3)
    with serving(lambda handler: handler.say("y"), port=int(first.url.split(":")[2].split("/")[0])):
        asking.join(10)
    server.close()
    assert found == [Written("y", "end")]


def test_one_failure_ends_all_and_other_faults_are_not_tried_again() -> None:
    told, seen = failure(lambda handler: handler.whole(501, {"error": "not implemented"}))
    assert "501: not implemented" in told and len(seen.bodies) == 1


# --- keys and addresses ----------------------------------------------------------------------


def everything(error: BaseException) -> str:
    return "".join(traceback.format_exception(error)) + repr(vars(error))


def test_the_key_is_sent_from_the_environment_and_told_nowhere(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("OPENAI_API_KEY", "another")
    monkeypatch.setenv("BELEG_OPENAI_KEY", KEY)

    def echo(handler: Handler) -> None:
        handler.whole(401, {"error": {"message": "x" * 280 + f"Incorrect key {handler.headers['Authorization']}"}})

    with writing(echo) as (server, seen), pytest.raises(ModelUnavailable) as raised:
        one(server, task())
    assert [each["Authorization"] for each in seen.headers] == [f"Bearer {KEY}"] * 2
    assert "BELEG_OPENAI_KEY" in str(raised.value)
    for shown in (everything(raised.value), caplog.text, repr(server.address), server.name):
        assert "sk-secret" not in shown


def test_a_server_that_writes_the_key_does_not_get_it_into_a_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    with writing(streamed(piece(f"Your key is {KEY}.", "stop"))) as (server, _):
        assert one(server, task()).text == "Your key is …."


def test_a_redirect_is_not_followed_and_gets_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    with serving(lambda handler: handler.say("x")) as other:
        told, _ = failure(lambda handler: handler.whole(307, b"", Location=f"{other.url}/chat/completions"))
        assert other.url in told and other.headers == []


@pytest.mark.parametrize("key", ["sk with-space", "sk-ä", "sk\nX-Evil: 1"])
def test_a_key_that_is_none_is_refused_without_being_told(monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", key)
    with pytest.raises(UsageError, match="OPENAI_API_KEY") as raised:
        open_server("openai:http://127.0.0.1:9", context=512)
    assert "sk" not in everything(raised.value).split("raise UsageError")[-1].replace("ask", "")


@pytest.mark.parametrize(
    "text", [f"openai:http://me:{KEY}@host/v1", f"openai:https://{KEY}@host", f"openai:http://h/v1?key={KEY}"]
)
def test_a_key_in_the_address_is_refused_and_told_where_it_belongs(text: str) -> None:
    with pytest.raises(UsageError, match="OPENAI_API_KEY") as raised:
        open_server(text, context=512)
    assert KEY not in str(raised.value)


@pytest.mark.parametrize(
    "text",
    ["openai:", "openai:localhost:8080", "openai:ftp://host/v1", "openai:http://", "openai:http:///v1", "openai:http://h:x",
     "openai:http://h:99999", "openai:http://h:0", "openai:http://a b/", "openai:http://h\n/v1", "openai:http://[::1/v1",
     "openai:http://ho\x00st/", "openai:http://-h/", "openai:http://h\u202e/", "openai:http://büro/v1"],
)  # fmt: skip
def test_an_address_that_makes_no_sense_is_refused_with_how_it_is_written(text: str) -> None:
    with pytest.raises(UsageError, match="openai:http://HOST:PORT/v1#MODEL") as raised:
        parse_address(text)
    assert str(raised.value).isprintable()


def test_addresses_are_read_as_they_are_meant() -> None:
    plain = parse_address("openai:http://localhost:8080")
    assert (plain.url, plain.host, plain.model, plain.loopback) == (
        "http://localhost:8080/v1",
        "localhost:8080",
        "",
        True,
    )
    full = parse_address(" OpenAI:https://LLM.example.org/api/v1/#org/model:7b ")
    assert (full.url, full.model, full.loopback) == ("https://llm.example.org/api/v1", "org/model:7b", False)
    assert full.encrypted and not plain.encrypted
    assert parse_address("openai:http://[::1]:1/v1").loopback and parse_address("openai:http://127.3.2.1").loopback
    assert not any(
        parse_address(f"openai:http://{host}").loopback for host in ("10.0.0.1", "localhost.example.org", "0.0.0.0")
    )
    assert is_server("openai:http://x") and not is_server("model.gguf") and not is_server(str(Path("/openai/x.gguf")))
