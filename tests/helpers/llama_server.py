"""llama-cpp-python's own server, on loopback, with a model's file."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

KEY = "a-key-of-this-test"


@contextmanager
def llama_server(file: Path, context: int, *, embedding: bool = False) -> Iterator[str]:
    """Run the server; yield its URL. It is asked for KEY, which the environment then has for Beleg."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "llama_cpp.server", "--host", "127.0.0.1", "--port", str(port)]
    command += ["--model", str(file), "--n_ctx", str(context), "--n_threads", "2", "--api_key", KEY]
    command += ["--embedding", "true"] if embedding else []
    os.environ["BELEG_OPENAI_KEY"] = KEY
    running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_for(port)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        del os.environ["BELEG_OPENAI_KEY"]
        running.terminate()
        running.wait(20)


def _wait_for(port: int) -> None:
    ends = time.monotonic() + 90
    while time.monotonic() < ends:
        with socket.socket() as trying:
            if trying.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise TimeoutError
