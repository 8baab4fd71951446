"""`beleg mcp` where there is no library yet: the client is answered, in words, and served once there is one."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from mcp import Client
from mcp_processes import COMMAND, by_streams, environment

_MILL = "When did the mill burn down?"


async def _refused(client: Client, tool: str, arguments: dict[str, str]) -> str:
    result = await client.call_tool(tool, arguments)
    assert result.is_error
    return str(result.content[0].text)  # type: ignore[union-attr]


async def test_without_a_library_each_tool_says_how_to_make_one_and_answers_once_it_is_there(
    small_library: Path, cache: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "my library"
    async with by_streams(environment(folder, cache)) as client:
        assert len((await client.list_tools()).tools) == 4
        assert (await client.list_resources()).resources == []
        for tool, arguments in (
            ("ask", {"question": _MILL}),
            ("search", {"query": "mill"}),
            ("documents", {}),
            ("read", {"document_id": "x"}),
        ):
            said = await _refused(client, tool, arguments)
            assert said == (
                f"There is no library in {folder}. "
                f"Make one in a terminal: beleg --library '{folder}' index FOLDER-OF-DOCUMENTS"
            )
        assert not folder.exists()
        shutil.copytree(small_library, folder)
        answer = await client.call_tool("ask", {"question": _MILL})
        assert answer.structured_content is not None and "1907" in answer.structured_content["answer"]
        assert len((await client.list_resources()).resources) == 2


async def test_a_library_that_is_damaged_is_told_and_served_once_it_is_mended(
    small_library: Path, cache: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "library"
    folder.mkdir()
    (folder / "library.sqlite").write_bytes(b"no database" * 1000)
    async with by_streams(environment(folder, cache)) as client:
        assert (await client.list_resources()).resources == []
        assert str(folder) in await _refused(client, "ask", {"question": _MILL})
        shutil.rmtree(folder)
        shutil.copytree(small_library, folder)
        assert not (await client.call_tool("search", {"query": "mill"})).is_error


async def test_a_model_that_is_not_there_is_told_by_the_tools(small_library: Path, cache: Path, tmp_path: Path) -> None:
    shutil.copytree(small_library, tmp_path / "library")
    env = environment(tmp_path / "library", cache, BELEG_EMBEDDER=str(tmp_path / "nothing"))
    async with by_streams(env) as client:
        assert str(tmp_path / "nothing") in await _refused(client, "ask", {"question": _MILL})
        assert not (await client.call_tool("documents", {})).is_error


async def test_where_it_may_index_the_first_indexing_makes_the_library(cache: Path, tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    notes.mkdir()
    (notes / "tower.txt").write_text("The tower was built in 1888.", encoding="utf-8")
    async with by_streams(environment(tmp_path / "library", cache), "--allow-index", str(notes)) as client:
        result = await client.call_tool("index", {"path": str(notes)})
        assert not result.is_error, result.content
        answer = await client.call_tool("ask", {"question": "When was the tower built?"})
        assert answer.structured_content is not None and "1888" in answer.structured_content["answer"]


def test_who_starts_it_in_a_terminal_is_told_on_standard_error(cache: Path, tmp_path: Path) -> None:
    env = environment(tmp_path / "nothing", cache)
    with subprocess.Popen(
        [sys.executable, *COMMAND], env=env, stdin=subprocess.PIPE, stderr=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stderr is not None
        assert b"There is no library" in process.stderr.readline()
        out, _ = process.communicate(timeout=60)
    assert process.returncode == 0 and out == b""
    done = subprocess.run([sys.executable, *COMMAND, "--http", "--port", "0"], env=env, capture_output=True, text=True)
    assert done.returncode == 4 and "There is no library" in done.stderr and done.stdout == ""
