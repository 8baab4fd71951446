"""`beleg mcp`: a request that is cancelled is stopped, and the process ends with its client or a signal."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import anyio
import pytest
from held_service import held, waiting
from mcp import Client
from mcp_processes import COMMAND, by_streams, environment, over_http

from rag.serving.model_context.server import server
from rag.serving.service import Service
from rag.settings import Settings

_MILL = "When did the mill burn down?"
_HELLO = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}},
}


@pytest.fixture
def env(tmp_path: Path, small_library: Path, cache: Path) -> dict[str, str]:
    shutil.copytree(small_library, tmp_path / "library")
    return environment(tmp_path / "library", cache)


async def _ask_until_it_reads(client: Client) -> None:
    """Ask, and cancel as soon as it is told that passages are read."""
    with anyio.CancelScope() as scope:

        async def progress(*_: Any) -> None:
            scope.cancel()

        await client.call_tool("ask", {"question": _MILL}, progress_callback=progress)
    assert scope.cancelled_caught


@pytest.mark.parametrize("transport", ["streams", "http"])
async def test_an_answer_that_is_cancelled_keeps_nobody_waiting(env: dict[str, str], transport: str) -> None:
    slow = env | {"BELEG_MODE": "compose"}

    async def timed(client: Client) -> None:
        await client.call_tool("ask", {"question": "Who rebuilt the mill?"})  # what is read once is read
        began = time.monotonic()
        result = await client.call_tool("ask", {"question": _MILL})
        whole = time.monotonic() - began
        assert not result.is_error
        began = time.monotonic()
        for _ in range(3):
            await _ask_until_it_reads(client)
        result = await client.call_tool("search", {"query": _MILL})
        assert not result.is_error and time.monotonic() - began < 2 * whole

    if transport == "streams":
        async with by_streams(slow) as client:
            await timed(client)
    else:
        with over_http(slow) as at:
            async with Client(at) as client:
                await timed(client)


async def test_a_question_that_waits_is_stopped_when_its_request_is_cancelled(
    env: dict[str, str], cache: Path, tmp_path: Path
) -> None:
    settings = Settings(library=Path(env["BELEG_LIBRARY"]), cache=cache, state=tmp_path / "state", threads=2)
    with Service(settings) as service, held(service):
        async with Client(server(service)) as client, anyio.create_task_group() as tasks:
            tasks.start_soon(client.call_tool, "ask", {"question": _MILL})
            while waiting(service) != [False]:
                await anyio.sleep(0.01)
            tasks.cancel_scope.cancel()
        with anyio.fail_after(10):
            while waiting(service) != [True]:
                await anyio.sleep(0.01)


def _raw(env: dict[str, str]) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, *COMMAND],
        env=env,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None and process.stdout is not None
    process.stdin.write(json.dumps(_HELLO) + "\n")
    process.stdin.flush()
    assert json.loads(process.stdout.readline())["result"]["serverInfo"]["name"] == "beleg"
    return process


def test_a_client_of_an_older_protocol_is_served_and_nothing_but_the_protocol_is_on_standard_output(
    env: dict[str, str],
) -> None:
    process = _raw(env)
    lines = [
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        {
            "jsonrpc": "2.0",
            "id": 2,
            "method": "tools/call",
            "params": {"name": "ask", "arguments": {"question": _MILL}},
        },
        {"jsonrpc": "2.0", "id": 3, "method": "tools/call", "params": {"name": "nonsense", "arguments": {}}},
    ]
    assert process.stdin is not None and process.stdout is not None
    process.stdin.write("no json\n" + "".join(json.dumps(line) + "\n" for line in lines))
    process.stdin.flush()
    said: dict[int, Any] = {}
    while {2, 3} - {*said}:
        line = json.loads(process.stdout.readline())
        assert line["jsonrpc"] == "2.0"
        said[line.get("id")] = line
    assert "1907" in said[2]["result"]["structuredContent"]["answer"]
    out, err = process.communicate(timeout=60)  # closes standard input: the client has gone
    assert all(json.loads(line)["jsonrpc"] == "2.0" for line in out.splitlines())
    assert process.returncode == 0 and "Traceback" not in err and "1907" not in err


def test_halves_of_characters_and_wrong_shapes_are_answered_and_end_nothing(env: dict[str, str]) -> None:
    process = _raw(env)
    odd = r"\ud800"
    calls = [
        rf'{{"name": "read", "arguments": {{"document_id": "{odd}"}}}}',
        rf'{{"name": "ask", "arguments": {{"question": "When did {odd} the mill burn down?"}}}}',
        rf'{{"name": "search", "arguments": {{"query": "mill", "tags": ["{odd}"]}}}}',
        '{"name": "search", "arguments": {"query": 7}}',
        '{"name": "search", "arguments": []}',
        '{"name": "documents", "arguments": {"named": "x", "unknown": 1}}',
        json.dumps({"name": "search", "arguments": {"query": "mill", "documents": ["x"] * 1001}}),
        json.dumps({"name": "read", "arguments": {"document_id": "x" * 100_000}}),
    ]
    assert process.stdin is not None and process.stdout is not None
    process.stdin.write('{"jsonrpc": "2.0", "method": "notifications/initialized"}\n')
    for n, call in enumerate(calls, 2):
        process.stdin.write(f'{{"jsonrpc": "2.0", "id": {n}, "method": "tools/call", "params": {call}}}\n')
    last = len(calls) + 2
    process.stdin.write(f'{{"jsonrpc": "2.0", "id": {last}, "method": "tools/list"}}\n')
    process.stdin.flush()
    said: dict[object, str] = {}
    while last not in said:
        line = process.stdout.readline()
        said[json.loads(line).get("id")] = line
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert all(len(line) < 20_000 for line in [*said.values(), *out.splitlines()])


def test_a_signal_ends_it_soon(env: dict[str, str]) -> None:
    process = _raw(env)
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=20)
    assert process.returncode == 130 and "Traceback" not in err
