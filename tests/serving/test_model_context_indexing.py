"""`beleg mcp --allow-index`: what lies in the allowed folders is indexed, and nothing else, by whatever way."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from mcp import Client
from mcp_processes import by_streams, environment

from rag.errors import UsageError
from rag.serving.model_context.indexing import allowed


@pytest.fixture
def places(tmp_path: Path) -> tuple[Path, Path]:
    """An allowed folder, and another one with a secret, to which links lead."""
    inside, outside = tmp_path / "allowed", tmp_path / "outside"
    for folder in (inside, outside, inside / "below"):
        folder.mkdir()
    (outside / "secret.txt").write_text("The secret number is 4711.", encoding="utf-8")
    (inside / "tower.txt").write_text("The tower was built in 1888.", encoding="utf-8")
    (inside / "link.txt").symlink_to(outside / "secret.txt")
    (inside / "below" / "folder").symlink_to(outside)
    (inside / "circle").symlink_to(inside / "circle")
    (inside / "again.txt").symlink_to(inside / "tower.txt")
    return inside, outside


def ways_out(inside: Path, outside: Path) -> list[str]:
    return [
        str(outside),
        str(outside / "secret.txt"),
        str(inside / ".." / "outside" / "secret.txt"),
        str(inside / "link.txt"),
        str(inside / "below" / "folder"),
        str(inside / "below" / "folder" / "secret.txt"),
        str(inside / "circle"),
        str(inside.parent),
        str(inside) + "-not",
        str(inside / "*"),
        str(inside / "absent.txt"),
        "tower.txt",
        "~",
        ".",
        "",
        "/",
        str(inside / "tower.txt\x00"),
        "file://" + str(inside / "tower.txt"),
    ]


def test_no_way_leads_out_of_the_allowed_folders(places: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    inside, outside = places
    monkeypatch.chdir(inside)
    for way in ways_out(inside, outside):
        with pytest.raises(UsageError, match="is no file or folder in an allowed one"):
            allowed(way, [inside.resolve()])
    assert allowed(str(inside / "below" / ".." / "tower.txt"), [inside.resolve()]) == (inside / "tower.txt").resolve()
    assert allowed(str(inside / "again.txt"), [inside.resolve()]) == (inside / "tower.txt").resolve()


async def _indexed(client: Client, path: Path | str) -> dict[str, Any]:
    result = await client.call_tool("index", {"path": str(path)})
    assert not result.is_error, result.content
    assert isinstance(result.structured_content, dict)
    return result.structured_content


async def test_an_allowed_folder_is_indexed_and_what_links_lead_to_is_not(
    places: tuple[Path, Path], small_library: Path, cache: Path, tmp_path: Path
) -> None:
    inside, outside = places
    shutil.copytree(small_library, tmp_path / "library")
    async with by_streams(environment(tmp_path / "library", cache), "--allow-index", str(inside)) as client:
        (tool,) = [each for each in (await client.list_tools()).tools if each.name == "index"]
        assert tool.annotations is not None and not tool.annotations.read_only_hint
        first = await _indexed(client, inside)
        assert first["new"] == ["again.txt"] and first["outside"] >= 1 and first["documents"] == 3
        (inside / "well.md").write_text("# The well\n\nThe well was dug in 1666.\n", encoding="utf-8")
        (inside / "tower.txt").unlink()
        second = await _indexed(client, inside)
        assert second["new"] == ["well.md"] and second["documents"] == 4  # nothing leaves
        for way in ways_out(inside, outside):
            result = await client.call_tool("index", {"path": way})
            assert result.is_error and "in an allowed one" in str(result.content[0])
        asked = await client.call_tool("ask", {"question": "When was the well dug?"})
        assert asked.structured_content is not None and "1666" in asked.structured_content["answer"]
        found = await client.call_tool("search", {"query": "secret number", "top_k": 10})
        assert "4711" not in str(found.structured_content)
        listed = await client.call_tool("documents", {})
        assert listed.structured_content is not None and listed.structured_content["total"] == 4
