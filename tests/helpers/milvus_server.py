"""A server of Milvus Lite's own, as a child on a port of this machine, which can be ended and started again."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from pathlib import Path


class MilvusServer:
    """Use as a context manager; `store` is what the setting says to ask it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.store = f"milvus:http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> MilvusServer:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        command = [sys.executable, "-m", "milvus_lite", "server", "--data-dir", str(self._folder)]
        command += ["--host", "127.0.0.1", "--port", str(self.port)]
        log = self._folder.with_suffix(".log").open("ab")
        self._process = subprocess.Popen(command, stdout=log, stderr=log)
        ends = time.monotonic() + 60
        while time.monotonic() < ends:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            if self._process.poll() is not None:
                break
            time.sleep(0.05)
        raise AssertionError(self._folder.with_suffix(".log").read_text())

    def stop(self) -> None:
        """End it as a machine does that fails: without a word."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
