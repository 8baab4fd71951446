"""Held: `--workers ray://…` has a cluster of its own processes do the work, which sees neither files nor library."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from running_beleg import beleg

pytestmark = pytest.mark.slow
QUESTIONS = ["Who keeps the lock?", "Was kostet die Seilbahn?", "What does the moon weigh?"]


def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.fixture
def cluster(tmp_path: Path, cache: Path) -> Iterator[str]:
    """A cluster of one machine, with a token, that was begun by another program; where its client finds it."""
    client, worker_ports = port(), ("--min-worker-port=0", "--max-worker-port=0")
    ray = [str(Path(sys.executable).with_name("ray")), "start", "--head", "--block", "--num-cpus=2", *worker_ports]
    ray += [f"--port={port()}", f"--ray-client-server-port={client}", "--include-dashboard=false"]
    ray += ["--disable-usage-stats", "--node-ip-address=127.0.0.1", f"--temp-dir=/tmp/ray-{os.getpid()}"]
    environment = os.environ | {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": "b" * 32, "BELEG_CACHE": str(cache)}
    log = (tmp_path / "ray.log").open("wb")
    process = subprocess.Popen(ray, env=environment, stdout=log, stderr=log, start_new_session=True)
    try:
        for _ in range(300):
            with suppress(OSError), socket.create_connection(("127.0.0.1", client), timeout=1):
                break
            assert process.poll() is None, (tmp_path / "ray.log").read_text(encoding="utf-8")
            time.sleep(0.2)
        yield f"ray://127.0.0.1:{client}"
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)


def test_files_and_questions_go_to_the_cluster_and_what_comes_back_is_kept_here(
    cluster: str, tmp_path: Path, cache: Path
) -> None:
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "canal.txt").write_text("The canal has one lock. Ida Voss keeps the lock.", encoding="utf-8")
    (docs / "seilbahn.txt").write_text("Die Seilbahn kostet 7,50 Euro.", encoding="utf-8")
    (tmp_path / "questions.txt").write_text("\n".join(QUESTIONS), encoding="utf-8")
    token = {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": "b" * 32}
    done = beleg(tmp_path, cache, "index", "docs", "--threads", "1", "--workers", cluster, **token)
    assert done.returncode == 0 and "2 workers read and embed" in done.stderr and "2 new" in done.stderr, done.stderr
    done = beleg(tmp_path, cache, "batch", "questions.txt", "--threads", "1", "--workers", cluster, **token)
    records = [json.loads(line) for line in done.stdout.splitlines()]
    assert [record["question"] for record in records] == QUESTIONS, done.stderr
    assert [record["status"] for record in records] == ["answered", "answered", "not_found"]
    assert records[0]["citations"][0]["quote"] == "Ida Voss keeps the lock." and "Traceback" not in done.stderr
