"""Indexing, asking, batches and limits with `--store milvus:…`: the same answers, quoted from the library."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from milvus_server import MilvusServer
from running_beleg import beleg

MILL = "The mill at Oberwiesen burned down on 4 May 1907. Nobody was hurt."
FERRY = "The ferry sank on a stormy night in 1911. Two goats were never found."


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "mill.txt").write_text(MILL, encoding="utf-8")
    (tmp_path / "docs" / "ferry.txt").write_text(FERRY, encoding="utf-8")
    return tmp_path


@pytest.mark.usefixtures("embedder")
@pytest.mark.parametrize("where", ["in process", "server"])
def test_documents_are_indexed_asked_changed_and_forgotten(folder: Path, cache: Path, where: str) -> None:
    with MilvusServer(folder / "served") as server:
        more = {"BELEG_STORE": server.store if where == "server" else f"milvus:{folder}/s.db"}
        indexed = beleg(folder, cache, "index", "docs", "--tag", "valley", **more)
        assert indexed.returncode == 0 and "2 chunks were sent to Milvus at" in indexed.stderr
        asked = beleg(folder, cache, "ask", "When did the mill burn down?", "--json", **more)
        (citation, *_) = json.loads(asked.stdout)["citations"]
        assert MILL[citation["start"] : citation["end"]] == citation["quote"] and "1907" in citation["quote"]
        assert "sent" not in asked.stderr

        (folder / "docs" / "mill.txt").write_text(MILL.replace("1907", "1908"), encoding="utf-8")
        assert beleg(folder, cache, "index", "docs", **more).returncode == 0
        (folder / "q.txt").write_text("When did the mill burn down?\nWhen did the ferry sink?\n", encoding="utf-8")
        assert beleg(folder, cache, "batch", "q.txt", "-o", "a.jsonl", "-q", **more).returncode == 0
        answers = [json.loads(line) for line in (folder / "a.jsonl").read_text(encoding="utf-8").splitlines()]
        assert ["1908" in answers[0]["answer"], "1911" in answers[1]["answer"]] == [True, True]

        limited = beleg(folder, cache, "search", "When did the mill burn down?", "--tag", "valley", "--json", **more)
        assert json.loads(limited.stdout.splitlines()[0])["document"] == "mill.txt"
        assert beleg(folder, cache, "check", **more).stderr.splitlines()[0].endswith("2 chunks, as in the library")
        forgotten = beleg(folder, cache, "forget", "docs/mill.txt", **more)
        assert forgotten.returncode == 0, forgotten.stderr
        found = beleg(folder, cache, "search", "When did the mill burn down?", "--json", **more)
        assert [json.loads(line)["document"] for line in found.stdout.splitlines()] == ["ferry.txt"]
        assert beleg(folder, cache, "check", **more).stderr.splitlines()[0].endswith("1 chunk, as in the library")


@pytest.mark.usefixtures("embedder")
def test_what_was_indexed_while_the_server_was_gone_is_told_and_sent_by_the_next_question(
    folder: Path, cache: Path
) -> None:
    with MilvusServer(folder / "served") as server:
        server.stop()
        indexed = beleg(folder, cache, "--store", server.store, "index", "docs")
        assert indexed.returncode == 4 and "does not answer" in indexed.stderr and "2 new" in indexed.stderr
        assert beleg(folder, cache, "ask", "When did the mill burn down?").returncode == 0  # by the library itself
        server.start()
        behind = beleg(folder, cache, "--store", server.store, "check")
        assert behind.returncode == 4 and "sends what is missing" in behind.stdout
        asked = beleg(folder, cache, "--store", server.store, "ask", "When did the mill burn down?")
        assert asked.returncode == 0 and "1907" in asked.stdout and "2 chunks were sent" in asked.stderr
