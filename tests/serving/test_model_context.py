"""`beleg mcp` by the SDK's own client, over both transports, in processes of their own, on real models."""

from __future__ import annotations

import http.client
import json
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from fake_assistant import BRIDGE, MILL
from mcp import Client
from mcp.shared.exceptions import MCPError
from mcp_processes import Connect, by_streams, environment, over_http

_MILL = "When did the mill burn down?"
_OPERA = "Who composed the opera about whales?"


@pytest.fixture(scope="module")
def env(tmp_path_factory: pytest.TempPathFactory, small_library: Path, cache: Path) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("mcp")
    shutil.copytree(small_library, folder / "library")
    return environment(folder / "library", cache)


@pytest.fixture(scope="module")
def address(env: dict[str, str]) -> Iterator[str]:
    with over_http(env) as at:
        yield at


@pytest.fixture(params=["streams", "http"])
def connect(request: pytest.FixtureRequest, env: dict[str, str]) -> Connect:
    if request.param == "streams":
        return lambda: by_streams(env)
    at: str = request.getfixturevalue("address")
    return lambda: Client(at)


async def called(client: Client, tool: str, **arguments: Any) -> dict[str, Any]:
    result = await client.call_tool(tool, arguments)
    assert not result.is_error, result.content
    assert isinstance(result.structured_content, dict)
    return result.structured_content


async def refused(client: Client, tool: str, **arguments: Any) -> str:
    result = await client.call_tool(tool, arguments)
    assert result.is_error
    return str(result.content[0].text)  # type: ignore[union-attr]


async def test_each_tool_gives_what_the_library_holds_to_the_letter(connect: Connect) -> None:
    async with connect() as client:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        assert {*tools} == {"search", "ask", "documents", "read"}
        assert all(tool.annotations.read_only_hint and tool.output_schema for tool in tools.values())  # type: ignore[union-attr]
        listed = await called(client, "documents")
        ids = {row["name"]: row["id"] for row in listed["documents"]}
        assert {*ids} == {"mill.txt", "bridge.txt"} and listed["total"] == 2
        assert (await called(client, "documents", named="MILL", limit=1))["total"] == 1
        found = (await called(client, "search", query="Wie teuer war die Brücke?", top_k=1))["passages"]
        assert [each["document"] for each in found] == ["bridge.txt"]
        assert found[0]["text"] == BRIDGE[found[0]["start"] : found[0]["end"]]
        answer = await called(client, "ask", question=_MILL)
        (cited,) = answer["citations"]
        assert answer["status"] == "answered" and cited["quote"] == "The mill burned down in 1907."
        read = await called(client, "read", document_id=cited["document_id"], start=cited["start"], end=cited["end"])
        assert read["text"] == cited["quote"] and read["length"] == len(MILL)
        resources = {each.name: each.uri for each in (await client.list_resources()).resources}
        assert resources["mill.txt"] == f"beleg://document/{ids['mill.txt']}"
        (content,) = (await client.read_resource(resources["mill.txt"])).contents
        assert content.text == MILL  # type: ignore[union-attr]


async def test_an_answer_tells_how_far_it_is_and_a_refusal_is_called_one(connect: Connect) -> None:
    told: list[tuple[float, str]] = []

    async def progress(step: float, _total: float | None, message: str | None) -> None:
        told.append((step, message or ""))

    async with connect() as client:
        result = await client.call_tool("ask", {"question": _OPERA}, progress_callback=progress)
        assert not result.is_error and result.structured_content is not None
        refusal = result.structured_content
        followed = await called(client, "ask", question="Who rebuilt it?", earlier=[_MILL])
    assert refusal["status"] == "not_found" and refusal["citations"] == [] and refusal["nearest"]
    assert refusal["answer"] == "I found no sentence that answers this."
    assert [step for step, _ in told] == sorted({step for step, _ in told})
    assert told[0][1] == f"searching: {_OPERA}" and any("reading" in said for _, said in told)
    assert "Karl Lohse" in followed["answer"] and followed["standalone"] != "Who rebuilt it?"


async def test_wrong_ids_ranges_and_limits_are_told_in_words(connect: Connect) -> None:
    async with connect() as client:
        (row, *_) = (await called(client, "documents"))["documents"]
        for wrong in ("nope", "../../etc/passwd", "/etc/passwd", "", "mill.txt\x00"):
            assert "No document in the library is" in await refused(client, "read", document_id=wrong)
        assert "none of it" in await refused(client, "read", document_id=row["id"], start=100_000)
        assert "none of it" in await refused(client, "read", document_id=row["id"], start=5, end=2)
        assert (
            await refused(client, "read", document_id=row["id"], start=-1)
            == "start is of no use: allowed is a whole number from 0 on."
        )
        assert await refused(client, "search", query="x", top_k=51) == (
            "top_k is of no use: allowed is a whole number from 1 to 50."
        )
        assert await refused(client, "ask") == "question is missing: text."
        assert await refused(client, "ask", question=None, since=None) == "question is missing: text."
        assert len((await called(client, "search", query="mill", top_k=None, tags=None))["passages"]) == 2
        assert "tags is of no use: allowed is a list of at most" in await refused(client, "search", query="x", tags="y")
        assert "There is no tag here; there are: question, earlier," in await refused(
            client, "ask", question=_MILL, tag=["work"]
        )
        assert "The question is empty" in await refused(client, "ask", question=" ! ")
        assert "more than 2000" in await refused(client, "ask", question="why " * 1000)
        assert "No document has the tag" in await refused(client, "ask", question=_MILL, tags=["absent"])
        assert "is no date" in await refused(client, "search", query="x", since="yesterday")
        assert "No document in the library" in await refused(client, "search", query="x", documents=["absent.txt"])
        for wrong in ("nope", "..%2F..%2Fetc%2Fpasswd"):
            with pytest.raises(MCPError):
                await client.read_resource(f"beleg://document/{wrong}")
        assert (
            await refused(client, "index", path="/etc")
            == "There is no index here; there are: search, ask, documents, read."
        )
        assert (await called(client, "ask", question=_MILL))["status"] == "answered"


def test_web_pages_of_elsewhere_other_names_and_wrong_bodies_are_refused(address: str) -> None:
    port = urlsplit(address).port
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "ping"})
    right = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}

    def status(**headers: str) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        connection.request(
            "POST", "/mcp", body, right | {key.replace("_", "-"): value for key, value in headers.items()}
        )
        return connection.getresponse().status

    assert status(Host="evil.example") in (403, 421)
    assert status(Host=f"127.0.0.1.evil.example:{port}") in (403, 421)
    assert status(Origin="https://evil.example") == 403
    assert status(Origin="null") == 403
    assert status(Sec_Fetch_Site="cross-site") == 403
    assert status(Content_Type="text/plain") == 400
    assert status() not in (401, 403, 421)


def test_what_is_no_http_or_has_too_long_headers_is_told_in_json_here_too(address: str) -> None:
    for sent, status, code in (
        ("GET /mcp?ü HTTP/1.1\r\nHost: localhost\r\n\r\n", 400, "no_http"),
        ("GET /mcp HTTP/1.1\r\nHost: localhost\r\nX: " + "a" * 20_000, 431, "headers_too_large"),
    ):
        with socket.create_connection(("127.0.0.1", urlsplit(address).port), 30) as made:
            made.sendall(sent.encode())
            got = http.client.HTTPResponse(made)
            got.begin()
            assert got.status == status and json.loads(got.read())["code"] == code


async def test_with_a_token_only_those_who_send_it_are_let_in(env: dict[str, str]) -> None:
    with over_http(env | {"BELEG_SERVE_TOKEN": "a-token-of-sixteen-and-more"}) as at:
        for header, expected in ((None, 401), ("Bearer wrong", 401), ("Bearer a-token-of-sixteen-and-more", 0)):
            connection = http.client.HTTPConnection("127.0.0.1", urlsplit(at).port, timeout=30)
            sent = {"Content-Type": "application/json"} | ({"Authorization": header} if header else {})
            connection.request("POST", "/mcp", "{}", sent)
            status = connection.getresponse().status
            assert status == expected if expected else status != 401
