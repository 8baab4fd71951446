"""Only whom the person lets in may ask: no page of elsewhere, no other machine without a token."""

from __future__ import annotations

import time

import pytest
from serving_beleg import MILL, ask, served

from rag.errors import UsageError
from rag.serving import guard
from rag.serving.access import Rates, access_for, refusal
from rag.settings import Settings

TOKEN = "a-token-that-nobody-guesses"


def refused(at: str, token: str = "", path: str = "/ask", **headers: str) -> str:
    """Return the code of a refusal, "" where it is let in."""
    raw = [(name.replace("_", "-").encode(), value.encode("latin-1")) for name, value in headers.items()]
    problem = refusal(access_for(at, (), token), path, raw)
    return problem.code if problem else ""


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:8642", "[::1]:8642", "LOCALHOST:1", "127.0.0.1"])
def test_a_name_of_this_machine_is_let_in(host: str) -> None:
    assert refused("127.0.0.1", host=host) == ""


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:8642", "127.0.0.1.evil.example", "localhost.evil.example", "localhost@evil.example",
     "evil.example#localhost", "192.168.0.1", "0.0.0.0", "", " ", "localhost:", "localhost:x", "[::1", "::1",
     "localhost, evil.example", "localhost\x00", "lo\xe7alhost", "[evil.example]"],
)  # fmt: skip
def test_a_name_that_somebody_pointed_here_is_refused(host: str) -> None:
    assert refused("127.0.0.1", host=host) == "wrong_host"


def test_a_request_without_a_host_or_with_two_is_refused() -> None:
    access = access_for("127.0.0.1", (), "")
    for hosts in ([], [b"localhost", b"evil.example"]):
        problem = refusal(access, "/ask", [(b"host", host) for host in hosts])
        assert problem is not None and problem.status == 403


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "null", "http://localhost.evil.example", "http://evil.example?http://localhost", "",
     "file://", "http://127.0.0.1.evil.example", "chrome-extension://abc", "http://localhost:80:80", "localhost"],
)  # fmt: skip
def test_a_page_of_elsewhere_may_not_ask(origin: str) -> None:
    assert refused("127.0.0.1", host="localhost", origin=origin) == "wrong_origin"


def test_a_page_of_this_machine_and_what_is_no_page_may_ask() -> None:
    assert refused("127.0.0.1", host="localhost", origin="http://localhost:3000") == ""
    assert refused("127.0.0.1", host="localhost", origin="https://127.0.0.1", sec_fetch_site="cross-site") == ""
    assert refused("127.0.0.1", host="localhost", sec_fetch_site="none") == ""


@pytest.mark.parametrize("site", ["cross-site", "same-site", "", "x"])
def test_a_picture_or_a_link_of_another_page_may_not_ask_either(site: str) -> None:
    """A browser sends no Origin with these, but says where they come from."""
    assert refused("127.0.0.1", path="/search", host="localhost", sec_fetch_site=site) == "wrong_origin"


def test_where_others_could_ask_it_does_not_listen_without_a_token() -> None:
    for host in ("0.0.0.0", "::", "192.168.0.7", "some.host", "", "127.0.0.1.evil.example"):
        with pytest.raises(UsageError, match="BELEG_SERVE_TOKEN"):
            access_for(host, (), "")
    for token in ("short", "a token with spaces in it", "ä" * 20, "\x00" * 20):
        with pytest.raises(UsageError, match="no use"):
            access_for("127.0.0.1", (), token)


def test_with_a_token_only_who_has_it_is_let_in() -> None:
    right = {"authorization": f"Bearer {TOKEN}"}
    assert refused("0.0.0.0", TOKEN, host="192.168.0.7:8642", **right) == ""
    for wrong in (f"Bearer {TOKEN}x", f"Bearer {TOKEN[:-1]}", TOKEN, f"Basic {TOKEN}", "Bearer", "", "Bearer \xff"):
        assert refused("0.0.0.0", TOKEN, host="192.168.0.7", authorization=wrong) == "wrong_token"
    assert refused("0.0.0.0", TOKEN, host="192.168.0.7") == "wrong_token"
    assert refused("127.0.0.1", TOKEN, host="localhost") == "wrong_token"
    assert refused("0.0.0.0", TOKEN, host="evil.example", **right) == "wrong_host"
    assert refused("0.0.0.0", TOKEN, path="/health", host="192.168.0.7") == ""


def test_a_token_counts_in_the_header_only(here: Settings) -> None:
    with served(here, token=TOKEN) as server:
        for path in ("/documents", f"/documents?token={TOKEN}", f"/search?query=mill&api_key={TOKEN}"):
            reply = ask(server.port, path)
            assert (reply.status, reply.json["code"]) == (401, "wrong_token")
            assert TOKEN not in reply.raw.decode() and reply.headers["www-authenticate"] == "Bearer"
        assert ask(server.port, "/ask", {"question": MILL}, authorization=f"Bearer {TOKEN}").status == 200
        assert ask(server.port, "/health").status == 200


def test_what_is_refused_is_told_with_a_remedy_before_anything_is_done(port: int) -> None:
    for headers in ({"host": "evil.example"}, {"origin": "https://evil.example"}):
        reply = ask(port, "/ask", {"question": MILL}, **headers)
        assert reply.status == 403 and reply.json["reason"] and reply.json["remedy"]
        assert "access-control-allow-origin" not in reply.headers


def test_who_asks_too_often_waits_and_others_do_not() -> None:
    rates = Rates(per_second=50.0, at_once=3.0)
    assert [rates.allow("a") for _ in range(4)] == [True, True, True, False]
    assert rates.allow("b")
    time.sleep(0.05)
    assert rates.allow("a")


def test_a_flood_of_requests_is_told_to_wait(here: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "Rates", lambda: Rates(per_second=0.5, at_once=5.0))
    with served(here) as server:
        replies = [ask(server.port, "/health") for _ in range(8)]
    assert [reply.status for reply in replies] == [200] * 5 + [429] * 3
    assert replies[-1].json["code"] == "rate_limit" and replies[-1].headers["retry-after"]
