"""The command: what it says, that it ends soon, and that nothing of it is loaded or listens unless it is asked for."""

from __future__ import annotations

import http.client
import json
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from running_beleg import beleg
from serving_beleg import MILL, ask, connected, running, served

from rag.index.library import Library
from rag.serving.service import Limits
from rag.settings import Settings

SOON = 6.0  # seconds: five, and what a busy machine adds


@pytest.mark.usefixtures("heeding")
@pytest.mark.parametrize("kind", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_in_the_midst_of_answers_ends_it_soon_and_everybody_is_told(
    here: Settings, kind: signal.Signals
) -> None:
    with running(here) as (process, port):
        told: list[int] = []

        def one() -> None:
            try:
                told.append(ask(port, "/ask", {"question": MILL}).status)
            except (OSError, http.client.HTTPException):
                told.append(0)  # it came too late to be heard

        threads = [threading.Thread(target=one) for _ in range(100)]
        for thread in threads:
            thread.start()
        while not told:
            time.sleep(0.01)
        began = time.monotonic()
        process.send_signal(kind)
        assert process.wait(30) == 130
        assert time.monotonic() - began < SOON
        for thread in threads:
            thread.join(30)
        assert len(told) == 100 and set(told) <= {200, 503, 0} and 200 in told and 503 in told
        assert process.stderr is not None
        assert process.stderr.read() == "beleg: stopped\n"


def test_a_stream_that_runs_when_it_is_stopped_ends_in_an_error_or_whole(here: Settings) -> None:
    with served(here, Limits()) as server, connected(server.port) as made:
        body = json.dumps({"question": MILL}).encode()
        head = (
            "POST /ask HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\nContent-Type: application/json\r\n"
        )
        held, began = threading.Event(), threading.Event()

        def work(*_: object) -> Iterator[None]:
            began.set()
            held.wait(1.0)
            yield None

        server.service.begin(work, lambda _: None, "other")
        assert began.wait(10)
        made.sendall(
            f"{head}Accept: text/event-stream\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n".encode()
            + body
        )
        assert b" 200 " in made.recv(4096)
        server.service.close()
        got = b"".join(iter(lambda: made.recv(65536), b""))
        assert b"event: error" in got and b'"code":"busy"' in got


def test_the_library_may_change_and_go_while_it_answers(here: Settings, small_library: Path) -> None:
    with served(here) as server:
        assert ask(server.port, "/ask", {"question": MILL}).json["status"] == "answered"
        mill = next(each for each in ask(server.port, "/documents").json["documents"] if each["name"] == "mill.txt")
        with Library(here.library) as library:
            library.remove(mill["id"])
        assert ask(server.port, "/documents").json["total"] == 1
        assert ask(server.port, f"/documents/{mill['id']}/text").status == 404
        assert all(
            each["document"] != "mill.txt" for each in ask(server.port, "/ask", {"question": MILL}).json["passages"]
        )
        shutil.rmtree(here.library)
        for reply in (ask(server.port, "/ask", {"question": MILL}), ask(server.port, "/documents")):
            assert (reply.status, reply.json["code"]) == (503, "library_unusable") and reply.json["remedy"]
        assert not here.library.exists()
        shutil.copytree(small_library, here.library)
        assert ask(server.port, "/ask", {"question": MILL}).json["status"] == "answered"


def test_it_listens_on_this_machine_only_and_logs_no_word_of_a_question(here: Settings) -> None:
    with running(here) as (process, port):
        assert ask(port, "/ask", {"question": MILL}).status == 200
        assert ask(port, "/search?query=museum").status == 200
        listening = Path(f"/proc/{process.pid}/net/tcp").read_text().splitlines()[1:]
        ours = [
            line.split()[1]
            for line in listening
            if line.split()[1].endswith(f":{port:04X}") and line.split()[3] == "0A"
        ]
        assert ours == [f"0100007F:{port:04X}"]
        log = (here.state / "logs" / "beleg.log").read_text()
    assert "POST" in log and "200" in log
    assert not any(word in log.lower() for word in ("mill", "museum", "burn"))


def test_what_cannot_be_is_said_before_anything_is_loaded(here: Settings) -> None:
    folder = here.library.parent
    done = beleg(folder, here.cache, "serve", "--host", "0.0.0.0")
    assert done.returncode == 2 and "BELEG_SERVE_TOKEN" in done.stderr
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = beleg(folder, here.cache, "serve", "--port", str(taken.getsockname()[1]))
    assert done.returncode == 2 and "--port 0" in done.stderr
    shutil.rmtree(here.library)
    done = beleg(folder, here.cache, "serve", "--port", "0")
    assert done.returncode == 4 and "beleg index" in done.stderr


def run(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, timeout=200)


def test_without_what_it_needs_it_names_what_to_install() -> None:
    code = (
        "import sys\nsys.modules['uvicorn'] = None\n"
        "import importlib.util as util\nfound = util.find_spec\n"
        "util.find_spec = lambda name, *more: None if name == 'uvicorn' else found(name, *more)\n"
        "from rag.cli.main import main\nsys.exit(main(['serve']))\n"
    )
    done = run(code)
    assert done.returncode == 2 and "pip install 'beleg[serve]'" in done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "arguments", ["['--help']", "['serve', '--help']", "['documents']", "['ask', 'When did the mill burn down?']",
                  "['chat', '--plain']", "['serve', '--host', '0.0.0.0']"],
)  # fmt: skip
def test_nothing_that_serves_is_imported_unless_it_is_to_serve(here: Settings, arguments: str) -> None:
    code = (
        "import io, os, sys\n"
        "os.environ['BELEG_CACHE'], os.environ['BELEG_LIBRARY'] = sys.argv[1:3]\n"
        "from tui.command import main\n"
        "sys.stdin = io.StringIO('')\n"
        f"main({arguments})\n"
        "serving = ('starlette', 'uvicorn', 'h11', 'rag.serving.application', 'rag.serving.listening')\n"
        "print([name for name in serving if name in sys.modules])\n"
    )
    done = run(code, str(here.cache), str(here.library))
    assert done.stdout.splitlines()[-1] == "[]", done.stderr
